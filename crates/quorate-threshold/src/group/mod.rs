//! The two groups behind one interface, so that key generation and derivation are written once.

mod ed25519;
mod secp256k1;

use std::ops::{Add, Mul, Neg};

use zeroize::{Zeroize, Zeroizing};

pub(crate) use ed25519::Ed25519;
pub(crate) use secp256k1::{Secp256k1, decode_affine};

use crate::Abort;
use crate::codec::{Malformed, Reader};

/// A group of prime order with canonical encodings.
pub(crate) trait Group: Send + 'static {
    /// Bytes of an encoded point.
    const POINT_LEN: usize;
    type Scalar: Copy + PartialEq + Zeroize + Send + Add<Output = Self::Scalar> + Mul<Output = Self::Scalar>;
    type Point: Copy + PartialEq + Send + Add<Output = Self::Point> + Neg<Output = Self::Point>;

    fn identity() -> Self::Point;
    /// Uniform from the operating system.
    fn random_scalar() -> Result<Zeroizing<Self::Scalar>, Abort>;
    /// Uniform if the input is.
    fn reduce(wide: &[u8; 64]) -> Self::Scalar;
    fn small(value: u8) -> Self::Scalar;
    fn negate(scalar: &Self::Scalar) -> Self::Scalar;
    /// `None` for zero.
    fn invert(scalar: &Self::Scalar) -> Option<Self::Scalar>;
    /// Constant time.
    fn mul_generator(scalar: &Self::Scalar) -> Self::Point;
    fn mul(point: &Self::Point, scalar: &Self::Scalar) -> Self::Point;
    /// The curve's usual byte order: big endian for secp256k1, little endian for Ed25519.
    fn encode_scalar(scalar: &Self::Scalar) -> [u8; 32];
    /// Refuses values that are not below the group order.
    fn decode_scalar(bytes: &[u8; 32]) -> Result<Self::Scalar, Malformed>;
    fn encode_point(point: &Self::Point) -> Vec<u8>;
    /// Refuses other lengths, points off the curve or outside the prime-order subgroup, the identity, and second encodings.
    fn decode_point(bytes: &[u8]) -> Result<Self::Point, Malformed>;
    /// A point of our own state, which [`Self::decode_point`] has accepted before: spares the subgroup check.
    fn decode_known_point(bytes: &[u8]) -> Result<Self::Point, Malformed> {
        Self::decode_point(bytes)
    }

    fn read_point(reader: &mut Reader<'_>) -> Result<Self::Point, Malformed> {
        Self::decode_point(reader.take(Self::POINT_LEN)?)
    }

    fn read_scalar(reader: &mut Reader<'_>) -> Result<Self::Scalar, Malformed> {
        Self::decode_scalar(&reader.array()?)
    }
}
