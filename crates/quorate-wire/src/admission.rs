//! Admission (docs/spec/admission.md): what the keeper signs; it never reads one.

use crate::canonical::{encode, hex_text, object, or_null};
use crate::check::{Refusal, ensure};
use crate::hash::Hash;
use crate::identifier::{ensure_printable, is_printable};

/// A signer's receipt that it saw the requester's evidence fresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub cluster: String,
    pub signer: String,
    pub incarnation: u32,
    pub intent: Hash,
    pub user: String,
    pub token_nonce: String,
    pub external_id: Option<String>,
    pub time_ms: u64,
}

impl Admission {
    /// # Errors
    /// `identifier` if a text is not printable ASCII of 1..255 characters.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        ensure_printable(&self.user, "user")?;
        ensure_printable(&self.token_nonce, "token_nonce")?;
        ensure(
            "identifier",
            self.external_id.as_deref().is_none_or(is_printable),
            "external_id is not printable ASCII of 1 to 255 characters",
        )?;
        Ok(encode(&object([
            ("cluster", self.cluster.clone().into()),
            ("signer", self.signer.clone().into()),
            ("incarnation", self.incarnation.into()),
            ("intent", hex_text(&self.intent)),
            ("user", self.user.clone().into()),
            ("token_nonce", self.token_nonce.clone().into()),
            ("external_id", or_null(self.external_id.clone())),
            ("time_ms", self.time_ms.into()),
        ])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Admission {
        Admission {
            cluster: "ab".repeat(16),
            signer: "signer-1".into(),
            incarnation: 3,
            intent: [7; 32],
            user: "user-1".into(),
            token_nonce: "n".into(),
            external_id: None,
            time_ms: 5,
        }
    }

    #[test]
    fn canonical_bytes() {
        let text = String::from_utf8(sample().to_bytes().unwrap()).unwrap();
        let wanted = format!(
            r#"{{"cluster":"{}","external_id":null,"incarnation":3,"intent":"{}","signer":"signer-1","time_ms":5,"token_nonce":"n","user":"user-1"}}"#,
            "ab".repeat(16),
            "07".repeat(32)
        );
        assert_eq!(text, wanted);
    }

    #[test]
    fn texts_are_bounded() {
        let mut admission = sample();
        admission.external_id = Some(String::new());
        assert_eq!(admission.to_bytes().unwrap_err().check, "identifier");
        admission = sample();
        admission.user = "\n".into();
        assert_eq!(admission.to_bytes().unwrap_err().check, "identifier");
    }
}
