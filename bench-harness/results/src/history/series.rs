//! Lines of one cell on one machine under the same conditions, in the order of their runs.

use std::collections::BTreeMap;

use super::{HistoryLine, Measured, NonNegative, SeriesKey};
use crate::Verdict;
use crate::comparison::ComparedFigure;
use crate::statistics::Interval;

/// What one machine measured of one cell under the same conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What its lines have in common.
    pub key: SeriesKey,
    /// In order of the start of their runs, without invalid ones.
    pub lines: Vec<HistoryLine>,
    /// Invalid lines, which are no points.
    pub invalid: usize,
}

/// A figure of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Place of the line among those of its series.
    pub line: usize,
    /// The figure; above 0.
    pub value: f64,
    /// Its 95 % interval, where it has one.
    pub interval: Option<Interval>,
}

/// The series of these lines, in the order in which their first lines come.
#[must_use]
pub fn series_of(lines: impl IntoIterator<Item = HistoryLine>) -> Vec<Series> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut series: Vec<Series> = Vec::new();
    for line in lines {
        // Equal keys have equal texts: a rate that is read is the rate that was written.
        let identity = serde_json::to_string(&line.series).unwrap_or_default();
        let place = *places.entry(identity).or_insert_with(|| {
            series.push(Series {
                key: line.series.clone(),
                lines: Vec::new(),
                invalid: 0,
            });
            series.len() - 1
        });
        if line.measured.verdict == Verdict::Invalid {
            series[place].invalid += 1;
        } else {
            series[place].lines.push(line);
        }
    }
    for series in &mut series {
        series
            .lines
            .sort_by(|one, other| order(one).cmp(&order(other)));
    }
    series
}

fn order(line: &HistoryLine) -> (u64, &str) {
    (line.started_unix_ms, &line.run)
}

impl Series {
    /// The figure in each line that has it. A figure of 0 has no logarithm, and is no point.
    #[must_use]
    pub fn points(&self, figure: ComparedFigure) -> Vec<Point> {
        self.lines
            .iter()
            .enumerate()
            .filter_map(|(line, of)| {
                let (value, interval) = figure_of(&of.measured, figure)?;
                (value > 0.0).then_some(Point {
                    line,
                    value,
                    interval,
                })
            })
            .collect()
    }
}

/// The figure of this name, which is its column's in the export.
#[must_use]
pub fn figure_named(name: &str) -> Option<ComparedFigure> {
    super::FIGURES
        .into_iter()
        .find(|figure| figure.name() == name)
}

/// `None` for figures that histories do not keep, too.
fn figure_of(measured: &Measured, figure: ComparedFigure) -> Option<(f64, Option<Interval>)> {
    let whole = |figure: Option<u64>| figure.map(|figure| figure as f64);
    let plain = |figure: Option<NonNegative>| figure.map(f64::from);
    let between = |low: Option<f64>, high: Option<f64>| {
        Some(Interval {
            low: low?,
            high: high?,
        })
    };
    let (value, interval) = match figure {
        ComparedFigure::DeliveredPerSecond => (
            plain(measured.delivered_per_second),
            between(
                plain(measured.delivered_per_second_low),
                plain(measured.delivered_per_second_high),
            ),
        ),
        ComparedFigure::ResponseP50Ns => (whole(measured.response_p50_ns), None),
        ComparedFigure::ResponseP99Ns => (
            whole(measured.response_p99_ns),
            between(
                whole(measured.response_p99_low_ns),
                whole(measured.response_p99_high_ns),
            ),
        ),
        ComparedFigure::ServerCpuNsPerMessage => (plain(measured.server_cpu_ns_per_message), None),
        ComparedFigure::ClientCpuNsPerMessage => (plain(measured.client_cpu_ns_per_message), None),
        _ => return None,
    };
    Some((value?, interval))
}
