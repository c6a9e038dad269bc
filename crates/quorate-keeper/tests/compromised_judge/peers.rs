//! Peers that do not exist: answers of the start rule and certificates that the judge made up.

use std::collections::BTreeMap;

use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_secret::Secret;
use quorate_wire::freeze::FreezeState;
use quorate_wire::hash::sha256;
use quorate_wire::labels;
use quorate_wire::peer_state::PeerState;
use quorate_wire::signature::{Signed, sign};
use serde_json::Value;

use super::cluster::{Cluster, IDS, ecdsa_item, release};
use super::suite::Suite;

/// The answer that signer `from` would give about signer-1 now.
fn answer(cluster: &Cluster, from: usize) -> PeerState {
    PeerState {
        cluster: cluster.draft.value["cluster"].as_str().unwrap().into(),
        from: IDS[from].into(),
        about: IDS[0].into(),
        nonce: cluster.signers[0].loaded.start_nonce.clone().try_into().unwrap(),
        version: 1,
        charter: cluster.draft.hash(),
        freezes: FreezeState::default(),
        time_ms: 1,
        known: None,
    }
}

fn hear(state: &PeerState, key: &Secret<32>, label: &str) -> Request {
    hear_signed(sign(key, label, state.to_bytes()))
}

fn hear_signed(signed: Signed) -> Request {
    Request::HearPeer(pb::HearPeer { state: Some(signed.into()) })
}

/// Charter accepted, but only the judge says that peers have answered.
pub fn start(suite: &mut Suite) {
    suite.cluster.activate();
    suite.cluster.connect_all();
    suite.cluster.protocol_messages();
    let invented = Secret::random().unwrap();
    let mut real = Vec::new();
    for from in 1..3 {
        let good = answer(&suite.cluster, from);
        let key = suite.cluster.signers[from].secrets().vote;
        suite.refused(0, "an invented key", hear(&good, &invented, labels::PEER_STATE), "peer_signature");
        suite.refused(0, "another label", hear(&good, &key, labels::ADMISSION), "peer_signature");
        for (what, change, check) in changes() {
            let mut state = good.clone();
            change(&mut state);
            suite.refused(0, what, hear(&state, &key, labels::PEER_STATE), check);
        }
        let mut signed = sign(&key, labels::PEER_STATE, good.to_bytes());
        signed.signature[0] ^= 1;
        suite.refused(0, "a changed signature", hear_signed(signed), "peer_signature");
        real.push(key);
    }
    let mut swapped = answer(&suite.cluster, 1);
    suite.refused(
        0,
        "signed by the other peer",
        hear(&swapped, &real[1], labels::PEER_STATE),
        "peer_signature",
    );
    swapped.from = IDS[2].into();
    suite.refused(
        0,
        "under the other's name",
        hear(&swapped, &real[0], labels::PEER_STATE),
        "peer_signature",
    );
    one_answer_is_not_enough(suite, &real[0]);
    before_the_start_rule(suite);
}

type Change = (&'static str, fn(&mut PeerState), &'static str);

fn changes() -> Vec<Change> {
    vec![
        ("about another", |s| s.about = IDS[1].into(), "peer_about"),
        ("an old nonce", |s| s.nonce = [7; 32], "peer_nonce"),
        ("another cluster", |s| s.cluster = "00".repeat(16), "peer_cluster"),
        ("from a stranger", |s| s.from = "signer-9".into(), "peer"),
        ("from ourselves", |s| s.from = IDS[0].into(), "peer"),
        ("of charter version 0", |s| s.version = 0, "wrong_type"),
    ]
}

/// One peer that answers many times is one peer.
fn one_answer_is_not_enough(suite: &mut Suite, key: &Secret<32>) {
    let good = answer(&suite.cluster, 1);
    for _ in 0..3 {
        let request = hear(&good, key, labels::PEER_STATE);
        let reply = suite.cluster.ask(0, request);
        let pb::from_keeper::Reply::StartState(state) = reply else { panic!("{reply:?}") };
        assert!(!state.may_vote && state.heard == [IDS[1]] && state.needed == 2);
    }
}

