//! Orders that were used, are for something else, or that no quorum signed.

use quorate_keeper::clock::now_ms;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;
use serde_json::Value;

use super::cluster::{Administrator, IDS, document};
use super::suite::Suite;

const LABEL: &str = "quorate/order/v1";

fn request(order: pb::SignedDocument) -> Request {
    Request::Order(pb::Order { order: Some(order), time_ms: now_ms() })
}

type Change = (&'static str, fn(&mut Value), &'static str);

pub fn orders(suite: &mut Suite) {
    let administrators: Vec<_> = (1..=3).map(Administrator::new).collect();
    // `main` and `edwards` exist; a charter without a third key leaves readmissions as the honest example.
    let incarnation = suite.cluster.signers[0].loaded.incarnation;
    let good = suite.cluster.order("readmit", None, Some((IDS[0], incarnation)));
    let base: Value = serde_json::from_slice(&good.body).unwrap();
    for (what, change, check) in changes() {
        let mut value = base.clone();
        change(&mut value);
        let order = document::sign(&value, LABEL, &administrators[..2]);
        suite.refused(0, what, request(order), check);
    }
    for count in 0..2 {
        let order = document::sign(&base, LABEL, &administrators[..count]);
        suite.refused(0, "too few administrators", request(order), "order_quorum");
    }
    let impostors: Vec<_> =
        (1..=3).map(|n| Administrator { id: format!("admin-{n}"), ..Administrator::new(50 + n) }).collect();
    let mut tries = vec![document::sign(&base, LABEL, &impostors[..2])];
    tries.push(document::sign(&base, "quorate/charter/v1", &administrators[..2]));
    let mut twice = document::sign(&base, LABEL, &administrators[..1]);
    twice.signatures.push(twice.signatures[0].clone());
    tries.push(twice);
    let mut other_body = good.clone();
    other_body.body = suite.cluster.order("readmit", None, Some((IDS[1], 1))).body;
    tries.push(other_body);
    for order in tries {
        suite.refused(0, "signatures that are not theirs", request(order), "order_signature");
    }
    existing_keys(suite);
    replays(suite, good);
    expired(suite, &base, &administrators);
    suite.refused(0, "nothing", Request::Order(pb::Order::default()), "request");
    suite.control();
}

fn changes() -> Vec<Change> {
    vec![
        ("another charter", |v| v["charter"] = "11".repeat(32).into(), "order_charter"),
        ("another cluster", |v| v["cluster"] = "00".repeat(16).into(), "order_cluster"),
        ("an incarnation before", |v| v["incarnation"] = 99.into(), "order_incarnation"),
        ("incarnation 0", |v| v["incarnation"] = 0.into(), "wrong_type"),
        ("a stranger", |v| v["signer"] = "signer-9".into(), "peer"),
        ("a key beside", |v| v["key"] = "main".into(), "order_shape"),
        ("key-create without key", |v| v["kind"] = "key-create".into(), "order_shape"),
        ("freezes beside", |v| v["freezes"] = vec!["11".repeat(16)].into(), "order_shape"),
        ("unfreeze without freezes", |v| v["kind"] = "unfreeze".into(), "order_shape"),
        ("an unknown kind", |v| v["kind"] = "export".into(), "wrong_type"),
        ("a long life", |v| v["expires_at"] = (now_ms() / 1000 + 90_000).into(), "order_lifetime"),
        ("no life", |v| v["expires_at"] = v["created_at"].clone(), "order_lifetime"),
        ("a member too many", |v| v["note"] = "".into(), "unknown_member"),
    ]
}

fn existing_keys(suite: &mut Suite) {
    for (key, check) in [("main", "key_exists"), ("edwards", "key_exists"), ("other", "order_key")] {
        let order = suite.cluster.order("key-create", Some(key), None);
        suite.refused(0, key, request(order), check);
    }
}

/// Used once, and for ever after refused: also after a restart.
fn replays(suite: &mut Suite, good: pb::SignedDocument) {
    suite.cluster.done(0, request(good.clone()));
    for _ in 0..3 {
        suite.refused(0, "used before", request(good.clone()), "order_replayed");
    }
    let mut reordered = good.clone();
    reordered.signatures.reverse();
    suite.refused(0, "used before, signatures reordered", request(reordered), "order_replayed");
    suite.cluster.restart(0);
    assert!(suite.cluster.start_rule(0).may_vote);
    suite.cluster.protocol_messages();
    suite.refused(0, "used before a restart", request(good), "order_replayed");
}

/// The judge may tell any time: the keeper's own clock counts too, and so does the judge's.
fn expired(suite: &mut Suite, base: &Value, administrators: &[Administrator]) {
    let mut value = base.clone();
    let now = now_ms() / 1000;
    value["created_at"] = (now - 7200).into();
    value["expires_at"] = (now - 3600).into();
    let order = document::sign(&value, LABEL, &administrators[..2]);
    for time_ms in [0, (now - 7000) * 1000, now * 1000] {
        let request = Request::Order(pb::Order { order: Some(order.clone()), time_ms });
        suite.refused(0, "expired, under an old time", request, "order_expired");
    }
    let fresh = suite.cluster.order("readmit", None, Some((IDS[1], 1)));
    let late = Request::Order(pb::Order { order: Some(fresh), time_ms: (now + 7200) * 1000 });
    suite.refused(0, "expired by the judge's clock", late, "order_expired");
}
