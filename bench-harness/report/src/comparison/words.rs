//! Figures, changes and names in words.

use busbench_results::comparison::{ComparedFigure, Difference, Judgement};
use busbench_results::statistics::Interval;

use crate::differences;
use crate::format;

/// Between the base's and the head's.
pub(super) const TO: &str = " -> ";

/// Longer names are cut off: they stand in tables.
const LONGEST_NAME: usize = 100;

/// Longer values and reasons are cut off.
const LONGEST_TEXT: usize = 500;

/// Names of a list that are told before it is cut off.
const NAMES: usize = 12;

/// What is compared, in words.
pub(crate) const fn title(figure: ComparedFigure) -> &'static str {
    match figure {
        ComparedFigure::DeliveredPerSecond => "delivered rate",
        ComparedFigure::ResponseP50Ns => "response p50",
        ComparedFigure::ResponseP99Ns => "response p99",
        ComparedFigure::ServerCpuNsPerMessage => "server CPU per message",
        ComparedFigure::ClientCpuNsPerMessage => "client CPU per message",
        ComparedFigure::ServerRssPeakBytes => "server memory",
        ComparedFigure::EncodeP50Ns => "encode p50",
        ComparedFigure::DecodeP50Ns => "decode p50",
        ComparedFigure::RoundTripP50Ns => "encode + decode",
        ComparedFigure::DeliveredShare => "lost messages",
        ComparedFigure::TimePerIterationNs => "time per iteration",
    }
}

/// A figure with its unit. Of the delivered share it is what is missing.
pub(crate) fn value(figure: ComparedFigure, value: f64) -> String {
    match figure {
        ComparedFigure::DeliveredPerSecond => format!("{}/s", format::significant(value)),
        ComparedFigure::DeliveredShare => format::percent(1.0 - value),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole bytes of memory; the cast saturates"
        )]
        ComparedFigure::ServerRssPeakBytes => format::bytes(value as u64),
        ComparedFigure::ResponseP50Ns
        | ComparedFigure::ResponseP99Ns
        | ComparedFigure::ServerCpuNsPerMessage
        | ComparedFigure::ClientCpuNsPerMessage
        | ComparedFigure::EncodeP50Ns
        | ComparedFigure::DecodeP50Ns
        | ComparedFigure::RoundTripP50Ns
        | ComparedFigure::TimePerIterationNs => format::duration(value),
    }
}

/// How large a change is, with its interval: `+38 % (+21 to +57)`, `0.520 % fewer arrive (0.481 to
/// 0.559)`. Empty without a ratio.
pub(super) fn change(difference: &Difference) -> String {
    let change = match (difference.figure, difference.ratio) {
        (ComparedFigure::DeliveredShare, Some(ratio)) => {
            let judgement = difference.judgement();
            Some(of_arrivals(ratio, difference.interval, judgement))
        }
        _ => differences::size(difference),
    };
    change.unwrap_or_default()
}

/// Shares of arrival differ by so little that a sign says less than a word. Where no difference is
/// claimed, what is below a message in a hundred thousand is not told.
fn of_arrivals(ratio: f64, interval: Option<Interval>, judgement: Judgement) -> String {
    let (sign, words) = match judgement {
        Judgement::Worse => (-1.0, " fewer arrive"),
        Judgement::Better => (1.0, " more arrive"),
        _ => (1.0, ""),
    };
    let share = |ratio: f64| {
        let percent = sign * (ratio - 1.0) * 100.0;
        if words.is_empty() && percent.abs() < 0.001 {
            "0".to_owned()
        } else {
            format::significant(percent)
        }
    };
    let ends = interval.map(|Interval { low, high }| {
        let (low, high) = if sign < 0.0 { (high, low) } else { (low, high) };
        (share(low), share(high))
    });
    let ends = ends.filter(|(low, high)| low != high);
    let interval = ends.map(|(low, high)| format!(" ({low} to {high})"));
    format!("{} %{words}{}", share(ratio), interval.unwrap_or_default())
}

