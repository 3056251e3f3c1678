//! Every seed of the fuzz targets, and each with a few changes: none makes a decoder panic, take
//! long, hold more heap than it may, or read something that is not read back.

#[path = "../fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    dead_code,
    reason = "the fuzz targets use it from outside"
)]
mod fuzz;
#[path = "corpus/large.rs"]
mod large;
#[path = "corpus/mutation.rs"]
mod mutation;

use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use fuzz::{bounds, seeds, target};

/// Changed copies of each seed.
const MUTATIONS: u64 = 40;

/// Failures of one target that are shown.
const SHOWN: usize = 4;

/// CPU time for one input: unoptimised code takes a tenth of it, and what is quadratic in a long
/// input takes more.
const PATIENCE: Duration = Duration::from_millis(20);
const PATIENCE_PER_BYTE: Duration = Duration::from_micros(3);

/// As much as a quadratic reader needs to be found.
const LONG_BYTES: usize = 400_000;

#[test]
fn no_seed_and_no_change_of_it_breaks_a_decoder() -> Result<(), String> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden");
    let seeds = seeds::all(&vectors)?;
    let mut broken = Vec::new();
    for (name, check) in target::ALL {
        let inputs = seeds
            .get(name)
            .ok_or_else(|| format!("{name} has no seed"))?;
        let inputs = &inputs.iter().map(Vec::as_slice).collect::<Vec<_>>();
        let tried = inputs.iter().enumerate().flat_map(|(number, seed)| {
            let seed = std::iter::once(seed.to_vec());
            seed.chain((0..MUTATIONS).map(move |change| mutation::change(inputs, number, change)))
        });
        broken.extend(
            tried
                .filter_map(|input| run(name, check, &input))
                .take(SHOWN),
        );
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    Ok(())
}

#[test]
fn a_long_input_takes_time_and_heap_in_proportion() {
    let broken: Vec<String> = large::inputs(LONG_BYTES)
        .filter_map(|(name, input)| {
            let (_, check) = target::ALL.into_iter().find(|(other, _)| *other == name)?;
            run(name, check, &input)
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_decoder_that_holds_too_much_is_found() {
    let input = [0; 100];
    assert!(bounds::bounded(&input, || vec![0_u8; 4496]).is_ok());
    assert!(bounds::bounded(&input, || vec![0_u8; 4497]).is_err());
    assert!(bounds::bounded(&input, || drop(vec![0_u8; 4497])).is_err());
}

/// What does not hold for an input.
fn run(name: &str, check: target::Check, input: &[u8]) -> Option<String> {
    let begun = cpu_time();
    let outcome = check(input);
    let taken = cpu_time().saturating_sub(begun);
    let shown = input.get(..200).unwrap_or(input).escape_ascii();
    if let Err(broken) = outcome {
        return Some(format!("{name}: {broken}: {shown}"));
    }
    let patience = PATIENCE + PATIENCE_PER_BYTE * u32::try_from(input.len()).ok()?;
    (taken > patience).then(|| format!("{name}: {taken:?} for {} bytes: {shown}", input.len()))
}

/// Of this thread: the machine may be busy with other tests.
fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        now.tv_sec.unsigned_abs(),
        u32::try_from(now.tv_nsec).unwrap_or(0),
    )
}
