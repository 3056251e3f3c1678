//! Every golden vector, in both directions.
//!
//! Reads each `*.jsonl` of `tests/data/golden`, or of the folder that `BUSBENCH_GOLDEN` names.

mod event;
mod message;
mod topics;
mod vector;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use vector::Vector;

/// What became of the vectors of one codec.
#[derive(Default)]
struct Tally {
    checked: usize,
    /// Of those: only one direction holds, or the payload's own encoding does not.
    partly: BTreeMap<&'static str, usize>,
}

#[test]
fn golden() -> Result<(), String> {
    let folder = env::var_os("BUSBENCH_GOLDEN").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden"),
        PathBuf::from,
    );
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut failures = String::new();
    for (place, vector) in read(&folder)? {
        let tally = tallies.entry(vector.codec.clone()).or_default();
        match check(&vector) {
            Ok(left_out) => {
                tally.checked += 1;
                for reason in left_out {
                    *tally.partly.entry(reason).or_default() += 1;
                }
            }
            Err(failure) => failures += &["\n", &place, " ", &vector.name, ": ", &failure].concat(),
        }
    }
    report(&folder, &tallies).map_err(|error| error.to_string())?;
    if tallies.is_empty() {
        return Err(format!("no vectors in {}", folder.display()));
    }
    assert!(failures.is_empty(), "vectors that fail:{failures}");
    Ok(())
}

/// Checks one vector; returns which of its parts are left out, and why.
fn check(vector: &Vector) -> Result<Vec<&'static str>, String> {
    match &*vector.codec {
        "json" | "json-base64" | "cbor" | "nats-native" | "nats-json" => message::check(vector),
        "topic" => topics::check_nats(vector),
        "redis-topic" => topics::check_redis(vector),
        other => Err(format!("unknown codec `{other}`")),
    }
}

/// Every vector, with its file and line.
fn read(folder: &Path) -> Result<Vec<(String, Vector)>, String> {
    let unreadable =
        |path: &Path, error: io::Error| format!("cannot read {}: {error}", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            files.push(path);
        }
    }
    files.sort();
    let mut vectors = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        for (index, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), index + 1);
            let vector = serde_json::from_str(line)
                .map_err(|error| format!("cannot read {place}: {error}"))?;
            vectors.push((place, vector));
        }
    }
    Ok(vectors)
}

/// Written past the test harness, which hides what a passing test prints.
fn report(folder: &Path, tallies: &BTreeMap<String, Tally>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "golden vectors of {}", folder.display())?;
    for (codec, tally) in tallies {
        writeln!(out, "  {codec}: {} checked", tally.checked)?;
        for (reason, count) in &tally.partly {
            writeln!(out, "    of {count} a part is left out: {reason}")?;
        }
    }
    Ok(())
}
