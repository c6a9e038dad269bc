//! The one round of a run: every signer's share of the signature.

use std::collections::BTreeMap;

use frost_core::keys::{KeyPackage, PublicKeyPackage};
use frost_core::round2::{self, SignatureShare};
use frost_core::{Identifier, SigningPackage, aggregate};

use super::nonces::Nonces;
use super::suite::Suite;
use super::{decode_share, identifier};
use crate::Abort;
use crate::rounds::{Inbox, Next, Round};

/// Ready to sign.
pub(super) struct Begin<S: Suite> {
    pub key: KeyPackage<S>,
    pub package: SigningPackage<S>,
    pub nonces: Nonces<S>,
    pub public: PublicKeyPackage<S>,
    pub me: u8,
}

impl<S: Suite> Round<S::Signature> for Begin<S> {
    fn finish(self: Box<Self>, _: &Inbox) -> Result<Next<S::Signature>, Abort> {
        let share = round2::sign(&self.package, self.nonces.secret(), &self.key)
            .map_err(|_| Abort::failed("frost_sign"))?;
        let body = share.serialize();
        let next = Shares { package: self.package, public: self.public, me: self.me, own: share };
        Ok(Next::Round(vec![(None, body)], Box::new(next)))
    }
}

/// Our share of the signature is out; waits for the others'.
struct Shares<S: Suite> {
    package: SigningPackage<S>,
    public: PublicKeyPackage<S>,
    me: u8,
    own: SignatureShare<S>,
}

impl<S: Suite> Round<S::Signature> for Shares<S> {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<S::Signature>, Abort> {
        let mut shares = BTreeMap::from([(identifier(self.me)?, self.own)]);
        let mut indices = BTreeMap::new();
        for (from, body) in inbox {
            let share = decode_share(body).ok_or(Abort::blame(*from, "message_decode"))?;
            shares.insert(identifier(*from)?, share);
            indices.insert(identifier(*from)?, *from);
        }
        let signature =
            aggregate(&self.package, &shares, &self.public).map_err(|error| blame(&error, &indices))?;
        let bytes = signature.serialize().map_err(|_| Abort::failed("signature"))?;
        let key = self.public.verifying_key().serialize().map_err(|_| Abort::failed("signature"))?;
        S::verified(&key, self.package.message(), &bytes).map(Next::Done)
    }
}

/// A share that does not fit its signer's public share names the signer.
fn blame<S: Suite>(error: &frost_core::Error<S>, indices: &BTreeMap<Identifier<S>, u8>) -> Abort {
    let culprits: Vec<u8> =
        error.culprits().iter().filter_map(|culprit| indices.get(culprit)).copied().collect();
    if culprits.is_empty() {
        return Abort::failed("signature");
    }
    Abort::Blame { culprits, check: "signature_share", ban: false }
}
