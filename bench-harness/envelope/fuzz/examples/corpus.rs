//! Writes the seeds to files, one folder for each target: `corpus VECTORS FOLDER`.

use std::path::Path;
use std::{env, fs};

use busbench_envelope_fuzz::seeds;

fn main() -> Result<(), String> {
    let mut arguments = env::args_os().skip(1);
    let (Some(vectors), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: corpus VECTORS FOLDER".to_owned());
    };
    for (target, inputs) in seeds::all(Path::new(&vectors))? {
        let folder = Path::new(&folder).join(target);
        let unwritable = |error| format!("cannot write {}: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(unwritable)?;
        for (number, input) in inputs.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:04}")), input).map_err(unwritable)?;
        }
    }
    Ok(())
}
