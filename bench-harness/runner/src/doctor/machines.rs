//! Recorded machines for the tests; `data/README.md` says where they come from.

use std::num::NonZeroU64;

use super::facts::{self, Facts, FileLimits};
use crate::host;
use crate::host::files::Recorded;

pub(super) const VM: &str = include_str!("data/x86-vm.txt");
pub(super) const BARE_METAL: &str = include_str!("data/x86-bare-metal.txt");
pub(super) const ARM64: &str = include_str!("data/arm64.txt");

/// The facts of a recorded machine with Debian's usual limits of open files.
pub(super) fn facts_of(machine: &Recorded, arch: &str, usable_cores: u32) -> Facts {
    let host = host::read(machine, arch, "gateway", "6.1.0", usable_cores, false);
    let limits = FileLimits {
        soft: NonZeroU64::new(1024),
        hard: NonZeroU64::new(1_048_576),
    };
    facts::read(machine, host, limits)
}
