//! The start rule over restarts, lost memories, copies and charters that were missed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;

use cluster::{Cluster, IDS, Kind, ecdsa_item, ed25519_item};
use quorate_keeper::clock::now_ms;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;

fn signs(cluster: &mut Cluster, members: &[usize]) {
    assert_eq!(cluster.sign("edwards", vec![ed25519_item(b"x")], members).len(), 1);
}

fn cluster() -> Cluster {
    let mut cluster = Cluster::new(Kind::InProcess);
    cluster.create_key("edwards");
    cluster
}

fn readmit(cluster: &mut Cluster, at: usize) {
    let incarnation = cluster.signers[at].loaded.incarnation;
    let order = cluster.order("readmit", None, Some((IDS[at], incarnation)));
    for each in 0..3 {
        let order = pb::Order { order: Some(order.clone()), time_ms: now_ms() };
        cluster.done(each, Request::Order(order));
    }
}

#[test]
fn restarts_before_the_first_start_rule_are_harmless() {
    let mut cluster = Cluster::without_charter(Kind::InProcess);
    cluster.chain.clear();
    cluster.restart_alone(0);
    cluster.chain = vec![cluster.draft.sign(&cluster.administrators)];
    cluster.activate();
    cluster.restart_alone(0);
    cluster.restart_alone(0);
    assert_eq!(cluster.signers[0].loaded.incarnation, 4);
    cluster.connect_all();
    cluster.meet_start_rule();
    cluster.create_key("edwards");
    signs(&mut cluster, &[0, 1]);
}

#[test]
fn every_restart_needs_fresh_answers() {
    let mut cluster = cluster();
    for _ in 0..3 {
        let old = cluster.signers[0].loaded.start_nonce.clone();
        let stale = cluster.answer_about(1, IDS[0], &old, cluster.signers[0].loaded.incarnation);
        cluster.restart(0);
        let heard = cluster.refused(0, Request::HearPeer(pb::HearPeer { state: Some(stale) }));
        assert_eq!(heard.code, "peer_nonce");
        let vote = cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]);
        assert_eq!(cluster.refused(0, Request::Vote(vote)).code, "start_rule");
        assert!(cluster.start_rule(0).may_vote);
        assert!(cluster.start_rule(0).may_vote, "the same questions again, the same answers");
        signs(&mut cluster, &[0, 1]);
    }
    assert_eq!(cluster.signers[0].loaded.incarnation, 4);
}

/// Two copies of one signer: whoever asks second is refused.
#[test]
fn a_copy_of_a_signer_is_refused() {
    let mut cluster = cluster();
    let blobs = cluster.signers[0].blobs.clone();
    cluster.restart(0);
    assert!(cluster.start_rule(0).may_vote);
    signs(&mut cluster, &[0, 1]);
    cluster.signers[0].blobs = blobs;
    cluster.restart(0);
    let state = cluster.start_rule(0);
    assert_eq!((state.may_vote, state.refusal.as_str()), (false, "rolled_back"));
    // Stays refused in later starts, even when the copy has caught up in their number.
    cluster.restart(0);
    cluster.restart(0);
    assert_eq!(cluster.start_rule(0).refusal, "rolled_back");
    readmit(&mut cluster, 0);
    signs(&mut cluster, &[0, 1]);
    // A readmission is for one start; the next meets the rule by itself.
    cluster.restart(0);
    assert!(cluster.start_rule(0).may_vote);
    signs(&mut cluster, &[0, 2]);
}

