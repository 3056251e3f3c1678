//! Response-time percentiles of open cells, all in one picture on logarithmic axes.

use busbench_results::{Distribution, Metric};
use plotters::chart::ChartBuilder;
use plotters::coord::combinators::IntoLogRange;
use plotters::series::LineSeries;

use super::axes::{log_marks, round_duration};
use super::budget;
use super::canvas::{self, At, Canvas, DrawError, Drawing, SCALE, TEXT, px, stroke, text_width};
use super::ink::Ink;
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::format;
use crate::table;
use crate::view::{CellView, Group};

/// Points of a curve for each factor of ten of the share above it.
const POINTS: u32 = 60;

/// Marked percentiles, with the place of each: the power of ten of the share above it.
const MARKS: [(&str, f64); 6] = [
    ("50 %", std::f64::consts::LOG10_2),
    ("90 %", 1.0),
    ("99 %", 2.0),
    ("99.9 %", 3.0),
    ("99.99 %", 4.0),
    ("99.999 %", 5.0),
];

const AXIS: f64 = 40.0;
const TOP: f64 = 26.0;
const SPACING: f64 = TEXT + 3.5;
const LABEL_AT_MOST: f64 = 260.0;

/// One cell's percentiles: place on the horizontal axis and ns.
struct Curve {
    label: String,
    /// Thinner for a floor.
    width: f64,
    ink: Ink,
    points: Vec<(f64, f64)>,
    /// Names of those that are marked on the axis, and ns.
    marks: Vec<(&'static str, u64)>,
}

/// The ends of both axes.
struct Frame {
    last: f64,
    lowest: f64,
    highest: f64,
}

/// `None` where no cell has enough samples for a curve.
pub(super) fn figure(group: &Group<'_, '_>, name: &str) -> Result<Option<Figure>, RenderError> {
    let mut missing: Vec<&CellView<'_>> = Vec::new();
    let (curves, left) = budget::fitting(group.cells().filter_map(|cell| {
        let curve = curve(cell);
        if curve.is_none() {
            missing.push(cell);
        }
        curve
    }));
    let Some(frame) = frame(&curves) else {
        return Ok(None);
    };
    let words = [
        format!("{}, {}", table::title(group), group.in_short()),
        caption(group, &missing, left),
        alternative(&curves),
    ];
    Figure::draw((Subject::ResponseTimes, name), words, |width| {
        paint(&curves, &frame, width)
    })
    .map(Some)
}

fn curve(cell: &CellView<'_>) -> Option<Curve> {
    // Where the row has no response time, a load was not carried: there is none to draw.
    cell.row
        .response_max_ns
        .filter(|_| cell.not_ranked().is_none())?;
    let response = Distribution::pool(cell.pooled.iter().copied(), Metric::Response).ok()??;
    let at = |place: f64| response.quantile_ns(1.0 - 10_f64.powf(-place));
    let (_, first) = MARKS[0];
    let points: Vec<(f64, f64)> = (0..)
        .map(|step| first + f64::from(step) / f64::from(POINTS))
        .map_while(|place| {
            // A logarithm has no zero: what is faster than a nanosecond is drawn as one.
            Some((place, (at(place)? as f64).max(1.0)))
        })
        .collect();
    let marks = MARKS
        .iter()
        .map_while(|(name, place)| Some((*name, at(*place)?)))
        .collect();
    let floor = if cell.is_floor() { " (floor)" } else { "" };
    let label = format!("{}{floor}{}", cell.label, cell.doubts());
    (points.len() > 1).then_some(Curve {
        label,
        width: if cell.is_floor() { 1.0 } else { 1.75 },
        ink: Ink::of(&cell.row.bus, &cell.row.envelope),
        points,
        marks,
    })
}

fn frame(curves: &[Curve]) -> Option<Frame> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    Some(Frame {
        last: points().map(|point| point.0).reduce(f64::max)?,
        lowest: points().map(|point| point.1).reduce(f64::min)? / 1.3,
        highest: points().map(|point| point.1).reduce(f64::max)? * 1.15,
    })
}

