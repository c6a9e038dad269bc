//! Frames on the socketpair: a 4-byte big-endian length, then one message of at most 4 MiB.

use std::io::{self, Read, Write};

/// Largest message, in bytes.
pub const MAX_FRAME: usize = 4 << 20;

/// Reads one frame; `None` when the judge closed its end between frames.
///
/// # Errors
/// I/O errors; `InvalidData` for a length above [`MAX_FRAME`]; `UnexpectedEof` within a frame.
pub fn read(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match input.read(&mut length)? {
        0 => return Ok(None),
        n => input.read_exact(&mut length[n..])?,
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "frame above 4 MiB"));
    }
    let mut frame = vec![0; length];
    input.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Writes one frame.
///
/// # Errors
/// I/O errors; `InvalidData` for a message above [`MAX_FRAME`].
pub fn write(output: &mut impl Write, message: &[u8]) -> io::Result<()> {
    if message.len() > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "message above 4 MiB"));
    }
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut frame = Vec::with_capacity(4 + message.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(message);
    output.write_all(&frame)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_trip_and_end() {
        let mut bytes = Vec::new();
        write(&mut bytes, b"one").unwrap();
        write(&mut bytes, b"").unwrap();
        let mut input = bytes.as_slice();
        assert_eq!(read(&mut input).unwrap().unwrap(), b"one");
        assert_eq!(read(&mut input).unwrap().unwrap(), b"");
        assert!(read(&mut input).unwrap().is_none());
    }

    #[test]
    fn truncated_and_oversized_frames_are_errors() {
        assert!(read(&mut &[0, 0][..]).is_err());
        assert!(read(&mut &[0, 0, 0, 2, 1][..]).is_err());
        let kind = read(&mut &[0xff; 8][..]).unwrap_err().kind();
        assert_eq!(kind, io::ErrorKind::InvalidData);
        assert!(write(&mut Vec::new(), &vec![0; MAX_FRAME + 1]).is_err());
    }
}
