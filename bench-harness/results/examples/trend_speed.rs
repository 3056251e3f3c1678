//! How long it takes to look for changes in made-up series:
//! `cargo run --release -p busbench-results --features fixtures --example trend_speed -- SERIES POINTS`.
//! A tenth of the series has a step in its middle.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use busbench_results::fixtures;
use busbench_results::history::{
    FIGURES, HistoryLine, NonNegative, TrendOptions, series_of, trends,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let mut number = || {
        numbers
            .next()
            .ok_or("name the number of series, then that of points")
    };
    let (series, points) = (number()??, number()??);
    let line = HistoryLine::of(&fixtures::small_run()).remove(0);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let lines = (1..=points).flat_map(|point| (1..=series).map(move |series| (series, point)));
    let lines = lines.map(|(series, point)| {
        let mut line = line.clone();
        line.run = format!("run-{point}");
        line.started_unix_ms = point.into();
        line.series.cell.publishers = series;
        let slower = series % 10 == 0 && point > points / 2;
        let noise = f64::from(random.next_u32()) / f64::from(u32::MAX);
        let rate = 1e5 * (1.0 + 0.1 * noise) * if slower { 0.85 } else { 1.0 };
        line.measured.delivered_per_second = NonNegative::try_from(rate).ok();
        line
    });
    let series = series_of(lines);
    let options = TrendOptions {
        figures: FIGURES[..1].to_vec(),
        ..TrendOptions::default()
    };
    let begin = Instant::now();
    let found = trends(&series, &options);
    // What this program is for is its output.
    writeln!(
        std::io::stdout(),
        "{} series asked, {} changes, {:.3} s",
        found.asked,
        found.changes(),
        begin.elapsed().as_secs_f64()
    )?;
    Ok(())
}
