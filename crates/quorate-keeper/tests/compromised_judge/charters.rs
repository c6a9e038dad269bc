//! Charters that the administrators did not sign, or that are not for this signer.

use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;
use serde_json::{Value, json};

use super::cluster::{Administrator, Draft, document};
use super::suite::{Suite, signed_by};

fn accept(document: pb::SignedDocument, hash: &[u8]) -> Request {
    Request::AcceptCharter(pb::AcceptCharter { charter: Some(document), operator_hash: hash.to_vec() })
}

fn invented_key() -> String {
    hex::encode(quorate_secret::random::<32>().unwrap())
}

/// Administrators of the same names with keys of their own.
fn impostors() -> Vec<Administrator> {
    let named =
        |number: u8| Administrator { id: format!("admin-{number}"), ..Administrator::new(100 + number) };
    (1..=3).map(named).collect()
}

/// Version 1 before any is accepted, with the hash that an operator who was lied to would enter.
pub fn version_1(suite: &mut Suite) {
    let draft = suite.cluster.draft.clone();
    let administrators: Vec<_> = (1..=3).map(Administrator::new).collect();
    let good = draft.sign(&administrators);
    let hash = draft.hash();
    let mut tries: Vec<(&str, pb::SignedDocument, &str)> = Vec::new();
    for count in 0..3 {
        tries.push(("an administrator is missing", draft.sign(&administrators[..count]), "charter_quorum"));
    }
    let mut twice = draft.sign(&administrators[..2]);
    twice.signatures.push(twice.signatures[0].clone());
    tries.push(("one signed twice", twice, "charter_signature"));
    tries.push(("signed by others under their names", draft.sign(&impostors()), "charter_signature"));
    let order = document::sign(&draft.value, "quorate/order/v1", &administrators);
    tries.push(("signed as an order", order, "charter_signature"));
    let mut stranger = good.clone();
    stranger.signatures[0].administrator = "mallory".into();
    tries.push(("signed by nobody known", stranger, "charter_signature"));
    let mut swapped = good.clone();
    swapped.signatures.swap(0, 1);
    swapped.signatures[0].administrator = "admin-1".into();
    swapped.signatures[1].administrator = "admin-2".into();
    tries.push(("signatures swapped", swapped, "charter_signature"));
    for (what, document, check) in tries {
        suite.refused(0, what, accept(document, &hash), check);
    }
    for other in [vec![], vec![0; 32], hash[..31].to_vec(), draft.next(|_| ()).hash().to_vec()] {
        suite.refused(0, "another hash than the operator's", accept(good.clone(), &other), "operator_hash");
    }
    changed(suite, &draft, &administrators, &wrong_for_us());
    changed(suite, &draft, &administrators, &malformed());
    for at in 0..3 {
        let cut = pb::SignedDocument { body: good.body[..good.body.len() - at - 1].to_vec(), ..good.clone() };
        suite.refused(0, "truncated", accept(cut, &hash), "not_canonical");
    }
    suite.refused(0, "nothing", Request::AcceptCharter(pb::AcceptCharter::default()), "request");
    let vote = suite.cluster.vote_request("main", vec![super::cluster::ecdsa_item(1)], &[0, 1]);
    suite.refused(0, "a vote without a charter", Request::Vote(vote), "charter_none");
}

type Change = (&'static str, fn(&mut Value), &'static str);

/// Correctly signed by everybody, and by the hash the operator entered.
fn changed(suite: &mut Suite, draft: &Draft, administrators: &[Administrator], changes: &[Change]) {
    for (what, change, check) in changes {
        let draft = draft.with(change);
        let request = accept(draft.sign(administrators), &draft.hash());
        suite.refused(0, what, request, check);
    }
}

fn wrong_for_us() -> Vec<Change> {
    vec![
        ("another vote key", |v| v["signers"][0]["vote_key"] = invented_key().into(), "own_identity"),
        ("another log key", |v| v["signers"][0]["log_key"] = invented_key().into(), "own_identity"),
        ("another envelope key", |v| v["signers"][0]["envelope_key"] = invented_key().into(), "own_identity"),
        ("our keys under another id", |v| v["signers"][0]["id"] = "signer-9".into(), "own_identity"),
        (
            "our keys at another's place",
            |v| {
                let (first, second) = (v["signers"][0]["id"].clone(), v["signers"][1]["id"].clone());
                v["signers"][0]["id"] = second;
                v["signers"][1]["id"] = first;
            },
            "own_identity",
        ),
        ("production, for a dev signer", |v| v["mode"] = "production".into(), "mode"),
    ]
}

