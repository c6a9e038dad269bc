//! Canonical encodings of the crate's group elements: points 33 bytes compressed, never the identity; scalars 32 bytes, below
//! the order.

use k256::elliptic_curve::group::GroupEncoding;
use k256::{AffinePoint, Scalar};

use crate::codec::{Malformed, Reader};
use crate::group::{Group, Secp256k1, decode_affine};

pub(crate) const POINT: usize = 33;
pub(crate) const SCALAR: usize = 32;

pub(crate) fn put_point(bytes: &mut Vec<u8>, point: &AffinePoint) {
    bytes.extend_from_slice(&point.to_bytes());
}

pub(crate) fn put_scalar(bytes: &mut Vec<u8>, scalar: &Scalar) {
    bytes.extend_from_slice(&Secp256k1::encode_scalar(scalar));
}

pub(crate) fn read_point(reader: &mut Reader<'_>) -> Result<AffinePoint, Malformed> {
    decode_affine(reader.take(POINT)?)
}

pub(crate) fn read_scalar(reader: &mut Reader<'_>) -> Result<Scalar, Malformed> {
    Secp256k1::read_scalar(reader)
}
