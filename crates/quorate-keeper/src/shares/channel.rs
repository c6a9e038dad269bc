//! Channels to the other keepers over a relay that may drop, reorder, replay and invent.
//!
//! The signer of lower index initiates when the relay reports the peer connected. The responder goes on using the old channel
//! until the first message on the new one proves that the handshake was fresh; a replayed handshake therefore changes nothing.
//!
//! Envelope: `u8 kind, 16-byte channel id, body`.

use std::collections::{BTreeMap, VecDeque};

use quorate_secret::random;
use quorate_wire::noise::{Ends, Pending, Transport, initiate, respond};
use quorate_wire::{Refusal, ensure};

use super::out::{Out, bug};
use super::unsealed::Unsealed;
use crate::blobs::no_randomness;
use crate::proto::keeper as pb;
use crate::proto::keeper::event::Event;

pub(super) type ChannelId = [u8; 16];

/// Handshakes of a peer that wait for their first message. Replays can push others out, which costs a reconnect.
const MAX_OFFERED: usize = 4;
/// Messages that wait for a channel, for each peer.
const MAX_WAITING: usize = 64;
const MAX_WAITING_BYTES: usize = 4 << 20;

/// First byte of an envelope.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Initiate = 1,
    Respond = 2,
    Transport = 3,
    /// The higher index asks the lower one for a handshake: unauthenticated, and worth no more than `Connected` is.
    Ask = 4,
}

impl Kind {
    pub fn parse(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Initiate),
            2 => Some(Self::Respond),
            3 => Some(Self::Transport),
            4 => Some(Self::Ask),
            _ => None,
        }
    }
}

/// The channels with one peer.
#[derive(Default)]
pub(super) struct Link {
    /// Our handshake, waiting for its answer.
    pending: Option<(ChannelId, Pending)>,
    /// Answered handshakes of the peer, waiting for their first message.
    offered: VecDeque<(ChannelId, Transport)>,
    current: Option<(ChannelId, Transport)>,
    /// The channel before, for messages that are still on their way.
    previous: Option<(ChannelId, Transport)>,
    /// Plaintexts that wait for a channel.
    waiting: VecDeque<Vec<u8>>,
}

#[derive(Default)]
pub(super) struct Channels(BTreeMap<String, Link>);

impl Channels {
    pub fn link(&mut self, peer: &str) -> &mut Link {
        self.0.entry(peer.to_owned()).or_default()
    }

    /// Drops the channels of all peers but those to keep.
    pub fn keep(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|peer, _| keep(peer));
    }

    /// Peers with a channel.
    pub fn connected(&self) -> Vec<String> {
        self.0.iter().filter(|(_, link)| link.current.is_some()).map(|(peer, _)| peer.clone()).collect()
    }
}

impl Link {
    fn knows(&self, id: &ChannelId) -> bool {
        let named =
            |channel: &Option<(ChannelId, Transport)>| channel.as_ref().is_some_and(|(known, _)| known == id);
        named(&self.current) || named(&self.previous) || self.offered.iter().any(|(known, _)| known == id)
    }

    fn establish(&mut self, id: ChannelId, transport: Transport) {
        self.previous = self.current.replace((id, transport));
    }

    /// Decrypts a message; true if it confirmed a new channel.
    ///
    /// # Errors
    /// `channel_unknown`, and the checks of [`Transport::open`].
    pub fn open(&mut self, id: &ChannelId, sealed: &[u8]) -> Result<(Vec<u8>, bool), Refusal> {
        for (known, transport) in [&mut self.current, &mut self.previous].into_iter().flatten() {
            if known == id {
                return Ok((transport.open(sealed)?, false));
            }
        }
        let at = self.offered.iter().position(|(known, _)| known == id);
        let at = at.ok_or_else(|| Refusal::new("channel_unknown", "no such channel"))?;
        let (_, transport) = self.offered.get_mut(at).ok_or_else(|| bug("offer"))?;
        let plaintext = transport.open(sealed)?;
        if let Some((id, transport)) = self.offered.remove(at) {
            self.offered.clear();
            self.establish(id, transport);
        }
        Ok((plaintext, true))
    }

    fn wait(&mut self, plaintext: Vec<u8>) {
        self.waiting.push_back(plaintext);
        let bytes = |waiting: &VecDeque<Vec<u8>>| waiting.iter().map(Vec::len).sum::<usize>();
        while self.waiting.len() > MAX_WAITING || bytes(&self.waiting) > MAX_WAITING_BYTES {
            self.waiting.pop_front();
        }
    }
}

