//! Non-hardened derivation of child keys from public data (docs/spec/key-certificate.md).
//!
//! secp256k1: BIP32 CKDpub. Ed25519: `h = HMAC-SHA512(chain code, A || 0x00 || be32(i))`, child
//! `A' = A + (int_be(h[0..32]) mod L)·B`, child chain code `h[32..64]`. The tweaks add up along a path: child secret = root
//! secret + tweak, so adding the tweak to every Shamir share shares the child secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

use crate::group::{Ed25519, Group, Secp256k1};
use crate::{Abort, Curve};

/// Longest path.
pub const MAX_DEPTH: usize = 10;
/// Indices from here on are hardened in BIP32 and refused.
pub const HARDENED: u32 = 1 << 31;

/// A derived key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Encoded like the root: 33 bytes SEC1 compressed, or 32 bytes.
    pub public_key: Vec<u8>,
    /// Chain code of the child.
    pub chain_code: [u8; 32],
    /// Child secret minus root secret, modulo the group order; big endian for secp256k1, little endian for Ed25519.
    pub tweak: [u8; 32],
}

/// Derives along a path of at most [`MAX_DEPTH`] indices below 2^31; the empty path gives the root itself.
///
/// # Errors
/// [`Abort::Failed`]: `hd_path` for a bad path, `hd_key` for a malformed root, `hd_child` for an index without a key (probability
/// 2^-127).
pub fn derive(curve: Curve, public_key: &[u8], chain_code: &[u8; 32], path: &[u32]) -> Result<Child, Abort> {
    match curve {
        Curve::Secp256k1 => encoded::<Secp256k1>(public_key, chain_code, path),
        Curve::Ed25519 => encoded::<Ed25519>(public_key, chain_code, path),
    }
}

fn encoded<G: Derive>(public_key: &[u8], chain_code: &[u8; 32], path: &[u32]) -> Result<Child, Abort> {
    let root = G::decode_point(public_key).map_err(|_| Abort::failed("hd_key"))?;
    let node = derive_node::<G>(&root, chain_code, path)?;
    Ok(Child {
        public_key: G::encode_point(&node.point),
        chain_code: node.chain_code,
        tweak: G::encode_scalar(&node.tweak),
    })
}

/// A derived key, decoded.
pub(crate) struct Node<G: Group> {
    pub(crate) point: G::Point,
    pub(crate) chain_code: [u8; 32],
    pub(crate) tweak: G::Scalar,
}

/// [`derive`] for one group.
pub(crate) fn derive_node<G: Derive>(
    root: &G::Point,
    chain_code: &[u8; 32],
    path: &[u32],
) -> Result<Node<G>, Abort> {
    if path.len() > MAX_DEPTH || path.iter().any(|index| *index >= HARDENED) {
        return Err(Abort::failed("hd_path"));
    }
    let mut node = Node { point: *root, chain_code: *chain_code, tweak: G::small(0) };
    for index in path {
        let (left, right) = hash::<G>(&node, *index)?;
        let tweak = G::tweak(&left).ok_or(Abort::failed("hd_child"))?;
        node.point = node.point + G::mul_generator(&tweak);
        node.tweak = node.tweak + tweak;
        node.chain_code = right;
        if node.point == G::identity() {
            return Err(Abort::failed("hd_child"));
        }
    }
    Ok(node)
}

fn hash<G: Derive>(parent: &Node<G>, index: u32) -> Result<([u8; 32], [u8; 32]), Abort> {
    let mut mac =
        Hmac::<Sha512>::new_from_slice(&parent.chain_code).map_err(|_| Abort::failed("hd_child"))?;
    mac.update(&G::encode_point(&parent.point));
    mac.update(G::SEPARATOR);
    mac.update(&index.to_be_bytes());
    let hash: [u8; 64] = mac.finalize().into_bytes().into();
    let (left, right) = hash.split_first_chunk::<32>().ok_or(Abort::failed("hd_child"))?;
    Ok((*left, right.try_into().map_err(|_| Abort::failed("hd_child"))?))
}

/// What differs between the curves.
pub(crate) trait Derive: Group {
    /// Stands between the parent key and the index.
    const SEPARATOR: &'static [u8];
    /// The left half of the hash as a scalar; `None` if there is no such child.
    fn tweak(left: &[u8; 32]) -> Option<Self::Scalar>;
}

impl Derive for Secp256k1 {
    const SEPARATOR: &'static [u8] = &[];

    /// BIP32: a left half that is not below the group order has no child.
    fn tweak(left: &[u8; 32]) -> Option<Self::Scalar> {
        Self::decode_scalar(left).ok()
    }
}

impl Derive for Ed25519 {
    const SEPARATOR: &'static [u8] = &[0];

    fn tweak(left: &[u8; 32]) -> Option<Self::Scalar> {
        let mut wide = [0; 64];
        for (to, from) in wide.iter_mut().zip(left.iter().rev()) {
            *to = *from;
        }
        Some(Self::reduce(&wide))
    }
}
