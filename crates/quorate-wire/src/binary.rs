//! The binary layout of votes and tally entries: big-endian integers; `lp(x)` is a u32 length followed by the bytes of x.

use crate::check::Refusal;

/// Writes the layout.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }

    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Length prefix and bytes. Lengths in structures are bounded far below 2^32 by their readers.
    pub fn lp(&mut self, bytes: &[u8]) -> &mut Self {
        self.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.raw(bytes)
    }

    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads the layout; every read is bounded, nothing is allocated before its length was seen to be there.
pub struct Reader<'a> {
    left: &'a [u8],
    check: &'static str,
}

impl<'a> Reader<'a> {
    /// `check` names the refusal of malformed bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8], check: &'static str) -> Self {
        Self { left: bytes, check }
    }

    fn refuse(&self, message: &str) -> Refusal {
        Refusal::new(self.check, message)
    }

    /// # Errors
    /// The reader's check if fewer than `count` bytes are left.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (taken, left) = self.left.split_at_checked(count).ok_or_else(|| self.refuse("ends too early"))?;
        self.left = left;
        Ok(taken)
    }

    /// # Errors
    /// As [`Reader::take`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.refuse("ends too early"))
    }

    /// # Errors
    /// As [`Reader::take`].
    pub fn u8(&mut self) -> Result<u8, Refusal> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// # Errors
    /// As [`Reader::take`].
    pub fn u16(&mut self) -> Result<u16, Refusal> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// # Errors
    /// As [`Reader::take`].
    pub fn u32(&mut self) -> Result<u32, Refusal> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// # Errors
    /// As [`Reader::take`].
    pub fn u64(&mut self) -> Result<u64, Refusal> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// At most `limit` bytes with a length prefix.
    ///
    /// # Errors
    /// The reader's check if it is longer than `limit` or than what is left.
    pub fn lp(&mut self, limit: usize) -> Result<&'a [u8], Refusal> {
        let length = self.u32()? as usize;
        if length > limit {
            return Err(self.refuse("a length is above its limit"));
        }
        self.take(length)
    }

    /// Text with a length prefix.
    ///
    /// # Errors
    /// As [`Reader::lp`], or if it is not UTF-8.
    pub fn text(&mut self, limit: usize) -> Result<String, Refusal> {
        let bytes = self.lp(limit)?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.refuse("not UTF-8"))?;
        Ok(text.to_owned())
    }

    /// # Errors
    /// The reader's check if bytes are left.
    pub fn end(&self) -> Result<(), Refusal> {
        if self.left.is_empty() { Ok(()) } else { Err(self.refuse("trailing bytes")) }
    }

    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::new();
        writer.u8(1).u16(2).u32(3).u64(4).lp(b"five").raw(b"six");
        let bytes = writer.bytes();
        let mut reader = Reader::new(&bytes, "form");
        assert_eq!(reader.u8().unwrap(), 1);
        assert_eq!(reader.u16().unwrap(), 2);
        assert_eq!(reader.u32().unwrap(), 3);
        assert_eq!(reader.u64().unwrap(), 4);
        assert_eq!(reader.text(4).unwrap(), "five");
        assert_eq!(reader.end().unwrap_err().message, "trailing bytes");
        assert_eq!(reader.array::<3>().unwrap(), *b"six");
        assert!(reader.end().is_ok());
        assert_eq!(reader.u8().unwrap_err().check, "form");
    }

    #[test]
    fn lengths_are_bounded() {
        let bytes = [0xff, 0xff, 0xff, 0xff, 1];
        assert!(Reader::new(&bytes, "form").lp(usize::MAX).is_err());
        assert!(Reader::new(&[0, 0, 0, 5, 1, 2, 3, 4, 5], "form").lp(4).is_err());
        assert!(Reader::new(&[0, 0, 0, 1, 0xff], "form").text(9).is_err());
    }
}
