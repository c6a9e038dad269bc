//! Key creation by all signers: the run, the share, and our part of the certificate.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use quorate_secret::{Secret, SecretBytes};
use quorate_threshold::{Abort, Curve, KeyShare, Keygen, Outgoing, Protocol, Step, keygen};
use quorate_wire::certificate::KeyCertificate;
use quorate_wire::hash::{Hash, digest};
use quorate_wire::order::Order;
use quorate_wire::{Refusal, Whose, ensure, fault_point, labels, path};

use super::early::Early;
use super::out::{Out, bug};
use super::run::Counters;
use super::unsealed::{Held, Unsealed};
use crate::blobs::{self, Context, no_randomness};
use crate::identity::vault_refused;
use crate::proto::keeper as pb;
use crate::proto::keeper::event::Event;
use crate::proto::peer::{self, Round};
use crate::state::KeyRecord;

/// The set-up between all pairs takes a second; the rest is the operator's network.
const LIFETIME: Duration = Duration::from_secs(300);
/// This version makes no second generation of shares.
const EPOCH: u32 = 1;

pub(super) struct Ceremony {
    order: [u8; 16],
    order_hash: Hash,
    key: String,
    curve: path::Curve,
    others: Vec<u8>,
    run: Keygen,
    counters: Counters,
    steps: u32,
    since: Instant,
}

#[derive(Default)]
pub(super) struct Ceremonies(BTreeMap<Hash, Ceremony>);

impl Ceremonies {
    pub fn sweep(&mut self, out: &mut Out) {
        let reason = Refusal::new("ceremony_expired", "no end within 5 minutes").whose(Whose::Peer);
        self.kill(|ceremony| ceremony.since.elapsed() > LIFETIME, &reason, out);
    }

    pub fn kill_all(&mut self, reason: &Refusal, out: &mut Out) {
        self.kill(|_| true, reason, out);
    }

    /// A quorum orders the key anew. What an earlier order began cannot end where somebody died or a message was lost, and
    /// waiting for it would only keep the administrators from trying again.
    fn supersede(&mut self, key: &str, out: &mut Out) {
        let reason =
            Refusal::new("ceremony_superseded", "a newer order creates the same key").whose(Whose::State);
        self.kill(|ceremony| ceremony.key == key, &reason, out);
    }

    fn kill(&mut self, dead: impl Fn(&Ceremony) -> bool, reason: &Refusal, out: &mut Out) {
        self.0.retain(|_, ceremony| {
            let dies = dead(ceremony);
            if dies {
                out.ceremony_dead(&ceremony.order, reason);
            }
            !dies
        });
    }
}

impl Ceremony {
    /// Number of message rounds of a key generation, for progress.
    fn of(&self) -> u32 {
        match self.curve {
            path::Curve::Secp256k1 => 5,
            path::Curve::Ed25519 => 3,
        }
    }

    fn progress(&mut self, sent: &[Outgoing], out: &mut Out) {
        if sent.is_empty() {
            return;
        }
        self.steps += 1;
        out.event(Event::CeremonyProgress(pb::CeremonyProgress {
            order_id: self.order.to_vec(),
            step: format!("key generation, round {}", self.steps),
            done: self.steps,
            of: self.of(),
        }));
    }
}

impl Unsealed {
    /// Starts the ceremony that an order allows. The caller has used the order up.
    pub fn begin_ceremony(&mut self, order: &Order, key: &str, out: &mut Out) -> Result<(), Refusal> {
        self.ensure_started()?;
        let charter = self.charter()?;
        let spec = charter.key(key);
        ensure("order_key", spec.is_some(), format_args!("the charter has no key {key}"))?;
        let curve = spec.ok_or_else(|| bug("key"))?.curve;
        let certified = self.state.keys.get(key).is_some_and(|record| record.certified);
        ensure("key_exists", !certified, format_args!("{key} has a complete certificate"))?;
        let parties: Vec<u8> = charter.signers.iter().map(|signer| signer.index).collect();
        let (me, threshold) = (self.own()?.index, charter.threshold);
        self.ceremonies.supersede(key, out);
        let session = digest(labels::CEREMONY, &order.hash);
        let mut ceremony = Ceremony {
            order: order.id,
            order_hash: order.hash,
            key: key.to_owned(),
            curve,
            others: parties.iter().copied().filter(|&index| index != me).collect(),
            run: keygen(threshold_curve(curve), session, me, &parties, threshold),
            counters: Counters::default(),
            steps: 0,
            since: Instant::now(),
        };
        let started = ceremony.run.start();
        self.advance_ceremony(session, ceremony, started, out)?;
        for (from, round) in Early::take(&mut self.early, &session) {
            self.ceremony_round(from, session, &round, out)?;
        }
        Ok(())
    }

