//! The uniform driver.

use crate::Abort;

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Index of the receiver; `None` = every other party of the run.
    pub to: Option<u8>,
    /// The bytes.
    pub payload: Vec<u8>,
}

/// What a step leads to.
#[derive(Debug)]
pub enum Step<T> {
    /// Send these (perhaps none) and go on receiving.
    Send(Vec<Outgoing>),
    /// Send these (perhaps none); the run is complete.
    Done(Vec<Outgoing>, T),
}

/// A protocol run of one party.
pub trait Protocol {
    /// What a complete run yields.
    type Output;

    /// Begins the run; call once.
    ///
    /// # Errors
    /// [`Abort`]: the run is dead.
    fn start(&mut self) -> Result<Step<Self::Output>, Abort>;

    /// Takes one payload from party `from`, whose identity the channel has proven.
    ///
    /// # Errors
    /// [`Abort`]: the run is dead.
    fn receive(&mut self, from: u8, payload: &[u8]) -> Result<Step<Self::Output>, Abort>;
}
