//! Heat and power supply: what slows a CPU below what its governor asks for.

use serde::Serialize;

use super::CPU;
use crate::host::files::Files;

const ZONES: &str = "/sys/class/thermal";
/// More than any machine has; numbers may be missing in between.
const ZONES_AT_MOST: u32 = 64;
const TRIPS_AT_MOST: u32 = 16;
const SENSORS_AT_MOST: u32 = 16;
/// Where Raspberry Pi's kernels show what their firmware did. Kernels of the Pi 5 may not have it.
const FIRMWARE: [&str; 2] = [
    "/sys/devices/platform/soc/soc:firmware/get_throttled",
    "/sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled",
];

/// What slows the CPUs, as far as the machine shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HeatFacts {
    /// Places where it takes its temperature.
    pub zones: Vec<ThermalZone>,
    /// What a Raspberry Pi's firmware did; `None` on other machines, and where it is not shown.
    pub firmware: Option<FirmwareFlags>,
    /// Whether the supply's voltage is too low now, as a Raspberry Pi's sensor has it.
    pub undervoltage: Option<bool>,
    /// The CPU whose clock is furthest below what it could be; `None` where none is.
    pub slowed: Option<SlowedClock>,
}

/// A thermal zone (kernel, `ABI/testing/sysfs-class-thermal`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThermalZone {
    /// What it is called: `cpu-thermal`, `x86_pkg_temp`.
    pub name: String,
    /// Its temperature, in thousandths of a degree Celsius.
    pub millidegrees: i32,
    /// From where on the kernel slows what heats it: its lowest passive trip point. `None` where it
    /// has none.
    pub slowed_from_millidegrees: Option<i32>,
}

/// The bits of `vcgencmd get_throttled` (Raspberry Pi documentation, "vcgencmd"): those of now in the
/// lower half, those since the start 16 bits above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FirmwareFlags(u32);

/// A clock that is lower than the hardware allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SlowedClock {
    /// Where it is, or may be at most, in kHz.
    pub khz: u64,
    /// Where it could be, in kHz.
    pub highest_khz: u64,
    /// How that was seen.
    pub sign: SlowedSign,
}

/// How a low clock was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlowedSign {
    /// `scaling_max_freq` is below `cpuinfo_max_freq`: a setting, or the kernel against heat.
    MaximumLowered,
    /// `cpuinfo_cur_freq` is below what the governor `performance` asks for: firmware did it.
    BelowGovernor,
}

impl FirmwareFlags {
    /// As the kernel writes them: hexadecimal, without a prefix.
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        u32::from_str_radix(digits, 16).ok().map(Self)
    }

    /// What happens now, in words.
    #[must_use]
    pub fn now(self) -> Vec<&'static str> {
        self.words(0)
    }

    /// What has happened since the machine started, in words.
    #[must_use]
    pub fn since_start(self) -> Vec<&'static str> {
        self.words(16)
    }

    fn words(self, first: u32) -> Vec<&'static str> {
        let named = [
            "undervoltage",
            "clock capped",
            "throttled",
            "soft temperature limit",
        ];
        let bits = (first..).zip(named);
        bits.filter(|(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, name)| name)
            .collect()
    }
}

/// Reads them; `online` are the CPUs that are switched on.
pub(super) fn read(files: &impl Files, online: &[u32]) -> HeatFacts {
    HeatFacts {
        zones: (0..ZONES_AT_MOST)
            .filter_map(|number| zone(files, number))
            .collect(),
        firmware: FIRMWARE
            .iter()
            .find_map(|path| FirmwareFlags::parse(&files.line(path)?)),
        undervoltage: undervoltage(files),
        slowed: slowed(files, online),
    }
}

fn zone(files: &impl Files, number: u32) -> Option<ThermalZone> {
    let folder = format!("{ZONES}/thermal_zone{number}");
    let trips = (0..TRIPS_AT_MOST).filter_map(|trip| {
        let kind = files.line(&format!("{folder}/trip_point_{trip}_type"))?;
        let from = millidegrees(files, &format!("{folder}/trip_point_{trip}_temp"))?;
        // A trip point that was never set is 0 or below.
        (kind == "passive" && from > 0).then_some(from)
    });
    Some(ThermalZone {
        name: files.line(&format!("{folder}/type"))?,
        millidegrees: millidegrees(files, &format!("{folder}/temp"))?,
        slowed_from_millidegrees: trips.min(),
    })
}

fn millidegrees(files: &impl Files, path: &str) -> Option<i32> {
    files.line(path)?.parse().ok()
}

/// Kernel, `hwmon/raspberrypi-hwmon`.
fn undervoltage(files: &impl Files) -> Option<bool> {
    let sensor = (0..SENSORS_AT_MOST)
        .map(|number| format!("/sys/class/hwmon/hwmon{number}"))
        .find(|folder| files.line(&format!("{folder}/name")).as_deref() == Some("rpi_volt"))?;
    Some(files.number(&format!("{sensor}/in0_lcrit_alarm"))? != 0)
}

