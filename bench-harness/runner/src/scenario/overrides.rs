//! `--set KEY=VALUE`: a scenario's values replaced from the command line.

use std::fmt::Display;
use std::str::FromStr;

use busbench_brokers::{Limit, Tuning};
use busbench_buses::{Qos, Storage, SubscribeMode};
use busbench_results::ServerSpan;
use serde::de::{IntoDeserializer, value};

use super::text::{duration, rates};
use super::{Arrivals, ClosedLoad, OpenLoad, ScenarioFile, defaults};

/// The keys that `--set` knows, with the place of each in a scenario file.
pub const SETTABLE_KEYS: [(&str, &str); 39] = [
    ("rate", "load.open.rate"),
    ("window", "load.closed.window"),
    ("window_bytes", "load.closed.window_bytes"),
    ("depth", "matrix.depth"),
    ("payload", "matrix.payload"),
    ("qos", "matrix.qos"),
    ("publish", "matrix.publish"),
    ("publishers", "matrix.publishers"),
    ("subscribers", "matrix.subscribers"),
    ("warmup", "phases.warmup"),
    ("duration", "phases.window"),
    ("drain", "phases.drain"),
    ("subscribe", "client.subscribe"),
    ("read_delay", "client.read_delay"),
    ("stalled_subscribers", "client.stalled_subscribers"),
    ("ack_window", "client.ack_window"),
    ("queue", "client.queue"),
    ("storage", "client.storage"),
    ("retention", "client.retention"),
    ("arrivals", "load.open.arrivals"),
    ("tuning", "matrix.tuning"),
    ("limit", "matrix.limit"),
    ("sample_each", "phases.sample_each"),
    ("pin", "pin"),
    ("floors", "floors"),
    ("servers", "servers"),
    ("trials", "trials"),
    ("seed", "seed"),
    (
        "smallest_effects.delivered_per_second",
        "smallest_effects.delivered_per_second",
    ),
    (
        "smallest_effects.response_p50_ns",
        "smallest_effects.response_p50_ns",
    ),
    (
        "smallest_effects.response_p99_ns",
        "smallest_effects.response_p99_ns",
    ),
    (
        "smallest_effects.server_cpu_ns_per_message",
        "smallest_effects.server_cpu_ns_per_message",
    ),
    (
        "smallest_effects.client_cpu_ns_per_message",
        "smallest_effects.client_cpu_ns_per_message",
    ),
    (
        "smallest_effects.server_rss_peak_bytes",
        "smallest_effects.server_rss_peak_bytes",
    ),
    (
        "smallest_effects.encode_p50_ns",
        "smallest_effects.encode_p50_ns",
    ),
    (
        "smallest_effects.decode_p50_ns",
        "smallest_effects.decode_p50_ns",
    ),
    (
        "smallest_effects.round_trip_p50_ns",
        "smallest_effects.round_trip_p50_ns",
    ),
    (
        "smallest_effects.delivered_share",
        "smallest_effects.delivered_share",
    ),
    (
        "smallest_effects.time_per_iteration_ns",
        "smallest_effects.time_per_iteration_ns",
    ),
];

/// What stands before the name of a figure.
const SMALLEST_EFFECTS: &str = "smallest_effects.";

