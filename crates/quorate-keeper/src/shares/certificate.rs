//! Complete key certificates: from here on a key signs.

use quorate_wire::certificate::verify_complete;
use quorate_wire::{Refusal, ensure};

use super::out::bug;
use super::unsealed::Unsealed;
use crate::proto::keeper as pb;

impl Unsealed {
    /// Verifies that every signer signed for exactly the key whose share we hold.
    pub fn certificate(&mut self, request: &pb::Certificate) -> Result<(), Refusal> {
        let certificate = verify_complete(&request.body, &request.signatures, &self.chain)?;
        let held = self.held.get(&certificate.key).map(|held| &held.public);
        let record = self.state.keys.get_mut(&certificate.key);
        let same = held.is_some_and(|public| {
            public.public_key == certificate.public_key && public.chain_code == certificate.chain_code
        });
        let ours = record
            .as_ref()
            .is_some_and(|record| record.order == certificate.order && record.epoch == certificate.epoch);
        ensure(
            "certificate_own",
            same && ours,
            "the certificate is not of the key whose share is held here",
        )?;
        record.ok_or_else(|| bug("no record"))?.certified = true;
        Ok(())
    }
}
