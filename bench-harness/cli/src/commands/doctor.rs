//! `busbench doctor`.

mod text;

use busbench_runner::doctor::{Diagnosis, Step, Thoroughness, diagnose};

use crate::arguments::{Doctor, DoctorFormat};
use crate::exit::{DONE, ENVIRONMENT, Failure, INTERNAL, INTERRUPTED};
use crate::interrupt::cancelled_with_note;
use crate::output;

pub(crate) async fn doctor(arguments: &Doctor) -> Result<u8, Failure> {
    let thoroughness = if arguments.no_measure {
        Thoroughness::Look
    } else if arguments.quick {
        Thoroughness::Watch
    } else {
        Thoroughness::Measure
    };
    let cancel = cancelled_with_note("servers are removed")?;
    let diagnosis = diagnose(thoroughness, &cancel, &mut |step| {
        if let Some(line) = progress(step) {
            output::note(line);
        }
    })
    .await;
    if cancel.is_cancelled() {
        return Ok(INTERRUPTED);
    }
    show(&diagnosis, arguments.format)?;
    if diagnosis.can_run {
        Ok(DONE)
    } else {
        let message = "no server can be had here, as process or container or running already; \
                       run ./scripts/setup";
        Err(Failure::new(ENVIRONMENT, message))
    }
}

/// What takes long enough to be told.
fn progress(step: Step) -> Option<String> {
    match step {
        Step::Looking => None,
        Step::Watching => Some("looking on for a second".to_owned()),
        Step::Starting(path) => Some(format!("starting a server: {path}")),
        Step::Round { round, of } => Some(format!("round {round} of {of} over every path")),
    }
}

fn show(diagnosis: &Diagnosis, format: DoctorFormat) -> Result<(), Failure> {
    match format {
        DoctorFormat::Text => output::text(&text::describe(diagnosis)),
        DoctorFormat::Json => {
            let json = serde_json::to_string_pretty(diagnosis).map_err(|error| {
                Failure::new(INTERNAL, format!("cannot write the diagnosis: {error}"))
            })?;
            output::line(json);
        }
    }
    Ok(())
}
