//! A figure from run to run: its points with their intervals, means between its changes, and the
//! changes with their commits.

mod told;

use busbench_results::comparison::ComparedFigure;
use busbench_results::history::{Change, ChangedFigure, ChangedSeries};
use plotters::element::Circle;

use super::axes::log_marks;
use super::canvas::{self, At, Canvas, DrawError, Drawing, px, stroke, text_width};
use super::ink::Ink;
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::comparison::words;
use crate::differences::signed_percent;
use crate::format;
use crate::trend::commit;
use told::{alternative, capitalised, caption, is_doubtful, versions};

const PLOT: f64 = 220.0;
const TITLE: f64 = 22.0;
/// Of a row of labels above the plot.
const LABEL: f64 = 16.0;
const AXIS: f64 = 44.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 6.0;

/// Beyond the points, intervals are shown so far at most, as a share of the points' range.
const MARGIN: f64 = 0.5;

/// From highest to lowest value as a factor, from which on marks are those of a logarithmic axis.
const WIDE_RANGE: f64 = 5.0;

/// Where things lie, in CSS pixels.
struct Layout {
    right: f64,
    top: f64,
    bottom: f64,
    /// Width of a run's place.
    place: f64,
    /// Logarithms of the values at bottom and top.
    ends: (f64, f64),
}

/// A label above a change, and the row in which it has room.
struct Label {
    text: String,
    x: f64,
    at: At,
    row: usize,
}

/// A picture of a figure that changed; `name` is unique on its page.
pub(crate) fn figure(
    series: &ChangedSeries,
    figure: &ChangedFigure,
    name: &str,
    title: &str,
) -> Result<Figure, RenderError> {
    let words = [
        format!("{}: {title}", capitalised(words::title(figure.figure))),
        caption(series, figure),
        alternative(series, figure),
    ];
    Figure::draw((Subject::Trend, name), words, |width| {
        paint(series, figure, width)
    })
}

fn paint(series: &ChangedSeries, figure: &ChangedFigure, width: u32) -> Result<Drawing, DrawError> {
    let right = f64::from(width) - RIGHT;
    let place = (right - LEFT) / figure.points.len() as f64;
    let labels = labels(figure, place, f64::from(width));
    let rows = labels.iter().map(|label| label.row + 1).max().unwrap_or(0);
    let top = TITLE + rows as f64 * LABEL + 4.0;
    let layout = Layout {
        right,
        top,
        bottom: top + PLOT,
        place,
        ends: ends(figure),
    };
    canvas::draw(width, layout.bottom + AXIS, |canvas| {
        value_axis(canvas, &layout, figure.figure)?;
        run_axis(canvas, &layout, series, figure, width == NARROW)?;
        server_versions(canvas, &layout, series, figure)?;
        changes(canvas, &layout, figure, &labels)?;
        whiskers(canvas, &layout, series, figure)?;
        means(canvas, &layout, figure)?;
        points(canvas, &layout, series, figure)
    })
}

/// Logarithms of what the plot shows at its bottom and top: all points, and intervals as far as the
/// margin lets them.
fn ends(figure: &ChangedFigure) -> (f64, f64) {
    let values = figure.points.iter().map(|point| point.value.ln());
    let low = values.clone().fold(f64::MAX, f64::min);
    let high = values.fold(f64::MIN, f64::max);
    let margin = (high - low).max(0.02) * MARGIN;
    let whiskers = || figure.points.iter().filter_map(|point| point.interval);
    let lowest = whiskers().map(|interval| interval.low.ln());
    let highest = whiskers().map(|interval| interval.high.ln());
    let lowest = lowest.fold(low, f64::min).max(low - margin);
    let highest = highest.fold(high, f64::max).min(high + margin);
    let air = (highest - lowest).max(0.02) * 0.04;
    (lowest - air, highest + air)
}

impl Layout {
    /// Where a run's place begins.
    fn start(&self, place: usize) -> f64 {
        LEFT + place as f64 * self.place
    }

    fn middle(&self, place: usize) -> f64 {
        self.start(place) + self.place / 2.0
    }

    /// Within the plot, whatever the value.
    fn y(&self, value: f64) -> f64 {
        let (low, high) = self.ends;
        let share = ((value.ln() - low) / (high - low)).clamp(0.0, 1.0);
        self.bottom - share * (self.bottom - self.top)
    }
}