/// A `--set` that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// No `=`.
    #[error("`--set {0}` is not KEY=VALUE")]
    Form(String),
    /// No such key.
    #[error("`--set {key}`: no such key; one of {known}")]
    Key {
        /// What was asked for.
        key: String,
        /// The keys that there are.
        known: String,
    },
    /// The value does not fit the key.
    #[error("`--set {key}={value}`: {reason}")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ScenarioFile {
    /// Follows one `KEY=VALUE`; a key that is a list in the file takes values parted by commas, but for
    /// limits, which have commas themselves and are parted by `/`.
    pub fn set(&mut self, assignment: &str) -> Result<(), OverrideError> {
        let keys = SETTABLE_KEYS.map(|(key, _)| key);
        followed(assignment, &keys, |key, value| self.assign(key, value))
    }

    /// Puts limits in place of those of the matrix and of its blocks.
    pub fn hold_to(&mut self, limits: Vec<Limit>) {
        self.matrix.limit = limits;
        self.block.iter_mut().for_each(|block| block.limit = None);
    }

    fn assign(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "rate" => {
                let rate: Vec<f64> = list(value)?;
                rate.iter().try_for_each(|rate| rates::check(*rate))?;
                let arrivals = self
                    .load
                    .open
                    .as_ref()
                    .map_or_else(defaults::arrivals, |open| open.arrivals.clone());
                self.load.open = Some(OpenLoad { rate, arrivals });
            }
            "arrivals" => {
                let open = self.load.open.as_mut();
                open.ok_or("the scenario has no open load")?.arrivals = names::<Arrivals>(value)?;
            }
            "window" => {
                let window_bytes = self
                    .load
                    .closed
                    .as_ref()
                    .map_or_else(defaults::window_bytes, |closed| closed.window_bytes);
                self.load.closed = Some(ClosedLoad {
                    window: list(value)?,
                    window_bytes,
                });
            }
            "window_bytes" => {
                let closed = self
                    .load
                    .closed
                    .as_mut()
                    .ok_or("the scenario has no closed load")?;
                closed.window_bytes = one(value)?;
            }
            "depth" => {
                self.matrix.depth = list(value)?;
                self.block.iter_mut().for_each(|block| block.depth = None);
            }
            "payload" => {
                self.matrix.payload = list(value)?;
                self.block.iter_mut().for_each(|block| block.payload = None);
            }
            "qos" => {
                let levels: Vec<u8> = list(value)?;
                self.matrix.qos = levels
                    .into_iter()
                    .map(Qos::try_from)
                    .collect::<Result<_, _>>()?;
            }
            "publish" => self.matrix.publish = names(value)?,
            "publishers" => self.matrix.publishers = list(value)?,
            "subscribers" => self.matrix.subscribers = list(value)?,
            "warmup" => self.phases.warmup = duration::parse(value)?,
            "duration" => self.phases.window = duration::parse(value)?,
            "drain" => self.phases.drain = duration::parse(value)?,
            "subscribe" => self.client.subscribe = name::<SubscribeMode>(value)?,
            "read_delay" => self.client.read_delay = Some(duration::parse(value)?),
            "stalled_subscribers" => self.client.stalled_subscribers = one(value)?,
            "ack_window" => self.client.ack_window = one(value)?,
            "queue" => self.client.queue = one(value)?,
            "storage" => self.client.storage = name::<Storage>(value)?,
            "retention" => {
                self.client.retention = if value == "unlimited" {
                    None
                } else {
                    Some(one(value)?)
                };
            }
            "tuning" => self.matrix.tuning = names::<Tuning>(value)?,
            "limit" => {
                let limits = value.split('/').map(one::<Limit>);
                self.hold_to(limits.collect::<Result<_, _>>()?);
            }
            "sample_each" => self.phases.sample_each = duration::parse(value)?,
            "pin" => self.pin = one(value)?,
            "floors" => self.floors = one(value)?,
            "servers" => self.servers = name::<ServerSpan>(value)?,
            "trials" => self.trials = one(value)?,
            "seed" => self.seed = one(value)?,
            other => {
                let figure = other.strip_prefix(SMALLEST_EFFECTS).ok_or("no such key")?;
                let effects = &mut self.smallest_effects;
                effects
                    .set_named(figure, one(value)?)
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}

/// Has a `KEY=VALUE` of one of some keys assigned.
pub(super) fn followed(
    assignment: &str,
    keys: &[&str],
    assign: impl FnOnce(&str, &str) -> Result<(), String>,
) -> Result<(), OverrideError> {
    let (key, value) = assignment
        .split_once('=')
        .ok_or_else(|| OverrideError::Form(assignment.to_owned()))?;
    if !keys.contains(&key) {
        return Err(OverrideError::Key {
            key: key.to_owned(),
            known: keys.join(", "),
        });
    }
    assign(key, value).map_err(|reason| OverrideError::Value {
        key: key.to_owned(),
        value: value.to_owned(),
        reason,
    })
}

pub(super) fn one<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|error: T::Err| error.to_string())
}

fn list<T: FromStr<Err: Display>>(text: &str) -> Result<Vec<T>, String> {
    text.split(',').map(one).collect()
}

