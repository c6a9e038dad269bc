//! Every obligation of key generation, broken once: the culprit is named, under the right check.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/dealer.rs"]
mod dealer;

use std::collections::BTreeMap;

use common::{Results, Wire, all, begin_keygen, run, session, untouched};
use dealer::{Dealer, scalar};
use k256::Scalar;
use quorate_threshold::{Abort, Curve, KeyShare, Keygen, Protocol, Step, keygen};

const PARTIES: [u8; 3] = [1, 2, 3];

fn blamed(culprits: &[u8], check: &'static str) -> Abort {
    Abort::Blame { culprits: culprits.to_vec(), check, ban: false }
}

fn sent(step: Step<KeyShare>) -> Vec<quorate_threshold::Outgoing> {
    match step {
        Step::Send(sent) => sent,
        Step::Done(..) => panic!("too early"),
    }
}

/// Lets honest party 1 (of 3, threshold 2) meet honest party 2 and the dealer 3; returns what it makes of round 2.
fn meet(make: impl FnOnce([u8; 32]) -> (Dealer, Vec<u8>, Vec<u8>)) -> Result<(), Abort> {
    let session = session(7);
    let (dealer, committed, dealt) = make(session);
    let mut victim = keygen(Curve::Secp256k1, session, 1, &PARTIES, 2);
    let mut peer = keygen(Curve::Secp256k1, session, 2, &PARTIES, 2);
    let commitment = dealer.commitment(&committed);
    let one = sent(victim.start().unwrap());
    let two = sent(peer.start().unwrap());
    victim.receive(2, &two[0].payload).unwrap();
    victim.receive(3, &commitment).unwrap();
    peer.receive(1, &one[0].payload).unwrap();
    let opened = sent(peer.receive(3, &commitment).unwrap());
    let to_victim = opened.iter().find(|message| message.to == Some(1)).unwrap();
    victim.receive(2, &to_victim.payload).unwrap();
    victim.receive(3, &dealt).map(drop)
}

/// A dealer with `coefficients`, honest but for what `lie` changes before it opens.
fn lying(
    session: [u8; 32],
    coefficients: usize,
    lie: impl FnOnce(&mut Dealer),
) -> (Dealer, Vec<u8>, Vec<u8>) {
    let mut dealer = Dealer::new(session, 3, &PARTIES, 2, coefficients);
    lie(&mut dealer);
    let opening = dealer.opening();
    let dealt = Dealer::dealt(&opening, &dealer.share(1));
    (dealer, opening, dealt)
}

#[test]
fn the_rewritten_dealer_is_accepted_when_honest() {
    assert_eq!(meet(|session| lying(session, 2, |_| {})), Ok(()));
}

#[test]
fn wrong_share() {
    let result = meet(|session| {
        let (dealer, opening, _) = lying(session, 2, |_| {});
        let dealt = Dealer::dealt(&opening, &(dealer.share(1) + Scalar::ONE));
        (dealer, opening, dealt)
    });
    assert_eq!(result, Err(blamed(&[3], "share")));
}

#[test]
fn share_of_another_receiver() {
    let result = meet(|session| {
        let (dealer, opening, _) = lying(session, 2, |_| {});
        let dealt = Dealer::dealt(&opening, &dealer.share(2));
        (dealer, opening, dealt)
    });
    assert_eq!(result, Err(blamed(&[3], "share")));
}

#[test]
fn raised_and_lowered_threshold() {
    for coefficients in [1, 3, 4, 200] {
        let result = meet(|session| lying(session, coefficients, |_| {}));
        assert_eq!(result, Err(blamed(&[3], "degree")), "{coefficients} coefficients");
    }
}

#[test]
fn zero_coefficient_hides_no_degree() {
    let result = meet(|session| lying(session, 2, |dealer| dealer.polynomial[1] = Scalar::ZERO));
    assert_eq!(result, Err(blamed(&[3], "message_decode")), "the identity is no coefficient");
}

#[test]
fn proof_of_possession() {
    let wrong_witness = meet(|session| lying(session, 2, |dealer| dealer.witness = scalar()));
    let other_sender = meet(|session| lying(session, 2, |dealer| dealer.prover = 2));
    for result in [wrong_witness, other_sender] {
        assert_eq!(result, Err(blamed(&[3], "proof_of_possession")));
    }
    // Proven in another session; the commitment is made for this one.
    let other_session = meet(|session| {
        let (mut dealer, opening, dealt) = lying([9; 32], 2, |_| {});
        dealer.context = Dealer::new(session, 3, &PARTIES, 2, 2).context;
        (dealer, opening, dealt)
    });
    assert_eq!(other_session, Err(blamed(&[3], "proof_of_possession")));
}

