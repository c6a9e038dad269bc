//! What differs between the suites, and how a root key's shares become shares of the key that signs.

use frost_core::Ciphersuite;
use zeroize::Zeroizing;

use crate::group::Group;
use crate::hd::{Derive, Node};
use crate::rounds::Kind;
use crate::{Abort, Curve};

/// A ciphersuite of FROST, on one of our curves.
pub(crate) trait Suite: Ciphersuite {
    type Group: Derive;
    const CURVE: Curve;
    const KIND: Kind;
    /// Hiding then binding point, encoded.
    type Commitments: Copy + PartialEq + AsRef<[u8]> + for<'a> TryFrom<&'a [u8]>;
    type Signature: Send + 'static;

    /// The key that signs at `path`, whose child is given. The path alone decides what is done to it.
    fn moved(
        child: &Node<<Self as Suite>::Group>,
        path: &[u32],
    ) -> Result<Moved<<Self as Suite>::Group>, Abort>;

    /// Verified once more, by a library that is not the protocol's own, before it counts as a signature. `key` is encoded as
    /// the suite does it.
    fn verified(key: &[u8], message: &[u8], signature: &[u8]) -> Result<Self::Signature, Abort>;
}

/// The key that signs, as its root key was moved: secret = ±root + offset. Done to every share and every public share of the
/// root, the same gives shares of the key that signs. All of it is public.
pub(crate) struct Moved<G: Group> {
    negated: bool,
    offset: G::Scalar,
    pub(crate) key: G::Point,
}

impl<G: Group> Moved<G> {
    /// The child itself: root + tweak.
    pub(crate) fn to_child(child: &Node<G>) -> Self {
        Self { negated: false, offset: child.tweak, key: child.point }
    }

    /// The other sign of y.
    pub(crate) fn negate(self) -> Self {
        Self { negated: !self.negated, offset: G::negate(&self.offset), key: -self.key }
    }

    pub(crate) fn plus(self, scalar: G::Scalar) -> Self {
        Self { offset: self.offset + scalar, key: self.key + G::mul_generator(&scalar), ..self }
    }

    /// A share of the root's secret.
    pub(crate) fn share(&self, root: &G::Scalar) -> Zeroizing<G::Scalar> {
        let signed = Zeroizing::new(if self.negated { G::negate(root) } else { *root });
        Zeroizing::new(*signed + self.offset)
    }

    /// Public shares of the root.
    pub(crate) fn public_shares(&self, roots: &[G::Point]) -> Vec<G::Point> {
        let offset = G::mul_generator(&self.offset);
        let moved = |root: &G::Point| (if self.negated { -*root } else { *root }) + offset;
        roots.iter().map(moved).collect()
    }
}
