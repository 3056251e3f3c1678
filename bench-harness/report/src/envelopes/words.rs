//! How a gain is said.

use busbench_results::comparison::{
    Better, ComparedFigure, Difference, Finding, Judgement, NotComparable, Side,
};
use busbench_results::statistics::Interval;
use busbench_results::{CellOutcome, Row};

use crate::format;

/// What a table says of one figure of native and another layout.
pub(crate) fn cell(gain: &Difference, other: &str) -> String {
    let within = |ends: fn(Interval) -> String| {
        let interval = gain
            .interval
            .map(|interval| format!(" ({})", ends(interval)));
        interval.unwrap_or_default()
    };
    match (&gain.finding, gain.ratio) {
        (Finding::Higher { .. } | Finding::Lower { .. }, Some(ratio)) => {
            format!("{}: {} ×{}", verb(gain), times(ratio), within(ends))
        }
        (Finding::NoMeasurableDifference, _) => {
            format!("no measurable difference{}", within(room))
        }
        (Finding::TooFewTrials, _) => "too few trials".to_owned(),
        (Finding::NotComparable(why), _) => reason(why, gain.figure, other),
        (Finding::Higher { .. } | Finding::Lower { .. }, None) => "not compared".to_owned(),
    }
}

/// `native is 1.31 to 1.52 times as fast as json`; `None` where nothing is claimed.
pub(super) fn claim(gain: &Difference, other: &str) -> Option<String> {
    let (Finding::Higher { .. } | Finding::Lower { .. }) = gain.finding else {
        return None;
    };
    let ends = ends(gain.interval?);
    Some(match gain.figure {
        ComparedFigure::DeliveredPerSecond => {
            format!("native is {ends} times as fast as {other}")
        }
        figure => format!("{} of native is {ends} times that of {other}", noun(figure)),
    })
}

/// `1.31 to 1.52`.
pub(crate) fn ends(interval: Interval) -> String {
    format!("{} to {}", times(interval.low), times(interval.high))
}

/// What an interval leaves room for: beyond a factor of ten its ends say no more.
pub(crate) fn room(interval: Interval) -> String {
    let low = if interval.low < 0.1 {
        "<0.1".to_owned()
    } else {
        times(interval.low)
    };
    let high = if interval.high > 10.0 {
        ">10".to_owned()
    } else {
        times(interval.high)
    };
    format!("{low} to {high}")
}

/// A ratio in three digits; beyond a factor of a thousand it says no more.
pub(crate) fn times(ratio: f64) -> String {
    if ratio < 0.001 {
        "<0.001".to_owned()
    } else if ratio > 1_000.0 {
        ">1,000".to_owned()
    } else {
        format::significant(ratio)
    }
}

/// A figure at the beginning of a sentence.
pub(super) const fn noun(figure: ComparedFigure) -> &'static str {
    match figure {
        ComparedFigure::DeliveredPerSecond => "the delivered rate",
        ComparedFigure::ResponseP50Ns => "the median response time",
        ComparedFigure::ResponseP99Ns => "the p99 of the response time",
        ComparedFigure::ServerCpuNsPerMessage => "the server's CPU time for each message",
        ComparedFigure::ClientCpuNsPerMessage => "the client's CPU time for each message",
        ComparedFigure::ServerRssPeakBytes => "the server's memory",
        ComparedFigure::EncodeP50Ns => "the median encode time",
        ComparedFigure::DecodeP50Ns => "the median decode time",
        ComparedFigure::RoundTripP50Ns => "the time to encode and decode",
        ComparedFigure::DeliveredShare => "the share of messages delivered",
        ComparedFigure::TimePerIterationNs => "the time of one iteration",
    }
}

fn verb(gain: &Difference) -> &'static str {
    let is_better = gain.judgement() == Judgement::Better;
    match (gain.figure, gain.figure.better(), is_better) {
        (ComparedFigure::DeliveredPerSecond, _, true) => "faster",
        (ComparedFigure::DeliveredPerSecond, _, false) => "slower",
        (_, Better::Lower, true) | (_, Better::Higher, false) => "less",
        (_, Better::Lower, false) | (_, Better::Higher, true) => "more",
    }
}

fn reason(why: &NotComparable, figure: ComparedFigure, other: &str) -> String {
    let name = |side: &Side| match side {
        Side::Base => other.to_owned(),
        Side::Head => "native".to_owned(),
    };
    match why {
        NotComparable::Outcome(side, CellOutcome::NotPossible) => {
            format!("{} not possible", name(side))
        }
        NotComparable::Outcome(side, CellOutcome::NotRun) => format!("{} not run", name(side)),
        NotComparable::Outcome(side, outcome) => {
            format!("not ranked: {} {}", name(side), outcome.name())
        }
        NotComparable::Invalid(side) => format!("no valid trial of {}", name(side)),
        NotComparable::NoFigure(_) if is_cpu(figure) => "not counted".to_owned(),
        NotComparable::NoFigure(side) => format!("too few samples of {}", name(side)),
        NotComparable::Conditions(which) => format!("not compared: other {}", which.join(", ")),
        other => format!("not compared: {other}"),
    }
}

const fn is_cpu(figure: ComparedFigure) -> bool {
    matches!(
        figure,
        ComparedFigure::ServerCpuNsPerMessage | ComparedFigure::ClientCpuNsPerMessage
    )
}

/// A setting of a cell: whether two have the same, and what one has. Only settings that differ are made
/// into texts, as thousands of rows are asked for each of their number.
type Setting = (fn(&Row, &Row) -> bool, fn(&Row) -> Option<String>);

