//! Delivered rates of closed cells as bars from zero, with their intervals.

use busbench_results::Row;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::element::Rectangle;

use super::backend::Backend;
use super::budget;
use super::canvas::{self, At, Canvas, DrawError, Drawing, filled, px, stroke, text_width};
use super::ink::Ink;
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::format;
use crate::view::{CellView, Group};

type Chart<'a> = ChartContext<'a, Backend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Beyond this factor over the fastest server, a floor leaves the scale.
const FLOOR_ON_SCALE: f64 = 1.1;

pub(super) const BAR: f64 = 13.0;
const AXIS: f64 = 40.0;

/// Cells under one heading.
struct Section<'g> {
    heading: Option<&'static str>,
    cells: Vec<&'g CellView<'g>>,
}

/// Where things lie, in CSS pixels.
struct Layout {
    width: f64,
    /// Of the column of labels; 0 where labels stand above their bars.
    labels: f64,
    /// Kept free right of the longest bar.
    values: f64,
    row: f64,
}

/// `None` without a valid trial.
pub(super) fn figure(group: &Group<'_, '_>, name: &str) -> Result<Option<Figure>, RenderError> {
    let (sections, left) = sections(group);
    let Some(scale) = scale(&sections) else {
        return Ok(None);
    };
    let words = [
        format!(
            "Delivered rate under closed load: {}, {}",
            group.promise(),
            group.in_short()
        ),
        caption(group, scale) + &budget::left_out(left),
        alternative(&sections),
    ];
    Figure::draw((Subject::Rates, name), words, |width| {
        paint(&sections, scale, width)
    })
    .map(Some)
}

/// Those with a cell, and how many cells are left out of them.
fn sections<'g>(group: &'g Group<'_, '_>) -> (Vec<Section<'g>>, usize) {
    let kinds = [
        (None, &group.ranked),
        (
            Some("Not ranked: messages were lost, or a trial failed"),
            &group.unranked,
        ),
        (
            Some("No server: the floors of this machine and the harness"),
            &group.floors,
        ),
    ];
    let mut all_left = 0;
    let sections = kinds
        .into_iter()
        .filter(|(_, cells)| !cells.is_empty())
        .map(|(heading, cells)| {
            let (cells, left) = budget::fitting(cells.iter().copied());
            all_left += left;
            Section { heading, cells }
        })
        .collect();
    (sections, all_left)
}

