//! Releases with votes that are missing, doubled, invented, of another session, or changed in any field.

use quorate_keeper::clock::now_ms;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_secret::Secret;
use quorate_wire::labels;
use quorate_wire::path::Scheme;
use quorate_wire::signature::sign;
use quorate_wire::vote::{Head, Item, Randomness, Vote};

use super::cluster::{IDS, ecdsa_item, ed25519_item, release, taproot_item};
use super::suite::Suite;

/// A session of signer-1 and signer-2 that both have voted for.
struct Session {
    id: Vec<u8>,
    own: pb::Signed,
    peer: pb::Signed,
}

fn voted(suite: &mut Suite, key: &str, items: Vec<pb::Item>) -> Session {
    let request = suite.cluster.vote_request(key, items, &[0, 1]);
    let (id, mut votes) = suite.cluster.all_votes(&request, &[0, 1]);
    let peer = votes.pop().unwrap();
    Session { id, own: votes.pop().unwrap(), peer }
}

fn ecdsa(suite: &mut Suite) -> Session {
    voted(suite, "main", vec![ecdsa_item(1), ecdsa_item(2)])
}

impl Session {
    fn with(&self, votes: &[&pb::Signed]) -> Request {
        let votes: Vec<pb::Signed> = votes.iter().map(|vote| (*vote).clone()).collect();
        Request::Release(release(&self.id, &votes))
    }

    /// The peer's vote changed, and signed again by the peer itself: the peer has turned as well.
    fn re_signed(&self, key: &Secret<32>, change: impl FnOnce(&mut Vote)) -> pb::Signed {
        let mut vote = Vote::from_bytes(&self.peer.body).unwrap();
        change(&mut vote);
        sign(key, labels::VOTE, vote.to_bytes()).into()
    }
}

pub fn releases(suite: &mut Suite) {
    sets(suite);
    invented(suite);
    changed_by_the_peer(suite);
    own_votes(suite);
    once_only(suite);
    suite.control();
}

/// Exactly the members, each once.
fn sets(suite: &mut Suite) {
    let s = ecdsa(suite);
    suite.refused(0, "no votes", s.with(&[]), "vote_members");
    let s = ecdsa(suite);
    suite.refused(0, "own vote only", s.with(&[&s.own]), "vote_members");
    let s = ecdsa(suite);
    suite.refused(0, "the peer's vote only", s.with(&[&s.peer]), "vote_members");
    let s = ecdsa(suite);
    suite.refused(0, "own vote twice", s.with(&[&s.own, &s.own]), "vote_members");
    let s = ecdsa(suite);
    suite.refused(0, "the peer's vote twice", s.with(&[&s.peer, &s.peer]), "vote_members");
    let s = ecdsa(suite);
    suite.refused(0, "a vote too many", s.with(&[&s.own, &s.peer, &s.peer]), "vote_members");
    let (s, other) = (ecdsa(suite), ecdsa(suite));
    suite.refused(0, "a vote of another session", s.with(&[&s.own, &other.peer]), "vote_shared");
    suite.refused(0, "both votes of another session", other.with(&[&s.own, &s.peer]), "vote_shared");
    let s = ecdsa(suite);
    let key = suite.cluster.signers[2].secrets().vote;
    let outsider = s.re_signed(&key, |vote| vote.voter = IDS[2].into());
    suite.refused(0, "a vote by a signer outside the set", s.with(&[&s.own, &outsider]), "vote_form");
    let s = ecdsa(suite);
    let outsider = s.re_signed(&key, |vote| {
        vote.voter = IDS[2].into();
        vote.shared.members[1] = IDS[2].into();
    });
    suite.refused(0, "a vote for a set of its own", s.with(&[&s.own, &outsider]), "vote_shared");
}

