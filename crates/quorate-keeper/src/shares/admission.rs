//! Admissions (docs/spec/admission.md). The judge has checked the token; the keeper signs under its own incarnation.

use quorate_wire::admission::Admission;
use quorate_wire::freeze::Scope;
use quorate_wire::{Refusal, ensure, labels};

use super::out::hash;
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;

impl Unsealed {
    pub fn sign_admission(&self, request: pb::SignAdmission) -> Result<pb::Signed, Refusal> {
        let charter = self.charter()?;
        self.ensure_started()?;
        self.ensure_not_frozen(&[Scope::User(request.user.clone())])?;
        ensure(
            "token_user",
            charter.user(&request.user).is_some_and(|user| user.is_requester),
            "the user is not a requester of the charter",
        )?;
        let admission = Admission {
            cluster: charter.cluster.clone(),
            signer: self.me.clone(),
            incarnation: self.state.incarnation,
            intent: hash(&request.intent_hash, "intent_hash")?,
            user: request.user,
            token_nonce: request.token_nonce,
            external_id: request.external_id,
            time_ms: request.time_ms,
        };
        Ok(self.sign(labels::ADMISSION, admission.to_bytes()?)?.into())
    }
}
