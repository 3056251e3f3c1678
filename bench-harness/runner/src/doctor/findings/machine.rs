//! Findings about the machine itself.

use std::num::NonZeroU64;

use busbench_brokers::own_emulator;

use super::{Check, Finding, Level, mebibytes};
use crate::doctor::clock_source::ClockSource;
use crate::doctor::facts::{BoostSwitch, Facts};

/// Fewer cannot hold a server, a publisher and a subscriber beside each other, with the pacer.
const CORES_THAT_SUFFICE: u32 = 4;
/// What three servers with their queues, the harness and its histograms need.
const MEMORY_BYTES: u64 = 1 << 30;
/// Files that the program and a server have open beside their connections.
const OTHER_FILES: u64 = 64;
/// Connections that the largest of the scenarios here stay well below.
const CONNECTIONS: u64 = 256;

/// One finding for each check that the machine tells something about.
pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let findings = [
        Some(emulation(facts)),
        Some(virtualization(facts)),
        Some(cores(facts)),
        Some(governor(facts)),
        boost(facts),
        smt(facts),
        Some(clock_source(facts)),
        memory(facts),
        Some(swap(facts)),
        Some(open_files(facts)),
    ];
    findings.into_iter().flatten().collect()
}

fn emulation(facts: &Facts) -> Finding {
    let arch = &facts.host.arch;
    if facts.host.emulated {
        let by = own_emulator().map_or_else(String::new, |by| format!(" ({by})"));
        let what = format!("a program for {arch} on another CPU, by an emulator{by}");
        let remedy = "run a busbench that was built for this machine's own CPU";
        Check::Emulation.found(Level::Problem, what, Some(remedy))
    } else {
        Check::Emulation.found(Level::Ok, format!("{arch}, not emulated"), None)
    }
}

fn virtualization(facts: &Facts) -> Finding {
    match &facts.host.virtualization {
        None => Check::Virtualization.found(Level::Ok, "none that the machine shows", None),
        Some(layers) => {
            let remedy = "publish figures of a machine that nobody else uses";
            Check::Virtualization.found(Level::Note, layers.clone(), Some(remedy))
        }
    }
}

fn cores(facts: &Facts) -> Finding {
    let cpu = &facts.cpu;
    let what = format!("{} usable of {} online", cpu.usable, cpu.online);
    let fewer = cpu.usable < cpu.online;
    let remedy = fewer.then_some(
        "lift the limit of CPUs: `taskset -p $$` shows the affinity, a container has `--cpus` and \
         `--cpuset-cpus`",
    );
    let small = "take rates as lower bounds (`limited_by` says `machine`), or use more cores";
    match cpu.usable {
        0 | 1 => Check::Cores.found(Level::Problem, what, remedy.or(Some(small))),
        2.. if cpu.usable < CORES_THAT_SUFFICE => {
            Check::Cores.found(Level::Warning, what, remedy.or(Some(small)))
        }
        _ if fewer => Check::Cores.found(Level::Note, what, remedy),
        _ => Check::Cores.found(Level::Ok, what, None),
    }
}

fn governor(facts: &Facts) -> Finding {
    let governors = &facts.cpu.governors;
    if governors.is_empty() {
        let what = "the machine shows none: the clock is its owner's or the firmware's";
        return Check::Governor.found(Level::Note, what, None);
    }
    let what = governors.join(", ");
    if governors.iter().all(|governor| governor == "performance") {
        return Check::Governor.found(Level::Ok, what, None);
    }
    let remedy = "echo performance | \
                  sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor";
    Check::Governor.found(Level::Warning, what, Some(remedy))
}

fn boost(facts: &Facts) -> Option<Finding> {
    let boost = facts.cpu.boost?;
    if !boost.on {
        return Some(Check::Boost.found(Level::Ok, "off", None));
    }
    let remedy = match boost.switch {
        BoostSwitch::IntelPstate => {
            "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
        }
        BoostSwitch::Cpufreq => "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost",
    };
    Some(Check::Boost.found(Level::Warning, "on", Some(remedy)))
}

