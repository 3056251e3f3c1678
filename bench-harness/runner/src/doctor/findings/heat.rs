//! Findings about heat and power supply.

use super::{Check, Finding, Level};
use crate::doctor::facts::{FirmwareFlags, HeatFacts, SlowedClock, SlowedSign, ThermalZone};

/// A machine that is so near to where it is slowed gets there under load.
const NEAR_MILLIDEGREES: i32 = 10_000;

const COOLER: &str = "cool it (a heat sink, a fan, a free place), let it rest, and look again after \
                      the run";
const SUPPLY: &str =
    "use the board's own power supply and a short cable, and take off what it feeds";

/// What the machine shows; nothing where it shows nothing.
pub(super) fn findings(facts: &HeatFacts) -> Vec<Finding> {
    let findings = [
        temperature(&facts.zones),
        facts.firmware.map(firmware),
        // The firmware's flags say it too.
        facts
            .undervoltage
            .filter(|_| facts.firmware.is_none())
            .and_then(undervoltage),
        facts.slowed.as_ref().map(clock),
    ];
    findings.into_iter().flatten().collect()
}

/// The zone that is nearest to where it is slowed, else the hottest.
fn temperature(zones: &[ThermalZone]) -> Option<Finding> {
    let room = |zone: &ThermalZone| {
        let from = zone.slowed_from_millidegrees?;
        Some((from.saturating_sub(zone.millidegrees), from))
    };
    let nearest = zones
        .iter()
        .filter_map(|zone| Some((zone, room(zone)?)))
        .min_by_key(|(_, (room, _))| *room);
    let Some((zone, (room, from))) = nearest else {
        let hottest = zones.iter().max_by_key(|zone| zone.millidegrees)?;
        let what = format!(
            "{} at {}; it does not show from where on it is slowed",
            hottest.name,
            degrees(hottest.millidegrees)
        );
        return Some(Check::Heat.found(Level::Ok, what, None));
    };
    let what = format!(
        "{} at {}, slowed from {}",
        zone.name,
        degrees(zone.millidegrees),
        degrees(from)
    );
    Some(if room <= 0 {
        Check::Heat.found(Level::Problem, what, Some(COOLER))
    } else if room <= NEAR_MILLIDEGREES {
        Check::Heat.found(Level::Warning, what, Some(COOLER))
    } else {
        Check::Heat.found(Level::Ok, what, None)
    })
}

fn firmware(flags: FirmwareFlags) -> Finding {
    let (now, earlier) = (flags.now(), flags.since_start());
    let told = if now.is_empty() { &earlier } else { &now };
    let remedy = if told.contains(&"undervoltage") {
        SUPPLY
    } else {
        COOLER
    };
    if !now.is_empty() {
        let what = format!("the firmware tells of {} now", now.join(", "));
        Check::Heat.found(Level::Problem, what, Some(remedy))
    } else if !earlier.is_empty() {
        let what = format!(
            "the firmware tells of {} since the machine started",
            earlier.join(", ")
        );
        Check::Heat.found(Level::Warning, what, Some(remedy))
    } else {
        let what = "the firmware has slowed nothing since the machine started";
        Check::Heat.found(Level::Ok, what, None)
    }
}

fn undervoltage(is_low: bool) -> Option<Finding> {
    let what = "the supply's voltage is too low now";
    is_low.then(|| Check::Heat.found(Level::Problem, what, Some(SUPPLY)))
}

fn clock(slowed: &SlowedClock) -> Finding {
    let (at, highest) = (megahertz(slowed.khz), megahertz(slowed.highest_khz));
    match slowed.sign {
        SlowedSign::MaximumLowered => {
            let what = format!("the clock may be at most {at} of {highest} MHz");
            let remedy = "where it is a setting: cd /sys/devices/system/cpu/cpu0/cpufreq && \
                          sudo tee scaling_max_freq <cpuinfo_max_freq, for each CPU";
            Check::Heat.found(Level::Note, what, Some(remedy))
        }
        SlowedSign::BelowGovernor => {
            let what = format!("the clock is at {at} of {highest} MHz, whatever its governor asks");
            Check::Heat.found(Level::Problem, what, Some(COOLER))
        }
    }
}

fn degrees(millidegrees: i32) -> String {
    format!("{:.1} °C", f64::from(millidegrees) / 1e3)
}

