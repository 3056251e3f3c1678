//! What the picture of a history says in words.

use busbench_results::history::{ChangedFigure, ChangedSeries, Point};
use busbench_results::{CellOutcome, Verdict};

use crate::comparison::words;
use crate::differences::signed_percent;
use crate::trend::commit;

pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

pub(super) fn caption(series: &ChangedSeries, figure: &ChangedFigure) -> String {
    let mut text =
        "A point for each run, on a logarithmic scale; lines across are means between changes."
            .to_owned();
    if figure.points.iter().any(|point| point.interval.is_some()) {
        text.push_str(" Whiskers: 95 % intervals over trials, cut at the edge.");
    }
    if figure
        .points
        .iter()
        .any(|point| is_doubtful(series, *point))
    {
        text.push_str(" Rings: suspect runs, or such that did not deliver all.");
    }
    if figure.changes.iter().any(|change| change.steps > 1) {
        text.push_str(" A drift is marked where it begins.");
    }
    if !versions(series, &figure.points).is_empty() {
        text.push_str(" Lines from below are other versions of the server.");
    }
    text
}

pub(super) fn alternative(series: &ChangedSeries, figure: &ChangedFigure) -> String {
    let value = |value| words::value(figure.figure, value);
    let changes: Vec<String> = (1..)
        .zip(&figure.changes)
        .map(|(number, change)| {
            format!(
                "{number}: from {} to {}, {} %, with commit {}",
                value(change.from),
                value(change.to),
                signed_percent(change.share()),
                commit(&change.first_with)
            )
        })
        .collect();
    format!(
        "Chart of {} over {} runs of {}. Changes: {}.",
        words::title(figure.figure),
        figure.points.len(),
        series.key.cell.bus,
        changes.join("; ")
    )
}

pub(super) fn is_doubtful(series: &ChangedSeries, point: Point) -> bool {
    let measured = &series.lines[point.line].measured;
    measured.verdict != Verdict::Valid || measured.outcome != CellOutcome::Delivered
}

/// Places of the first points with another version of the server, and that version.
pub(super) fn versions<'s>(series: &'s ChangedSeries, points: &[Point]) -> Vec<(usize, &'s str)> {
    let version = |point: &Point| series.lines[point.line].server_version.as_deref();
    (1..)
        .zip(points.windows(2))
        .filter(|(_, pair)| version(&pair[0]) != version(&pair[1]))
        .map(|(place, pair)| (place, version(&pair[1]).unwrap_or("unknown")))
        .collect()
}
