//! How a plan is shown.

use std::fmt::Write as _;
use std::time::Duration;

use busbench_brokers::Provider;
use busbench_results::ServerSpan;
use busbench_runner::{AnyPlan, FootprintPlan, Plan};

/// Whose start times an estimate takes where no provider has been chosen yet: the slower one's.
pub(crate) const fn assumed_provider() -> Provider {
    Provider::Container
}

/// What `--dry-run` shows.
pub(crate) fn describe(plan: &AnyPlan) -> String {
    match plan {
        AnyPlan::Messages(plan) => of_messages(plan),
        AnyPlan::Footprint(plan) => of_footprints(plan),
    }
}

fn of_footprints(plan: &FootprintPlan) -> String {
    let estimate = plan.estimate();
    let mut text = format!(
        "{}: {}\n{} footprints x {} trials, about {}; {} trials in all; seed {}\n\
         {} idle clients; windows of {} after {}\n",
        plan.name,
        plan.question,
        plan.cells.len(),
        plan.trials,
        duration(estimate.time),
        estimate.trials,
        plan.seed,
        plan.idle_clients,
        duration(plan.window),
        duration(plan.settle),
    );
    for cell in &plan.cells {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}", cell.id);
    }
    text
}

fn of_messages(plan: &Plan) -> String {
    let mut text = format!("{}: {}\n", plan.name, plan.question);
    let estimate = plan.estimate(assumed_provider());
    let (cells, possible) = (plan.cells.len(), plan.possible().count());
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        text,
        "{possible} cells x {} trials, about {}; {} not possible; {} trials in all; seed {}",
        plan.trials,
        duration(estimate.time),
        cells - possible,
        estimate.trials,
        plan.seed
    );
    if plan.servers == ServerSpan::Round {
        text += match plan.limits().as_slice() {
            [_] | [] => "one server for each bus and tuning in a round of trials\n",
            _ => "one server for each bus, tuning and limit in a round of trials\n",
        };
    }
    if estimate.stored_bytes > 0 {
        let mebibytes = estimate.stored_bytes.div_ceil(1 << 20);
        let _ = writeln!(
            text,
            "a server that keeps messages will hold at most about {mebibytes} MiB of them"
        );
    }
    for cell in &plan.cells {
        let _ = match &cell.not_possible {
            None => writeln!(
                text,
                "  {:<44} {:>7} B/message",
                cell.id, cell.message_bytes
            ),
            Some(reason) => writeln!(text, "  {:<44} not possible: {reason}", cell.id),
        };
    }
    text
}

/// A duration to the second, or to the tenth below ten seconds.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        return format!("{seconds:.1} s");
    }
    let seconds = duration.as_secs() + u64::from(duration.subsec_millis() >= 500);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::duration;

    #[test]
    fn durations_are_as_exact_as_a_reader_needs() {
        let check = |millis, expected: &str| {
            assert_eq!(duration(Duration::from_millis(millis)), expected);
        };
        check(1340, "1.3 s");
        check(59_700, "1 min 0 s");
        check(150_000, "2 min 30 s");
        check(3_720_000, "1 h 2 min");
    }
}
