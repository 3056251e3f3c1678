//! Groups of cells that may stand in one ranking: one guarantee, the same conditions.

use std::collections::{BTreeMap, BTreeSet};

use busbench_results::comparison::{Better, ComparedFigure, conditions_that_differ};
use busbench_results::{Guarantee, Load, PublishAck, Row};

use super::{CellView, View, same_but_own_settings};
use crate::format;

/// Cells of one load and one guarantee that differ in bus and envelope, beside the floors of the same
/// conditions.
pub(crate) struct Group<'v, 'a> {
    pub(crate) load: Load,
    /// Publish ack / delivery; `None` where it is not known, and where only floors were measured.
    pub(crate) guarantee: Option<Guarantee>,
    /// With a headline, the best first.
    pub(crate) ranked: Vec<&'v CellView<'a>>,
    /// Without: lossy, saturated, failed. In the plan's order.
    pub(crate) unranked: Vec<&'v CellView<'a>>,
    /// What no server can beat.
    pub(crate) floors: Vec<&'v CellView<'a>>,
    /// What buses of the run promise that have no cell here, and which.
    pub(crate) elsewhere: Vec<(String, Vec<String>)>,
}

/// Members of a group before they are ranked, in the plan's order.
type Members<'v, 'a> = Vec<&'v CellView<'a>>;

impl<'a> View<'a> {
    /// Groups of cells of a load of which a trial has finished, in the plan's order.
    pub(crate) fn groups(&self, load: Load) -> Vec<Group<'_, 'a>> {
        let measured = || {
            self.cells
                .iter()
                .filter(move |cell| cell.row.load == load && !cell.trials.is_empty())
        };
        let mut groups: Vec<Members<'_, 'a>> = Vec::new();
        // With thousands of cells not each is compared with each.
        let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for cell in measured().filter(|cell| !cell.is_floor()) {
            let places = alike
                .entry((&cell.row.guarantee, fingerprint(&cell.row)))
                .or_default();
            let belongs = |place: &&usize| {
                groups[**place]
                    .iter()
                    .all(|member| same_group(&member.row, &cell.row))
            };
            if let Some(place) = places.iter().find(belongs) {
                groups[*place].push(cell);
            } else {
                places.push(groups.len());
                groups.push(vec![cell]);
            }
        }
        let floors: Members<'_, 'a> = self
            .cells
            .iter()
            .filter(|cell| cell.is_floor() && !cell.trials.is_empty())
            .collect();
        // The first cell of each bus and guarantee tells what the others do.
        let mut promises = BTreeSet::new();
        let promising: Members<'_, 'a> = measured()
            .filter(|cell| !cell.is_floor())
            .filter(|cell| promises.insert((&cell.row.bus, &cell.row.guarantee)))
            .collect();
        let mut groups: Vec<Group<'_, 'a>> = groups
            .into_iter()
            .map(|members| group(load, &members, &floors, &promising))
            .collect();
        // Floors of conditions that no server has were measured all the same.
        let left: Members<'_, 'a> = measured()
            .filter(|cell| cell.is_floor())
            .filter(|cell| !groups.iter().any(|group| group.has_floor(cell)))
            .collect();
        if !left.is_empty() {
            groups.push(Group {
                load,
                guarantee: None,
                ranked: Vec::new(),
                unranked: Vec::new(),
                floors: left,
                elsewhere: Vec::new(),
            });
        }
        groups
    }
}

fn group<'v, 'a>(
    load: Load,
    members: &[&'v CellView<'a>],
    floors: &[&'v CellView<'a>],
    promising: &[&CellView<'a>],
) -> Group<'v, 'a> {
    let (mut ranked, unranked): (Members<'v, 'a>, Members<'v, 'a>) =
        members.iter().partition(|cell| cell.not_ranked().is_none());
    if let Some(figure) = order(load) {
        ranked.sort_by(|one, other| {
            let [one, other] = [one, other].map(|cell| figure.of_row(&cell.row));
            // Nothing is worse than no figure.
            let [one, other] = match figure.better() {
                Better::Higher => [other, one].map(|value| value.unwrap_or(f64::MIN)),
                Better::Lower => [one, other].map(|value| value.unwrap_or(f64::MAX)),
            };
            one.total_cmp(&other)
        });
    }
    let floors = floors_of(floors, &members[0].row);
    Group {
        load,
        guarantee: members[0].guarantee,
        elsewhere: elsewhere(promising, members),
        ranked,
        unranked,
        floors,
    }
}

/// Floors under the conditions of `row`. They have neither guarantee nor limits nor settings of a
/// server, and are measured with one layout and one way of publishing; where that layout makes
/// for another window, the nearest stands in.
fn floors_of<'v, 'a>(floors: &[&'v CellView<'a>], row: &Row) -> Members<'v, 'a> {
    let candidates: Members<'v, 'a> = floors
        .iter()
        .copied()
        .filter(|cell| same_for_floor(&cell.row, row, &[]))
        .collect();
    let distance = |cell: &CellView<'_>| match (cell.row.window, row.window) {
        (Some(one), Some(other)) => one.abs_diff(other),
        _ => 0,
    };
    let is_nearest = |cell: &CellView<'_>| {
        candidates
            .iter()
            .filter(|other| same_layout(&other.row, &cell.row))
            .all(|other| distance(cell) <= distance(other))
    };
    candidates
        .iter()
        .copied()
        .filter(|cell| is_nearest(cell))
        .collect()
}

