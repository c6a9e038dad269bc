//! Votes that a keeper must not give, whatever its judge wants.

use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;

use super::cluster::{IDS, ecdsa_item, ed25519_item, taproot_item};
use super::suite::Suite;

pub fn votes(suite: &mut Suite) {
    paths(suite);
    fields(suite);
    sessions(suite);
    suite.control();
}

/// Path and scheme: one child key signs under one scheme only.
fn paths(suite: &mut Suite) {
    let main: Vec<(u32, Vec<u32>)> = vec![
        (1, vec![44, 60, 0, 0, 0]),
        (2, vec![44, 60, 0]),
        (2, vec![49, 0, 0]),
        (2, vec![84, 0, 0]),
        (2, vec![86]),
        (2, vec![86, 1 << 31]),
        (2, vec![1729, 0, 0]),
        (2, vec![1729, 1, 0]),
        (0, vec![86, 0, 0]),
        (1, vec![86, 0, 0]),
        (1, vec![1729, 2, 0]),
        (0, vec![1729, 1, 0]),
        (0, vec![1729, 2, 0]),
        (1, vec![1729, 1, 0]),
        (0, vec![45, 60]),
        (0, vec![0, 0]),
        (0, vec![]),
        (0, vec![44]),
        (0, vec![44; 11]),
        (0, vec![44 | 1 << 31, 60]),
        (0, vec![44, 60, 1 << 31]),
        (3, vec![44, 60, 0]),
        (u32::MAX, vec![44, 60, 0]),
    ];
    let edwards: Vec<(u32, Vec<u32>)> = vec![
        (0, vec![44, 501]),
        (0, vec![1729, 0, 0]),
        (1, vec![1729, 0, 0]),
        (1, vec![1729, 2, 0]),
        (1, vec![49, 0]),
        (1, vec![84, 0]),
        (1, vec![86, 0]),
        (2, vec![86, 0]),
        (2, vec![1729, 2, 0]),
    ];
    for (key, tries) in [("main", main), ("edwards", edwards)] {
        for (scheme, path) in tries {
            let item = pb::Item { scheme, path: path.clone(), message: vec![1; 32] };
            let vote = suite.cluster.vote_request(key, vec![item], &[0, 1]);
            suite.refused(0, &format!("{key} {scheme} {path:?}"), Request::Vote(vote), "path_scheme");
            // The same hidden behind a good item.
            let good = if key == "main" { ecdsa_item(1) } else { ed25519_item(b"x") };
            let item = pb::Item { scheme, path: path.clone(), message: vec![1; 32] };
            let vote = suite.cluster.vote_request(key, vec![good, item], &[0, 1]);
            suite.refused(0, &format!("{key} {scheme} {path:?}"), Request::Vote(vote), "path_scheme");
        }
    }
}

type Change = (&'static str, fn(&mut pb::Vote), &'static str);

