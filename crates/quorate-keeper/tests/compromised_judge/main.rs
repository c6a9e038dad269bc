//! A compromised judge against its honest keeper. Everything the judge may say is tried in a harmful form; each must be refused by
//! the check that is named here, and no protocol message, share or signature may leave.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../cluster/mod.rs"]
mod cluster;

mod blobs;
mod charters;
mod envelopes;
mod orders;
mod peers;
mod releases;
mod suite;
mod votes;

use suite::Suite;

#[test]
fn no_share_leaves() {
    let mut suite = Suite::new();
    suite.run("charter, version 1", charters::version_1);
    suite.run("start: invented peers", peers::start);
    suite.activate();
    suite.run("certificate", peers::certificates);
    suite.run("charter, later versions", charters::later_versions);
    suite.run("order", orders::orders);
    suite.run("vote", votes::votes);
    suite.run("release", releases::releases);
    suite.run("envelope", envelopes::envelopes);
    suite.run("blob", blobs::blobs);
    suite.report();
}
