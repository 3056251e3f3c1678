//! Findings about what was seen in a second of looking.

use super::{Check, Finding, Level, microseconds, percent};
use crate::doctor::activity::Activity;
use crate::doctor::facts::Facts;
use crate::doctor::watch::{WakeLag, Watched};
use crate::trial::{STEAL_AT_MOST, WAKE_LAG_MATTERS_FROM_NS};

/// From here on, others are worth a word, and then a warning.
const OTHERS_NOTED: f64 = 0.03;
const OTHERS_DISTURB: f64 = 0.1;
/// So much leaves no room for a measurement.
const OTHERS_RULE: f64 = 0.5;
/// A lag with which no latency below some milliseconds can be told.
const WAKE_LAG_LOST_NS: u64 = 2_000_000;
/// A clock read in user space takes tens of nanoseconds.
const CLOCK_READING_NS: f64 = 300.0;

/// What was seen.
pub(super) fn findings(watched: &Watched, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(activity) = &watched.activity {
        findings.push(steal(activity));
        findings.push(other_load(activity, facts));
        findings.extend(swapping(activity));
    }
    findings.push(wake_lag(watched));
    findings.extend(slow_clock(watched));
    findings
}

fn steal(activity: &Activity) -> Finding {
    let share = activity.steal_share;
    let what = format!("{} in {}", percent(share), seconds(activity));
    let remedy = Some("measure at a quieter hour, or on a machine with CPUs of its own");
    if share > STEAL_AT_MOST {
        Check::Steal.found(Level::Problem, what, remedy)
    } else if share > 0.0 {
        Check::Steal.found(Level::Note, what, remedy)
    } else {
        Check::Steal.found(Level::Ok, what, None)
    }
}

fn other_load(activity: &Activity, facts: &Facts) -> Finding {
    let share = activity.others_share;
    let what = format!(
        "others used {} of {} cores in {}",
        percent(share),
        facts.cpu.online,
        seconds(activity)
    );
    let remedy = Some("`top` shows who it is; end it, or measure when it has ended");
    if share > OTHERS_RULE {
        Check::OtherLoad.found(Level::Problem, what, remedy)
    } else if share > OTHERS_DISTURB {
        Check::OtherLoad.found(Level::Warning, what, remedy)
    } else if share > OTHERS_NOTED {
        Check::OtherLoad.found(Level::Note, what, remedy)
    } else {
        Check::OtherLoad.found(Level::Ok, what, None)
    }
}

/// Beside the finding about swap space: it is at work.
fn swapping(activity: &Activity) -> Option<Finding> {
    let pages = activity.swapped_pages;
    let what = format!(
        "{pages} pages went to swap or came back in {}",
        seconds(activity)
    );
    let remedy = "end what uses the memory (`top`, then M), then sudo swapoff --all";
    (pages > 0).then(|| Check::Swap.found(Level::Problem, what, Some(remedy)))
}

fn wake_lag(watched: &Watched) -> Finding {
    let told = |sleep: &WakeLag| {
        let shown = |ns: Option<u64>| ns.map_or_else(|| "unknown".to_owned(), microseconds);
        let slack = match sleep.slack_ns {
            Some(ns) if ns < 1000 => format!("{ns} ns slack"),
            Some(ns) => format!("{} us slack", ns / 1000),
            None => "no slack to set".to_owned(),
        };
        format!(
            "p50 {}, p99 {} with {slack}",
            shown(sleep.p50_ns),
            shown(sleep.p99_ns)
        )
    };
    let (default, sharp) = (&watched.default_sleep, &watched.sharp_sleep);
    let what = format!(
        "{} (the pacer's); {} (the default)",
        told(sharp),
        told(default)
    );
    let remedy = Some("end other programs; on a virtual machine, ask for CPUs of its own");
    match (sharp.p99_ns, sharp.slack_ns) {
        (Some(p99_ns), _) if p99_ns > WAKE_LAG_LOST_NS => {
            Check::WakeLag.found(Level::Problem, what, remedy)
        }
        (Some(p99_ns), _) if p99_ns > WAKE_LAG_MATTERS_FROM_NS => {
            Check::WakeLag.found(Level::Warning, what, remedy)
        }
        (Some(_), Some(..=1000)) => Check::WakeLag.found(Level::Ok, what, None),
        (None, _) | (_, None | Some(_)) => {
            let remedy = "this system does not let a thread wake without slack: use Linux";
            Check::WakeLag.found(Level::Warning, what, Some(remedy))
        }
    }
}

