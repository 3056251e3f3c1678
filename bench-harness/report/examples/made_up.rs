//! Writes the reports of the made-up runs and of the made-up history, to look at while working on how reports look:
//! `cargo run -p busbench-report --example made_up -- FOLDER`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use busbench_report::trend;
use busbench_results::fixtures;
use busbench_results::history::{TrendOptions, series_of, trends};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .ok_or("name the folder to write to")?;
    let reports = [
        ("quick", vec![fixtures::run()]),
        ("envelope-quick", vec![fixtures::envelope_run()]),
        ("envelope-matrix", vec![fixtures::envelope_matrix()]),
        ("marshalling", vec![fixtures::marshalling_run()]),
        (
            "machines",
            vec![
                fixtures::run(),
                fixtures::aarch64_run(),
                fixtures::emulated_run(),
            ],
        ),
        ("sensors", vec![fixtures::sensors_run()]),
    ];
    for (name, runs) in reports {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        let text: String = runs
            .iter()
            .map(|run| busbench_report::terminal(run, 120))
            .collect();
        fs::write(folder.join("terminal.txt"), text)?;
        for (name, bytes) in busbench_report::render(&runs)? {
            fs::write(folder.join(name), bytes)?;
        }
    }
    let folder = folder.join("history");
    fs::create_dir_all(&folder)?;
    let trends = trends(&series_of(fixtures::history()), &TrendOptions::default());
    fs::write(folder.join("terminal.txt"), trend::terminal(&trends, 120))?;
    for (name, bytes) in trend::page(&trends)? {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
