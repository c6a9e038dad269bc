use crate::{Abort, Curve, KeyShare, Protocol, Step};

/// A key generation of one party.
pub struct Keygen {}

/// Prepares a key generation; bad parameters are reported by `start`.
#[must_use]
pub fn keygen(
    _curve: Curve,
    _session: [u8; 32],
    _me: u8,
    _parties: &[u8],
    _threshold: u8,
) -> Keygen {
    todo!()
}

impl Protocol for Keygen {
    type Output = KeyShare;
    fn start(&mut self) -> Result<Step<KeyShare>, Abort> {
        todo!()
    }
    fn receive(&mut self, _from: u8, _payload: &[u8]) -> Result<Step<KeyShare>, Abort> {
        todo!()
    }
}
