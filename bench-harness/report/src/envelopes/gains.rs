//! What the native layout gains over each other one.

use busbench_results::comparison::{ComparedFigure, Difference, Judgement, LayoutPair};
use busbench_results::{CellOutcome, LimitedBy, Load, Row, Verdict};

use super::summary::distinct;
use super::{marshalling, words};
use crate::differences;
use crate::table::{self, Column, Line, NONE, Table};
use crate::view::{CellView, View};

/// Native and another layout, with what their comparison says.
pub(super) struct Gain<'v, 'a> {
    pub(super) native: &'v CellView<'a>,
    pub(super) other: &'v CellView<'a>,
    /// One for each figure of the load.
    pub(super) figures: &'v [Difference],
}

/// The gains on one bus.
pub(crate) struct OfBus {
    pub(crate) bus: String,
    /// One for each load.
    pub(crate) tables: Vec<Table>,
}

/// Every pair but those of the marshalling benchmark, in the plan's order.
pub(super) fn all<'v, 'a>(view: &'v View<'a>) -> Vec<Gain<'v, 'a>> {
    view.layouts
        .pairs
        .iter()
        .filter(|pair| !marshalling::is_asked(pair))
        .filter_map(|pair| Gain::of(view, pair))
        .filter(|gain| !gain.other.trials.is_empty() || !gain.native.trials.is_empty())
        .collect()
}

/// Tables of the buses that can carry the native layout.
pub(super) fn by_bus(view: &View<'_>, gains: &[Gain<'_, '_>]) -> Vec<OfBus> {
    let possible = gains.iter().filter(|gain| gain.is_possible());
    distinct(possible.map(Gain::bus))
        .into_iter()
        .map(|bus| OfBus {
            bus: bus.to_owned(),
            tables: [Load::Closed, Load::Open]
                .into_iter()
                .filter_map(|load| table(view, gains, bus, load))
                .collect(),
        })
        .collect()
}

fn table(view: &View<'_>, gains: &[Gain<'_, '_>], bus: &str, load: Load) -> Option<Table> {
    let own: Vec<&Gain<'_, '_>> = gains
        .iter()
        .filter(|gain| gain.bus() == bus && gain.other.row.load == load && gain.is_possible())
        .collect();
    let figures: Vec<ComparedFigure> = own
        .first()?
        .figures
        .iter()
        .map(|figure| figure.figure)
        .collect();
    let rows: Vec<&Row> = view
        .cells
        .iter()
        .filter(|cell| cell.row.bus == bus && cell.row.load == load && !cell.trials.is_empty())
        .map(|cell| &cell.row)
        .collect();
    let mut columns = vec![
        Column::text("payload"),
        Column::text("depth"),
        Column::text("native against"),
    ];
    columns.extend(figures.iter().map(|&figure| Column {
        explained_as: Some("gain"),
        ..Column::text(differences::title(figure))
    }));
    let remarks: Vec<String> = own.iter().map(|gain| gain.remark()).collect();
    let has_remarks = remarks.iter().any(|remark| !remark.is_empty());
    if has_remarks {
        columns.push(Column::text("remark"));
    }
    let lines = own
        .iter()
        .zip(remarks)
        .map(|(gain, remark)| {
            let mut cells = vec![
                words::situation(&gain.other.row, &rows),
                gain.other.row.depth.clone(),
                gain.other.row.envelope.clone(),
            ];
            cells.extend(gain.figures.iter().map(|figure| gain.says(figure)));
            if has_remarks {
                let remark = Some(remark).filter(|remark| !remark.is_empty());
                cells.push(remark.unwrap_or_else(|| NONE.to_owned()));
            }
            Line {
                bus: bus.to_owned(),
                tone: table::tone(gain.other).max(table::tone(gain.native)),
                cells,
            }
        })
        .collect();
    let title = match load {
        Load::Closed => "Closed load: native by the other layout",
        Load::Open => "Open load: native by the other layout",
    };
    Some(Table {
        title: title.to_owned(),
        columns,
        rows: lines,
    })
}

impl<'v, 'a> Gain<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>, pair: &'v LayoutPair) -> Option<Self> {
        Some(Self {
            native: view.cells.get(pair.native)?,
            other: view.cells.get(pair.other)?,
            figures: &pair.gains,
        })
    }

    pub(super) fn bus(&self) -> &'v str {
        &self.other.row.bus
    }

    /// Whether the protocol can carry the native layout.
    pub(super) fn is_possible(&self) -> bool {
        self.native.row.outcome != CellOutcome::NotPossible
    }

    pub(super) fn figure(&self, figure: ComparedFigure) -> Option<&'v Difference> {
        self.figures.iter().find(|own| own.figure == figure)
    }

    fn says(&self, figure: &Difference) -> String {
        words::cell(figure, &self.other.row.envelope)
    }

    /// What `native is ... as json` is true of: `1xInt32 at depth envelope`.
    pub(super) fn place(&self, rows: &[&Row]) -> String {
        let row = &self.other.row;
        format!("{} at depth {}", words::situation(row, rows), row.depth)
    }

    /// What has to be known of the two cells: what was used up first, and which is suspect.
    fn remark(&self) -> String {
        let limit = |cell: &CellView<'_>| match cell.row.limited_by {
            Some(limit @ (LimitedBy::Client | LimitedBy::Machine)) => {
                Some(format!("limited by the {}", limit.name()))
            }
            _ => None,
        };
        let suspect = |cell: &CellView<'_>| {
            let is_suspect = cell.row.verdict == Some(Verdict::Suspect);
            is_suspect.then(|| "suspect".to_owned())
        };
        let parts = [
            self.of_both(limit(self.native), limit(self.other)),
            self.of_both(suspect(self.native), suspect(self.other)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What is true of native and of the other, once where it is true of both.
    fn of_both(&self, native: Option<String>, other: Option<String>) -> Option<String> {
        let layout = &self.other.row.envelope;
        match (native, other) {
            (Some(one), Some(same)) if one == same => Some(format!("both {one}")),
            (Some(one), Some(another)) => Some(format!("native {one}, {layout} {another}")),
            (Some(one), None) => Some(format!("native {one}")),
            (None, Some(another)) => Some(format!("{layout} {another}")),
            (None, None) => None,
        }
    }
}

/// How often native is better, worse or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) better: usize,
    pub(super) worse: usize,
    pub(super) no_difference: usize,
    /// Lossy, saturated, failed or invalid cells, other conditions, too few trials or samples.
    pub(super) not_judged: usize,
}

impl Tally {
    pub(super) fn of<'d>(differences: impl IntoIterator<Item = &'d Difference>) -> Self {
        let mut tally = Self::default();
        for difference in differences {
            match difference.judgement() {
                Judgement::Better => tally.better += 1,
                Judgement::Worse => tally.worse += 1,
                Judgement::NoMeasurableDifference => tally.no_difference += 1,
                Judgement::TooFewTrials | Judgement::NotComparable => tally.not_judged += 1,
            }
        }
        tally
    }

    pub(super) const fn judged(self) -> usize {
        self.better + self.worse + self.no_difference
    }

    pub(super) const fn all(self) -> usize {
        self.judged() + self.not_judged
    }
}
