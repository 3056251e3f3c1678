//! Response time by offered rate, with the knee: medians and 99th percentiles on logarithmic axes.

use plotters::chart::ChartBuilder;
use plotters::coord::combinators::IntoLogRange;
use plotters::element::Circle;
use plotters::series::LineSeries;

use super::axes::{log_marks, round_duration};
use super::budget;
use super::canvas::{
    self, At, Canvas, DrawError, Drawing, SCALE, TEXT, filled, px, stroke, text_width,
};
use super::ink::Ink;
use super::knee::{Knee, Point, knee, points};
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::format;
use crate::view::{Sweep, SweepLine};

const LEFT: f64 = 52.0;
const TOP: f64 = 30.0;
const PANEL: f64 = 270.0;
const AXIS: f64 = 44.0;
const GAP: f64 = 30.0;
const SPACING: f64 = TEXT + 5.0;
/// Above the highest time, for what is not carried.
const CROSSES: f64 = 9.0;

/// One bus with one layout.
struct Line {
    label: String,
    ink: Ink,
    width: f64,
    points: Vec<Point>,
    knee: Option<Knee>,
}

/// A panel's head and the percentile in it.
type Panel = (&'static str, fn(&Point) -> Option<f64>);

const PANELS: [Panel; 2] = [
    ("median (p50)", |point| point.p50_ns),
    ("99th percentile (p99)", |point| point.p99_ns),
];

/// The ends of both axes, shared by the panels.
struct Frame {
    rates: (f64, f64),
    times_ns: (f64, f64),
    /// Lines that are not carried at one rate, at most.
    crosses: usize,
}

pub(super) fn figure(sweep: &Sweep<'_, '_>, name: &str) -> Result<Figure, RenderError> {
    let (lines, left) = budget::fitting(sweep.lines.iter().map(line));
    let words = [
        format!(
            "Response time by offered rate: {}, {}",
            sweep.promise(),
            sweep.in_short()
        ),
        caption(sweep, left),
        alternative(&lines),
    ];
    let frame = frame(&lines);
    Figure::draw((Subject::RateLatency, name), words, |width| {
        paint(&lines, &frame, width)
    })
}

impl Line {
    /// Its label and where its knee is.
    fn legend(&self) -> String {
        let knee = self.knee.map(Knee::in_short).unwrap_or_default();
        format!("{}: {knee}", self.label)
    }
}

fn line(line: &SweepLine<'_, '_>) -> Line {
    let cell = line.cells[0];
    let points = points(line);
    let floor = if cell.is_floor() { " (floor)" } else { "" };
    let suspect = match points.iter().filter(|point| point.is_suspect).count() {
        0 => "",
        all if all == points.len() => ", suspect",
        _ => ", partly suspect",
    };
    Line {
        label: format!("{}{floor}{suspect}", cell.label),
        ink: Ink::of(&cell.row.bus, &cell.row.envelope),
        width: if cell.is_floor() { 1.0 } else { 1.75 },
        knee: knee(&points),
        points,
    }
}

fn frame(lines: &[Line]) -> Frame {
    let points = || lines.iter().flat_map(|line| &line.points);
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let times = ends(
        &mut points()
            .flat_map(|point| [point.p50_ns, point.p99_ns])
            .flatten(),
    );
    // Where nothing was carried, there is no time to scale by.
    let times = if times.0 <= times.1 {
        times
    } else {
        (1e5, 1e6)
    };
    let rates = ends(&mut points().map(|point| point.rate.max(1e-9)));
    let missed = points().filter(|point| !point.is_carried);
    let crosses = missed.map(|one| {
        let same = |point: &&Point| !point.is_carried && same_rate(point.rate, one.rate);
        points().filter(same).count()
    });
    Frame {
        rates: (rates.0 / 1.12, rates.1 * 1.12),
        times_ns: (times.0 / 1.3, times.1 * 1.3),
        crosses: crosses.max().unwrap_or(0),
    }
}

fn same_rate(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}

fn caption(sweep: &Sweep<'_, '_>, left: usize) -> String {
    format!(
        "Each point is a cell at one offered rate; both axes are logarithmic, times those of carried \
         rates only. A cross at the top marks a rate that was not carried: saturated, lossy or failed. \
         The ring marks the knee: the highest rate before the first that was not carried, or whose \
         p99 is more than ten times the lowest of the rates below it. “≥”: beyond it the client or the \
         machine was used up, so the server's own knee may lie higher. Conditions: {}.{}",
        sweep.conditions(),
        budget::left_out(left)
    )
}

fn alternative(lines: &[Line]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            let points: Vec<String> = line.points.iter().map(told).collect();
            let knee = line.knee.map(Knee::in_full).unwrap_or_default();
            format!("{}: {}; {knee}", line.label, points.join(", "))
        })
        .collect();
    format!(
        "Lines of response time, p50 and p99, by offered rate in messages per second. {}.",
        lines.join(". ")
    )
}

