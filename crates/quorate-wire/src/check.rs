//! Refusals by name. Each check that guards against a hostile server, judge or peer goes through [`ensure`], so that a test
//! build (feature `ablation`) can drop it by name and show that it was needed.

use std::fmt::{self, Display};

/// Whose fault a refusal is; decides what the operator has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The request itself: the judge, or whoever stands behind it.
    Caller,
    /// What the judge keeps for the keeper (sealed blobs, charters, certificates).
    Storage,
    /// Another signer; see the culprits.
    Peer,
    /// This keeper's own state does not allow it now.
    State,
    /// A defect of this program or of the machine below it.
    Bug,
}

impl Whose {
    /// The word used on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Storage => "storage",
            Self::Peer => "peer",
            Self::State => "state",
            Self::Bug => "bug",
        }
    }
}

/// A named refusal. `check` is stable: tests, logs and operators rely on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub check: &'static str,
    pub whose: Whose,
    pub message: String,
    pub hint: &'static str,
    pub culprits: Vec<String>,
}

impl Refusal {
    pub fn new(check: &'static str, message: impl Display) -> Self {
        Self { check, whose: Whose::Caller, message: message.to_string(), hint: "", culprits: Vec::new() }
    }

    #[must_use]
    pub fn whose(mut self, whose: Whose) -> Self {
        self.whose = whose;
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// Names the signer whose message proves the fault.
    #[must_use]
    pub fn blame(mut self, signer: &str) -> Self {
        self.whose = Whose::Peer;
        self.culprits = vec![signer.to_owned()];
        self
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.message)
    }
}

impl std::error::Error for Refusal {}

/// Refuses with the name `check` unless `holds`.
///
/// # Errors
/// The named [`Refusal`].
pub fn ensure(check: &'static str, holds: bool, message: impl Display) -> Result<(), Refusal> {
    if holds || dropped(check) {
        return Ok(());
    }
    Err(Refusal::new(check, message))
}

#[cfg(not(feature = "ablation"))]
fn dropped(_check: &'static str) -> bool {
    false
}

#[cfg(feature = "ablation")]
fn dropped(check: &'static str) -> bool {
    static DROPPED: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    DROPPED
        .get_or_init(|| {
            let names = std::env::var("QUORATE_DROP_CHECKS").unwrap_or_default();
            names.split(',').map(str::to_owned).collect()
        })
        .iter()
        .any(|name| name == check)
}

/// A place where a crash test may kill this process: nothing in a normal build.
#[cfg(not(feature = "ablation"))]
pub fn fault_point(_name: &'static str) {}

/// Kills this process by SIGKILL when `QUORATE_FAULT` is `name` (first passage) or `name:k` (k-th passage).
#[cfg(feature = "ablation")]
pub fn fault_point(name: &'static str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static PASSAGES: AtomicU64 = AtomicU64::new(0);
    let Ok(wanted) = std::env::var("QUORATE_FAULT") else {
        return;
    };
    let (wanted, passage) = match wanted.split_once(':') {
        Some((wanted, k)) => (wanted.to_owned(), k.parse().unwrap_or(1)),
        None => (wanted, 1),
    };
    if wanted == name && PASSAGES.fetch_add(1, Ordering::Relaxed) + 1 == passage {
        use rustix::process::{Signal, getpid, kill_process};
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_its_name() {
        assert_eq!(ensure("start_rule", true, "never shown"), Ok(()));
        let refusal = ensure("start_rule", false, "nobody answered").unwrap_err();
        assert_eq!(refusal.to_string(), "start_rule: nobody answered");
        assert_eq!(refusal.whose.word(), "caller");
    }

    #[test]
    fn blame_names_the_peer() {
        let refusal = Refusal::new("vote_signature", "bad").blame("signer-2");
        assert_eq!((refusal.whose, refusal.culprits), (Whose::Peer, vec!["signer-2".to_owned()]));
    }
}
