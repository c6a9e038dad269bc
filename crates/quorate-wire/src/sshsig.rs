//! Administrators' signatures: SSHSIG (OpenSSH PROTOCOL.sshsig) with the structure's label as namespace, hash algorithm sha512,
//! key type `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`.

use ssh_key::public::KeyData;
use ssh_key::{HashAlg, PublicKey, SshSig};

use crate::check::{Refusal, ensure};

/// Largest armor, in bytes; an Ed25519 one has about 300.
pub const MAX_ARMOR: usize = 4096;

/// The user-presence bit of a FIDO signature's flags.
const USER_PRESENT: u8 = 0x01;
/// A FIDO signature ends in one byte of flags and a four-byte counter.
const FIDO_TRAILER: usize = 5;

/// An administrator's public key, of one of the two accepted types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshKey(KeyData);

impl SshKey {
    /// Parses `ssh-ed25519 AAAA...` with or without a comment; nothing for another type or form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let key = PublicKey::from_openssh(text).ok()?;
        match key.key_data() {
            KeyData::Ed25519(_) | KeyData::SkEd25519(_) => Some(Self(key.key_data().clone())),
            _ => None,
        }
    }

    /// The raw Ed25519 public key, for uniqueness.
    #[must_use]
    pub fn raw(&self) -> [u8; 32] {
        match &self.0 {
            KeyData::Ed25519(key) => key.0,
            KeyData::SkEd25519(key) => key.public_key().0,
            _ => [0; 32],
        }
    }

    /// Verifies an armored signature over `body` in the namespace `label`.
    ///
    /// # Errors
    /// `check`, with what is wrong.
    pub fn verify(&self, check: &'static str, label: &str, body: &[u8], armor: &str) -> Result<(), Refusal> {
        ensure(check, armor.len() <= MAX_ARMOR, "an armor is at most 4 KiB")?;
        let parsed = SshSig::from_pem(armor).ok();
        ensure(check, parsed.is_some(), "not an SSHSIG armor")?;
        let Some(signature) = parsed else {
            return Ok(()); // reached in an ablation build only
        };
        let plain = signature.version() == SshSig::VERSION && signature.reserved().is_empty();
        ensure(check, plain, "the armor must be version 1 with nothing reserved")?;
        ensure(check, signature.hash_alg() == HashAlg::Sha512, "the hash algorithm must be sha512")?;
        ensure(check, self.user_was_present(&signature), "the security key was not touched")?;
        let key = PublicKey::from(self.0.clone());
        ensure(
            check,
            key.verify(label, body, &signature).is_ok(),
            "the signature is not by this key over these bytes in this namespace",
        )
    }

    fn user_was_present(&self, signature: &SshSig) -> bool {
        if !matches!(self.0, KeyData::SkEd25519(_)) {
            return true;
        }
        let bytes = signature.signature_bytes();
        bytes
            .len()
            .checked_sub(FIDO_TRAILER)
            .and_then(|at| bytes.get(at))
            .is_some_and(|flags| flags & USER_PRESENT != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ssh_key::private::Ed25519Keypair;
    use ssh_key::{LineEnding, PrivateKey};

    fn key(seed: u8) -> PrivateKey {
        PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
    }

    fn public(key: &PrivateKey) -> SshKey {
        SshKey::parse(&key.public_key().to_openssh().unwrap()).unwrap()
    }

    fn armor(key: &PrivateKey, namespace: &str, hash: HashAlg, body: &[u8]) -> String {
        let signature = SshSig::sign(key, namespace, hash, body).unwrap();
        signature.to_pem(LineEnding::LF).unwrap()
    }

    #[test]
    fn one_good_and_every_bad_one() {
        let (alice, mallory) = (key(1), key(2));
        let administrator = public(&alice);
        let good = armor(&alice, "a/v1", HashAlg::Sha512, b"body");
        assert!(administrator.verify("s", "a/v1", b"body", &good).is_ok());
        for (namespace, body, text) in [
            ("a/v2", &b"body"[..], good.clone()),
            ("a/v1", b"bodz", good.clone()),
            ("a/v1", b"body", armor(&alice, "a/v1", HashAlg::Sha256, b"body")),
            ("a/v1", b"body", armor(&mallory, "a/v1", HashAlg::Sha512, b"body")),
            ("a/v1", b"body", String::new()),
            ("a/v1", b"body", "x".repeat(MAX_ARMOR + 1)),
        ] {
            let refused = administrator.verify("s", namespace, body, &text);
            assert_eq!(refused.unwrap_err().check, "s");
        }
    }

    #[test]
    fn other_key_types_are_refused() {
        let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==";
        for text in ["", "ssh-ed25519", "ssh-ed25519 AAAA", rsa] {
            assert!(SshKey::parse(text).is_none());
        }
    }
}
