//! Blobs, charters and certificates that the judge brings to `Load`: old ones, others', changed ones.

use std::collections::BTreeMap;

use quorate_keeper::clock::now_ms;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;

use super::cluster::{Administrator, IDS, ecdsa_item};
use super::suite::Suite;

type Blobs = BTreeMap<String, Vec<u8>>;

pub fn blobs(suite: &mut Suite) {
    let old = suite.cluster.signers[0].blobs.clone();
    suite.control();
    suite.cluster.restart(0);
    assert!(suite.cluster.start_rule(0).may_vote);
    suite.control();
    let good = suite.cluster.signers[0].blobs.clone();
    changed(suite, &good);
    replaced(suite, &good);
    charters(suite);
    certificates(suite);
    rolled_back(suite, old, &good);
}

/// A keeper that starts, and is brought this.
fn load(suite: &mut Suite, what: &str, blobs: &Blobs, charters: &[pb::SignedDocument], checks: &[&str]) {
    let signer = &mut suite.cluster.signers[0];
    signer.stop();
    signer.start();
    let blob =
        |(name, content): (&String, &Vec<u8>)| pb::Blob { name: name.clone(), content: content.clone() };
    let request = pb::Load {
        blobs: blobs.iter().map(blob).collect(),
        charters: charters.to_vec(),
        certificates: Vec::new(),
    };
    suite.refused_by_one(0, what, Request::Load(request), checks);
    let vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
    suite.refused(0, "a vote of a keeper that is not loaded", Request::Vote(vote), "not_loaded");
}

fn changed(suite: &mut Suite, good: &Blobs) {
    let chain = suite.cluster.chain.clone();
    for (name, content) in good {
        let checks: &[&str] =
            if name == "seal" { &["unseal", "seal_form", "seal_kind"] } else { &["blob_open"] };
        for at in [0, 1, 23, 24, content.len() / 2, content.len() - 1] {
            let mut blobs = good.clone();
            blobs.get_mut(name).unwrap()[at] ^= 1;
            load(suite, &format!("{name}: bit of byte {at}"), &blobs, &chain, checks);
        }
        for length in [0, 1, 24, content.len() - 1] {
            let mut blobs = good.clone();
            blobs.get_mut(name).unwrap().truncate(length);
            load(suite, &format!("{name}: cut to {length}"), &blobs, &chain, checks);
        }
        let mut blobs = good.clone();
        blobs.remove(name);
        load(suite, &format!("{name}: missing"), &blobs, &chain, &["blob_missing"]);
    }
}

fn replaced(suite: &mut Suite, good: &Blobs) {
    let chain = suite.cluster.chain.clone();
    let others = suite.cluster.signers[1].blobs.clone();
    for (name, content) in &others {
        let mut blobs = good.clone();
        blobs.insert(name.clone(), content.clone());
        let check = if name == "seal" { "unseal" } else { "blob_open" };
        load(suite, &format!("{name} of another signer"), &blobs, &chain, &[check]);
    }
    for (name, as_name) in [
        ("state", "identity"),
        ("identity", "state"),
        ("key/main/1", "key/edwards/1"),
        ("key/edwards/1", "key/main/1"),
        ("key/main/1", "state"),
        ("state", "key/main/1"),
    ] {
        let mut blobs = good.clone();
        blobs.insert(as_name.into(), good[name].clone());
        load(suite, &format!("{name} as {as_name}"), &blobs, &chain, &["blob_open"]);
    }
    let signer = &mut suite.cluster.signers[0];
    signer.stop();
    signer.start();
    let mut request = signer.load_request(&chain, &[]);
    request.blobs.push(request.blobs[0].clone());
    suite.refused(0, "a blob twice", Request::Load(request), "blob_duplicate");
}

