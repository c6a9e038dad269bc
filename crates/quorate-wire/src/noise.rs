//! Channels between keepers: Noise KK with the envelope keys of the charter. Static keys only authenticate; each handshake has
//! fresh ephemeral keys on both sides, so that a recorded conversation stays closed and a replayed one cannot be answered.
//!
//! The prologue binds cluster, version-1 charter hash and both signer ids. Each message carries its counter, which must rise.

use quorate_secret::Secret;
use snow::{Builder, HandshakeState, StatelessTransportState};

use crate::binary::{Reader, Writer};
use crate::check::{Refusal, ensure};
use crate::hash::{Hash, labelled};
use crate::labels;
use crate::signature::PublicKey;

const PATTERN: &str = "Noise_KK_25519_ChaChaPoly_SHA256";
/// Longest Noise message and its tag.
const MAX_FRAME: usize = 65_535;
const TAG: usize = 16;
const MAX_CHUNK: usize = MAX_FRAME - TAG;
/// Largest plaintext of one envelope, in bytes.
pub const MAX_PLAINTEXT: usize = 2 << 20;
/// Largest handshake message: an ephemeral key and the tag of an empty payload.
const MAX_HANDSHAKE: usize = 32 + TAG;

/// Between whom a channel runs.
pub struct Ends<'a> {
    pub cluster: &'a str,
    pub root: &'a Hash,
    pub initiator: &'a str,
    pub responder: &'a str,
}

impl Ends<'_> {
    fn prologue(&self) -> Vec<u8> {
        let mut body = Writer::new();
        body.lp(self.cluster.as_bytes())
            .raw(self.root)
            .lp(self.initiator.as_bytes())
            .lp(self.responder.as_bytes());
        labelled(labels::CHANNEL, &body.bytes())
    }
}

/// The public half of an envelope key.
#[must_use]
pub fn envelope_public(key: &Secret<32>) -> PublicKey {
    key.expose(|bytes| {
        let secret = x25519_dalek::StaticSecret::from(*bytes);
        x25519_dalek::PublicKey::from(&secret).to_bytes()
    })
}

/// An initiator's handshake that waits for its answer.
pub struct Pending(HandshakeState);

/// An established channel: one direction each, counters strictly rising.
pub struct Transport {
    state: StatelessTransportState,
    next_out: u64,
    next_in: u64,
}

fn broken(_: snow::Error) -> Refusal {
    Refusal::new("channel_handshake", "the handshake does not verify")
}

/// Starts a handshake; returns the first message.
///
/// # Errors
/// `channel_handshake`.
pub fn initiate(ends: &Ends<'_>, key: &Secret<32>, peer: &PublicKey) -> Result<(Pending, Vec<u8>), Refusal> {
    let mut state = build(ends, key, peer, true)?;
    let mut message = vec![0; MAX_HANDSHAKE];
    let length = state.write_message(&[], &mut message).map_err(broken)?;
    message.truncate(length);
    Ok((Pending(state), message))
}

/// Answers a handshake; returns the channel (not yet confirmed to be fresh) and the second message.
///
/// # Errors
/// `channel_handshake` if the first message was not made for these ends by `peer`.
pub fn respond(
    ends: &Ends<'_>,
    key: &Secret<32>,
    peer: &PublicKey,
    first: &[u8],
) -> Result<(Transport, Vec<u8>), Refusal> {
    let mut state = build(ends, key, peer, false)?;
    read_empty(&mut state, first)?;
    let mut message = vec![0; MAX_HANDSHAKE];
    let length = state.write_message(&[], &mut message).map_err(broken)?;
    message.truncate(length);
    Ok((Transport::new(state)?, message))
}

impl Pending {
    /// Reads the second message.
    ///
    /// # Errors
    /// `channel_handshake`.
    pub fn finish(mut self, second: &[u8]) -> Result<Transport, Refusal> {
        read_empty(&mut self.0, second)?;
        Transport::new(self.0)
    }
}

