//! Which of many shared cells are shown.

use std::collections::BTreeSet;

use crate::view::CellView;

/// The same cell of several runs, with the numbers of the runs.
type Members<'v, 'a> = Vec<(usize, &'v CellView<'a>)>;

/// At most so many cells: of each bus in its turn the next, floors behind all servers; then in the
/// plan's order.
pub(super) fn chosen<'v, 'a>(cells: Vec<Members<'v, 'a>>, most: usize) -> Vec<Members<'v, 'a>> {
    let mut turns: Vec<(&str, usize)> = Vec::new();
    let mut order: Vec<(bool, usize, usize)> = Vec::new();
    for (index, members) in cells.iter().enumerate() {
        let (_, cell) = members[0];
        let bus = cell.row.bus.as_str();
        let turn = if let Some((_, turn)) = turns.iter_mut().find(|(known, _)| *known == bus) {
            *turn += 1;
            *turn
        } else {
            turns.push((bus, 0));
            0
        };
        order.push((cell.is_floor(), turn, index));
    }
    order.sort_unstable();
    let taken: BTreeSet<usize> = order
        .into_iter()
        .take(most)
        .map(|(_, _, index)| index)
        .collect();
    let (mut servers, floors): (Vec<_>, Vec<_>) = cells
        .into_iter()
        .enumerate()
        .filter(|(index, _)| taken.contains(index))
        .map(|(_, members)| members)
        .partition(|members| !members[0].1.is_floor());
    servers.extend(floors);
    servers
}
