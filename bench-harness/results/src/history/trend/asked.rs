//! Whether figures change at all: one question for each, with one correction for all.

use crate::comparison::correction::level;
use crate::comparison::{ComparedFigure, FALSE_DISCOVERY_RATE};
use crate::history::change_points::{Search, permutations_for};
use crate::history::{POINTS_NEEDED, Point, Series};
use crate::parallel;

/// Permutations that everything is asked first; most have settled by then.
const AT_FIRST: u32 = 199;

/// By how many times more it goes on, for what is still open.
const MORE: u32 = 4;

/// A figure of a series in which changes are looked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Place of the series.
    pub(super) series: usize,
    pub(super) figure: ComparedFigure,
    pub(super) points: Vec<Point>,
    search: Search,
}

impl Asked {
    /// `None` where there are too few points.
    pub(super) fn of(place: usize, series: &Series, figure: ComparedFigure) -> Option<Self> {
        let points = series.points(figure);
        if points.len() < POINTS_NEEDED {
            return None;
        }
        let logs: Vec<f64> = points.iter().map(|point| point.value.ln()).collect();
        Some(Self {
            series: place,
            figure,
            search: Search::of(&logs),
            points,
        })
    }

    /// Places of the change points that were found.
    pub(super) fn change_points(&self) -> Vec<usize> {
        self.search.change_points()
    }
}

/// Finds the change points of all.
///
/// A p-value of `n` permutations cannot fall below `1 / (n + 1)`, and a single change among `m`
/// questions must fall below `q / m`. So what is neither found nor far from it is asked with ever more
/// permutations, until that could no longer change anything. The more changes there are, the fewer
/// permutations each needs: the work grows with `m / q`, whatever the changes are.
pub(super) fn search(asked: &mut Vec<Asked>) {
    let last_resort = permutations_for(FALSE_DISCOVERY_RATE / asked.len().max(1) as f64);
    let mut permutations = AT_FIRST.min(last_resort);
    let level = loop {
        *asked = each(asked, |asked| asked.search.permute(permutations));
        let p_values: Vec<f64> = asked.iter().map(|asked| asked.search.p_value()).collect();
        let level = level(&p_values, FALSE_DISCOVERY_RATE);
        let is_open = |asked: &Asked| !asked.search.is_settled() && asked.search.p_value() > level;
        if permutations >= last_resort || !asked.iter().any(is_open) {
            break level;
        }
        permutations = permutations.saturating_mul(MORE).min(last_resort);
    };
    *asked = each(asked, |asked| {
        if asked.search.p_value() <= level {
            asked.search.finish(level);
        }
    });
}

/// Works on each, over all cores.
fn each(asked: &[Asked], work: impl Fn(&mut Asked) + Sync) -> Vec<Asked> {
    parallel::map(asked, |asked| {
        let mut asked = asked.clone();
        work(&mut asked);
        asked
    })
}
