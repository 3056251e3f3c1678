//! What tells cells from each other whose labels are alike.

use busbench_results::Row;

use crate::format;

type Condition = fn(&Row) -> Option<String>;

/// What a cell's label does not say.
const CONDITIONS: [Condition; 11] = [
    |row| Some(row.payload.clone()),
    |row| {
        let offered = format::significant(row.offered_per_second?);
        Some(format!("{offered}/s offered"))
    },
    |row| row.arrivals.clone(),
    |row| Some(format!("window {}", format::count(row.window?))),
    |row| Some(numbered(row.publishers, "publisher")),
    |row| Some(numbered(row.subscribers, "subscriber")),
    |row| Some(format!("depth {}", row.depth)),
    |row| Some(format!("publish {}", row.publish)),
    |row| Some(format!("subscribe {}", row.subscribe)),
    |row| Some(format!("{} tuning", row.tuning)),
    |row| Some(format::limit_or_none(&row.limit)),
];

fn numbered(number: u32, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// For each cell those of its conditions that are not the same for all.
pub(crate) fn varying_conditions(rows: &[&Row]) -> Vec<Vec<String>> {
    let varying: Vec<Condition> = CONDITIONS
        .into_iter()
        .filter(|condition| rows.iter().any(|row| condition(row) != condition(rows[0])))
        .collect();
    rows.iter()
        .map(|row| {
            varying
                .iter()
                .filter_map(|condition| condition(row))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use busbench_results::Row;

    use super::varying_conditions;

    #[test]
    fn only_what_varies_is_told() {
        let row = |payload: &str, publishers| Row {
            payload: payload.to_owned(),
            publishers,
            window: Some(256),
            ..Row::default()
        };
        let rows = [row("1xInt32", 1), row("64kB", 1), row("64kB", 10)];
        let rows: Vec<&Row> = rows.iter().collect();
        assert_eq!(
            varying_conditions(&rows),
            [
                ["1xInt32", "1 publisher"],
                ["64kB", "1 publisher"],
                ["64kB", "10 publishers"]
            ]
        );
        assert_eq!(varying_conditions(&rows[..1]), [Vec::<String>::new()]);
    }
}
