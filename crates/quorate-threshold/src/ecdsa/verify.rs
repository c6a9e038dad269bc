//! Nothing leaves as a signature that was not verified here, by k256 and not by the protocol's own code.

use k256::AffinePoint;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use k256::elliptic_curve::group::GroupEncoding;
use k256::elliptic_curve::scalar::IsHigh;

use super::EcdsaSignature;
use crate::Abort;

/// Checks range, validity under the child key (`signature`), low s (`low_s`) and the recovery id (`recovery`).
pub(crate) fn verified(
    digest: &[u8; 32],
    public_key: &AffinePoint,
    r: &str,
    s: &str,
    recovery_id: u8,
) -> Result<EcdsaSignature, Abort> {
    let invalid = Abort::failed("signature");
    let mut r_s = [0; 64];
    hex::decode_to_slice([r, s].concat(), &mut r_s).map_err(|_| invalid.clone())?;
    let signature = Signature::from_slice(&r_s).map_err(|_| invalid.clone())?;
    let key = VerifyingKey::from_affine(*public_key).map_err(|_| invalid.clone())?;
    key.verify_prehash(digest, &signature).map_err(|_| invalid)?;
    if bool::from(signature.s().is_high()) {
        return Err(Abort::failed("low_s"));
    }
    let recovery = RecoveryId::from_byte(recovery_id).ok_or(Abort::failed("recovery"))?;
    match VerifyingKey::recover_from_prehash(digest, &signature, recovery) {
        Ok(recovered) if recovered == key => {}
        _ => return Err(Abort::failed("recovery")),
    }
    Ok(EcdsaSignature { r_s, recovery_id, public_key: public_key.to_bytes().into() })
}
