//! Where a bus begins to give way as the offered rate grows.

use busbench_results::{CellOutcome, LimitedBy};

use crate::format;
use crate::view::{CellView, SweepLine};

/// By how much the 99th percentile may grow over its lowest at lower rates.
const GROWTH: f64 = 10.0;

/// One offered rate of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) rate: f64,
    /// Whether all that was offered came, and in time.
    pub(super) is_carried: bool,
    pub(super) p50_ns: Option<f64>,
    pub(super) p99_ns: Option<f64>,
    pub(super) is_suspect: bool,
    pub(super) limited_by: Option<LimitedBy>,
}

/// The highest rate before a line gives way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Knee {
    /// At this rate; the next one was too much, for this reason.
    At(f64, Beyond),
    /// The lowest rate was already not carried.
    Below(f64),
    /// Every rate was carried, up to this one.
    NoneUpTo(f64),
}

/// What happens beyond the knee.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Beyond {
    /// The next rate is not carried, and this side was used up.
    NotCarried(f64, Option<LimitedBy>),
    /// The 99th percentile of the next rate is more than ten times the lowest.
    Slow(f64),
}

impl Point {
    fn of(cell: &CellView<'_>) -> Self {
        let row = &cell.row;
        let is_carried = row.outcome == CellOutcome::Delivered && !cell.is_lossy();
        let time = |nanoseconds: Option<u64>| {
            // A logarithm has no zero.
            nanoseconds
                .filter(|_| is_carried)
                .map(|ns| (ns as f64).max(1.0))
        };
        Self {
            rate: row.offered_per_second.unwrap_or(0.0),
            is_carried,
            p50_ns: time(row.response_p50_ns),
            p99_ns: time(row.response_p99_ns),
            is_suspect: row.verdict != Some(busbench_results::Verdict::Valid),
            limited_by: row.limited_by,
        }
    }
}

/// The rates of a line, from the lowest to the highest.
pub(super) fn points(line: &SweepLine<'_, '_>) -> Vec<Point> {
    line.cells.iter().map(|cell| Point::of(cell)).collect()
}

/// The highest rate that is carried before the first that is not, or whose 99th percentile is more than
/// ten times the lowest of the rates below it. `None` without a point.
pub(super) fn knee(points: &[Point]) -> Option<Knee> {
    let mut before: Option<f64> = None;
    let mut lowest: Option<f64> = None;
    for point in points {
        let beyond = if !point.is_carried {
            Some(Beyond::NotCarried(point.rate, point.limited_by))
        } else if point
            .p99_ns
            .zip(lowest)
            .is_some_and(|(p99, lowest)| p99 > GROWTH * lowest)
        {
            Some(Beyond::Slow(point.rate))
        } else {
            None
        };
        if let Some(beyond) = beyond {
            return Some(before.map_or(Knee::Below(point.rate), |rate| Knee::At(rate, beyond)));
        }
        before = Some(point.rate);
        lowest = match (lowest, point.p99_ns) {
            (Some(lowest), Some(p99)) => Some(lowest.min(p99)),
            (one, other) => one.or(other),
        };
    }
    before.map(Knee::NoneUpTo)
}

impl Knee {
    /// The rate that is marked.
    pub(super) fn rate(self) -> Option<f64> {
        match self {
            Self::At(rate, _) => Some(rate),
            Self::Below(_) | Self::NoneUpTo(_) => None,
        }
    }

    /// In a few words: `knee at 5,000/s`, `no knee up to 20,000/s`.
    pub(super) fn in_short(self) -> String {
        match self {
            Self::At(rate, Beyond::NotCarried(_, limit)) if is_elsewhere(limit) => {
                format!("knee at ≥ {}/s", format::significant(rate))
            }
            Self::At(rate, _) => format!("knee at {}/s", format::significant(rate)),
            Self::Below(rate) => format!("{}/s not carried", format::significant(rate)),
            Self::NoneUpTo(rate) => format!("no knee up to {}/s", format::significant(rate)),
        }
    }

