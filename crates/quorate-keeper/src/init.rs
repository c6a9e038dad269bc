//! `quorate-keeper init`: makes a signer's root key and identity and prints what the judge keeps and what is public.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quorate_secret::Secret;
use quorate_wire::canonical::{hex_text, object};
use quorate_wire::charter::Mode;
use quorate_wire::identifier::ensure_id;
use quorate_wire::{Refusal, ensure};
use serde_json::Value;

use crate::blobs::{self, Context, no_randomness};
use crate::identity::Identity;
use crate::seal::{self, SealBackend};
use crate::state::State;

/// Makes a new signer. Public keys and sealed blobs only: the document holds no secret in the clear.
///
/// # Errors
/// `identifier`; `mode` for a key-file seal in production; `randomness`.
pub fn init(backend: &dyn SealBackend, signer: &str, mode: Mode) -> Result<Value, Refusal> {
    ensure_id(signer, "--signer")?;
    ensure("mode", mode == Mode::Dev || !backend.is_dev_only(), "a key file seals only signers of mode dev")?;
    let root: Secret<32> = Secret::random().map_err(no_randomness)?;
    let identity = Identity::generate()?;
    let public = identity.public();
    let state = State { mode: Some(mode), ..State::default() };
    let blob = |name: &str, content: &[u8]| {
        let context = Context { signer, name, cluster: None };
        blobs::seal(&root, &context, content).map(|sealed| Value::String(STANDARD.encode(sealed)))
    };
    Ok(object([
        ("signer", signer.into()),
        ("vote_key", hex_text(&public.vote)),
        ("log_key", hex_text(&public.log)),
        ("envelope_key", hex_text(&public.envelope)),
        ("seal", backend.kind().into()),
        ("mode", mode.word().into()),
        (
            "blobs",
            object([
                (blobs::SEAL, STANDARD.encode(seal::wrap(backend, signer, &root)?).into()),
                (blobs::IDENTITY, identity.to_bytes().expose(|keys| blob(blobs::IDENTITY, keys))?),
                (blobs::STATE, blob(blobs::STATE, &state.to_bytes())?),
            ]),
        ),
    ]))
}
