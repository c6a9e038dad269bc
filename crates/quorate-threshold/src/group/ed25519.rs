//! The prime-order subgroup of Ed25519 by curve25519-dalek.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, IsIdentity};
use quorate_secret::Secret;
use zeroize::Zeroizing;

use super::Group;
use crate::Abort;
use crate::codec::Malformed;

pub(crate) struct Ed25519;

impl Group for Ed25519 {
    const POINT_LEN: usize = 32;
    type Scalar = Scalar;
    type Point = EdwardsPoint;

    fn identity() -> EdwardsPoint {
        EdwardsPoint::identity()
    }

    fn random_scalar() -> Result<Zeroizing<Scalar>, Abort> {
        let wide = Secret::<64>::random().map_err(|_| Abort::failed("randomness"))?;
        Ok(Zeroizing::new(wide.expose(Scalar::from_bytes_mod_order_wide)))
    }

    fn reduce(wide: &[u8; 64]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(wide)
    }

    fn small(value: u8) -> Scalar {
        Scalar::from(value)
    }

    fn negate(scalar: &Scalar) -> Scalar {
        -scalar
    }

    fn invert(scalar: &Scalar) -> Option<Scalar> {
        if *scalar == Scalar::ZERO { None } else { Some(scalar.invert()) }
    }

    fn mul_generator(scalar: &Scalar) -> EdwardsPoint {
        EdwardsPoint::mul_base(scalar)
    }

    fn mul(point: &EdwardsPoint, scalar: &Scalar) -> EdwardsPoint {
        point * scalar
    }

    fn encode_scalar(scalar: &Scalar) -> [u8; 32] {
        scalar.to_bytes()
    }

    fn decode_scalar(bytes: &[u8; 32]) -> Result<Scalar, Malformed> {
        Scalar::from_canonical_bytes(*bytes).into_option().ok_or(Malformed)
    }

    fn encode_point(point: &EdwardsPoint) -> Vec<u8> {
        point.compress().to_bytes().to_vec()
    }

    fn decode_point(bytes: &[u8]) -> Result<EdwardsPoint, Malformed> {
        let encoded = CompressedEdwardsY::from_slice(bytes).map_err(|_| Malformed)?;
        let point = encoded.decompress().ok_or(Malformed)?;
        let canonical = point.compress() == encoded;
        if canonical && point.is_torsion_free() && !point.is_identity() { Ok(point) } else { Err(Malformed) }
    }

    fn decode_known_point(bytes: &[u8]) -> Result<EdwardsPoint, Malformed> {
        CompressedEdwardsY::from_slice(bytes).ok().and_then(|bytes| bytes.decompress()).ok_or(Malformed)
    }
}
