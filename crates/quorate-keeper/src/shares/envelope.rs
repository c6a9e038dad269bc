//! Envelopes from other keepers: through the channel to the session or ceremony they are for.

use prost::Message;
use quorate_wire::hash::Hash;
use quorate_wire::peer_state::Known;
use quorate_wire::{Refusal, ensure};

use super::channel::{ChannelId, Kind};
use super::out::{Out, bug, hash, missing};
use super::run::Addressed;
use super::unsealed::Unsealed;
use crate::identity::wiped;
use crate::proto::keeper as pb;
use crate::proto::peer::{self, Hello, PeerMessage, Round, Rounds, peer_message};

/// Most round messages in one envelope: 16 items, and room.
const MAX_ROUNDS: usize = 64;

impl Unsealed {
    pub fn envelope(&mut self, envelope: &pb::Envelope, out: &mut Out) -> Result<(), Refusal> {
        let from = self.peer("envelope_from", &envelope.from)?.id.clone();
        ensure("envelope_to", envelope.to == self.me, "the envelope is for another signer")?;
        let (kind, id, body) = parts(&envelope.ciphertext)?;
        match kind {
            Kind::Initiate => self.answer_handshake(&from, id, body, out),
            Kind::Respond => self.finish_handshake(&from, id, body, out),
            Kind::Ask => self.connected(&from, out),
            Kind::Transport => self.transport(&from, id, body, out),
        }
    }

    fn transport(&mut self, from: &str, id: ChannelId, body: &[u8], out: &mut Out) -> Result<(), Refusal> {
        let opened = self.channels.link(from).open(&id, body);
        if opened.as_ref().is_err_and(|refusal| refusal.check == "channel_unknown") {
            self.ask(from, out)?;
        }
        let (plaintext, confirmed) = opened?;
        let plaintext = wiped(plaintext);
        if confirmed {
            self.greet(from, out)?;
        }
        let message = PeerMessage::decode(plaintext.as_slice())
            .map_err(|_| Refusal::new("peer_message", "not a message of peer.proto").blame(from))?;
        match message.message.ok_or_else(|| missing("message").blame(from))? {
            peer_message::Message::Hello(hello) => self.hear_hello(from, &hello),
            peer_message::Message::Rounds(rounds) => self.rounds(from, rounds, out),
        }
    }

    /// What our peers may remember of us.
    pub fn hello(&self) -> Result<Vec<u8>, Refusal> {
        let hello = Hello {
            incarnation: self.state.met,
            charter_version: self.charter()?.version,
            freeze_count: self.state.freezes.state().count,
            tally_count: self.state.tally.0,
            tally_head: self.state.tally.1.to_vec(),
            log_size: self.state.log.0,
        };
        Ok(PeerMessage { message: Some(peer_message::Message::Hello(hello)) }.encode_to_vec())
    }

    fn hear_hello(&mut self, from: &str, hello: &Hello) -> Result<(), Refusal> {
        let known = Known {
            incarnation: hello.incarnation,
            tally_count: hello.tally_count,
            tally_head: hash(&hello.tally_head, "tally_head").map_err(|refusal| refusal.blame(from))?,
            log_size: hello.log_size,
        };
        if known.incarnation > 0 {
            self.remember(from, &known, Some(hello.charter_version));
        }
        Ok(())
    }

    fn rounds(&mut self, from: &str, rounds: Rounds, out: &mut Out) -> Result<(), Refusal> {
        let index = self.peer("envelope_from", from)?.index;
        ensure("peer_message", rounds.rounds.len() <= MAX_ROUNDS, "too many rounds in one envelope")
            .map_err(|refusal| refusal.blame(from))?;
        // All are read before the first takes effect. A refusal sets the state back, and a malformed round at the end must not
        // undo the ban or the share that a round before it led to.
        let read: Vec<(Hash, Round)> = rounds.rounds.into_iter().map(session_of).collect::<Result<_, _>>()?;
        read.into_iter().try_for_each(|(session, round)| self.round(index, session, round, out))
    }

    /// To a running session or ceremony; kept if it is early; otherwise it is for something that has ended.
    fn round(&mut self, from: u8, session: Hash, round: Round, out: &mut Out) -> Result<(), Refusal> {
        match round.kind() {
            peer::Kind::Sign => {
                if let Some(mut running) = self.sessions.take_running(&session) {
                    let sent = running.receive(from, &round);
                    return self.go_on(session, running, sent, out);
                }
                if self.sessions.is_voted(&session) {
                    self.early.keep(from, session, round);
                }
            }
            peer::Kind::Keygen if self.runs_ceremony(&session) => {
                return self.ceremony_round(from, session, &round, out);
            }
            peer::Kind::Keygen => self.early.keep(from, session, round),
            peer::Kind::Unspecified => return Err(bug("kind of round")),
        }
        Ok(())
    }

    /// Sends round messages, one envelope for each peer.
    pub fn post(&mut self, rounds: Vec<Addressed>, out: &mut Out) -> Result<(), Refusal> {
        let mut left = rounds;
        while let Some(&(to, _)) = left.first() {
            let (for_peer, others): (Vec<Addressed>, Vec<Addressed>) =
                left.into_iter().partition(|(index, _)| *index == to);
            left = others;
            let Some(peer) = self.ids(&[to]).pop() else { continue };
            let rounds = for_peer.into_iter().map(|(_, round)| round).collect();
            let message = PeerMessage { message: Some(peer_message::Message::Rounds(Rounds { rounds })) };
            self.transmit(&peer, message.encode_to_vec(), out)?;
        }
        Ok(())
    }
}

/// A round with its session, if it has the form of one.
fn session_of(round: Round) -> Result<(Hash, Round), Refusal> {
    ensure("peer_message", round.kind() != peer::Kind::Unspecified, "unknown kind of round")?;
    Ok((hash(&round.session, "session")?, round))
}

fn parts(ciphertext: &[u8]) -> Result<(Kind, ChannelId, &[u8]), Refusal> {
    let malformed = || Refusal::new("envelope_form", "not an envelope");
    let (&kind, rest) = ciphertext.split_first().ok_or_else(malformed)?;
    let (id, body) = rest.split_first_chunk::<16>().ok_or_else(malformed)?;
    Ok((Kind::parse(kind).ok_or_else(malformed)?, *id, body))
}