fn build(
    ends: &Ends<'_>,
    key: &Secret<32>,
    peer: &PublicKey,
    initiator: bool,
) -> Result<HandshakeState, Refusal> {
    let prologue = ends.prologue();
    let params = PATTERN.parse().map_err(broken)?;
    key.expose(|key| {
        let builder =
            Builder::new(params).prologue(&prologue)?.local_private_key(key)?.remote_public_key(peer)?;
        if initiator { builder.build_initiator() } else { builder.build_responder() }
    })
    .map_err(broken)
}

fn read_empty(state: &mut HandshakeState, message: &[u8]) -> Result<(), Refusal> {
    let mut payload = [0; MAX_HANDSHAKE];
    let length = state.read_message(message, &mut payload).map_err(broken)?;
    ensure("channel_handshake", length == 0, "a handshake carries no payload")
}

impl Transport {
    fn new(state: HandshakeState) -> Result<Self, Refusal> {
        Ok(Self { state: state.into_stateless_transport_mode().map_err(broken)?, next_out: 0, next_in: 0 })
    }

    /// Encrypts one message: `u64 counter`, then frames of `u16 length` and ciphertext; frame k has the nonce counter + k.
    ///
    /// # Errors
    /// `channel_size`; `channel_sealed` if the cipher refuses (counter at its end).
    pub fn seal(&mut self, plaintext: &[u8]) -> Result<Vec<u8>, Refusal> {
        ensure(
            "channel_size",
            plaintext.len() <= MAX_PLAINTEXT,
            "a message between keepers is at most 2 MiB",
        )?;
        let mut framed = Writer::new();
        framed.lp(plaintext);
        let framed = framed.bytes();
        let mut out = Writer::new();
        out.u64(self.next_out);
        let mut frame = vec![0; MAX_FRAME];
        for chunk in framed.chunks(MAX_CHUNK) {
            let length = self.state.write_message(self.next_out, chunk, &mut frame);
            let length = length.map_err(|_| Refusal::new("channel_sealed", "cipher refused"))?;
            self.next_out += 1;
            out.u16(u16::try_from(length).unwrap_or(u16::MAX));
            out.raw(&frame[..length]);
        }
        Ok(out.bytes())
    }

