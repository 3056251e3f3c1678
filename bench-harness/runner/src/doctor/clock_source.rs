//! What the kernel's clock sources are.

/// A clock source whose ways are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClockSource {
    /// x86's time stamp counter.
    Tsc,
    /// KVM's, by way of the time stamp counter.
    KvmClock,
    /// Hyper-V's, by way of the time stamp counter.
    HyperV,
    /// Xen's.
    Xen,
    /// ARM's generic timer.
    Arm,
    /// RISC-V's.
    RiscV,
    /// A timer on the chip set, at 10 MHz and more.
    Hpet,
    /// The power-management timer, at 3.58 MHz.
    AcpiPm,
    /// The kernel's own ticks.
    Jiffies,
}

impl ClockSource {
    /// The source that the kernel calls by this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "tsc" | "tsc-early" => Some(Self::Tsc),
            "kvm-clock" => Some(Self::KvmClock),
            "hyperv_clocksource_tsc_page" => Some(Self::HyperV),
            "xen" => Some(Self::Xen),
            "arch_sys_counter" => Some(Self::Arm),
            "riscv_clocksource" => Some(Self::RiscV),
            "hpet" => Some(Self::Hpet),
            "acpi_pm" => Some(Self::AcpiPm),
            "jiffies" | "refined-jiffies" => Some(Self::Jiffies),
            _ => None,
        }
    }

    /// In a few words.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Tsc => "the CPU's own counter, read without a system call",
            Self::KvmClock => "the CPU's counter as KVM scales it, read without a system call",
            Self::HyperV => "the CPU's counter as Hyper-V scales it, read without a system call",
            Self::Xen => "the CPU's counter as Xen scales it, by a system call where Xen says so",
            Self::Arm => "ARM's generic timer, read without a system call",
            Self::RiscV => "RISC-V's timer, read without a system call",
            Self::Hpet => "a timer on the board, about a microsecond and a system call each time",
            Self::AcpiPm => "a timer on the board, slow, and in steps of 279 ns",
            Self::Jiffies => "the kernel's ticks, in steps of milliseconds",
        }
    }

    /// Whether a program reads it by itself (the kernel's vDSO).
    pub(super) const fn is_read_in_user_space(self) -> bool {
        match self {
            Self::Tsc | Self::KvmClock | Self::HyperV | Self::Xen | Self::Arm | Self::RiscV => true,
            Self::Hpet | Self::AcpiPm | Self::Jiffies => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ClockSource;

    #[test]
    fn sources_are_told_apart_by_who_reads_them() {
        for (name, in_user_space) in [
            ("tsc", Some(true)),
            ("kvm-clock", Some(true)),
            ("arch_sys_counter", Some(true)),
            ("hpet", Some(false)),
            ("acpi_pm", Some(false)),
            ("sundial", None),
        ] {
            let found = ClockSource::of(name).map(ClockSource::is_read_in_user_space);
            assert_eq!(found, in_user_space, "{name}");
        }
    }
}
