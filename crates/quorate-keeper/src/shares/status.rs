//! What the operator may see.

use std::fs;

use super::unsealed::Unsealed;
use crate::proto::keeper as pb;

impl Unsealed {
    pub fn status(&self) -> pb::StatusReply {
        let keys = self.state.keys.iter().filter(|(_, record)| record.certified);
        let banned = |(key, peers): (&String, &std::collections::BTreeSet<String>)| {
            peers.iter().map(|peer| format!("{key}/{peer}")).collect::<Vec<_>>()
        };
        pb::StatusReply {
            start: Some(self.start_state()),
            channels: self.channels.connected(),
            keys: keys.map(|(id, _)| id.clone()).collect(),
            banned: self.state.banned.iter().flat_map(banned).collect(),
            sessions: u32::try_from(self.sessions.len()).unwrap_or(u32::MAX),
            incarnation: self.state.incarnation,
            rss_bytes: resident(),
        }
    }
}

/// Resident memory in bytes; 0 if the kernel does not say.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * rustix::param::page_size() as u64
}
