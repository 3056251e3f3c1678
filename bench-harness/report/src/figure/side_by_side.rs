//! One figure of several cells: under each cell one bar for each run that has it, none ranked with another.

use plotters::element::Rectangle;

use super::canvas::{self, At, Canvas, DrawError, Drawing, filled, px, stroke, text_width};
use super::ink::Ink;
use super::rates::{BAR, off_scale, whisker};
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::format;
use crate::several::{Bar, SharedCell};

/// How far a bar is filled, by the number of its run; emulated ones are hatched.
const OPACITIES: [f64; 4] = [0.9, 0.5, 0.2, 0.0];

/// From one line of a hatched bar to the next, in CSS pixels.
const HATCH: f64 = 6.0;

const AXIS: f64 = 40.0;
const HEADING: f64 = 28.0;

/// Below the bars of a cell.
const GAP: f64 = 8.0;

/// Where things lie, in CSS pixels.
struct Layout {
    width: f64,
    /// Left ends of bars: right of the labels, or 0 where these stand above.
    left: f64,
    /// Right end of the longest bar.
    right: f64,
    /// Height of a bar with its labels.
    row: f64,
    /// The value at the right end.
    scale: f64,
}

/// What bars stand for.
pub(crate) struct Measure {
    pub(crate) subject: Subject,
    /// Stem of the file.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    /// What a bar is, in a sentence or two.
    pub(crate) what: String,
    /// The same in some words, for who cannot see it.
    pub(crate) in_short: &'static str,
    /// Title of the axis, with its unit.
    pub(crate) axis: &'static str,
    /// How much of a value is 1 on the axis.
    pub(crate) unit: f64,
}

/// `None` where no cell has the figure.
pub(crate) fn figure(
    measure: &Measure,
    cells: &[SharedCell],
) -> Result<Option<Figure>, RenderError> {
    let Some(scale) = scale(cells) else {
        return Ok(None);
    };
    let words = [
        measure.title.clone(),
        caption(measure, cells, scale),
        alternative(measure, cells),
    ];
    Figure::draw((measure.subject, measure.name), words, |width| {
        paint(measure, cells, scale, width)
    })
    .map(Some)
}

/// The largest figure of a server on hardware, else of any: what is larger leaves the scale.
fn scale(cells: &[SharedCell]) -> Option<f64> {
    let most = |counts: &dyn Fn(&SharedCell, &Bar) -> bool| {
        cells
            .iter()
            .flat_map(|cell| cell.bars.iter().map(move |bar| (cell, bar)))
            .filter(|(cell, bar)| counts(cell, bar))
            .filter_map(|(_, bar)| reach(bar))
            .reduce(f64::max)
            .filter(|reach| *reach > 0.0)
    };
    most(&|cell, bar| !cell.is_floor && !bar.is_emulated).or_else(|| most(&|_, _| true))
}

/// How far to the right a bar reaches, its interval included.
fn reach(bar: &Bar) -> Option<f64> {
    let value = bar.value?;
    Some(bar.interval.map_or(value, |(_, high)| high.max(value)))
}

fn caption(measure: &Measure, cells: &[SharedCell], scale: f64) -> String {
    let mut text = measure.what.clone();
    let bars = || cells.iter().flat_map(|cell| &cell.bars);
    if bars().any(|bar| bar.is_emulated) {
        text.push_str(" Hatched: emulated, not hardware.");
    }
    if bars().any(|bar| reach(bar).is_some_and(|reach| reach > scale)) {
        text.push_str(" Cut bars leave the scale.");
    }
    text
}

fn alternative(measure: &Measure, cells: &[SharedCell]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| {
            let bars: Vec<String> = cell
                .bars
                .iter()
                .map(|bar| format!("{}: {}", bar.label, bar.text))
                .collect();
            format!("{}: {}", cell.label, bars.join("; "))
        })
        .collect();
    format!(
        "Bar chart of {} by cell and run. {}.",
        measure.in_short,
        cells.join(". ")
    )
}

fn paint(
    measure: &Measure,
    cells: &[SharedCell],
    scale: f64,
    width: u32,
) -> Result<Drawing, DrawError> {
    let layout = layout(cells, scale, width);
    let bars: usize = cells.iter().map(|cell| cell.bars.len()).sum();
    let bottom = bars as f64 * layout.row + cells.len() as f64 * (HEADING + GAP);
    canvas::draw(width, bottom + AXIS, |canvas| {
        axis(measure, canvas, &layout, bottom)?;
        let mut top = 0.0;
        for cell in cells {
            let mut label = cell.label.clone();
            if cell.is_floor {
                label.push_str(" (floor)");
            }
            let label = canvas::fitting(&label, layout.width);
            canvas.text((0.0, top + HEADING * 0.62), &label, Ink::Text, At::Left)?;
            top += HEADING;
            for bar in &cell.bars {
                row(canvas, &layout, Ink::of(&cell.bus, ""), bar, top)?;
                top += layout.row;
            }
            top += GAP;
        }
        Ok(())
    })
}

