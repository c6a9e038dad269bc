//! A peer that has turned: it holds a real share and real keys, votes correctly, and then cheats in the protocol.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;

use std::collections::BTreeMap;

use cluster::{Cluster, IDS, Kind, ecdsa_item, ed25519_item, taproot_item};
use prost::Message;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_keeper::proto::peer::{Kind as RoundKind, PeerMessage, Round, Rounds, peer_message};
use quorate_threshold::{
    Outgoing, Protocol, SignBip340, SignEcdsa, Step, bip340_commit, sign_bip340, sign_ecdsa,
};
use quorate_wire::labels;
use quorate_wire::noise::{Ends, Transport, respond};
use quorate_wire::signature::sign;
use quorate_wire::vote::{Randomness, Vote, item_session};

const ME: usize = 1;
const INDEX: u8 = 2;

/// Signer-2, played by the test against the honest keeper of signer-1.
struct Puppet {
    transport: Transport,
    channel: Vec<u8>,
}

impl Puppet {
    /// Takes over the channel of signer-2 to signer-1.
    fn new(cluster: &mut Cluster) -> Self {
        cluster.heard.drop_envelopes();
        cluster.done(0, Request::Connected(pb::Connected { peer: IDS[ME].into() }));
        let first = cluster.heard.next_envelope().unwrap().ciphertext;
        let name = cluster.draft.value["cluster"].as_str().unwrap().to_owned();
        let root = cluster.draft.hash();
        let ends = Ends { cluster: &name, root: &root, initiator: IDS[0], responder: IDS[ME] };
        let key = cluster.signers[ME].secrets().envelope;
        let peer = cluster.signers[0].loaded.envelope_key.clone().try_into().unwrap();
        let (transport, second) = respond(&ends, &key, &peer, &first[17..]).unwrap();
        let mut puppet = Self { transport, channel: first[1..17].to_vec() };
        cluster.done(0, puppet.envelope(2, &second));
        let hello = puppet.next(cluster).unwrap();
        assert!(matches!(hello, peer_message::Message::Hello(_)));
        puppet
    }

    fn envelope(&self, kind: u8, body: &[u8]) -> Request {
        let ciphertext = [&[kind][..], &self.channel, body].concat();
        Request::Envelope(pb::Envelope { from: IDS[ME].into(), to: IDS[0].into(), ciphertext })
    }

    fn next(&mut self, cluster: &mut Cluster) -> Option<peer_message::Message> {
        let envelope = cluster.heard.next_envelope()?;
        let plaintext = self.transport.open(&envelope.ciphertext[17..]).unwrap();
        PeerMessage::decode(plaintext.as_slice()).unwrap().message
    }

    fn rounds(&mut self, cluster: &mut Cluster) -> Vec<Round> {
        let mut rounds = Vec::new();
        while let Some(message) = self.next(cluster) {
            let peer_message::Message::Rounds(heard) = message else { panic!("no rounds") };
            rounds.extend(heard.rounds);
        }
        rounds
    }

    fn send(&mut self, rounds: Vec<Round>) -> Request {
        let message = PeerMessage { message: Some(peer_message::Message::Rounds(Rounds { rounds })) };
        let sealed = self.transport.seal(&message.encode_to_vec()).unwrap();
        self.envelope(3, &sealed)
    }
}

/// A session that signer-1 has released and the puppet has voted for by the keys of signer-2.
struct Session<P> {
    id: Vec<u8>,
    run: P,
    counter: u64,
}

fn session(cluster: &mut Cluster) -> Session<SignEcdsa> {
    let item = ecdsa_item(7);
    let request = cluster.vote_request("main", vec![item.clone()], &[0, ME]);
    let (id, votes) = cluster.all_votes(&request, &[0, ME]);
    let bodies: Vec<Vec<u8>> = votes.iter().map(|vote| vote.body.clone()).collect();
    let protocol = item_session(&id.clone().try_into().unwrap(), 0, &bodies);
    let name = cluster.draft.value["cluster"].as_str().unwrap().to_owned();
    let share = cluster.signers[ME].share("main", &name);
    let run =
        sign_ecdsa(&share, protocol, &item.path, item.message.try_into().unwrap(), &[1, INDEX]).unwrap();
    cluster.release(0, &id, &votes);
    cluster.protocol_messages();
    Session { id, run, counter: 0 }
}