    /// Decrypts one message. A message that was replayed, reordered, truncated or changed is refused and changes nothing.
    ///
    /// # Errors
    /// `channel_form`, `channel_counter`, `channel_tag`.
    pub fn open(&mut self, sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
        let mut input = Reader::new(sealed, "channel_form");
        let mut counter = input.u64()?;
        ensure(
            "channel_counter",
            counter >= self.next_in && counter < u64::MAX / 2,
            "a counter must rise: replayed or reordered",
        )?;
        let mut framed = Vec::with_capacity(input.left());
        let mut chunk = vec![0; MAX_FRAME];
        while input.left() > 0 {
            let length = usize::from(input.u16()?);
            let frame = input.take(length)?;
            let read = self.state.read_message(counter, frame, &mut chunk);
            let read = read.map_err(|_| Refusal::new("channel_tag", "not by the peer, or changed"))?;
            framed.extend_from_slice(&chunk[..read]);
            counter += 1;
        }
        let mut whole = Reader::new(&framed, "channel_form");
        let plaintext = whole.lp(MAX_PLAINTEXT)?.to_vec();
        whole.end()?;
        self.next_in = counter;
        Ok(plaintext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Party {
        key: Secret<32>,
        public: PublicKey,
    }

    fn party() -> Party {
        let key = Secret::random().unwrap();
        let public = envelope_public(&key);
        Party { key, public }
    }

    const ENDS: Ends<'_> = Ends { cluster: "c", root: &[1; 32], initiator: "a", responder: "b" };

    fn connect() -> (Transport, Transport) {
        let (a, b) = (party(), party());
        let (pending, first) = initiate(&ENDS, &a.key, &b.public).unwrap();
        let (responder, second) = respond(&ENDS, &b.key, &a.public, &first).unwrap();
        (pending.finish(&second).unwrap(), responder)
    }

    #[test]
    fn messages_pass_in_both_directions_at_every_size() {
        let (mut a, mut b) = connect();
        for size in [0, 1, MAX_CHUNK - 4, MAX_CHUNK - 3, 200_000, MAX_PLAINTEXT] {
            let message = vec![7; size];
            let sealed = a.seal(&message).unwrap();
            assert_eq!(b.open(&sealed).unwrap(), message);
            let sealed = b.seal(&message).unwrap();
            assert_eq!(a.open(&sealed).unwrap(), message);
        }
        let refused = a.seal(&vec![0; MAX_PLAINTEXT + 1]).unwrap_err();
        assert_eq!(refused.check, "channel_size");
    }

    #[test]
    fn replayed_reordered_changed_and_truncated_messages_are_refused() {
        let (mut a, mut b) = connect();
        let (first, second) = (a.seal(b"one").unwrap(), a.seal(&[2; 100_000]).unwrap());
        assert_eq!(b.open(&second[..70_000]).unwrap_err().check, "channel_form");
        for at in [0, 8, 9, 12, second.len() - 1] {
            let mut changed = second.clone();
            changed[at] ^= 1;
            assert!(b.open(&changed).is_err(), "byte {at}");
        }
        assert_eq!(b.open(&second).unwrap().len(), 100_000);
        assert_eq!(b.open(&second).unwrap_err().check, "channel_counter");
        assert_eq!(b.open(&first).unwrap_err().check, "channel_counter");
    }

    #[test]
    fn dropping_the_last_frame_is_seen() {
        let (mut a, mut b) = connect();
        let sealed = a.seal(&[2; 100_000]).unwrap();
        let first_frame = 8 + 2 + MAX_FRAME;
        assert_eq!(b.open(&sealed[..first_frame]).unwrap_err().check, "channel_form");
    }

    #[test]
    fn wrong_keys_and_wrong_ends_do_not_connect() {
        let (a, b, mallory) = (party(), party(), party());
        let (_, first) = initiate(&ENDS, &mallory.key, &b.public).unwrap();
        assert!(respond(&ENDS, &b.key, &a.public, &first).is_err());
        let (pending, first) = initiate(&ENDS, &a.key, &b.public).unwrap();
        for wrong in [
            Ends { cluster: "d", ..ENDS },
            Ends { root: &[2; 32], ..ENDS },
            Ends { initiator: "b", ..ENDS },
            Ends { responder: "a", ..ENDS },
        ] {
            assert!(respond(&wrong, &b.key, &a.public, &first).is_err());
        }
        let (_, second) = respond(&ENDS, &b.key, &a.public, &first).unwrap();
        let mut changed = second.clone();
        changed[0] ^= 1;
        assert!(pending.finish(&changed).is_err());
        assert!(respond(&ENDS, &b.key, &a.public, &[]).is_err());
        assert!(respond(&ENDS, &b.key, &a.public, &[0; 200]).is_err());
    }

    #[test]
    fn a_replayed_first_message_gives_a_channel_nobody_else_has() {
        let (a, b) = (party(), party());
        let (pending, first) = initiate(&ENDS, &a.key, &b.public).unwrap();
        let (mut live, second) = respond(&ENDS, &b.key, &a.public, &first).unwrap();
        let mut alice = pending.finish(&second).unwrap();
        let (mut replayed, _) = respond(&ENDS, &b.key, &a.public, &first).unwrap();
        let sealed = alice.seal(b"x").unwrap();
        assert_eq!(replayed.open(&sealed).unwrap_err().check, "channel_tag");
        assert_eq!(live.open(&sealed).unwrap(), b"x");
    }
}
