//! The ids of cells.

use std::collections::HashSet;
use std::hash::Hash;

use super::Load;
use super::expand::publish_name;
use super::matrix::{Part, Point};
use crate::scenario::Arrivals;

/// Makes ids: bus, layout and load always, other axes where the scenario has several values for
/// them.
pub(super) struct Namer {
    told: Vec<Axis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Depth,
    Payload,
    Qos,
    Publish,
    Publishers,
    Subscribers,
    Tuning,
    Limit,
}

impl Namer {
    pub(super) fn new(parts: &[Part]) -> Self {
        let axes = [
            (Axis::Depth, vary(parts, |part| &part.matrix.depth)),
            (Axis::Payload, vary(parts, |part| &part.matrix.payload)),
            (Axis::Qos, vary(parts, |part| &part.matrix.qos)),
            (Axis::Publish, vary(parts, |part| &part.matrix.publish)),
            (
                Axis::Publishers,
                vary(parts, |part| &part.matrix.publishers),
            ),
            (
                Axis::Subscribers,
                vary(parts, |part| &part.matrix.subscribers),
            ),
            (Axis::Tuning, vary(parts, |part| &part.matrix.tuning)),
            (Axis::Limit, vary(parts, |part| &part.matrix.limit)),
        ];
        let told = axes.into_iter().filter(|(_, vary)| *vary);
        Self {
            told: told.map(|(axis, _)| axis).collect(),
        }
    }

    fn tells(&self, axis: Axis) -> bool {
        self.told.contains(&axis)
    }

    pub(super) fn id(&self, point: &Point) -> String {
        let mut parts = vec![point.bus.to_string(), point.layout.to_string()];
        if self.tells(Axis::Depth) {
            parts.push(point.depth.to_string());
        }
        if self.tells(Axis::Payload) {
            parts.push(point.payload.to_string().replace([':', '+'], "-"));
        }
        if point.bus.capabilities().qos && self.tells(Axis::Qos) {
            parts.push(format!("qos{}", u8::from(point.qos)));
        }
        if self.tells(Axis::Publish) {
            parts.push(publish_name(point.publish).to_owned());
        }
        if self.tells(Axis::Publishers) {
            parts.push(format!("pub{}", point.publishers));
        }
        if self.tells(Axis::Subscribers) {
            parts.push(format!("sub{}", point.subscribers));
        }
        if !point.bus.is_floor() && self.tells(Axis::Tuning) {
            parts.push(point.tuning.name().to_owned());
        }
        if self.tells(Axis::Limit) {
            // A cell without one is named as in a scenario without limits.
            parts.extend(point.limit.short_name());
        }
        parts.push(match point.load {
            Load::Open {
                per_second,
                arrivals: Arrivals::Even,
            } => format!("open-{per_second}"),
            Load::Open {
                per_second,
                arrivals,
            } => format!("open-{per_second}-{}", arrivals.name()),
            Load::Closed { window } => format!("closed-{window}"),
        });
        parts.join("-")
    }
}

fn vary<'a, T: Eq + Hash + 'a>(parts: &'a [Part], list: fn(&'a Part) -> &'a Vec<T>) -> bool {
    let values: HashSet<&T> = parts.iter().flat_map(list).collect();
    values.len() > 1
}
