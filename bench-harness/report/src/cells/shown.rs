//! Which columns the table shows, filters by, and opens to; and what each means.

use busbench_results::explain::{self, Subject};
use serde::Serialize;

/// How the script writes a number of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Unit {
    /// No number.
    Text,
    /// Three significant digits.
    Number,
    /// All digits.
    Count,
    /// Nanoseconds, in microseconds.
    Microseconds,
    /// To the byte, as they were counted.
    Bytes,
    /// In KiB and MiB.
    Memory,
}

/// A column of the table. Its key is a column of the export, or `label`.
#[derive(Serialize)]
pub(super) struct Head {
    key: &'static str,
    title: &'static str,
    unit: Unit,
    /// Whether it is left out where all cells have the same.
    optional: bool,
    /// Whether it is left out of cells without a headline.
    headline: bool,
    meaning: &'static str,
}

/// A choice of values. Its key is a column of the export, or `claim` for the tags.
#[derive(Serialize)]
pub(super) struct Filter {
    key: &'static str,
    title: &'static str,
    /// As with heads.
    optional: bool,
    meaning: &'static str,
}

/// Figures of an opened cell.
#[derive(Serialize)]
pub(super) struct FigureGroup {
    title: &'static str,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct Figure {
    key: &'static str,
    title: &'static str,
    unit: Unit,
    meaning: &'static str,
}

/// A column's key, title and unit.
type Listed = (&'static str, &'static str, Unit);

const LABEL: &str = "Bus and envelope, with those of the bus's own settings that vary under the same \
                     conditions. A cell is one point of a scenario's matrix.";

const CLAIM: &str = "Cells that the verdict of a claim, or the answer to a question, rests on.";

/// What a name of the export means.
pub(super) fn meaning(name: &str) -> &'static str {
    match name {
        "label" => LABEL,
        "claim" => CLAIM,
        _ => {
            // Of the senses of `emulated`, a column has that of a condition.
            let condition = explain::of(Subject::Condition, &name.replace('_', "-"));
            condition
                .or_else(|| explain::senses(name).first().copied())
                .map_or("", |explanation| explanation.meaning)
        }
    }
}

/// What is looked for stands near the cell's name, and the conditions that seldom vary come last.
pub(super) fn heads() -> Vec<Head> {
    let head = |optional| {
        move |&(key, title, unit): &Listed| Head {
            key,
            title,
            unit,
            optional,
            headline: key.starts_with("response"),
            meaning: meaning(key),
        }
    };
    let label = [("label", "cell", Unit::Text)];
    let guarantee = [("guarantee", "guarantee", Unit::Text)];
    label
        .iter()
        .map(head(false))
        .chain(NEAR.iter().map(head(true)))
        .chain(RESULTS.iter().map(head(false)))
        .chain(guarantee.iter().map(head(false)))
        .chain(FAR.iter().map(head(true)))
        .collect()
}

/// Conditions that tell cells apart in most runs.
const NEAR: [Listed; 4] = [
    ("load", "load", Unit::Text),
    ("offered_per_second", "offered/s", Unit::Number),
    ("payload", "payload", Unit::Text),
    ("depth", "depth", Unit::Text),
];

const RESULTS: [Listed; 8] = [
    ("delivered_per_second", "delivered/s", Unit::Number),
    ("lost", "lost", Unit::Count),
    ("response_p50_ns", "p50 µs", Unit::Microseconds),
    ("response_p99_ns", "p99 µs", Unit::Microseconds),
    ("limited_by", "limited by", Unit::Text),
    ("outcome", "outcome", Unit::Text),
    ("verdict", "verdict", Unit::Text),
    (
        "server_cpu_ns_per_message",
        "server CPU ns/delivery",
        Unit::Number,
    ),
];

const FAR: [Listed; 8] = [
    ("publishers", "publishers", Unit::Count),
    ("subscribers", "subscribers", Unit::Count),
    ("publish", "publish", Unit::Text),
    ("tuning", "tuning", Unit::Text),
    ("limit", "limit", Unit::Text),
    ("workload", "workload", Unit::Text),
    ("arch", "architecture", Unit::Text),
    ("run", "run", Unit::Text),
];

pub(super) fn filters() -> Vec<Filter> {
    let filter = |key, title, optional| Filter {
        key,
        title,
        optional,
        meaning: meaning(key),
    };
    vec![
        filter("bus", "Bus", false),
        filter("envelope", "Layout", false),
        filter("guarantee", "Guarantee", false),
        filter("arch", "Architecture", false),
        filter("depth", "Depth", false),
        filter("verdict", "Verdict", false),
        filter("run", "Run", true),
        filter("scenario", "Scenario", true),
        filter("host", "Host", true),
        filter("emulated", "Emulated", true),
        filter("load", "Load", true),
        filter("payload", "Payload", true),
        filter("outcome", "Outcome", true),
        filter("limited_by", "Limited by", true),
        filter("workload", "Workload", true),
        filter("publish", "Publish", true),
        filter("tuning", "Tuning", true),
        filter("limit", "Limit", true),
        filter("claim", "Claim", true),
    ]
}

/// Each title once: of columns, then of filters that are no column.
pub(super) fn glossary() -> Vec<(&'static str, &'static str)> {
    let heads = heads();
    let filters = filters();
    let others = filters
        .iter()
        .filter(|filter| heads.iter().all(|head| head.key != filter.key))
        .map(|filter| (filter.title, filter.meaning));
    heads
        .iter()
        .map(|head| (head.title, head.meaning))
        .chain(others)
        .collect()
}

