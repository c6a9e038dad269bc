//! Freezes over votes, restarts, old copies and hostile judges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;

use cluster::{Administrator, Cluster, IDS, Kind, document, ed25519_item, release};
use quorate_keeper::clock::now_ms;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_wire::hash::sha256;
use serde_json::{Value, json};

const LABEL: &str = "quorate/freeze/v1";

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Kind::InProcess);
    cluster.create_key("edwards");
    cluster
}

fn id(number: u8) -> String {
    hex::encode([number; 16])
}

fn body(cluster: &Cluster, number: u8, scope: &str, subject: Option<&str>) -> Value {
    json!({
        "cluster": cluster.draft.value["cluster"], "id": id(number), "scope": scope, "subject": subject,
        "by": "admin-1", "created_at": 1_700_000_000,
    })
}

fn signed(cluster: &Cluster, number: u8, scope: &str, subject: Option<&str>) -> pb::SignedDocument {
    document::sign(&body(cluster, number, scope, subject), LABEL, &cluster.administrators[..1])
}

fn request(freeze: &pb::SignedDocument) -> Request {
    Request::Freeze(pb::Freeze { freeze: Some(freeze.clone()) })
}

fn freeze(cluster: &mut Cluster, at: usize, freeze: &pb::SignedDocument) -> pb::Acknowledged {
    match cluster.ask(at, request(freeze)) {
        Reply::Acknowledged(acknowledged) => acknowledged,
        other => panic!("{}: {other:?}", IDS[at]),
    }
}

fn workspace(cluster: &Cluster) -> pb::SignedDocument {
    signed(cluster, 1, "workspace", None)
}

fn unfreeze(cluster: &Cluster, numbers: &[u8], by: usize) -> Request {
    let now = now_ms() / 1000;
    let body = json!({
        "cluster": cluster.draft.value["cluster"], "charter": hex::encode(cluster.hash()),
        "id": hex::encode(quorate_secret::random::<16>().unwrap()), "kind": "unfreeze", "key": null,
        "signer": null, "incarnation": null, "created_at": now, "expires_at": now + 3600,
        "freezes": numbers.iter().map(|number| id(*number)).collect::<Vec<_>>(),
    });
    let order = document::sign(&body, "quorate/order/v1", &cluster.administrators[..by]);
    Request::Order(pb::Order { order: Some(order), time_ms: now_ms() })
}

fn lift(cluster: &mut Cluster, at: usize, numbers: &[u8]) -> pb::Acknowledged {
    let request = unfreeze(cluster, numbers, 2);
    match cluster.ask(at, request) {
        Reply::Acknowledged(acknowledged) => acknowledged,
        other => panic!("{}: {other:?}", IDS[at]),
    }
}

fn vote(cluster: &mut Cluster) -> Request {
    Request::Vote(cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]))
}

fn signs(cluster: &mut Cluster, members: &[usize]) {
    assert_eq!(cluster.sign("edwards", vec![ed25519_item(b"x")], members).len(), 1);
}

#[test]
fn one_administrator_freezes_and_a_quorum_lifts() {
    let mut cluster = cluster();
    let order = workspace(&cluster);
    for at in 0..3 {
        let first = freeze(&mut cluster, at, &order);
        assert_eq!(first.freeze_count, 1);
        let body: Value = serde_json::from_slice(&first.acknowledgement.unwrap().body).unwrap();
        assert_eq!(body["freeze_hash"], hex::encode(sha256(&quorate_wire::hash::digest(LABEL, &order.body))));
        assert_eq!(freeze(&mut cluster, at, &order).freeze_count, 1, "the same again is acknowledged again");
    }
    let frozen = vote(&mut cluster);
    assert_eq!(cluster.refused(0, frozen).code, "frozen");
    let admission = pb::SignAdmission {
        intent_hash: vec![1; 32],
        user: "user-1".into(),
        token_nonce: "n".into(),
        external_id: None,
        time_ms: now_ms(),
    };
    assert_eq!(cluster.refused(0, Request::SignAdmission(admission)).code, "frozen");
    for by in 0..2 {
        let alone = unfreeze(&cluster, &[1], by);
        assert_eq!(cluster.refused(0, alone).code, "order_quorum");
    }
    for at in 0..3 {
        assert_eq!(lift(&mut cluster, at, &[1]).freeze_count, 2);
        assert_eq!(cluster.refused(at, request(&order)).code, "freeze_lifted");
    }
    signs(&mut cluster, &[0, 1]);
}

