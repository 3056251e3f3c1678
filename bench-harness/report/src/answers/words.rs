//! How cells, figures and conditions are said.

use busbench_results::answers::{Condition, NoVerdict};
use busbench_results::comparison::{ComparedFigure, Difference};
use busbench_results::{Row, Verdict, sets_of_alike};

use super::Context;
use crate::differences;
use crate::format;
use crate::table::NONE;

impl Context<'_, '_> {
    pub(super) fn label(&self, run: usize, cell: usize) -> &str {
        &self.views[run].cells[cell].label
    }

    pub(super) fn row(&self, run: usize, cell: usize) -> &Row {
        &self.views[run].cells[cell].row
    }

    /// The row that stands for a condition.
    pub(super) fn first(&self, condition: &Condition) -> &Row {
        self.row(condition.run, condition.cells[0])
    }

    /// The guarantee of a condition.
    pub(super) fn guarantee(&self, condition: &Condition) -> String {
        let guarantee = &self.first(condition).guarantee;
        guarantee.clone().unwrap_or_else(|| "not known".to_owned())
    }

    /// A cell with its figure: `nats-core json p99 338 µs`.
    pub(super) fn cell_with_figure(&self, condition: &Condition, cell: usize) -> String {
        format!(
            "{}: {}",
            self.label(condition.run, cell),
            figure(condition.figure, self.row(condition.run, cell))
        )
    }

    /// Cells beside the leader, the nearest first: `mqtt5 json +35 % (+20 to +52)`.
    pub(super) fn others(&self, condition: &Condition) -> Vec<String> {
        beside(condition)
            .into_iter()
            .map(|(cell, difference)| {
                let label = self.label(condition.run, cell);
                format!("{label} {}", differences::words(difference))
            })
            .collect()
    }

    /// Cells as good as the leader with the intervals alone: `mqtt5 json (-8.0 to +22)`.
    pub(super) fn ranges(&self, condition: &Condition) -> Vec<String> {
        beside(condition)
            .into_iter()
            .map(|(cell, difference)| {
                let label = self.label(condition.run, cell);
                let interval = difference.interval.map(differences::interval);
                format!("{label}{}", interval.unwrap_or_default())
            })
            .collect()
    }

    /// Load of a condition, with what else varies among those of the answer.
    pub(super) fn situation(&self, condition: &Condition) -> String {
        type Setting = fn(&Row) -> Option<String>;
        let settings: [Setting; 9] = [
            |row| {
                Some(format!(
                    "{} ({})",
                    row.payload,
                    format::bytes(row.payload_bytes)
                ))
            },
            |row| Some(format!("depth {}", row.depth)),
            |row| Some(format!("publish {}", row.publish)),
            |row| Some(format!("subscribe {}", row.subscribe)),
            |row| Some(format!("{} publishers", row.publishers)),
            |row| Some(format!("{} subscribers", row.subscribers)),
            |row| Some(format!("{} tuning", row.tuning)),
            |row| Some(format::limit_or_none(&row.limit)),
            |row| row.arrivals.clone(),
        ];
        let own = self.first(condition);
        let mut parts = vec![load(own)];
        for setting in settings {
            let varies = self
                .answer
                .conditions
                .iter()
                .filter(|other| other.figure == condition.figure)
                .any(|other| setting(self.first(other)) != setting(own));
            parts.extend(setting(own).filter(|_| varies));
        }
        let has_runs = self
            .answer
            .conditions
            .iter()
            .any(|other| other.run != condition.run);
        if has_runs {
            parts.push(format!("run {}", condition.run + 1));
        }
        parts.join(", ")
    }

    /// Why cells of these conditions have no verdict: `suspect, limited by the machine`.
    pub(super) fn reasons(conditions: &[&Condition]) -> String {
        let mut reasons: Vec<String> = Vec::new();
        for (_, why) in conditions
            .iter()
            .flat_map(|condition| &condition.no_verdict)
        {
            let why = reason(why);
            if !reasons.contains(&why) {
                reasons.push(why);
            }
        }
        reasons.join(", ")
    }