pub(super) fn figures() -> Vec<FigureGroup> {
    let group = |title, figures: &[Listed]| FigureGroup {
        title,
        figures: figures
            .iter()
            .map(|&(key, title, unit)| Figure {
                key,
                title,
                unit,
                meaning: meaning(key),
            })
            .collect(),
    };
    vec![
        group("Rate", &RATES),
        group("Times", &TIMES),
        group("Counts over its trials", &COUNTS),
        group("Cost", &COSTS),
        group("Bytes on the wire for each message", &WIRE),
    ]
}

const RATES: [Listed; 4] = [
    ("trials", "trials behind the figures", Unit::Count),
    ("delivered_per_second", "delivered/s", Unit::Number),
    (
        "delivered_per_second_low",
        "95 % interval from",
        Unit::Number,
    ),
    (
        "delivered_per_second_high",
        "95 % interval to",
        Unit::Number,
    ),
];

const TIMES: [Listed; 14] = [
    ("response_p50_ns", "response p50 µs", Unit::Microseconds),
    ("response_p90_ns", "response p90 µs", Unit::Microseconds),
    ("response_p99_ns", "response p99 µs", Unit::Microseconds),
    (
        "response_p99_low_ns",
        "p99: 95 % interval from µs",
        Unit::Microseconds,
    ),
    (
        "response_p99_high_ns",
        "p99: 95 % interval to µs",
        Unit::Microseconds,
    ),
    ("response_p99_9_ns", "response p99.9 µs", Unit::Microseconds),
    ("response_max_ns", "response max µs", Unit::Microseconds),
    ("service_p99_ns", "service p99 µs", Unit::Microseconds),
    ("wake_lag_p50_ns", "wake lag p50 µs", Unit::Microseconds),
    ("wake_lag_p99_ns", "wake lag p99 µs", Unit::Microseconds),
    ("blocked_p99_ns", "blocked p99 µs", Unit::Microseconds),
    ("ack_p99_ns", "ack p99 µs", Unit::Microseconds),
    ("encode_p50_ns", "encode p50 µs", Unit::Microseconds),
    ("decode_p50_ns", "decode p50 µs", Unit::Microseconds),
];

const COUNTS: [Listed; 10] = [
    ("attempted", "attempted", Unit::Count),
    ("published", "published", Unit::Count),
    ("expected", "expected", Unit::Count),
    ("delivered", "delivered", Unit::Count),
    ("lost", "lost", Unit::Count),
    ("duplicated", "twice", Unit::Count),
    ("reordered", "reordered", Unit::Count),
    ("corrupt", "corrupt", Unit::Count),
    ("foreign", "foreign", Unit::Count),
    ("client_dropped", "dropped by client", Unit::Count),
];

const COSTS: [Listed; 9] = [
    (
        "server_cpu_ns_per_message",
        "server CPU ns/delivery",
        Unit::Number,
    ),
    (
        "client_cpu_ns_per_message",
        "client CPU ns/delivery",
        Unit::Number,
    ),
    ("server_rss_peak_bytes", "server memory peak", Unit::Memory),
    ("client_rss_peak_bytes", "client memory peak", Unit::Memory),
    (
        "server_context_switches_per_message",
        "server context switches/delivery",
        Unit::Number,
    ),
    (
        "client_context_switches_per_message",
        "client context switches/delivery",
        Unit::Number,
    ),
    (
        "server_disk_written_bytes_per_message",
        "server disk bytes written/delivery",
        Unit::Number,
    ),
    (
        "server_network_bytes_per_message",
        "server network bytes/delivery",
        Unit::Number,
    ),
    (
        "server_cpu_limit_used_share",
        "server CPU, share of its limit",
        Unit::Number,
    ),
];

const WIRE: [Listed; 8] = [
    ("wire_bytes_per_message", "published", Unit::Bytes),
    ("wire_payload_bytes", "payload", Unit::Bytes),
    ("wire_envelope_bytes", "envelope", Unit::Bytes),
    ("wire_topic_bytes", "topic", Unit::Bytes),
    ("wire_protocol_bytes", "protocol", Unit::Bytes),
    ("wire_publish_ack_bytes", "answered", Unit::Bytes),
    ("wire_delivery_bytes", "delivered", Unit::Bytes),
    ("wire_delivery_ack_bytes", "subscriber's own", Unit::Bytes),
];

#[cfg(test)]
mod tests {
    use busbench_results::export;

    use super::{figures, filters, heads};

    #[test]
    fn every_name_is_a_column_of_the_export_and_has_a_meaning() {
        let columns = export::to_columns(&[]).unwrap();
        let check = |key: &str, meaning: &str| {
            let own = ["label", "claim"].contains(&key);
            assert!(
                own || columns.iter().any(|column| column.name == key),
                "{key}"
            );
            assert!(!meaning.is_empty(), "{key}");
        };
        for head in heads() {
            check(head.key, head.meaning);
        }
        for filter in filters() {
            check(filter.key, filter.meaning);
        }
        for figure in figures().iter().flat_map(|group| &group.figures) {
            check(figure.key, figure.meaning);
        }
    }
}