fn told(point: &Point) -> String {
    let rate = format::significant(point.rate);
    let time = |ns: Option<f64>| ns.map_or_else(|| "not shown".to_owned(), format::duration);
    let suspect = if point.is_suspect { " (suspect)" } else { "" };
    if point.is_carried {
        let (p50, p99) = (time(point.p50_ns), time(point.p99_ns));
        format!("at {rate} {p50} and {p99}{suspect}")
    } else {
        format!("at {rate} not carried{suspect}")
    }
}

fn paint(lines: &[Line], frame: &Frame, width: u32) -> Result<Drawing, DrawError> {
    let is_narrow = width == NARROW;
    let whole = f64::from(width);
    let (panel_width, columns) = if is_narrow {
        (whole - LEFT - 6.0, 1)
    } else {
        ((whole - 2.0 * LEFT - GAP - 6.0) / 2.0, 2)
    };
    let crosses = frame.crosses as f64 * CROSSES;
    let block = TOP + crosses + PANEL + AXIS;
    let panels = if is_narrow { 2.0 * block } else { block };
    let widest = lines.iter().map(|line| text_width(&line.legend()));
    let is_wide = widest.fold(0.0, f64::max) > whole / 2.0 - 40.0;
    let columns = if is_wide { 1 } else { columns };
    let rows = lines.len().div_ceil(columns);
    let spacing = if is_narrow { 2.0 * SPACING } else { SPACING };
    let height = panels + rows as f64 * spacing + 6.0;
    canvas::draw(width, height, |canvas| {
        for (place, panel) in PANELS.iter().enumerate() {
            let (left, top) = if is_narrow {
                (LEFT, place as f64 * block)
            } else {
                (LEFT + place as f64 * (panel_width + LEFT + GAP), 0.0)
            };
            panel_at(canvas, lines, frame, panel, (left, top, panel_width))?;
        }
        let column = whole / columns as f64;
        for (place, line) in lines.iter().enumerate() {
            let left = (place / rows) as f64 * column;
            let level = panels + (place % rows) as f64 * spacing + SPACING / 2.0;
            let sample = [(left, level), (left + 28.0, level)];
            canvas.line(&sample, stroke(line.ink, line.width))?;
            let (label, below) = if is_narrow {
                (line.label.clone(), line.knee.map(Knee::in_short))
            } else {
                (line.legend(), None)
            };
            let fitting = |text: &str| canvas::fitting(text, column - 40.0);
            canvas.text((left + 34.0, level), &fitting(&label), Ink::Text, At::Left)?;
            if let Some(knee) = below {
                let at = (left + 34.0, level + SPACING - 2.0);
                canvas.text(at, &fitting(&knee), Ink::Muted, At::Left)?;
            }
        }
        Ok(())
    })
}

