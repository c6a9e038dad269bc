//! Messages of peers that come before we have released the session, or before our judge has brought the order.
//!
//! Peers release when they like, so early messages are normal. They are kept, bounded for each peer, and not looked at.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use quorate_wire::hash::Hash;

use crate::proto::peer::Round;

/// For each peer.
const MAX_ROUNDS: usize = 512;
const MAX_BYTES: usize = 4 << 20;
const MAX_AGE: Duration = Duration::from_secs(90);

struct Waiting {
    from: u8,
    session: Hash,
    since: Instant,
    round: Round,
}

#[derive(Default)]
pub(super) struct Early(VecDeque<Waiting>);

impl Early {
    /// Keeps a message; the oldest ones of the same peer make room.
    pub fn keep(&mut self, from: u8, session: Hash, round: Round) {
        if round.payload.len() > MAX_BYTES {
            return;
        }
        self.0.push_back(Waiting { from, session, since: Instant::now(), round });
        while self.is_over(from) {
            let Some(oldest) = self.0.iter().position(|waiting| waiting.from == from) else { return };
            self.0.remove(oldest);
        }
    }

    fn is_over(&self, from: u8) -> bool {
        let (mut rounds, mut bytes) = (0, 0);
        for waiting in self.0.iter().filter(|waiting| waiting.from == from) {
            rounds += 1;
            bytes += waiting.round.payload.len();
        }
        rounds > MAX_ROUNDS || bytes > MAX_BYTES
    }

    /// The messages of a session, in the order they came.
    pub fn take(&mut self, session: &Hash) -> Vec<(u8, Round)> {
        let (taken, left) = std::mem::take(&mut self.0).into_iter().partition(|w| w.session == *session);
        self.0 = left;
        let taken: VecDeque<Waiting> = taken;
        taken.into_iter().map(|waiting| (waiting.from, waiting.round)).collect()
    }

    pub fn sweep(&mut self) {
        while self.0.front().is_some_and(|waiting| waiting.since.elapsed() > MAX_AGE) {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(size: usize) -> Round {
        Round { payload: vec![0; size], ..Round::default() }
    }

    #[test]
    fn bounded_for_each_peer() {
        let mut early = Early::default();
        for _ in 0..2 * MAX_ROUNDS {
            early.keep(1, [1; 32], round(1));
        }
        early.keep(2, [1; 32], round(MAX_BYTES));
        early.keep(2, [2; 32], round(1));
        early.keep(2, [3; 32], round(MAX_BYTES + 1));
        assert_eq!(early.take(&[1; 32]).len(), MAX_ROUNDS);
        assert_eq!(early.take(&[2; 32]).len(), 1);
        assert!(early.take(&[3; 32]).is_empty());
        assert!(early.0.is_empty());
    }
}