fn layout(cells: &[SharedCell], scale: f64, width: u32) -> Layout {
    let width_ = f64::from(width);
    if width == NARROW {
        return Layout {
            width: width_,
            left: 0.0,
            right: width_ - 12.0,
            row: 36.0,
            scale,
        };
    }
    let widest = |of: fn(&Bar) -> &str| {
        cells
            .iter()
            .flat_map(|cell| &cell.bars)
            .map(|bar| text_width(of(bar)))
            .fold(0.0, f64::max)
    };
    Layout {
        width: width_,
        left: widest(|bar| &bar.label).min(280.0) + 14.0,
        right: width_ - widest(|bar| &bar.text).min(240.0) - 16.0,
        row: 22.0,
        scale,
    }
}

impl Layout {
    fn x(&self, value: f64) -> f64 {
        let share = value.min(self.scale) / self.scale;
        self.left + share * (self.right - self.left)
    }
}

fn axis(
    measure: &Measure,
    canvas: &Canvas<'_>,
    layout: &Layout,
    bottom: f64,
) -> Result<(), DrawError> {
    let ticks = if layout.left > 0.0 { 6 } else { 3 };
    // Round in the axis's own unit.
    let step = canvas::round_step(layout.scale / measure.unit, ticks) * measure.unit;
    let mut tick = 0.0;
    while tick <= layout.scale * 1.001 {
        let x = layout.x(tick);
        canvas.line(&[(x, 0.0), (x, bottom)], stroke(Ink::Grid, 1.0))?;
        let at = if x == 0.0 { At::Left } else { At::Middle };
        canvas.text(
            (x, bottom + 12.0),
            &format::short(tick / measure.unit),
            Ink::Muted,
            at,
        )?;
        tick += step;
    }
    let middle = f64::midpoint(layout.left, layout.right);
    canvas.text(
        (middle, bottom + 31.0),
        measure.axis,
        Ink::Muted,
        At::Middle,
    )
}

fn row(
    canvas: &Canvas<'_>,
    layout: &Layout,
    ink: Ink,
    bar: &Bar,
    top: f64,
) -> Result<(), DrawError> {
    let beside = layout.left > 0.0;
    let middle = if beside {
        top + layout.row / 2.0
    } else {
        top + layout.row - BAR / 2.0 - 3.0
    };
    let right = layout.x(bar.value.unwrap_or(0.0));
    if bar.value.is_some() {
        body(canvas, ink, bar, (layout.left, right), middle)?;
    }
    let is_cut = bar.value.is_some_and(|value| value > layout.scale);
    if let Some((low, high)) = bar.interval.filter(|_| !is_cut) {
        let ends = (layout.x(low), layout.x(high));
        whisker(canvas, ends, middle, high <= layout.scale)?;
    }
    if is_cut {
        off_scale(canvas, right, middle)?;
    }
    if beside {
        let label = canvas::fitting(&bar.label, layout.left - 10.0);
        canvas.text((layout.left - 10.0, middle), &label, Ink::Muted, At::Right)?;
        let end = layout.x(reach(bar).unwrap_or(0.0));
        canvas.text((end + 8.0, middle), &bar.text, Ink::Text, At::Left)
    } else {
        let line = top + 10.0;
        let label = canvas::fitting(&bar.label, layout.width - text_width(&bar.text) - 8.0);
        canvas.text((0.0, line), &label, Ink::Muted, At::Left)?;
        canvas.text((layout.width, line), &bar.text, Ink::Text, At::Right)
    }
}

/// Filled as the number of the run says, or hatched, within an edge of the full colour.
fn body(
    canvas: &Canvas<'_>,
    ink: Ink,
    bar: &Bar,
    (left, right): (f64, f64),
    middle: f64,
) -> Result<(), DrawError> {
    let (top, bottom) = (middle - BAR / 2.0, middle + BAR / 2.0);
    let corners = [(px(left), px(top)), (px(right), px(bottom))];
    if bar.is_emulated {
        canvas.line(&hatching((left, right), (top, bottom)), stroke(ink, 1.0))?;
    } else {
        let opacity = OPACITIES[bar.run % OPACITIES.len()];
        canvas
            .area
            .draw(&Rectangle::new(corners, filled(ink, opacity)))?;
    }
    let edge = [
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ];
    canvas.line(&edge, stroke(ink, 1.0))
}

/// One line that goes up and down through a bar, from its left end to its right.
fn hatching((left, right): (f64, f64), (top, bottom): (f64, f64)) -> Vec<(f64, f64)> {
    let (mut x, mut is_low) = (left, true);
    let mut points = vec![(left, bottom)];
    while x + HATCH < right {
        x += HATCH;
        is_low = !is_low;
        points.push((x, if is_low { bottom } else { top }));
    }
    // The last stroke ends where the bar does.
    let (from, to) = if is_low { (bottom, top) } else { (top, bottom) };
    points.push((right, from + (to - from) * (right - x) / HATCH));
    points
}

#[cfg(test)]
mod tests {
    use super::{HATCH, hatching};

    #[track_caller]
    fn check(width: f64, expected: &[(f64, f64)]) {
        let points = hatching((10.0, 10.0 + width), (0.0, 12.0));
        assert_eq!(points, expected);
    }

    #[test]
    fn hatching_stays_within_its_bar() {
        check(HATCH / 2.0, &[(10.0, 12.0), (13.0, 6.0)]);
        check(HATCH, &[(10.0, 12.0), (16.0, 0.0)]);
        check(
            2.5 * HATCH,
            &[(10.0, 12.0), (16.0, 0.0), (22.0, 12.0), (25.0, 6.0)],
        );
    }
}
