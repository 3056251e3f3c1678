//! Shares of messages that were lost, by cell: points on a logarithmic axis.

use busbench_results::Row;
use plotters::element::Circle;

use super::budget::CELLS_AT_MOST;
use super::canvas::{self, At, Canvas, DrawError, Drawing, filled, px, stroke, text_width};
use super::ink::Ink;
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::format;
use crate::view::{CellView, View};

const HEADING: f64 = 30.0;
const AXIS: f64 = 40.0;
/// Of a point's line, where its label stands above it.
const DOT: f64 = 20.0;

/// A cell that lost messages.
struct Loss {
    label: String,
    ink: Ink,
    share: f64,
    lost: u64,
}

/// Cells of one guarantee, the greatest loss first.
struct Section {
    heading: String,
    losses: Vec<Loss>,
}

/// `None` where nothing was lost; [`note`] says so.
pub(super) fn figure(view: &View<'_>, name: &str) -> Result<Option<Figure>, RenderError> {
    let (sections, left) = sections(view);
    if sections.is_empty() {
        return Ok(None);
    }
    let words = [
        "Messages lost, by cell".to_owned(),
        caption(left),
        alternative(&sections),
    ];
    Figure::draw((Subject::Loss, name), words, |width| {
        paint(&sections, width)
    })
    .map(Some)
}

/// How many cells lost nothing; `None` where no cell expected a message.
pub(super) fn note(view: &View<'_>) -> Option<String> {
    let counted: Vec<&CellView<'_>> = counted(view).collect();
    let without = counted.iter().filter(|cell| !has_lost(cell)).count();
    let cells = |number: usize| match number {
        1 => "1 cell".to_owned(),
        _ => format!("{} cells", format::count(number as u64)),
    };
    match (without, counted.len()) {
        (_, 0) => None,
        (without, all) if without == all => Some(format!("Nothing was lost in {}.", cells(all))),
        (without, all) => Some(format!(
            "{} of {} lost messages; nothing was lost in the other {}.",
            format::count((all - without) as u64),
            cells(all),
            format::count(without as u64)
        )),
    }
}

/// Cells with a trial that is not invalid, in which a subscriber was to get something.
fn counted<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v CellView<'a>> {
    view.cells
        .iter()
        .filter(|cell| cell.lost_share().is_some() && !cell.pooled.is_empty())
}

fn has_lost(cell: &CellView<'_>) -> bool {
    cell.row.lost.is_some_and(|lost| lost > 0)
}

fn sections(view: &View<'_>) -> (Vec<Section>, usize) {
    let mut cells: Vec<&CellView<'_>> = counted(view).filter(|cell| has_lost(cell)).collect();
    let share = |cell: &CellView<'_>| cell.lost_share().unwrap_or(0.0);
    cells.sort_by(|one, other| share(other).total_cmp(&share(one)));
    let left = cells.len().saturating_sub(CELLS_AT_MOST);
    cells.truncate(CELLS_AT_MOST);
    let labels = labels(&cells);
    let mut sections: Vec<Section> = Vec::new();
    for (cell, label) in cells.into_iter().zip(labels) {
        let heading = match (&cell.guarantee, cell.is_floor()) {
            (_, true) => "no server".to_owned(),
            (Some(guarantee), _) => format!("guarantee {guarantee}"),
            (None, _) => "guarantee not known".to_owned(),
        };
        let loss = Loss {
            label,
            ink: Ink::of(&cell.row.bus, ""),
            share: share(cell),
            lost: cell.row.lost.unwrap_or(0),
        };
        match sections
            .iter_mut()
            .find(|section| section.heading == heading)
        {
            Some(section) => section.losses.push(loss),
            None => sections.push(Section {
                heading,
                losses: vec![loss],
            }),
        }
    }
    (sections, left)
}