/// Each above its change, in the first row in which it has room.
fn labels(figure: &ChangedFigure, place: f64, width: f64) -> Vec<Label> {
    let mut ends_of_rows: Vec<f64> = Vec::new();
    let mut labels = Vec::new();
    for (number, change) in (1..).zip(&figure.changes) {
        let text = label(number, change);
        let length = text_width(&text);
        let line = LEFT + change.place as f64 * place;
        let (x, at, start) = if line + length <= width {
            (line, At::Left, line)
        } else {
            (width, At::Right, width - length)
        };
        let row = ends_of_rows.iter().position(|end| *end + 8.0 <= start);
        let row = row.unwrap_or_else(|| {
            ends_of_rows.push(0.0);
            ends_of_rows.len() - 1
        });
        ends_of_rows[row] = start + length;
        labels.push(Label { text, x, at, row });
    }
    labels
}

fn label(number: usize, change: &Change) -> String {
    let commit: String = commit(&change.first_with).chars().take(7).collect();
    format!("{number}: {} % {commit}", signed_percent(change.share()))
}

fn value_axis(
    canvas: &Canvas<'_>,
    layout: &Layout,
    figure: ComparedFigure,
) -> Result<(), DrawError> {
    let (low, high) = (layout.ends.0.exp(), layout.ends.1.exp());
    let (unit, unit_name) = unit(figure, high);
    let title = format!("{}, {unit_name}", words::title(figure));
    canvas.text((0.0, TITLE / 2.0), &title, Ink::Muted, At::Left)?;
    for mark in marks(low, high) {
        let y = layout.y(mark);
        canvas.line(&[(LEFT, y), (layout.right, y)], stroke(Ink::Grid, 1.0))?;
        let text = format::short(mark / unit);
        canvas.text((LEFT - 6.0, y), &text, Ink::Muted, At::Right)?;
    }
    Ok(())
}

/// Round values between the ends.
fn marks(low: f64, high: f64) -> Vec<f64> {
    if high / low > WIDE_RANGE {
        return log_marks(low, high);
    }
    let step = canvas::round_step(high - low, 5);
    let mut marks = Vec::new();
    let mut mark = (low / step).ceil() * step;
    while mark <= high {
        marks.push(mark);
        mark += step;
    }
    marks
}

/// What values are divided by, and its name.
fn unit(figure: ComparedFigure, high: f64) -> (f64, &'static str) {
    match (figure, high) {
        (ComparedFigure::DeliveredPerSecond, _) => (1.0, "per second"),
        (_, ns) if ns < 2e3 => (1.0, "ns"),
        (_, ns) if ns < 2e6 => (1e3, "µs"),
        (_, ns) if ns < 2e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    }
}

fn run_axis(
    canvas: &Canvas<'_>,
    layout: &Layout,
    series: &ChangedSeries,
    figure: &ChangedFigure,
    is_narrow: bool,
) -> Result<(), DrawError> {
    let number = if is_narrow { 3 } else { 6 };
    let last = figure.points.len() - 1;
    let date = |place: usize| {
        let line = &series.lines[figure.points[place].line];
        format::instant(line.started_unix_ms)
    };
    // Runs of one day are told by their time.
    let is_one_day = date(0).get(..10) == date(last).get(..10);
    for mark in 0..number {
        let place = mark * last / (number - 1);
        let x = layout.middle(place);
        let at = match mark {
            0 => At::Left,
            _ if mark == number - 1 => At::Right,
            _ => At::Middle,
        };
        let x_text = match at {
            At::Left => LEFT,
            At::Middle => x,
            At::Right => layout.right,
        };
        let below = layout.bottom + 4.0;
        canvas.line(&[(x, layout.bottom), (x, below)], stroke(Ink::Muted, 1.0))?;
        let date = date(place);
        let text = if is_one_day {
            date.get(11..16)
        } else {
            date.get(..10)
        };
        let text = text.unwrap_or("unknown");
        canvas.text((x_text, layout.bottom + 13.0), text, Ink::Muted, at)?;
    }
    let edge = [(LEFT, layout.bottom), (layout.right, layout.bottom)];
    canvas.line(&edge, stroke(Ink::Muted, 1.0))?;
    let title = if is_one_day {
        format!("run, by start on {} (UTC)", date(0).get(..10).unwrap_or(""))
    } else {
        "run, by start (UTC)".to_owned()
    };
    let middle = f64::midpoint(LEFT, layout.right);
    canvas.text(
        (middle, layout.bottom + 33.0),
        &title,
        Ink::Muted,
        At::Middle,
    )
}