fn megahertz(khz: u64) -> u64 {
    khz / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::machines::{ARM64, VM, facts_of};
    use crate::host::files::Recorded;

    const ZONE: &str = "/sys/class/thermal/thermal_zone0";
    const FIRMWARE: &str = "/sys/devices/platform/soc/soc:firmware/get_throttled";

    #[track_caller]
    fn check(machine: &Recorded, expected: &[(Level, &str)]) {
        let found = findings(&facts_of(machine, "aarch64", 4).heat);
        let told: Vec<_> = found
            .iter()
            .map(|finding| (finding.level, finding.what.as_str()))
            .collect();
        assert_eq!(told, expected);
    }

    const COOL: (Level, &str) = (Level::Ok, "cpu-thermal at 48.7 °C, slowed from 80.0 °C");
    const UNSLOWED: (Level, &str) = (
        Level::Ok,
        "the firmware has slowed nothing since the machine started",
    );

    #[test]
    fn a_cool_gateway_is_well_and_a_virtual_machine_shows_nothing() {
        check(&Recorded::new(ARM64), &[COOL, UNSLOWED]);
        check(&Recorded::new(VM), &[]);
    }

    #[test]
    fn heat_is_judged_by_what_is_left_until_the_machine_is_slowed() {
        for (temperature, level, told) in [
            ("69999", Level::Ok, "70.0 °C"),
            ("70000", Level::Warning, "70.0 °C"),
            ("80000", Level::Problem, "80.0 °C"),
        ] {
            let machine = Recorded::new(ARM64).with(&format!("{ZONE}/temp"), temperature);
            let what = format!("cpu-thermal at {told}, slowed from 80.0 °C");
            check(&machine, &[(level, &what), UNSLOWED]);
        }
    }

    #[test]
    fn a_zone_without_a_trip_point_is_told_and_not_judged() {
        let machine = Recorded::new(ARM64).without(&format!("{ZONE}/trip_point_1_type"));
        let what = "cpu-thermal at 48.7 °C; it does not show from where on it is slowed";
        check(&machine, &[(Level::Ok, what), UNSLOWED]);
    }

    #[test]
    fn firmware_that_slows_now_is_a_problem_and_one_that_did_a_warning() {
        let with = |flags: &str| Recorded::new(ARM64).with(FIRMWARE, flags);
        let what = "the firmware tells of undervoltage, throttled now";
        check(&with("50005"), &[COOL, (Level::Problem, what)]);
        let what = "the firmware tells of soft temperature limit since the machine started";
        check(&with("80000"), &[COOL, (Level::Warning, what)]);
    }

    #[test]
    fn who_is_short_of_power_is_sent_to_the_supply_and_who_is_hot_to_a_fan() {
        let remedy = |flags| {
            let machine = Recorded::new(ARM64).with(FIRMWARE, flags);
            let found = findings(&facts_of(&machine, "aarch64", 4).heat);
            found[1].remedy.clone().unwrap()
        };
        assert_eq!(remedy("50000"), SUPPLY);
        assert_eq!(remedy("e0008"), COOLER);
    }

    #[test]
    fn a_kernel_without_the_firmwares_flags_may_have_a_sensor_of_the_supply() {
        let machine = Recorded::new(ARM64)
            .without(FIRMWARE)
            .with("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
        let what = "the supply's voltage is too low now";
        check(&machine, &[COOL, (Level::Problem, what)]);
    }

    #[test]
    fn a_lowered_clock_is_a_note_and_one_below_its_governor_a_problem() {
        let file = |name: &str| format!("/sys/devices/system/cpu/cpu0/cpufreq/{name}");
        let machine = Recorded::new(ARM64).with(&file("scaling_max_freq"), "1200000");
        let what = "the clock may be at most 1200 of 1800 MHz";
        check(&machine, &[COOL, UNSLOWED, (Level::Note, what)]);
        let machine = Recorded::new(ARM64)
            .with(&file("scaling_governor"), "performance")
            .with(&file("cpuinfo_cur_freq"), "600062");
        let what = "the clock is at 600 of 1800 MHz, whatever its governor asks";
        check(&machine, &[COOL, UNSLOWED, (Level::Problem, what)]);
    }
}
