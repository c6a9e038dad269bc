//! Pages for resting secrets: the only place with `unsafe` in the workspace's own code.
//!
//! `memfd_secret(2)` (Linux 5.14) takes the pages out of the kernel's direct map: other processes, `/proc/PID/mem`, ptrace and
//! the kernel's own copies cannot read them, and they are never swapped. Where the kernel lacks it, anonymous memory is locked
//! (`mlock`) instead. Both are left out of core dumps and given to no child process.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr::NonNull;

use rustix::fs::ftruncate;
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap, mmap_anonymous, munmap};
use zeroize::Zeroize;

/// A private mapping of whole pages that holds `len` secret bytes; wiped, then unmapped on drop.
pub(crate) struct Pages {
    base: NonNull<u8>,
    mapped: usize,
    len: usize,
}

// SAFETY: the mapping is owned by this value alone, is not tied to a thread, and is only read through `&self`.
unsafe impl Send for Pages {}
// SAFETY: as above; `&self` gives reads only.
unsafe impl Sync for Pages {}

impl Pages {
    /// Pages of `memfd_secret`; an error if the kernel does not offer it or its limit (RLIMIT_MEMLOCK) is reached.
    pub(crate) fn secret(len: usize) -> Result<Self, Errno> {
        let mapped = whole_pages(len)?;
        let file = memfd_secret()?;
        ftruncate(&file, mapped as u64)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches no existing memory.
        let base = unsafe { mmap(std::ptr::null_mut(), mapped, protection, MapFlags::SHARED, &file, 0)? };
        Self::own(base, mapped, len)
    }

    /// Anonymous pages, locked into memory; an error if RLIMIT_MEMLOCK does not allow it.
    pub(crate) fn locked(len: usize) -> Result<Self, Errno> {
        let mapped = whole_pages(len)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new anonymous mapping at an address of the kernel's choice touches no existing memory.
        let base = unsafe { mmap_anonymous(std::ptr::null_mut(), mapped, protection, MapFlags::PRIVATE)? };
        let pages = Self::own(base, mapped, len)?;
        // SAFETY: `base..base + mapped` is the mapping made above, owned by `pages`.
        unsafe { mlock(base, mapped)? };
        Ok(pages)
    }

    fn own(base: *mut c_void, mapped: usize, len: usize) -> Result<Self, Errno> {
        let pages = Self { base: NonNull::new(base.cast()).ok_or(Errno::NOMEM)?, mapped, len };
        for advice in [Advice::LinuxDontDump, Advice::LinuxDontFork] {
            // SAFETY: advice about a mapping that `pages` owns; neither advice changes its content.
            unsafe { madvise(base, mapped, advice)? };
        }
        Ok(pages)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `len <= mapped` initialised (zero-filled by the kernel) bytes, valid for the life of `self`.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and `&mut self` makes the access exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.len) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.bytes_mut().zeroize();
        // SAFETY: the mapping is owned by `self` and never used again. An error would leave wiped pages behind: harmless.
        let _ = unsafe { munmap(self.base.as_ptr().cast(), self.mapped) };
    }
}

fn memfd_secret() -> Result<OwnedFd, Errno> {
    // SAFETY: the system call takes one integer and returns a new descriptor or -1.
    let descriptor = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let descriptor = i32::try_from(descriptor).map_err(|_| Errno::NOSYS)?;
    if descriptor < 0 {
        return Err(Errno::NOSYS);
    }
    // SAFETY: the kernel has just given this descriptor to us and to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// `len` rounded up to pages, at least one.
fn whole_pages(len: usize) -> Result<usize, Errno> {
    len.max(1).checked_next_multiple_of(rustix::param::page_size()).ok_or(Errno::NOMEM)
}