/// Everything that lets value move waits for the start rule.
fn before_the_start_rule(suite: &mut Suite) {
    let vote = suite.cluster.vote_request("main", vec![ecdsa_item(1)], &[0, 1]);
    suite.refused(0, "a vote", Request::Vote(vote), "start_rule");
    let order = suite.cluster.order("key-create", Some("main"), None);
    let request = pb::Order { order: Some(order), time_ms: 0 };
    suite.refused(0, "a key creation", Request::Order(request), "start_rule");
    let admission = pb::SignAdmission {
        intent_hash: vec![1; 32],
        user: "user-1".into(),
        token_nonce: "n".into(),
        external_id: None,
        time_ms: 1,
    };
    suite.refused(0, "an admission", Request::SignAdmission(admission), "start_rule");
    suite.refused(0, "a release", Request::Release(release(&[1; 32], &[])), "session_unknown");
}

/// Certificates that not all signers have signed.
pub fn certificates(suite: &mut Suite) {
    let good = suite.cluster.certificates["main"].clone();
    let request = |body: &[u8], signatures: BTreeMap<String, Vec<u8>>| {
        Request::Certificate(pb::Certificate { body: body.to_vec(), signatures })
    };
    for id in IDS {
        let mut fewer = good.signatures.clone();
        fewer.remove(id);
        suite.refused(0, "a signer is missing", request(&good.body, fewer), "certificate_signers");
        let mut forged = good.signatures.clone();
        let invented = sign(&Secret::random().unwrap(), labels::KEY, good.body.clone());
        forged.insert(id.into(), invented.signature);
        suite.refused(0, "an invented signature", request(&good.body, forged), "signature");
    }
    let mut more = good.signatures.clone();
    more.insert("signer-4".into(), vec![0; 64]);
    suite.refused(0, "a signer too many", request(&good.body, more), "certificate_signers");
    for (what, change, check) in certificate_changes() {
        let mut value: Value = serde_json::from_slice(&good.body).unwrap();
        change(&mut value);
        let body = quorate_wire::canonical::encode(&value);
        suite.refused(0, what, request(&body, good.signatures.clone()), check);
        // All three signers signed it, and it is still not the key whose share is held here.
        if check == "signature" {
            let all = IDS.iter().enumerate().map(|(at, id)| {
                let key = suite.cluster.signers[at].secrets().vote;
                ((*id).to_owned(), sign(&key, labels::KEY, body.clone()).signature)
            });
            let all = all.collect();
            suite.refused(0, what, request(&body, all), "certificate_own");
        }
    }
}

type CertificateChange = (&'static str, fn(&mut Value), &'static str);

fn certificate_changes() -> Vec<CertificateChange> {
    vec![
        ("another public key", |v| v["public_key"] = format!("02{}", "11".repeat(32)).into(), "signature"),
        ("another chain code", |v| v["chain_code"] = "11".repeat(32).into(), "signature"),
        ("another order", |v| v["order"] = "11".repeat(32).into(), "signature"),
        ("another charter", |v| v["charter"] = hex::encode(sha256(b"other")).into(), "certificate_charter"),
        ("another cluster", |v| v["cluster"] = "00".repeat(16).into(), "certificate_mismatch"),
        ("another threshold", |v| v["threshold"] = 3.into(), "certificate_mismatch"),
        ("another signer", |v| v["signers"][2] = "signer-4".into(), "certificate_mismatch"),
        ("another key", |v| v["key"] = "edwards".into(), "certificate_mismatch"),
        ("another epoch", |v| v["epoch"] = 2.into(), "wrong_type"),
        ("another engine", |v| v["engine"] = "frost-ed25519-3".into(), "wrong_type"),
        ("something added", |v| v["note"] = "".into(), "unknown_member"),
    ]
}