    /// Cells without a verdict, by reason: `suspect: mqtt3 json, mqtt5 json`.
    pub(super) fn no_verdict(&self, condition: &Condition) -> String {
        let left_out = condition.no_verdict.iter();
        let cells = left_out.map(|(cell, why)| (reason(why), self.label(condition.run, *cell)));
        let texts: Vec<String> = sets_of_alike(cells, |one, other| one.0 == other.0)
            .iter()
            .map(|set| {
                let labels: Vec<&str> = set.iter().map(|(_, label)| *label).collect();
                format!("{}: {}", set[0].0, labels.join(", "))
            })
            .collect();
        if texts.is_empty() {
            NONE.to_owned()
        } else {
            texts.join("; ")
        }
    }
}

/// Those as good first, each by how far it lies from the leader.
fn beside(condition: &Condition) -> Vec<(usize, &Difference)> {
    fn nearest(cells: &[(usize, Difference)]) -> Vec<(usize, &Difference)> {
        let far =
            |difference: &Difference| difference.ratio.map_or(f64::MAX, |ratio| ratio.ln().abs());
        let mut cells: Vec<(usize, &Difference)> = cells
            .iter()
            .map(|(cell, difference)| (*cell, difference))
            .collect();
        cells.sort_by(|one, other| far(one.1).total_cmp(&far(other.1)));
        cells
    }
    let mut cells = nearest(&condition.as_good);
    cells.extend(nearest(&condition.worse));
    cells
}

/// What was offered, or how many messages were in flight.
fn load(row: &Row) -> String {
    match (row.offered_per_second, row.window) {
        (Some(offered), _) => format!("{}/s", format::whole(offered)),
        (None, Some(window)) => format!("window of {}", format::count(window)),
        (None, None) => "closed load".to_owned(),
    }
}

/// `p99 338 µs`.
pub(super) fn figure(figure: ComparedFigure, row: &Row) -> String {
    format!("{} {}", name(figure), value(figure, row))
}

/// What the figure is called within a sentence.
pub(super) const fn name(figure: ComparedFigure) -> &'static str {
    match figure {
        ComparedFigure::DeliveredPerSecond => "delivered",
        ComparedFigure::ServerRssPeakBytes => "peak memory",
        other => differences::title(other),
    }
}

pub(super) fn value(figure: ComparedFigure, row: &Row) -> String {
    let Some(value) = figure.of_row(row) else {
        return NONE.to_owned();
    };
    match figure {
        ComparedFigure::DeliveredPerSecond => format!("{}/s", format::significant(value)),
        ComparedFigure::ServerRssPeakBytes => row
            .server_rss_peak_bytes
            .map_or_else(String::new, format::bytes),
        ComparedFigure::DeliveredShare => format::percent_reached(value),
        _ => format::duration(value),
    }
}

fn reason(why: &NoVerdict) -> String {
    match why {
        NoVerdict::Outcome(outcome) => outcome.name().to_owned(),
        NoVerdict::Limited(limit) => format!("limited by the {}", limit.name()),
        NoVerdict::Verdict(Verdict::Invalid) => "no valid trial".to_owned(),
        NoVerdict::Verdict(verdict) => verdict.name().to_owned(),
        NoVerdict::TooFewTrials(1) => "only 1 trial".to_owned(),
        NoVerdict::TooFewTrials(trials) => format!("only {trials} trials"),
        NoVerdict::NoFigure => "no figure".to_owned(),
        NoVerdict::NotCompared(why) => why.clone(),
    }
}

/// `one`, `one and two`, `one, two and three`.
pub(super) fn listed(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first few, and how many more there are.
pub(super) fn few(texts: &[String], most: usize) -> String {
    let shown = texts.get(..most).unwrap_or(texts).join("; ");
    match texts.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown}; {more} more in the table"),
    }
}

/// As the beginning of a sentence.
pub(super) fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + rest.as_str()
}
