//! Other clocks of the same kernel, as witnesses of the one that times everything.

/// Readings of three clocks, taken one after the other within a microsecond or so where the thread
/// kept its core for that long once in several tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "every time in this project says its unit"
)]
pub struct ClockWitness {
    monotonic_ns: i64,
    raw_ns: i64,
    boot_ns: i64,
}

/// How often the clocks are read for one reading.
#[cfg(target_os = "linux")]
const TRIES: usize = 20;

/// What happened to `CLOCK_MONOTONIC` between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drift {
    /// Time by `CLOCK_MONOTONIC`, in ns.
    pub elapsed_ns: u64,
    /// How much longer that is than by `CLOCK_MONOTONIC_RAW`, which NTP does not slew, in ns.
    pub against_raw_ns: i64,
    /// How much longer `CLOCK_BOOTTIME` says: the time for which the machine was suspended, in ns.
    pub suspended_ns: i64,
}

impl ClockWitness {
    /// Reads the clocks; `None` on systems that have but one (`clock_gettime(2)`: Linux has all).
    ///
    /// A thread that loses its core between two readings would show a jump of some milliseconds
    /// that never was, so the tightest of several tries counts.
    #[must_use]
    pub fn read() -> Option<Self> {
        #[cfg(target_os = "linux")]
        {
            use rustix::time::{ClockId, Timespec, clock_gettime};

            let ns = |time: Timespec| time.tv_sec * 1_000_000_000 + time.tv_nsec;
            let once = || {
                let monotonic_ns = ns(clock_gettime(ClockId::Monotonic));
                let raw_ns = ns(clock_gettime(ClockId::MonotonicRaw));
                let boot_ns = ns(clock_gettime(ClockId::Boottime));
                let took_ns = ns(clock_gettime(ClockId::Monotonic)) - monotonic_ns;
                let witness = Self {
                    monotonic_ns,
                    raw_ns,
                    boot_ns,
                };
                (took_ns, witness)
            };
            let tries = std::iter::repeat_with(once).take(TRIES);
            let tightest = tries.min_by_key(|(took_ns, _)| *took_ns)?;
            Some(tightest.1)
        }
        #[cfg(not(target_os = "linux"))]
        {
            None
        }
    }

    /// What happened since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Self) -> Drift {
        let elapsed_ns = self.monotonic_ns - earlier.monotonic_ns;
        Drift {
            elapsed_ns: elapsed_ns.max(0).cast_unsigned(),
            against_raw_ns: elapsed_ns - (self.raw_ns - earlier.raw_ns),
            suspended_ns: (self.boot_ns - earlier.boot_ns) - elapsed_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClockWitness, Drift};

    #[test]
    fn a_jump_and_a_suspension_show_against_the_other_clocks() {
        let before = ClockWitness {
            monotonic_ns: 1_000,
            raw_ns: 900,
            boot_ns: 5_000,
        };
        let after = ClockWitness {
            monotonic_ns: 11_000,
            raw_ns: 10_400,
            boot_ns: 22_000,
        };
        let expected = Drift {
            elapsed_ns: 10_000,
            against_raw_ns: 500,
            suspended_ns: 7_000,
        };
        assert_eq!(after.since(before), expected);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_clocks_of_this_machine_agree_over_some_milliseconds() {
        let before = ClockWitness::read().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5));
        let drift = ClockWitness::read().unwrap().since(before);
        assert!(drift.elapsed_ns >= 5_000_000, "{drift:?}");
        // Between two readings the thread may lose its core for a while.
        assert!(drift.against_raw_ns.abs() < 200_000_000, "{drift:?}");
    }
}