fn smt(facts: &Facts) -> Option<Finding> {
    let smt = facts.cpu.smt.as_ref()?;
    if !smt.active {
        let what = format!(
            "the kernel shows no CPUs that share a core ({})",
            smt.control
        );
        return Some(Check::Smt.found(Level::Ok, what, None));
    }
    let what = match &smt.first_core {
        Some(siblings) => format!("on: CPUs {siblings} are one core"),
        None => "on".to_owned(),
    };
    let remedy = "echo off | sudo tee /sys/devices/system/cpu/smt/control";
    Some(Check::Smt.found(Level::Note, what, Some(remedy)))
}

fn clock_source(facts: &Facts) -> Finding {
    let clock = &facts.clock;
    let Some(current) = &clock.current else {
        return Check::ClockSource.found(Level::Note, "the kernel does not say", None);
    };
    let told = |name: &str| match ClockSource::of(name) {
        Some(source) => format!("{name} ({})", source.what()),
        None => name.to_owned(),
    };
    let others = clock.available.iter().filter(|name| *name != current);
    let others: Vec<String> = others.map(|name| told(name)).collect();
    let mut what = told(current);
    if !others.is_empty() {
        what = format!("{what}; there is also {}", others.join(", "));
    }
    match ClockSource::of(current) {
        None => Check::ClockSource.found(Level::Note, what, None),
        Some(source) if source.is_read_in_user_space() => {
            Check::ClockSource.found(Level::Ok, what, None)
        }
        Some(_) => {
            let better = clock
                .available
                .iter()
                .find(|name| ClockSource::of(name).is_some_and(ClockSource::is_read_in_user_space));
            let remedy = match better {
                Some(better) => format!(
                    "echo {better} | sudo tee \
                     /sys/devices/system/clocksource/clocksource0/current_clocksource"
                ),
                None => "`dmesg | grep -i clocksource` tells why the kernel gave a faster one up"
                    .to_owned(),
            };
            Check::ClockSource.found(Level::Problem, what, Some(&remedy))
        }
    }
}

fn memory(facts: &Facts) -> Option<Finding> {
    let available = facts.memory.available_bytes;
    if available == 0 {
        return None;
    }
    let total = mebibytes(facts.host.memory_bytes);
    let what = format!("{} of {total} MiB available", mebibytes(available));
    Some(if available < MEMORY_BYTES {
        let remedy = "end what else uses memory, and keep `client.retention` small";
        Check::Memory.found(Level::Warning, what, Some(remedy))
    } else {
        Check::Memory.found(Level::Ok, what, None)
    })
}

fn swap(facts: &Facts) -> Finding {
    let (size, used) = (facts.memory.swap_bytes, facts.memory.swap_used_bytes);
    let remedy = Some("sudo swapoff --all");
    match (size, used) {
        (0, _) => Check::Swap.found(Level::Ok, "none", None),
        (_, 0) => {
            let what = format!("{} MiB, unused", mebibytes(size));
            Check::Swap.found(Level::Note, what, remedy)
        }
        _ => {
            let what = format!("{} of {} MiB in use", mebibytes(used), mebibytes(size));
            Check::Swap.found(Level::Warning, what, remedy)
        }
    }
}