impl<P> Session<P> {
    fn round(&mut self, payload: Vec<u8>) -> Round {
        let counter = self.counter;
        self.counter += 1;
        Round { kind: RoundKind::Sign.into(), session: self.id.clone(), item: 0, counter, payload }
    }

    /// What an honest run would send, as rounds.
    fn honest<T>(&mut self, step: Step<T>) -> Vec<Round> {
        let (Step::Send(sent) | Step::Done(sent, _)) = step;
        sent.into_iter().map(|Outgoing { payload, .. }| self.round(payload)).collect()
    }
}

/// The same for BIP340. The puppet votes with nonces of its own, which it therefore knows.
fn taproot_session(cluster: &mut Cluster) -> Session<SignBip340> {
    let item = taproot_item(7);
    let request = cluster.vote_request("main", vec![item.clone()], &[0, ME]);
    let (id, mut votes) = cluster.all_votes(&request, &[0, ME]);
    let name = cluster.draft.value["cluster"].as_str().unwrap().to_owned();
    let share = cluster.signers[ME].share("main", &name);
    let (nonces, points) = bip340_commit(&share, &item.path).unwrap();
    let mut vote = Vote::from_bytes(&votes[1].body).unwrap();
    vote.randomness[0] = Randomness::Bip340(points);
    votes[1] = sign(&cluster.signers[ME].secrets().vote, labels::VOTE, vote.to_bytes()).into();
    let first = Vote::from_bytes(&votes[0].body).unwrap();
    let Randomness::Bip340(theirs) = first.randomness[0] else { panic!("no commitments") };
    let commitments = BTreeMap::from([(1, theirs), (INDEX, points)]);
    let digest = item.message.try_into().unwrap();
    let run = sign_bip340(&share, &item.path, &digest, nonces, &commitments).unwrap();
    cluster.release(0, &id, &votes);
    cluster.protocol_messages();
    Session { id, run, counter: 0 }
}

