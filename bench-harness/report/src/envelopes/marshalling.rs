//! The proposal's own benchmark beside the fair one: what native gains in the codecs alone.

use busbench_results::comparison::{ComparedFigure, LayoutPair};
use busbench_results::{Load, Row};

use super::gains::Gain;
use super::{UPSTREAM, words};
use crate::format;
use crate::table::{self, Column, Line, NONE, Table};
use crate::view::View;

/// What is asked of two layouts.
pub(super) const FIGURES: &[ComparedFigure] = &[
    ComparedFigure::EncodeP50Ns,
    ComparedFigure::DecodeP50Ns,
    ComparedFigure::RoundTripP50Ns,
];

/// Both ways of measuring.
pub(crate) struct Marshalling {
    /// How they differ.
    pub(crate) introduction: &'static str,
    pub(crate) table: Table,
    /// The gap that each shows, by payload and layout.
    pub(crate) findings: Vec<(String, String)>,
}

/// Whether a pair belongs to it.
pub(super) fn is_asked(pair: &LayoutPair) -> bool {
    let figures = pair.gains.iter().map(|gain| gain.figure);
    figures.eq(FIGURES.iter().copied())
}

/// `None` where the run does not have it.
pub(super) fn of(view: &View<'_>) -> Option<Marshalling> {
    let mut pairs: Vec<Gain<'_, '_>> = view
        .layouts
        .pairs
        .iter()
        .filter(|pair| is_asked(pair))
        .filter_map(|pair| Gain::of(view, pair))
        .filter(|gain| !gain.native.trials.is_empty() && !gain.other.trials.is_empty())
        .collect();
    if pairs.is_empty() {
        return None;
    }
    // Both ways of one payload and layout beside each other.
    pairs.sort_by_key(|gain| {
        let own = &gain.other.row;
        (
            view.place(|row| row.payload == own.payload),
            view.place(|row| row.envelope == own.envelope),
            own.depth != UPSTREAM,
        )
    });
    let rows: Vec<&Row> = pairs.iter().map(|gain| &gain.other.row).collect();
    Some(Marshalling {
        introduction: "Two ways to measure the codecs alone, in process. At depth upstream, as the \
                       proposal's benchmark does: no header of the native layout is built or read, \
                       and base64 in JSON stays a text. At depth envelope, fairly: headers are written \
                       and parsed, base64 is decoded. A gap is the time of another \
                       layout by that of native. Times are medians.",
        table: table(&pairs, &rows),
        findings: findings(&pairs),
    })
}

fn table(pairs: &[Gain<'_, '_>], rows: &[&Row]) -> Table {
    let loads: Vec<Load> = rows.iter().map(|row| row.load).collect();
    let has_both_loads = loads.iter().any(|load| Some(load) != loads.first());
    let mut columns = vec![
        Column::text("payload"),
        Column::text("depth"),
        Column::text("layouts"),
    ];
    for &figure in FIGURES {
        let (native, other) = match figure {
            ComparedFigure::EncodeP50Ns => ("native encode ns", "other encode ns"),
            ComparedFigure::DecodeP50Ns => ("native decode ns", "other decode ns"),
            _ => ("native both ns", "other both ns"),
        };
        columns.extend([native, other].map(|title| Column {
            explained_as: Some(if figure == ComparedFigure::DecodeP50Ns {
                "decode"
            } else {
                "encode"
            }),
            ..Column::number(title)
        }));
    }
    columns.push(Column {
        explained_as: Some("gain"),
        ..Column::text("gap")
    });
    let lines = pairs
        .iter()
        .map(|gain| {
            let row = &gain.other.row;
            let mut payload = words::situation(row, &of_load(rows, row.load));
            if has_both_loads {
                payload = format!("{payload}, {} load", row.load.name());
            }
            let mut cells = vec![
                payload,
                row.depth.clone(),
                format!("native, {}", row.envelope),
            ];
            for &figure in FIGURES {
                cells.extend([gain.native, gain.other].map(|cell| {
                    let time = figure.of_row(&cell.row).map(format::significant);
                    time.unwrap_or_else(|| NONE.to_owned())
                }));
            }
            cells.push(gap(gain));
            Line {
                bus: row.bus.clone(),
                tone: table::tone(gain.other).max(table::tone(gain.native)),
                cells,
            }
        })
        .collect();
    Table {
        title: "Encode and decode: the proposal's way and the fair one".to_owned(),
        columns,
        rows: lines,
    }
}

fn of_load<'r>(rows: &[&'r Row], load: Load) -> Vec<&'r Row> {
    let of_it = rows.iter().copied().filter(|row| row.load == load);
    of_it.collect()
}

/// Encode and decode of the other layout by those of native, as a gap is told.
fn gap(gain: &Gain<'_, '_>) -> String {
    let Some(both) = gain.figure(ComparedFigure::RoundTripP50Ns) else {
        return NONE.to_owned();
    };
    let both = both.reversed();
    match (both.ratio, both.interval) {
        (Some(ratio), Some(interval)) => {
            format!("{} × ({})", words::times(ratio), words::ends(interval))
        }
        (Some(_), None) => "too few trials".to_owned(),
        (None, _) => words::cell(&both, "native"),
    }
}

/// The gaps of both ways side by side, where both have an interval.
fn findings(pairs: &[Gain<'_, '_>]) -> Vec<(String, String)> {
    let fair = pairs.iter().filter(|gain| gain.other.row.depth != UPSTREAM);
    fair.filter_map(|fair| {
        let row = &fair.other.row;
        let upstream = pairs.iter().find(|gain| {
            let other = &gain.other.row;
            other.depth == UPSTREAM
                && (&other.payload, &other.envelope, other.load)
                    == (&row.payload, &row.envelope, row.load)
        })?;
        let [shown, measured] = [upstream, fair].map(|gain| {
            let both = gain.figure(ComparedFigure::RoundTripP50Ns)?.reversed();
            both.interval.map(words::ends)
        });
        let about = format!("{}, {}", row.payload, row.envelope);
        let text = format!(
            "to encode and decode takes {} times as long as with native by the proposal's way of \
             measuring, and {} times by the fair one.",
            shown?, measured?
        );
        Some((about, text))
    })
    .collect()
}
