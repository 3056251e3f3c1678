//! What belongs together among things in an order.

/// Sets of what is alike. Sets stand in the order of their first members, and each thing is held
/// against the first member of a set.
pub fn sets_of_alike<T>(
    things: impl IntoIterator<Item = T>,
    alike: impl Fn(&T, &T) -> bool,
) -> Vec<Vec<T>> {
    let mut sets: Vec<Vec<T>> = Vec::new();
    for thing in things {
        match sets.iter_mut().find(|set| alike(&set[0], &thing)) {
            Some(set) => set.push(thing),
            None => sets.push(vec![thing]),
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::sets_of_alike;

    #[test]
    fn sets_and_members_keep_their_order() {
        let sets = sets_of_alike([3, 10, 5, 2, 7], |one, other| one % 2 == other % 2);
        assert_eq!(sets, [vec![3, 5, 7], vec![10, 2]]);
        assert!(sets_of_alike([0; 0], |_, _| true).is_empty());
    }
}