fn panel_at(
    canvas: &Canvas<'_>,
    lines: &[Line],
    frame: &Frame,
    (title, time): &Panel,
    (left, top, width): (f64, f64, f64),
) -> Result<(), DrawError> {
    let crosses = top + TOP;
    let chart_top = crosses + frame.crosses as f64 * CROSSES;
    let bottom = chart_top + PANEL;
    canvas.text((left, top + 9.0), title, Ink::Text, At::Left)?;
    let area = canvas
        .area
        .clone()
        .shrink((px(left), px(chart_top)), (px(width), px(PANEL)));
    let mut chart = ChartBuilder::on(&area).build_cartesian_2d(
        (frame.rates.0..frame.rates.1).log_scale(),
        (frame.times_ns.0..frame.times_ns.1).log_scale(),
    )?;
    let place = |rate: f64, ns: f64| {
        let (x, y) = chart.backend_coord(&(rate, ns));
        (
            f64::from(x) / f64::from(SCALE),
            f64::from(y) / f64::from(SCALE),
        )
    };
    for ns in log_marks(frame.times_ns.0, frame.times_ns.1) {
        let (_, y) = place(frame.rates.0, ns);
        canvas.line(&[(left, y), (left + width, y)], stroke(Ink::Grid, 1.0))?;
        canvas.text((left - 8.0, y), &round_duration(ns), Ink::Muted, At::Right)?;
    }
    let mut free = f64::MIN;
    for rate in rates(lines) {
        let (x, _) = place(rate, frame.times_ns.0);
        canvas.line(&[(x, crosses), (x, bottom)], stroke(Ink::Grid, 1.0))?;
        let text = format::short(rate);
        if x - text_width(&text) / 2.0 > free {
            canvas.text((x, bottom + 12.0), &text, Ink::Muted, At::Middle)?;
            free = x + text_width(&text) / 2.0 + 4.0;
        }
    }
    let middle = left + width / 2.0;
    canvas.text(
        (middle, bottom + 30.0),
        "messages offered per second",
        Ink::Muted,
        At::Middle,
    )?;
    let mut marked_rates: Vec<f64> = Vec::new();
    for line in lines {
        for point in line.points.iter().filter(|point| !point.is_carried) {
            let (x, _) = place(point.rate, frame.times_ns.0);
            let above = marked_rates
                .iter()
                .filter(|rate| same_rate(**rate, point.rate))
                .count();
            cross(
                canvas,
                (x, crosses + (above as f64 + 0.5) * CROSSES),
                line.ink,
            )?;
            marked_rates.push(point.rate);
        }
    }
    for line in lines {
        let known = || {
            line.points
                .iter()
                .filter_map(|point| Some((point, time(point)?)))
        };
        // A line does not go on over a rate that was not carried.
        for run in line.points.split(|point| time(point).is_none()) {
            let run = run
                .iter()
                .filter_map(|point| Some((point.rate, time(point)?)));
            chart.draw_series(LineSeries::new(run, stroke(line.ink, line.width)))?;
        }
        let solid = line.ink.solid();
        chart.draw_series(
            known().map(|(point, ns)| Circle::new((point.rate, ns), px(2.5), filled(solid, 1.0))),
        )?;
        let marked = line.knee.and_then(Knee::rate);
        let ring =
            known().filter(|(point, _)| marked.is_some_and(|rate| same_rate(rate, point.rate)));
        chart.draw_series(
            ring.map(|(point, ns)| Circle::new((point.rate, ns), px(6.0), stroke(solid, 1.75))),
        )?;
    }
    Ok(())
}

/// Every offered rate once, from the lowest.
fn rates(lines: &[Line]) -> Vec<f64> {
    let points = lines.iter().flat_map(|line| &line.points);
    let mut rates: Vec<f64> = points.map(|point| point.rate).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    rates
}

fn cross(canvas: &Canvas<'_>, (x, y): (f64, f64), ink: Ink) -> Result<(), DrawError> {
    let style = stroke(ink.solid(), 1.75);
    canvas.line(&[(x - 3.0, y - 3.0), (x + 3.0, y + 3.0)], style)?;
    canvas.line(&[(x - 3.0, y + 3.0), (x + 3.0, y - 3.0)], style)
}
