//! The machine that a run is on, as far as it tells.

pub(crate) mod cpu_time;
pub(crate) mod files;

use std::thread::available_parallelism;

use busbench_brokers::own_emulator;
use busbench_results::Host;

use files::{Files, ThisMachine, field, memory_bytes};

/// The first CPU's frequency governor; all of them have one policy unless somebody set them apart.
const GOVERNOR: &str = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
const CLOCK_SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

/// Reads what the machine tells of itself. What it does not tell is absent or `unknown`.
#[must_use]
pub fn describe() -> Host {
    let system = rustix::system::uname();
    read(
        &ThisMachine,
        std::env::consts::ARCH,
        &system.nodename().to_string_lossy(),
        &system.release().to_string_lossy(),
        available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1)),
        own_emulator().is_some(),
    )
}

/// A machine's files with what only system calls tell.
pub(crate) fn read(
    files: &impl Files,
    arch: &str,
    name: &str,
    kernel: &str,
    usable_cores: u32,
    emulated: bool,
) -> Host {
    let cpuinfo = files.text("/proc/cpuinfo").unwrap_or_default();
    let meminfo = files.text("/proc/meminfo").unwrap_or_default();
    let os_release = files.text("/etc/os-release").unwrap_or_default();
    Host {
        name: name.to_owned(),
        arch: arch.to_owned(),
        cpu_model: cpu_model(&cpuinfo).unwrap_or_else(|| "unknown".to_owned()),
        cores: usable_cores,
        memory_bytes: memory_bytes(&meminfo, "MemTotal").unwrap_or(0),
        os: pretty_name(&os_release).unwrap_or_else(|| std::env::consts::OS.to_owned()),
        kernel: kernel.to_owned(),
        governor: files.line(GOVERNOR),
        virtualization: virtualization(files, &cpuinfo),
        emulated,
        clock_source: files.line(CLOCK_SOURCE),
    }
}

/// x86 names the model; ARM64 names implementer and part.
fn cpu_model(cpuinfo: &str) -> Option<String> {
    if let Some(model) = field(cpuinfo, "model name", ':') {
        return Some(model.to_owned());
    }
    let implementer = field(cpuinfo, "CPU implementer", ':')?;
    let part = field(cpuinfo, "CPU part", ':')?;
    Some(format!("implementer {implementer} part {part}"))
}

fn pretty_name(os_release: &str) -> Option<String> {
    field(os_release, "PRETTY_NAME", '=').map(|name| name.trim_matches('"').to_owned())
}

/// The hypervisor that x86 CPUs show as a flag and ARM64 firmware as a node of the device tree, with
/// the vendor that the firmware names, and Docker's own mark.
fn virtualization(files: &impl Files, cpuinfo: &str) -> Option<String> {
    let by_flag = field(cpuinfo, "flags", ':')
        .is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    let in_tree = files.line("/proc/device-tree/hypervisor/compatible");
    let vendor = files
        .line("/sys/class/dmi/id/sys_vendor")
        .or(in_tree.clone());
    let machine = (by_flag || in_tree.is_some()).then(|| match vendor {
        Some(vendor) => format!("virtual machine ({vendor})"),
        None => "virtual machine".to_owned(),
    });
    let container = files.has("/.dockerenv").then(|| "container".to_owned());
    let layers: Vec<String> = machine.into_iter().chain(container).collect();
    (!layers.is_empty()).then(|| layers.join(", "))
}

#[cfg(test)]
mod tests {
    use super::files::Recorded;
    use super::{cpu_model, describe, pretty_name, virtualization};

    const X86: &str = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\n";
    const ARM: &str = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n";

    #[test]
    fn a_cpu_is_named_as_its_kernel_names_it() {
        assert_eq!(cpu_model(X86).as_deref(), Some("AMD EPYC"));
        assert_eq!(
            cpu_model(ARM).as_deref(),
            Some("implementer 0x41 part 0xd08")
        );
        assert_eq!(cpu_model(""), None);
    }

    #[test]
    fn the_system_is_named_as_it_names_itself() {
        assert_eq!(
            pretty_name("ID=x\nPRETTY_NAME=\"Some OS 1\"\n").as_deref(),
            Some("Some OS 1")
        );
    }

    #[test]
    fn a_virtual_machine_is_told_by_flag_or_device_tree() {
        let check = |cpuinfo, recording, expected: Option<&str>| {
            let found = virtualization(&Recorded::new(recording), cpuinfo);
            assert_eq!(found.as_deref(), expected);
        };
        let flagged = "flags\t\t: fpu hypervisor\n";
        let dmi = "== /sys/class/dmi/id/sys_vendor\nQEMU\n";
        let tree = "== /proc/device-tree/hypervisor/compatible\nlinux,kvm\n";
        check(flagged, "", Some("virtual machine"));
        check(flagged, dmi, Some("virtual machine (QEMU)"));
        check(ARM, tree, Some("virtual machine (linux,kvm)"));
        check(X86, dmi, None);
        check(X86, "== /.dockerenv\n", Some("container"));
    }

    #[test]
    fn this_machine_tells_at_least_its_kernel_and_cores() {
        let host = describe();
        assert!(host.cores >= 1);
        assert!(!host.kernel.is_empty());
    }
}
