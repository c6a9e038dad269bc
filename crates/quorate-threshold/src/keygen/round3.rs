//! Round 3: everybody has seen the same openings, or somebody is named.

use std::collections::{BTreeMap, BTreeSet};

use super::Finish;
use super::params::Params;
use crate::codec::{Malformed, Reader};
use crate::rounds::{Inbox, Next, Round};
use crate::{Abort, KeyShare};

pub(crate) const DIGEST_LEN: usize = 32;

/// Our echo is out; waits for the others'.
pub(crate) struct Echoes<G: Finish> {
    pub(crate) params: Params,
    pub(crate) share: KeyShare,
    /// Digest of every dealer's opening as we saw it.
    pub(crate) echo: BTreeMap<u8, [u8; 32]>,
    pub(crate) extra: G::Extra,
}

impl<G: Finish> Round<KeyShare> for Echoes<G> {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<KeyShare>, Abort> {
        let mut extras = BTreeMap::new();
        let mut disputes = BTreeSet::new();
        for (from, body) in inbox {
            let (echo, extra) = self.decode(body).map_err(|_| Abort::blame(*from, "message_decode"))?;
            disputes.extend(self.disputed(&echo).map(|dealer| (dealer, *from)));
            extras.insert(*from, extra.to_vec());
        }
        if !disputes.is_empty() {
            let culprits = culprits(&disputes, self.params.me).into_iter().collect();
            return Err(Abort::Blame { culprits, check: "echo", ban: false });
        }
        G::finish(self.share, &self.params, self.extra, &extras)
    }
}

impl<G: Finish> Echoes<G> {
    fn decode<'a>(&self, body: &'a [u8]) -> Result<(Vec<[u8; DIGEST_LEN]>, &'a [u8]), Malformed> {
        let mut reader = Reader::new(body);
        let echo = reader.many(self.params.parties.len(), Reader::array)?;
        let extra = reader.rest();
        if extra.len() == G::EXTRA_ROUND_3 { Ok((echo, extra)) } else { Err(Malformed) }
    }

    /// The dealers on whom an echo differs from what we saw.
    fn disputed(&self, echo: &[[u8; DIGEST_LEN]]) -> impl Iterator<Item = u8> {
        self.echo
            .iter()
            .zip(echo)
            .filter(|((_, ours), theirs)| ours != theirs)
            .map(|((dealer, _), _)| *dealer)
    }
}

/// Whom disputes (dealer, reporter) incriminate. A false report on us or on the reporter itself is certainly the reporter's
/// fault, and explains its other disputes. A dispute between two others is the dealer's fault (two views) or the reporter's
/// (false report); channels that prove nothing to third parties cannot tell, so both are named. Every honest party that aborts
/// here names a dealer who split its view, whoever else it names.
fn culprits(disputes: &BTreeSet<(u8, u8)>, me: u8) -> BTreeSet<u8> {
    let certain = |(dealer, reporter): &&(u8, u8)| *dealer == me || dealer == reporter;
    let liars: BTreeSet<u8> = disputes.iter().filter(certain).map(|(_, reporter)| *reporter).collect();
    let unexplained = |(dealer, reporter): &&(u8, u8)| !liars.contains(dealer) && !liars.contains(reporter);
    let pairs = disputes.iter().filter(unexplained).flat_map(|(dealer, reporter)| [*dealer, *reporter]);
    pairs.chain(liars.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::{BTreeSet, culprits};

    #[test]
    fn named_by_echo() {
        let named = |disputes: &[(u8, u8)]| {
            culprits(&disputes.iter().copied().collect(), 1).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(named(&[(1, 3)]), [3], "a false report on us");
        assert_eq!(named(&[(2, 2)]), [2], "a dealer that contradicts itself");
        assert_eq!(named(&[(2, 3)]), [2, 3], "undecidable");
        assert_eq!(named(&[(2, 2), (2, 3)]), [2], "the self-contradiction explains the dispute");
        assert_eq!(named(&[(2, 3), (2, 4)]), [2, 3, 4], "undecidable");
        assert_eq!(named(&[(2, 3), (4, 3)]), [2, 3, 4], "undecidable: a split dealer is never left out");
        assert!(culprits(&BTreeSet::new(), 1).is_empty());
    }
}
