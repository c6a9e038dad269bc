//! The role `shares`: one judge, one request at a time, each answered once and in order.
//!
//! A request either happens completely or leaves the sealed state as it was. What it changes is in the `persist` of its own
//! reply, so that nothing gets out which a crash could make the keeper forget.

mod admission;
mod ceremony;
mod certificate;
mod channel;
mod charter;
mod checkpoint;
mod early;
mod envelope;
mod freeze;
mod load;
mod memory;
mod order;
mod out;
mod release;
mod run;
mod sentinel;
mod session;
mod start;
mod status;
mod tally;
mod unsealed;
mod vote;

use std::io::{self, Read, Write};

use prost::Message;
use quorate_wire::identifier::ensure_id;
use quorate_wire::{Refusal, Whose, fault_point};

use self::out::Out;
use self::unsealed::Unsealed;
use crate::frame;
use crate::proto::keeper as pb;
use crate::proto::keeper::from_keeper::Reply;
use crate::proto::keeper::to_keeper::Request;
use crate::seal::SealBackend;

/// A keeper and how far it is open.
pub struct Keeper {
    signer: String,
    hardening: Vec<&'static str>,
    phase: Phase,
}

enum Phase {
    /// Waits for the judge to bring the blobs. What opens the seal is wiped as soon as it has.
    Sealed(Box<dyn SealBackend>),
    Open(Box<Unsealed>),
    /// Sealed itself; only a restart opens it again.
    Shut(&'static str),
}

impl Keeper {
    /// # Errors
    /// `identifier` for a malformed signer id.
    pub fn new(
        signer: String,
        backend: Box<dyn SealBackend>,
        hardening: Vec<&'static str>,
    ) -> Result<Self, Refusal> {
        ensure_id(&signer, "--signer")?;
        Ok(Self { signer, hardening, phase: Phase::Sealed(backend) })
    }

    /// Answers one encoded request.
    #[must_use]
    pub fn answer(&mut self, frame: &[u8]) -> Vec<u8> {
        let mut out = Out::default();
        let (id, result) = match pb::ToKeeper::decode(frame) {
            Ok(message) => (message.id, self.handle(message.request, &mut out)),
            Err(_) => (0, Err(Refusal::new("frame", "not a message of keeper.proto"))),
        };
        let reply = result.unwrap_or_else(|refusal| Reply::Error(out::error(&refusal)));
        pb::FromKeeper { id, persist: out.persist, events: out.events, reply: Some(reply) }.encode_to_vec()
    }

    fn handle(&mut self, request: Option<Request>, out: &mut Out) -> Result<Reply, Refusal> {
        let request = request.ok_or_else(|| Refusal::new("request", "no request, or an unknown one"))?;
        match (&mut self.phase, request) {
            (Phase::Shut(check), _) => Err(Refusal::new("sealed", format_args!("sealed itself: {check}"))
                .whose(Whose::State)
                .hint("find the cause, then restart the signer")),
            (Phase::Sealed(backend), Request::Load(load)) => {
                let own =
                    load::Own { signer: &self.signer, backend: backend.as_ref(), hardening: &self.hardening };
                let (unsealed, loaded) = load::load(&own, load, out)?;
                self.phase = Phase::Open(Box::new(unsealed));
                Ok(Reply::Loaded(loaded))
            }
            (Phase::Sealed(_), _) => Err(Refusal::new("not_loaded", "load first").whose(Whose::State)),
            (Phase::Open(_), Request::Load(_)) => {
                Err(Refusal::new("loaded", "a keeper is loaded once").whose(Whose::State))
            }
            (Phase::Open(unsealed), request) => {
                let result = unsealed.handle(request, out);
                if let Some(check) = unsealed.shut {
                    out.events.clear();
                    self.phase = Phase::Shut(check);
                    return Err(Refusal::new(check, "this keeper has sealed itself").whose(Whose::Bug));
                }
                result
            }
        }
    }
}

/// Serves the judge until it closes its end.
///
/// # Errors
/// I/O errors of the socket.
pub fn serve(keeper: &mut Keeper, judge: &mut (impl Read + Write)) -> io::Result<()> {
    while let Some(request) = frame::read(judge)? {
        let reply = keeper.answer(&request);
        fault_point("keeper.before_reply");
        frame::write(judge, &reply)?;
    }
    Ok(())
}