#[test]
fn scopes_stop_what_they_name() {
    let mut cluster = cluster();
    for (number, scope, subject) in
        [(1, "key", "main"), (2, "user", "user-9"), (3, "account", "9"), (4, "asset", "OTHER")]
    {
        for at in 0..3 {
            let order = signed(&cluster, number, scope, Some(subject));
            freeze(&mut cluster, at, &order);
        }
    }
    signs(&mut cluster, &[0, 1]);
    let mut base = cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]);
    let mut refused = |change: &dyn Fn(&mut pb::Vote)| {
        let mut request = base.clone();
        change(&mut request);
        cluster.refused(0, Request::Vote(request)).code
    };
    assert_eq!(refused(&|vote| vote.key = "main".into()), "frozen");
    assert_eq!(refused(&|vote| vote.reserve.as_mut().unwrap().user = "user-9".into()), "frozen");
    assert_eq!(refused(&|vote| vote.reserve.as_mut().unwrap().source = "9".into()), "frozen");
    assert_eq!(refused(&|vote| vote.reserve.as_mut().unwrap().asset = "OTHER".into()), "frozen");
    assert_eq!(refused(&|vote| vote.items[0].path = vec![44, 60, 9, 0, 0]), "frozen");
    base.reserve = None;
    assert!(matches!(cluster.ask(0, Request::Vote(base)), Reply::Voted(_)), "nothing it names is frozen");
}

/// A vote that was given before cannot be released after: neither here nor by a member that has not heard of it.
#[test]
fn votes_given_before_a_freeze_are_dead() {
    let mut cluster = cluster();
    let request = cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]);
    let (session, votes) = cluster.all_votes(&request, &[0, 1]);
    let order = signed(&cluster, 1, "user", Some("somebody else"));
    freeze(&mut cluster, 0, &order);
    let refused = cluster.refused(0, Request::Release(release(&session, &votes)));
    assert_eq!(refused.code, "session_unknown");
    let mut again = cluster.vote_request("edwards", vec![ed25519_item(b"y")], &[0, 1]);
    again.session = 2;
    let (behind, ahead) = (cluster.vote(1, again.clone()), cluster.vote(0, again));
    assert_ne!(behind.session_id, ahead.session_id, "other freezes, another session");
    let votes = [ahead.vote.unwrap(), behind.vote.unwrap()];
    for (at, session) in [(0, ahead.session_id), (1, behind.session_id)] {
        let refused = cluster.refused(at, Request::Release(release(&session, &votes)));
        assert_eq!(refused.code, "vote_shared");
    }
    freeze(&mut cluster, 1, &order);
    signs(&mut cluster, &[0, 1]);
}

#[test]
fn a_freeze_survives_a_restart() {
    let mut cluster = cluster();
    let order = workspace(&cluster);
    for at in 0..3 {
        freeze(&mut cluster, at, &order);
    }
    cluster.restart(0);
    assert_eq!(cluster.signers[0].loaded.freeze_count, 1);
    assert!(cluster.start_rule(0).may_vote);
    let frozen = vote(&mut cluster);
    assert_eq!(cluster.refused(0, frozen).code, "frozen");
}

/// n - t + 1 know it; one of them comes back from before. Neither the start rule nor a readmission brings it to vote with the
/// one that never heard of it.
#[test]
fn a_freeze_survives_the_restore_of_one_signer() {
    let mut cluster = cluster();
    let before = cluster.signers[0].blobs.clone();
    let order = workspace(&cluster);
    freeze(&mut cluster, 0, &order);
    freeze(&mut cluster, 1, &order);
    cluster.signers[0].blobs = before;
    cluster.restart(0);
    assert_eq!(cluster.signers[0].loaded.freeze_count, 0);
    let state = cluster.start_rule(0);
    assert_eq!((state.may_vote, state.refusal.as_str()), (false, "freeze_behind"));
    let vote = vote(&mut cluster);
    assert_eq!(cluster.refused(0, vote).code, "start_rule");
    // A copy older still is refused for its incarnation too, and an order readmits it.
    let blobs = cluster.signers[0].blobs.clone();
    cluster.restart(0);
    cluster.start_rule(0);
    cluster.signers[0].blobs = blobs;
    cluster.restart(0);
    assert_eq!(cluster.start_rule(0).refusal, "rolled_back");
    let incarnation = cluster.signers[0].loaded.incarnation;
    let readmission = cluster.order("readmit", None, Some((IDS[0], incarnation)));
    cluster.done(0, Request::Order(pb::Order { order: Some(readmission), time_ms: now_ms() }));
    let state = cluster.signers[0].status().start.unwrap();
    assert_eq!((state.may_vote, state.refusal.as_str(), state.readmitted), (false, "freeze_behind", true));
    freeze(&mut cluster, 0, &order);
    assert!(cluster.signers[0].status().start.unwrap().may_vote);
    let frozen = Request::Vote(cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 2]));
    assert_eq!(cluster.refused(0, frozen).code, "frozen");
}

