//! Canonical JSON: RFC 8785 restricted to objects with ASCII keys, arrays, strings, booleans, null and integers of magnitude
//! at most 2^53 - 1 (docs/spec/README.md). A reader parses, re-encodes and compares.

use serde_json::{Map, Value};

use crate::check::{Refusal, ensure};

/// Largest structure, in bytes.
pub const MAX_SIZE: usize = 1 << 20;
/// Deepest nesting of objects and arrays.
pub const MAX_DEPTH: usize = 16;
/// Largest integer: 2^53 - 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Encodes a value; object members are sorted by their (ASCII) keys whatever map the parser uses.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(members) => write_object(members, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        // The short forms of serde_json for null, booleans, integers and strings are those of RFC 8785.
        scalar => out.extend_from_slice(scalar.to_string().as_bytes()),
    }
}

fn write_object(members: &Map<String, Value>, out: &mut Vec<u8>) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    out.push(b'{');
    for (index, (key, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(&Value::String(key.clone()), out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

/// Parses canonical bytes.
///
/// # Errors
/// `too_large`; `not_canonical` for bytes that differ from their re-encoding or hold what the restriction forbids.
pub fn decode(bytes: &[u8]) -> Result<Value, Refusal> {
    ensure("too_large", bytes.len() <= MAX_SIZE, "a structure is at most 1 MiB")?;
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::new("not_canonical", format_args!("not JSON: {error}")))?;
    ensure(
        "not_canonical",
        allowed(&value, MAX_DEPTH),
        "numbers are integers below 2^53, keys ASCII, nesting at most 16",
    )?;
    ensure("not_canonical", encode(&value) == bytes, "the bytes differ from their canonical re-encoding")?;
    Ok(value)
}

fn allowed(value: &Value, depth: usize) -> bool {
    match value {
        Value::Object(members) => {
            depth > 0 && members.iter().all(|(key, value)| key.is_ascii() && allowed(value, depth - 1))
        }
        Value::Array(items) => depth > 0 && items.iter().all(|item| allowed(item, depth - 1)),
        Value::Number(number) => {
            (number.is_u64() || number.is_i64())
                && number.as_i64().is_some_and(|n| n.unsigned_abs() <= MAX_INTEGER)
        }
        Value::String(_) | Value::Bool(_) | Value::Null => true,
    }
}

/// Builds an object.
#[must_use]
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Lower-case hexadecimal text.
#[must_use]
pub fn hex_text(bytes: &[u8]) -> Value {
    Value::String(hex::encode(bytes))
}

/// The value, or null.
#[must_use]
pub fn or_null<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or(Value::Null, Into::into)
}

/// Reads the members of one object, each once; what is left over at [`Members::end`] is unknown.
pub struct Members {
    left: Map<String, Value>,
    of: &'static str,
}

impl Members {
    /// # Errors
    /// `wrong_type` unless the value is an object.
    pub fn of(value: Value, of: &'static str) -> Result<Self, Refusal> {
        match value {
            Value::Object(left) => Ok(Self { left, of }),
            _ => Err(wrong_type(of, "itself", "an object")),
        }
    }

    /// # Errors
    /// `missing_member`.
    pub fn any(&mut self, name: &'static str) -> Result<Value, Refusal> {
        let missing = || Refusal::new("missing_member", format_args!("{}.{name}", self.of));
        self.left.remove(name).ok_or_else(missing)
    }

    /// The member if it is there: where the structure's page says that it may be left out.
    pub fn optional(&mut self, name: &'static str) -> Option<Value> {
        self.left.remove(name)
    }

    /// # Errors
    /// `missing_member`, `wrong_type`.
    pub fn text(&mut self, name: &'static str) -> Result<String, Refusal> {
        match self.any(name)? {
            Value::String(text) => Ok(text),
            _ => Err(wrong_type(self.of, name, "text")),
        }
    }

    /// # Errors
    /// `missing_member`, `wrong_type`.
    pub fn text_or_null(&mut self, name: &'static str) -> Result<Option<String>, Refusal> {
        match self.any(name)? {
            Value::String(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            _ => Err(wrong_type(self.of, name, "text or null")),
        }
    }

    /// A non-negative integer.
    ///
    /// # Errors
    /// `missing_member`, `wrong_type`.
    pub fn integer(&mut self, name: &'static str) -> Result<u64, Refusal> {
        let value = self.any(name)?;
        value.as_u64().ok_or_else(|| wrong_type(self.of, name, "a non-negative integer"))
    }

    /// # Errors
    /// `missing_member`, `wrong_type`.
    pub fn integer_or_null(&mut self, name: &'static str) -> Result<Option<u64>, Refusal> {
        match self.any(name)? {
            Value::Null => Ok(None),
            value => value
                .as_u64()
                .map(Some)
                .ok_or_else(|| wrong_type(self.of, name, "a non-negative integer or null")),
        }
    }

    /// # Errors
    /// `missing_member`, `wrong_type`.
    pub fn array(&mut self, name: &'static str) -> Result<Vec<Value>, Refusal> {
        match self.any(name)? {
            Value::Array(items) => Ok(items),
            _ => Err(wrong_type(self.of, name, "an array")),
        }
    }

    /// Exactly `N` bytes of lower-case hexadecimal.
    ///
    /// # Errors
    /// `missing_member`, `wrong_type`.
    pub fn hex<const N: usize>(&mut self, name: &'static str) -> Result<[u8; N], Refusal> {
        let text = self.text(name)?;
        parse_hex(&text)
            .ok_or_else(|| wrong_type(self.of, name, "lower-case hexadecimal of the right length"))
    }

    /// # Errors
    /// `missing_member`, `wrong_type`.
    pub fn hex_or_null<const N: usize>(&mut self, name: &'static str) -> Result<Option<[u8; N]>, Refusal> {
        match self.text_or_null(name)? {
            None => Ok(None),
            Some(text) => parse_hex(&text)
                .map(Some)
                .ok_or_else(|| wrong_type(self.of, name, "lower-case hexadecimal or null")),
        }
    }

    /// # Errors
    /// `unknown_member` if anything is left.
    pub fn end(self) -> Result<(), Refusal> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => Err(Refusal::new("unknown_member", format_args!("{}.{name}", self.of))),
        }
    }
}

