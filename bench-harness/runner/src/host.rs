//! The machine that a run is on, as far as it tells.

use std::fs;
use std::path::Path;
use std::thread::available_parallelism;

use busbench_results::Host;

/// Reads what the machine tells of itself. What it does not tell is absent or `unknown`.
#[must_use]
pub fn describe() -> Host {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = rustix::system::uname();
    Host {
        name: system.nodename().to_string_lossy().into_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        cpu_model: cpu_model(&cpuinfo).unwrap_or_else(|| "unknown".to_owned()),
        cores: available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1)),
        memory_bytes: memory_bytes(&meminfo).unwrap_or(0),
        os: pretty_name(&os_release).unwrap_or_else(|| std::env::consts::OS.to_owned()),
        kernel: system.release().to_string_lossy().into_owned(),
        governor: first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        virtualization: virtualization(&cpuinfo),
        emulated: is_emulated(std::env::consts::ARCH, &cpuinfo),
        clock_source: first_line(
            "/sys/devices/system/clocksource/clocksource0/current_clocksource",
        ),
    }
}

fn first_line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

fn field<'a>(text: &'a str, name: &str, separator: char) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(separator)?;
        (key.trim() == name).then(|| value.trim())
    })
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

fn memory_bytes(meminfo: &str) -> Option<u64> {
    let kibibytes = field(meminfo, "MemTotal", ':')?.strip_suffix("kB")?.trim();
    kibibytes.parse::<u64>().ok()?.checked_mul(1024)
}

fn pretty_name(os_release: &str) -> Option<String> {
    field(os_release, "PRETTY_NAME", '=').map(|name| name.trim_matches('"').to_owned())
}

/// The CPU's hypervisor flag with the vendor that the firmware names, and Docker's own mark.
fn virtualization(cpuinfo: &str) -> Option<String> {
    let hypervisor = field(cpuinfo, "flags", ':')
        .is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"));
    let machine = hypervisor.then(|| match first_line("/sys/class/dmi/id/sys_vendor") {
        Some(vendor) => format!("virtual machine ({vendor})"),
        None => "virtual machine".to_owned(),
    });
    let container = Path::new("/.dockerenv")
        .exists()
        .then(|| "container".to_owned());
    let layers: Vec<String> = machine.into_iter().chain(container).collect();
    (!layers.is_empty()).then(|| layers.join(", "))
}

/// A program for ARM64 that sees an x86 CPU, or the reverse, runs under a user-mode emulator:
/// qemu-user hands `/proc/cpuinfo` through on architectures for which it does not write its own.
fn is_emulated(arch: &str, cpuinfo: &str) -> bool {
    let x86 = field(cpuinfo, "vendor_id", ':').is_some();
    let arm = field(cpuinfo, "CPU implementer", ':').is_some();
    match arch {
        "aarch64" => x86,
        "x86_64" => arm,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{cpu_model, describe, is_emulated, memory_bytes, pretty_name};

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
    fn a_program_that_sees_a_foreign_cpu_is_emulated() {
        assert!(is_emulated("aarch64", X86));
        assert!(is_emulated("x86_64", ARM));
        assert!(!is_emulated("x86_64", X86));
        assert!(!is_emulated("aarch64", ARM));
    }

    #[test]
    fn memory_and_system_are_read_from_their_files() {
        assert_eq!(
            memory_bytes("MemTotal:        2048 kB\nMemFree: 1 kB\n"),
            Some(2_097_152)
        );
        assert_eq!(
            pretty_name("ID=x\nPRETTY_NAME=\"Some OS 1\"\n").as_deref(),
            Some("Some OS 1")
        );
    }

    #[test]
    fn this_machine_tells_at_least_its_kernel_and_cores() {
        let host = describe();
        assert!(host.cores >= 1);
        assert!(!host.kernel.is_empty());
    }
}