#[test]
fn a_peer_that_forgot_is_noticed() {
    let mut cluster = Cluster::without_charter(Kind::InProcess);
    cluster.activate();
    let innocent = cluster.signers[1].blobs.clone();
    cluster.connect_all();
    cluster.meet_start_rule();
    cluster.create_key("edwards");
    cluster.signers[1].blobs = innocent;
    cluster.signers[1].stop();
    cluster.signers[1].start();
    let chain = cluster.chain.clone();
    cluster.signers[1].load(&chain, &[]);
    cluster.signers[0].stop();
    cluster.signers[0].start();
    let certificates: Vec<_> = cluster.certificates.values().cloned().collect();
    cluster.signers[0].load(&chain, &certificates);
    let state = cluster.start_rule(0);
    assert_eq!((state.may_vote, state.refusal.as_str()), (false, "peer_forgot"));
    readmit(&mut cluster, 0);
    cluster.connect(0);
    signs(&mut cluster, &[0, 2]);
}

#[test]
fn a_missed_charter_is_caught_up_without_an_order() {
    let mut cluster = cluster();
    cluster.signers[2].stop();
    let next = cluster.draft.next(|v| v["skew"] = 6.into());
    let document = next.sign(&cluster.administrators[..2]);
    for at in 0..2 {
        assert_eq!(cluster.signers[at].accept(document.clone(), &[]).version, 2);
    }
    cluster.restart(2);
    let state = cluster.start_rule(2);
    assert_eq!((state.may_vote, state.refusal.as_str(), state.heard.len()), (false, "charter_behind", 0));
    assert_eq!(cluster.signers[2].accept(document.clone(), &[]).version, 2);
    let state = cluster.signers[2].status().start.unwrap();
    assert_eq!((state.may_vote, state.refusal.as_str(), state.heard.len()), (true, "", 2));
    cluster.chain.push(document);
    cluster.draft = next;
    signs(&mut cluster, &[0, 2]);
}

/// The relay can ask in a signer's name and spoil its start. That costs a readmission, and no more.
#[test]
fn an_invented_question_costs_a_readmission_at_most() {
    let mut cluster = cluster();
    cluster.answer_about(1, IDS[0], &[7; 32], u32::MAX);
    cluster.restart(0);
    assert_eq!(cluster.start_rule(0).refusal, "rolled_back");
    readmit(&mut cluster, 0);
    signs(&mut cluster, &[0, 1]);
    cluster.restart(0);
    assert!(cluster.start_rule(0).may_vote);
}

/// A new charter ends what the old one allowed.
#[test]
fn a_new_charter_kills_open_sessions() {
    let mut cluster = cluster();
    let request = cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]);
    let (session, votes) = cluster.all_votes(&request, &[0, 1]);
    cluster.protocol_messages();
    let next = cluster.draft.next(|_| ());
    let document = next.sign(&cluster.administrators[..2]);
    let accept = pb::AcceptCharter { charter: Some(document), operator_hash: vec![] };
    cluster.ask(0, Request::AcceptCharter(accept));
    assert_eq!(cluster.heard.dead.pop().unwrap().1.code, "charter_changed");
    let late = cluster.refused(0, Request::Release(cluster::release(&session, &votes)));
    assert_eq!(late.code, "session_unknown");
    assert_eq!(cluster.protocol_messages(), 0);
}

/// Checkpoints only ever extend the last one, over restarts too.
#[test]
fn checkpoints_extend() {
    let mut cluster = cluster();
    let checkpoint = |size, root: u8, consistency: Vec<Vec<u8>>| {
        Request::Checkpoint(pb::Checkpoint { size, root: vec![root; 32], consistency })
    };
    let pb::from_keeper::Reply::CheckpointNote(note) = cluster.ask(0, checkpoint(1, 1, vec![])) else {
        panic!()
    };
    assert!(note.note.starts_with("quorate/") && note.note.contains("/signer-1\n1\n"));
    assert_eq!(cluster.refused(0, checkpoint(1, 2, vec![])).code, "checkpoint_consistency");
    assert_eq!(cluster.refused(0, checkpoint(2, 2, vec![])).code, "checkpoint_consistency");
    assert_eq!(cluster.refused(0, checkpoint(2, 2, vec![vec![3; 32]])).code, "checkpoint_consistency");
    cluster.restart(0);
    assert_eq!(cluster.refused(0, checkpoint(0, 1, vec![])).code, "checkpoint_rollback");
    let right = [9; 32];
    let root = quorate_wire::hash::sha256(&[&[1][..], &[1; 32], &right].concat());
    let request = pb::Checkpoint { size: 2, root: root.to_vec(), consistency: vec![right.to_vec()] };
    let pb::from_keeper::Reply::CheckpointNote(_) = cluster.ask(0, Request::Checkpoint(request)) else {
        panic!()
    };
    assert_eq!(cluster.signers[0].state().log, (2, root));
}

