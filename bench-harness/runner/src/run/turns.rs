//! The turns of a plan: their order, which of them share a server, and what tells them apart.

use std::time::Duration;

use busbench_brokers::{Limit, Provider, Tuning};
use busbench_buses::BusKind;
use busbench_results::ServerSpan;

use sha2::{Digest, Sha256};

use crate::order::{Turn, grouped, interleaved};
use crate::plan::{Plan, PlannedCell};

/// The turns of a plan in their order.
pub(super) fn turns(plan: &Plan) -> Vec<Turn> {
    let possible: Vec<usize> = (0..plan.cells.len())
        .filter(|&cell| plan.cells[cell].not_possible.is_none())
        .collect();
    match plan.servers {
        ServerSpan::Trial => interleaved(possible.len(), plan.trials, plan.seed)
            .into_iter()
            .map(|turn| Turn {
                cell: possible[turn.cell],
                ..turn
            })
            .collect(),
        ServerSpan::Round => grouped(&groups(plan, &possible), plan.trials, plan.seed),
    }
}

fn groups(plan: &Plan, cells: &[usize]) -> Vec<Vec<usize>> {
    let mut groups: Vec<((BusKind, Tuning, Limit), Vec<usize>)> = Vec::new();
    for &cell in cells {
        let own = plan.cells[cell].server_group();
        match groups.iter_mut().find(|(group, _)| *group == own) {
            Some((_, members)) => members.push(cell),
            None => groups.push((own, vec![cell])),
        }
    }
    groups.into_iter().map(|(_, cells)| cells).collect()
}

/// Whether two turns that follow each other are on one server.
pub(super) fn share_server(plan: &Plan, one: Turn, next: Turn) -> bool {
    let group = |turn: Turn| plan.cells[turn.cell].server_group();
    plan.servers == ServerSpan::Round && one.trial == next.trial && group(one) == group(next)
}

/// Estimated time of each of some turns, in which each follows the one before it.
pub(super) fn times(plan: &Plan, turns: &[Turn], provider: Provider) -> Vec<Duration> {
    let mut before = None;
    let time = |&turn: &Turn| {
        let cell: &PlannedCell = &plan.cells[turn.cell];
        let shares = before
            .replace(turn)
            .is_some_and(|before| share_server(plan, before, turn));
        let start = if shares {
            Duration::ZERO
        } else {
            Plan::start_time(cell, provider)
        };
        plan.trial_time(cell, provider) + start
    };
    turns.iter().map(time).collect()
}

/// A number that another run most likely does not have.
pub(super) fn session(run: &str) -> u32 {
    let digest = Sha256::digest(run);
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// 8 bits that differ between trials which follow each other, for 255 of them, and start elsewhere
/// in each run: never 0, which an unset stamp would carry.
pub(super) fn epoch(session: u32, turn: Turn) -> u8 {
    let number = turn.place + session as usize % 255;
    u8::try_from(number % 255 + 1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::Scenario;

    const TEXT: &str = r#"
        question = "Who shares a server?"
        seed = 2
        trials = 3
        servers = "round"

        [matrix]
        bus = ["nats-core", "mqtt3", "mqtt5"]
        envelope = ["native", "json"]
        payload = ["1xInt32"]
        tuning = ["default", "tuned"]

        [load.open]
        rate = [100, 200]

        [phases]
        warmup = "100ms"
        window = "1s"
    "#;

    fn plan(text: &str) -> Plan {
        let scenario = Scenario::parse(Path::new("test.toml"), text).unwrap();
        Plan::new(&scenario).unwrap()
    }

    fn starts(plan: &Plan) -> usize {
        let turns = turns(plan);
        let shared = turns
            .windows(2)
            .filter(|pair| share_server(plan, pair[0], pair[1]));
        turns.len() - shared.count()
    }

    #[test]
    fn trials_of_one_bus_and_tuning_share_a_server_within_their_round() {
        // 3 buses in 2 tunings, and 2 floors, which have no server to share.
        assert_eq!(starts(&plan(TEXT)), 3 * (3 * 2 + 2));
        let each = plan(&TEXT.replace("\"round\"", "\"trial\""));
        assert_eq!(starts(&each), turns(&each).len());
    }

    #[test]
    fn turns_have_the_places_of_their_order_and_possible_cells_only() {
        for text in [TEXT, &TEXT.replace("\"round\"", "\"trial\"")] {
            let plan = plan(text);
            let turns = turns(&plan);
            assert_eq!(turns.len(), 3 * plan.possible().count());
            assert!(
                turns
                    .iter()
                    .zip(0..)
                    .all(|(turn, place)| turn.place == place)
            );
            let is_possible = |turn: &Turn| plan.cells[turn.cell].not_possible.is_none();
            assert!(turns.iter().all(is_possible));
        }
    }

    #[test]
    fn the_times_of_all_turns_are_what_the_plan_estimates() {
        for text in [TEXT, &TEXT.replace("\"round\"", "\"trial\"")] {
            let plan = plan(text);
            for provider in [Provider::Process, Provider::Container, Provider::External] {
                let times = times(&plan, &turns(&plan), provider);
                let all: Duration = times.iter().sum();
                assert_eq!(all, plan.estimate(provider).time, "{provider}");
            }
        }
    }

    #[test]
    fn epochs_of_trials_that_follow_each_other_differ() {
        for session in [0, 254, u32::MAX] {
            let epoch = |place| {
                let (cell, trial) = (place % 7, 1);
                epoch(session, Turn { cell, trial, place })
            };
            for from in [0, 200, 100_000] {
                let epochs: BTreeSet<u8> = (from..from + 255).map(epoch).collect();
                assert_eq!(epochs.len(), 255);
                assert!(!epochs.contains(&0));
            }
        }
    }
}
