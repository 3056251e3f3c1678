//! Writes one report of run folders, to look at while working on how reports look:
//! `cargo run -p busbench-report --example of_runs -- FOLDER RUN...`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use busbench_results::{Run, RunFolder};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("name the folder to write to")?;
    let runs: Vec<Run> = arguments
        .map(|run| RunFolder::open(&run)?.read())
        .collect::<Result<_, _>>()?;
    fs::create_dir_all(&folder)?;
    for (name, bytes) in busbench_report::render(&runs)? {
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