const SETTINGS: [Setting; 12] = [
    (
        |one, other| one.publish == other.publish,
        |row| Some(format!("publish {}", row.publish)),
    ),
    (
        |one, other| one.subscribe == other.subscribe,
        |row| Some(format!("subscribe {}", row.subscribe)),
    ),
    (
        |one, other| one.publishers == other.publishers,
        |row| Some(format!("publishers {}", row.publishers)),
    ),
    (
        |one, other| one.subscribers == other.subscribers,
        |row| Some(format!("subscribers {}", row.subscribers)),
    ),
    (
        |one, other| one.tuning == other.tuning,
        |row| Some(format!("{} tuning", row.tuning)),
    ),
    (
        |one, other| one.limit == other.limit,
        |row| Some(format::limit_or_none(&row.limit)),
    ),
    (
        |one, other| one.qos == other.qos,
        |row| row.qos.map(|qos| format!("QoS {qos}")),
    ),
    (
        |one, other| one.storage == other.storage,
        |row| row.storage.clone(),
    ),
    (
        |one, other| one.sync == other.sync,
        |row| row.sync.as_ref().map(|sync| format!("sync {sync}")),
    ),
    (
        |one, other| one.ack_window == other.ack_window,
        |row| row.ack_window.map(|window| format!("{window} unacked")),
    ),
    (
        |one, other| one.offered_per_second == other.offered_per_second,
        |row| {
            let offered = format::significant(row.offered_per_second?);
            Some(format!("{offered} msg/s"))
        },
    ),
    (
        |one, other| one.arrivals == other.arrivals,
        |row| row.arrivals.clone(),
    ),
];

/// Size and depth of a pair, with what else varies among `rows` of its load.
pub(crate) fn situation(row: &Row, rows: &[&Row]) -> String {
    let mut parts = vec![row.payload.clone()];
    for (is_same, text) in SETTINGS {
        let own = text(row);
        let varies = |other: &&Row| !is_same(row, other) && text(other) != own;
        let varies = rows.iter().any(varies);
        parts.extend(own.filter(|_| varies));
    }
    // Layouts whose messages are larger have smaller windows under one bound in bytes: only windows
    // of one layout are a setting that varies.
    let windows = |other: &&&Row| {
        (&other.envelope, &other.payload, &other.depth) == (&row.envelope, &row.payload, &row.depth)
            && other.window != row.window
    };
    if let Some(window) = row
        .window
        .filter(|_| rows.iter().any(|other| windows(&other)))
    {
        parts.push(format!("window {}", format::count(window)));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use busbench_results::CellOutcome;
    use busbench_results::comparison::{ComparedFigure, Difference, Finding, NotComparable, Side};
    use busbench_results::statistics::Interval;

    use super::{cell, claim};

    const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
    const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;
    const HIGHER: Finding = Finding::Higher { at_least: false };
    const LOWER: Finding = Finding::Lower { at_least: false };

    fn gain(figure: ComparedFigure, ratio: f64, finding: Finding) -> Difference {
        let interval = Interval {
            low: ratio * 0.9,
            high: ratio * 1.1,
        };
        Difference {
            figure,
            smallest_effect: 0.05,
            pairs: 5,
            ratio: Some(ratio),
            interval: Some(interval),
            detectable: None,
            finding,
        }
    }

    #[track_caller]
    fn check(figure: ComparedFigure, ratio: f64, finding: Finding, said: &str, claimed: &str) {
        let gain = gain(figure, ratio, finding);
        assert_eq!(cell(&gain, "json"), said);
        assert_eq!(claim(&gain, "json").unwrap_or_default(), claimed);
    }

    #[test]
    fn each_finding_has_its_words() {
        check(
            RATE,
            1.4,
            HIGHER,
            "faster: 1.40 × (1.26 to 1.54)",
            "native is 1.26 to 1.54 times as fast as json",
        );
        check(
            RATE,
            0.5,
            LOWER,
            "slower: 0.500 × (0.450 to 0.550)",
            "native is 0.450 to 0.550 times as fast as json",
        );
        check(
            P99,
            3.0,
            HIGHER,
            "more: 3.00 × (2.70 to 3.30)",
            "the p99 of the response time of native is 2.70 to 3.30 times that of json",
        );
        let cpu = ComparedFigure::ServerCpuNsPerMessage;
        check(
            cpu,
            0.000_1,
            LOWER,
            "less: <0.001 × (<0.001 to <0.001)",
            "the server's CPU time for each message of native is <0.001 to <0.001 times that of json",
        );
        let none = Finding::NoMeasurableDifference;
        check(
            RATE,
            1.0,
            none,
            "no measurable difference (0.900 to 1.10)",
            "",
        );
        check(RATE, 2.0, Finding::TooFewTrials, "too few trials", "");
    }

    #[test]
    fn an_interval_that_says_nothing_says_so() {
        let mut gain = gain(RATE, 1.3, Finding::NoMeasurableDifference);
        gain.interval = Some(Interval {
            low: 1e-6,
            high: 1e9,
        });
        assert_eq!(
            cell(&gain, "json"),
            "no measurable difference (<0.1 to >10)"
        );
    }

    #[test]
    fn what_is_not_compared_says_why_and_of_which_layout() {
        let why = |figure, why, said| check(figure, 1.0, Finding::NotComparable(why), said, "");
        let lossy = NotComparable::Outcome(Side::Base, CellOutcome::Lossy);
        why(RATE, lossy, "not ranked: json lossy");
        let impossible = NotComparable::Outcome(Side::Head, CellOutcome::NotPossible);
        why(RATE, impossible, "native not possible");
        let few = NotComparable::NoFigure(Side::Head);
        why(P99, few.clone(), "too few samples of native");
        why(ComparedFigure::ClientCpuNsPerMessage, few, "not counted");
        let window = NotComparable::Conditions(vec!["window"]);
        why(RATE, window, "not compared: other window");
    }
}