/// Votes that the judge made up: it has no peer's vote key.
fn invented(suite: &mut Suite) {
    let key = Secret::random().unwrap();
    let s = ecdsa(suite);
    let forged = s.re_signed(&key, |_| ());
    suite.refused(0, "an invented key", s.with(&[&s.own, &forged]), "vote_signature");
    let s = ecdsa(suite);
    let stranger = s.re_signed(&key, |vote| {
        vote.voter = "signer-9".into();
        vote.shared.members[1] = "signer-9".into();
    });
    suite.refused(0, "an invented signer", s.with(&[&s.own, &stranger]), "vote_signature");
    let s = ecdsa(suite);
    let own_key = suite.cluster.signers[0].secrets().vote;
    let by_us = s.re_signed(&own_key, |_| ());
    suite.refused(0, "signed by another signer", s.with(&[&s.own, &by_us]), "vote_signature");
    let peer_key = suite.cluster.signers[1].secrets().vote;
    let s = ecdsa(suite);
    let other_label = pb::Signed::from(sign(&peer_key, labels::TALLY, s.peer.body.clone()));
    suite.refused(0, "another label", s.with(&[&s.own, &other_label]), "vote_signature");
    // Every part of the body, one bit each, under the good signature.
    let length = s.peer.body.len();
    for at in (0..length).step_by(7) {
        let s = ecdsa(suite);
        let mut changed = s.peer.clone();
        changed.body[at] ^= 1;
        let check = if Vote::from_bytes(&changed.body).is_ok() { "vote_signature" } else { "vote_form" };
        suite.refused(0, &format!("bit of byte {at}"), s.with(&[&s.own, &changed]), check);
    }
    for at in [0, 31, 32, 63] {
        let s = ecdsa(suite);
        let mut changed = s.peer.clone();
        changed.signature[at] ^= 1;
        suite.refused(0, "bit of the signature", s.with(&[&s.own, &changed]), "vote_signature");
    }
    for length in [0, 63] {
        let s = ecdsa(suite);
        let mut changed = s.peer.clone();
        changed.signature.truncate(length);
        suite.refused(0, "a short signature", s.with(&[&s.own, &changed]), "vote_signature");
    }
}

type Change = (&'static str, fn(&mut Vote), &'static str);

/// The peer signs whatever the judge likes. Every shared field, and every field of its own that a keeper can check.
fn changed_by_the_peer(suite: &mut Suite) {
    let key = suite.cluster.signers[1].secrets().vote;
    for (what, change, check) in shared_changes().into_iter().chain(own_changes()) {
        let s = ecdsa(suite);
        let changed = s.re_signed(&key, change);
        suite.refused(0, what, s.with(&[&s.own, &changed]), check);
        let s = ecdsa(suite);
        let changed = s.re_signed(&key, change);
        suite.refused(0, what, s.with(&[&changed, &s.own]), check);
    }
    // FROST commitments that are no points, or the identity.
    for bytes in [[0xff; 32], [0; 32], identity()] {
        let s = voted(suite, "edwards", vec![ed25519_item(b"x")]);
        let changed = s.re_signed(&key, |vote| {
            let mut commitment = [0; 64];
            commitment[..32].copy_from_slice(&bytes);
            commitment[32..].copy_from_slice(&bytes);
            vote.randomness[0] = Randomness::Ed25519(commitment);
        });
        suite.refused(0, "commitments that are no commitments", s.with(&[&s.own, &changed]), "commitments");
    }
    for first in [0, 4, 5, 0xff] {
        let s = voted(suite, "main", vec![taproot_item(1)]);
        let changed = s.re_signed(&key, |vote| {
            if let Randomness::Bip340(points) = &mut vote.randomness[0] {
                points[0] = first;
            }
        });
        suite.refused(
            0,
            "a commitment in no or another encoding",
            s.with(&[&s.own, &changed]),
            "commitments",
        );
    }
}

/// The neutral element of Ed25519.
fn identity() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
}

fn shared_changes() -> Vec<Change> {
    vec![
        ("cluster", |v| v.shared.cluster = "00".repeat(16), "vote_shared"),
        ("charter", |v| v.shared.charter[0] ^= 1, "vote_shared"),
        ("freeze count", |v| v.shared.freeze_count += 1, "vote_shared"),
        ("freeze hash", |v| v.shared.freeze_hash[0] ^= 1, "vote_shared"),
        ("key", |v| v.shared.key = "edwards".into(), "vote_shared"),
        ("epoch", |v| v.shared.epoch += 1, "vote_shared"),
        ("intent", |v| v.shared.intent[0] ^= 1, "vote_shared"),
        ("attempt", |v| v.shared.attempt[0] ^= 1, "vote_shared"),
        ("digest of item 0", |v| v.shared.items[0].message[0] ^= 1, "vote_shared"),
        ("digest of item 1", |v| v.shared.items[1].message[31] ^= 1, "vote_shared"),
        ("path of item 0", |v| v.shared.items[0].path[4] ^= 1, "vote_shared"),
        (
            "scheme of item 0",
            |v| {
                v.shared.items[0].scheme = Scheme::Bip340;
                v.randomness[0] = Randomness::Bip340([2; 66]);
            },
            "vote_shared",
        ),
        ("scheme of item 0, with its randomness", |v| v.shared.items[0].scheme = Scheme::Bip340, "vote_form"),
        ("items swapped", |v| v.shared.items.swap(0, 1), "vote_shared"),
        (
            "an item less",
            |v| {
                v.shared.items.pop();
                v.randomness.pop();
            },
            "vote_shared",
        ),
        (
            "an item more",
            |v| {
                v.shared.items.push(Item { scheme: Scheme::Ecdsa, path: vec![44, 60], message: vec![0; 32] });
                v.randomness.push(Randomness::Ecdsa([0; 32]));
            },
            "vote_shared",
        ),
        ("members", |v| v.shared.members[0] = IDS[2].into(), "vote_shared"),
        ("order of members", |v| v.shared.members.swap(0, 1), "vote_shared"),
        ("a member more", |v| v.shared.members.push(IDS[2].into()), "vote_shared"),
        ("session number", |v| v.shared.session += 1, "vote_shared"),
    ]
}

