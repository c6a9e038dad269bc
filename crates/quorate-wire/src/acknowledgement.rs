//! Acknowledgement (docs/spec/acknowledgement.md): a charter version and these freezes are in force at this signer.

use crate::canonical::{encode, hex_text, object};
use crate::freeze::FreezeState;
use crate::hash::Hash;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    pub cluster: String,
    pub signer: String,
    pub version: u64,
    pub charter: Hash,
    pub freezes: FreezeState,
    pub incarnation: u32,
    pub time_ms: u64,
}

impl Acknowledgement {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&object([
            ("cluster", self.cluster.clone().into()),
            ("signer", self.signer.clone().into()),
            ("version", self.version.into()),
            ("charter", hex_text(&self.charter)),
            ("freeze_count", self.freezes.count.into()),
            ("freeze_hash", hex_text(&self.freezes.hash)),
            ("incarnation", self.incarnation.into()),
            ("time_ms", self.time_ms.into()),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_bytes() {
        let acknowledgement = Acknowledgement {
            cluster: "ab".repeat(16),
            signer: "s".into(),
            version: 1,
            charter: [1; 32],
            freezes: FreezeState::default(),
            incarnation: 1,
            time_ms: 2,
        };
        let text = String::from_utf8(acknowledgement.to_bytes()).unwrap();
        assert!(text.starts_with(r#"{"charter":"0101"#), "{text}");
        assert!(text.contains(r#""freeze_count":0,"freeze_hash":"e3b0c442"#));
    }
}