/// Peers may send before we have released, and a ceremony may begin before our judge has brought the order.
#[test]
fn early_messages_wait() {
    let mut cluster = Cluster::new(Kind::InProcess);
    let order = cluster.order("key-create", Some("main"), None);
    for at in [2, 0, 1] {
        let order = pb::Order { order: Some(order.clone()), time_ms: now_ms() };
        cluster.done(at, Request::Order(order));
        cluster.pump();
    }
    let certificate = cluster.heard.certificate(&cluster.signers);
    for at in 0..3 {
        cluster.done(at, Request::Certificate(certificate.clone()));
    }
    for members in [[0, 1], [1, 2]] {
        let request = cluster.vote_request("main", vec![ecdsa_item(1), ecdsa_item(2)], &members);
        let (session, votes) = cluster.all_votes(&request, &members);
        for at in members {
            cluster.release(at, &session, &votes);
            cluster.pump();
        }
        assert_eq!(cluster.heard.signatures(&session).len(), 2);
    }
}

/// A signer dies in the middle of a ceremony: the order is used up, the next one makes the key.
#[test]
fn a_broken_ceremony_is_repeated_under_a_new_order() {
    let mut cluster = Cluster::new(Kind::InProcess);
    let order = cluster.order("key-create", Some("edwards"), None);
    let request = pb::Order { order: Some(order), time_ms: now_ms() };
    cluster.done(0, Request::Order(request.clone()));
    cluster.done(1, Request::Order(request.clone()));
    cluster.pump();
    for at in 0..3 {
        cluster.restart(at);
        assert!(cluster.start_rule(at).may_vote);
    }
    for at in 0..2 {
        assert_eq!(cluster.refused(at, Request::Order(request.clone())).code, "order_replayed");
    }
    cluster.create_key("edwards");
    signs(&mut cluster, &[1, 2]);
}

/// The share is in `persist` of the very reply that carries our part of the certificate.
#[test]
fn the_share_is_durable_before_the_certificate_leaves() {
    let mut cluster = Cluster::new(Kind::InProcess);
    let order = cluster.order("key-create", Some("edwards"), None);
    for at in 0..3 {
        let order = pb::Order { order: Some(order.clone()), time_ms: now_ms() };
        cluster.done(at, Request::Order(order));
    }
    let mut parts = 0;
    while let Some(envelope) = cluster.heard.next_envelope() {
        let to = cluster::index(&envelope.to);
        let answer = cluster.signers[to].ask(Request::Envelope(envelope));
        let part = |e: &pb::Event| matches!(e.event, Some(pb::event::Event::CertificatePart(_)));
        if answer.events.iter().any(part) {
            let names: Vec<&str> = answer.persist.iter().map(|blob| blob.name.as_str()).collect();
            assert_eq!(names, ["key/edwards/1", "state"]);
            parts += 1;
        }
        cluster.heard.take(IDS[to], answer.events);
    }
    assert_eq!(parts, 3);
    let uncertified = cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]);
    assert_eq!(cluster.refused(0, Request::Vote(uncertified)).code, "key_certified");
}