fn own_changes() -> Vec<Change> {
    vec![
        ("voter", |v| v.voter = IDS[0].into(), "vote_signature"),
        ("a clock 6 s behind", |v| v.time_ms -= 6000, "vote_time"),
        ("a clock 6 s ahead", |v| v.time_ms += 6000, "vote_time"),
        ("no clock", |v| v.time_ms = 0, "vote_time"),
        ("the end of time", |v| v.time_ms = u64::MAX, "vote_time"),
        ("incarnation 0", |v| v.incarnation = 0, "vote_rollback"),
        ("a lower tally", |v| v.heads[1].count = 1, "vote_rollback"),
        ("no tally", |v| (v.heads[1].count, v.heads[1].head) = (0, [0; 32]), "vote_rollback"),
        ("no heads", |v| v.heads.clear(), "vote_form"),
        ("a head less", |v| drop(v.heads.pop()), "vote_form"),
        ("heads out of order", |v| v.heads.swap(0, 2), "vote_form"),
        (
            "a head more",
            |v| v.heads.push(Head { signer: "signer-4".into(), count: 0, head: [0; 32] }),
            "vote_form",
        ),
        ("no randomness", |v| v.randomness.clear(), "vote_form"),
        ("randomness of FROST", |v| v.randomness[0] = Randomness::Ed25519([1; 64]), "vote_form"),
    ]
}

/// The judge cannot pass off another vote as ours: not an older one, and not one that it would have liked.
fn own_votes(suite: &mut Suite) {
    let key = suite.cluster.signers[0].secrets().vote;
    let changes: [fn(&mut Vote); 3] = [
        |vote| vote.randomness[0] = Randomness::Ecdsa([1; 32]),
        |vote| vote.time_ms += 1,
        |vote| vote.heads[2].count += 1,
    ];
    for change in changes {
        let s = ecdsa(suite);
        let mut vote = Vote::from_bytes(&s.own.body).unwrap();
        change(&mut vote);
        let forged: pb::Signed = sign(&key, labels::VOTE, vote.to_bytes()).into();
        suite.refused(0, "a vote that we did not make", s.with(&[&forged, &s.peer]), "vote_own");
    }
}

/// A release is good once, for a session of this incarnation, under the charter of its vote.
fn once_only(suite: &mut Suite) {
    let s = ecdsa(suite);
    suite.refused(0, "a first bad release", s.with(&[&s.own]), "vote_members");
    suite.refused(0, "the good one after it", s.with(&[&s.own, &s.peer]), "session_unknown");
    let s = ecdsa(suite);
    suite.cluster.done(0, s.with(&[&s.own, &s.peer]));
    let sent = suite.cluster.protocol_messages();
    assert_eq!(sent, 1, "the control: one envelope to the one peer");
    suite.cluster.heard.drop_envelopes();
    suite.refused(0, "released twice", s.with(&[&s.own, &s.peer]), "session_unknown");
    suite.cluster.done(0, Request::Abandon(pb::Abandon { session_id: s.id.clone() }));
    suite.refused(0, "released after it was given up", s.with(&[&s.own, &s.peer]), "session_unknown");
    suite.refused(
        0,
        "a session nobody voted for",
        Request::Release(release(&[7; 32], &[])),
        "session_unknown",
    );
    suite.refused(0, "no session", Request::Release(release(&[], &[])), "request");
    let s = ecdsa(suite);
    suite.cluster.restart(0);
    assert!(suite.cluster.start_rule(0).may_vote);
    suite.cluster.protocol_messages();
    suite.refused(0, "voted before a restart", s.with(&[&s.own, &s.peer]), "session_unknown");
    let time = pb::Release { time_ms: now_ms(), ..release(&s.id, &[]) };
    suite.refused(0, "again", Request::Release(time), "session_unknown");
}
