//! The sentinel: a nonce or a signature's R that occurs twice below one root key gives the key away. If it ever happens, the
//! cause (a broken random number generator, a cloned machine) will make it happen again, so the keeper seals itself.
//!
//! It remembers the latest 262,144 values of this incarnation for each kind, 16 bytes of a hash each. It is the last line: no
//! nonce is used after a restart, because none is ever stored.

use std::collections::{HashSet, VecDeque};

use quorate_wire::binary::Writer;
use quorate_wire::hash::sha256;

/// Values remembered, at about 40 bytes each.
const CAPACITY: usize = 1 << 18;

/// What a value is; values of different kinds are not compared.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// R of a final signature.
    FinalR = 0,
    /// A FROST hiding or binding commitment.
    Commitment = 1,
}

#[derive(Default)]
pub(super) struct Sentinel {
    seen: HashSet<[u8; 16]>,
    order: VecDeque<[u8; 16]>,
}

impl Sentinel {
    /// Remembers the value; false if it was there already.
    pub fn is_new(&mut self, key: &str, kind: Kind, value: &[u8]) -> bool {
        let mut bytes = Writer::new();
        bytes.lp(key.as_bytes()).u8(kind as u8).lp(value);
        let hash = sha256(&bytes.bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&hash[..16]);
        if !self.seen.insert(short) {
            return false;
        }
        self.order.push_back(short);
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repetition_below_the_same_key_is_seen() {
        let mut sentinel = Sentinel::default();
        assert!(sentinel.is_new("main", Kind::FinalR, b"r"));
        assert!(!sentinel.is_new("main", Kind::FinalR, b"r"));
        assert!(sentinel.is_new("main", Kind::Commitment, b"r"));
        assert!(sentinel.is_new("other", Kind::FinalR, b"r"));
        assert!(sentinel.is_new("main", Kind::FinalR, b"s"));
    }

    #[test]
    fn memory_is_bounded() {
        let mut sentinel = Sentinel::default();
        for value in 0..=CAPACITY as u64 {
            assert!(sentinel.is_new("main", Kind::FinalR, &value.to_be_bytes()));
        }
        assert_eq!((sentinel.seen.len(), sentinel.order.len()), (CAPACITY, CAPACITY));
        assert!(sentinel.is_new("main", Kind::FinalR, &0_u64.to_be_bytes()), "the oldest was forgotten");
    }
}
