//! Checkpoints of the signer's log (docs/spec/log-leaf.md): only ever an extension of the one signed last.

use quorate_wire::checkpoint::{ensure_consistent, origin, signed_note};
use quorate_wire::hash::Hash;
use quorate_wire::{Refusal, ensure};

use super::out::hash;
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;

/// An RFC 9162 consistency proof has at most two nodes a level.
const MAX_PROOF: usize = 128;

impl Unsealed {
    pub fn checkpoint(&mut self, request: &pb::Checkpoint) -> Result<pb::CheckpointNote, Refusal> {
        let origin = origin(&self.charter()?.cluster, &self.me);
        let (size, root) = (request.size, hash(&request.root, "root")?);
        ensure(
            "checkpoint_consistency",
            request.consistency.len() <= MAX_PROOF,
            "the consistency proof is too long",
        )?;
        let proof: Vec<Hash> =
            request.consistency.iter().map(|node| hash(node, "consistency")).collect::<Result<_, _>>()?;
        let (old_size, old_root) = self.state.log;
        ensure_consistent((old_size, &old_root), (size, &root), &proof)?;
        self.state.log = (size, root);
        let key = self.keys.log(&self.vault)?;
        Ok(pb::CheckpointNote { note: signed_note(&key, &self.keys.public.log, &origin, size, &root) })
    }
}
