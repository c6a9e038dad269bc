//! What a keeper remembers of its peers: the highest of everything, so that a peer set back is noticed by the others.

use quorate_wire::hash::Hash;
use quorate_wire::peer_state::Known;

use super::unsealed::Unsealed;
use crate::state::Memory;

impl Memory {
    pub(super) fn saw_incarnation(&mut self, incarnation: u32) {
        let known = self.known.get_or_insert_default();
        known.incarnation = known.incarnation.max(incarnation);
    }

    pub(super) fn saw_tally(&mut self, count: u64, head: Hash) {
        let known = self.known.get_or_insert_default();
        if count > known.tally_count {
            (known.tally_count, known.tally_head) = (count, head);
        }
    }

    pub(super) fn saw_log(&mut self, size: u64) {
        let known = self.known.get_or_insert_default();
        known.log_size = known.log_size.max(size);
    }

    /// True if what a voter says of itself is not below what it is remembered to have reached.
    pub(super) fn allows(&self, incarnation: u32, count: u64, head: &Hash) -> bool {
        let known = self.known.unwrap_or_default();
        let tally = count > known.tally_count || (count == known.tally_count && *head == known.tally_head);
        incarnation >= known.incarnation && tally
    }
}

impl Unsealed {
    /// Remembers what a peer has proven of itself.
    pub fn remember(&mut self, peer: &str, seen: &Known, charter_version: Option<u64>) {
        let memory = self.state.peers.entry(peer.to_owned()).or_default();
        memory.saw_incarnation(seen.incarnation);
        memory.saw_tally(seen.tally_count, seen.tally_head);
        memory.saw_log(seen.log_size);
        memory.charter_version = memory.charter_version.max(charter_version.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_highest_is_kept() {
        let mut memory = Memory::default();
        assert!(memory.allows(1, 0, &[0; 32]));
        memory.saw_incarnation(3);
        memory.saw_tally(5, [5; 32]);
        memory.saw_tally(4, [4; 32]);
        memory.saw_incarnation(2);
        let known = memory.known.unwrap();
        assert_eq!((known.incarnation, known.tally_count, known.tally_head), (3, 5, [5; 32]));
    }

    #[test]
    fn a_voter_below_its_memory_is_not_allowed() {
        let mut memory = Memory::default();
        memory.saw_incarnation(3);
        memory.saw_tally(5, [5; 32]);
        assert!(memory.allows(3, 5, &[5; 32]));
        assert!(memory.allows(4, 6, &[6; 32]));
        assert!(!memory.allows(2, 6, &[6; 32]), "incarnation");
        assert!(!memory.allows(3, 4, &[4; 32]), "tally count");
        assert!(!memory.allows(3, 5, &[6; 32]), "another head at the same count");
    }
}
