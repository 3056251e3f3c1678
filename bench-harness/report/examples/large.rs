//! Renders a made-up run of many cells, and says in JSON how long that took and how large the page is:
//! `cargo run --release -p busbench-report --example large -- CELLS TIMES`.

use std::error::Error;
use std::time::Instant;

use busbench_results::fixtures;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut number = || {
        numbers
            .next()
            .ok_or("name the number of cells, then how often")
    };
    let (cells, times) = (number()??, number()??);
    let run = [fixtures::many_cells(cells)];
    let mut seconds = Vec::new();
    let mut page_bytes = 0;
    for _ in 0..times {
        let begin = Instant::now();
        let files = busbench_report::render(&run)?;
        seconds.push(begin.elapsed().as_secs_f64());
        let page = files.iter().find(|(name, _)| name == "index.html");
        page_bytes = page.map_or(0, |(_, bytes)| bytes.len());
    }
    let trials: usize = run[0]
        .record
        .cells
        .iter()
        .map(|cell| cell.trials.len())
        .sum();
    let said = json!({
        "cells": run[0].record.cells.len(),
        "trials": trials,
        "seconds": seconds,
        "page_bytes": page_bytes,
    });
    // What this program is for is its output.
    std::io::Write::write_all(&mut std::io::stdout(), format!("{said}\n").as_bytes())?;
    Ok(())
}
