use super::*;

const X86_CPU: &str = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC\n";
const ARM_CPU: &str = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n";
/// As qemu-user 10.0 of Debian 13 writes it.
const QEMU_CPU: &str = "processor\t: 0\nmodel name\t: ARMv8 Processor rev 0 (v8l)\n\
                        CPU implementer\t: 0x00\nCPU part\t: 0x051\n";

fn of(machine: &str) -> Architecture {
    Architecture::of_kernel(machine)
}

/// A program that the CPU runs itself.
fn native(machine: &str, cpuinfo: &str) -> Signs {
    let path = PathBuf::from("/usr/local/bin/busbench");
    Signs {
        architecture: of(machine),
        cpuinfo: cpuinfo.to_owned(),
        kernel: Some(of(machine)),
        told: Some(path),
        executed: Some(executed("/usr/local/bin/busbench", machine)),
        auxv_differs: false,
        translated: false,
    }
}

/// Every sign that an emulator gives hidden but those that `shown` sets.
#[track_caller]
fn check(signs: Signs, shown: impl FnOnce(&mut Signs), expected: Option<&str>) {
    let mut signs = signs;
    shown(&mut signs);
    assert_eq!(signs.emulator().as_deref(), expected, "{signs:?}");
}

fn executed(path: &str, machine: &str) -> Executable {
    Executable {
        path: PathBuf::from(path),
        architecture: Some(of(machine)),
    }
}

#[test]
fn a_program_that_the_cpu_runs_itself_gives_no_sign() {
    check(native("x86_64", X86_CPU), |_| {}, None);
    check(native("aarch64", ARM_CPU), |_| {}, None);
    // What a machine does not show is no sign.
    let hidden = |signs: &mut Signs| {
        (signs.kernel, signs.told, signs.executed) = (None, None, None);
        signs.cpuinfo.clear();
    };
    check(native("aarch64", ARM_CPU), hidden, None);
    check(native("riscv64", "hart\t: 0\n"), |_| {}, None);
    // A program of 32 bits on a CPU that has them.
    let on_64 = |signs: &mut Signs| signs.kernel = Some(of("x86_64"));
    check(native("i686", X86_CPU), on_64, None);
}

#[test]
fn each_sign_of_qemu_user_is_enough_alone() {
    let kernel = |signs: &mut Signs| signs.kernel = Some(of("x86_64"));
    check(
        native("aarch64", ARM_CPU),
        kernel,
        Some("the kernel is one for x86_64"),
    );
    let seen = |signs: &mut Signs| {
        signs.executed = Some(executed("/usr/bin/qemu-aarch64-static", "x86_64"));
    };
    check(
        native("aarch64", ARM_CPU),
        seen,
        Some("qemu-aarch64-static"),
    );
    let renamed = |signs: &mut Signs| {
        signs.executed = Some(executed("/usr/local/bin/busbench", "x86_64"));
    };
    check(native("aarch64", ARM_CPU), renamed, Some("busbench"));
    check(
        native("aarch64", X86_CPU),
        |_| {},
        Some("the CPU is one of AuthenticAMD"),
    );
    check(
        native("aarch64", QEMU_CPU),
        |_| {},
        Some("the CPU is software (implementer 0)"),
    );
    check(
        native("aarch64", ARM_CPU),
        |signs| signs.auxv_differs = true,
        Some("/proc/self/auxv is not that of the process"),
    );
}

#[test]
fn an_emulator_of_the_machines_own_architecture_is_one_too() {
    let seen =
        |signs: &mut Signs| signs.executed = Some(executed("/usr/bin/qemu-x86_64", "x86_64"));
    check(native("x86_64", X86_CPU), seen, Some("qemu-x86_64"));
    let renamed = |signs: &mut Signs| signs.executed = Some(executed("/opt/translate", "x86_64"));
    check(native("x86_64", X86_CPU), renamed, Some("translate"));
}

#[test]
fn translators_of_x86_on_arm_are_told_too() {
    check(
        native("x86_64", ARM_CPU),
        |_| {},
        Some("the CPU is one of ARM implementer 0x41"),
    );
    let apple = "processor\t: 0\nvendor_id\t: VirtualApple\n";
    check(
        native("x86_64", apple),
        |_| {},
        Some("the CPU is VirtualApple (Rosetta)"),
    );
    let box64 =
        |signs: &mut Signs| signs.executed = Some(executed("/usr/local/bin/box64", "aarch64"));
    check(native("x86_64", X86_CPU), box64, Some("box64"));
    check(
        native("x86_64", ""),
        |signs| signs.translated = true,
        Some("Rosetta translates it"),
    );
}

#[test]
fn a_whole_machine_of_software_is_told_by_its_cpu() {
    let tcg = "vendor_id\t: AuthenticAMD\nmodel name\t: QEMU TCG CPU version 2.5+\n";
    check(
        native("x86_64", tcg),
        |_| {},
        Some("the CPU is software (QEMU TCG CPU version 2.5+)"),
    );
}

#[test]
fn what_is_below_an_emulator_is_told_by_kernel_or_executable() {
    let mut signs = native("aarch64", ARM_CPU);
    assert_eq!(signs.below(), of("aarch64"));
    signs.kernel = Some(of("x86_64"));
    assert_eq!(signs.below(), of("x86_64"));
    signs.kernel = None;
    signs.executed = Some(executed("/usr/bin/qemu-aarch64", "x86_64"));
    assert_eq!(signs.below(), of("x86_64"));
}

/// Told by what no emulator changes: where the kernel does not say its architecture, nothing is held
/// against it.
#[test]
fn this_program_knows_who_runs_it() {
    let Ok(kernel) = fs::read_to_string("/proc/sys/kernel/arch") else {
        eprintln!("skipped: this kernel does not tell its architecture (before Linux 6.1)");
        return;
    };
    let is_native = of(&kernel).runs(&Architecture::of_this_program());
    assert_eq!(own_emulator().is_none(), is_native, "{:?}", Signs::read());
    assert_eq!(kernel_architecture(), of(&kernel));
}
