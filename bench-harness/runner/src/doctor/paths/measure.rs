//! Starts one server for each path and gives them the same traffic in turn.

use std::time::{Duration, Instant};

use busbench_brokers::{
    BrokerError, Environment, Found, ProgramSurvey, ProviderChoice, RunLabel, Server, ServerKind,
    Servers, Settings, Survey,
};
use busbench_results::{Load, Outcome, Run, RunFolder, StoreError, Trial, Verdict};
use tokio_util::sync::CancellationToken;

use super::{Closed, Measured, NetworkPath, PathCosts, Round, comparisons};
use crate::doctor::Step;
use crate::error::{RunError, chain};
use crate::plan::{Load as PlannedLoad, Plan, PlanError};
use crate::run::{Request, run_in};
use crate::scenario::{Scenario, ScenarioError};

/// Enough for an interval that means something.
const ROUNDS: u32 = 5;
/// With these there is an interval at all.
const ROUNDS_AT_LEAST: u32 = 3;
/// On a slow machine no further round begins after so long.
const BUDGET: Duration = Duration::from_secs(18);

/// Both loads, short: the cost of a path is a matter of factors. At 4000 per second each window has
/// the messages that a p99 needs.
const SCENARIO: &str = r#"
question = "What does the way to a server cost?"
seed = 20261124
trials = 1
floors = false

[matrix]
bus = ["BUS"]
envelope = ["json"]
payload = ["1xInt32"]

[load.open]
rate = [4000]

[load.closed]
window = [256]

[phases]
warmup = "150ms"
window = "400ms"
drain = "100ms"
drain_limit = "2s"
sample_each = "10s"
"#;

/// Why paths cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PathError {
    #[error(
        "no server can be had in two ways: it takes a process and a container, or two containers"
    )]
    OneWay,
    #[error("fewer than two servers started ({0})")]
    NotStarted(String),
    #[error("interrupted")]
    Cancelled,
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot create a temporary folder for the results")]
    Folder(#[source] std::io::Error),
}

/// A running server at the end of a path.
struct Site {
    measured: Measured,
    server: Server,
    servers: Servers,
    /// Names the server for the provider `external`.
    environment: Environment,
}

/// Measures the paths that this machine has. What it starts is gone when it returns.
pub(in crate::doctor) async fn measure(
    environment: &Environment,
    survey: &Survey,
    cancel: &CancellationToken,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<PathCosts, PathError> {
    let program = subject(survey).ok_or(PathError::OneWay)?;
    let plan = plan(bus(program.server))?;
    let mut left_out = Vec::new();
    let mut sites = Vec::new();
    for path in ways(survey, program) {
        tell(Step::Starting(path));
        let started = tokio::select! {
            started = start(environment, program, path) => started,
            () = cancel.cancelled() => break,
        };
        match started {
            Ok(site) => sites.push(site),
            Err(error) => left_out.push(format!("{path}: {}", chain(&error))),
        }
    }
    let measured = if cancel.is_cancelled() {
        Err(PathError::Cancelled)
    } else if sites.len() < 2 {
        Err(PathError::NotStarted(left_out.join("; ")))
    } else {
        rounds(&plan, &mut sites, cancel, tell).await
    };
    let measured_sites = stop(sites).await;
    let rounds = measured?;
    Ok(PathCosts {
        bus: bus(program.server).to_owned(),
        rounds,
        window: window(&plan),
        offered_per_second: offered_per_second(&plan),
        paths: measured_sites.iter().map(Measured::figures).collect(),
        comparisons: comparisons(&measured_sites),
        left_out,
    })
}

/// The program that shows most: of those with most ways, the fastest server.
fn subject(survey: &Survey) -> Option<&ProgramSurvey> {
    let by_speed = [ServerKind::Nats, ServerKind::Redis, ServerKind::Mosquitto];
    let programs = by_speed
        .iter()
        .filter_map(|&kind| survey.programs.iter().find(|found| found.server == kind));
    // Of equal ones `max_by_key` takes the last.
    let most = programs
        .rev()
        .max_by_key(|program| ways(survey, program).len())?;
    (ways(survey, most).len() > 1).then_some(most)
}

/// The paths to a program, from the shortest on.
fn ways(survey: &Survey, program: &ProgramSurvey) -> Vec<NetworkPath> {
    let mut ways = Vec::new();
    if program.binary.as_ref().is_some() {
        ways.push(NetworkPath::Loopback);
    }
    if let (Found::Found(engine), Some(_)) = (
        &survey.engine,
        program.image().filter(|image| image.unusable.is_none()),
    ) {
        if engine.shares_network {
            ways.push(NetworkPath::HostNetwork);
        }
        ways.push(NetworkPath::PublishedPort);
    }
    ways
}

const fn bus(server: ServerKind) -> &'static str {
    match server {
        ServerKind::Nats => "nats-core",
        ServerKind::NatsJetstream => "nats-jetstream",
        ServerKind::Mosquitto => "mqtt5",
        ServerKind::Redis => "redis-pubsub",
    }
}

