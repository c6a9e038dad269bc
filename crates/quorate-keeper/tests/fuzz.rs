//! Every type that comes in, arbitrary and nearly right: no panic, one answer each, nothing signed, bounded memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;

use std::cell::RefCell;
use std::rc::Rc;

use cluster::{Cluster, IDS, Kind, ecdsa_item};
use proptest::prelude::*;
use prost::Message;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_keeper::proto::peer::{Hello, PeerMessage, Round, Rounds, peer_message};
use quorate_wire::noise::{Ends, Transport, respond};

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..max),
        proptest::collection::vec(any::<u8>(), 32),
        Just(vec![0; 32]),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![proptest::sample::select(&IDS[..]).prop_map(Into::into), "[a-z0-9-]{0,40}", "\\PC{0,20}"]
}

fn signed() -> impl Strategy<Value = pb::Signed> {
    (bytes(400), bytes(80)).prop_map(|(body, signature)| pb::Signed { body, signature })
}

fn document() -> impl Strategy<Value = pb::SignedDocument> {
    let armor = (name(), "\\PC{0,400}");
    let signature = armor.prop_map(|(administrator, armor)| pb::SshSignature { administrator, armor });
    (bytes(600), proptest::collection::vec(signature, 0..4))
        .prop_map(|(body, signatures)| pb::SignedDocument { body, signatures })
}

fn item() -> impl Strategy<Value = pb::Item> {
    let scheme = prop_oneof![0..4_u32, any::<u32>()];
    let index = prop_oneof![Just(44), Just(1729), Just(60), 0..3_u32, any::<u32>()];
    (scheme, proptest::collection::vec(index, 0..12), bytes(100))
        .prop_map(|(scheme, path, message)| pb::Item { scheme, path, message })
}

fn head() -> impl Strategy<Value = pb::Head> {
    (name(), any::<u64>(), bytes(40)).prop_map(|(signer, count, head)| pb::Head { signer, count, head })
}

fn vote() -> impl Strategy<Value = pb::Vote> {
    let key = prop_oneof![Just("main".to_owned()), Just("edwards".to_owned()), name()];
    (
        (key, bytes(40), bytes(40), any::<u64>(), any::<u64>()),
        proptest::collection::vec(item(), 0..18),
        proptest::collection::vec(name(), 0..4),
        proptest::collection::vec(head(), 0..4),
    )
        .prop_map(|((key, intent_hash, attempt_hash, session, time_ms), items, members, heads)| {
            pb::Vote {
                key,
                intent_hash,
                attempt_hash,
                items,
                members,
                session,
                time_ms,
                reserve: None,
                heads,
            }
        })
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        document().prop_map(|d| Request::Load(pb::Load { charters: vec![d], ..pb::Load::default() })),
        (document(), bytes(40)).prop_map(|(charter, operator_hash)| {
            Request::AcceptCharter(pb::AcceptCharter { charter: Some(charter), operator_hash })
        }),
        document().prop_map(|d| Request::Freeze(pb::Freeze { freeze: Some(d) })),
        signed().prop_map(|state| Request::HearPeer(pb::HearPeer { state: Some(state) })),
        (bytes(40), name(), name()).prop_map(|(intent_hash, user, token_nonce)| {
            let external_id = Some(user.clone());
            Request::SignAdmission(pb::SignAdmission {
                intent_hash,
                user,
                token_nonce,
                external_id,
                time_ms: 1,
            })
        }),
        (any::<u64>(), bytes(40), proptest::collection::vec(bytes(40), 0..6)).prop_map(
            |(size, root, consistency)| {
                // The first checkpoint may have any size; later ones need a proof.
                Request::Checkpoint(pb::Checkpoint { size: size | 1 << 40, root, consistency })
            }
        ),
        (document(), any::<u64>())
            .prop_map(|(order, time_ms)| Request::Order(pb::Order { order: Some(order), time_ms })),
        (bytes(600), proptest::collection::btree_map(name(), bytes(70), 0..4))
            .prop_map(|(body, signatures)| Request::Certificate(pb::Certificate { body, signatures })),
        vote().prop_map(Request::Vote),
        (bytes(40), proptest::collection::vec(signed(), 0..4)).prop_map(|(session_id, votes)| {
            Request::Release(pb::Release { session_id, votes, time_ms: 1 })
        }),
        bytes(40).prop_map(|session_id| Request::Abandon(pb::Abandon { session_id })),
        (name(), name(), 0..6_u8, bytes(300)).prop_map(|(from, to, kind, body)| {
            let ciphertext = [vec![kind], body].concat();
            Request::Envelope(pb::Envelope { from, to, ciphertext })
        }),
        name().prop_map(|peer| Request::Connected(pb::Connected { peer })),
        Just(Request::Status(pb::Status {})),
    ]
}

