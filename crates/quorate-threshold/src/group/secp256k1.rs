//! secp256k1 by k256.

use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::ff::{Field, FromUniformBytes};
use k256::elliptic_curve::group::GroupEncoding;
use k256::{AffinePoint, CompressedPoint, ProjectivePoint, Scalar};
use quorate_secret::Secret;
use zeroize::Zeroizing;

use super::Group;
use crate::Abort;
use crate::codec::Malformed;

pub(crate) struct Secp256k1;

impl Group for Secp256k1 {
    const POINT_LEN: usize = 33;
    type Scalar = Scalar;
    type Point = ProjectivePoint;

    fn identity() -> ProjectivePoint {
        ProjectivePoint::IDENTITY
    }

    fn random_scalar() -> Result<Zeroizing<Scalar>, Abort> {
        let wide = Secret::<64>::random().map_err(|_| Abort::failed("randomness"))?;
        Ok(Zeroizing::new(wide.expose(Scalar::from_uniform_bytes)))
    }

    fn reduce(wide: &[u8; 64]) -> Scalar {
        Scalar::from_uniform_bytes(wide)
    }

    fn small(value: u8) -> Scalar {
        Scalar::from(u32::from(value))
    }

    fn negate(scalar: &Scalar) -> Scalar {
        -*scalar
    }

    fn invert(scalar: &Scalar) -> Option<Scalar> {
        Field::invert(scalar).into_option()
    }

    fn mul_generator(scalar: &Scalar) -> ProjectivePoint {
        ProjectivePoint::mul_by_generator(scalar)
    }

    fn mul(point: &ProjectivePoint, scalar: &Scalar) -> ProjectivePoint {
        *point * scalar
    }

    fn encode_scalar(scalar: &Scalar) -> [u8; 32] {
        scalar.to_repr().into()
    }

    fn decode_scalar(bytes: &[u8; 32]) -> Result<Scalar, Malformed> {
        Scalar::from_repr((*bytes).into()).into_option().ok_or(Malformed)
    }

    fn encode_point(point: &ProjectivePoint) -> Vec<u8> {
        point.to_affine().to_bytes().to_vec()
    }

    fn decode_point(bytes: &[u8]) -> Result<ProjectivePoint, Malformed> {
        decode_affine(bytes).map(ProjectivePoint::from)
    }
}

/// Strictly 33 bytes, on the curve, not the identity. SEC1 also knows a compact form (first byte 05) that the library reads: it would
/// be a second encoding of a point.
pub(crate) fn decode_affine(bytes: &[u8]) -> Result<AffinePoint, Malformed> {
    let bytes = CompressedPoint::try_from(bytes).map_err(|_| Malformed)?;
    let point = AffinePoint::from_bytes(&bytes).into_option().ok_or(Malformed)?;
    if point == AffinePoint::IDENTITY || point.to_bytes() != bytes { Err(Malformed) } else { Ok(point) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_has_one_encoding() {
        let mut bytes = Secp256k1::encode_point(&ProjectivePoint::GENERATOR);
        assert!(decode_affine(&bytes).is_ok());
        for first in (0..=u8::MAX).filter(|first| ![2, 3].contains(first)) {
            bytes[0] = first;
            assert_eq!(decode_affine(&bytes), Err(Malformed), "{first:02x}");
        }
        assert_eq!(decode_affine(&[0; 33]), Err(Malformed), "the identity");
    }
}
