//! The round collector shared by all protocols.
//!
//! A protocol is a chain of [`Round`] values. Each is consumed, with exactly one message from every other party, by the step
//! that yields the next. [`Runner`] does the bookkeeping: framing, bounds, buffering of early messages, repetitions.
//!
//! Payload: version (1 byte), protocol (1), round (1, from 1), body.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Abort, Outgoing, Step};

const VERSION: u8 = 1;
const HEADER: usize = 3;

/// What a payload belongs to; never renumbered.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Kind {
    Keygen = 1,
    Ecdsa = 2,
    Ed25519 = 3,
    Bip340 = 4,
}

/// One body from every other party.
pub(crate) type Inbox = BTreeMap<u8, Zeroizing<Vec<u8>>>;

/// A body and its receiver (`None` = everyone else).
pub(crate) type Body = (Option<u8>, Vec<u8>);

/// The state that waits for one round of messages.
pub(crate) trait Round<T>: Send {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<T>, Abort>;
}

/// Where a round leads.
pub(crate) enum Next<T> {
    Round(Vec<Body>, Box<dyn Round<T>>),
    Done(T),
}

/// Drives a chain of rounds for one party.
pub(crate) struct Runner<T> {
    kind: Kind,
    others: Vec<u8>,
    /// Largest body of round 1, 2, ...
    limits: Vec<usize>,
    /// `None` once the run is over.
    state: Option<Box<dyn Round<T>>>,
    /// 0 before `start`, then the round whose messages are awaited.
    round: usize,
    inboxes: Vec<Inbox>,
    /// Digests of the accepted payloads, to tell a repetition from a second opinion.
    seen: BTreeMap<(usize, u8), [u8; 32]>,
}

impl<T> Runner<T> {
    /// `first` is finished by `start` with an empty inbox. `others` are the indices of all other parties.
    pub(crate) fn new(kind: Kind, others: Vec<u8>, limits: Vec<usize>, first: Box<dyn Round<T>>) -> Self {
        let inboxes = limits.iter().map(|_| Inbox::new()).collect();
        Self { kind, others, limits, state: Some(first), round: 0, inboxes, seen: BTreeMap::new() }
    }

    pub(crate) fn start(&mut self) -> Result<Step<T>, Abort> {
        if self.round != 0 || self.state.is_none() {
            return Err(self.end(Abort::failed("started_twice")));
        }
        let mut sent = Vec::new();
        match self.step(&Inbox::new(), &mut sent)? {
            Some(output) => Ok(Step::Done(sent, output)),
            None => self.advance(sent),
        }
    }

    pub(crate) fn receive(&mut self, from: u8, payload: &[u8]) -> Result<Step<T>, Abort> {
        if self.state.is_none() {
            return Err(Abort::failed("finished"));
        }
        if !self.others.contains(&from) {
            return Err(Abort::blame(from, "sender"));
        }
        if let Err(abort) = self.accept(from, payload) {
            return Err(self.end(abort));
        }
        if self.round == 0 { Ok(Step::Send(Vec::new())) } else { self.advance(Vec::new()) }
    }

    /// Files a payload under its round, or ignores a repetition.
    fn accept(&mut self, from: u8, payload: &[u8]) -> Result<(), Abort> {
        let (header, body) =
            payload.split_first_chunk::<HEADER>().ok_or(Abort::blame(from, "message_header"))?;
        let [version, kind, round] = *header;
        if version != VERSION || kind != self.kind as u8 {
            return Err(Abort::blame(from, "message_header"));
        }
        let round = usize::from(round);
        let limit = round.checked_sub(1).and_then(|index| self.limits.get(index)).copied();
        if body.len() > limit.ok_or(Abort::blame(from, "message_header"))? {
            return Err(Abort::blame(from, "message_length"));
        }
        let digest: [u8; 32] = Sha256::digest(payload).into();
        match self.seen.insert((round, from), digest) {
            Some(earlier) if earlier == digest => return Ok(()),
            Some(_) => return Err(Abort::blame(from, "message_duplicate")),
            None => {}
        }
        if let Some(inbox) = self.inboxes.get_mut(round - 1) {
            inbox.insert(from, Zeroizing::new(body.to_vec()));
        }
        Ok(())
    }

    /// Finishes rounds as long as their inboxes are full.
    fn advance(&mut self, mut sent: Vec<Outgoing>) -> Result<Step<T>, Abort> {
        while let Some(inbox) = self.inboxes.get_mut(self.round.wrapping_sub(1)) {
            if inbox.len() < self.others.len() {
                return Ok(Step::Send(sent));
            }
            let inbox = std::mem::take(inbox);
            if let Some(output) = self.step(&inbox, &mut sent)? {
                return Ok(Step::Done(sent, output));
            }
        }
        Err(self.end(Abort::failed("rounds_exhausted")))
    }

    /// Consumes the current state; the next one takes its place unless the run is over.
    fn step(&mut self, inbox: &Inbox, sent: &mut Vec<Outgoing>) -> Result<Option<T>, Abort> {
        let state = self.state.take().ok_or(Abort::failed("finished"))?;
        self.round += 1;
        match state.finish(inbox)? {
            Next::Round(bodies, next) => {
                self.state = Some(next);
                sent.extend(bodies.into_iter().map(|(to, body)| self.frame(to, body)));
                Ok(None)
            }
            Next::Done(output) => Ok(Some(output)),
        }
    }

    fn frame(&self, to: Option<u8>, body: Vec<u8>) -> Outgoing {
        let body = Zeroizing::new(body);
        let mut payload = Vec::with_capacity(HEADER + body.len());
        payload.extend_from_slice(&[VERSION, self.kind as u8, u8::try_from(self.round).unwrap_or(u8::MAX)]);
        payload.extend_from_slice(&body);
        Outgoing { to, payload }
    }

    fn end(&mut self, abort: Abort) -> Abort {
        self.state = None;
        self.inboxes.iter_mut().for_each(BTreeMap::clear);
        abort
    }
}

/// Implements [`crate::Protocol`] for a newtype around a [`Runner`].
macro_rules! run_by_rounds {
    ($name:ident, $output:ty) => {
        impl $crate::Protocol for $name {
            type Output = $output;

            fn start(&mut self) -> Result<$crate::Step<$output>, $crate::Abort> {
                self.0.start()
            }

            fn receive(&mut self, from: u8, payload: &[u8]) -> Result<$crate::Step<$output>, $crate::Abort> {
                self.0.receive(from, payload)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}
pub(crate) use run_by_rounds;
