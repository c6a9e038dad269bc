//! The real keeper's answers, but for the release.

use std::collections::BTreeMap;

use prost::Message;
use quorate_keeper::blobs::STATE;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::event::Event;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_keeper::shares::Keeper;
use quorate_wire::charter::{Charter, Mode};
use quorate_wire::labels;
use quorate_wire::signature::{Signed, is_valid};
use quorate_wire::vote::Vote;

use crate::pool::Pool;

/// Id of the request that tells the real keeper to forget a vote. Nobody else's: the judge counts from 1.
const OWN_REQUEST: u64 = 0;

pub struct Floor {
    keeper: Keeper,
    pool: Pool,
    charter: Option<Charter>,
    /// The sessions that were voted for: key and items.
    voted: BTreeMap<Vec<u8>, (String, Vec<pb::Item>)>,
    /// The latest sealed state. A real release persists one too.
    state: Option<pb::Blob>,
}

impl Floor {
    pub fn new(keeper: Keeper, pool: Pool) -> Self {
        Self { keeper, pool, charter: None, voted: BTreeMap::new(), state: None }
    }

    /// Answers one frame. Any failure ends the benchmark.
    pub fn answer(&mut self, frame: &[u8]) -> Result<Vec<u8>, String> {
        let asked = pb::ToKeeper::decode(frame).map_err(|error| error.to_string())?;
        match asked.request {
            Some(Request::Load(load)) => {
                if let Some(document) = load.charters.last() {
                    let charter = dev_charter(&document.body)?;
                    self.pool.deposit(&load, &charter.cluster)?;
                    self.charter = Some(charter);
                }
                self.pass_on(frame)
            }
            Some(Request::AcceptCharter(accept)) => {
                let document = accept.charter.as_ref().ok_or("no charter")?;
                self.charter = Some(dev_charter(&document.body)?);
                self.pass_on(frame)
            }
            Some(Request::Vote(vote)) => self.vote(frame, vote),
            Some(Request::Release(release)) => self.release(asked.id, &release),
            _ => self.pass_on(frame),
        }
    }

    fn pass_on(&mut self, frame: &[u8]) -> Result<Vec<u8>, String> {
        self.real_answer(frame).map(|(bytes, _)| bytes)
    }

    fn real_answer(&mut self, frame: &[u8]) -> Result<(Vec<u8>, pb::FromKeeper), String> {
        let bytes = self.keeper.answer(frame);
        let reply = pb::FromKeeper::decode(bytes.as_slice()).map_err(|error| error.to_string())?;
        if let Some(state) = reply.persist.iter().find(|blob| blob.name == STATE) {
            self.state = Some(state.clone());
        }
        Ok((bytes, reply))
    }

    fn vote(&mut self, frame: &[u8], vote: pb::Vote) -> Result<Vec<u8>, String> {
        let (bytes, reply) = self.real_answer(frame)?;
        if let Some(Reply::Voted(voted)) = reply.reply {
            self.voted.insert(voted.session_id, (vote.key, vote.items));
        }
        Ok(bytes)
    }

    /// The votes are verified and the state is persisted as in a real release. The real keeper is told to forget its vote.
    fn release(&mut self, id: u64, release: &pb::Release) -> Result<Vec<u8>, String> {
        let (key, items) = self.voted.remove(&release.session_id).ok_or("a release without a vote")?;
        self.verify_votes(&release.votes)?;
        let abandon = pb::Abandon { session_id: release.session_id.clone() };
        let forget = pb::ToKeeper { id: OWN_REQUEST, request: Some(Request::Abandon(abandon)) };
        self.pass_on(&forget.encode_to_vec())?;
        let key = self.pool.key(&key)?;
        let items = items.iter().map(|item| key.sign(&item.path, &item.message)).collect::<Result<_, _>>()?;
        let signature = pb::Signature { session_id: release.session_id.clone(), items };
        let reply = pb::FromKeeper {
            id,
            persist: self.state.iter().cloned().collect(),
            events: vec![pb::Event { event: Some(Event::Signature(signature)) }],
            reply: Some(Reply::Done(pb::Done {})),
        };
        Ok(reply.encode_to_vec())
    }

    fn verify_votes(&self, votes: &[pb::Signed]) -> Result<(), String> {
        let charter = self.charter.as_ref().ok_or("no charter")?;
        for vote in votes {
            let signed: Signed = vote.clone().into();
            let voter = Vote::from_bytes(&signed.body).map_err(|refusal| refusal.to_string())?.voter;
            let signer = charter.signer(&voter).ok_or("a vote of nobody")?;
            if !is_valid(labels::VOTE, &signed.body, &signed.signature, &signer.vote_key) {
                return Err(format!("the vote of {voter} does not verify"));
            }
        }
        Ok(())
    }
}

/// The charter, if it is one for trying out.
fn dev_charter(body: &[u8]) -> Result<Charter, String> {
    let charter = Charter::parse(body).map_err(|refusal| refusal.to_string())?;
    if charter.mode == Mode::Dev {
        Ok(charter)
    } else {
        Err("refused: the charter is not of mode dev".into())
    }
}