    /// True if the ceremony of that session runs here.
    pub fn runs_ceremony(&self, session: &Hash) -> bool {
        self.ceremonies.0.contains_key(session)
    }

    /// Hands a peer's message to its ceremony.
    pub fn ceremony_round(
        &mut self,
        from: u8,
        session: Hash,
        round: &Round,
        out: &mut Out,
    ) -> Result<(), Refusal> {
        let Some(mut ceremony) = self.ceremonies.0.remove(&session) else { return Ok(()) };
        let step = ceremony
            .counters
            .hear(from, round.counter)
            .and_then(|()| ceremony.run.receive(from, &round.payload));
        self.advance_ceremony(session, ceremony, step, out)
    }

    fn advance_ceremony(
        &mut self,
        session: Hash,
        mut ceremony: Ceremony,
        step: Result<Step<KeyShare>, Abort>,
        out: &mut Out,
    ) -> Result<(), Refusal> {
        let (sent, share) = match step {
            Ok(Step::Send(sent)) => (sent, None),
            Ok(Step::Done(sent, share)) => (sent, Some(share)),
            Err(abort) => {
                out.ceremony_dead(&ceremony.order, &self.refusal(&abort));
                return Ok(());
            }
        };
        ceremony.progress(&sent, out);
        let about = (peer::Kind::Keygen, &session, 0);
        let rounds = ceremony.counters.address(&ceremony.others, sent, about);
        match share {
            None => {
                self.ceremonies.0.insert(session, ceremony);
            }
            Some(share) => self.finish_ceremony(&ceremony, &share, out)?,
        }
        self.post(rounds, out)
    }

    /// The share goes to the vault and, sealed, into this reply's `persist`; only then our signature for the key leaves.
    fn finish_ceremony(
        &mut self,
        ceremony: &Ceremony,
        share: &KeyShare,
        out: &mut Out,
    ) -> Result<(), Refusal> {
        let bytes = share.to_secret_bytes().map_err(|abort| self.refusal(&abort))?;
        let record = self.seal_share(ceremony, &bytes, out)?;
        if let Some(old) = self.held.remove(&ceremony.key) {
            self.vault.erase(old.share).map_err(vault_refused)?;
        }
        let public = share.public().clone();
        let share = self.vault.put(bytes).map_err(vault_refused)?;
        self.held.insert(ceremony.key.clone(), Held { public, share });
        self.state.keys.insert(ceremony.key.clone(), record);
        self.state.banned.remove(&ceremony.key);
        fault_point("keeper.after_share");
        let certificate = self.own_certificate(ceremony)?;
        let signed = self.sign(labels::KEY, certificate.to_bytes())?;
        out.event(Event::CertificatePart(pb::CertificatePart {
            order_id: ceremony.order.to_vec(),
            certificate: Some(signed.into()),
        }));
        Ok(())
    }

    /// Seals the share under a wrapping key of its own, which is kept under the root key in the state.
    fn seal_share(
        &self,
        ceremony: &Ceremony,
        share: &SecretBytes,
        out: &mut Out,
    ) -> Result<KeyRecord, Refusal> {
        let name = blobs::key_blob_name(&ceremony.key, EPOCH);
        let first = self.chain.first().ok_or_else(|| bug("charter"))?;
        let context =
            Context { signer: &self.me, name: &name, cluster: Some((first.cluster.as_str(), &first.hash)) };
        let wrapping: Secret<32> = Secret::random().map_err(no_randomness)?;
        let root = self.keys.root(&self.vault)?;
        let wrapped = wrapping.expose(|key| blobs::seal(&root, &context, key))?;
        let content = share.expose(|share| blobs::seal(&wrapping, &context, share))?;
        out.persist(&name, content);
        Ok(KeyRecord { epoch: EPOCH, wrapped, order: ceremony.order_hash, certified: false })
    }

    fn own_certificate(&self, ceremony: &Ceremony) -> Result<KeyCertificate, Refusal> {
        let charter = self.charter()?;
        let public = &self.held.get(&ceremony.key).ok_or_else(|| bug("key"))?.public;
        Ok(KeyCertificate {
            cluster: charter.cluster.clone(),
            charter: charter.hash,
            order: ceremony.order_hash,
            key: ceremony.key.clone(),
            curve: ceremony.curve,
            epoch: EPOCH,
            threshold: charter.threshold,
            signers: charter.signers.iter().map(|signer| signer.id.clone()).collect(),
            public_key: public.public_key.clone(),
            chain_code: public.chain_code,
        })
    }
}

fn threshold_curve(curve: path::Curve) -> Curve {
    match curve {
        path::Curve::Secp256k1 => Curve::Secp256k1,
        path::Curve::Ed25519 => Curve::Ed25519,
    }
}
