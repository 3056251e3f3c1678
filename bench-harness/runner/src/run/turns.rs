//! The turns of a plan: their order, which of them share a server, and what tells them apart.

use std::time::Duration;

use busbench_brokers::{Provider, Tuning};
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
    let mut groups: Vec<((BusKind, Tuning), Vec<usize>)> = Vec::new();
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