fn fields(suite: &mut Suite) {
    let head = |signer: &str| pb::Head { signer: signer.into(), count: 1, head: vec![1; 32] };
    let changes: Vec<Change> = vec![
        ("no items", |v| v.items.clear(), "vote_items"),
        ("17 items", |v| v.items = vec![ecdsa_item(1); 17], "vote_items"),
        ("a digest of 31 bytes", |v| v.items[0].message.truncate(31), "vote_items"),
        ("a digest of 33 bytes", |v| v.items[0].message.push(0), "vote_items"),
        ("an unknown key", |v| v.key = "other".into(), "key_certified"),
        ("no key", |v| v.key.clear(), "key_certified"),
        ("one member", |v| v.members.truncate(1), "vote_set"),
        ("three members", |v| v.members.push(IDS[2].into()), "vote_set"),
        ("a member twice", |v| v.members = vec![IDS[0].into(); 2], "vote_set"),
        ("out of order", |v| v.members.reverse(), "vote_set"),
        ("without us", |v| v.members = vec![IDS[1].into(), IDS[2].into()], "vote_set"),
        ("a stranger", |v| v.members[1] = "signer-9".into(), "vote_set"),
        ("nobody", |v| v.members.clear(), "vote_set"),
        ("a short intent hash", |v| v.intent_hash.truncate(31), "request"),
        ("a long attempt hash", |v| v.attempt_hash.push(0), "request"),
        ("a negative amount", |v| v.reserve.as_mut().unwrap().amount = "-1".into(), "tally_fields"),
        ("an amount with fraction", |v| v.reserve.as_mut().unwrap().amount = "1.5".into(), "tally_fields"),
        ("no amount", |v| v.reserve.as_mut().unwrap().amount.clear(), "tally_fields"),
        ("a long user", |v| v.reserve.as_mut().unwrap().user = "x".repeat(256), "tally_fields"),
    ];
    for (what, change, check) in changes {
        let mut vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
        change(&mut vote);
        suite.refused(0, what, Request::Vote(vote), check);
    }
    for length in [0, 31, 33, 64] {
        let item = pb::Item { message: vec![1; length], ..taproot_item(1) };
        let vote = suite.cluster.vote_request("main", vec![item], &[0, 1]);
        suite.refused(0, "a BIP340 message that is no digest", Request::Vote(vote), "vote_items");
    }
    for message in [vec![], vec![0; 65_537]] {
        let vote = suite.cluster.vote_request("edwards", vec![ed25519_item(&message)], &[0, 1]);
        suite.refused(0, "an Ed25519 message out of range", Request::Vote(vote), "vote_items");
    }
    let wrong_heads = [
        vec![head(IDS[0])],
        vec![head("signer-9")],
        vec![head(IDS[1]), head(IDS[1])],
        vec![head(IDS[1]), head(IDS[2]), head(IDS[0])],
    ];
    for heads in wrong_heads {
        let mut vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
        vote.heads = heads;
        suite.refused(0, "heads that are not the others'", Request::Vote(vote), "vote_heads");
    }
    let mut vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
    vote.heads = vec![pb::Head { head: vec![1; 31], ..head(IDS[1]) }];
    suite.refused(0, "a head of 31 bytes", Request::Vote(vote), "request");
    let tally = suite.cluster.signers[0].head();
    assert!(tally.count > 0, "honest votes before were reserved");
}

/// One vote for a session, and session numbers that only rise.
fn sessions(suite: &mut Suite) {
    for number in [0, 1 << 53, u64::MAX] {
        let mut vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
        vote.session = number;
        suite.refused(0, "a number out of range", Request::Vote(vote), "session_number");
    }
    let mut vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
    vote.session = 5;
    let session = suite.cluster.vote(0, vote.clone()).session_id;
    vote.heads.clear();
    suite.refused(0, "the same session again", Request::Vote(vote.clone()), "session_replayed");
    vote.reserve = None;
    suite.refused(0, "the same session without reservation", Request::Vote(vote.clone()), "session_replayed");
    for number in [0, 1, 4, 5] {
        let mut lower = vote.clone();
        lower.session = number;
        lower.items = vec![ecdsa_item(2)];
        suite.refused(0, "a number not above the last", Request::Vote(lower), "session_number");
    }
    let mut other_bytes = vote.clone();
    other_bytes.attempt_hash = vec![9; 32];
    suite.refused(0, "other bytes under the same number", Request::Vote(other_bytes), "session_number");
    let mut other_set = vote.clone();
    other_set.members = vec![IDS[0].into(), IDS[2].into()];
    suite.refused(0, "another set under the same number", Request::Vote(other_set), "session_number");
    suite.cluster.done(0, Request::Abandon(pb::Abandon { session_id: session.clone() }));
    suite.refused(0, "the same session, given up", Request::Vote(vote.clone()), "session_number");
    suite.refused(
        0,
        "given up twice",
        Request::Abandon(pb::Abandon { session_id: session }),
        "session_unknown",
    );
    // The numbers survive a restart.
    suite.cluster.restart(0);
    assert!(suite.cluster.start_rule(0).may_vote);
    suite.cluster.protocol_messages();
    suite.refused(0, "the same session after a restart", Request::Vote(vote), "session_number");
}
