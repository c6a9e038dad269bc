//! What the types promise: nothing printed, exact lengths, an erased entry is gone.

use quorate_secret::{Kind, Secret, SecretBytes, Vault, VaultError, WrongLength, random};

#[test]
fn debug_prints_no_byte() {
    let secret = Secret::from_slice(&[0x41; 4]).map(|s: Secret<4>| format!("{s:?}"));
    assert_eq!(secret, Ok("Secret<4>(redacted)".to_owned()));
    assert_eq!(format!("{:?}", SecretBytes::from_slice(b"AAAA")), "SecretBytes(redacted)");
}

#[test]
fn equality_and_lengths() {
    let one = SecretBytes::from_slice(b"same");
    assert_eq!(one, SecretBytes::from_slice(b"same"));
    assert_ne!(one, SecretBytes::from_slice(b"other"));
    assert_eq!(Secret::<3>::from_slice(b"four").err(), Some(WrongLength));
    let mut source = [7u8; 8];
    let taken = Secret::take(&mut source);
    assert_eq!(source, [0; 8], "the source is wiped");
    assert!(taken.expose(|bytes| bytes == &[7; 8]));
}

#[test]
fn randomness_differs_each_time() {
    let draws: std::collections::BTreeSet<[u8; 16]> = (0..64).map(|_| random().unwrap()).collect();
    assert_eq!(draws.len(), 64);
}

#[test]
fn vault_keeps_and_erases() {
    let mut vault = Vault::new().unwrap();
    eprintln!("vault of {:?}", vault.kind());
    assert!(matches!(vault.kind(), Kind::MemfdSecret | Kind::Locked));
    let big: Vec<u8> = (0..10_000u32).map(|i| i as u8).collect();
    let first = vault.put(SecretBytes::from_slice(&big)).unwrap();
    let second = vault.put(SecretBytes::from_slice(b"")).unwrap();
    assert_eq!(vault.with(first, <[u8]>::to_vec), Ok(big));
    assert_eq!(vault.with(second, <[u8]>::len), Ok(0));
    assert_eq!(vault.erase(first), Ok(()));
    assert_eq!(vault.with(first, <[u8]>::len), Err(VaultError::Unknown));
    assert_eq!(vault.erase(first), Err(VaultError::Unknown));
    let third = vault.put(SecretBytes::from_slice(b"x")).unwrap();
    assert_ne!(first, third, "a handle is never given twice");
    vault.erase_all();
    assert_eq!(vault.with(third, <[u8]>::len), Err(VaultError::Unknown));
}
