//! Three keepers with an honest judge each and an honest relay between them, for tests to turn dishonest.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod document;
pub mod relay;
pub mod signer;

use std::collections::BTreeMap;

use quorate_keeper::clock::now_ms;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::event::Event;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_wire::hash::sha256;
use serde_json::json;

pub use document::{Administrator, Draft};
pub use relay::Heard;
pub use signer::{Kind, Signer};

/// Two of three, one administrator of three needed for orders is not enough: the quorum is two.
pub struct Cluster {
    pub administrators: Vec<Administrator>,
    pub draft: Draft,
    pub chain: Vec<pb::SignedDocument>,
    pub signers: Vec<Signer>,
    pub heard: Heard,
    pub certificates: BTreeMap<String, pb::Certificate>,
    session: u64,
}

pub const IDS: [&str; 3] = ["signer-1", "signer-2", "signer-3"];

impl Cluster {
    /// Initialised, started, version 1 accepted, channels up, start rule met.
    pub fn new(kind: Kind) -> Self {
        let mut cluster = Self::without_charter(kind);
        cluster.activate();
        cluster.connect_all();
        cluster.meet_start_rule();
        cluster
    }

    /// Initialised and started only; version 1 is drafted and signed.
    pub fn without_charter(kind: Kind) -> Self {
        let administrators: Vec<_> = (1..=3).map(Administrator::new).collect();
        let mut signers: Vec<_> = IDS.iter().map(|id| Signer::init(id, kind)).collect();
        let draft = Draft::new(&administrators, &signers);
        let chain = vec![draft.sign(&administrators)];
        for signer in &mut signers {
            signer.start();
            signer.load(&[], &[]);
        }
        Self {
            administrators,
            draft,
            chain,
            signers,
            heard: Heard::default(),
            certificates: BTreeMap::new(),
            session: 0,
        }
    }

    pub fn activate(&mut self) {
        for signer in &mut self.signers {
            let accepted = signer.accept(self.chain[0].clone(), &self.draft.hash());
            assert_eq!(accepted.version, 1);
        }
    }

    /// The relay tells each signer of each other one.
    pub fn connect_all(&mut self) {
        for at in 0..3 {
            self.connect(at);
        }
        for signer in &mut self.signers {
            assert_eq!(signer.status().channels.len(), 2, "{} has channels to both", signer.id);
        }
    }

    /// One signer (re)connects: it and the others are told.
    pub fn connect(&mut self, at: usize) {
        let id = IDS[at];
        for other in IDS.into_iter().filter(|other| *other != id) {
            self.ask(at, Request::Connected(pb::Connected { peer: other.into() }));
            self.ask(index(other), Request::Connected(pb::Connected { peer: id.into() }));
        }
        self.pump();
    }

    pub fn meet_start_rule(&mut self) {
        for (at, id) in IDS.iter().enumerate() {
            let state = self.start_rule(at);
            assert!(state.may_vote, "{id}: {}", state.refusal);
        }
    }

    /// Asks the two others about one signer and lets it hear the answers.
    pub fn start_rule(&mut self, at: usize) -> pb::StartState {
        let (nonce, incarnation) =
            (self.signers[at].loaded.start_nonce.clone(), self.signers[at].loaded.incarnation);
        let mut state = self.signers[at].loaded.start.clone().unwrap();
        for other in others(at) {
            let answer = self.answer_about(other, IDS[at], &nonce, incarnation);
            state = match self.ask(at, Request::HearPeer(pb::HearPeer { state: Some(answer) })) {
                Reply::StartState(state) => state,
                other => panic!("{other:?}"),
            };
        }
        state
    }

    pub fn answer_about(&mut self, at: usize, about: &str, nonce: &[u8], incarnation: u32) -> pb::Signed {
        let request =
            pb::AnswerPeer { about: about.into(), nonce: nonce.to_vec(), incarnation, time_ms: now_ms() };
        match self.ask(at, Request::AnswerPeer(request)) {
            Reply::PeerState(signed) => signed,
            other => panic!("{other:?}"),
        }
    }

    /// One request; its events go to the relay's queue.
    pub fn ask(&mut self, at: usize, request: Request) -> Reply {
        let answer = self.signers[at].ask(request);
        self.heard.take(IDS[at], answer.events);
        answer.reply.unwrap()
    }

