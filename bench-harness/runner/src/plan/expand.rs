//! From points to cells, checked against the limits of the harness.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::time::Duration;

use busbench_buses::{BusKind, PublishMode, Qos, Storage, SubscribeMode};
use busbench_envelope::{Depth, Prepared, Stamp};
use busbench_measure::ClosedWindow;
use busbench_results::{CellKey, Load as LoadName};

use super::matrix::{self, Part, Point};
use super::name::Namer;
use super::{Load, PlanError, PlannedCell};
use crate::scenario::{PublishKind, Scenario, ScenarioFile};

/// The largest window that a scenario may ask for: it bounds the harness's memory, too.
const MAX_WINDOW: u64 = 1 << 20;

/// Readings of CPU time and memory take part of a core, so there are no more than four a second.
const SAMPLE_EACH_AT_LEAST: Duration = Duration::from_millis(250);

/// Every cell of the matrix, the impossible ones too.
pub(super) fn cells(scenario: &Scenario) -> Result<Vec<PlannedCell>, PlanError> {
    let file = &scenario.file;
    let parts = matrix::parts(file);
    refuse_empty_lists(scenario, &parts)?;
    refuse_what_a_stamp_cannot_hold(scenario)?;
    let namer = Namer::new(&parts);
    let mut ids = BTreeSet::new();
    let mut cells = Vec::new();
    for part in &parts {
        let mut ids_of_part = BTreeSet::new();
        for point in part.points() {
            let cell = cell(scenario, &namer, &point)?;
            if !ids_of_part.insert(cell.id.clone()) {
                return Err(PlanError::Repeated {
                    scenario: scenario.name.clone(),
                    cell: cell.id,
                });
            }
            // What two blocks have in common is one cell.
            if ids.insert(cell.id.clone()) {
                cells.push(cell);
            }
        }
    }
    for part in parts.iter().filter(|_| file.floors) {
        for point in part.floors() {
            let id = namer.id(&point);
            if ids.insert(id.clone()) {
                cells.push(cell(scenario, &namer, &point)?);
            }
            let floor = cells.iter_mut().find(|cell| cell.id == id);
            if let Some(floor) = floor {
                floor.is_floor = true;
            }
        }
    }
    Ok(cells)
}

fn cell(scenario: &Scenario, namer: &Namer, point: &Point) -> Result<PlannedCell, PlanError> {
    let file = &scenario.file;
    let (_, message) =
        Prepared::of_spec(&point.payload, file.seed, 0, point.layout).map_err(|source| {
            PlanError::Encode {
                scenario: scenario.name.clone(),
                payload: point.payload.to_string(),
                layout: point.layout,
                source,
            }
        })?;
    let message_bytes = message.wire_bytes(point.bus.carrier());
    let load = bounded_in_bytes(file, point.load, message_bytes);
    let publish = match point.publish {
        PublishKind::Edgex => PublishMode::Edgex,
        PublishKind::Pipelined => PublishMode::Pipelined {
            ack_window: file.client.ack_window,
        },
    };
    let key = key(file, point, load, message.payload.len());
    Ok(PlannedCell {
        id: namer.id(point),
        key,
        bus: point.bus,
        is_floor: false,
        tuning: point.tuning,
        limit: point.limit,
        layout: point.layout,
        depth: point.depth,
        qos: point.qos,
        publish,
        publishers: point.publishers,
        subscribers: point.subscribers,
        load,
        message_bytes,
        not_possible: point
            .bus
            .cannot_carry(point.layout)
            .or_else(|| cannot_go_so_deep(point, &message))
            .or_else(|| {
                let why = point.bus.cannot_stall()?;
                let asked = file.client.stalled_subscribers > 0;
                asked.then(|| format!("no subscriber can stop reading here: {why}"))
            }),
        payload: point.payload,
    })
}