/// Beside the finding about the source's name: how long it really takes.
fn slow_clock(watched: &Watched) -> Option<Finding> {
    let reading_ns = watched.clock_reading_ns;
    let what = format!("one reading of the clock takes {reading_ns:.0} ns");
    let remedy = "see above; in a sandbox that traps system calls, run outside it";
    (reading_ns > CLOCK_READING_NS)
        .then(|| Check::ClockSource.found(Level::Warning, what, Some(remedy)))
}

fn seconds(activity: &Activity) -> String {
    format!("{:.1} s", activity.watched_ns as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::machines::{VM, facts_of};
    use crate::host::files::Recorded;

    const SHARP: WakeLag = WakeLag {
        slack_ns: Some(1),
        p50_ns: Some(9_000),
        p99_ns: Some(30_000),
    };
    const QUIET: Watched = Watched {
        activity: Some(Activity {
            steal_share: 0.0,
            others_share: 0.01,
            swapped_pages: 0,
            watched_ns: 1_000_000_000,
        }),
        clock_reading_ns: 25.0,
        default_sleep: WakeLag {
            slack_ns: Some(50_000),
            p50_ns: Some(58_000),
            p99_ns: Some(80_000),
        },
        sharp_sleep: SHARP,
    };

    fn check(watched: &Watched, expected: &[(Check, Level)]) {
        let facts = facts_of(&Recorded::new(VM), "x86_64", 2);
        let found: Vec<_> = findings(watched, &facts)
            .iter()
            .map(|finding| (finding.check, finding.level))
            .collect();
        assert_eq!(found, expected);
    }

    fn with(change: impl FnOnce(&mut Activity)) -> Watched {
        let mut watched = QUIET;
        watched.activity.as_mut().map(change);
        watched
    }

    #[test]
    fn a_quiet_machine_is_well() {
        let well = [Check::Steal, Check::OtherLoad, Check::WakeLag].map(|check| (check, Level::Ok));
        check(&QUIET, &well);
        let told = wake_lag(&QUIET).what;
        let expected = "p50 9.0 us, p99 30.0 us with 1 ns slack (the pacer's); \
                        p50 58.0 us, p99 80.0 us with 50 us slack (the default)";
        assert_eq!(told, expected);
    }

    #[test]
    fn stolen_time_is_a_problem_above_2_percent() {
        let level = |share| steal(&with(|seen| seen.steal_share = share).activity.unwrap()).level;
        assert_eq!(level(0.005), Level::Note);
        assert_eq!(level(0.02), Level::Note);
        assert_eq!(level(0.021), Level::Problem);
    }

    #[test]
    fn the_load_of_others_is_told_by_how_much_it_takes() {
        let facts = facts_of(&Recorded::new(VM), "x86_64", 2);
        let level = |share| {
            let activity = with(|seen| seen.others_share = share).activity.unwrap();
            other_load(&activity, &facts).level
        };
        assert_eq!(level(0.05), Level::Note);
        assert_eq!(level(0.2), Level::Warning);
        assert_eq!(level(0.7), Level::Problem);
    }

    #[test]
    fn swapping_is_a_problem_while_it_goes_on() {
        let expected = [
            (Check::Steal, Level::Ok),
            (Check::OtherLoad, Level::Ok),
            (Check::Swap, Level::Problem),
            (Check::WakeLag, Level::Ok),
        ];
        check(&with(|seen| seen.swapped_pages = 3), &expected);
    }

    #[test]
    fn a_sleeper_that_wakes_late_is_told_by_how_late() {
        let level = |slack_ns, p99_ns| {
            let sharp_sleep = WakeLag {
                slack_ns,
                p99_ns,
                ..SHARP
            };
            let watched = Watched {
                sharp_sleep,
                ..QUIET
            };
            wake_lag(&watched).level
        };
        assert_eq!(level(Some(1), Some(100_000)), Level::Ok);
        assert_eq!(level(Some(1), Some(100_001)), Level::Warning);
        assert_eq!(level(Some(1), Some(3_000_000)), Level::Problem);
        assert_eq!(level(Some(50_000), Some(80_000)), Level::Warning);
        assert_eq!(level(None, Some(80_000)), Level::Warning);
        assert_eq!(level(Some(1), None), Level::Warning);
    }

    #[test]
    fn a_clock_that_takes_long_to_read_is_told_whatever_its_name() {
        let watched = Watched {
            activity: None,
            clock_reading_ns: 900.0,
            ..QUIET
        };
        let expected = [
            (Check::WakeLag, Level::Ok),
            (Check::ClockSource, Level::Warning),
        ];
        check(&watched, &expected);
    }
}