const fn scheme(server: ServerKind) -> &'static str {
    match server {
        ServerKind::Nats | ServerKind::NatsJetstream => "nats",
        ServerKind::Mosquitto => "mqtt",
        ServerKind::Redis => "redis",
    }
}

fn plan(bus: &str) -> Result<Plan, PathError> {
    let scenario = Scenario::parse("doctor.toml".as_ref(), &SCENARIO.replace("BUS", bus))?;
    Ok(Plan::new(&scenario)?)
}

fn window(plan: &Plan) -> u64 {
    let windows = plan.cells.iter().filter_map(|cell| match cell.load {
        PlannedLoad::Closed { window } => Some(window.get()),
        PlannedLoad::Open { .. } => None,
    });
    windows.max().unwrap_or(0)
}

fn offered_per_second(plan: &Plan) -> f64 {
    let rates = plan.cells.iter().filter_map(|cell| match cell.load {
        PlannedLoad::Open { per_second, .. } => Some(per_second),
        PlannedLoad::Closed { .. } => None,
    });
    rates.fold(0.0, f64::max)
}

async fn start(
    environment: &Environment,
    program: &ProgramSurvey,
    path: NetworkPath,
) -> Result<Site, BrokerError> {
    let label = RunLabel::new(&format!("doctor-{}", std::process::id()));
    // The image that is here: nothing is pulled.
    let image = program.image().map_or("", |image| image.name.as_str());
    let environment = environment.clone().with(&program.image_variable, image);
    let (choice, network) = match path {
        NetworkPath::Loopback => (ProviderChoice::Process, ""),
        NetworkPath::HostNetwork => (ProviderChoice::Container, "host"),
        NetworkPath::PublishedPort => (ProviderChoice::Container, "published"),
    };
    let environment = environment.with("BUSBENCH_CONTAINER_NETWORK", network);
    let kind = program.server;
    let servers = Servers::choose_in(&environment, choice, &[kind], &label).await?;
    let server = servers.start(kind, &Settings::default()).await?;
    let info = server.info();
    let measured = Measured {
        path,
        server_version: info.version.clone(),
        started_from: info
            .image
            .clone()
            .or(info.binary.clone())
            .unwrap_or_default(),
        build: info.image_digest.clone().or(info.binary_sha256.clone()),
        rounds: Vec::new(),
    };
    let url = format!("{}://{}", scheme(kind), server.address());
    Ok(Site {
        measured,
        server,
        servers,
        environment: Environment::from_pairs([(program.url_variable.as_str(), url)]),
    })
}