fn cannot_go_so_deep(point: &Point, message: &Prepared) -> Option<String> {
    match point.depth {
        Depth::Event if !message.is_event() => Some("raw bytes hold no event to encode".to_owned()),
        Depth::Upstream if point.bus != BusKind::Null => {
            Some("upstream's benchmark has no bus: only `null` can be measured its way".to_owned())
        }
        _ => None,
    }
}

fn bounded_in_bytes(file: &ScenarioFile, load: Load, message_bytes: usize) -> Load {
    let (Load::Closed { window }, Some(closed)) = (load, &file.load.closed) else {
        return load;
    };
    let message_bytes = NonZeroU64::new(message_bytes as u64).unwrap_or(NonZeroU64::MIN);
    let bounded = ClosedWindow::bounded(window, closed.window_bytes.get(), message_bytes);
    Load::Closed {
        window: bounded.messages(),
    }
}

fn key(file: &ScenarioFile, point: &Point, load: Load, payload_bytes: usize) -> CellKey {
    let can = point.bus.capabilities();
    let acknowledged = can.acknowledged || (can.qos && point.qos != Qos::AtMostOnce);
    let ack_window = acknowledged.then(|| match point.publish {
        PublishKind::Edgex => 1,
        PublishKind::Pipelined => file.client.ack_window.get(),
    });
    let (storage, sync) = match (point.bus, file.client.storage) {
        (BusKind::NatsJetstream, Storage::File) => (Some("file"), Some("2m")),
        (BusKind::NatsJetstream, Storage::Memory) | (BusKind::RedisStreams, _) => {
            (Some("memory"), None)
        }
        _ => (None, None),
    };
    CellKey {
        bus: point.bus.to_string(),
        tuning: point.tuning.name().to_owned(),
        envelope: point.layout.to_string(),
        depth: point.depth.to_string(),
        client: "library".to_owned(),
        workload: "pubsub".to_owned(),
        load: match load {
            Load::Open { .. } => LoadName::Open,
            Load::Closed { .. } => LoadName::Closed,
        },
        publish: publish_name(point.publish).to_owned(),
        subscribe: match file.client.subscribe {
            SubscribeMode::Edgex => "edgex",
            SubscribeMode::Lossless => "lossless",
        }
        .to_owned(),
        ack_window,
        window: match load {
            Load::Open { .. } => None,
            Load::Closed { window } => Some(window.get()),
        },
        qos: can.qos.then(|| point.qos.into()),
        storage: storage.map(str::to_owned),
        sync: sync.map(str::to_owned),
        retention: can.stored.then(|| {
            file.client
                .retention
                .map_or_else(|| "unlimited".to_owned(), |kept| kept.to_string())
        }),
        payload: point.payload.to_string(),
        payload_bytes: payload_bytes as u64,
        publishers: point.publishers.get().into(),
        subscribers: point.subscribers.get().into(),
        offered_per_second: match load {
            Load::Open { per_second, .. } => Some(per_second),
            Load::Closed { .. } => None,
        },
        arrivals: match load {
            Load::Open { arrivals, .. } => Some(arrivals.name().to_owned()),
            Load::Closed { .. } => None,
        },
        limit: point.limit.to_string(),
    }
}

pub(super) const fn publish_name(kind: PublishKind) -> &'static str {
    match kind {
        PublishKind::Edgex => "edgex",
        PublishKind::Pipelined => "pipelined",
    }
}