/// Deliveries per second at the right end: the fastest server's, or all that there is.
fn scale(sections: &[Section<'_>]) -> Option<f64> {
    let most = |floor: bool| {
        sections
            .iter()
            .flat_map(|section| &section.cells)
            .filter(|cell| cell.is_floor() == floor)
            .filter_map(|cell| reach(&cell.row))
            .reduce(f64::max)
            .filter(|rate| *rate > 0.0)
    };
    match (most(false), most(true)) {
        (Some(server), Some(floor)) if floor <= server * FLOOR_ON_SCALE => Some(floor.max(server)),
        (server, floor) => server.or(floor),
    }
}

/// How far to the right a row reaches, its interval included.
fn reach(row: &Row) -> Option<f64> {
    let rate = row.delivered_per_second?;
    Some(row.delivered_per_second_high.unwrap_or(rate).max(rate))
}

fn caption(group: &Group<'_, '_>, scale: f64) -> String {
    let mut text = format!(
        "Distinct deliveries per second of the window, as fast as the window allows. Bars are \
         geometric means, whiskers 95 % intervals over trials (from 3 trials on). Conditions: {}.",
        group.conditions()
    );
    if group.cells().any(CellView::is_at_least) {
        text.push_str(
            " “≥”: the client or the machine was used up first, so the server can do at least this.",
        );
    }
    if group
        .cells()
        .any(|cell| reach(&cell.row).is_some_and(|rate| rate > scale))
    {
        text.push_str(" A floor leaves the scale.");
    }
    text.push_str(" The best first, within one guarantee.");
    if let Some(missing) = group.missing() {
        text.push(' ');
        text.push_str(&missing);
    }
    text
}

fn alternative(sections: &[Section<'_>]) -> String {
    let cells: Vec<String> = sections
        .iter()
        .flat_map(|section| &section.cells)
        .map(|cell| format!("{}: {}", cell.label, value(cell)))
        .collect();
    format!("Bar chart of deliveries per second. {}.", cells.join("; "))
}

/// What stands beside a bar.
fn value(cell: &CellView<'_>) -> String {
    let Some(rate) = cell.rate() else {
        return cell.state();
    };
    format!("{rate}/s{}", cell.doubts())
}

fn paint(sections: &[Section<'_>], scale: f64, width: u32) -> Result<Drawing, DrawError> {
    let layout = layout(sections, width);
    let rows: usize = sections.iter().map(|section| section.cells.len()).sum();
    let headings = sections
        .iter()
        .filter(|section| section.heading.is_some())
        .count();
    let height = rows as f64 * layout.row + headings as f64 * HEADING + AXIS;
    canvas::draw(width, height, |canvas| {
        // One pixel of the vertical axis is one CSS pixel, counted from below.
        let chart = ChartBuilder::on(&canvas.area)
            .margin_left(px(layout.labels))
            .margin_right(px(layout.values))
            .margin_bottom(px(AXIS))
            .build_cartesian_2d(0.0..scale, 0.0..height - AXIS)?;
        axis(canvas, &chart, &layout, sections, scale)?;
        let mut chart = chart;
        let mut top = 0.0;
        for section in sections {
            if let Some(heading) = section.heading {
                canvas.text((0.0, top + HEADING * 0.62), heading, Ink::Muted, At::Left)?;
                top += HEADING;
            }
            for cell in &section.cells {
                row(
                    canvas,
                    &mut chart,
                    &layout,
                    cell,
                    (scale, top, height - AXIS),
                )?;
                top += layout.row;
            }
        }
        Ok(())
    })
}

const HEADING: f64 = 30.0;

fn layout(sections: &[Section<'_>], width: u32) -> Layout {
    let cells = || sections.iter().flat_map(|section| &section.cells);
    let widest = |texts: &mut dyn Iterator<Item = String>| {
        texts.map(|text| text_width(&text)).fold(0.0, f64::max)
    };
    if width == NARROW {
        Layout {
            width: f64::from(width),
            labels: 0.0,
            values: 12.0,
            row: 42.0,
        }
    } else {
        Layout {
            width: f64::from(width),
            labels: widest(&mut cells().map(|cell| cell.label.clone())).min(260.0) + 14.0,
            values: widest(&mut cells().map(|cell| value(cell))).min(220.0) + 8.0,
            row: 27.0,
        }
    }
}

fn axis(
    canvas: &Canvas<'_>,
    chart: &Chart<'_>,
    layout: &Layout,
    sections: &[Section<'_>],
    scale: f64,
) -> Result<(), DrawError> {
    let mut bottom = 0.0;
    // Lines stop at headings.
    let mut spans = Vec::new();
    for section in sections {
        let top = bottom + section.heading.map_or(0.0, |_| HEADING);
        bottom = top + section.cells.len() as f64 * layout.row;
        spans.push((top, bottom));
    }
    let step = canvas::round_step(scale, if layout.labels > 0.0 { 6 } else { 3 });
    let mut tick = 0.0;
    while tick <= scale * 1.001 {
        let x = f64::from(chart.backend_coord(&(tick, 0.0)).0) / f64::from(canvas::SCALE);
        for (from, to) in &spans {
            canvas.line(&[(x, *from), (x, *to)], stroke(Ink::Grid, 1.0))?;
        }
        let at = if tick == 0.0 && layout.labels == 0.0 {
            At::Left
        } else {
            At::Middle
        };
        canvas.text((x, bottom + 12.0), &format::short(tick), Ink::Muted, at)?;
        tick += step;
    }
    let middle = layout.labels + (layout.width - layout.labels - layout.values) / 2.0;
    canvas.text(
        (middle, bottom + 31.0),
        "deliveries per second",
        Ink::Muted,
        At::Middle,
    )
}

fn row(
    canvas: &Canvas<'_>,
    chart: &mut Chart<'_>,
    layout: &Layout,
    cell: &CellView<'_>,
    (scale, top, bottom): (f64, f64, f64),
) -> Result<(), DrawError> {
    let beside = layout.labels > 0.0;
    let middle = if beside {
        top + layout.row / 2.0
    } else {
        top + layout.row - BAR / 2.0 - 4.0
    };
    let rate = cell.row.delivered_per_second.unwrap_or(0.0);
    let reaches = reach(&cell.row).unwrap_or(0.0).min(scale);
    let ink = Ink::of(&cell.row.bus, "");
    let level = bottom - middle;
    let opacity = if cell.not_ranked().is_some() || cell.is_floor() {
        0.4
    } else {
        1.0
    };
    chart.draw_series([Rectangle::new(
        [
            (0.0, level - BAR / 2.0),
            (rate.min(scale), level + BAR / 2.0),
        ],
        filled(ink, opacity),
    )])?;
    let interval = cell
        .row
        .delivered_per_second_low
        .zip(cell.row.delivered_per_second_high)
        .filter(|_| rate <= scale);
    if let Some((low, high)) = interval {
        let x = |rate| f64::from(chart.backend_coord(&(rate, 0.0)).0) / f64::from(canvas::SCALE);
        whisker(canvas, (x(low), x(high.min(scale))), middle, high <= scale)?;
    }
    let right = f64::from(chart.backend_coord(&(reaches, 0.0)).0) / f64::from(canvas::SCALE);
    if rate > scale {
        off_scale(canvas, right, middle)?;
    }
    let value = value(cell);
    if beside {
        let label = canvas::fitting(&cell.label, layout.labels - 10.0);
        canvas.text((layout.labels - 10.0, middle), &label, Ink::Text, At::Right)?;
        canvas.text((right + 8.0, middle), &value, Ink::Text, At::Left)
    } else {
        let line = top + 14.0;
        let label = canvas::fitting(&cell.label, layout.width - text_width(&value) - 8.0);
        canvas.text((0.0, line), &label, Ink::Text, At::Left)?;
        canvas.text((layout.width, line), &value, Ink::Text, At::Right)
    }
}

/// An interval, with an edge in the colour of the paper so that it shows on a bar too. One that
/// goes on beyond the scale is open at its right end.
pub(super) fn whisker(
    canvas: &Canvas<'_>,
    (low, high): (f64, f64),
    middle: f64,
    is_closed: bool,
) -> Result<(), DrawError> {
    let ends: &[f64] = if is_closed { &[low, high] } else { &[low] };
    for style in [stroke(Ink::Paper, 3.5), stroke(Ink::Text, 1.25)] {
        canvas.line(&[(low, middle), (high, middle)], style)?;
        for end in ends {
            canvas.line(&[(*end, middle - 3.5), (*end, middle + 3.5)], style)?;
        }
    }
    Ok(())
}

/// Two slanted cuts through a bar that goes on beyond the scale.
pub(super) fn off_scale(canvas: &Canvas<'_>, right: f64, middle: f64) -> Result<(), DrawError> {
    for offset in [10.0, 16.0] {
        let x = right - offset;
        canvas.line(
            &[
                (x - 2.0, middle + BAR / 2.0 + 2.0),
                (x + 2.0, middle - BAR / 2.0 - 2.0),
            ],
            stroke(Ink::Paper, 2.0),
        )?;
    }
    Ok(())
}
