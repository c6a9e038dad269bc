//! Seal by a key file, for trying out (`mode: dev`): 32 random bytes in hexadecimal, readable by the owner only.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use quorate_secret::Secret;
use quorate_wire::{Refusal, ensure};
use zeroize::Zeroizing;

use super::SealBackend;
use crate::blobs::no_randomness;

const DIGITS: usize = 64;

/// The key itself wraps the root key.
pub struct KeyFile(Secret<32>);

impl KeyFile {
    #[must_use]
    pub fn from_key(key: Secret<32>) -> Self {
        Self(key)
    }

    /// Makes a new file; an existing one is never overwritten.
    ///
    /// # Errors
    /// `key_file`, `randomness`.
    pub fn create(path: &Path) -> Result<Self, Refusal> {
        let failed =
            |error| Refusal::new("key_file", format_args!("cannot create {}: {error}", path.display()));
        let key: Secret<32> = Secret::random().map_err(no_randomness)?;
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        let mut text = Zeroizing::new([0; DIGITS]);
        let encoded = key.expose(|key| hex::encode_to_slice(key, text.as_mut_slice()));
        ensure("key_file", encoded.is_ok(), "cannot encode the key")?;
        file.write_all(text.as_slice()).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(Self(key))
    }

    /// Reads a file made by [`KeyFile::create`].
    ///
    /// # Errors
    /// `key_file` if others may read it, it is not ours, or it has another form.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let failed =
            |error| Refusal::new("key_file", format_args!("cannot read {}: {error}", path.display()));
        let mut file = OpenOptions::new().read(true).open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        ensure(
            "key_file",
            about.is_file() && about.mode() & 0o077 == 0,
            format_args!("{} may be read by others; it must have mode 0600", path.display()),
        )?;
        let mut text = Zeroizing::new(Vec::with_capacity(DIGITS + 2));
        Read::by_ref(&mut file).take(DIGITS as u64 + 2).read_to_end(&mut text).map_err(failed)?;
        let digits = text.strip_suffix(b"\n").unwrap_or(&text);
        Secret::build(|key| hex::decode_to_slice(digits, key)).map(Self).map_err(|_| {
            Refusal::new("key_file", format_args!("{} does not hold 64 hexadecimal digits", path.display()))
        })
    }
}

impl SealBackend for KeyFile {
    fn kind(&self) -> &'static str {
        "key-file"
    }

    fn is_dev_only(&self) -> bool {
        true
    }

    fn new_parameters(&self) -> Result<Vec<u8>, Refusal> {
        Ok(Vec::new())
    }

    fn wrapping_key(&self, parameters: &[u8]) -> Result<Secret<32>, Refusal> {
        ensure("seal_form", parameters.is_empty(), "a key file has no parameters")?;
        self.0
            .expose(|key| Secret::from_slice(key))
            .map_err(|_| Refusal::new("seal_form", "wrong key length"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn create_open_and_refuse() {
        let folder = std::env::temp_dir().join(format!("quorate-key-file-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("key");
        let made = KeyFile::create(&path).unwrap();
        assert!(KeyFile::open(&path).unwrap().0 == made.0);
        assert!(KeyFile::create(&path).is_err(), "never overwritten");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(KeyFile::open(&path).is_err(), "readable by the group");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "00").unwrap();
        assert!(KeyFile::open(&path).is_err(), "too short");
        assert!(KeyFile::open(&folder.join("none")).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
