//! Which cells a rule is about: lists of values for key columns, as `claims.toml` and
//! `questions.toml` have them.

use serde::Deserialize;

use crate::{Load, Row};

/// Cells that have one of the listed values in each listed column; a column that is left out may
/// have any. All of them without any list.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// Architectures of the host.
    pub arch: Option<Vec<String>>,
    /// Whether the harness or the cell's server was emulated.
    pub emulated: Option<bool>,
    /// Bus ids.
    pub bus: Option<Vec<String>>,
    /// Layouts.
    pub envelope: Option<Vec<String>>,
    /// Depths.
    pub depth: Option<Vec<String>>,
    /// Workloads.
    pub workload: Option<Vec<String>>,
    /// `open` or `closed`.
    pub load: Option<Load>,
    /// `edgex` or `pipelined`.
    pub publish: Option<Vec<String>>,
    /// MQTT's qualities of service; no other bus has one.
    pub qos: Option<Vec<u8>>,
    /// First halves of guarantees, without their period: `periodic-sync`.
    pub publish_ack: Option<Vec<String>>,
    /// Second halves of guarantees: `at-least-once`.
    pub delivery: Option<Vec<String>>,
    /// How long one server serves: `trial`, `round`.
    pub servers: Option<Vec<String>>,
    /// Fewest publishing connections.
    pub publishers_at_least: Option<u32>,
    /// How the payload's name begins: `1xBinary`.
    pub payload_prefix: Option<String>,
    /// Smallest payload, in bytes.
    pub payload_bytes_at_least: Option<u64>,
    /// Largest payload, in bytes.
    pub payload_bytes_at_most: Option<u64>,
}

impl Selection {
    /// Whether it takes a cell. One whose value is not known, as it has not run, is not taken where
    /// that value is asked for.
    #[must_use]
    pub fn takes(&self, row: &Row) -> bool {
        let (publish_ack, delivery) = promise(row);
        let qos = |listed: &Vec<u8>| row.qos.is_some_and(|qos| listed.contains(&qos));
        one_of(self.arch.as_ref(), Some(&row.arch))
            && self
                .emulated
                .is_none_or(|emulated| emulated == row.emulated)
            && one_of(self.bus.as_ref(), Some(&row.bus))
            && one_of(self.envelope.as_ref(), Some(&row.envelope))
            && one_of(self.depth.as_ref(), Some(&row.depth))
            && one_of(self.workload.as_ref(), Some(&row.workload))
            && self.load.is_none_or(|load| load == row.load)
            && one_of(self.publish.as_ref(), Some(&row.publish))
            && self.qos.as_ref().is_none_or(qos)
            && one_of(self.publish_ack.as_ref(), publish_ack)
            && one_of(self.delivery.as_ref(), delivery)
            && one_of(self.servers.as_ref(), row.servers.as_deref())
            && self
                .publishers_at_least
                .is_none_or(|least| row.publishers >= least)
            && self
                .payload_prefix
                .as_ref()
                .is_none_or(|prefix| row.payload.starts_with(prefix.as_str()))
            && self
                .payload_bytes_at_least
                .is_none_or(|least| row.payload_bytes >= least)
            && self
                .payload_bytes_at_most
                .is_none_or(|most| row.payload_bytes <= most)
    }
}

fn one_of(listed: Option<&Vec<String>>, value: Option<&str>) -> bool {
    listed.is_none_or(|listed| value.is_some_and(|value| listed.iter().any(|name| name == value)))
}

/// The names of both halves of a row's guarantee.
fn promise(row: &Row) -> (Option<&str>, Option<&str>) {
    let Some((publish_ack, delivery)) = row
        .guarantee
        .as_deref()
        .and_then(|text| text.split_once(" / "))
    else {
        return (None, None);
    };
    // Without the period of `periodic-sync 2m`.
    (publish_ack.split(' ').next(), Some(delivery))
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use crate::{Load, Row};

    fn row() -> Row {
        Row {
            bus: "mqtt5".to_owned(),
            load: Load::Open,
            qos: Some(1),
            guarantee: Some("periodic-sync 2m / at-least-once".to_owned()),
            payload: "1xBinary:1000".to_owned(),
            payload_bytes: 1000,
            publishers: 10,
            ..Row::default()
        }
    }

    #[track_caller]
    fn check(text: &str, takes: bool) {
        let selection: Selection = toml::from_str(text).unwrap();
        assert_eq!(selection.takes(&row()), takes, "{text}");
    }

    #[test]
    fn each_list_is_a_condition() {
        for text in [
            "",
            "bus = ['mqtt3', 'mqtt5']",
            "load = 'open'",
            "qos = [1, 2]",
            "publish_ack = ['periodic-sync']\ndelivery = ['at-least-once']",
            "payload_bytes_at_least = 1000\npayload_bytes_at_most = 1000",
            "publishers_at_least = 10",
            "payload_prefix = '1xBinary'",
            "emulated = false",
        ] {
            check(text, true);
        }
        for text in [
            "bus = ['mqtt3']",
            "load = 'closed'",
            "qos = [0]",
            "delivery = ['at-most-once']",
            "publish_ack = ['synced']",
            "payload_bytes_at_most = 999",
            "publishers_at_least = 11",
            "payload_prefix = '10xInt16'",
            "emulated = true",
            "bus = ['mqtt5']\nenvelope = []",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn what_is_not_known_is_not_taken() {
        check("servers = ['trial']", false);
        let selection = Selection {
            delivery: Some(vec!["at-least-once".to_owned()]),
            ..Selection::default()
        };
        assert!(!selection.takes(&Row {
            guarantee: None,
            ..row()
        }));
    }

    #[test]
    fn an_unknown_column_is_refused() {
        assert!(toml::from_str::<Selection>("colour = ['red']").is_err());
    }
}
