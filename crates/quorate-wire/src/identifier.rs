//! Forms of identifiers and of the text values inside structures.

use crate::check::{Refusal, ensure};

/// Longest text that a structure may carry where nothing shorter is said (a PEM certificate), in bytes.
pub const MAX_TEXT: usize = 16 * 1024;

/// `[a-z0-9][a-z0-9-]{0,31}`: signer, administrator and key ids.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    (1..=32).contains(&bytes.len())
        && letter(bytes[0])
        && bytes.iter().all(|&byte| letter(byte) || byte == b'-')
}

/// Printable ASCII of 1 to 255 characters: API user ids, external ids, token nonces.
#[must_use]
pub fn is_printable(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// A non-negative decimal integer without sign or leading zeros, below 2^256.
#[must_use]
pub fn is_amount(text: &str) -> bool {
    // 2^256, which no amount reaches; texts of equal length compare as their numbers do.
    const LIMIT: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    (1..=LIMIT.len()).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
        && (text.len() < LIMIT.len() || text < LIMIT)
}

/// # Errors
/// `identifier` unless the text is an id.
pub fn ensure_id(text: &str, what: &str) -> Result<(), Refusal> {
    ensure("identifier", is_id(text), format_args!("{what} is not a valid id"))
}

/// # Errors
/// `identifier` unless the text is printable ASCII of 1..255 characters.
pub fn ensure_printable(text: &str, what: &str) -> Result<(), Refusal> {
    ensure(
        "identifier",
        is_printable(text),
        format_args!("{what} is not printable ASCII of 1 to 255 characters"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let long = "a".repeat(33);
        for good in ["a", "signer-1", "0", &long[..32]] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "-a", "A", "a_b", "a b", "ä", &long] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn amounts() {
        for good in ["0", "1", "1000000000000000000"] {
            assert!(is_amount(good), "{good}");
        }
        for bad in ["", "00", "01", "-1", "1.0", "1e3", " 1", &"9".repeat(78), &"1".repeat(79)] {
            assert!(!is_amount(bad), "{bad}");
        }
    }

    #[test]
    fn printable() {
        assert!(is_printable("user@example.org"));
        assert!(!is_printable(""));
        assert!(!is_printable("a\nb"));
        assert!(!is_printable(&"x".repeat(256)));
    }
}
