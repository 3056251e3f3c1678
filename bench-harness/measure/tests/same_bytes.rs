//! Schedules and histograms are the same on every architecture: their hashes are committed, and what
//! another architecture prints is compared line by line (`scripts/prove.d/arm64`).

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fmt::Write as _;

use busbench_measure::{Histogram, Schedule, Spacing};
use sha2::{Digest, Sha256};

const SECOND: u64 = 1_000_000_000;

fn sha256(text: &str) -> String {
    let mut hash = String::new();
    for byte in Sha256::digest(text) {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

fn ticks(spacing: Spacing, per_second: f64) -> String {
    let schedule = Schedule::new(spacing, per_second, 7, SECOND, 4 * SECOND, 20_240_531).unwrap();
    let mut text = String::new();
    for tick in schedule {
        let _ = writeln!(text, "{} {}", tick.publisher, tick.intended_ns);
    }
    text
}

fn histogram() -> Histogram {
    let mut histogram = Histogram::new();
    let mut value: i64 = 1;
    for step in 0..10_000 {
        histogram.record(value);
        // Every order of magnitude, and some that are negative or too large to be kept.
        value = (value * 7 + step) % 100_000_000_000 - i64::from(step % 100 == 0);
    }
    histogram
}

#[test]
fn schedules_and_histograms_are_the_same_on_every_architecture() {
    let histogram = histogram();
    let mut quantiles = String::new();
    for share in [0.5, 0.9, 0.99, 0.999] {
        let _ = write!(quantiles, "{} ", histogram.quantile(share).unwrap());
    }
    let lines = [
        format!("even {}", sha256(&ticks(Spacing::Even, 12_345.6))),
        format!("poisson {}", sha256(&ticks(Spacing::Poisson, 12_345.6))),
        format!(
            "histogram {}",
            sha256(&histogram.to_v2_deflate_base64().unwrap())
        ),
        format!("quantiles {}", quantiles.trim_end()),
    ];
    println!("{}", lines.join("\n"));
    insta::assert_snapshot!(lines.join("\n"));
}
