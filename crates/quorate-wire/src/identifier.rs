//! Forms of identifiers and of the text values inside structures.

use sha3::{Digest, Keccak256};

use crate::check::{Refusal, ensure};

/// Longest text that a structure may carry where nothing shorter is said (a PEM certificate), in bytes.
pub const MAX_TEXT: usize = 16 * 1024;

/// `[a-z0-9][a-z0-9-]{0,31}`: signer, administrator, key, rule and whitelist ids.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    (1..=32).contains(&bytes.len())
        && letter(bytes[0])
        && bytes.iter().all(|&byte| letter(byte) || byte == b'-')
}

/// Printable ASCII of 1 to 255 characters: API user ids, external ids, token nonces, chain and asset ids.
#[must_use]
pub fn is_printable(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`: asset and whitelist ids.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=64).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

/// A vault account: a decimal index below 2^31 without leading zeros.
#[must_use]
pub fn is_account(text: &str) -> bool {
    is_amount(text) && text.parse::<u32>().is_ok_and(|index| index < 1 << 31)
}

/// `0x` and 40 hexadecimal digits with the capitals of EIP-55.
#[must_use]
pub fn is_evm_address(text: &str) -> bool {
    let Some(digits) = text.strip_prefix("0x").filter(|digits| digits.len() == 40) else { return false };
    let hash = hex::encode(Keccak256::digest(digits.to_ascii_lowercase()));
    let fits = |(digit, nibble): (u8, u8)| match digit {
        b'0'..=b'9' => true,
        b'a'..=b'f' => nibble < b'8',
        b'A'..=b'F' => nibble >= b'8',
        _ => false,
    };
    digits.bytes().zip(hash.bytes()).all(fits)
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
/// `identifier` unless the text is the id of an asset or whitelist entry.
pub fn ensure_name(text: &str, what: &str) -> Result<(), Refusal> {
    ensure("identifier", is_name(text), format_args!("{what} is not a valid id"))
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
    fn addresses_of_eip_55() {
        for good in
            ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"]
        {
            assert!(is_evm_address(good), "{good}");
            assert!(!is_evm_address(&good.to_lowercase()));
            assert!(!is_evm_address(&good[..41]));
        }
        assert!(!is_evm_address("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(!is_evm_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"));
    }

    #[test]
    fn names_and_accounts() {
        assert!(is_name("ETH.TEST_1-a"));
        assert!(!is_name("") && !is_name("-a") && !is_name(&"a".repeat(65)));
        assert!(is_account("0") && is_account("2147483647"));
        assert!(!is_account("2147483648") && !is_account("01") && !is_account(""));
    }

    #[test]
    fn printable() {
        assert!(is_printable("user@example.org"));
        assert!(!is_printable(""));
        assert!(!is_printable("a\nb"));
        assert!(!is_printable(&"x".repeat(256)));
    }
}
