//! A run that was never run: what tests of this crate and of the reports read. Its numbers are
//! made up in the range of real ones, and the same at every call.

mod bad;
mod envelopes;
mod footprint;
mod history;
mod machines;
mod many;
mod sensors;
mod sides;
mod sketch;
mod trial;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use bad::{bare_run, empty_run, hostile, not_yet_run, only_impossible_run, only_invalid_run};
pub use footprint::footprint_run;
pub use machines::{aarch64_run, emulated_run, emulated_servers_run};
pub use sides::{Change, two_builds};

use sketch::{SKETCHES, Sketch, Story};

use crate::comparison::SmallestEffects;
use crate::history::HistoryLine;
use crate::{
    Cell, CellKey, CellState, Delivery, Guarantee, Host, Isolation, Load, NO_LIMIT, PublishAck,
    Run, RunFolder, RunRecord, RunState, SCHEMA_VERSION, Scenario, ServerRecord, ServerSpan,
    StoreError, Tool, Trial,
};

/// Messages per second of the open cells.
const OFFERED_PER_SECOND: f64 = 5_000.0;

/// Messages in flight of the closed cells.
const WINDOW: u64 = 256;

/// Trials of each cell.
const TRIALS: u32 = 3;

/// Six servers' buses and both floors, layouts `native` and `json`, an open and a closed load,
/// three trials each. Among them: cells that are not possible, one that lost messages, one whose
/// every trial failed, one saturated, one suspect, one with an invalid trial, one limited by the
/// machine, one that has not run.
#[must_use]
pub fn run() -> Run {
    run_of("quick", SKETCHES, TRIALS)
}

/// A small envelope matrix: three buses, one of them without headers, all layouts, events of 1 and
/// 100 readings at depth `envelope` and of 1 at depth `event`, five trials of each. Native gains
/// much of large events on NATS core, costs more on small ones with MQTT 5. Among the cells: one
/// lossy, one saturated, one without a valid trial.
#[must_use]
pub fn envelope_run() -> Run {
    run_of("envelope-quick", &envelopes::small(), envelopes::TRIALS)
}

/// An envelope matrix of the size of a real one, to look at.
#[must_use]
pub fn envelope_matrix() -> Run {
    run_of("envelope-matrix", &envelopes::matrix(), envelopes::TRIALS)
}

/// The null bus with raw payloads in two layouts, at the depths `upstream` and `envelope`.
#[must_use]
pub fn marshalling_run() -> Run {
    run_of("marshalling", &envelopes::marshalling(), envelopes::TRIALS)
}

/// As many cells as asked for, five trials of each: what a page must carry. Cells that differ only in
/// their number of publishers share their histograms, so that it is made fast; counts and seconds are
/// each trial's own.
#[must_use]
pub fn many_cells(count: usize) -> Run {
    many::run(count)
}

/// Small events of 50 devices at three rates, five trials of each: six servers' buses with three
/// guarantees. With one guarantee NATS core is best, with one Redis pub/sub is alone, and with one it
/// depends on the rate. At the highest rate some cells are lossy, saturated, suspect or limited by the
/// machine.
#[must_use]
pub fn sensors_run() -> Run {
    sensors::run()
}

/// Two cells: one of NATS core with its trials, and one that is not possible.
#[must_use]
pub fn small_run() -> Run {
    let few: Vec<Sketch> = SKETCHES
        .iter()
        .filter(|sketch| sketch.load == Load::Open && sketch.envelope == "native")
        .filter(|sketch| ["nats-core", "mqtt3"].contains(&sketch.bus))
        .copied()
        .collect();
    let mut run = run_of("quick", &few, TRIALS);
    rename(&mut run, "20260301T121500Z-quick-7c1e");
    run
}

/// A history of 60 nights: one cell that a commit made slower, one that a newer server made faster, one
/// whose response time grows by half a per cent each night, one with a slow week, one that never
/// changes, and one that was measured in the last six nights only.
#[must_use]
pub fn history() -> Vec<HistoryLine> {
    history::lines()
}