/// `N` bytes from lower-case hexadecimal text.
#[must_use]
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

/// The refusal of a member that has not the form it must have.
#[must_use]
pub fn wrong_type(of: &str, name: &str, wanted: &str) -> Refusal {
    Refusal::new("wrong_type", format_args!("{of}.{name} must be {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_of(bytes: &[u8]) -> &'static str {
        decode(bytes).unwrap_err().check
    }

    #[test]
    fn canonical_bytes_pass() {
        for good in [
            "null",
            "{}",
            "[]",
            r#"{"a":1,"b":[true,false,null,"x"]}"#,
            r#""\u0001\b\t\n\f\r\"\\/ü""#,
            "-9007199254740991",
            "9007199254740991",
        ] {
            assert!(decode(good.as_bytes()).is_ok(), "{good}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            " {}",
            "{} ",
            r#"{"b":1,"a":2}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a": 1}"#,
            "1.0",
            "1e2",
            "-0",
            "01",
            "9007199254740992",
            "18446744073709551616",
            r#""\u0041""#,
            r#""\/""#,
            r#"{"ü":1}"#,
            "{}{}",
            "\u{feff}{}",
            "nul",
            "[1,]",
        ] {
            assert_eq!(check_of(bad.as_bytes()), "not_canonical", "{bad}");
        }
        assert_eq!(check_of(b"\xff"), "not_canonical");
    }

    #[test]
    fn nesting_and_size_are_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(decode(nested(16).as_bytes()).is_ok());
        assert_eq!(check_of(nested(17).as_bytes()), "not_canonical");
        assert_eq!(check_of(nested(100_000).as_bytes()), "not_canonical");
        assert_eq!(check_of(&vec![b' '; MAX_SIZE + 1]), "too_large");
    }

    #[test]
    fn members_are_read_once_and_completely() {
        let value = decode(br#"{"a":"x","b":1,"c":"00ff"}"#).unwrap();
        let mut members = Members::of(value.clone(), "thing").unwrap();
        assert_eq!(members.text("a").unwrap(), "x");
        assert_eq!(members.integer("b").unwrap(), 1);
        assert_eq!(members.text("d").unwrap_err().check, "missing_member");
        assert_eq!(members.end().unwrap_err().check, "unknown_member");
        let mut members = Members::of(value, "thing").unwrap();
        assert_eq!(members.integer("a").unwrap_err().check, "wrong_type");
        assert_eq!(members.hex::<3>("c").unwrap_err().check, "wrong_type");
    }

    #[test]
    fn upper_case_hexadecimal_is_refused() {
        assert_eq!(parse_hex::<2>("00ff"), Some([0, 255]));
        assert_eq!(parse_hex::<2>("00FF"), None);
        assert_eq!(parse_hex::<2>("00f"), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            if let Ok(value) = decode(&bytes) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }

        #[test]
        fn strings_round_trip(text in "\\PC{0,40}") {
            let bytes = encode(&Value::String(text.clone()));
            prop_assert_eq!(decode(&bytes).unwrap(), Value::String(text));
        }
    }
}
