//! Delivered rates second by second: one small chart for each cell, one line for each trial.

use busbench_results::{Trial, Verdict};
use plotters::chart::ChartBuilder;
use plotters::series::LineSeries;

use super::budget;
use super::canvas::{self, At, Canvas, DrawError, Drawing, px, stroke};
use super::ink::Ink;
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::format;
use crate::view::{CellView, Group};

const PANEL: f64 = 136.0;
const GAP: f64 = 22.0;
const TITLE: f64 = 34.0;
const AXIS: f64 = 18.0;
const SPACE: f64 = 16.0;

/// `None` where no trial has two points.
pub(super) fn figure(group: &Group<'_, '_>, name: &str) -> Result<Option<Figure>, RenderError> {
    let drawn = |cell: &&CellView<'_>| cell.trials.iter().any(|trial| rates(trial).len() > 1);
    let (cells, left) = budget::fitting(group.cells().filter(drawn));
    let Some(first) = cells.first() else {
        return Ok(None);
    };
    let load = first.row.load.name();
    let words = [
        format!(
            "Delivered rate over time, {load} load: {}, {}",
            group.promise(),
            group.in_short()
        ),
        format!(
            "Deliveries in each second of the measured window, a last half second or more scaled up to \
             one; one line for each trial, invalid ones in grey. Each chart has its own scale from zero to the number at its top right; \
             the drain after the window is left out. Conditions: {}.{}",
            group.conditions(),
            budget::left_out(left)
        ),
        alternative(&cells),
    ];
    Figure::draw((Subject::OverTime, name), words, |width| {
        paint(&cells, width)
    })
    .map(Some)
}

/// Deliveries per second in each second of the window; a last part of at least half a second is scaled
/// up to one, a shorter one left out.
pub(crate) fn rates(trial: &Trial) -> Vec<f64> {
    let seconds = trial.window_ns as f64 / 1e9;
    trial
        .series
        .iter()
        .zip(0_u32..)
        .map(|(second, index)| (second, (seconds - f64::from(index)).min(1.0)))
        .take_while(|(_, length)| *length >= 0.5)
        .map(|(second, length)| second.delivered as f64 / length)
        .collect()
}

fn alternative(cells: &[&CellView<'_>]) -> String {
    let texts: Vec<String> = cells
        .iter()
        .map(|cell| {
            let rates = || cell.trials.iter().flat_map(rates);
            let low = rates().reduce(f64::min).unwrap_or(0.0);
            let high = rates().reduce(f64::max).unwrap_or(0.0);
            format!(
                "{}: {} to {} per second",
                cell.label,
                format::significant(low),
                format::significant(high)
            )
        })
        .collect();
    format!(
        "Small line charts of deliveries in each second. {}.",
        texts.join("; ")
    )
}

fn paint(cells: &[&CellView<'_>], width: u32) -> Result<Drawing, DrawError> {
    let columns = if width == NARROW { 2 } else { 4 };
    let rows = cells.len().div_ceil(columns);
    let panel = (f64::from(width) - GAP * (columns - 1) as f64) / columns as f64;
    canvas::draw(width, rows as f64 * PANEL - SPACE, |canvas| {
        for (index, cell) in cells.iter().enumerate() {
            let left = (index % columns) as f64 * (panel + GAP);
            let top = (index / columns) as f64 * PANEL;
            chart(canvas, cell, (left, top), panel)?;
        }
        Ok(())
    })
}

fn chart(
    canvas: &Canvas<'_>,
    cell: &CellView<'_>,
    (left, top): (f64, f64),
    width: f64,
) -> Result<(), DrawError> {
    let series: Vec<(&Trial, Vec<f64>)> = cell
        .trials
        .iter()
        .map(|trial| (trial, rates(trial)))
        .collect();
    let most = series
        .iter()
        .flat_map(|(_, rates)| rates)
        .fold(1.0, |most: f64, rate| most.max(*rate));
    let ceiling = rounded_up(most * 1.03);
    let seconds = series
        .iter()
        .map(|(_, rates)| rates.len())
        .max()
        .unwrap_or(2);
    let (chart_top, bottom) = (top + TITLE, top + PANEL - AXIS - SPACE);

    canvas.text(
        (left, top + 8.0),
        &canvas::fitting(&cell.row.bus, width),
        Ink::Text,
        At::Left,
    )?;
    let rest = cell.label.get(cell.row.bus.len()..).unwrap_or_default();
    let peak = format!("{}/s", format::short(ceiling));
    let rest = canvas::fitting(rest.trim_start(), width - canvas::text_width(&peak) - 6.0);
    canvas.text((left, top + 23.0), &rest, Ink::Muted, At::Left)?;
    canvas.text((left + width, top + 23.0), &peak, Ink::Muted, At::Right)?;
    for level in [chart_top, f64::midpoint(chart_top, bottom), bottom] {
        canvas.line(
            &[(left, level), (left + width, level)],
            stroke(Ink::Grid, 1.0),
        )?;
    }
    canvas.text((left, bottom + 10.0), "1 s", Ink::Muted, At::Left)?;
    canvas.text(
        (left + width, bottom + 10.0),
        &format!("{seconds} s"),
        Ink::Muted,
        At::Right,
    )?;

    let area = canvas.area.clone().shrink(
        (px(left), px(chart_top)),
        (px(width), px(bottom - chart_top)),
    );
    let mut chart =
        ChartBuilder::on(&area).build_cartesian_2d(1.0..seconds.max(2) as f64, 0.0..ceiling)?;
    for (trial, rates) in &series {
        let ink = if trial.verdict == Verdict::Invalid {
            Ink::Muted
        } else {
            Ink::of(&cell.row.bus, "")
        };
        let points = rates
            .iter()
            .enumerate()
            .map(|(second, rate)| ((second + 1) as f64, *rate));
        chart.draw_series(LineSeries::new(points, stroke(ink, 1.5)))?;
    }
    Ok(())
}

/// To two digits, so that the number at the top of a chart is the one that its scale ends at.
fn rounded_up(value: f64) -> f64 {
    let step = 10_f64.powf(value.log10().floor() - 1.0);
    (value / step).ceil() * step
}
