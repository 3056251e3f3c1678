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
    Ok(())
}