impl Unsealed {
    /// The relay reports a peer: the lower index starts a new handshake.
    pub fn connected(&mut self, peer: &str, out: &mut Out) -> Result<(), Refusal> {
        let peer = self.peer("peer", peer)?.id.clone();
        if self.initiates(&peer)? { self.initiate(&peer, out) } else { Ok(()) }
    }

    fn initiates(&self, peer: &str) -> Result<bool, Refusal> {
        Ok(self.own()?.index < self.peer("peer", peer)?.index)
    }

    fn initiate(&mut self, peer: &str, out: &mut Out) -> Result<(), Refusal> {
        let key = self.keys.envelope(&self.vault)?;
        let charter = self.charter()?;
        let root = self.chain.first().map_or(charter.hash, |first| first.hash);
        let ends = Ends { cluster: &charter.cluster, root: &root, initiator: &self.me, responder: peer };
        let (pending, first) = initiate(&ends, &key, &self.peer("peer", peer)?.envelope_key)?;
        let id = random().map_err(no_randomness)?;
        self.channels.link(peer).pending = Some((id, pending));
        self.emit(peer, Kind::Initiate, &id, &first, out);
        Ok(())
    }

    /// Answers a peer's handshake; the channel is not used before the peer has.
    pub fn answer_handshake(
        &mut self,
        peer: &str,
        id: ChannelId,
        first: &[u8],
        out: &mut Out,
    ) -> Result<(), Refusal> {
        ensure("channel_role", !self.initiates(peer)?, "the lower index initiates")?;
        ensure(
            "channel_replayed",
            !self.channels.link(peer).knows(&id),
            "this handshake was answered before",
        )?;
        let key = self.keys.envelope(&self.vault)?;
        let charter = self.charter()?;
        let root = self.chain.first().map_or(charter.hash, |first| first.hash);
        let ends = Ends { cluster: &charter.cluster, root: &root, initiator: peer, responder: &self.me };
        let (transport, second) = respond(&ends, &key, &self.peer("peer", peer)?.envelope_key, first)?;
        let link = self.channels.link(peer);
        if link.offered.len() == MAX_OFFERED {
            link.offered.pop_front();
        }
        link.offered.push_back((id, transport));
        self.emit(peer, Kind::Respond, &id, &second, out);
        Ok(())
    }

    /// Finishes our handshake: the peer's fresh key is in it, so the channel is used at once.
    pub fn finish_handshake(
        &mut self,
        peer: &str,
        id: ChannelId,
        second: &[u8],
        out: &mut Out,
    ) -> Result<(), Refusal> {
        let link = self.channels.link(peer);
        let pending = link.pending.take_if(|(pending, _)| *pending == id);
        let (_, pending) =
            pending.ok_or_else(|| Refusal::new("channel_unknown", "no such handshake waits"))?;
        let transport = pending.finish(second)?;
        link.establish(id, transport);
        self.greet(peer, out)
    }

    /// First message on a new channel, then whatever waited for one.
    pub fn greet(&mut self, peer: &str, out: &mut Out) -> Result<(), Refusal> {
        let hello = self.hello()?;
        self.transmit(peer, hello, out)?;
        let waiting = std::mem::take(&mut self.channels.link(peer).waiting);
        waiting.into_iter().try_for_each(|plaintext| self.transmit(peer, plaintext, out))
    }

    /// Encrypts a message for a peer; without a channel it waits for one, and a handshake is started or asked for.
    pub fn transmit(&mut self, peer: &str, plaintext: Vec<u8>, out: &mut Out) -> Result<(), Refusal> {
        let link = self.channels.link(peer);
        if let Some((id, transport)) = &mut link.current {
            let (id, sealed) = (*id, transport.seal(&plaintext)?);
            self.emit(peer, Kind::Transport, &id, &sealed, out);
            return Ok(());
        }
        let first = link.waiting.is_empty();
        link.wait(plaintext);
        if first { self.ask(peer, out) } else { Ok(()) }
    }

    /// Gets a handshake going, from whichever side may start it.
    pub fn ask(&mut self, peer: &str, out: &mut Out) -> Result<(), Refusal> {
        if self.initiates(peer)? {
            return self.initiate(peer, out);
        }
        self.emit(peer, Kind::Ask, &[0; 16], &[], out);
        Ok(())
    }

    fn emit(&self, to: &str, kind: Kind, id: &ChannelId, body: &[u8], out: &mut Out) {
        let ciphertext = [&[kind as u8], &id[..], body].concat();
        out.event(Event::Send(pb::Envelope { from: self.me.clone(), to: to.to_owned(), ciphertext }));
    }
}
