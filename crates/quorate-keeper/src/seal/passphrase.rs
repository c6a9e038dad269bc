//! Seal by passphrase: Argon2id (RFC 9106). Typed on the terminal or read from an inherited descriptor; never an argument.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

use argon2::{Algorithm, Argon2, Params, Version};
use quorate_secret::{Secret, SecretBytes, random};
use quorate_wire::binary::{Reader, Writer};
use quorate_wire::{Refusal, ensure};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::SealBackend;
use crate::blobs::no_randomness;

/// Second recommended parameters of RFC 9106, 4: 64 MiB, 3 passes; one lane, because the keeper has one thread.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// The longest passphrase, in bytes.
const MAX_LENGTH: usize = 1024;
/// The shortest one that `init` takes.
const MIN_LENGTH: usize = 8;

/// A passphrase, kept until the judge has brought the seal blob.
pub struct Passphrase(SecretBytes);

impl Passphrase {
    /// # Errors
    /// `passphrase` if it is empty or above 1024 bytes.
    pub fn new(passphrase: SecretBytes) -> Result<Self, Refusal> {
        ensure(
            "passphrase",
            (1..=MAX_LENGTH).contains(&passphrase.len()),
            "a passphrase has 1 to 1024 bytes",
        )?;
        Ok(Self(passphrase))
    }

    /// # Errors
    /// `passphrase` if it is too short for a new seal.
    pub fn ensure_strong(&self) -> Result<(), Refusal> {
        ensure(
            "passphrase",
            self.0.len() >= MIN_LENGTH,
            "a new passphrase has at least 8 bytes; six random words are a good one",
        )
    }

    /// Reads the first line of a pipe or file.
    ///
    /// # Errors
    /// `passphrase`.
    pub fn read_from(mut input: impl Read) -> Result<Self, Refusal> {
        let failed = |error| Refusal::new("passphrase", format_args!("cannot read it: {error}"));
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LENGTH + 1));
        // One byte at a time: a buffered reader would leave a copy behind, and read past the line.
        let mut byte = Zeroizing::new([0]);
        while line.len() <= MAX_LENGTH && input.read(byte.as_mut_slice()).map_err(failed)? == 1 {
            if byte[0] == b'\n' {
                break;
            }
            line.push(byte[0]);
        }
        Self::new(SecretBytes::from_slice(&line))
    }

    /// Asks on the terminal, without echo; twice if `confirm`.
    ///
    /// # Errors
    /// `passphrase` without a terminal, or if the two differ.
    pub fn ask(signer: &str, confirm: bool) -> Result<Self, Refusal> {
        let failed = |_| {
            Refusal::new("passphrase", "no terminal to ask on")
                .hint("give the passphrase with --passphrase-fd")
        };
        let tty = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(failed)?;
        let first = prompt(&tty, &format!("Passphrase of {signer}: "))?;
        if confirm {
            let second = prompt(&tty, "Once more: ")?;
            ensure("passphrase", first.0 == second.0, "the two passphrases differ")?;
        }
        Ok(first)
    }
}

fn prompt(mut tty: &File, text: &str) -> Result<Passphrase, Refusal> {
    let failed = |error: std::io::Error| Refusal::new("passphrase", format_args!("terminal: {error}"));
    let shown = tcgetattr(tty).map_err(|error| failed(error.into()))?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tty.write_all(text.as_bytes()).map_err(failed)?;
    tcsetattr(tty, OptionalActions::Flush, &hidden).map_err(|error| failed(error.into()))?;
    let passphrase = Passphrase::read_from(tty);
    let restored = tcsetattr(tty, OptionalActions::Now, &shown);
    tty.write_all(b"\n").map_err(failed)?;
    restored.map_err(|error| failed(error.into()))?;
    passphrase
}

impl SealBackend for Passphrase {
    fn kind(&self) -> &'static str {
        "passphrase"
    }

    fn is_dev_only(&self) -> bool {
        false
    }

    fn new_parameters(&self) -> Result<Vec<u8>, Refusal> {
        let salt: [u8; 16] = random().map_err(no_randomness)?;
        let mut out = Writer::new();
        out.u32(MEMORY_KIB).u32(PASSES).u32(LANES).raw(&salt);
        Ok(out.bytes())
    }

    fn wrapping_key(&self, parameters: &[u8]) -> Result<Secret<32>, Refusal> {
        let mut input = Reader::new(parameters, "seal_form");
        let (memory, passes, lanes) = (input.u32()?, input.u32()?, input.u32()?);
        let salt: [u8; 16] = input.array()?;
        input.end()?;
        let bounded = (MEMORY_KIB / 4..=MEMORY_KIB * 4).contains(&memory)
            && (1..=16).contains(&passes)
            && (1..=4).contains(&lanes);
        ensure("seal_form", bounded, "the costs of the seal are out of range")?;
        let failed = |_| Refusal::new("seal_form", "Argon2id refused its parameters");
        let params = Params::new(memory, passes, lanes, Some(32)).map_err(failed)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Secret::build(|key| self.0.expose(|text| argon.hash_password_into(text, &salt, key))).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_passphrase() {
        let read = |text: &[u8]| Passphrase::read_from(text);
        read(b"correct horse\nrest").unwrap().0.expose(|text| assert_eq!(text, b"correct horse"));
        assert!(read(b"").is_err());
        assert!(read(b"\n").is_err());
        assert!(read(&[b'x'; MAX_LENGTH + 1]).is_err());
        assert!(read(b"short").unwrap().ensure_strong().is_err());
    }

    #[test]
    fn costs_out_of_range_are_refused_before_they_are_paid() {
        let seal = Passphrase::read_from(&b"correct horse"[..]).unwrap();
        for (memory, passes, lanes) in [(u32::MAX, 3, 1), (64 * 1024, 1000, 1), (8, 3, 1), (64 * 1024, 0, 1)]
        {
            let mut out = Writer::new();
            out.u32(memory).u32(passes).u32(lanes).raw(&[0; 16]);
            let refused = seal.wrapping_key(&out.bytes()).unwrap_err();
            assert_eq!(refused.check, "seal_form");
        }
    }
}
