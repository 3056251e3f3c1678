//! The strongest of what judges a claim, as a table.

use busbench_results::Row;
use busbench_results::claims::{CellSeen, Evidence, FootprintSeen, JudgedPart, Rule, Tested};

use super::is_between_servers;
use super::words::plural;
use crate::differences;
use crate::envelopes::{gain, situation};
use crate::footprints;
use crate::table::{self, Column, Line, NONE, Table};
use crate::view::{CellView, View};

/// Rows of evidence that a page shows of one part.
const SHOWN: usize = 20;

/// Rows of evidence, and what they are of.
pub(crate) struct Shown {
    pub(crate) table: Table,
    /// What is not in it; `None` where all is.
    pub(crate) more: Option<String>,
}

/// The evidence of a part; `None` without any.
pub(super) fn shown(views: &[View<'_>], part: &JudgedPart) -> Option<Shown> {
    match &part.evidence {
        Evidence::Comparisons(tested) => comparisons(views, part, tested),
        Evidence::Cells(cells) => self::cells(views, cells),
        Evidence::Footprints(seen) => footprints(views, part, seen),
    }
}

/// The strongest differences or, where there is none, comparisons without one.
fn comparisons(views: &[View<'_>], part: &JudgedPart, tested: &[Tested]) -> Option<Shown> {
    let counts = part.counts();
    let differences = counts.better + counts.worse;
    let (own, others, noun) = match differences {
        0 => (
            tested.len(),
            0,
            "comparison without a measurable difference",
        ),
        _ => (differences, tested.len() - differences, "difference"),
    };
    let rule = &part.part.rule;
    let rows: Vec<Line> = tested
        .iter()
        .take(own.min(SHOWN))
        .filter_map(|tested| comparison(views, rule, tested))
        .collect();
    let title = if rows.len() < own {
        format!("{} of {}", rows.len(), plural(own, noun))
    } else {
        plural(own, noun)
    };
    let rest = [
        (own - rows.len(), noun),
        (others, "comparison without a measurable difference"),
    ];
    let more: Vec<String> = rest
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| plural(number, noun))
        .collect();
    let heads = if is_between_servers(rule) {
        ["cell", "against"]
    } else {
        ["bus", "native against"]
    };
    let mut columns = Vec::from(heads.map(Column::text));
    columns.push(Column::text("figure"));
    columns.push(Column {
        explained_as: Some("difference"),
        ..Column::text("is")
    });
    columns.push(Column::text("with"));
    if is_between_servers(rule) {
        columns.push(Column::text("guarantee"));
    }
    (!rows.is_empty()).then(|| Shown {
        table: table(views, title, columns, rows),
        more: (!more.is_empty()).then(|| format!("And {}.", more.join(", and "))),
    })
}

fn cells(views: &[View<'_>], cells: &[CellSeen]) -> Option<Shown> {
    let columns = ["cell", "outcome", "guarantee", "with"].map(Column::text);
    let rows: Vec<Line> = cells
        .iter()
        .take(SHOWN)
        .filter_map(|seen| cell(views, *seen))
        .collect();
    let more = cells.len().saturating_sub(rows.len());
    (!rows.is_empty()).then(|| Shown {
        table: table(views, plural(cells.len(), "cell"), Vec::from(columns), rows),
        more: (more > 0).then(|| format!("And {}.", plural(more, "cell"))),
    })
}

/// What each footprint takes, beside the limit.
fn footprints(views: &[View<'_>], part: &JudgedPart, seen: &[FootprintSeen]) -> Option<Shown> {
    let Rule::AtMost(rule) = &part.part.rule else {
        return None;
    };
    let mut columns = Vec::from(["footprint", "architecture"].map(Column::text));
    columns.push(Column::number(rule.figure.words()));
    columns.push(Column {
        explained_as: Some("interval"),
        ..Column::number("95 % interval")
    });
    columns.push(Column::number("at most"));
    let rows: Vec<Line> = seen
        .iter()
        .filter_map(|seen| {
            let view = views.get(seen.run)?;
            let row = view.footprints.get(seen.footprint)?;
            let told = |value| footprints::told(rule.figure, value);
            let mut cells = vec![
                footprints::name(row),
                footprints::architecture(row),
                told(seen.value),
                seen.interval.map_or_else(
                    || NONE.to_owned(),
                    |ends| format!("{} – {}", told(ends.low), told(ends.high)),
                ),
                told(rule.limit),
            ];
            if views.len() > 1 {
                cells.push(view.run.record.run.clone());
            }
            Some(Line {
                bus: footprints::bus(row).to_owned(),
                tone: footprints::tone(row),
                cells,
            })
        })
        .collect();
    (!rows.is_empty()).then(|| Shown {
        table: table(views, plural(seen.len(), "footprint"), columns, rows),
        more: None,
    })
}

fn table(views: &[View<'_>], title: String, mut columns: Vec<Column>, rows: Vec<Line>) -> Table {
    if views.len() > 1 {
        columns.push(Column::text("run"));
    }
    Table {
        title,
        columns,
        rows,
    }
}

/// Payload and depth, and what else varies on this bus: `1xInt16, 5,000 msg/s at depth event`.
pub(super) fn place(view: &View<'_>, cell: &CellView<'_>) -> String {
    let row = &cell.row;
    let own: Vec<&Row> = view
        .cells
        .iter()
        .map(|other| &other.row)
        .filter(|other| other.bus == row.bus && other.load == row.load)
        .collect();
    format!("{} at depth {}", situation(row, &own), row.depth)
}

fn comparison(views: &[View<'_>], rule: &Rule, tested: &Tested) -> Option<Line> {
    let view = views.get(tested.run)?;
    let (base, head) = (view.cells.get(tested.base)?, view.cells.get(tested.head)?);
    let between_servers = is_between_servers(rule);
    let mut cells = if between_servers {
        vec![head.label.clone(), base.label.clone()]
    } else {
        vec![head.row.bus.clone(), base.row.envelope.clone()]
    };
    cells.extend([
        differences::title(tested.difference.figure).to_owned(),
        gain(&tested.difference, &base.row.envelope),
        place(view, head),
    ]);
    if between_servers {
        cells.push(guarantee(head));
    }
    Some(line(views, view, head, cells))
}

fn cell(views: &[View<'_>], seen: CellSeen) -> Option<Line> {
    let view = views.get(seen.run)?;
    let cell = view.cells.get(seen.cell)?;
    let cells = vec![
        cell.label.clone(),
        cell.row.outcome.name().to_owned(),
        guarantee(cell),
        place(view, cell),
    ];
    Some(line(views, view, cell, cells))
}

fn guarantee(cell: &CellView<'_>) -> String {
    let known = cell.row.guarantee.clone();
    known.unwrap_or_else(|| NONE.to_owned())
}

fn line(views: &[View<'_>], view: &View<'_>, cell: &CellView<'_>, mut cells: Vec<String>) -> Line {
    if views.len() > 1 {
        cells.push(view.run.record.run.clone());
    }
    Line {
        bus: cell.row.bus.clone(),
        tone: table::tone(cell),
        cells,
    }
}
