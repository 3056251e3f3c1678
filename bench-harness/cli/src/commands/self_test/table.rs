//! What was done beside what was reported, for each case.

use busbench_results::Metric;
use busbench_runner::{CaseReport, CountCheck, TimeCheck};
use comfy_table::{ContentArrangement, Table, presets};

use crate::output;

/// Sums that are shown whatever they are.
const ALWAYS: [&str; 2] = ["published", "delivered"];
/// Percentiles that are shown.
const SHOWN: [(Metric, &str); 6] = [
    (Metric::Response, "p50"),
    (Metric::Response, "p99"),
    (Metric::Response, "max"),
    (Metric::Service, "p99"),
    (Metric::WakeLag, "p99"),
    (Metric::Blocked, "p99"),
];

pub(super) fn table(reports: &[CaseReport]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(output::width())
        .set_header([
            "what the bus was told",
            "counts: done, reported",
            "times: done, reported",
            "judged as",
            "result",
        ]);
    for report in reports {
        table.add_row([
            format!("{}:\n{}", report.case, report.told),
            lines(report.count_checks.iter().filter_map(count)),
            lines(SHOWN.iter().filter_map(|shown| time(report, *shown))),
            judgement(report),
            result(report),
        ]);
    }
    format!("{table}\n")
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

/// A sum; those of single pairs only where they are wrong.
fn count(check: &CountCheck) -> Option<String> {
    let CountCheck {
        count,
        expected,
        reported,
    } = check;
    let is_sum = !count.contains("publisher");
    let tells = *expected > 0 && count != "attempted" && count != "expected";
    let is_shown = !check.holds() || (is_sum && (tells || ALWAYS.contains(&count.as_str())));
    is_shown.then(|| format!("{count} {expected}, {reported}"))
}

fn time(report: &CaseReport, (metric, percentile): (Metric, &str)) -> Option<String> {
    let wanted = |check: &&TimeCheck| check.metric == metric && check.percentile == percentile;
    let check = report.time_checks.iter().find(wanted)?;
    let unit = Unit::of(check.high_ns);
    let reported = check
        .reported_ns
        .map_or_else(|| "nothing".to_owned(), |ns| unit.text(ns.cast_signed()));
    let (low, high) = (unit.text(check.low_ns), unit.text(check.high_ns));
    let was = if low == high {
        low
    } else {
        format!("{low}..{high}")
    };
    let (metric, unit) = (metric.name(), unit.name);
    Some(format!("{metric} {percentile} {was}, {reported} {unit}"))
}

/// What both sides of a comparison are shown in: to a tenth of a microsecond, or beyond 10 ms, where
/// a histogram of 3 digits tells no more, to a hundredth of a millisecond.
struct Unit {
    name: &'static str,
    ns: f64,
    decimals: usize,
}

impl Unit {
    const fn of(ns: i64) -> Self {
        if ns < 10_000_000 {
            Self {
                name: "us",
                ns: 1e3,
                decimals: 1,
            }
        } else {
            Self {
                name: "ms",
                ns: 1e6,
                decimals: 2,
            }
        }
    }

    fn text(&self, ns: i64) -> String {
        format!("{:.*}", self.decimals, ns as f64 / self.ns)
    }
}

fn judgement(report: &CaseReport) -> String {
    let outcome = format!("{}, {}", report.outcome.name(), report.verdict.name());
    let reasons = report.reasons.iter().map(|reason| reason.kind.name());
    lines(std::iter::once(outcome).chain(reasons.map(str::to_owned)))
}

fn result(report: &CaseReport) -> String {
    let result = match report.failures().count() {
        0 => "ok".to_owned(),
        failed => format!("FAILED: {failed}"),
    };
    match report.tries {
        1 => result,
        tries => format!("{result}\nat try {tries}"),
    }
}
