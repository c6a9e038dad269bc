//! Accepting charter versions (docs/spec/charter.md, "Acceptance").

use quorate_wire::acknowledgement::Acknowledgement;
use quorate_wire::charter::{Charter, Mode, SignedDocument, ensure_follows, ensure_root};
use quorate_wire::signature::Signed;
use quorate_wire::{Refusal, Whose, ensure, labels};

use super::out::{Out, missing};
use super::unsealed::Unsealed;
use crate::clock;
use crate::proto::keeper as pb;
use crate::state::Pinned;

impl Unsealed {
    /// Takes version 1 by the hash that the operator entered, later ones by their administrators' quorum. The version in force
    /// is acknowledged again when it comes again.
    pub fn accept_charter(
        &mut self,
        request: pb::AcceptCharter,
        out: &mut Out,
    ) -> Result<pb::CharterAccepted, Refusal> {
        let document: SignedDocument = request.charter.ok_or_else(|| missing("charter"))?.into();
        let charter = Charter::parse(&document.body)?;
        match self.chain.last() {
            Some(current) if charter.version <= current.version => {
                ensure(
                    "charter_rollback",
                    charter.hash == current.hash,
                    format_args!("version {} is in force; versions only rise", current.version),
                )?;
                return self.acknowledge();
            }
            Some(current) => ensure_follows(current, &charter, &document)?,
            None => {
                ensure(
                    "operator_hash",
                    request.operator_hash == charter.hash,
                    "the hash that the operator entered is not that of this charter",
                )?;
                ensure_root(&charter, &document)?;
            }
        }
        self.ensure_own_identity(&charter)?;
        self.ensure_mode(&charter)?;
        self.put_in_force(charter, out);
        self.acknowledge()
    }

    /// The charter's entry for this signer carries exactly its own keys.
    pub fn ensure_own_identity(&self, charter: &Charter) -> Result<(), Refusal> {
        let public = &self.keys.public;
        let own = charter.signer(&self.me).is_some_and(|signer| {
            signer.vote_key == public.vote
                && signer.log_key == public.log
                && signer.envelope_key == public.envelope
        });
        ensure(
            "own_identity",
            own,
            format_args!("the charter does not name {} with this keeper's keys", self.me),
        )
        .map_err(|refusal| refusal.hint("compare the charter's entry with this signer's enrolment.json"))
    }

    fn ensure_mode(&self, charter: &Charter) -> Result<(), Refusal> {
        let initialised = if self.dev_only { Some(Mode::Dev) } else { self.state.mode };
        let word = initialised.map_or("any", Mode::word);
        ensure(
            "mode",
            initialised.is_none_or(|mode| mode == charter.mode),
            format_args!(
                "this signer was initialised for {word}, the charter is for {}",
                charter.mode.word()
            ),
        )
        .map_err(|refusal| refusal.hint("take a charter of that mode, or make a new signer with --mode"))
    }

    /// Sessions of the version before die: what it allowed must not happen any more.
    fn put_in_force(&mut self, charter: Charter, out: &mut Out) {
        let (root, version, hash) =
            (self.chain.first().map_or(charter.hash, |first| first.hash), charter.version, charter.hash);
        self.state.charter = Some(Pinned { root, version, hash });
        let changed = Refusal::new("charter_changed", "a newer charter is in force").whose(Whose::State);
        self.sessions.kill_all(&changed, out);
        self.ceremonies.kill_all(&changed, out);
        if let Some(before) = self.chain.last() {
            self.channels.keep(|peer| {
                let key = |charter: &Charter| charter.signer(peer).map(|signer| signer.envelope_key);
                key(before).is_some() && key(before) == key(&charter)
            });
        }
        self.chain.push(charter);
        self.forget_answers_of_other_keys();
        self.judge_answers();
    }

    fn acknowledge(&self) -> Result<pb::CharterAccepted, Refusal> {
        let charter = self.charter()?;
        Ok(pb::CharterAccepted {
            acknowledgement: Some(self.acknowledgement()?.into()),
            version: charter.version,
            hash: charter.hash.to_vec(),
        })
    }

    /// What is in force here, signed: the charter version and the freezes.
    pub fn acknowledgement(&self) -> Result<Signed, Refusal> {
        let charter = self.charter()?;
        let acknowledgement = Acknowledgement {
            cluster: charter.cluster.clone(),
            signer: self.me.clone(),
            version: charter.version,
            charter: charter.hash,
            freezes: self.state.freezes.state(),
            incarnation: self.state.incarnation,
            time_ms: clock::now_ms(),
        };
        self.sign(labels::ACKNOWLEDGEMENT, acknowledgement.to_bytes())
    }
}