/// A cell's own label with its payload and load, and what else varies among the cells.
fn labels(cells: &[&CellView<'_>]) -> Vec<String> {
    const DETAILS: [fn(&Row) -> String; 7] = [
        |row| format!("depth {}", row.depth),
        |row| format!("publish {}", row.publish),
        |row| format!("{} to {}", row.publishers, row.subscribers),
        |row| format!("{} tuning", row.tuning),
        |row| format::limit_or_none(&row.limit),
        |row| {
            let window = row.window.map(format::count);
            window.map_or_else(String::new, |window| format!("window {window}"))
        },
        |row| {
            let window = row.ack_window.map(|window| format::count(window.into()));
            window.map_or_else(String::new, |window| format!("{window} unacked"))
        },
    ];
    let varying: Vec<fn(&Row) -> String> = DETAILS
        .into_iter()
        .filter(|detail| {
            let mut texts = cells.iter().map(|cell| detail(&cell.row));
            let first = texts.next();
            texts.any(|text| Some(text) != first)
        })
        .collect();
    cells
        .iter()
        .map(|cell| {
            let row = &cell.row;
            let load = row.offered_per_second.map_or_else(
                || row.load.name().to_owned(),
                |rate| format!("{}/s", format::significant(rate)),
            );
            let mut parts = vec![cell.label.clone(), row.payload.clone(), load];
            let details = varying.iter().map(|detail| detail(row));
            parts.extend(details.filter(|text| !text.is_empty() && !cell.label.contains(text)));
            parts.join(", ")
        })
        .collect()
}

fn caption(left: usize) -> String {
    let rest = match left {
        0 => String::new(),
        _ => format!(" {left} cells that lost less are in the table of cells."),
    };
    format!(
        "Share of the messages that a subscriber should have got and had not when the drain ended, of \
         all trials together that are not invalid, on a logarithmic axis; beside it, how many. Cells of one guarantee \
         stand together, the greatest loss first. A bus that promises nothing may lose.{rest}"
    )
}

fn alternative(sections: &[Section]) -> String {
    let sections: Vec<String> = sections
        .iter()
        .map(|section| {
            let losses = section.losses.iter();
            let cells: Vec<String> = losses
                .map(|loss| format!("{}: {}", loss.label, value(loss)))
                .collect();
            format!("{}: {}", section.heading, cells.join("; "))
        })
        .collect();
    format!(
        "Points of the share of messages lost. {}.",
        sections.join(". ")
    )
}

fn value(loss: &Loss) -> String {
    format!(
        "{} ({})",
        format::percent(loss.share),
        format::count(loss.lost)
    )
}

/// Where things lie, in CSS pixels.
struct Layout {
    /// Ends of the axis.
    left: f64,
    right: f64,
    /// Shares there.
    lowest: f64,
    highest: f64,
    row: f64,
    bottom: f64,
    is_narrow: bool,
}

impl Layout {
    fn of(sections: &[Section], width: u32) -> Self {
        let losses = || sections.iter().flat_map(|section| &section.losses);
        let widest = |texts: &mut dyn Iterator<Item = String>| {
            texts.map(|text| text_width(&text)).fold(0.0, f64::max)
        };
        let is_narrow = width == NARROW;
        let labels = widest(&mut losses().map(|loss| loss.label.clone())).min(430.0) + 16.0;
        let values = widest(&mut losses().map(value)) + 14.0;
        let row = if is_narrow { 42.0 } else { 23.0 };
        let rows = losses().count() as f64 * row + sections.len() as f64 * HEADING;
        let least = losses().map(|loss| loss.share).fold(1.0, f64::min);
        Self {
            left: if is_narrow { 6.0 } else { labels },
            right: f64::from(width) - if is_narrow { 20.0 } else { values },
            // To whole powers of ten, so that a share of all is at the right end.
            lowest: 10_f64.powf((least * 0.9).log10().floor()),
            highest: 1.0,
            row,
            bottom: rows,
            is_narrow,
        }
    }

    /// Powers of ten, from the lowest share to all.
    fn marks(&self) -> Vec<f64> {
        let mut marks = vec![1.0];
        while let Some(share) = marks.last().map(|share| share / 10.0) {
            if share < self.lowest * 0.99 {
                break;
            }
            marks.push(share);
        }
        marks.reverse();
        marks
    }

    fn x(&self, share: f64) -> f64 {
        let whole = (self.highest / self.lowest).log10();
        self.left + (share / self.lowest).log10() / whole * (self.right - self.left)
    }
}

fn paint(sections: &[Section], width: u32) -> Result<Drawing, DrawError> {
    let layout = Layout::of(sections, width);
    canvas::draw(width, layout.bottom + AXIS, |canvas| {
        let marks = layout.marks();
        let mut top = 0.0;
        for section in sections {
            let heading = canvas::fitting(&section.heading, f64::from(width));
            canvas.text((0.0, top + HEADING * 0.6), &heading, Ink::Muted, At::Left)?;
            top += HEADING;
            for loss in &section.losses {
                let bottom = top + layout.row;
                // Not through a label above its point.
                let from = if layout.is_narrow { bottom - DOT } else { top };
                for x in marks.iter().map(|share| layout.x(*share)) {
                    canvas.line(&[(x, from), (x, bottom)], stroke(Ink::Grid, 1.0))?;
                }
                row(canvas, &layout, loss, (top, f64::from(width)))?;
                top = bottom;
            }
        }
        axis(canvas, &layout, &marks)
    })
}

fn axis(canvas: &Canvas<'_>, layout: &Layout, marks: &[f64]) -> Result<(), DrawError> {
    let mut free = f64::MIN;
    for share in marks {
        let x = layout.x(*share);
        let text = format::percent_short(*share);
        let half = text_width(&text) / 2.0;
        if x - half > free {
            let at = if x - half < 0.0 { At::Left } else { At::Middle };
            canvas.text((x, layout.bottom + 12.0), &text, Ink::Muted, at)?;
            free = x + half + 9.0;
        }
    }
    let middle = f64::midpoint(layout.left, layout.right);
    canvas.text(
        (middle, layout.bottom + 31.0),
        "share lost",
        Ink::Muted,
        At::Middle,
    )
}

fn row(
    canvas: &Canvas<'_>,
    layout: &Layout,
    loss: &Loss,
    (top, width): (f64, f64),
) -> Result<(), DrawError> {
    let (x, value) = (layout.x(loss.share), value(loss));
    let middle = if layout.is_narrow {
        let label = canvas::fitting(&loss.label, width);
        canvas.text((0.0, top + 11.0), &label, Ink::Text, At::Left)?;
        top + layout.row - DOT / 2.0
    } else {
        let label = canvas::fitting(&loss.label, layout.left - 16.0);
        let middle = top + layout.row / 2.0;
        canvas.text((layout.left - 12.0, middle), &label, Ink::Text, At::Right)?;
        middle
    };
    if x + 11.0 + text_width(&value) <= width {
        canvas.text((x + 11.0, middle), &value, Ink::Text, At::Left)?;
    } else {
        canvas.text((x - 11.0, middle), &value, Ink::Text, At::Right)?;
    }
    let center = (px(x), px(middle));
    canvas
        .area
        .draw(&Circle::new(center, px(4.5), filled(loss.ink, 1.0)))
}
