//! Keys and key shares.

use std::collections::BTreeMap;
use std::fmt;

use quorate_secret::Secret;

use crate::Abort;
use crate::dkls::Setup;
use crate::group::Group;
use crate::hd::{Derive, Node, derive_node};
use crate::polynomial::interpolate;

/// The curve of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// secp256k1, for ECDSA and BIP340.
    Secp256k1,
    /// Ed25519, for EdDSA.
    Ed25519,
}

/// What everybody may know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPublic {
    /// The curve.
    pub curve: Curve,
    /// Signers needed, 2..=number of holders.
    pub threshold: u8,
    /// Indices of all holders, ascending.
    pub parties: Vec<u8>,
    /// The root public key: 33 bytes SEC1 compressed (secp256k1), 32 bytes (Ed25519).
    pub public_key: Vec<u8>,
    /// The root chain code.
    pub chain_code: [u8; 32],
    /// Every holder's share times the generator, encoded like the public key.
    pub public_shares: BTreeMap<u8, Vec<u8>>,
}

impl KeyPublic {
    /// Indices nonzero, ascending without repetition; 2 <= threshold <= holders.
    pub(crate) fn check_parties(parties: &[u8], threshold: u8) -> Result<(), Abort> {
        let ascending = parties.is_sorted_by(|left, right| left < right);
        let known = parties.first().is_some_and(|first| *first > 0);
        if !(known && ascending && threshold >= 2 && usize::from(threshold) <= parties.len()) {
            return Err(Abort::failed("parties"));
        }
        Ok(())
    }

    /// All points well formed, one public share per holder, all on one polynomial of degree threshold - 1 through the public key.
    pub(crate) fn check<G: Group>(&self) -> Result<(), Abort> {
        Self::check_parties(&self.parties, self.threshold)?;
        if !self.public_shares.keys().eq(self.parties.iter()) {
            return Err(Abort::failed("public_shares"));
        }
        let shares = self.points::<G>()?;
        let (base, rest) =
            shares.split_at_checked(usize::from(self.threshold)).ok_or(Abort::failed("public_shares"))?;
        let root = G::decode_point(&self.public_key).map_err(|_| Abort::failed("public_key"))?;
        if interpolate::<G>(base, 0) != Some(root) {
            return Err(Abort::failed("public_key"));
        }
        let consistent = rest.iter().all(|(index, share)| interpolate::<G>(base, *index) == Some(*share));
        if consistent { Ok(()) } else { Err(Abort::failed("public_shares")) }
    }

    fn points<G: Group>(&self) -> Result<Vec<(u8, G::Point)>, Abort> {
        let decode = |(index, share): (&u8, &Vec<u8>)| {
            G::decode_point(share).map(|point| (*index, point)).map_err(|_| Abort::failed("public_shares"))
        };
        self.public_shares.iter().map(decode).collect()
    }

    /// The child at `path`.
    pub(crate) fn child<G: Derive>(&self, path: &[u32]) -> Result<Node<G>, Abort> {
        let root = G::decode_known_point(&self.public_key).map_err(|_| Abort::failed("public_key"))?;
        derive_node::<G>(&root, &self.chain_code, path)
    }

    /// A signer set: exactly `threshold` distinct holders, `me` among them. Returned ascending.
    pub(crate) fn check_signers(&self, signers: &[u8], me: u8) -> Result<Vec<u8>, Abort> {
        let mut sorted = signers.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let exact = signers.len() == usize::from(self.threshold) && sorted.len() == signers.len();
        let known = sorted.iter().all(|signer| self.parties.contains(signer));
        if exact && known && sorted.contains(&me) { Ok(sorted) } else { Err(Abort::failed("signers")) }
    }
}

/// One party's share of a key. No `Clone`; wiped on drop.
pub struct KeyShare {
    pub(crate) public: KeyPublic,
    pub(crate) me: u8,
    /// f(me), in the curve's byte order.
    pub(crate) secret: Secret<32>,
    /// The OT set-up of DKLs23; for secp256k1 only.
    pub(crate) setup: Option<Setup>,
}

impl KeyShare {
    /// The public part.
    #[must_use]
    pub fn public(&self) -> &KeyPublic {
        &self.public
    }

    /// Index of the holder.
    #[must_use]
    pub fn me(&self) -> u8 {
        self.me
    }

    /// Refuses a share of the other curve.
    pub(crate) fn require(&self, curve: Curve) -> Result<(), Abort> {
        if self.public.curve == curve { Ok(()) } else { Err(Abort::failed("curve")) }
    }

    /// The share as a scalar.
    pub(crate) fn scalar<G: Group>(&self) -> Result<zeroize::Zeroizing<G::Scalar>, Abort> {
        let scalar = self.secret.expose(G::decode_scalar).map_err(|_| Abort::failed("share"))?;
        Ok(zeroize::Zeroizing::new(scalar))
    }

    /// Own share times the generator equals the own public share.
    pub(crate) fn check_own<G: Group>(&self) -> Result<(), Abort> {
        let own = G::encode_point(&G::mul_generator(&*self.scalar::<G>()?));
        let known = self.public.public_shares.get(&self.me);
        if known == Some(&own) { Ok(()) } else { Err(Abort::failed("share")) }
    }
}

impl fmt::Debug for KeyShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyShare").field("public", &self.public).field("me", &self.me).finish_non_exhaustive()
    }
}