fn open_cluster() -> Rc<RefCell<Cluster>> {
    let mut cluster = Cluster::new(Kind::InProcess);
    cluster.create_key("main");
    cluster.create_key("edwards");
    cluster.sign("main", vec![ecdsa_item(1)], &[0, 1]);
    cluster.protocol_messages();
    Rc::new(RefCell::new(cluster))
}

/// The cluster is whole after all that.
fn still_signs(cluster: &RefCell<Cluster>) {
    let mut cluster = cluster.borrow_mut();
    cluster.heard.drop_envelopes();
    cluster.connect(0);
    assert_eq!(cluster.sign("main", vec![ecdsa_item(2)], &[0, 1]).len(), 1);
    let rss = cluster.signers[0].status().rss_bytes;
    assert!(rss < 200 << 20, "{} MB", rss >> 20);
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn requests() {
    let cluster = open_cluster();
    let held = cluster.clone();
    let mut runner = proptest::test_runner::TestRunner::new(config(3000));
    let result = runner.run(&request(), |request| {
        let mut cluster = held.borrow_mut();
        cluster.ask(0, request);
        assert_eq!(cluster.heard.signature_count() + cluster.heard.part_count(), 0);
        assert_eq!(cluster.heard.transports(), 0);
        cluster.heard.drop_envelopes();
        Ok(())
    });
    result.unwrap();
    still_signs(&cluster);
}

#[test]
fn frames() {
    let seal = quorate_keeper::seal::KeyFile::from_key(quorate_secret::Secret::random().unwrap());
    let keeper = quorate_keeper::shares::Keeper::new(IDS[0].into(), Box::new(seal), vec![]).unwrap();
    let keeper = RefCell::new(keeper);
    let mut runner = proptest::test_runner::TestRunner::new(config(3000));
    let frame = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        request().prop_map(|r| pb::ToKeeper { id: 7, request: Some(r) }.encode_to_vec()),
        (request(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(r, at, value)| {
            let mut frame = pb::ToKeeper { id: 7, request: Some(r) }.encode_to_vec();
            let at = at.index(frame.len());
            frame[at] = value;
            frame
        }),
    ];
    let result = runner.run(&frame, |frame| {
        let answer = keeper.borrow_mut().answer(&frame);
        let answer = pb::FromKeeper::decode(answer.as_slice()).unwrap();
        prop_assert!(matches!(answer.reply, Some(Reply::Error(_))));
        prop_assert!(answer.persist.is_empty() && answer.events.is_empty());
        Ok(())
    });
    result.unwrap();
}

/// Documents, votes and certificates that are right but for some bytes.
#[test]
fn nearly_right() {
    let cluster = open_cluster();
    let held = cluster.clone();
    let mut runner = proptest::test_runner::TestRunner::new(config(300));
    let mutation = (0..4_u8, any::<prop::sample::Index>(), any::<u8>());
    let result = runner.run(&mutation, |(kind, at, value)| {
        let mut cluster = held.borrow_mut();
        let mutate = |bytes: &mut Vec<u8>| {
            let at = at.index(bytes.len());
            let changed = bytes[at] != value;
            bytes[at] = value;
            changed
        };
        let (request, changed) = match kind {
            0 => {
                let mut certificate = cluster.certificates["main"].clone();
                let changed = mutate(&mut certificate.body);
                (Request::Certificate(certificate), changed)
            }
            1 => {
                let mut order = cluster.order("readmit", None, Some((IDS[0], 1)));
                let changed = mutate(&mut order.body);
                (Request::Order(pb::Order { order: Some(order), time_ms: 0 }), changed)
            }
            2 => {
                let next = cluster.draft.next(|_| ());
                let mut charter = next.sign(&cluster.administrators[..2]);
                let changed = mutate(&mut charter.body);
                (
                    Request::AcceptCharter(pb::AcceptCharter {
                        charter: Some(charter),
                        operator_hash: vec![],
                    }),
                    changed,
                )
            }
            _ => {
                let vote = cluster.vote_request("main", vec![ecdsa_item(3)], &[0, 1]);
                let (id, mut votes) = cluster.all_votes(&vote, &[0, 1]);
                let changed = mutate(&mut votes[1].body);
                (Request::Release(cluster::release(&id, &votes)), changed)
            }
        };
        if changed {
            cluster.refused(0, request);
        }
        cluster.heard.drop_envelopes();
        cluster.heard.transports();
        Ok(())
    });
    result.unwrap();
    still_signs(&cluster);
}

/// What a turned peer may send inside its channel.
#[test]
fn peer_messages() {
    let cluster = open_cluster();
    let transport = RefCell::new(take_over(&mut cluster.borrow_mut()));
    let held = cluster.clone();
    let mut runner = proptest::test_runner::TestRunner::new(config(2000));
    let round = (0..4_i32, bytes(40), any::<u32>(), any::<u64>(), bytes(300))
        .prop_map(|(kind, session, item, counter, payload)| Round { kind, session, item, counter, payload });
    let hello = (any::<u32>(), any::<u64>(), bytes(40)).prop_map(|(incarnation, tally_count, tally_head)| {
        // Below what still_signs will need: a peer may only lie about itself.
        let (incarnation, tally_count) = (incarnation % 2, tally_count % 2);
        peer_message::Message::Hello(Hello { incarnation, tally_count, tally_head, ..Hello::default() })
    });
    let message = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        prop_oneof![
            hello,
            proptest::collection::vec(round, 0..70)
                .prop_map(|rounds| peer_message::Message::Rounds(Rounds { rounds })),
        ]
        .prop_map(|message| PeerMessage { message: Some(message) }.encode_to_vec()),
    ];
    let result = runner.run(&message, |message| {
        let mut cluster = held.borrow_mut();
        let (transport, channel) = &mut *transport.borrow_mut();
        let sealed = transport.seal(&message).unwrap();
        let ciphertext = [&[3][..], channel, &sealed].concat();
        let envelope = pb::Envelope { from: IDS[1].into(), to: IDS[0].into(), ciphertext };
        cluster.ask(0, Request::Envelope(envelope));
        assert_eq!(cluster.heard.signature_count() + cluster.heard.transports(), 0);
        Ok(())
    });
    result.unwrap();
    still_signs(&cluster);
}

/// The channel of signer-2 to signer-1, held by the test.
fn take_over(cluster: &mut Cluster) -> (Transport, Vec<u8>) {
    cluster.heard.drop_envelopes();
    cluster.done(0, Request::Connected(pb::Connected { peer: IDS[1].into() }));
    let first = cluster.heard.next_envelope().unwrap().ciphertext;
    let name = cluster.draft.value["cluster"].as_str().unwrap().to_owned();
    let root = cluster.draft.hash();
    let ends = Ends { cluster: &name, root: &root, initiator: IDS[0], responder: IDS[1] };
    let key = cluster.signers[1].secrets().envelope;
    let peer = cluster.signers[0].loaded.envelope_key.clone().try_into().unwrap();
    let (transport, second) = respond(&ends, &key, &peer, &first[17..]).unwrap();
    let ciphertext = [&[2][..], &first[1..17], &second].concat();
    let envelope = pb::Envelope { from: IDS[1].into(), to: IDS[0].into(), ciphertext };
    cluster.done(0, Request::Envelope(envelope));
    cluster.heard.drop_envelopes();
    cluster.heard.transports();
    (transport, first[1..17].to_vec())
}
