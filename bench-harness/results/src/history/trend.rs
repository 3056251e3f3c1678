//! Where the figures of series change, corrected for all series that one call looks at.

mod asked;
mod steps;

use serde::Serialize;

use super::{HistoryLine, POINTS_NEEDED, Point, Series, SeriesKey};
use crate::comparison::{ComparedFigure, FALSE_DISCOVERY_RATE, SmallestEffects};

use asked::Asked;

/// The figures that a history keeps.
pub const FIGURES: [ComparedFigure; 5] = [
    ComparedFigure::DeliveredPerSecond,
    ComparedFigure::ResponseP50Ns,
    ComparedFigure::ResponseP99Ns,
    ComparedFigure::ServerCpuNsPerMessage,
    ComparedFigure::ClientCpuNsPerMessage,
];

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendOptions {
    /// In these figures; others than [`FIGURES`] are in no line.
    pub figures: Vec<ComparedFigure>,
    /// Changes larger than these.
    pub effects: SmallestEffects,
}

impl Default for TrendOptions {
    fn default() -> Self {
        Self {
            figures: FIGURES.to_vec(),
            effects: SmallestEffects::default(),
        }
    }
}

/// What was found in a history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trends {
    /// Of the structure that this has as JSON: 1. It grows with a change after which a reader of the
    /// former would misunderstand it.
    pub format_version: u32,
    /// The figures that were looked at, each with the smallest effect of interest.
    pub figures: Vec<LookedAt>,
    /// Figures of series in which changes were looked for: those with enough points.
    pub asked: usize,
    /// What is called a change although there is none, on average, at most: a share.
    pub false_discovery_rate: f64,
    /// Series of which a figure changed, in their order.
    pub changed: Vec<ChangedSeries>,
    /// All others.
    pub quiet: Vec<QuietSeries>,
    /// Fewest points in which a change can be found.
    pub points_needed: usize,
}

/// A figure that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LookedAt {
    /// Which one.
    pub figure: ComparedFigure,
    /// A change that is no larger is not told; a share.
    pub smallest_effect: f64,
}

/// A series of which a figure changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedSeries {
    /// What identifies it.
    pub key: SeriesKey,
    /// All its lines that can be points.
    #[serde(skip)]
    pub lines: Vec<HistoryLine>,
    /// The figures that changed.
    pub figures: Vec<ChangedFigure>,
}

/// A series without a change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuietSeries {
    /// What identifies it.
    pub key: SeriesKey,
    /// Runs with a point of any figure that was asked for.
    pub points: usize,
    /// Invalid lines, which are no points.
    pub invalid: usize,
    /// Whether no figure has enough points to find a change in.
    pub is_too_short: bool,
}

/// A figure that changed, with what it was between its changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedFigure {
    /// Which one.
    pub figure: ComparedFigure,
    /// Its points.
    #[serde(skip)]
    pub points: Vec<Point>,
    /// From one change point to the next, those that are too small to be told among them.
    pub segments: Vec<Segment>,
    /// The changes that are large enough, in their order.
    pub changes: Vec<Change>,
}

/// Points between two change points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Segment {
    /// Place of the first point.
    pub first: usize,
    /// Place of the last.
    pub last: usize,
    /// Geometric mean.
    pub mean: f64,
}

/// A change that is larger than the smallest effect of interest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Mean before it.
    pub from: f64,
    /// Mean after it.
    pub to: f64,
    /// Whether that is good.
    pub direction: Direction,
    /// Change points that it is made of: one, or several in one direction each of which alone is too
    /// small, a drift.
    pub steps: usize,
    /// Place of the first point of its first step.
    pub place: usize,
    /// The last run before its first step.
    pub last_before: RunAt,
    /// The first run with it: of its first step.
    pub first_with: RunAt,
    /// The first run of its last step, where it has several.
    pub complete_with: Option<RunAt>,
    /// A change of the server's version within two runs, which explains it.
    pub server: Option<ServerChange>,
}

/// Whether a change is for the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Rates up, times and costs down.
    Better,
    /// Rates down, times and costs up.
    Worse,
}

/// A run of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunAt {
    /// Its name.
    pub run: String,
    /// Its start, in milliseconds since 1970-01-01 UTC.
    pub started_unix_ms: u64,
    /// What measured.
    pub commit: Option<String>,
    /// Version of what measured.
    pub tool_version: String,
}

/// Another version of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerChange {
    /// The version before it.
    pub from: Option<String>,
    /// The version from it on.
    pub to: Option<String>,
    /// The first run with it, up to two runs before or after the change.
    pub first_with: RunAt,
}

impl Change {
    /// By how much the figure changed, as a share: 0.1 is 10 % more.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.to / self.from - 1.0
    }
}

impl Trends {
    /// Series with enough points in which no change was found.
    #[must_use]
    pub fn steady(&self) -> usize {
        self.quiet
            .iter()
            .filter(|series| !series.is_too_short)
            .count()
    }

    /// Series with too few points.
    #[must_use]
    pub fn too_short(&self) -> usize {
        self.quiet.len() - self.steady()
    }

    /// Changes of all series.
    #[must_use]
    pub fn changes(&self) -> usize {
        let figures = self.changed.iter().flat_map(|series| &series.figures);
        figures.map(|figure| figure.changes.len()).sum()
    }
}

/// Looks for changes in every series.
///
/// Asked is once for each figure of a series with [`POINTS_NEEDED`] points whether it changes at all,
/// on the logarithms of the figure. Benjamini and Hochberg's procedure over all of them gives the level
/// that stays to each, and further change points of a series that has one are held to the same level
/// (Benjamini and Bogomolov, "Selective inference on multiple families of hypotheses", J. R. Statist.
/// Soc. B 76(1), 2014).
#[must_use]
pub fn trends(series: &[Series], options: &TrendOptions) -> Trends {
    let mut asked: Vec<Asked> = series
        .iter()
        .enumerate()
        .flat_map(|(place, of)| {
            let figures = options.figures.iter();
            figures.filter_map(move |figure| Asked::of(place, of, *figure))
        })
        .collect();
    asked::search(&mut asked);
    let number_asked = asked.len();
    let mut changed: Vec<Vec<ChangedFigure>> = vec![Vec::new(); series.len()];
    let mut has_enough = vec![false; series.len()];
    for asked in asked {
        has_enough[asked.series] = true;
        let place = asked.series;
        let effect = options.effects.of(asked.figure);
        changed[place].extend(steps::changed(&series[place], asked, effect));
    }
    let looked_at = |figure: &ComparedFigure| LookedAt {
        figure: *figure,
        smallest_effect: options.effects.of(*figure),
    };
    let mut trends = Trends {
        format_version: 1,
        figures: options.figures.iter().map(looked_at).collect(),
        asked: number_asked,
        false_discovery_rate: FALSE_DISCOVERY_RATE,
        changed: Vec::new(),
        quiet: Vec::new(),
        points_needed: POINTS_NEEDED,
    };
    for ((of, figures), has_enough) in series.iter().zip(changed).zip(has_enough) {
        if figures.is_empty() {
            let points = options
                .figures
                .iter()
                .map(|figure| of.points(*figure).len());
            trends.quiet.push(QuietSeries {
                key: of.key.clone(),
                points: points.max().unwrap_or(0),
                invalid: of.invalid,
                is_too_short: !has_enough,
            });
        } else {
            trends.changed.push(ChangedSeries {
                key: of.key.clone(),
                lines: of.lines.clone(),
                figures,
            });
        }
    }
    trends
}

#[cfg(test)]
mod tests;