    /// The named check that refuses a request.
    pub fn refused(&mut self, at: usize, request: Request) -> pb::Error {
        match self.ask(at, request) {
            Reply::Error(error) => error,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub fn done(&mut self, at: usize, request: Request) {
        match self.ask(at, request) {
            Reply::Done(_) => (),
            other => panic!("{}: {other:?}", IDS[at]),
        }
    }

    /// Delivers envelopes until nothing moves.
    pub fn pump(&mut self) {
        while let Some(envelope) = self.heard.next_envelope() {
            let to = index(&envelope.to);
            if self.signers[to].is_running() {
                self.done(to, Request::Envelope(envelope));
            }
        }
    }

    /// Stops one keeper as by SIGKILL and starts it again from what its judge kept.
    pub fn restart(&mut self, at: usize) {
        self.signers[at].stop();
        self.signers[at].start();
        let certificates: Vec<_> = self.certificates.values().cloned().collect();
        self.signers[at].load(&self.chain, &certificates);
        self.connect(at);
    }

    /// The same without telling anybody.
    pub fn restart_alone(&mut self, at: usize) {
        self.signers[at].stop();
        self.signers[at].start();
        let chain = self.chain.clone();
        self.signers[at].load(&chain, &[]);
    }

    pub fn order(&self, kind: &str, key: Option<&str>, readmit: Option<(&str, u32)>) -> pb::SignedDocument {
        let now = now_ms() / 1000;
        let id = quorate_secret::random::<16>().unwrap();
        let body = json!({
            "cluster": self.draft.value["cluster"], "charter": hex::encode(self.hash()), "id": hex::encode(id),
            "kind": kind, "key": key, "signer": readmit.map(|r| r.0), "incarnation": readmit.map(|r| r.1),
            "created_at": now, "expires_at": now + 3600,
        });
        document::sign(&body, "quorate/order/v1", &self.administrators[..2])
    }

    /// Hash of the charter in force.
    pub fn hash(&self) -> [u8; 32] {
        quorate_wire::hash::digest("quorate/charter/v1", &self.chain.last().unwrap().body)
    }

    /// The whole key ceremony; the certificate is complete and known to all.
    pub fn create_key(&mut self, key: &str) -> pb::Certificate {
        let order = self.order("key-create", Some(key), None);
        for at in 0..3 {
            let request = pb::Order { order: Some(order.clone()), time_ms: now_ms() };
            self.done(at, Request::Order(request));
        }
        self.pump();
        let certificate = self.heard.certificate(&self.signers);
        for at in 0..3 {
            self.done(at, Request::Certificate(certificate.clone()));
        }
        self.certificates.insert(key.into(), certificate.clone());
        certificate
    }

    /// A vote request of the next session over a fresh intent.
    pub fn vote_request(&mut self, key: &str, items: Vec<pb::Item>, members: &[usize]) -> pb::Vote {
        self.session += 1;
        let intent = sha256(&self.session.to_be_bytes());
        pb::Vote {
            key: key.into(),
            intent_hash: intent.to_vec(),
            attempt_hash: sha256(&intent).to_vec(),
            items,
            members: members.iter().map(|&at| IDS[at].to_owned()).collect(),
            session: 1,
            time_ms: now_ms(),
            reserve: Some(pb::TallyFields {
                user: "user-1".into(),
                operation: "RAW".into(),
                amount: "0".into(),
                expires_at: now_ms() / 1000 + 600,
                ..pb::TallyFields::default()
            }),
            heads: Vec::new(),
        }
    }

    /// One vote with the heads that this judge knows of the others.
    pub fn vote(&mut self, at: usize, mut request: pb::Vote) -> pb::Voted {
        request.heads = self.heads_for(at);
        match self.ask(at, Request::Vote(request)) {
            Reply::Voted(voted) => voted,
            other => panic!("{}: {other:?}", IDS[at]),
        }
    }

    fn heads_for(&self, at: usize) -> Vec<pb::Head> {
        let head = |other: usize| self.signers[other].head();
        others(at).into_iter().map(head).collect()
    }

    /// Vote, release, relay: the signatures, which every member must agree on in what they sign.
    pub fn sign(&mut self, key: &str, items: Vec<pb::Item>, members: &[usize]) -> Vec<pb::ItemSignature> {
        let request = self.vote_request(key, items, members);
        let (session, votes) = self.all_votes(&request, members);
        for &at in members {
            self.release(at, &session, &votes);
        }
        self.pump();
        let mut signatures = self.heard.signatures(&session);
        assert_eq!(signatures.len(), members.len(), "every member combines: {:?}", self.heard.dead);
        signatures.pop().unwrap()
    }

    pub fn all_votes(&mut self, request: &pb::Vote, members: &[usize]) -> (Vec<u8>, Vec<pb::Signed>) {
        let voted: Vec<_> = members.iter().map(|&at| self.vote(at, request.clone())).collect();
        let session = voted[0].session_id.clone();
        assert!(voted.iter().all(|v| v.session_id == session));
        (session, voted.into_iter().map(|v| v.vote.unwrap()).collect())
    }

    pub fn release(&mut self, at: usize, session: &[u8], votes: &[pb::Signed]) {
        self.done(at, Request::Release(release(session, votes)));
    }

    /// Number of envelopes since the last call that could carry a share or a protocol message.
    pub fn protocol_messages(&mut self) -> usize {
        self.heard.transports()
    }
}

pub fn release(session: &[u8], votes: &[pb::Signed]) -> pb::Release {
    pb::Release { session_id: session.to_vec(), votes: votes.to_vec(), time_ms: now_ms() }
}

pub fn index(id: &str) -> usize {
    IDS.iter().position(|known| *known == id).unwrap()
}

pub fn others(at: usize) -> Vec<usize> {
    (0..3).filter(|other| *other != at).collect()
}

pub fn ecdsa_item(digest: u8) -> pb::Item {
    pb::Item { scheme: 0, path: vec![44, 60, 0, 0, 0], message: vec![digest; 32] }
}

pub fn ed25519_item(message: &[u8]) -> pb::Item {
    pb::Item { scheme: 1, path: vec![1729, 1, 7], message: message.to_vec() }
}

/// Under the taproot output key of an account.
pub fn taproot_item(digest: u8) -> pb::Item {
    pb::Item { scheme: 2, path: vec![86, 0, 0, 0, 0], message: vec![digest; 32] }
}

pub fn is_send(event: &pb::Event) -> bool {
    matches!(event.event, Some(Event::Send(_)))
}