#[test]
fn changed_reveal() {
    let result = meet(|session| {
        let (mut dealer, committed, _) = lying(session, 2, |_| {});
        dealer.chain_part = [77; 32];
        let dealt = Dealer::dealt(&dealer.opening(), &dealer.share(1));
        (dealer, committed, dealt)
    });
    assert_eq!(result, Err(blamed(&[3], "commitment")));
}

#[test]
fn whole_run_replayed_in_another_session() {
    let result = meet(|_| lying([9; 32], 2, |_| {}));
    assert_eq!(result, Err(blamed(&[3], "commitment")));
}

/// Runs 3 parties; `hook` may change messages.
fn three(curve: Curve, hook: impl FnMut(&mut Wire)) -> Results<KeyShare> {
    run(begin_keygen(curve, &PARTIES, 2), hook)
}

#[test]
fn another_partys_contribution_copied() {
    let session = session(6);
    let begin = |me| keygen(Curve::Ed25519, session, me, &PARTIES, 2);
    let (mut victim, mut peer) = (begin(1), begin(2));
    let one = sent(victim.start().unwrap());
    let commitment = &sent(peer.start().unwrap())[0].payload;
    peer.receive(1, &one[0].payload).unwrap();
    let opened = sent(peer.receive(3, commitment).unwrap());
    let opening = &opened.iter().find(|message| message.to == Some(1)).unwrap().payload;
    for from in [2, 3] {
        victim.receive(from, commitment).unwrap();
    }
    victim.receive(2, opening).unwrap();
    assert_eq!(victim.receive(3, opening).unwrap_err(), blamed(&[3], "commitment"));
}

/// Party 3 shows party 1 one self and everybody else another: both selves run honestly. `parties` are all honest otherwise.
fn split_view(curve: Curve, parties: &[u8], liar: u8, alone: u8) -> BTreeMap<u8, Abort> {
    let session = session(8);
    let begin = |me| keygen(curve, session, me, parties, 2);
    let mut honest: BTreeMap<u8, Keygen> =
        parties.iter().filter(|party| **party != liar).map(|me| (*me, begin(*me))).collect();
    let mut selves = [begin(liar), begin(liar)];
    let mut aborts = BTreeMap::new();
    let mut queue = std::collections::VecDeque::new();
    for (me, party) in &mut honest {
        queue.extend(sent(party.start().unwrap()).into_iter().map(|message| (*me, None, message)));
    }
    for (number, other) in selves.iter_mut().enumerate() {
        let messages = sent(other.start().unwrap());
        queue.extend(messages.into_iter().map(|message| (liar, Some(number), message)));
    }
    while let Some((from, of_self, message)) = queue.pop_front() {
        let to = message.to.map_or_else(|| parties.to_vec(), |to| vec![to]);
        for to in to.into_iter().filter(|to| *to != from) {
            if to == liar {
                for (number, other) in selves.iter_mut().enumerate() {
                    if let Ok(Step::Send(sent)) = other.receive(from, &message.payload) {
                        queue.extend(sent.into_iter().map(|message| (liar, Some(number), message)));
                    }
                }
                continue;
            }
            let shown = usize::from(to != alone);
            if aborts.contains_key(&to) || of_self.is_some_and(|number| number != shown) {
                continue;
            }
            match honest.get_mut(&to).unwrap().receive(from, &message.payload) {
                Ok(Step::Send(sent)) => queue.extend(sent.into_iter().map(|message| (to, None, message))),
                Ok(Step::Done(..)) => panic!("party {to} accepted a split view"),
                Err(abort) => drop(aborts.insert(to, abort)),
            }
        }
    }
    aborts
}

#[test]
fn split_view_is_named_by_every_honest_party() {
    for (curve, parties) in [(Curve::Secp256k1, &[1, 2, 3][..]), (Curve::Ed25519, &[1, 2, 3, 4, 5])] {
        let aborts = split_view(curve, parties, 3, 1);
        assert_eq!(aborts.len(), parties.len() - 1, "every honest party aborts");
        for (party, abort) in aborts {
            let Abort::Blame { culprits, check: "echo", ban: false } = abort else {
                panic!("{party}: {abort}")
            };
            assert!(culprits.contains(&3), "{party} names {culprits:?}");
        }
    }
}