/// A check, and the payload that breaks it.
type Wrong = (&'static str, fn(&mut Vec<u8>));

/// Every share of a BIP340 signature has an author: a wrong one names its signer, bans nobody, and is no signature.
#[test]
fn a_wrong_bip340_share_names_its_signer() {
    let mut cluster = Cluster::new(Kind::InProcess);
    cluster.create_key("main");
    let wrong: [Wrong; 6] = [
        ("signature_share", |payload| payload[3] ^= 1),
        ("signature_share", |payload| payload[34] ^= 1),
        ("signature_share", |payload| payload[3..].fill(0)),
        ("message_decode", |payload| payload[3..].fill(0xff)),
        ("message_decode", |payload| payload.truncate(34)),
        ("message_header", |payload| payload[1] = 3),
    ];
    for (check, change) in wrong {
        let mut puppet = Puppet::new(&mut cluster);
        let mut session = taproot_session(&mut cluster);
        let started = session.run.start().unwrap();
        let mut rounds = session.honest(started);
        change(&mut rounds[0].payload);
        cluster.done(0, puppet.send(rounds));
        let (_, dead) = cluster.heard.dead.pop().expect("the session is dead");
        assert_eq!((dead.code.as_str(), dead.culprits), (check, vec![IDS[ME].to_owned()]));
        assert!(cluster.signers[0].status().banned.is_empty());
    }
    assert_eq!(cluster.heard.signature_count(), 0);
    let mut puppet = Puppet::new(&mut cluster);
    let mut session = taproot_session(&mut cluster);
    let started = session.run.start().unwrap();
    let rounds = session.honest(started);
    cluster.done(0, puppet.send(rounds));
    assert_eq!((cluster.heard.signature_count(), cluster.heard.dead.len()), (1, 0), "an honest share signs");
}

/// Plays the run honestly up to its `cheat`-th message, which is changed by `how`. Returns how the session ended.
fn cheat(cluster: &mut Cluster, cheat: usize, how: impl Fn(&mut Round)) -> pb::Error {
    let mut puppet = Puppet::new(cluster);
    let mut session = session(cluster);
    let mut inbox = puppet.rounds(cluster);
    let started = session.run.start().unwrap();
    let mut outbox = session.honest(started);
    for sent in 0.. {
        let mut rounds = std::mem::take(&mut outbox);
        if sent == cheat {
            how(rounds.first_mut().expect("a message of that round"));
        }
        let before = cluster.heard.dead.len();
        let answer = cluster.signers[0].ask(puppet.send(rounds));
        let persisted = answer.persist.len();
        cluster.heard.take(IDS[0], answer.events);
        if cluster.heard.dead.len() > before {
            assert_eq!(cluster.protocol_messages(), 0, "nothing leaves with the death");
            assert!(cluster.heard.next_envelope().is_none());
            let (_, reason) = cluster.heard.dead.pop().unwrap();
            let banned = !cluster.signers[0].state().banned.is_empty();
            assert!(!banned || persisted == 1, "the ban is in the same reply");
            return reason;
        }
        cluster.protocol_messages();
        for round in std::mem::replace(&mut inbox, puppet.rounds(cluster)) {
            let step = session.run.receive(1, &round.payload).unwrap();
            outbox.extend(session.honest(step));
        }
    }
    unreachable!()
}

fn flip(at: usize) -> impl Fn(&mut Round) {
    move |round| {
        let at = at % round.payload.len();
        round.payload[at] ^= 1;
    }
}

#[test]
fn a_cheat_is_named_and_gets_no_signature() {
    let mut cluster = Cluster::new(Kind::InProcess);
    cluster.create_key("main");
    cluster.create_key("edwards");
    let mut bans = 0;
    // The last message is the share: a bad one has no provable author and bans nobody.
    let dead = cheat(&mut cluster, 2, flip(usize::MAX / 2));
    println!("bad share: {} {:?}", dead.code, dead.culprits);
    assert!(cluster.signers[0].status().banned.is_empty(), "a bad share bans nobody");
    // The messages before it: counters, items, sessions and payloads.
    let dead = cheat(&mut cluster, 1, |round| round.counter += 1);
    assert_eq!((dead.code.as_str(), dead.culprits), ("peer_counter", vec![IDS[ME].to_owned()]));
    let dead = cheat(&mut cluster, 1, |round| round.item = 1);
    assert_eq!(dead.code, "peer_item");
    let dead = cheat(&mut cluster, 0, |round| round.payload.clear());
    assert_eq!(dead.culprits, [IDS[ME]], "{dead:?}");
    assert!(cluster.signers[0].status().banned.is_empty());
    assert_eq!(cluster.heard.signature_count(), 0);
    // The oblivious transfer: a failed consistency check convicts.
    for at in [40, 500, 5_000, 20_000, 40_000] {
        let dead = cheat(&mut cluster, 1, flip(at));
        println!("phase 2, byte {at}: {} {:?}", dead.code, dead.culprits);
        assert_eq!(dead.culprits, [IDS[ME]]);
        let banned = cluster.signers[0].status().banned;
        if !banned.is_empty() {
            assert_eq!(banned, ["main/signer-2"]);
            bans += 1;
            break;
        }
    }
    assert_eq!(bans, 1, "no consistency check was reached");
    banned_for_good(&mut cluster);
}

/// A refusal sets the state back: were the first round carried out, the second one would undo the ban it may lead to.
#[test]
fn an_envelope_with_a_malformed_round_is_refused_as_a_whole() {
    let mut cluster = Cluster::new(Kind::InProcess);
    cluster.create_key("main");
    let mut puppet = Puppet::new(&mut cluster);
    let mut session = session(&mut cluster);
    puppet.rounds(&mut cluster);
    let broken: [fn(&mut Round); 2] = [|round| round.session.truncate(31), |round| round.kind = 0];
    for breaks in broken {
        let (deadly, mut malformed) = (session.round(vec![]), session.round(vec![]));
        breaks(&mut malformed);
        let answer = cluster.signers[0].ask(puppet.send(vec![deadly, malformed]));
        assert!(answer.events.is_empty(), "the session was touched");
        assert!(answer.persist.is_empty());
    }
}

/// No more sessions of that key with that peer, over restarts; the others go on.
fn banned_for_good(cluster: &mut Cluster) {
    for restarted in [false, true] {
        if restarted {
            cluster.restart(0);
            assert!(cluster.start_rule(0).may_vote);
        }
        let vote = cluster.vote_request("main", vec![ecdsa_item(1)], &[0, ME]);
        let refused = cluster.refused(0, Request::Vote(vote));
        assert_eq!((refused.code.as_str(), refused.culprits), ("peer_banned", vec![IDS[ME].to_owned()]));
    }
    cluster.connect(0);
    assert_eq!(cluster.sign("main", vec![ecdsa_item(2)], &[0, 2]).len(), 1);
    assert_eq!(
        cluster.sign("edwards", vec![ed25519_item(b"x")], &[0, ME]).len(),
        1,
        "banned for one key only"
    );
}