/// A peer that was restarted behind our back says so, and a new channel comes up.
#[test]
fn a_lost_channel_is_replaced() {
    let mut cluster = cluster();
    for at in [0, 1] {
        cluster.signers[at].stop();
        cluster.signers[at].start();
        let certificates: Vec<_> = cluster.certificates.values().cloned().collect();
        let chain = cluster.chain.clone();
        cluster.signers[at].load(&chain, &certificates);
        assert!(cluster.start_rule(at).may_vote);
        // No `Connected`: the first messages find no channel, wait, and a handshake is asked for.
        signs_after_repair(&mut cluster, &[0, 1]);
    }
}

fn signs_after_repair(cluster: &mut Cluster, members: &[usize]) {
    let request = cluster.vote_request("edwards", vec![ed25519_item(b"x")], members);
    let (session, votes) = cluster.all_votes(&request, members);
    for &at in members {
        cluster.release(at, &session, &votes);
    }
    while let Some(envelope) = cluster.heard.next_envelope() {
        let to = cluster::index(&envelope.to);
        let answer = cluster.signers[to].ask(Request::Envelope(envelope));
        cluster.heard.take(IDS[to], answer.events);
    }
    cluster.heard.signatures(&session);
    signs(cluster, members);
}

/// Restored from an old copy and readmitted: the entries that it had signed come back, and only they.
#[test]
fn a_restored_signer_adopts_its_own_tally() {
    let mut cluster = cluster();
    let old = cluster.signers[0].blobs.clone();
    cluster.restart(0);
    assert!(cluster.start_rule(0).may_vote);
    let mut entries = Vec::new();
    for _ in 0..3 {
        let request = cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]);
        entries.push(cluster.vote(0, request).tally_entry.unwrap());
    }
    let adopt = |entries: &[pb::Signed]| Request::AdoptTally(pb::AdoptTally { entries: entries.to_vec() });
    assert_eq!(cluster.refused(0, adopt(&entries)).code, "tally_adoption", "only after a readmission");
    let head = cluster.signers[0].state().tally;
    cluster.signers[0].blobs = old;
    cluster.restart(0);
    assert_eq!(cluster.start_rule(0).refusal, "rolled_back");
    readmit(&mut cluster, 0);
    assert_eq!(cluster.refused(0, adopt(&entries[1..])).code, "tally_fork", "a gap");
    let mut forged = entries.clone();
    forged[2].signature[0] ^= 1;
    assert_eq!(cluster.refused(0, adopt(&forged)).code, "tally_signature");
    assert_eq!(cluster.signers[0].state().tally.0, 0, "all or nothing");
    cluster.done(0, adopt(&entries));
    assert_eq!(cluster.signers[0].state().tally, head);
    assert_eq!(cluster.refused(0, adopt(&entries)).code, "tally_fork", "again");
    signs(&mut cluster, &[0, 1]);
}

/// Concurrent sessions are released in any order.
#[test]
fn sessions_are_released_in_any_order() {
    let mut cluster = cluster();
    let sessions: Vec<_> = (0..4)
        .map(|_| {
            let request = cluster.vote_request("edwards", vec![ed25519_item(b"x")], &[0, 1]);
            cluster.all_votes(&request, &[0, 1])
        })
        .collect();
    for (session, votes) in sessions.iter().rev() {
        for at in [0, 1] {
            cluster.release(at, session, votes);
        }
        cluster.pump();
        assert_eq!(cluster.heard.signatures(session).len(), 2);
    }
}

/// A second order for the same key ends what the first has begun.
#[test]
fn a_newer_order_supersedes_a_stuck_ceremony() {
    let mut cluster = Cluster::new(Kind::InProcess);
    let order = cluster.order("key-create", Some("edwards"), None);
    for at in 0..2 {
        let order = pb::Order { order: Some(order.clone()), time_ms: now_ms() };
        cluster.done(at, Request::Order(order));
    }
    cluster.heard.drop_envelopes();
    cluster.create_key("edwards");
    let codes: Vec<_> = cluster.heard.dead.drain(..).map(|(_, reason)| reason.code).collect();
    assert_eq!(codes, ["ceremony_superseded"; 2]);
    signs(&mut cluster, &[1, 2]);
}