fn name<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Result<T, String> {
    let deserializer: value::StrDeserializer<'_, value::Error> = text.trim().into_deserializer();
    T::deserialize(deserializer).map_err(|error| error.to_string())
}

pub(super) fn names<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Result<Vec<T>, String> {
    text.split(',').map(name).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use busbench_results::comparison::{ComparedFigure, SmallestEffects};

    use super::{SETTABLE_KEYS, ScenarioFile};
    use crate::Scenario;

    fn scenario() -> ScenarioFile {
        let text = include_str!("../../../../scenarios/quick.toml");
        Scenario::parse(Path::new("quick.toml"), text).unwrap().file
    }

    #[test]
    fn every_settable_key_changes_the_place_that_it_names() {
        for (key, place) in SETTABLE_KEYS {
            let value = match key {
                "depth" => "event",
                "payload" => "7xInt16",
                "publish" | "subscribe" => "edgex",
                "warmup" | "duration" | "drain" | "read_delay" | "sample_each" => "7s",
                "storage" => "memory",
                "arrivals" => "poisson",
                "tuning" => "tuned",
                "limit" => "none/memory=256MiB,cpus=0.5",
                "pin" => "true",
                "floors" => "false",
                "servers" => "round",
                "qos" => "2",
                _ => "7",
            };
            let mut changed = scenario();
            changed.set(&format!("{key}={value}")).unwrap();
            let at = |file: &ScenarioFile| {
                let mut node = serde_json::to_value(file).unwrap();
                for part in place.split('.') {
                    node = node
                        .get_mut(part)
                        .map(serde_json::Value::take)
                        .unwrap_or_default();
                }
                node
            };
            assert_ne!(at(&changed), at(&scenario()), "{key} -> {place}");
        }
    }

    #[test]
    fn the_smallest_effect_of_every_figure_can_be_set() {
        for figure in ComparedFigure::ALL {
            let mut file = scenario();
            file.set(&format!("smallest_effects.{}=0.5", figure.key()))
                .unwrap();
            let mut expected = SmallestEffects::default();
            expected.set(figure, 0.5).unwrap();
            assert_eq!(file.smallest_effects, expected);
        }
    }

    #[test]
    fn a_list_is_parted_by_commas() {
        let mut file = scenario();
        file.set("rate=100,2500.5").unwrap();
        assert_eq!(file.load.open.unwrap().rate, [100.0, 2500.5]);
    }

    #[test]
    fn what_cannot_be_followed_says_which_key_and_why() {
        let check = |assignment: &str, expected: &str| {
            let message = scenario().set(assignment).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} lacks {expected:?}");
        };
        check("rate", "`--set rate` is not KEY=VALUE");
        check("speed=3", "`--set speed`: no such key; one of rate, window");
        check(
            "rate=0",
            "`--set rate=0`: a rate is a number of messages per second above zero",
        );
        check("rate=fast", "`--set rate=fast`: invalid float literal");
        check("window=0", "`--set window=0`: number would be zero");
        check(
            "duration=soon",
            "`--set duration=soon`: `soon` is no duration",
        );
        check("duration=0s", "a duration above zero is expected");
        check("publishers=-1", "`--set publishers=-1`");
        check("arrivals=bursts", "expected `even` or `poisson`");
        check("tuning=best", "expected `default` or `tuned`");
        check(
            "limit=little",
            "`little` is no limit such as `memory=256MiB,cpus=0.5`",
        );
        check("limit=none,cpus=1", "each part is KEY=VALUE");
        check("servers=run", "expected `trial` or `round`");
        check("pin=maybe", "`--set pin=maybe`");
        check(
            "smallest_effects.response_p99_ns=20",
            "`--set smallest_effects.response_p99_ns=20`: smallest effect of interest 20 is not a share",
        );
        check(
            "smallest_effects.response_p99_ns=20%",
            "invalid float literal",
        );
        check(
            "smallest_effects.p99=0.2",
            "`--set smallest_effects.p99`: no such key",
        );
        check("qos=3", "qos is 0, 1 or 2, not 3");
        check(
            "publish=later",
            "unknown variant `later`, expected `edgex` or `pipelined`",
        );
    }
}