fn charters(suite: &mut Suite) {
    let good = suite.cluster.signers[0].blobs.clone();
    let administrators: Vec<_> = (1..=3).map(Administrator::new).collect();
    load(suite, "no charter", &good, &[], &["charter_version"]);
    let other = suite.cluster.draft.with(|v| v["created_at"] = 5.into());
    load(suite, "another version 1", &good, &[other.sign(&administrators)], &["charter_root"]);
    let unsigned = suite.cluster.draft.sign(&administrators[..2]);
    load(suite, "version 1 without all its signatures", &good, &[unsigned], &["charter_quorum"]);
    // Version 2 in force, then only version 1 is brought; then another version 2 that a quorum signed.
    let blobs = good;
    suite.cluster.signers[0].blobs = blobs;
    suite.cluster.restart(0);
    assert!(suite.cluster.start_rule(0).may_vote);
    let next = suite.cluster.draft.next(|v| v["created_at"] = 6.into());
    let second = next.sign(&administrators[..2]);
    for signer in &mut suite.cluster.signers {
        assert_eq!(signer.accept(second.clone(), &[]).version, 2);
    }
    let first = suite.cluster.chain[0].clone();
    suite.cluster.chain.push(second.clone());
    suite.cluster.draft = next;
    suite.control();
    let good = suite.cluster.signers[0].blobs.clone();
    load(suite, "an older charter", &good, std::slice::from_ref(&first), &["charter_rollback"]);
    let fork = suite.cluster.draft.with(|v| v["created_at"] = 7.into()).sign(&administrators[..2]);
    load(suite, "another version 2", &good, &[first, fork], &["charter_pinned"]);
    load(suite, "version 2 only", &good, &[second], &["charter_root"]);
}

/// A certificate at `Load` is believed no more than any other time.
fn certificates(suite: &mut Suite) {
    let chain = suite.cluster.chain.clone();
    let mut forged = suite.cluster.certificates["main"].clone();
    forged.signatures.insert(IDS[1].into(), vec![0; 64]);
    let signer = &mut suite.cluster.signers[0];
    signer.stop();
    signer.start();
    let request = signer.load_request(&chain, &[forged]);
    suite.refused(0, "a forged certificate", Request::Load(request), "signature");
}

/// The state of before: its peers know better, and it stays refused over restarts until an order readmits it.
fn rolled_back(suite: &mut Suite, old: Blobs, good: &Blobs) {
    assert_ne!(old["state"], good["state"]);
    suite.cluster.signers[0].blobs = old;
    let second = suite.cluster.chain.pop().unwrap();
    suite.cluster.restart(0);
    for start in 0..3 {
        let state = suite.cluster.start_rule(0);
        assert!(!state.may_vote && state.refusal == "rolled_back", "{state:?}");
        suite.cluster.protocol_messages();
        let vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
        suite.refused(0, "a vote from an old state", Request::Vote(vote), "start_rule");
        let admission = pb::SignAdmission {
            intent_hash: vec![1; 32],
            user: "user-1".into(),
            token_nonce: start.to_string(),
            external_id: None,
            time_ms: now_ms(),
        };
        suite.refused(0, "an admission from an old state", Request::SignAdmission(admission), "start_rule");
        suite.cluster.restart(0);
        suite.cluster.protocol_messages();
    }
    readmitted(suite, second);
}

/// The way back: the charter it lacks, and an order for exactly this incarnation, told to everybody.
fn readmitted(suite: &mut Suite, second: pb::SignedDocument) {
    assert_eq!(suite.cluster.signers[0].accept(second.clone(), &[]).version, 2);
    suite.cluster.chain.push(second);
    let incarnation = suite.cluster.signers[0].loaded.incarnation;
    let stale = suite.cluster.order("readmit", None, Some((IDS[0], incarnation - 1)));
    let request = |order: &pb::SignedDocument| {
        Request::Order(pb::Order { order: Some(order.clone()), time_ms: now_ms() })
    };
    suite.refused(0, "readmission of an earlier start", request(&stale), "order_incarnation");
    let order = suite.cluster.order("readmit", None, Some((IDS[0], incarnation)));
    for at in 0..3 {
        let Reply::Done(_) = suite.cluster.ask(at, request(&order)) else { panic!("readmit") };
    }
    suite.control();
    let status = suite.cluster.signers[0].status().start.unwrap();
    assert!(status.may_vote && status.readmitted && status.refusal.is_empty());
}
