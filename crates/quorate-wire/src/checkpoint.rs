//! Checkpoints of a signer's log: RFC 9162 consistency proofs, and the C2SP signed note over size and root.

use quorate_secret::Secret;

use crate::check::{Refusal, ensure};
use crate::hash::{Hash, sha256};
use crate::signature::{PublicKey, sign_note};

/// Signature type byte of Ed25519 in signed notes.
const NOTE_ED25519: u8 = 0x01;

/// Name of a signer's log: `quorate/<cluster>/<signer id>`.
#[must_use]
pub fn origin(cluster: &str, signer: &str) -> String {
    format!("quorate/{cluster}/{signer}")
}

/// The signed note over a checkpoint (C2SP tlog-checkpoint, signed-note).
#[must_use]
pub fn signed_note(key: &Secret<32>, public: &PublicKey, origin: &str, size: u64, root: &Hash) -> String {
    let text = format!("{origin}\n{size}\n{}\n", base64(root));
    let mut blob = key_id(origin, public).to_vec();
    blob.extend_from_slice(&sign_note(key, text.as_bytes()));
    format!("{text}\n\u{2014} {origin} {}\n", base64(&blob))
}

/// `SHA-256(name || 0x0A || type || public key)[:4]`
fn key_id(name: &str, public: &PublicKey) -> [u8; 4] {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(&[b'\n', NOTE_ED25519]);
    bytes.extend_from_slice(public);
    let hash = sha256(&bytes);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Standard base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let index = (group >> (18 - 6 * digit)) as usize & 63;
            let padding = digit > chunk.len();
            text.push(if padding { '=' } else { char::from(ALPHABET[index]) });
        }
    }
    text
}

/// Verifies that the tree of `size` leaves with `root` extends the one of `old_size` with `old_root` (RFC 9162, 2.1.4.2).
///
/// # Errors
/// `checkpoint_rollback` for a smaller tree, `checkpoint_consistency` for a proof that does not hold.
pub fn ensure_consistent(
    (old_size, old_root): (u64, &Hash),
    (size, root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), Refusal> {
    ensure(
        "checkpoint_rollback",
        size >= old_size,
        format_args!("the log had {old_size} entries at the last checkpoint and has {size} now"),
    )?;
    let consistent = if old_size == 0 || old_size == size {
        proof.is_empty() && (old_size == 0 || old_root == root)
    } else {
        proves(old_size, old_root, size, root, proof)
    };
    ensure("checkpoint_consistency", consistent, "the log is not an extension of the one signed last")
}

fn proves(old_size: u64, old_root: &Hash, size: u64, root: &Hash, proof: &[Hash]) -> bool {
    // A complete old tree is itself the first node of the path.
    let mut path = proof.iter();
    let start = if old_size.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(start) = start else { return false };
    let (mut old_node, mut node) = (old_size - 1, size.saturating_sub(1));
    while old_node & 1 == 1 {
        old_node >>= 1;
        node >>= 1;
    }
    let (mut old_hash, mut hash) = (*start, *start);
    for sibling in path {
        if node == 0 {
            return false;
        }
        if old_node & 1 == 1 || old_node == node {
            old_hash = parent(sibling, &old_hash);
            hash = parent(sibling, &hash);
            while old_node & 1 == 0 && old_node != 0 {
                old_node >>= 1;
                node >>= 1;
            }
        } else {
            hash = parent(&hash, sibling);
        }
        old_node >>= 1;
        node >>= 1;
    }
    node == 0 && old_hash == *old_root && hash == *root
}

/// `SHA-256(0x01 || left || right)`
fn parent(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    sha256(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::public_key;

    fn leaves(n: u64) -> Vec<Hash> {
        let leaf = |i: u64| sha256(&[&[0][..], &i.to_be_bytes()].concat());
        (0..n).map(leaf).collect()
    }

    fn split(n: usize) -> usize {
        n.next_power_of_two() / 2
    }

    fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(b""),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                parent(&root(left), &root(right))
            }
        }
    }

    /// RFC 9162, 2.1.4.1: SUBPROOF(m, D_n, b).
    fn proof(m: usize, leaves: &[Hash], complete: bool) -> Vec<Hash> {
        if m == leaves.len() {
            return if complete { vec![] } else { vec![root(leaves)] };
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        if m <= k {
            let mut path = proof(m, left, complete);
            path.push(root(right));
            path
        } else {
            let mut path = proof(m - k, right, false);
            path.push(root(left));
            path
        }
    }

    #[test]
    fn every_pair_of_sizes_up_to_33() {
        let all = leaves(33);
        let mut proofs = 0;
        for n in 1..=33 {
            for m in 1..=n {
                let (old, new) = (root(&all[..m]), root(&all[..n]));
                let good = proof(m, &all[..n], true);
                let check = |old: &Hash, new: &Hash, proof: &[Hash]| {
                    ensure_consistent((m as u64, old), (n as u64, new), proof)
                };
                assert!(check(&old, &new, &good).is_ok(), "{m} -> {n}");
                assert!(check(&[0; 32], &new, &good).is_err(), "{m} -> {n}");
                assert!(check(&old, &[0; 32], &good).is_err(), "{m} -> {n}");
                assert!(check(&old, &new, &[&good[..], &[old]].concat()).is_err());
                if let Some((_, shorter)) = good.split_last() {
                    assert!(check(&old, &new, shorter).is_err());
                }
                proofs += 1;
            }
        }
        assert_eq!(proofs, 33 * 34 / 2);
    }

    #[test]
    fn a_smaller_tree_is_a_rollback() {
        let refused = ensure_consistent((2, &[0; 32]), (1, &[0; 32]), &[]).unwrap_err();
        assert_eq!(refused.check, "checkpoint_rollback");
        assert!(ensure_consistent((0, &[9; 32]), (5, &[1; 32]), &[]).is_ok());
        assert!(ensure_consistent((0, &[9; 32]), (5, &[1; 32]), &[[0; 32]]).is_err());
    }

    #[test]
    fn the_note_has_the_form_of_c2sp() {
        let key = Secret::random().unwrap();
        let note = signed_note(&key, &public_key(&key), "quorate/ab/s", 7, &[0; 32]);
        let lines: Vec<&str> = note.split('\n').collect();
        assert_eq!(lines[..2], ["quorate/ab/s", "7"]);
        assert_eq!(lines[2], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert_eq!(lines[3], "");
        assert!(lines[4].starts_with("\u{2014} quorate/ab/s "));
        assert_eq!((lines.len(), lines[5]), (6, ""));
    }

    #[test]
    fn base64_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
