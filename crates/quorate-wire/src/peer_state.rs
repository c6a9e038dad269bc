//! Peer state (docs/spec/peer-state.md): what one signer knows of another, under a nonce.

use serde_json::Value;

use crate::canonical::{self, Members, encode, hex_text, object};
use crate::charter::{cluster, within};
use crate::check::Refusal;
use crate::freeze::FreezeState;
use crate::hash::Hash;
use crate::identifier::ensure_id;

/// The highest values a signer has seen of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    pub incarnation: u32,
    pub tally_count: u64,
    pub tally_head: Hash,
    pub log_size: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerState {
    pub cluster: String,
    pub from: String,
    pub about: String,
    pub nonce: Hash,
    pub version: u64,
    pub charter: Hash,
    pub freezes: FreezeState,
    pub time_ms: u64,
    pub known: Option<Known>,
}

impl PeerState {
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let known = self.known.map_or(Value::Null, |known| {
            object([
                ("incarnation", known.incarnation.into()),
                ("tally_count", known.tally_count.into()),
                ("tally_head", hex_text(&known.tally_head)),
                ("log_size", known.log_size.into()),
            ])
        });
        encode(&object([
            ("cluster", self.cluster.clone().into()),
            ("from", self.from.clone().into()),
            ("about", self.about.clone().into()),
            ("nonce", hex_text(&self.nonce)),
            ("version", self.version.into()),
            ("charter", hex_text(&self.charter)),
            ("freeze_count", self.freezes.count.into()),
            ("freeze_hash", hex_text(&self.freezes.hash)),
            ("time_ms", self.time_ms.into()),
            ("known", known),
        ]))
    }

    /// # Errors
    /// The checks of [`canonical`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut members = Members::of(canonical::decode(bytes)?, "peer_state")?;
        let state = Self {
            cluster: cluster(&mut members, "peer_state")?,
            from: members.text("from")?,
            about: members.text("about")?,
            nonce: members.hex("nonce")?,
            version: within(&mut members, "peer_state", "version", 1..=canonical::MAX_INTEGER)?,
            charter: members.hex("charter")?,
            freezes: FreezeState::read(&mut members)?,
            time_ms: members.integer("time_ms")?,
            known: known(members.any("known")?)?,
        };
        members.end()?;
        ensure_id(&state.from, "from")?;
        ensure_id(&state.about, "about")?;
        Ok(state)
    }
}

fn known(value: Value) -> Result<Option<Known>, Refusal> {
    if value.is_null() {
        return Ok(None);
    }
    let mut members = Members::of(value, "known")?;
    let incarnation = within(&mut members, "known", "incarnation", 1..=u64::from(u32::MAX))?;
    let known = Known {
        incarnation: u32::try_from(incarnation).unwrap_or(u32::MAX),
        tally_count: members.integer("tally_count")?,
        tally_head: members.hex("tally_head")?,
        log_size: members.integer("log_size")?,
    };
    members.end()?;
    Ok(Some(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(known: Option<Known>) -> PeerState {
        PeerState {
            cluster: "ab".repeat(16),
            from: "signer-1".into(),
            about: "signer-2".into(),
            nonce: [1; 32],
            version: 1,
            charter: [2; 32],
            freezes: FreezeState::default(),
            time_ms: 3,
            known,
        }
    }

    #[test]
    fn round_trip() {
        for known in [None, Some(Known { incarnation: 1, ..Known::default() })] {
            let state = sample(known);
            assert_eq!(PeerState::from_bytes(&state.to_bytes()).unwrap(), state);
        }
    }

    #[test]
    fn every_deviation_is_refused() {
        let text =
            String::from_utf8(sample(Some(Known { incarnation: 1, ..Known::default() })).to_bytes()).unwrap();
        for (from, to, check) in [
            ("\"freeze_count\":0", "\"freeze_count\":-1", "wrong_type"),
            ("\"version\":1", "\"version\":1,\"x\":1", "unknown_member"),
            ("\"log_size\":0,", "", "missing_member"),
            ("\"incarnation\":1", "\"incarnation\":4294967296", "wrong_type"),
            ("\"incarnation\":1", "\"incarnation\":0", "wrong_type"),
            ("\"version\":1", "\"version\":-1", "wrong_type"),
            ("\"version\":1", "\"version\": 1", "not_canonical"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let refused = PeerState::from_bytes(changed.as_bytes()).unwrap_err();
            assert_eq!(refused.check, check, "{from} -> {to}");
        }
    }
}