/// Learning what the peers know ends being behind, in whatever order it comes; what was lifted counts too.
#[test]
fn a_signer_that_was_away_learns() {
    let mut cluster = cluster();
    cluster.signers[2].stop();
    let order = workspace(&cluster);
    for at in 0..2 {
        freeze(&mut cluster, at, &order);
        lift(&mut cluster, at, &[1]);
    }
    cluster.restart(2);
    assert_eq!(cluster.start_rule(2).refusal, "freeze_behind");
    freeze(&mut cluster, 2, &order);
    assert_eq!(cluster.signers[2].status().start.unwrap().refusal, "freeze_behind");
    assert_eq!(lift(&mut cluster, 2, &[1]).freeze_count, 2);
    assert!(cluster.signers[2].status().start.unwrap().may_vote);
    signs(&mut cluster, &[0, 2]);
    // The other way round: lifted before it was heard of.
    let second = signed(&cluster, 2, "workspace", None);
    lift(&mut cluster, 0, &[2]);
    for at in [1, 2] {
        freeze(&mut cluster, at, &second);
        lift(&mut cluster, at, &[2]);
    }
    assert_eq!(cluster.refused(0, request(&second)).code, "freeze_lifted");
    signs(&mut cluster, &[0, 2]);
}

#[test]
fn freezes_that_nobody_may_make() {
    let mut cluster = cluster();
    let good = body(&cluster, 1, "workspace", None);
    let change = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let impostor = [Administrator { id: "admin-1".into(), ..Administrator::new(60) }];
    let stranger = [Administrator { id: "admin-9".into(), ..Administrator::new(61) }];
    let first = &cluster.administrators[..1];
    let tries = [
        (document::sign(&good, LABEL, &[]), "freeze_signature"),
        (document::sign(&good, LABEL, &impostor), "freeze_signature"),
        (document::sign(&change("by", "admin-9".into()), LABEL, &stranger), "freeze_signature"),
        (document::sign(&change("by", "admin-2".into()), LABEL, first), "freeze_signature"),
        (document::sign(&good, LABEL, &cluster.administrators[..2]), "freeze_signature"),
        (document::sign(&good, "quorate/order/v1", first), "freeze_signature"),
        (document::sign(&change("cluster", "00".repeat(16).into()), LABEL, first), "freeze_cluster"),
        (document::sign(&change("scope", "everything".into()), LABEL, first), "wrong_type"),
        (document::sign(&change("subject", "0".into()), LABEL, first), "freeze_shape"),
    ];
    for (freeze, check) in tries {
        assert_eq!(cluster.refused(0, request(&freeze)).code, check);
    }
    assert_eq!(cluster.refused(0, Request::Freeze(pb::Freeze::default())).code, "request");
    let order = workspace(&cluster);
    freeze(&mut cluster, 0, &order);
    let other = signed(&cluster, 1, "user", Some("u"));
    assert_eq!(cluster.refused(0, request(&other)).code, "freeze_conflict");
}

/// Whoever is no administrator any more freezes nothing new; what they froze stays.
#[test]
fn a_former_administrator() {
    let mut cluster = cluster();
    let (old, new) = (workspace(&cluster), signed(&cluster, 2, "user", Some("u")));
    freeze(&mut cluster, 0, &old);
    let next = cluster.draft.next(|v| {
        v["administrators"]["members"].as_array_mut().unwrap().remove(0);
    });
    let document = next.sign(&cluster.administrators[..2]);
    cluster.signers[0].accept(document, &[]);
    assert_eq!(cluster.refused(0, request(&new)).code, "freeze_signature");
    assert_eq!(freeze(&mut cluster, 0, &old).freeze_count, 1);
    let frozen = vote(&mut cluster);
    assert_eq!(cluster.refused(0, frozen).code, "frozen");
}
