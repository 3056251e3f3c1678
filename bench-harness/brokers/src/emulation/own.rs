//! Who runs this program.

use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::{Architecture, Executable};

use super::{emulator_of, file_name};

/// What is seen of this program, from several sides.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signs {
    /// What this program was built for.
    architecture: Architecture,
    /// `/proc/cpuinfo`.
    cpuinfo: String,
    /// The kernel's own architecture, `kernel.arch` (since Linux 6.1), which no emulator answers for.
    kernel: Option<Architecture>,
    /// Behind `/proc/self/exe`, for which emulators answer.
    told: Option<PathBuf>,
    /// Behind `/proc/thread-self/exe`, for which they do not.
    executed: Option<Executable>,
    /// Whether `/proc/self/auxv` and `/proc/thread-self/auxv`, one vector of one process, differ.
    auxv_differs: bool,
    /// Whether macOS translates this program (`sysctl.proc_translated`, which Apple documents).
    translated: bool,
}

/// What emulates this program and how that shows; `None` where the CPU runs it itself, as far as can
/// be told.
#[must_use]
pub fn own_emulator() -> Option<String> {
    Signs::read().emulator()
}

/// The architecture of the CPU below this program and any emulator.
#[must_use]
pub fn kernel_architecture() -> Architecture {
    Signs::read().below()
}

impl Signs {
    fn read() -> Self {
        let auxv = |of: &str| fs::read(format!("/proc/{of}/auxv")).ok();
        let auxvs = auxv("self").zip(auxv("thread-self"));
        Self {
            architecture: Architecture::of_this_program(),
            cpuinfo: fs::read_to_string("/proc/cpuinfo").unwrap_or_default(),
            kernel: fs::read_to_string("/proc/sys/kernel/arch")
                .ok()
                .map(|name| Architecture::of_kernel(&name)),
            told: fs::read_link("/proc/self/exe").ok(),
            executed: Executable::behind(Path::new("/proc/thread-self/exe")),
            auxv_differs: auxvs.is_some_and(|(told, kept)| told != kept),
            translated: cfg!(target_os = "macos") && is_translated(),
        }
    }

    /// The first sign that tells most: who it is, then what differs.
    fn emulator(&self) -> Option<String> {
        let own = &self.architecture;
        self.by_executable()
            .or_else(|| {
                let kernel = self.kernel.as_ref().filter(|kernel| !kernel.runs(own))?;
                Some(format!("the kernel is one for {kernel}"))
            })
            .or_else(|| foreign_cpu(own, &self.cpuinfo))
            .or_else(|| {
                let differs = "/proc/self/auxv is not that of the process";
                self.auxv_differs.then(|| differs.to_owned())
            })
            .or_else(|| self.translated.then(|| "Rosetta translates it".to_owned()))
    }

    fn by_executable(&self) -> Option<String> {
        let executed = self.executed.as_ref()?;
        let name = file_name(&executed.path);
        let is_foreign = executed
            .architecture
            .as_ref()
            .is_some_and(|architecture| *architecture != self.architecture);
        let is_other = self
            .told
            .as_ref()
            .is_some_and(|told| *told != executed.path);
        (emulator_of(executed).is_some() || is_foreign || is_other).then_some(name)
    }

    fn below(&self) -> Architecture {
        let executed = || self.executed.as_ref()?.architecture.clone();
        let below = self.kernel.clone().or_else(executed);
        below.unwrap_or_else(|| self.architecture.clone())
    }
}

/// A CPU that is none of this program's architecture, or none at all.
fn foreign_cpu(own: &Architecture, cpuinfo: &str) -> Option<String> {
    let field = |name: &str| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim())
        })
    };
    let (vendor, implementer) = (field("vendor_id"), field("CPU implementer"));
    match own.name() {
        // qemu-user before 8.1 hands the file through.
        "aarch64" => match (vendor, implementer) {
            (Some(vendor), _) => Some(format!("the CPU is one of {vendor}")),
            // Arm's MIDR_EL1: reserved for software use. QEMU's `max` CPU has it, in a virtual
            // machine too.
            (None, Some("0x00" | "0x0")) => Some("the CPU is software (implementer 0)".to_owned()),
            _ => None,
        },
        "x86_64" => match (vendor, implementer, field("model name")) {
            (_, Some(implementer), _) => {
                Some(format!("the CPU is one of ARM implementer {implementer}"))
            }
            // Rosetta for Linux.
            (Some("VirtualApple"), ..) => Some("the CPU is VirtualApple (Rosetta)".to_owned()),
            // QEMU's `max` CPU where nothing accelerates it.
            (_, _, Some(model)) if model.starts_with("QEMU TCG CPU") => {
                Some(format!("the CPU is software ({model})"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Asks macOS. A program of its own, as the call needs unsafe code.
fn is_translated() -> bool {
    std::process::Command::new("/usr/sbin/sysctl")
        .args(["-in", "sysctl.proc_translated"])
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"1")
}

#[cfg(test)]
mod tests;
