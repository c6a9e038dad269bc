//! Our tally: a hash chain of what we let through (docs/spec/tally.md). The head is the keeper's own, not the judge's.

use quorate_wire::signature::{Signed, verify};
use quorate_wire::tally::{Fields, TallyEntry};
use quorate_wire::vote::Shared;
use quorate_wire::{Refusal, Whose, ensure, labels};

use super::out::bug;
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;

/// Most entries of one request.
const MAX_ADOPTED: usize = 4096;

impl Unsealed {
    /// Adds the judge's reservation to our hash chain. The head is the keeper's own, not the judge's.
    pub fn reserve(
        &mut self,
        fields: pb::TallyFields,
        shared: &Shared,
        time_ms: u64,
    ) -> Result<Signed, Refusal> {
        let (count, head) = self.state.tally;
        let entry = TallyEntry {
            cluster: shared.cluster.clone(),
            signer: self.me.clone(),
            count: count.checked_add(1).ok_or_else(|| bug("tally"))?,
            previous: head,
            intent: shared.intent,
            attempt: shared.attempt,
            time_ms,
            fields: Fields {
                user: fields.user,
                operation: fields.operation,
                source: fields.source,
                destination: fields.destination,
                asset: fields.asset,
                amount: fields.amount,
                expires_at: fields.expires_at,
            },
        };
        entry.fields.check()?;
        self.state.tally = (entry.count, entry.head());
        self.sign(labels::TALLY, entry.to_bytes())
    }

    /// A keeper that was restored from an old copy and readmitted takes up its own later entries again, so that it goes on
    /// where the others know it to have been and does not fork its own history.
    pub fn adopt_tally(&mut self, request: pb::AdoptTally) -> Result<(), Refusal> {
        ensure("tally_adoption", self.start.is_readmitted(), "entries are adopted only after a readmission")
            .map_err(|refusal| refusal.whose(Whose::State))?;
        ensure("tally_adoption", request.entries.len() <= MAX_ADOPTED, "at most 4096 entries at a time")?;
        request.entries.into_iter().try_for_each(|entry| self.adopt(&entry.into()))
    }

    fn adopt(&mut self, signed: &Signed) -> Result<(), Refusal> {
        verify("tally_signature", labels::TALLY, signed, &self.keys.public.vote)?;
        let entry = TallyEntry::from_bytes(&signed.body)?;
        let (count, head) = self.state.tally;
        let follows = entry.cluster == self.charter()?.cluster
            && entry.signer == self.me
            && Some(entry.count) == count.checked_add(1)
            && entry.previous == head;
        ensure("tally_fork", follows, format_args!("the entry does not follow entry {count}"))?;
        self.state.tally = (entry.count, entry.head());
        Ok(())
    }
}
