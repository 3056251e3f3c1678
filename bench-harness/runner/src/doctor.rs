//! What this machine can run, what would disturb a measurement, and what to do about it.
//!
//! [`diagnose`] gathers: facts from the kernel's files, the servers that can be had, a second of
//! looking, and the cost of the ways to a server. What it means is worked out by pure functions
//! (`findings`).

mod activity;
mod clock_source;
mod facts;
mod findings;
#[cfg(test)]
mod machines;
mod paths;
mod watch;

use busbench_brokers::{Environment, Found, ProgramSurvey, Provider, Survey};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::error::chain;
use crate::host;

pub use activity::Activity;
pub use facts::{
    Boost, BoostSwitch, ClockFacts, CpuFacts, Facts, FileLimits, FirmwareFlags, HeatFacts,
    MemoryFacts, SlowedClock, SlowedSign, Smt, ThermalZone,
};
pub use findings::{Check, Finding, Level};
pub use paths::{Comparison, NetworkPath, PathCosts, PathFigures, Ratio};
pub use watch::{WakeLag, Watched};

/// How far the doctor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thoroughness {
    /// Reads and asks; measures nothing.
    Look,
    /// Looks on for a second, too.
    Watch,
    /// Measures the ways to a server, too: starts servers and loads them for about 20 seconds.
    Measure,
}

/// What is being done, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading the machine, asking for servers.
    Looking,
    /// Looking on for a second.
    Watching,
    /// Starting the server at the end of a path.
    Starting(NetworkPath),
    /// A round of traffic over all paths.
    Round {
        /// Which, from 1.
        round: u32,
        /// How many there will be at most.
        of: u32,
    },
}

/// All that was found out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The machine.
    pub facts: Facts,
    /// Servers that can be had.
    pub survey: Survey,
    /// Who provides servers with `--provider auto`, where all of them are needed; `None` where
    /// neither images nor binaries are complete.
    pub automatic_provider: Option<Provider>,
    /// Whether any server can be had without pulling an image.
    pub can_run: bool,
    /// A second of looking; `None` where it was left out.
    pub watched: Option<Watched>,
    /// Cost of the ways to a server; `None` where it was left out.
    pub paths: Option<Found<PathCosts>>,
    /// What it means, in the order of [`Check`].
    pub findings: Vec<Finding>,
}

/// Examines the machine. Where `cancel` says so it ends early, with what it has; servers that it has
/// started are gone when it returns.
pub async fn diagnose(
    thoroughness: Thoroughness,
    cancel: &CancellationToken,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Diagnosis {
    tell(Step::Looking);
    let environment = Environment::of_this_program();
    let facts = facts::read(
        &host::files::ThisMachine,
        host::describe(),
        facts::file_limits(),
    );
    let survey = busbench_brokers::survey(&environment).await;
    let mut watched = None;
    if thoroughness >= Thoroughness::Watch && !cancel.is_cancelled() {
        tell(Step::Watching);
        let cpus = facts.cpu.online;
        // Only a panic of ours would lose it, and then the rest still stands.
        watched = tokio::task::spawn_blocking(move || watch::watch(cpus))
            .await
            .ok();
    }
    let mut paths = None;
    if thoroughness >= Thoroughness::Measure && !cancel.is_cancelled() {
        paths = Some(
            match Box::pin(paths::measure(&environment, &survey, cancel, tell)).await {
                Ok(costs) => Found::Found(costs),
                Err(error) => Found::Missing(chain(&error)),
            },
        );
    }
    let findings = findings::all(&findings::Seen {
        facts: &facts,
        survey: &survey,
        watched: watched.as_ref(),
        paths: paths.as_ref(),
    });
    Diagnosis {
        automatic_provider: automatic_provider(&survey),
        can_run: survey.programs.iter().any(ProgramSurvey::can_be_had),
        facts,
        survey,
        watched,
        paths,
        findings,
    }
}

/// Containers where an engine has every image, else processes where every program is here.
fn automatic_provider(survey: &Survey) -> Option<Provider> {
    let programs = &survey.programs;
    let images = programs.iter().all(ProgramSurvey::has_usable_image);
    let binaries = programs
        .iter()
        .all(|program| program.binary.as_ref().is_some());
    if survey.engine.as_ref().is_some() && images {
        Some(Provider::Container)
    } else {
        binaries.then_some(Provider::Process)
    }
}