#[test]
fn false_echo() {
    // Round 3 starts with the digests of dealers 1, 2, 3; party 3 misreports dealer 1 to party 1.
    let results = three(Curve::Ed25519, |wire| {
        if wire.from == 3 && wire.to == 1 && wire.round() == 3 {
            wire.payload[3] ^= 1;
        }
    });
    assert_eq!(results[&1].as_ref().unwrap_err(), &blamed(&[3], "echo"));
    assert!(results[&2].is_ok(), "party 2 saw nothing wrong");
    // Party 3 misreports itself: a contradiction with its own opening.
    let results = three(Curve::Ed25519, |wire| {
        if wire.from == 3 && wire.to == 1 && wire.round() == 3 {
            wire.payload[3 + 64] ^= 1;
        }
    });
    assert_eq!(results[&1].as_ref().unwrap_err(), &blamed(&[3], "echo"));
    // Party 3 misreports dealer 2: party 1 cannot know which of the two lies.
    let results = three(Curve::Ed25519, |wire| {
        if wire.from == 3 && wire.to == 1 && wire.round() == 3 {
            wire.payload[3 + 32] ^= 1;
        }
    });
    assert_eq!(results[&1].as_ref().unwrap_err(), &blamed(&[2, 3], "echo"));
}

#[test]
fn ot_setup_and_confirmation() {
    // Offsets in the round-4 body: seed 0, salt 32, proof of discrete logarithm 96, gadget nonce after it, encryption proofs.
    let dlog = 33 + 64 * (33 + 36);
    let cases = [
        (4, 0, "zero_share"),
        (4, 40, "zero_share"),
        (4, 96 + 33 + 64 * 33 + 10, "ot_setup"),
        (4, 96 + dlog + 32, "ot_setup"),
        (4, 96 + dlog + 64 + 8 * 33 + 20, "ot_setup"),
        (4, 96 + dlog + 31, "setup_confirm"),
        (5, 0, "setup_confirm"),
    ];
    for (round, offset, check) in cases {
        let results = three(Curve::Secp256k1, |wire| {
            if wire.from == 3 && wire.to == 1 && wire.round() == round {
                wire.payload[3 + offset] ^= 1;
            }
        });
        let abort = results[&1].as_ref().unwrap_err();
        assert_eq!(abort, &blamed(&[3], check), "round {round}, offset {offset}");
    }
}

#[test]
fn repetitions_and_second_opinions() {
    let mut run = keygen(Curve::Ed25519, [1; 32], 1, &[1, 2], 2);
    let mut peer = keygen(Curve::Ed25519, [1; 32], 2, &[1, 2], 2);
    let committed = sent(peer.start().unwrap()).remove(0).payload;
    assert!(sent(run.receive(2, &committed).unwrap()).is_empty(), "before start: kept");
    let both = sent(run.start().unwrap());
    assert_eq!(both.len(), 2, "rounds 1 and 2 at once");
    assert!(sent(run.receive(2, &committed).unwrap()).is_empty(), "a repetition is ignored");
    let mut other = committed;
    other[10] ^= 1;
    assert_eq!(run.receive(2, &other).unwrap_err(), blamed(&[2], "message_duplicate"));
    assert_eq!(run.receive(2, &other).unwrap_err(), Abort::Failed { check: "finished" });
}

#[test]
fn strangers_do_not_stop_a_run() {
    let mut parties = begin_keygen(Curve::Ed25519, &[1, 2], 2);
    for stranger in [0, 1, 3, 255] {
        let abort = parties.get_mut(&1).unwrap().receive(stranger, &[1, 1, 1]).unwrap_err();
        assert_eq!(abort, blamed(&[stranger], "sender"));
    }
    all(run(parties, untouched), 2);
}

#[test]
fn framing() {
    let refused = |payload: &[u8]| {
        let mut run = keygen(Curve::Secp256k1, [1; 32], 1, &PARTIES, 2);
        run.receive(2, payload).unwrap_err()
    };
    for header in [&[][..], &[1, 1], &[2, 1, 1], &[1, 2, 1], &[1, 1, 0], &[1, 1, 6], &[1, 1, 255]] {
        assert_eq!(refused(header), blamed(&[2], "message_header"), "{header:?}");
    }
    assert_eq!(refused(&[&[1, 1, 1][..], &[0; 33]].concat()), blamed(&[2], "message_length"));
    assert_eq!(refused(&[&[1, 1, 4][..], &[0; 200_000]].concat()), blamed(&[2], "message_length"));
}

#[test]
fn bad_parameters() {
    let cases: [(u8, &[u8], u8); 8] = [
        (1, &[1, 2], 1),
        (1, &[1, 2], 3),
        (1, &[1], 1),
        (3, &[1, 2], 2),
        (1, &[2, 1], 2),
        (1, &[1, 1, 2], 2),
        (0, &[0, 1], 2),
        (1, &[], 0),
    ];
    for (me, parties, threshold) in cases {
        let abort = keygen(Curve::Ed25519, [0; 32], me, parties, threshold).start().unwrap_err();
        assert_eq!(abort, Abort::Failed { check: "parties" }, "{me} {parties:?} {threshold}");
    }
}