    /// With what happens beyond it.
    pub(super) fn in_full(self) -> String {
        let why = match self {
            Self::At(_, Beyond::NotCarried(rate, limit)) => {
                let used_up = limit.filter(|_| is_elsewhere(limit)).map(LimitedBy::name);
                let used_up = used_up.map(|side| format!(", limited by the {side}"));
                format!(
                    " ({}/s not carried{})",
                    format::significant(rate),
                    used_up.unwrap_or_default()
                )
            }
            Self::At(_, Beyond::Slow(rate)) => {
                format!(
                    " (p99 above ten times its lowest at {}/s)",
                    format::significant(rate)
                )
            }
            Self::Below(_) | Self::NoneUpTo(_) => String::new(),
        };
        format!("{}{why}", self.in_short())
    }
}

/// Whether the server was not what gave way.
fn is_elsewhere(limit: Option<LimitedBy>) -> bool {
    matches!(limit, Some(LimitedBy::Client | LimitedBy::Machine))
}

#[cfg(test)]
mod tests {
    use busbench_results::LimitedBy;

    use super::{Beyond, Knee, Point, knee};

    /// A rate with its 99th percentile in µs; one without is not carried.
    fn point((rate, p99_us): (f64, Option<f64>)) -> Point {
        Point {
            rate,
            is_carried: p99_us.is_some(),
            p50_ns: p99_us.map(|us| us * 300.0),
            p99_ns: p99_us.map(|us| us * 1e3),
            is_suspect: false,
            limited_by: Some(LimitedBy::Server),
        }
    }

    #[track_caller]
    fn check(rates: &[(f64, Option<f64>)], expected: Option<Knee>, said: &str) {
        let points: Vec<Point> = rates.iter().copied().map(point).collect();
        assert_eq!(knee(&points), expected, "{rates:?}");
        assert_eq!(expected.map(Knee::in_full).unwrap_or_default(), said);
    }

    #[test]
    fn the_knee_is_the_last_rate_before_the_first_that_is_too_much() {
        let limit = Some(LimitedBy::Server);
        check(&[], None, "");
        check(
            &[(1e3, Some(100.0)), (5e3, Some(150.0)), (2e4, None)],
            Some(Knee::At(5e3, Beyond::NotCarried(2e4, limit))),
            "knee at 5,000/s (20,000/s not carried)",
        );
        check(
            &[(1e3, Some(100.0)), (5e3, Some(1001.0)), (2e4, None)],
            Some(Knee::At(1e3, Beyond::Slow(5e3))),
            "knee at 1,000/s (p99 above ten times its lowest at 5,000/s)",
        );
        check(
            &[(1e3, None), (5e3, Some(100.0))],
            Some(Knee::Below(1e3)),
            "1,000/s not carried",
        );
    }

    #[test]
    fn ten_times_is_not_beyond_and_a_slow_start_is_none() {
        check(
            &[(1e3, Some(100.0)), (5e3, Some(1000.0))],
            Some(Knee::NoneUpTo(5e3)),
            "no knee up to 5,000/s",
        );
        check(
            &[(1e3, Some(5000.0)), (5e3, Some(100.0)), (2e4, Some(120.0))],
            Some(Knee::NoneUpTo(2e4)),
            "no knee up to 20,000/s",
        );
    }

    #[test]
    fn a_rate_without_enough_samples_is_carried_all_the_same() {
        let mut points: Vec<Point> = [(1e3, Some(1.0)), (5e3, Some(1.0))].map(point).into();
        points[0].p99_ns = None;
        assert_eq!(knee(&points), Some(Knee::NoneUpTo(5e3)));
    }

    #[test]
    fn where_client_or_machine_gave_way_the_server_can_do_at_least_this() {
        for (limit, said) in [
            (
                LimitedBy::Machine,
                "knee at ≥ 1,000/s (5,000/s not carried, limited by the machine)",
            ),
            (
                LimitedBy::Client,
                "knee at ≥ 1,000/s (5,000/s not carried, limited by the client)",
            ),
            (LimitedBy::Unknown, "knee at 1,000/s (5,000/s not carried)"),
        ] {
            let mut points: Vec<Point> = [(1e3, Some(1.0)), (5e3, None)].map(point).into();
            points[1].limited_by = Some(limit);
            let knee = knee(&points).map(Knee::in_full);
            assert_eq!(knee.as_deref(), Some(said));
        }
    }
}
