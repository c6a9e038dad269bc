//! What the keepers let out, sorted.

use std::collections::{BTreeMap, VecDeque};

use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::event::Event;

use super::Signer;

#[derive(Default)]
pub struct Heard {
    envelopes: VecDeque<pb::Envelope>,
    signatures: Vec<pb::Signature>,
    parts: BTreeMap<String, pb::Signed>,
    pub dead: Vec<(String, pb::Error)>,
    pub progress: usize,
    transports: usize,
}

/// First byte of an envelope that carries a message, and not a handshake.
const TRANSPORT: u8 = 3;

impl Heard {
    pub fn take(&mut self, from: &str, events: Vec<pb::Event>) {
        for event in events {
            match event.event.unwrap() {
                Event::Send(envelope) => {
                    assert_eq!(envelope.from, from);
                    self.transports += usize::from(envelope.ciphertext[0] == TRANSPORT);
                    self.envelopes.push_back(envelope);
                }
                Event::Signature(signature) => self.signatures.push(signature),
                Event::CertificatePart(part) => {
                    self.parts.insert(from.to_owned(), part.certificate.unwrap());
                }
                Event::SessionDead(dead) => self.dead.push((from.to_owned(), dead.reason.unwrap())),
                Event::CeremonyDead(dead) => self.dead.push((from.to_owned(), dead.reason.unwrap())),
                Event::CeremonyProgress(_) => self.progress += 1,
            }
        }
    }

    pub fn next_envelope(&mut self) -> Option<pb::Envelope> {
        self.envelopes.pop_front()
    }

    pub fn peek_envelopes(&self) -> impl Iterator<Item = &pb::Envelope> {
        self.envelopes.iter()
    }

    pub fn drop_envelopes(&mut self) -> usize {
        std::mem::take(&mut self.envelopes).len()
    }

    /// Number of message envelopes let out since the last call.
    pub fn transports(&mut self) -> usize {
        std::mem::take(&mut self.transports)
    }

    pub fn signatures(&mut self, session: &[u8]) -> Vec<Vec<pb::ItemSignature>> {
        let (ours, others) =
            std::mem::take(&mut self.signatures).into_iter().partition(|s| s.session_id == session);
        self.signatures = others;
        let ours: Vec<pb::Signature> = ours;
        ours.into_iter().map(|signature| signature.items).collect()
    }

    pub fn signature_count(&self) -> usize {
        self.signatures.len()
    }

    pub fn part_count(&self) -> usize {
        self.parts.len()
    }

    /// The complete certificate from the parts of all signers.
    pub fn certificate(&mut self, signers: &[Signer]) -> pb::Certificate {
        let parts = std::mem::take(&mut self.parts);
        assert_eq!(parts.len(), signers.len(), "a part of every signer: {:?}", self.dead);
        let body = parts.values().next().unwrap().body.clone();
        assert!(parts.values().all(|part| part.body == body), "all signed the same key");
        let signatures = parts.into_iter().map(|(id, part)| (id, part.signature)).collect();
        pb::Certificate { body, signatures }
    }
}
