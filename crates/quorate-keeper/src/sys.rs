//! System calls without a safe wrapper: inherited file descriptors, and the network namespace. The only `unsafe` of this crate.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, RawFd};
use std::os::unix::net::UnixStream;

/// The first descriptor after stdin, stdout and stderr.
const FIRST: RawFd = 3;

/// Closes every inherited descriptor above stderr except `keep`, and marks those to be closed on exec.
///
/// # Errors
/// When the kernel refuses, or a descriptor to be kept is not open or below 3.
pub fn close_all_except(keep: &[RawFd]) -> io::Result<()> {
    let mut keep: Vec<u32> = keep.iter().map(|&fd| checked(fd)).collect::<io::Result<_>>()?;
    keep.sort_unstable();
    let mut from = FIRST.unsigned_abs();
    for fd in keep {
        if from < fd {
            close_range(from, fd - 1)?;
        }
        from = fd + 1;
    }
    close_range(from, u32::MAX)
}

fn checked(fd: RawFd) -> io::Result<u32> {
    // SAFETY: F_SETFD takes an integer and touches no memory.
    if fd < FIRST || unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("descriptor {fd} is not open")));
    }
    Ok(fd.unsigned_abs())
}

fn close_range(first: u32, last: u32) -> io::Result<()> {
    // SAFETY: run before this process has opened anything of its own, so that no owned descriptor is closed behind its owner.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Takes over an inherited socket. Call once for each descriptor, after [`close_all_except`] kept it.
#[must_use]
pub fn socket(fd: RawFd) -> UnixStream {
    // SAFETY: the descriptor was checked to be open and is owned by nobody else in this process.
    unsafe { UnixStream::from_raw_fd(fd) }
}

/// Takes over an inherited pipe or file. Call once for each descriptor, after [`close_all_except`] kept it.
#[must_use]
pub fn file(fd: RawFd) -> File {
    // SAFETY: as in `socket`.
    unsafe { File::from_raw_fd(fd) }
}

/// Moves this process into a network namespace of its own. Needs CAP_SYS_ADMIN; false where it is not allowed.
#[must_use]
pub fn leave_network() -> bool {
    // SAFETY: takes flags and touches no memory; the process has one thread and uses no network.
    unsafe { libc::unshare(libc::CLONE_NEWNET) == 0 }
}