/// Better or worse, in a word; empty where no difference is claimed.
pub(super) const fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Better | Judgement::Worse => judgement.name(),
        Judgement::NoMeasurableDifference | Judgement::TooFewTrials | Judgement::NotComparable => {
            ""
        }
    }
}

/// A name from a file, on one line and no longer than a table bears.
pub(super) fn name(name: &str) -> String {
    cut_off(name, LONGEST_NAME)
}

/// A value or a reason from a file, on one line and no longer than anybody reads.
pub(super) fn text(text: &str) -> String {
    cut_off(text, LONGEST_TEXT)
}

fn cut_off(text: &str, longest: usize) -> String {
    let printable = format::printable(text);
    if printable.chars().count() <= longest {
        return printable;
    }
    printable.chars().take(longest).chain(['…']).collect()
}

/// Names parted by commas; of many the first ones.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(name).collect();
    let mut text = names[..names.len().min(NAMES)].join(", ");
    if names.len() > NAMES {
        text = format!("{text} and {} more", names.len() - NAMES);
    }
    text
}

/// `1 cell`, `14 cells`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    crate::several::numbered(number, noun)
}

#[cfg(test)]
mod tests {
    use busbench_results::comparison::{ComparedFigure, Difference, Finding};
    use busbench_results::statistics::Interval;

    use super::{change, listed, name, text, value};

    #[track_caller]
    fn check(
        figure: ComparedFigure,
        (low, ratio, high): (f64, f64, f64),
        finding: Finding,
        expected: &str,
    ) {
        let difference = Difference {
            figure,
            smallest_effect: 0.05,
            pairs: 5,
            ratio: Some(ratio),
            interval: Some(Interval { low, high }),
            detectable: None,
            finding,
        };
        assert_eq!(change(&difference), expected);
    }

    #[test]
    fn changes_have_their_sign_and_interval() {
        let p99 = ComparedFigure::ResponseP99Ns;
        let surely = Finding::Higher { at_least: false };
        check(p99, (1.21, 1.38, 1.57), surely, "+38 % (+21 to +57)");
        let bound = Finding::Lower { at_least: true };
        check(p99, (0.7, 0.8, 0.9), bound, "at least -20 % (-30 to -10)");
        let none = Finding::NoMeasurableDifference;
        check(p99, (0.97, 1.01, 1.05), none, "+1.0 % (-3.0 to +5.0)");
    }

    #[test]
    fn loss_is_told_as_what_arrives() {
        let share = ComparedFigure::DeliveredShare;
        let lower = Finding::Lower { at_least: false };
        check(
            share,
            (0.994, 0.995, 0.996),
            lower,
            "0.500 % fewer arrive (0.400 to 0.600)",
        );
        let higher = Finding::Higher { at_least: false };
        check(
            share,
            (1.004, 1.005, 1.006),
            higher,
            "0.500 % more arrive (0.400 to 0.600)",
        );
        let none = Finding::NoMeasurableDifference;
        check(
            share,
            (0.9999, 1.0 + 1e-16, 1.0002),
            none,
            "0 % (-0.0100 to 0.0200)",
        );
    }

    #[test]
    fn the_value_of_a_share_is_what_was_lost() {
        assert_eq!(value(ComparedFigure::DeliveredShare, 1.0), "0 %");
        assert_eq!(value(ComparedFigure::DeliveredShare, 0.9948), "0.520 %");
        assert_eq!(
            value(ComparedFigure::DeliveredPerSecond, 321_987.0),
            "322,000/s"
        );
        assert_eq!(value(ComparedFigure::TimePerIterationNs, 120.44), "120 ns");
    }

    #[test]
    fn long_names_and_long_lists_are_cut_off() {
        assert_eq!(name("a\u{1b}[31m\nb"), "a [31m b");
        assert_eq!(name(&"x".repeat(101)), format!("{}…", "x".repeat(100)));
        assert_eq!(text(&"x".repeat(501)), format!("{}…", "x".repeat(500)));
        assert_eq!(listed(["a", "b"]), "a, b");
        assert!(listed(vec!["a"; 14]).ends_with("a and 2 more"));
    }
}