fn malformed() -> Vec<Change> {
    vec![
        ("threshold 1", |v| v["threshold"] = 1.into(), "charter_threshold"),
        ("threshold 4", |v| v["threshold"] = 4.into(), "charter_threshold"),
        ("quorum 0", |v| v["administrators"]["quorum"] = 0.into(), "wrong_type"),
        ("quorum 4", |v| v["administrators"]["quorum"] = 4.into(), "charter_administrator_quorum"),
        ("version 2", |v| v["version"] = 2.into(), "charter_previous"),
        ("skew of an hour", |v| v["skew"] = 3600.into(), "wrong_type"),
        ("an unknown member", |v| v["extra"] = Value::Null, "unknown_member"),
        ("a fraction", |v| v["created_at"] = json!(1.5), "not_canonical"),
        (
            "a peer's vote key is ours",
            |v| v["signers"][1]["vote_key"] = v["signers"][0]["vote_key"].clone(),
            "charter_duplicate_key",
        ),
        (
            "an envelope key is a log key",
            |v| v["signers"][1]["envelope_key"] = v["signers"][2]["log_key"].clone(),
            "charter_duplicate_key",
        ),
        (
            "one person, two administrators",
            |v| {
                v["administrators"]["members"][1]["ssh_key"] =
                    v["administrators"]["members"][0]["ssh_key"].clone()
            },
            "charter_duplicate_key",
        ),
        ("an unknown engine", |v| v["keys"][0]["engine"] = "gg18".into(), "wrong_type"),
    ]
}

/// Version 2 and others at a keeper that has version 1 in force.
pub fn later_versions(suite: &mut Suite) {
    let first = suite.cluster.draft.clone();
    let next = first.next(|_| ());
    for count in 0..2 {
        let document = signed_by(&suite.cluster, &next, count);
        suite.refused(0, "too few administrators", accept(document, &[]), "charter_quorum");
    }
    let impostors = impostors();
    let take_over = first.next(|v| {
        for (at, impostor) in impostors.iter().enumerate() {
            v["administrators"]["members"][at]["ssh_key"] = impostor.public().into();
        }
    });
    for document in [take_over.sign(&impostors), next.sign(&impostors)] {
        suite.refused(0, "signed by the administrators it names", accept(document, &[]), "charter_signature");
    }
    let administrators: Vec<_> = (1..=3).map(Administrator::new).collect();
    for (what, draft, check) in wrong_versions(&first) {
        suite.refused(0, what, accept(draft.sign(&administrators), &draft.hash()), check);
    }
    let fork = first.with(|v| v["created_at"] = 1.into());
    let document = fork.sign(&administrators);
    suite.refused(0, "another version 1", accept(document, &fork.hash()), "charter_rollback");
    // Even the good one is good in its own words only.
    let mut other_body = next.sign(&administrators);
    other_body.body = next.with(|v| v["created_at"] = 2.into()).body();
    suite.refused(0, "signatures of another body", accept(other_body, &[]), "charter_signature");
    suite.control();
}

fn wrong_versions(first: &Draft) -> Vec<(&'static str, Draft, &'static str)> {
    vec![
        ("version 3 after 1", first.next(|v| v["version"] = 3.into()), "charter_version"),
        ("of another cluster", first.next(|v| v["cluster"] = "00".repeat(16).into()), "charter_cluster"),
        ("in another mode", first.next(|v| v["mode"] = "production".into()), "charter_mode"),
        (
            "after another version 1",
            first.next(|v| v["previous"] = "11".repeat(32).into()),
            "charter_previous",
        ),
        ("without a previous", first.next(|v| v["previous"] = Value::Null), "charter_previous"),
        (
            "with another key for us",
            first.next(|v| v["signers"][0]["vote_key"] = invented_key().into()),
            "own_identity",
        ),
        ("without us", first.next(|v| v["signers"][0]["id"] = "signer-8".into()), "charter_signers"),
        ("with another threshold", first.next(|v| v["threshold"] = 3.into()), "charter_signers"),
    ]
}