fn open_files(facts: &Facts) -> Finding {
    let (soft, hard) = (facts.files.soft, facts.files.hard);
    let shown = |limit: Option<NonZeroU64>| {
        limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string())
    };
    let Some(limit) = soft.map(NonZeroU64::get) else {
        return Check::OpenFiles.found(Level::Ok, "no limit", None);
    };
    let connections = limit.saturating_sub(OTHER_FILES);
    let what = format!(
        "{limit} (can be raised to: {}), enough for about {connections} connections",
        shown(hard)
    );
    let can_be_raised = hard.is_none_or(|hard| hard.get() > limit);
    let raise = match hard {
        Some(hard) => format!("ulimit -n {hard}"),
        None => "ulimit -n unlimited".to_owned(),
    };
    let remedy = if can_be_raised {
        raise.as_str()
    } else {
        "raise `nofile` in /etc/security/limits.conf, and log in again"
    };
    let level = if connections < CONNECTIONS {
        Level::Warning
    } else if can_be_raised {
        Level::Note
    } else {
        Level::Ok
    };
    let remedy = (level != Level::Ok).then_some(remedy);
    Check::OpenFiles.found(level, what, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::machines::{ARM64, BARE_METAL, VM, facts_of};
    use crate::host::files::Recorded;

    /// The levels of a machine's findings, those that are ok left out.
    fn check(facts: &Facts, expected: &[(Check, Level)]) {
        let found: Vec<_> = findings(facts)
            .iter()
            .filter(|finding| finding.level != Level::Ok)
            .map(|finding| (finding.check, finding.level))
            .collect();
        assert_eq!(found, expected);
    }

    fn remedy(facts: &Facts, of: Check) -> String {
        let finding = findings(facts).into_iter().find(|found| found.check == of);
        finding.unwrap().remedy.unwrap()
    }

    #[test]
    fn a_small_virtual_machine_is_told_what_it_can_show() {
        let expected = [
            (Check::Virtualization, Level::Note),
            (Check::Cores, Level::Warning),
            (Check::Governor, Level::Note),
            (Check::OpenFiles, Level::Note),
        ];
        check(&facts_of(&Recorded::new(VM), "x86_64", 2), &expected);
    }

    #[test]
    fn bare_metal_is_told_every_switch_with_its_command() {
        let facts = facts_of(&Recorded::new(BARE_METAL), "x86_64", 16);
        let expected = [
            (Check::Governor, Level::Warning),
            (Check::Boost, Level::Warning),
            (Check::Smt, Level::Note),
            (Check::ClockSource, Level::Problem),
            (Check::Swap, Level::Warning),
            (Check::OpenFiles, Level::Note),
        ];
        check(&facts, &expected);
        for (check, command) in [
            (
                Check::Governor,
                "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
            ),
            (
                Check::Boost,
                "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo",
            ),
            (
                Check::ClockSource,
                "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
            ),
            (Check::OpenFiles, "ulimit -n 1048576"),
        ] {
            assert_eq!(remedy(&facts, check), command);
        }
    }

    #[test]
    fn a_small_gateway_is_short_of_memory_and_saves_power() {
        let expected = [
            (Check::Governor, Level::Warning),
            (Check::Memory, Level::Warning),
            (Check::Swap, Level::Note),
            (Check::OpenFiles, Level::Note),
        ];
        check(&facts_of(&Recorded::new(ARM64), "aarch64", 4), &expected);
    }

    #[test]
    fn an_emulated_machine_is_a_problem() {
        let mut facts = facts_of(&Recorded::new(VM), "aarch64", 4);
        assert_eq!(findings(&facts)[0].level, Level::Ok);
        facts.host.emulated = true;
        assert_eq!(findings(&facts)[0].level, Level::Problem);
    }

    #[test]
    fn fewer_cores_than_there_are_is_told_with_who_may_limit_them() {
        let facts = facts_of(&Recorded::new(BARE_METAL), "x86_64", 8);
        let cores = cores(&facts);
        assert_eq!(
            (cores.level, cores.what.as_str()),
            (Level::Note, "8 usable of 16 online")
        );
        assert!(cores.remedy.unwrap().contains("--cpuset-cpus"));
    }

    #[test]
    fn a_slow_clock_without_a_better_one_says_where_to_look() {
        let folder = "/sys/devices/system/clocksource/clocksource0";
        let machine = Recorded::new(BARE_METAL)
            .with(&format!("{folder}/available_clocksource"), "hpet acpi_pm\n");
        let facts = facts_of(&machine, "x86_64", 16);
        assert!(remedy(&facts, Check::ClockSource).contains("dmesg"));
        let silent = machine.without(&format!("{folder}/current_clocksource"));
        let facts = facts_of(&silent, "x86_64", 16);
        assert_eq!(clock_source(&facts).level, Level::Note);
    }

    #[test]
    fn a_limit_of_open_files_is_judged_by_connections() {
        let check = |soft: u64, hard: u64, level, told: &str| {
            let mut facts = facts_of(&Recorded::new(VM), "x86_64", 2);
            (facts.files.soft, facts.files.hard) = (NonZeroU64::new(soft), NonZeroU64::new(hard));
            let finding = open_files(&facts);
            assert_eq!(finding.level, level, "{soft} {hard}");
            assert!(finding.what.contains(told), "{}", finding.what);
        };
        check(256, 4096, Level::Warning, "about 192 connections");
        check(1024, 0, Level::Note, "no limit");
        check(20_000, 20_000, Level::Ok, "about 19936 connections");
        check(0, 0, Level::Ok, "no limit");
    }
}