fn refuse_empty_lists(scenario: &Scenario, parts: &[Part]) -> Result<(), PlanError> {
    let ScenarioFile { matrix, load, .. } = &scenario.file;
    let of_blocks = |is_empty: fn(&Part) -> bool| parts.iter().any(is_empty);
    let lists = [
        ("matrix.bus", of_blocks(|part| part.matrix.bus.is_empty())),
        (
            "matrix.envelope",
            of_blocks(|part| part.matrix.envelope.is_empty()),
        ),
        (
            "matrix.depth",
            of_blocks(|part| part.matrix.depth.is_empty()),
        ),
        (
            "matrix.payload",
            of_blocks(|part| part.matrix.payload.is_empty()),
        ),
        ("matrix.qos", matrix.qos.is_empty()),
        ("matrix.publish", matrix.publish.is_empty()),
        ("matrix.tuning", matrix.tuning.is_empty()),
        (
            "matrix.limit",
            of_blocks(|part| part.matrix.limit.is_empty()),
        ),
        ("matrix.publishers", matrix.publishers.is_empty()),
        ("matrix.subscribers", matrix.subscribers.is_empty()),
        (
            "load.open.rate",
            load.open.as_ref().is_some_and(|open| open.rate.is_empty()),
        ),
        (
            "load.open.arrivals",
            load.open
                .as_ref()
                .is_some_and(|open| open.arrivals.is_empty()),
        ),
        (
            "load.closed.window",
            load.closed
                .as_ref()
                .is_some_and(|load| load.window.is_empty()),
        ),
    ];
    if let Some((key, _)) = lists.into_iter().find(|(_, empty)| *empty) {
        return Err(PlanError::Empty {
            scenario: scenario.name.clone(),
            key,
        });
    }
    if parts.iter().any(|part| part.loads.is_empty()) {
        return Err(PlanError::NoLoad {
            scenario: scenario.name.clone(),
        });
    }
    Ok(())
}

/// A stamp has 14 bits for the publisher, 32 for the sequence and 42 for the intended instant.
fn refuse_what_a_stamp_cannot_hold(scenario: &Scenario) -> Result<(), PlanError> {
    let limit = |what, value: String, limit: String, why| {
        Err(PlanError::Limit {
            scenario: scenario.name.clone(),
            what,
            value,
            limit,
            why,
        })
    };
    let file = &scenario.file;
    let most = file
        .matrix
        .publishers
        .iter()
        .max()
        .map_or(0, |count| usize::from(count.get()));
    if most > Stamp::MAX_PUBLISHERS {
        return limit(
            "matrix.publishers",
            most.to_string(),
            Stamp::MAX_PUBLISHERS.to_string(),
            "a stamp has 14 bits for the publisher",
        );
    }
    let offered = file.phases.offered();
    if offered.as_nanos() > u128::from(Stamp::MAX_INTENDED_NS) {
        return limit(
            "phases.warmup + phases.window",
            humantime::format_duration(offered).to_string(),
            "73m".to_owned(),
            "a stamp has 42 bits for the intended instant in ns",
        );
    }
    if file.phases.sample_each < SAMPLE_EACH_AT_LEAST {
        let asked = humantime::format_duration(file.phases.sample_each);
        return Err(PlanError::TooSmall {
            scenario: scenario.name.clone(),
            what: "phases.sample_each",
            value: asked.to_string(),
            least: humantime::format_duration(SAMPLE_EACH_AT_LEAST).to_string(),
            why: "reading more often would disturb what is measured",
        });
    }
    let fastest = file
        .load
        .open
        .iter()
        .flat_map(|open| &open.rate)
        .copied()
        .fold(0.0, f64::max);
    if fastest > 1e7 {
        return limit(
            "load.open.rate",
            fastest.to_string(),
            "10000000".to_owned(),
            "one pacer cannot send more often than each 100 ns",
        );
    }
    if fastest * offered.as_secs_f64() > f64::from(u32::MAX) {
        return limit(
            "load.open.rate x duration",
            format!("{:.0}", fastest * offered.as_secs_f64()),
            u32::MAX.to_string(),
            "a stamp has 32 bits for the sequence",
        );
    }
    let widest = file
        .load
        .closed
        .iter()
        .flat_map(|closed| &closed.window)
        .max();
    if let Some(widest) = widest.filter(|window| window.get() > MAX_WINDOW) {
        return limit(
            "load.closed.window",
            widest.to_string(),
            MAX_WINDOW.to_string(),
            "more messages in flight would measure queues instead of buses",
        );
    }
    Ok(())
}
