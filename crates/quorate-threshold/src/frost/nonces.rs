//! Secret nonces, drawn for one child of one root key.

use frost_core::keys::SigningShare;
use frost_core::round1::{self, NonceCommitment, SigningCommitments, SigningNonces};
use rand_core::OsRng;
use zeroize::Zeroizing;

use super::suite::{Moved, Suite};
use crate::group::Group;
use crate::{Abort, KeyShare};

/// Not `Clone`, never stored, consumed by signing; wiped on drop.
pub(crate) struct Nonces<S: Suite> {
    secret: Zeroizing<SigningNonces<S>>,
    /// The root key and the path they were drawn for, and the key that signs there.
    root: Vec<u8>,
    path: Vec<u32>,
    pub(super) moved: Moved<<S as Suite>::Group>,
}

impl<S: Suite> Nonces<S> {
    /// Fresh from the operating system, with their public commitments.
    pub(crate) fn draw(share: &KeyShare, path: &[u32]) -> Result<(Self, S::Commitments), Abort> {
        share.require(S::CURVE)?;
        let child = share.public.child::<<S as Suite>::Group>(path)?;
        let moved = S::moved(&child, path)?;
        let (secret, commitments) = round1::commit(&signing_share::<S>(share, &moved)?, &mut OsRng);
        let commitments = encode_commitments(&commitments)?;
        Ok((Self::new(secret, share, path, moved), commitments))
    }

    pub(super) fn new(
        secret: SigningNonces<S>,
        share: &KeyShare,
        path: &[u32],
        moved: Moved<<S as Suite>::Group>,
    ) -> Self {
        let (root, path) = (share.public.public_key.clone(), path.to_vec());
        Self { secret: Zeroizing::new(secret), root, path, moved }
    }

    /// Refuses nonces of another child, and a list that does not hold their own commitments.
    pub(super) fn ensure_of(
        &self,
        share: &KeyShare,
        path: &[u32],
        listed: Option<&S::Commitments>,
    ) -> Result<(), Abort> {
        let own = encode_commitments(self.secret.commitments())?;
        let same_child = self.root == share.public.public_key && self.path == path;
        if same_child && listed == Some(&own) { Ok(()) } else { Err(Abort::failed("nonces")) }
    }

    pub(super) fn secret(&self) -> &SigningNonces<S> {
        &self.secret
    }
}

/// Our share of the key that signs.
pub(super) fn signing_share<S: Suite>(
    share: &KeyShare,
    moved: &Moved<<S as Suite>::Group>,
) -> Result<SigningShare<S>, Abort> {
    let scalar = moved.share(&*share.scalar::<<S as Suite>::Group>()?);
    let bytes = Zeroizing::new(<S as Suite>::Group::encode_scalar(&scalar));
    SigningShare::deserialize(bytes.as_slice()).map_err(|_| Abort::failed("share"))
}

fn encode_commitments<S: Suite>(commitments: &SigningCommitments<S>) -> Result<S::Commitments, Abort> {
    let damaged = Abort::failed("nonces");
    let mut bytes = commitments.hiding().serialize().map_err(|_| damaged.clone())?;
    bytes.extend(commitments.binding().serialize().map_err(|_| damaged.clone())?);
    S::Commitments::try_from(&bytes).map_err(|_| damaged)
}

/// Both points in the prime subgroup, not the identity, in their only encoding.
pub(crate) fn decode_commitments<S: Suite>(bytes: &S::Commitments) -> Option<SigningCommitments<S>> {
    let (hiding, binding) = bytes.as_ref().split_at(bytes.as_ref().len() / 2);
    let decode = |bytes: &[u8]| NonceCommitment::deserialize(bytes).ok();
    let commitments = SigningCommitments::new(decode(hiding)?, decode(binding)?);
    // The library also reads the compact form of SEC1.
    encode_commitments(&commitments).is_ok_and(|again| again == *bytes).then_some(commitments)
}
