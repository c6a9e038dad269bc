//! Freezes (docs/spec/freeze.md): taken on one administrator's signature, lifted by an order, looked at before a vote.

use quorate_wire::charter::SignedDocument;
use quorate_wire::freeze::{Freeze, FreezeId, Scope};
use quorate_wire::{Refusal, Whose, ensure};

use super::out::{Out, missing};
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;

impl Unsealed {
    /// Takes effect with this reply. One that is in force already is acknowledged again, whoever is an administrator now.
    pub fn freeze(&mut self, request: pb::Freeze, out: &mut Out) -> Result<pb::Acknowledged, Refusal> {
        let document: SignedDocument = request.freeze.ok_or_else(|| missing("freeze"))?.into();
        let known = Freeze::parse(&document.body)?;
        if self.state.freezes.in_force.get(&known.id).is_none_or(|frozen| frozen.hash != known.hash) {
            let freeze = Freeze::verify(&document, self.charter()?)?;
            self.state.freezes.add(freeze)?;
            self.freezes_changed(out);
        }
        self.acknowledged()
    }

    /// What a quorum ordered to lift.
    pub fn unfreeze(&mut self, freezes: &[FreezeId], out: &mut Out) -> Result<pb::Acknowledged, Refusal> {
        if self.state.freezes.lift(freezes)? {
            self.freezes_changed(out);
        }
        self.acknowledged()
    }

    /// # Errors
    /// `frozen`.
    pub fn ensure_not_frozen(&self, what: &[Scope]) -> Result<(), Refusal> {
        let frozen = self.state.freezes.stops(what);
        let message = match frozen {
            Some((id, frozen)) => {
                format!("{:?} is frozen by {}, freeze {}", frozen.scope, frozen.by, hex::encode(id))
            }
            None => String::new(),
        };
        ensure("frozen", frozen.is_none(), message).map_err(|refusal| refusal.whose(Whose::State))
    }

    /// Votes name the freezes in force, so those that were given no longer count; and what is under way must not end.
    fn freezes_changed(&mut self, out: &mut Out) {
        let changed = Refusal::new("freeze_changed", "a freeze was made or lifted").whose(Whose::State);
        self.sessions.kill_all(&changed, out);
        self.judge_answers();
    }

    fn acknowledged(&self) -> Result<pb::Acknowledged, Refusal> {
        let freezes = self.state.freezes.state();
        Ok(pb::Acknowledged {
            acknowledgement: Some(self.acknowledgement()?.into()),
            freeze_count: freezes.count,
            freeze_hash: freezes.hash.to_vec(),
        })
    }
}
