//! Counts what is tried, and holds every try to the same two things: the named check, and nothing out.

use std::collections::BTreeMap;

use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;

use super::cluster::{Cluster, Kind, ecdsa_item, ed25519_item};

/// Fewest harmful tries that the suite must have made.
const AT_LEAST: usize = 400;

pub struct Suite {
    pub cluster: Cluster,
    class: &'static str,
    table: BTreeMap<(&'static str, String), usize>,
}

impl Suite {
    /// Three keepers without a charter.
    pub fn new() -> Self {
        Self { cluster: Cluster::without_charter(Kind::InProcess), class: "", table: BTreeMap::new() }
    }

    /// The honest way, up to two keys: what follows starts from a cluster that signs.
    pub fn activate(&mut self) {
        self.cluster.meet_start_rule();
        self.cluster.create_key("main");
        self.cluster.create_key("edwards");
        self.control();
    }

    pub fn run(&mut self, class: &'static str, tries: fn(&mut Self)) {
        self.class = class;
        tries(self);
        let tried: usize = self.table.iter().filter(|((of, _), _)| *of == class).map(|(_, n)| n).sum();
        assert!(tried > 0, "{class} tried nothing");
    }

    /// The same cluster still signs when nobody lies: the refusals before are not those of a dead keeper.
    pub fn control(&mut self) {
        self.cluster.heard.drop_envelopes();
        assert_eq!(self.cluster.sign("main", vec![ecdsa_item(1)], &[0, 1]).len(), 1);
        assert_eq!(self.cluster.sign("edwards", vec![ed25519_item(b"control")], &[0, 1]).len(), 1);
        self.cluster.protocol_messages();
    }

    /// One harmful request to the keeper of signer `at`.
    pub fn refused(&mut self, at: usize, what: &str, request: Request, check: &str) {
        self.refused_by_one(at, what, request, &[check]);
    }

    /// One harmful request that any of these checks may meet first.
    pub fn refused_by_one(&mut self, at: usize, what: &str, request: Request, checks: &[&str]) {
        let class = self.class;
        let error = match self.cluster.ask(at, request) {
            Reply::Error(error) => error,
            other => panic!("{class}: {what}: not refused: {other:?}"),
        };
        let named = checks.contains(&error.code.as_str());
        assert!(named, "{class}: {what}: refused by {} and not by {checks:?}: {}", error.code, error.message);
        assert!(!error.message.is_empty() && !error.whose.is_empty(), "{class}: {what}");
        self.nothing_out(what);
        self.count(&error.code);
    }

    /// No round of a protocol, no signature and no part of a certificate has left any keeper.
    pub fn nothing_out(&mut self, what: &str) {
        let heard = &mut self.cluster.heard;
        assert_eq!(heard.transports(), 0, "{}: {what}: a message left", self.class);
        assert_eq!(heard.signature_count(), 0, "{}: {what}: a signature left", self.class);
        assert_eq!(heard.part_count(), 0, "{}: {what}: a certificate left", self.class);
        heard.drop_envelopes();
    }

    pub fn count(&mut self, check: &str) {
        *self.table.entry((self.class, check.to_owned())).or_default() += 1;
    }

    pub fn report(&self) {
        let mut all = 0;
        println!("\ncompromised judge: refused, by class and check; shares out: 0");
        for ((class, check), count) in &self.table {
            println!("{class:26} {check:24} {count:5}");
            all += count;
        }
        println!("{all} harmful requests");
        assert!(all >= AT_LEAST, "only {all} were tried");
    }
}

/// A document signed by the first `count` administrators.
pub fn signed_by(cluster: &Cluster, draft: &super::cluster::Draft, count: usize) -> pb::SignedDocument {
    draft.sign(&cluster.administrators[..count])
}
