//! Writes the report of the made-up run, to look at while working on how reports look:
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
    fs::create_dir_all(&folder)?;
    let text = busbench_report::terminal(&fixtures::run(), 120);
    fs::write(folder.join("terminal.txt"), text)?;
    for (name, bytes) in busbench_report::render(&[fixtures::run()])? {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
