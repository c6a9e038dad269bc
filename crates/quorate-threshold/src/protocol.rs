//! The uniform driver of every run.

use crate::Abort;

/// A message to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Index of the receiver; `None` = every other party of the run.
    pub to: Option<u8>,
    /// The bytes. They may hold a secret for the receiver: encrypt, do not log.
    pub payload: Vec<u8>,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing(to {:?}, {} bytes)", self.to, self.payload.len())
    }
}

/// What a call leads to.
#[derive(Debug)]
pub enum Step<T> {
    /// Send these (perhaps none) and go on receiving.
    Send(Vec<Outgoing>),
    /// Send these (perhaps none); the run is complete.
    Done(Vec<Outgoing>, T),
}

/// One party's side of a run.
pub trait Protocol {
    /// What a complete run yields.
    type Output;

    /// Begins the run; call once. Payloads received earlier are kept, so `receive` may come first.
    ///
    /// # Errors
    /// [`Abort`]: the run is dead.
    fn start(&mut self) -> Result<Step<Self::Output>, Abort>;

    /// Takes one payload from party `from`, whose identity the channel has proven. A payload of a later round is kept; an exact
    /// repetition is ignored; a second, different one of the same round is blamed.
    ///
    /// # Errors
    /// [`Abort`]: the run is dead, except for check `sender` (a party that has no part in this run), which leaves it as it was.
    fn receive(&mut self, from: u8, payload: &[u8]) -> Result<Step<Self::Output>, Abort>;
}