/// Buses that were measured under this load and not with this guarantee, by what they promise
/// instead.
fn elsewhere(promising: &[&CellView<'_>], members: &[&CellView<'_>]) -> Vec<(String, Vec<String>)> {
    let own = &members[0].row.guarantee;
    let mut elsewhere: Vec<(String, Vec<String>)> = Vec::new();
    for cell in promising {
        let row = &cell.row;
        if members.iter().any(|member| member.row.bus == row.bus) {
            continue;
        }
        let Some(guarantee) = row.guarantee.as_ref().filter(|_| row.guarantee != *own) else {
            continue;
        };
        match elsewhere.iter_mut().find(|(known, _)| known == guarantee) {
            Some((_, buses)) if buses.contains(&row.bus) => {}
            Some((_, buses)) => buses.push(row.bus.clone()),
            None => elsewhere.push((guarantee.clone(), vec![row.bus.clone()])),
        }
    }
    elsewhere
}

/// By what a ranking is ordered: the delivered rate, or the 99th percentile of the response time.
fn order(load: Load) -> Option<ComparedFigure> {
    ComparedFigure::headlines(load).last().copied()
}

/// The same conditions, those settings included that both have, and one guarantee. Where that is not
/// known, only one bus with the same settings promises the same.
fn same_group(one: &Row, other: &Row) -> bool {
    same_promise(one, other) && conditions_that_differ(one, other).is_empty()
}

pub(super) fn same_promise(one: &Row, other: &Row) -> bool {
    match (&one.guarantee, &other.guarantee) {
        (Some(one), Some(other)) => one == other,
        (None, None) => {
            (&one.bus, one.qos, &one.storage, &one.sync)
                == (&other.bus, other.qos, &other.storage, &other.sync)
        }
        _ => false,
    }
}

/// Whether a floor stands beside a row: `besides` the conditions of a server, these may differ.
pub(super) fn same_for_floor(floor: &Row, row: &Row, besides: &[&str]) -> bool {
    const OF_A_SERVER: [&str; 9] = [
        "network_path",
        "tuning",
        "publish",
        "window",
        "payload_bytes",
        "ack_window",
        "retention",
        "servers",
        "limit",
    ];
    conditions_that_differ(floor, row)
        .iter()
        .all(|condition| OF_A_SERVER.contains(condition) || besides.contains(condition))
}

fn same_layout(one: &Row, other: &Row) -> bool {
    (&one.bus, &one.envelope, &one.publish) == (&other.bus, &other.envelope, &other.publish)
}

