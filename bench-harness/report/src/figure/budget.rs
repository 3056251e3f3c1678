//! How many pictures a report has of a run, and of what.

/// Pictures of one subject in a run. A page with more of them is read by nobody.
pub(crate) const AT_MOST: usize = 12;

/// Pictures of rates over time. Each has a chart for each cell, and the cells' table draws any.
pub(super) const OVER_TIME_AT_MOST: usize = 4;

/// Cells, or lines, in one picture.
pub(super) const CELLS_AT_MOST: usize = 40;

/// Places of things with so many buses each: those with the most buses first, and the first of
/// equals.
pub(super) fn preferred(buses: &[usize]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..buses.len()).collect();
    // Sorting is stable: equals stay in their order.
    places.sort_by_key(|place| std::cmp::Reverse(buses[*place]));
    places
}

/// Places of what is shown, in their own order: those that are preferred.
pub(crate) fn chosen(buses: &[usize], at_most: usize) -> Vec<usize> {
    let mut places = preferred(buses);
    places.truncate(at_most);
    places.sort_unstable();
    places
}

/// What a reader is told where not all is shown: `what` as in `groups`.
pub(crate) fn told(shown: usize, of: usize, what: &str) -> Option<String> {
    (shown < of).then(|| {
        format!(
            "{shown} of {of} {what} are shown, those with the most buses first, then in the order of \
             the plan; every cell is in the table of cells and in cells.csv."
        )
    })
}

/// The cells that a picture has room for, and how many it leaves out.
pub(super) fn fitting<T>(cells: impl Iterator<Item = T>) -> (Vec<T>, usize) {
    let mut cells: Vec<T> = cells.collect();
    let left = cells.len().saturating_sub(CELLS_AT_MOST);
    cells.truncate(CELLS_AT_MOST);
    (cells, left)
}

/// What a caption says of cells that are left out.
pub(super) fn left_out(left: usize) -> String {
    match left {
        0 => String::new(),
        _ => format!(" {left} more are in the table of cells."),
    }
}

#[cfg(test)]
mod tests {
    use super::{chosen, fitting, told};

    #[track_caller]
    fn check(buses: &[usize], at_most: usize, expected: &[usize]) {
        assert_eq!(chosen(buses, at_most), expected, "{buses:?}");
    }

    #[test]
    fn the_most_buses_are_chosen_and_then_the_first() {
        check(&[], 2, &[]);
        check(&[1, 1], 2, &[0, 1]);
        check(&[1, 3, 2, 3], 2, &[1, 3]);
        check(&[2, 2, 2, 5], 2, &[0, 3]);
        check(&[0, 0, 0], 1, &[0]);
    }

    #[test]
    fn only_what_is_left_out_is_told() {
        assert_eq!(told(3, 3, "groups"), None);
        let said = told(12, 240, "groups").unwrap_or_default();
        assert!(said.starts_with("12 of 240 groups are shown"), "{said}");
    }

    #[test]
    fn a_picture_has_room_for_so_many_cells() {
        assert_eq!(fitting(0..3), (vec![0, 1, 2], 0));
        let (cells, left) = fitting(0..50);
        assert_eq!((cells.len(), left), (40, 10));
    }
}