/// The worst of all CPUs.
fn slowed(files: &impl Files, online: &[u32]) -> Option<SlowedClock> {
    let clocks = online.iter().filter_map(|cpu| clock(files, *cpu));
    clocks.min_by(|a, b| {
        // Cross-multiplied, so that big and little cores are compared by their shares.
        let (left, right) = (a.khz * b.highest_khz, b.khz * a.highest_khz);
        left.cmp(&right)
    })
}

fn clock(files: &impl Files, cpu: u32) -> Option<SlowedClock> {
    let folder = format!("{CPU}/cpu{cpu}/cpufreq");
    let khz = |name| files.number(&format!("{folder}/{name}"));
    let (highest, allowed) = (khz("cpuinfo_max_freq")?, khz("scaling_max_freq")?);
    let governor = files.line(&format!("{folder}/scaling_governor"));
    // Asked of the hardware, and for root only: `scaling_cur_freq` may be what was asked for.
    let current = khz("cpuinfo_cur_freq").filter(|_| governor.as_deref() == Some("performance"));
    match current {
        // Drivers round to what the clock's divider can make.
        Some(current) if current * 10 < allowed * 9 => Some(SlowedClock {
            khz: current,
            highest_khz: highest,
            sign: SlowedSign::BelowGovernor,
        }),
        _ => (allowed < highest).then_some(SlowedClock {
            khz: allowed,
            highest_khz: highest,
            sign: SlowedSign::MaximumLowered,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::machines::{ARM64, VM};
    use crate::host::files::Recorded;

    const CPUS: [u32; 4] = [0, 1, 2, 3];

    fn firmware(text: &str) -> FirmwareFlags {
        let machine = Recorded::new(ARM64).with(FIRMWARE[0], text);
        read(&machine, &CPUS).firmware.unwrap()
    }

    #[test]
    fn a_gateway_shows_its_temperature_and_where_it_is_slowed() {
        let zone = ThermalZone {
            name: "cpu-thermal".to_owned(),
            millidegrees: 48_686,
            slowed_from_millidegrees: Some(80_000),
        };
        let facts = read(&Recorded::new(ARM64), &CPUS);
        assert_eq!(facts.zones, [zone]);
        assert_eq!(facts.firmware, Some(FirmwareFlags(0)));
        assert_eq!((facts.undervoltage, facts.slowed), (Some(false), None));
    }

    #[test]
    fn a_machine_without_sensors_shows_nothing() {
        assert_eq!(read(&Recorded::new(VM), &[0, 1]), HeatFacts::default());
    }

    #[test]
    fn firmware_tells_what_happens_from_what_has_happened() {
        let flags = firmware("50005\n");
        assert_eq!(flags.now(), ["undervoltage", "throttled"]);
        assert_eq!(flags.since_start(), ["undervoltage", "throttled"]);
        let flags = firmware("0xe0000\n");
        assert!(flags.now().is_empty());
        let expected = ["clock capped", "throttled", "soft temperature limit"];
        assert_eq!(flags.since_start(), expected);
        let unreadable = Recorded::new(ARM64).with(FIRMWARE[0], "unknown\n");
        assert_eq!(read(&unreadable, &CPUS).firmware, None);
    }

    #[test]
    fn a_trip_point_that_was_never_set_or_slows_nothing_is_none() {
        let folder = format!("{ZONES}/thermal_zone0");
        for (kind, from) in [("passive", "0"), ("passive", "-274000"), ("critical", "9")] {
            let machine = Recorded::new(ARM64)
                .with(&format!("{folder}/trip_point_1_type"), kind)
                .with(&format!("{folder}/trip_point_1_temp"), from);
            let zones = read(&machine, &CPUS).zones;
            assert_eq!(zones[0].slowed_from_millidegrees, None, "{kind} {from}");
        }
    }

    #[test]
    fn the_clock_that_is_slowed_most_is_told() {
        let file = |cpu: u32, name: &str| format!("{CPU}/cpu{cpu}/cpufreq/{name}");
        let machine = Recorded::new(ARM64)
            .with(&file(1, "scaling_max_freq"), "1000000\n")
            .with(&file(2, "scaling_max_freq"), "1200000\n");
        let expected = SlowedClock {
            khz: 1_000_000,
            highest_khz: 1_800_000,
            sign: SlowedSign::MaximumLowered,
        };
        assert_eq!(read(&machine, &CPUS).slowed, Some(expected));
    }

    #[test]
    fn a_clock_below_its_governor_is_slowed_by_firmware() {
        let file = |name: &str| format!("{CPU}/cpu0/cpufreq/{name}");
        let idle = Recorded::new(ARM64).with(&file("cpuinfo_cur_freq"), "600000\n");
        assert_eq!(read(&idle, &CPUS).slowed, None, "ondemand saves power");
        let asked = idle.with(&file("scaling_governor"), "performance\n");
        let expected = SlowedClock {
            khz: 600_000,
            highest_khz: 1_800_000,
            sign: SlowedSign::BelowGovernor,
        };
        assert_eq!(read(&asked, &CPUS).slowed, Some(expected));
    }
}
