//! What goes out with a reply: blobs to persist first, then events.

use quorate_wire::hash::Hash;
use quorate_wire::{Refusal, Whose};

use crate::proto::keeper as pb;
use crate::proto::keeper::event::Event;

/// Collects what a request leads to.
#[derive(Default)]
pub(super) struct Out {
    pub persist: Vec<pb::Blob>,
    pub events: Vec<pb::Event>,
}

impl Out {
    pub fn event(&mut self, event: Event) {
        self.events.push(pb::Event { event: Some(event) });
    }

    pub fn persist(&mut self, name: &str, content: Vec<u8>) {
        self.persist.push(pb::Blob { name: name.to_owned(), content });
    }

    pub fn session_dead(&mut self, session: &Hash, reason: &Refusal) {
        let dead = pb::SessionDead { session_id: session.to_vec(), reason: Some(error(reason)) };
        self.event(Event::SessionDead(dead));
    }

    pub fn ceremony_dead(&mut self, order: &[u8; 16], reason: &Refusal) {
        let dead = pb::CeremonyDead { order_id: order.to_vec(), reason: Some(error(reason)) };
        self.event(Event::CeremonyDead(dead));
    }
}

/// A refusal as the judge sees it.
pub(super) fn error(refusal: &Refusal) -> pb::Error {
    pb::Error {
        code: refusal.check.to_owned(),
        message: refusal.message.clone(),
        whose: refusal.whose.word().to_owned(),
        hint: refusal.hint.to_owned(),
        culprits: refusal.culprits.clone(),
    }
}

/// A member of a message that must be there is not.
pub(super) fn missing(what: &str) -> Refusal {
    Refusal::new("request", format_args!("{what} is missing"))
}

/// 32 bytes of a message.
pub(super) fn hash(bytes: &[u8], what: &str) -> Result<Hash, Refusal> {
    bytes.try_into().map_err(|_| Refusal::new("request", format_args!("{what} must have 32 bytes")))
}

/// Something that cannot happen, reported instead of a panic.
pub(super) fn bug(message: &str) -> Refusal {
    Refusal::new("bug", message).whose(Whose::Bug)
}