/// A short line from below with the version, where it has room.
fn server_versions(
    canvas: &Canvas<'_>,
    layout: &Layout,
    series: &ChangedSeries,
    figure: &ChangedFigure,
) -> Result<(), DrawError> {
    let mut end_of_last = 0.0;
    for (place, version) in versions(series, &figure.points) {
        let x = layout.start(place);
        let line = [(x, layout.bottom), (x, layout.bottom - 18.0)];
        canvas.line(&line, stroke(Ink::Muted, 1.5))?;
        let text = canvas::fitting(&format!("server {version}"), 150.0);
        let length = text_width(&text) + 5.0;
        let fits_right = x + length <= layout.right;
        let start = if fits_right { x } else { x - length };
        if start < end_of_last {
            continue;
        }
        end_of_last = start + length;
        let (x, at) = if fits_right {
            (x + 5.0, At::Left)
        } else {
            (x - 5.0, At::Right)
        };
        canvas.text((x, layout.bottom - 11.0), &text, Ink::Muted, at)?;
    }
    Ok(())
}

fn changes(
    canvas: &Canvas<'_>,
    layout: &Layout,
    figure: &ChangedFigure,
    labels: &[Label],
) -> Result<(), DrawError> {
    for (change, label) in figure.changes.iter().zip(labels) {
        let x = layout.start(change.place);
        let y = TITLE + (label.row as f64 + 0.5) * LABEL;
        let line = [(x, y + LABEL / 2.0), (x, layout.bottom)];
        canvas.line(&line, stroke(Ink::Muted, 1.5))?;
        canvas.text((label.x, y), &label.text, Ink::Text, label.at)?;
    }
    Ok(())
}

fn whiskers(
    canvas: &Canvas<'_>,
    layout: &Layout,
    series: &ChangedSeries,
    figure: &ChangedFigure,
) -> Result<(), DrawError> {
    let ink = Ink::of(&series.key.cell.bus, "").solid();
    for (place, point) in figure.points.iter().enumerate() {
        if let Some(interval) = point.interval {
            let x = layout.middle(place);
            let line = [(x, layout.y(interval.low)), (x, layout.y(interval.high))];
            canvas.line(&line, stroke(ink, 0.75))?;
        }
    }
    Ok(())
}

fn points(
    canvas: &Canvas<'_>,
    layout: &Layout,
    series: &ChangedSeries,
    figure: &ChangedFigure,
) -> Result<(), DrawError> {
    let ink = Ink::of(&series.key.cell.bus, "").solid();
    let radius = (layout.place * 0.45).clamp(1.25, 3.0);
    for (place, point) in figure.points.iter().enumerate() {
        let center = (px(layout.middle(place)), px(layout.y(point.value)));
        let radius = px(radius);
        let is_doubtful = is_doubtful(series, *point);
        let inside = canvas::filled(if is_doubtful { Ink::Paper } else { ink }, 1.0);
        canvas.area.draw(&Circle::new(center, radius, inside))?;
        if is_doubtful {
            let ring = stroke(ink, 1.0);
            canvas.area.draw(&Circle::new(center, radius, ring))?;
        }
    }
    Ok(())
}

fn means(canvas: &Canvas<'_>, layout: &Layout, figure: &ChangedFigure) -> Result<(), DrawError> {
    for segment in &figure.segments {
        let y = layout.y(segment.mean);
        let line = [
            (layout.start(segment.first), y),
            (layout.start(segment.last + 1), y),
        ];
        canvas.line(&line, stroke(Ink::Text, 2.0))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::marks;

    #[test]
    fn marks_are_round_and_at_least_two() {
        assert_eq!(marks(95.0, 112.0), [95.0, 100.0, 105.0, 110.0]);
        assert_eq!(marks(9.0, 210.0), [10.0, 20.0, 50.0, 100.0, 200.0]);
        for (low, high) in [(1.0, 1.02), (0.003, 0.012), (4.1e5, 4.6e5)] {
            assert!(marks(low, high).len() >= 2, "{low} {high}");
        }
    }
}
