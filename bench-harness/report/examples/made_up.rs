//! Writes the reports of the made-up runs, to look at while working on how reports look:
//! `cargo run -p busbench-report --example made_up -- FOLDER`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use busbench_results::fixtures;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .ok_or("name the folder to write to")?;
    let runs = [
        ("quick", fixtures::run()),
        ("envelope-quick", fixtures::envelope_run()),
        ("envelope-matrix", fixtures::envelope_matrix()),
        ("marshalling", fixtures::marshalling_run()),
    ];
    for (name, run) in runs {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        let text = busbench_report::terminal(&run, 120);
        fs::write(folder.join("terminal.txt"), text)?;
        for (name, bytes) in busbench_report::render(&[run])? {
            fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
