//! Response-time percentiles of open cells, all in one picture on logarithmic axes.

use busbench_results::{Distribution, Metric};
use plotters::chart::ChartBuilder;
use plotters::coord::combinators::IntoLogRange;
use plotters::series::LineSeries;

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
}

/// The ends of both axes.
struct Frame {
    last: f64,
    lowest: f64,
    highest: f64,
}

/// `None` where no cell has enough samples for a curve.
pub(super) fn figure(group: &Group<'_, '_>, name: &str) -> Result<Option<Figure>, RenderError> {
    let curves: Vec<Curve> = group.cells().filter_map(curve).collect();
    let Some(frame) = frame(&curves) else {
        return Ok(None);
    };
    let words = [table::title(group), caption(group), alternative(group)];
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
    let (_, first) = MARKS[0];
    let points: Vec<(f64, f64)> = (0..)
        .map(|step| first + f64::from(step) / f64::from(POINTS))
        .map_while(|place| {
            let quantile = 1.0 - 10_f64.powf(-place);
            let nanoseconds = response.quantile_ns(quantile)?;
            // A logarithm has no zero: what is faster than a nanosecond is drawn as one.
            Some((place, (nanoseconds as f64).max(1.0)))
        })
        .collect();
    let floor = if cell.is_floor() { " (floor)" } else { "" };
    let label = format!("{}{floor}{}", cell.label, cell.doubts());
    (points.len() > 1).then_some(Curve {
        label,
        width: if cell.is_floor() { 1.0 } else { 1.75 },
        ink: Ink::of(&cell.row.bus, &cell.row.envelope),
        points,
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

fn caption(group: &Group<'_, '_>) -> String {
    let mut text = format!(
        "From the instant at which the schedule called for a message to its arrival: the share of \
         messages on the horizontal axis took at most the time on the vertical one. Both axes are \
         logarithmic; all trials' histograms merged; a curve ends where 10 samples are left above \
         it. Conditions: {}.",
        group.conditions()
    );
    let missing: Vec<String> = group
        .cells()
        .filter(|cell| curve(cell).is_none())
        .map(|cell| format!("{} ({})", cell.label, cell.state()))
        .collect();
    if !missing.is_empty() {
        text.push_str(" Not drawn: ");
        text.push_str(&missing.join(", "));
        text.push('.');
    }
    text
}

fn alternative(group: &Group<'_, '_>) -> String {
    let time = |nanoseconds: Option<u64>| {
        nanoseconds.map_or_else(
            || "not shown".to_owned(),
            |nanoseconds| format::duration(nanoseconds as f64),
        )
    };
    let cells: Vec<String> = group
        .cells()
        .filter(|cell| cell.row.response_p50_ns.is_some())
        .map(|cell| {
            format!(
                "{}: p50 {}, p99 {}, p99.9 {}",
                cell.label,
                time(cell.row.response_p50_ns),
                time(cell.row.response_p99_ns),
                time(cell.row.response_p99_9_ns)
            )
        })
        .collect();
    format!(
        "Curves of response time by percentile. {}.",
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
        canvas.text((x, layout.bottom + 12.0), text, Ink::Muted, anchor)?;
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

/// Lines at 1, 2 and 5 of each decade, or at 1 alone where there are many decades.
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
    let decades = (frame.highest / frame.lowest).log10();
    let factors: &[f64] = if decades > 3.5 {
        &[1.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    let mut power = 10_f64.powf(frame.lowest.log10().floor());
    while power <= frame.highest {
        for factor in factors {
            let nanoseconds = power * factor;
            if nanoseconds < frame.lowest || nanoseconds > frame.highest {
                continue;
            }
            let (_, y) = place((MARKS[0].1, nanoseconds));
            canvas.line(
                &[(layout.left, y), (layout.right, y)],
                stroke(Ink::Grid, 1.0),
            )?;
            let text = round_duration(nanoseconds);
            canvas.text((layout.left - 8.0, y), &text, Ink::Muted, At::Right)?;
        }
        power *= 10.0;
    }
    Ok(())
}

/// A round time without digits that say nothing: `50 µs`.
fn round_duration(nanoseconds: f64) -> String {
    let (unit, size) = match nanoseconds * (1.0 + 1e-9) {
        ns if ns < 1e3 => ("ns", 1.0),
        ns if ns < 1e6 => ("µs", 1e3),
        ns if ns < 1e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    format!("{:.0} {unit}", nanoseconds / size)
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
    use super::{round_duration, spread};

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

    #[test]
    fn marks_are_whole_numbers_of_their_unit() {
        assert_eq!(round_duration(50_000.0), "50 µs");
        assert_eq!(round_duration(999_999.999_99), "1 ms");
        assert_eq!(round_duration(2e9), "2 s");
    }
}