/// Gives every path its turn in each round, the first of which moves on from round to round.
/// Returns how many rounds there were.
async fn rounds(
    plan: &Plan,
    sites: &mut [Site],
    cancel: &CancellationToken,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<u32, PathError> {
    let folder = tempfile::Builder::new()
        .prefix("busbench-doctor.")
        .tempdir()
        .map_err(PathError::Folder)?;
    let began = Instant::now();
    for round in 1..=ROUNDS {
        if round > ROUNDS_AT_LEAST && began.elapsed() > BUDGET {
            return Ok(round - 1);
        }
        tell(Step::Round { round, of: ROUNDS });
        for turn in 0..sites.len() {
            let index = (turn + round as usize) % sites.len();
            let site = &mut sites[index];
            let name = format!(
                "doctor-{}-{round}-{}",
                std::process::id(),
                site.measured.path
            );
            let results = RunFolder::create(&folder.path().join(&name))?;
            let request = Request {
                plan,
                name: &name,
                provider: ProviderChoice::External,
                folder: &results,
                resumed: None,
                commit: None,
                null_work: None,
            };
            run_in(&site.environment, &request, cancel, &mut |_| {}).await?;
            if cancel.is_cancelled() {
                return Err(PathError::Cancelled);
            }
            site.measured.rounds.push(round_of(&results.read()?));
        }
    }
    Ok(ROUNDS)
}

/// What a run of both loads gave. A trial that did not deliver all that it should is no measure of
/// the path.
fn round_of(run: &Run) -> Round {
    let mut round = Round::default();
    for cell in &run.record.cells {
        let is_good = |trial: &&Trial| {
            trial.verdict != Verdict::Invalid && trial.outcome == Outcome::Delivered
        };
        let Some(trial) = run.trials_of(cell).iter().find(is_good) else {
            continue;
        };
        match cell.key.load {
            Load::Closed => {
                round.closed = Some(Closed {
                    delivered_per_second: trial.delivered_per_second(),
                    limited_by: trial.limited_by,
                });
            }
            Load::Open => round.open = Some(trial.clone()),
        }
    }
    round
}

/// Stops all servers. What cannot be stopped is swept by its label, here or by the next run.
async fn stop(sites: Vec<Site>) -> Vec<Measured> {
    let mut measured = Vec::new();
    for site in sites {
        let _ = site.server.stop().await;
        let _ = site.servers.sweep().await;
        measured.push(site.measured);
    }
    measured
}

#[cfg(test)]
mod tests {
    use busbench_brokers::{BinarySurvey, EngineSurvey, ImageOrigin, ImageSurvey};

    use super::*;

    fn program(server: ServerKind, binary: bool, image: bool) -> ProgramSurvey {
        let missing = Found::Missing("not here".to_owned());
        let found = Found::Found(BinarySurvey {
            path: "/usr/sbin/server".to_owned(),
            version: "1".to_owned(),
            architecture: None,
        });
        ProgramSurvey {
            server,
            binary: if binary { found } else { missing },
            images: vec![ImageSurvey {
                name: "image:1".to_owned(),
                origin: ImageOrigin::Local,
                digest: image.then(|| "sha256:1".to_owned()),
                architecture: None,
                unusable: None,
            }],
            external: None,
            image_variable: String::new(),
            url_variable: String::new(),
        }
    }

    fn survey(shares_network: bool, programs: Vec<ProgramSurvey>) -> Survey {
        Survey {
            engine: Found::Found(EngineSurvey {
                version: "1".to_owned(),
                network_path: "host-network".to_owned(),
                shares_network,
                architecture: None,
            }),
            programs,
            variables: Vec::new(),
        }
    }

    #[test]
    fn the_fastest_of_the_servers_with_most_ways_is_taken() {
        let (nats, redis) = (ServerKind::Nats, ServerKind::Redis);
        let check = |programs: Vec<ProgramSurvey>, expected: Option<ServerKind>| {
            let survey = survey(true, programs);
            assert_eq!(subject(&survey).map(|program| program.server), expected);
        };
        check(
            vec![program(redis, true, true), program(nats, true, true)],
            Some(nats),
        );
        check(
            vec![program(redis, true, true), program(nats, false, true)],
            Some(redis),
        );
        check(vec![program(nats, true, false)], None);
        check(vec![], None);
    }

    #[test]
    fn a_network_that_is_not_shared_leaves_its_path_out() {
        let programs = vec![program(ServerKind::Nats, true, true)];
        let desktop = survey(false, programs.clone());
        let expected = [NetworkPath::Loopback, NetworkPath::PublishedPort];
        assert_eq!(ways(&desktop, &desktop.programs[0]), expected);
        let engine_less = Survey {
            engine: Found::Missing("no engine".to_owned()),
            ..survey(true, programs)
        };
        assert_eq!(
            ways(&engine_less, &engine_less.programs[0]),
            [NetworkPath::Loopback]
        );
    }

    #[test]
    fn the_traffic_can_be_planned_on_every_bus_that_may_carry_it() {
        for server in [ServerKind::Nats, ServerKind::Redis, ServerKind::Mosquitto] {
            let plan = plan(bus(server)).unwrap();
            assert_eq!(plan.possible().count(), 2, "{server}");
            assert_eq!((window(&plan), offered_per_second(&plan)), (256, 4000.0));
        }
    }
}
