//! From change points to changes that are worth telling.

use super::asked::Asked;
use super::{Change, ChangedFigure, Direction, RunAt, Segment, ServerChange};
use crate::comparison::{Better, ComparedFigure};
use crate::history::{HistoryLine, Point, Series};
use crate::statistics::mean;

/// A change point is found to within a few points. A change of the server's version so many runs away
/// explains it.
const NEAR: usize = 2;

/// `None` where no change is larger than `effect`.
pub(super) fn changed(series: &Series, asked: Asked, effect: f64) -> Option<ChangedFigure> {
    let change_points = asked.change_points();
    let segments = segments(&asked.points, &change_points);
    let changes: Vec<Change> = large_enough(&segments, effect)
        .into_iter()
        .map(|(before, after)| {
            change(
                &series.lines,
                (&asked.points, asked.figure),
                &segments[before..=after],
            )
        })
        .collect();
    (!changes.is_empty()).then_some(ChangedFigure {
        figure: asked.figure,
        points: asked.points,
        segments,
        changes,
    })
}

fn segments(points: &[Point], change_points: &[usize]) -> Vec<Segment> {
    let starts = std::iter::once(0).chain(change_points.iter().copied());
    let ends = change_points.iter().copied().chain([points.len()]);
    starts
        .zip(ends)
        .map(|(start, end)| {
            let logs: Vec<f64> = points[start..end]
                .iter()
                .map(|point| point.value.ln())
                .collect();
            Segment {
                first: start,
                last: end - 1,
                mean: mean(&logs).exp(),
            }
        })
        .collect()
}

/// The segments before and after each change that is larger than `effect`: a step between two
/// neighbours, or a drift of steps in one direction each of which is too small.
fn large_enough(segments: &[Segment], effect: f64) -> Vec<(usize, usize)> {
    let log = |before: usize, after: usize| (segments[after].mean / segments[before].mean).ln();
    let is_large = |log: f64| log.abs() > effect.ln_1p();
    let mut found = Vec::new();
    let mut before = 0;
    while before + 1 < segments.len() {
        let mut after = before + 1;
        let step = log(before, after);
        if !is_large(step) {
            while after + 1 < segments.len() {
                let next = log(after, after + 1);
                if is_large(next) || (next > 0.0) != (step > 0.0) {
                    break;
                }
                after += 1;
            }
        }
        if is_large(log(before, after)) {
            found.push((before, after));
        }
        before = after;
    }
    found
}

/// The change over these segments.
fn change(
    lines: &[HistoryLine],
    (points, figure): (&[Point], ComparedFigure),
    segments: &[Segment],
) -> Change {
    let (first, last) = (segments[0], segments[segments.len() - 1]);
    let is_more = last.mean > first.mean;
    let first_step = segments[1].first;
    let run = |point: usize| run_at(&lines[points[point].line]);
    Change {
        from: first.mean,
        to: last.mean,
        direction: if is_more == (figure.better() == Better::Higher) {
            Direction::Better
        } else {
            Direction::Worse
        },
        steps: segments.len() - 1,
        place: first_step,
        last_before: run(first_step - 1),
        first_with: run(first_step),
        complete_with: (segments.len() > 2).then(|| run(last.first)),
        server: segments[1..]
            .iter()
            .find_map(|segment| server_change(lines, points, segment.first)),
    }
}

fn run_at(line: &HistoryLine) -> RunAt {
    RunAt {
        run: line.run.clone(),
        started_unix_ms: line.started_unix_ms,
        commit: line.tool.commit.clone(),
        tool_version: line.tool.version.clone(),
    }
}

/// The change of the server's version that is nearest to a point.
fn server_change(lines: &[HistoryLine], points: &[Point], at: usize) -> Option<ServerChange> {
    let version = |point: usize| lines[points[point].line].server_version.as_ref();
    let first = at.saturating_sub(NEAR).max(1);
    let last = (at + NEAR).min(points.len() - 1);
    let nearest = (first..=last)
        .filter(|point| version(*point) != version(point - 1))
        .min_by_key(|point| point.abs_diff(at))?;
    Some(ServerChange {
        from: version(nearest - 1).cloned(),
        to: version(nearest).cloned(),
        first_with: run_at(&lines[points[nearest].line]),
    })
}