/// Writes a run into a new folder, whose list of trials is of those that the run holds.
pub fn write(run: &Run, path: &Path) -> Result<(), StoreError> {
    let folder = RunFolder::create(path)?;
    let mut record = run.record.clone();
    for cell in &mut record.cells {
        let trials = run.trials_of(cell).iter();
        cell.trials = trials
            .map(|trial| folder.write_trial(trial))
            .collect::<Result<_, _>>()?;
    }
    for cell in &mut record.footprints {
        let trials = run.footprints.get(&cell.id).into_iter().flatten();
        cell.trials = trials
            .map(|trial| folder.write_footprint(trial))
            .collect::<Result<_, _>>()?;
    }
    folder.write_run(&record)
}

/// No two runs have one name.
fn rename(run: &mut Run, name: &str) {
    name.clone_into(&mut run.record.run);
    for trial in run.trials.values_mut().flatten() {
        name.clone_into(&mut trial.run);
    }
    for trial in run.footprints.values_mut().flatten() {
        name.clone_into(&mut trial.run);
    }
}

fn run_of(scenario: &str, sketches: &[Sketch], number: u32) -> Run {
    let cells = sketches.iter().map(|sketch| cell(sketch, number)).collect();
    let mut record = record(cells);
    scenario.clone_into(&mut record.scenario.name);
    record.run = format!("20260301T120000Z-{scenario}-4f2a");
    record.scenario.trials = number;
    let trials = sketches
        .iter()
        .zip(&record.cells)
        .filter(|(_, cell)| !cell.trials.is_empty())
        .map(|(sketch, cell)| (cell.id.clone(), trials(sketch, cell, &record.run, number)))
        .collect();
    Run {
        record,
        trials,
        footprints: BTreeMap::new(),
        path: PathBuf::from("results/runs/example"),
    }
}

fn record(cells: Vec<Cell>) -> RunRecord {
    RunRecord {
        schema_version: SCHEMA_VERSION,
        run: "20260301T120000Z-quick-4f2a".to_owned(),
        tool: Tool {
            version: "0.1.0".to_owned(),
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        },
        started_unix_ms: 1_772_366_400_000,
        finished_unix_ms: Some(1_772_366_572_000),
        state: RunState::Complete,
        scenario: Scenario {
            name: "quick".to_owned(),
            question: "How do the buses compare on this machine, in three minutes?".to_owned(),
            hash: "9f".repeat(32),
            seed: 7,
            trials: TRIALS,
            servers: ServerSpan::Trial,
            smallest_effects: SmallestEffects::default(),
            resolved: serde_json::json!({ "duration": "10s", "trials": TRIALS }),
        },
        host: Host {
            name: "bench-1".to_owned(),
            arch: "x86_64".to_owned(),
            cpu_model: "Intel(R) Xeon(R) Processor @ 2.60GHz".to_owned(),
            cores: 2,
            memory_bytes: 8 << 30,
            os: "Debian GNU/Linux 12".to_owned(),
            kernel: "6.1.0-18-amd64".to_owned(),
            governor: None,
            virtualization: Some("kvm".to_owned()),
            emulated: false,
            clock_source: Some("kvm-clock".to_owned()),
        },
        provider: "process".to_owned(),
        provider_reason: "no Docker engine answers".to_owned(),
        isolation: Some(Isolation {
            server_cpus: vec![1],
            generator_cpus: vec![0],
        }),
        servers: servers(),
        cells,
        footprints: Vec::new(),
    }
}

