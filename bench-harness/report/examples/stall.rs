//! Draws what a stall did to the messages that were due (`scripts/prove stall`).
//!
//!     stall RUN STALL_MILLISECONDS OUT.svg
//!
//! For each open cell of the run: how many messages of its first trial were answered later than so
//! many milliseconds after they were due, beside the line that the schedule gives: those that were
//! due so long before the stall's end.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use busbench_results::{Cell, Metric, Run, RunFolder};
use plotters::prelude::{
    BLACK, ChartBuilder, DashedLineSeries, IntoDrawingArea, LineSeries, RGBColor, SVGBackend,
    SeriesLabelPosition, WHITE,
};
use plotters::style::{Color as _, ShapeStyle};

const SIZE: (u32, u32) = (760, 440);
const STEPS: u32 = 300;
/// Okabe and Ito, "Color Universal Design", 2008.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 103, 166),
    RGBColor(194, 79, 0),
    RGBColor(0, 135, 99),
    RGBColor(180, 80, 138),
    RGBColor(191, 134, 0),
    RGBColor(61, 155, 214),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [run, stall_ms, out] = arguments.as_slice() else {
        bail!("usage: stall RUN STALL_MILLISECONDS OUT.svg");
    };
    let stall_ms: f64 = stall_ms.parse().context("STALL_MILLISECONDS is a number")?;
    let run = RunFolder::open(Path::new(run))?.read()?;
    draw(&run, stall_ms, Path::new(out))
}

/// For each time in ms, how many messages of the cell's first trial took longer.
fn later(run: &Run, cell: &Cell, times_ms: &[f64]) -> Option<Vec<(f64, f64)>> {
    let trial = run.trials_of(cell).first()?;
    let histogram = trial.histograms.get(&Metric::Response)?.decode().ok()?;
    let count = |ms: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive time of less than a minute"
        )]
        let ns = (ms * 1e6) as u64;
        histogram.count_between(ns + 1, histogram.high()) as f64
    };
    Some(times_ms.iter().map(|&ms| (ms, count(ms))).collect())
}

fn draw(run: &Run, stall_ms: f64, out: &Path) -> Result<()> {
    let rate = run
        .record
        .cells
        .iter()
        .find_map(|cell| cell.key.offered_per_second)
        .context("the run has no open cell")?;
    let end_ms = stall_ms * 1.1;
    let late = stall_ms * rate / 1000.0;
    let times_ms: Vec<f64> = (1..=STEPS)
        .map(|step| f64::from(step) * end_ms / f64::from(STEPS))
        .collect();
    let area = SVGBackend::new(out, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(
            format!("A server stands still for {stall_ms:.0} ms at {rate:.0} messages per second"),
            ("sans-serif", 17),
        )
        .margin(14)
        .x_label_area_size(42)
        .y_label_area_size(58)
        .build_cartesian_2d(0.0..end_ms, 0.0..late * 1.15)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("response time t, in ms")
        .y_desc("messages that took longer than t")
        .x_label_formatter(&|ms| format!("{ms:.0}"))
        .y_label_formatter(&|messages| format!("{messages:.0}"))
        .draw()?;
    let line = |t: f64| (t, ((stall_ms - t) * rate / 1000.0).max(0.0));
    let due = times_ms.iter().map(|&t| line(t));
    let style = ShapeStyle::from(BLACK.mix(0.6)).stroke_width(2);
    chart
        .draw_series(DashedLineSeries::new(due, 7, 5, style))?
        .label("what the schedule says: due t before the end")
        .legend(move |(x, y)| {
            plotters::element::PathElement::new(vec![(x, y), (x + 18, y)], style)
        });
    for (cell, colour) in run.record.cells.iter().zip(COLOURS.iter().cycle()) {
        let Some(points) = later(run, cell, &times_ms) else {
            continue;
        };
        let style = ShapeStyle::from(colour).stroke_width(2);
        chart
            .draw_series(LineSeries::new(points, style))?
            .label(cell.key.bus.clone())
            .legend(move |(x, y)| {
                plotters::element::PathElement::new(vec![(x, y), (x + 18, y)], style)
            });
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.9))
        .draw()?;
    area.present()?;
    Ok(())
}