impl<'v, 'a> Group<'v, 'a> {
    /// Every cell of the group: ranked ones first, floors last.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &'v CellView<'a>> {
        let servers = self.ranked.iter().chain(&self.unranked);
        servers.chain(&self.floors).copied()
    }

    /// How many buses of servers are in it.
    pub(crate) fn buses(&self) -> usize {
        let servers = self.ranked.iter().chain(&self.unranked);
        let buses: BTreeSet<&str> = servers.map(|cell| cell.row.bus.as_str()).collect();
        buses.len()
    }

    fn has_floor(&self, floor: &CellView<'_>) -> bool {
        self.floors.iter().any(|own| own.place == floor.place)
    }

    /// The guarantee, in words where there is none to name.
    pub(crate) fn promise(&self) -> String {
        match &self.guarantee {
            Some(guarantee) => format!("guarantee {guarantee}"),
            None if self.ranked.is_empty() && self.unranked.is_empty() => "no server".to_owned(),
            None => "guarantee not known".to_owned(),
        }
    }

    /// What tells it from others of its guarantee, as far as it fits into a title.
    pub(crate) fn in_short(&self) -> String {
        let row = self.cells().next().map(|cell| &cell.row);
        row.map_or_else(String::new, |row| {
            let rate = row.offered_per_second.map_or_else(String::new, |rate| {
                format!(", {}/s", format::significant(rate))
            });
            let (payload, depth, publish) = (&row.payload, &row.depth, &row.publish);
            let limit =
                format::limit(&row.limit).map_or_else(String::new, |limit| format!(", {limit}"));
            format!("{payload} at depth {depth}, publish {publish}{rate}{limit}")
        })
    }

    /// Which buses of the run are not here, and what they promise.
    pub(crate) fn missing(&self) -> Option<String> {
        let others: Vec<String> = self
            .elsewhere
            .iter()
            .map(|(guarantee, buses)| format!("{} ({guarantee})", buses.join(", ")))
            .collect();
        (!others.is_empty()).then(|| format!("Not in this group: {}.", others.join("; ")))
    }

    /// What all cells of the group have in common, as a line.
    pub(crate) fn conditions(&self) -> String {
        let Some(row) = self.cells().next().map(|cell| &cell.row) else {
            return String::new();
        };
        let mut parts = vec![payload(row)];
        parts.extend(offering(row));
        let servers = || self.ranked.iter().chain(&self.unranked);
        let acknowledged = self
            .guarantee
            .is_none_or(|guarantee| guarantee.publish_ack != PublishAck::None);
        let unacked = servers().find_map(|cell| cell.row.ack_window);
        if let Some(unacked) = unacked.filter(|_| acknowledged) {
            parts.push(format!("{} unacked", format::count(unacked.into())));
        }
        if let Some(kept) = servers().find_map(|cell| cell.row.retention.as_ref()) {
            parts.push(format!("keeps {kept}"));
        }
        parts.push(format!("depth {}, client {}", row.depth, row.client));
        parts.push(format!("{} tuning", row.tuning));
        // A floor alone has no server that could have one.
        parts.extend(servers().find_map(|cell| format::limit(&cell.row.limit)));
        if row.emulated {
            parts.push("emulated".to_owned());
        }
        if servers().any(|cell| cell.row.servers.as_deref() == Some("round")) {
            parts.push("one server for a bus and round".to_owned());
        }
        let mut qos: Vec<u8> = self.cells().filter_map(|cell| cell.row.qos).collect();
        qos.sort_unstable();
        qos.dedup();
        if let [qos] = qos.as_slice() {
            parts.push(format!("MQTT QoS {qos}"));
        }
        parts.join(" · ")
    }
}

/// What a cell's messages carry.
pub(super) fn payload(row: &Row) -> String {
    let (name, size) = (&row.payload, format::bytes(row.payload_bytes));
    format!("payload {name} ({size})")
}

/// How a cell's messages are offered, and by how many clients.
pub(crate) fn offering(row: &Row) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(offered) = row.offered_per_second {
        let arrivals = row.arrivals.as_deref().unwrap_or("even");
        let offered = format::significant(offered);
        parts.push(format!("{offered} msg/s offered ({arrivals})"));
    }
    if let Some(window) = row.window {
        parts.push(format!("window of {} messages", format::count(window)));
    }
    parts.push(format!(
        "{}, {}",
        plural(row.publishers, "publisher"),
        plural(row.subscribers, "subscriber")
    ));
    parts.push(format!(
        "publish {}, subscribe {}",
        row.publish, row.subscribe
    ));
    parts
}

fn plural(number: u32, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// Conditions, as far as they vary within a run: what differs in one of these differs in conditions.
fn fingerprint(row: &Row) -> impl Ord {
    (
        (row.load, row.offered_per_second.map(f64::to_bits)),
        (&row.payload, row.payload_bytes, &row.depth),
        (row.window, row.publishers, row.subscribers),
        (&row.publish, &row.subscribe, &row.workload),
        (&row.tuning, &row.limit),
    )
}

/// A label for each row, by which it is told from the others of its group.
pub(super) fn labels(rows: &[Row]) -> Vec<String> {
    let mut alike: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let key = (&row.bus, fingerprint(row));
        alike.entry(key).or_default().push(row);
    }
    rows.iter()
        .map(|row| {
            let others = alike.get(&(&row.bus, fingerprint(row)));
            label(row, others.map_or(&[], Vec::as_slice))
        })
        .collect()
}

/// Bus and envelope, and those of the bus's own settings that vary under the same conditions.
fn label(row: &Row, rows: &[&Row]) -> String {
    type Setting = fn(&Row) -> Option<String>;
    let settings: [Setting; 5] = [
        |row| row.qos.map(|qos| format!("QoS {qos}")),
        |row| row.ack_window.map(|window| format!("{window} unacked")),
        |row| row.storage.clone(),
        |row| row.sync.as_ref().map(|sync| format!("sync {sync}")),
        |row| {
            let kept = row.retention.as_ref()?;
            Some(format!("keeps {kept}"))
        },
    ];
    let mut parts = vec![row.bus.clone(), row.envelope.clone()];
    for setting in settings {
        let own = setting(row);
        let varies = rows
            .iter()
            .filter(|other| same_but_own_settings(row, other))
            .any(|other| setting(other) != own);
        parts.extend(own.filter(|_| varies));
    }
    parts.join(" ")
}
