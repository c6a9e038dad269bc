//! What the process takes from itself at start. `exec` resets some of it, so nobody else can do it for us.
//!
//! What is in force is reported by name in `Loaded.hardening`; what the machine does not allow is reported as refused.

use std::fs;
use std::io;

use rustix::mm::MlockAllFlags;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::set_no_new_privs;

use crate::sys;

/// Room that must be lockable for `mlockall` to stay: Argon2id's 64 MiB and the working set.
const LOCKABLE: usize = 160 << 20;

/// Applies everything; returns the names of what is in force.
///
/// # Errors
/// When one of the measures that always work is refused.
pub fn apply() -> io::Result<Vec<&'static str>> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_no_new_privs(true)?;
    Ok(vec!["non-dumpable", "no-core", "no-new-privileges", lock_memory(), leave_network()])
}

/// Locks present and future pages. With a low RLIMIT_MEMLOCK later allocations would fail instead of going unlocked, so the
/// room is probed and the lock given up if it is not there; the vault's pages are protected in either case.
fn lock_memory() -> &'static str {
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    if rustix::mm::mlockall(flags).is_err() {
        return "mlockall-refused";
    }
    if Vec::<u8>::new().try_reserve_exact(LOCKABLE).is_err() {
        let _ = rustix::mm::munlockall();
        return "mlockall-refused";
    }
    "mlockall"
}

/// The launcher should have given this process a namespace without network; where it has not and we may, we take one.
fn leave_network() -> &'static str {
    if !has_network() || (sys::leave_network() && !has_network()) {
        "no-network"
    } else {
        "network-not-isolated"
    }
}

/// True if there is any interface beside loopback.
fn has_network() -> bool {
    let interfaces = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let mut names = interfaces.lines().skip(2).filter_map(|line| line.split(':').next());
    names.any(|name| name.trim() != "lo")
}
