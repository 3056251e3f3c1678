use super::*;
use crate::doctor::machines::{ARM64, BARE_METAL, VM, facts_of};
use crate::host::files::Recorded;

#[test]
fn a_virtual_machine_shows_no_frequencies() {
    let facts = facts_of(&Recorded::new(VM), "x86_64", 2);
    assert_eq!((facts.cpu.usable, facts.cpu.online), (2, 2));
    assert_eq!((facts.cpu.governors.len(), facts.cpu.boost), (0, None));
    let smt = facts.cpu.smt.unwrap();
    assert_eq!((smt.active, smt.control.as_str()), (false, "notsupported"));
    assert_eq!(facts.clock.current.as_deref(), Some("tsc"));
    assert_eq!(facts.clock.available, ["tsc", "kvm-clock"]);
    assert_eq!(
        facts.host.virtualization.as_deref(),
        Some("virtual machine")
    );
    assert_eq!(facts.memory.swap_bytes, 0);
}

#[test]
fn bare_metal_shows_governor_boost_siblings_and_swap() {
    let facts = facts_of(&Recorded::new(BARE_METAL), "x86_64", 16);
    assert_eq!((facts.cpu.usable, facts.cpu.online), (16, 16));
    assert_eq!(facts.cpu.governors, ["performance", "powersave"]);
    let boost = Boost {
        on: true,
        switch: BoostSwitch::IntelPstate,
    };
    assert_eq!(facts.cpu.boost, Some(boost));
    let smt = facts.cpu.smt.unwrap();
    assert_eq!((smt.active, smt.first_core.as_deref()), (true, Some("0,8")));
    assert_eq!(facts.clock.current.as_deref(), Some("hpet"));
    assert_eq!(facts.host.virtualization, None);
    assert_eq!(facts.memory.swap_used_bytes, (8_388_604 - 8_126_460) * 1024);
}

#[test]
fn arm64_shows_its_own_counter_and_boost_as_cpufreq_says_it() {
    let facts = facts_of(&Recorded::new(ARM64), "aarch64", 4);
    let boost = Boost {
        on: false,
        switch: BoostSwitch::Cpufreq,
    };
    assert_eq!(facts.cpu.boost, Some(boost));
    assert_eq!(facts.cpu.governors, ["ondemand"]);
    assert_eq!(facts.clock.current.as_deref(), Some("arch_sys_counter"));
    assert!(!facts.host.emulated);
    assert_eq!(facts.host.cpu_model, "implementer 0x41 part 0xd08");
}

#[test]
fn a_machine_that_tells_nothing_has_what_system_calls_tell() {
    let facts = facts_of(&Recorded::new(""), "x86_64", 3);
    assert_eq!((facts.cpu.usable, facts.cpu.online), (3, 3));
    assert_eq!((facts.cpu.boost, facts.cpu.smt), (None, None));
    assert_eq!(
        (facts.clock.current, facts.memory.available_bytes),
        (None, 0)
    );
}

#[test]
fn lists_of_cpus_are_read_as_the_kernel_writes_them() {
    let check = |list: &str, expected: &[u32]| assert_eq!(cpu_list(list), expected, "{list}");
    check("0-3", &[0, 1, 2, 3]);
    check("0,2-3,8", &[0, 2, 3, 8]);
    check("5", &[5]);
    check("", &[]);
    check("0-,x", &[]);
}

#[test]
fn this_machine_has_limits_of_open_files() {
    let limits = file_limits();
    assert!(
        limits.hard.is_none() || limits.soft <= limits.hard,
        "{limits:?}"
    );
}