fn caption(group: &Group<'_, '_>, missing: &[&CellView<'_>], left: usize) -> String {
    let mut text = format!(
        "From the instant at which the schedule called for a message to its arrival: the share of \
         messages on the horizontal axis took at most the time on the vertical one. Both axes are \
         logarithmic; all trials' histograms merged; a curve ends where 10 samples are left above \
         it: 99.99 % takes 100,000 samples. Conditions: {}.{}",
        group.conditions(),
        budget::left_out(left)
    );
    let missing: Vec<String> = missing
        .iter()
        .map(|cell| format!("{} ({})", cell.label, cell.state()))
        .collect();
    if !missing.is_empty() {
        text.push_str(" Not drawn: ");
        text.push_str(&missing.join(", "));
        text.push('.');
    }
    text
}

fn alternative(curves: &[Curve]) -> String {
    let cells: Vec<String> = curves
        .iter()
        .map(|curve| {
            let marks = curve.marks.iter();
            let marks: Vec<String> = marks
                .map(|(name, ns)| format!("{name} {}", format::duration(*ns as f64)))
                .collect();
            format!("{}: {}", curve.label, marks.join(", "))
        })
        .collect();
    format!(
        "Curves of response time by share of messages. {}.",
        cells.join("; ")
    )
}

/// Where things lie, in CSS pixels.
struct Layout {
    left: f64,
    right: f64,
    bottom: f64,
    height: f64,
    /// Whether labels stand beside the ends of their curves, or in a list below.
    labels_beside: bool,
}

fn layout(curves: &[Curve], width: u32) -> Layout {
    let (left, labels) = (52.0, SPACING * (curves.len() + 1) as f64);
    if width == NARROW {
        let bottom = 300.0;
        Layout {
            left,
            right: f64::from(width) - 4.0,
            bottom,
            height: bottom + AXIS + labels,
            labels_beside: false,
        }
    } else {
        let widths = curves.iter().map(|curve| text_width(&curve.label));
        let room = widths.fold(0.0, f64::max).min(LABEL_AT_MOST);
        let height = (TOP + AXIS + labels).max(430.0);
        Layout {
            left,
            right: f64::from(width) - room - 34.0,
            bottom: height - AXIS,
            height,
            labels_beside: true,
        }
    }
}

fn paint(curves: &[Curve], frame: &Frame, width: u32) -> Result<Drawing, DrawError> {
    let layout = layout(curves, width);
    canvas::draw(width, layout.height, |canvas| {
        let mut chart = ChartBuilder::on(&canvas.area)
            .margin_left(px(layout.left))
            .margin_right(px(f64::from(width) - layout.right))
            .margin_top(px(TOP))
            .margin_bottom(px(layout.height - layout.bottom))
            .build_cartesian_2d(
                MARKS[0].1..frame.last,
                (frame.lowest..frame.highest).log_scale(),
            )?;
        let place = |point: (f64, f64)| {
            let (x, y) = chart.backend_coord(&point);
            (
                f64::from(x) / f64::from(SCALE),
                f64::from(y) / f64::from(SCALE),
            )
        };
        vertical_marks(canvas, frame, place, &layout)?;
        horizontal_marks(canvas, frame, place, &layout)?;
        let ends: Vec<(f64, f64)> = curves
            .iter()
            .filter_map(|curve| curve.points.last().copied())
            .map(place)
            .collect();
        for curve in curves {
            chart.draw_series(LineSeries::new(
                curve.points.iter().copied(),
                stroke(curve.ink, curve.width),
            ))?;
        }
        labels(canvas, curves, &ends, &layout)
    })
}

/// Names the curves, in the order of their ends.
fn labels(
    canvas: &Canvas<'_>,
    curves: &[Curve],
    ends: &[(f64, f64)],
    layout: &Layout,
) -> Result<(), DrawError> {
    let heights: Vec<f64> = ends.iter().map(|end| end.1).collect();
    let (from, to) = if layout.labels_beside {
        (TOP, layout.bottom)
    } else {
        (layout.bottom + AXIS + 6.0, layout.height)
    };
    let levels = spread(&heights, SPACING, (from, to));
    for ((curve, end), level) in curves.iter().zip(ends).zip(levels) {
        let leader = stroke(curve.ink, 1.25);
        let (x, room) = if layout.labels_beside {
            let x = layout.right + 29.0;
            canvas.line(&[*end, (x - 17.0, level), (x - 5.0, level)], leader)?;
            (x, LABEL_AT_MOST + 4.0)
        } else {
            let x = layout.left;
            canvas.line(&[(x - 34.0, level), (x - 6.0, level)], leader)?;
            (x, layout.right - layout.left)
        };
        let label = canvas::fitting(&curve.label, room);
        canvas.text((x, level), &label, Ink::Text, At::Left)?;
    }
    Ok(())
}

fn vertical_marks(
    canvas: &Canvas<'_>,
    frame: &Frame,
    place: impl Fn((f64, f64)) -> (f64, f64),
    layout: &Layout,
) -> Result<(), DrawError> {
    let mut free = f64::MIN;
    for (index, (text, at)) in MARKS.iter().enumerate() {
        if *at > frame.last + 1e-9 {
            continue;
        }
        let (x, _) = place((*at, frame.lowest));
        canvas.line(&[(x, TOP), (x, layout.bottom)], stroke(Ink::Grid, 1.0))?;
        let anchor = if index == 0 {
            At::Left
        } else if !layout.labels_beside && x + text_width(text) / 2.0 > layout.right {
            At::Right
        } else {
            At::Middle
        };
        let width = text_width(text);
        let left = match anchor {
            At::Left => x,
            At::Middle => x - width / 2.0,
            At::Right => x - width,
        };
        // On a telephone there is not room for each.
        if left > free {
            canvas.text((x, layout.bottom + 12.0), text, Ink::Muted, anchor)?;
            free = left + width + 3.0;
        }
    }
    canvas.text(
        (
            f64::midpoint(layout.left, layout.right),
            layout.bottom + 31.0,
        ),
        "share of messages",
        Ink::Muted,
        At::Middle,
    )
}

fn horizontal_marks(
    canvas: &Canvas<'_>,
    frame: &Frame,
    place: impl Fn((f64, f64)) -> (f64, f64),
    layout: &Layout,
) -> Result<(), DrawError> {
    canvas.text(
        (0.0, TOP / 2.0 - 3.0),
        "response time",
        Ink::Muted,
        At::Left,
    )?;
    for nanoseconds in log_marks(frame.lowest, frame.highest) {
        let (_, y) = place((MARKS[0].1, nanoseconds));
        canvas.line(
            &[(layout.left, y), (layout.right, y)],
            stroke(Ink::Grid, 1.0),
        )?;
        let text = round_duration(nanoseconds);
        canvas.text((layout.left - 8.0, y), &text, Ink::Muted, At::Right)?;
    }
    Ok(())
}

/// Moves labels apart until neighbours are `spacing` from each other, within the ends.
fn spread(heights: &[f64], spacing: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|one, other| heights[*one].total_cmp(&heights[*other]));
    let mut levels = heights.to_vec();
    let mut free = top + spacing / 2.0;
    for &index in &order {
        levels[index] = levels[index].max(free);
        free = levels[index] + spacing;
    }
    let mut free = bottom - spacing / 2.0;
    for &index in order.iter().rev() {
        levels[index] = levels[index].min(free);
        free = levels[index] - spacing;
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn labels_that_would_lie_on_each_other_are_moved_apart() {
        let levels = spread(&[50.0, 52.0, 51.0, 98.0], 10.0, (0.0, 100.0));
        assert_eq!(levels, [50.0, 70.0, 60.0, 95.0]);
    }

    #[test]
    fn labels_stay_within_the_picture() {
        let levels = spread(&[99.0, 99.0, 99.0], 10.0, (0.0, 100.0));
        assert_eq!(levels, [75.0, 85.0, 95.0]);
    }
}
