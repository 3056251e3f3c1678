//! What groups say together that differ in their conditions only.

use super::Evidence;
use super::condition::{Condition, Standing};
use super::contender::is_same;
use crate::{Row, sets_of_alike};

/// Groups of one run, figure, guarantee and way of publishing.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Places of the groups in the answer.
    pub conditions: Vec<usize>,
    /// What they favour.
    pub favour: Favour,
}

/// What a series favours. Cells are those of the first group that has them, and stand for their bus
/// with its envelope and settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Favour {
    /// These: none is measurably worse than the best of any judged group in which it takes part, and
    /// each is measurably better than another somewhere.
    Favoured(Vec<usize>),
    /// None is measurably worse than the best anywhere.
    NoDifference(Vec<usize>),
    /// The groups disagree: each has its own answer.
    ByCondition,
    /// No group is judged; this is the most that one of them says.
    None(Standing),
}

/// The series of these groups, in their order.
pub(super) fn all(conditions: &[Condition], evidence: &[Evidence<'_>]) -> Vec<Series> {
    let row = |condition: &Condition| &evidence[condition.run].rows[condition.cells[0]];
    let belongs = |one: &Condition, other: &Condition| {
        let of = |row: &Row| (row.guarantee.clone(), row.publish.clone());
        (one.run, one.figure) == (other.run, other.figure) && of(row(one)) == of(row(other))
    };
    let places = 0..conditions.len();
    let alike = |&one: &usize, &other: &usize| belongs(&conditions[one], &conditions[other]);
    sets_of_alike(places, alike)
        .into_iter()
        .map(|places| {
            let members: Vec<&Condition> = places.iter().map(|&place| &conditions[place]).collect();
            let rows = evidence[members[0].run].rows;
            Series {
                favour: favour(&members, rows),
                conditions: places,
            }
        })
        .collect()
}

fn favour(members: &[&Condition], rows: &[Row]) -> Favour {
    let judged: Vec<&Condition> = members
        .iter()
        .copied()
        .filter(|condition| condition.standing == Standing::Judged)
        .collect();
    if judged.is_empty() {
        let most = members.iter().map(|condition| condition.standing).min();
        return Favour::None(most.unwrap_or(Standing::Nothing));
    }
    let is_worse = |cell: usize| {
        judged.iter().any(|condition| {
            let mut worse = condition.worse.iter();
            worse.any(|(other, _)| is_same(&rows[cell], &rows[*other]))
        })
    };
    let mut contenders: Vec<usize> = Vec::new();
    for cell in judged.iter().flat_map(|condition| condition.favoured()) {
        let is_known = |known: &usize| is_same(&rows[*known], &rows[cell]);
        if !contenders.iter().any(is_known) && !is_worse(cell) {
            contenders.push(cell);
        }
    }
    if judged.iter().all(|condition| condition.worse.is_empty()) {
        return Favour::NoDifference(contenders);
    }
    let beats_another = |cell: &usize| {
        judged.iter().any(|condition| {
            let mut favoured = condition.favoured();
            !condition.worse.is_empty() && favoured.any(|other| is_same(&rows[*cell], &rows[other]))
        })
    };
    contenders.retain(beats_another);
    if contenders.is_empty() {
        Favour::ByCondition
    } else {
        Favour::Favoured(contenders)
    }
}