fn servers() -> BTreeMap<String, ServerRecord> {
    [
        (
            "nats",
            "2.9.10",
            "nats-server",
            "port: 4222\nmax_payload: 1048576\n",
        ),
        (
            "nats-jetstream",
            "2.9.10",
            "nats-server",
            "port: 4222\njetstream { store_dir: data }\n",
        ),
        (
            "mosquitto",
            "2.0.11",
            "mosquitto",
            "listener 1883 127.0.0.1\nset_tcp_nodelay true\n",
        ),
        (
            "redis",
            "7.0.15",
            "redis-server",
            "save \"\"\nappendonly no\n",
        ),
    ]
    .into_iter()
    .map(|(name, version, binary, configuration)| {
        let record = ServerRecord {
            name: name.to_owned(),
            version: version.to_owned(),
            provider: "process".to_owned(),
            network_path: "loopback".to_owned(),
            image: None,
            image_digest: None,
            arch: None,
            emulated: false,
            binary: Some(format!("/usr/sbin/{binary}")),
            binary_sha256: Some("1d".repeat(32)),
            configuration: configuration.to_owned(),
            limit: None,
        };
        (name.to_owned(), record)
    })
    .collect()
}

fn server_of(bus: &str) -> Option<String> {
    let server = match bus {
        "nats-core" => "nats",
        "nats-jetstream" => "nats-jetstream",
        "mqtt3" | "mqtt5" => "mosquitto",
        "redis-pubsub" | "redis-streams" => "redis",
        _ => return None,
    };
    Some(server.to_owned())
}

fn guarantee_of(bus: &str) -> Guarantee {
    let (publish_ack, delivery) = match bus {
        "nats-jetstream" | "redis-streams" => (PublishAck::InMemory, Delivery::AtLeastOnce),
        "redis-pubsub" => (PublishAck::InMemory, Delivery::AtMostOnce),
        _ => (PublishAck::None, Delivery::AtMostOnce),
    };
    Guarantee {
        publish_ack,
        delivery,
    }
}

fn cell(sketch: &Sketch, number: u32) -> Cell {
    let mut id = format!("{}-{}-{}", sketch.bus, sketch.envelope, sketch.load.name());
    if sketch.depth != "transport" {
        id = format!("{id}-{}-{}", sketch.depth, sketch.payload.replace(':', "-"));
    }
    let ran = !matches!(sketch.story, Story::NotPossible(_) | Story::NotRun);
    let stored = ["nats-jetstream", "redis-streams"].contains(&sketch.bus);
    let acknowledged = stored || sketch.bus == "redis-pubsub";
    Cell {
        client_settings: BTreeMap::from([("tcp_nodelay".to_owned(), "true".to_owned())]),
        key: CellKey {
            bus: sketch.bus.to_owned(),
            tuning: "default".to_owned(),
            envelope: sketch.envelope.to_owned(),
            depth: sketch.depth.to_owned(),
            client: "library".to_owned(),
            workload: "pubsub".to_owned(),
            load: sketch.load,
            publish: "pipelined".to_owned(),
            subscribe: "lossless".to_owned(),
            ack_window: acknowledged.then_some(256),
            window: (sketch.load == Load::Closed).then_some(WINDOW),
            qos: sketch.bus.starts_with("mqtt").then_some(0),
            storage: stored.then(|| "memory".to_owned()),
            sync: stored.then(|| "none".to_owned()),
            retention: stored.then(|| "100000".to_owned()),
            payload: sketch.payload.to_owned(),
            payload_bytes: sketch.payload_bytes,
            publishers: 1,
            subscribers: 1,
            offered_per_second: (sketch.load == Load::Open).then_some(OFFERED_PER_SECOND),
            arrivals: (sketch.load == Load::Open).then(|| "even".to_owned()),
            limit: NO_LIMIT.to_owned(),
        },
        state: match sketch.story {
            Story::NotPossible(why) => CellState::NotPossible(why.to_owned()),
            _ => CellState::Planned,
        },
        server: if ran { server_of(sketch.bus) } else { None },
        guarantee: ran.then(|| guarantee_of(sketch.bus)),
        trials: if ran {
            (1..=number)
                .map(|number| format!("trials/{id}-{number}.json"))
                .collect()
        } else {
            Vec::new()
        },
        id,
    }
}

fn trials(sketch: &Sketch, cell: &Cell, run: &str, number: u32) -> Vec<Trial> {
    (1..=number)
        .map(|number| trial::trial(sketch, cell, run, number))
        .collect()
}
