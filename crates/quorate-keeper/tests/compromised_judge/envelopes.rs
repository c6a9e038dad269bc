//! The judge also carries the keepers' envelopes: it may drop, replay, reorder, change and invent them.

use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_secret::Secret;
use quorate_wire::noise::{Ends, initiate};

use super::cluster::{IDS, ecdsa_item};
use super::suite::Suite;

const INITIATE: u8 = 1;
const RESPOND: u8 = 2;
const TRANSPORT: u8 = 3;

fn envelope(from: usize, to: usize, ciphertext: Vec<u8>) -> Request {
    Request::Envelope(pb::Envelope { from: IDS[from].into(), to: IDS[to].into(), ciphertext })
}

pub fn envelopes(suite: &mut Suite) {
    forms(suite);
    messages(suite);
    handshakes(suite);
    suite.control();
}

fn forms(suite: &mut Suite) {
    let cases: Vec<(&str, Request, &str)> = vec![
        ("empty", envelope(1, 0, vec![]), "envelope_form"),
        ("only a kind", envelope(1, 0, vec![TRANSPORT]), "envelope_form"),
        ("an unknown kind", envelope(1, 0, vec![9; 40]), "envelope_form"),
        ("kind 0", envelope(1, 0, vec![0; 40]), "envelope_form"),
        ("for another", envelope(1, 2, vec![TRANSPORT; 40]), "envelope_to"),
        ("from ourselves", envelope(0, 0, vec![TRANSPORT; 40]), "envelope_from"),
        ("on no channel", envelope(1, 0, vec![TRANSPORT; 40]), "channel_unknown"),
        ("an answer to nothing", envelope(1, 0, vec![RESPOND; 65]), "channel_unknown"),
    ];
    for (what, request, check) in cases {
        suite.refused(0, what, request, check);
    }
    let stranger = pb::Envelope { from: "signer-9".into(), to: IDS[0].into(), ciphertext: vec![3; 40] };
    suite.refused(0, "from a stranger", Request::Envelope(stranger), "envelope_from");
    let stranger = Request::Connected(pb::Connected { peer: "signer-9".into() });
    suite.refused(0, "a stranger connects", stranger, "peer");
}

/// A session runs; the round that signer-2 sends to signer-1 is in the judge's hands.
fn messages(suite: &mut Suite) {
    let request = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
    let (id, votes) = suite.cluster.all_votes(&request, &[0, 1]);
    for at in [0, 1] {
        suite.cluster.release(at, &id, &votes);
    }
    suite.cluster.protocol_messages();
    let waiting: Vec<pb::Envelope> = suite.cluster.heard.peek_envelopes().cloned().collect();
    suite.cluster.heard.drop_envelopes();
    let to_us = waiting.iter().find(|e| e.to == IDS[0]).unwrap().ciphertext.clone();
    let to_peer = waiting.iter().find(|e| e.to == IDS[1]).unwrap().ciphertext.clone();
    for at in (17..to_us.len()).step_by(to_us.len() / 60 + 1) {
        let mut changed = to_us.clone();
        changed[at] ^= 0x10;
        // The counter, a frame's length, or the ciphertext: each is covered, by one of these.
        let request = envelope(1, 0, changed);
        let checks = ["channel_tag", "channel_form", "channel_counter"];
        suite.refused_by_one(0, &format!("bit of byte {at}"), request, &checks);
    }
    for length in [17, 20, 25, 27, 60, to_us.len() - 1] {
        let request = envelope(1, 0, to_us[..length].to_vec());
        suite.refused(0, &format!("cut to {length}"), request, "channel_form");
    }
    let mut longer = to_us.clone();
    longer.push(0);
    suite.refused(0, "a byte too many", envelope(1, 0, longer), "channel_form");
    let mut other_channel = to_us.clone();
    other_channel[1] ^= 1;
    suite.refused(0, "on another channel", envelope(1, 0, other_channel), "channel_unknown");
    suite.refused_by_one(
        0,
        "our own message back",
        envelope(1, 0, to_peer),
        &["channel_tag", "channel_counter"],
    );
    suite.refused(0, "as another peer's", envelope(2, 0, to_us.clone()), "channel_unknown");
    // The control: untouched, it is what the session waited for, and it is good once.
    suite.cluster.done(0, envelope(1, 0, to_us.clone()));
    suite.cluster.protocol_messages();
    suite.refused(0, "replayed", envelope(1, 0, to_us), "channel_counter");
    suite.cluster.done(0, Request::Abandon(pb::Abandon { session_id: id.clone() }));
    suite.cluster.done(1, Request::Abandon(pb::Abandon { session_id: id }));
}

/// Handshakes of keys that are not the charter's, and old ones again.
fn handshakes(suite: &mut Suite) {
    let cluster = suite.cluster.draft.value["cluster"].as_str().unwrap().to_owned();
    let root = suite.cluster.draft.hash();
    let public = |suite: &Suite, at: usize| -> [u8; 32] {
        suite.cluster.signers[at].loaded.envelope_key.clone().try_into().unwrap()
    };
    let us = public(suite, 1);
    let invented = Secret::random().unwrap();
    let real = suite.cluster.signers[0].secrets().envelope;
    let ends = Ends { cluster: &cluster, root: &root, initiator: IDS[0], responder: IDS[1] };
    let wrong = [
        ("an invented key", initiate(&ends, &invented, &us)),
        ("another cluster", initiate(&Ends { cluster: "other", ..ends }, &real, &us)),
        ("another charter", initiate(&Ends { root: &[1; 32], ..ends }, &real, &us)),
        ("other ends", initiate(&Ends { initiator: IDS[2], ..ends }, &real, &us)),
        ("ends swapped", initiate(&Ends { initiator: IDS[1], responder: IDS[0], ..ends }, &real, &us)),
        ("for another peer", initiate(&ends, &real, &public(suite, 2))),
    ];
    for (what, first) in wrong {
        let (_, message) = first.unwrap();
        let ciphertext = [&[INITIATE][..], &[5; 16], &message].concat();
        suite.refused(1, what, envelope(0, 1, ciphertext), "channel_handshake");
    }
    for length in [0, 31, 47] {
        let ciphertext = [&[INITIATE][..], &[5; 16], &vec![1; length]].concat();
        suite.refused(1, "no handshake", envelope(0, 1, ciphertext), "channel_handshake");
    }
    let ciphertext = [&[INITIATE][..], &[5; 16], &[1; 48]].concat();
    suite.refused(0, "the higher index initiates", envelope(1, 0, ciphertext), "channel_role");
    // A recorded handshake of the real peer: answered once, refused the second time, and the live channel goes on.
    suite.cluster.ask(0, Request::Connected(pb::Connected { peer: IDS[1].into() }));
    let recorded = suite.cluster.heard.next_envelope().unwrap();
    assert_eq!(recorded.ciphertext[0], INITIATE);
    suite.cluster.done(1, Request::Envelope(recorded.clone()));
    suite.cluster.heard.drop_envelopes();
    suite.refused(1, "a handshake again", Request::Envelope(recorded), "channel_replayed");
}
