//! Every condition of an answer in one row.

use busbench_results::answers::{Condition, Standing};

use super::Context;
use super::words::{name, value};
use crate::table::{Column, Line, NONE, Table, Tone};

/// The conditions in their order.
pub(super) fn by_condition(context: &Context<'_, '_>) -> Table {
    let explained = |title, name| Column {
        explained_as: Some(name),
        ..Column::text(title)
    };
    let columns = vec![
        Column::text("favoured"),
        Column::text("figure"),
        Column::text("under"),
        explained("guarantee", "guarantee"),
        explained("others", "difference"),
        Column::text("no verdict for"),
    ];
    Table {
        title: "By condition".to_owned(),
        columns,
        rows: context
            .answer
            .conditions
            .iter()
            .map(|condition| line(context, condition))
            .collect(),
    }
}

fn line(context: &Context<'_, '_>, condition: &Condition) -> Line {
    let leader = condition
        .leader
        .map(|leader| context.row(condition.run, leader));
    let figure = leader.map_or_else(
        || name(condition.figure).to_owned(),
        |row| {
            format!(
                "{} {}",
                name(condition.figure),
                value(condition.figure, row)
            )
        },
    );
    let others = context.others(condition);
    Line {
        bus: leader
            .filter(|_| names_its_leader(condition))
            .map_or_else(String::new, |row| row.bus.clone()),
        tone: match condition.standing {
            Standing::Judged | Standing::Alone => Tone::Plain,
            Standing::Hint | Standing::Undecided => Tone::Doubtful,
            Standing::Nothing => Tone::Void,
        },
        cells: vec![
            favoured(context, condition),
            figure,
            context.situation(condition),
            context.guarantee(condition),
            if others.is_empty() {
                NONE.to_owned()
            } else {
                others.join("; ")
            },
            context.no_verdict(condition),
        ],
    }
}

/// Whether the first column is about one bus before all.
fn names_its_leader(condition: &Condition) -> bool {
    match condition.standing {
        Standing::Judged => !condition.worse.is_empty(),
        Standing::Alone => true,
        Standing::Hint | Standing::Undecided | Standing::Nothing => false,
    }
}

fn favoured(context: &Context<'_, '_>, condition: &Condition) -> String {
    let label = |cell| context.label(condition.run, cell);
    let leader = condition.leader.map(label).unwrap_or_default();
    match condition.standing {
        Standing::Judged if condition.worse.is_empty() => "no measurable difference".to_owned(),
        Standing::Judged => {
            let favoured: Vec<&str> = condition.favoured().map(label).collect();
            favoured.join(", ")
        }
        Standing::Undecided => format!("no verdict; best of the valid: {leader}"),
        Standing::Hint => format!("too few trials; seen: {leader}"),
        Standing::Alone => format!("{leader} alone"),
        Standing::Nothing => "no verdict".to_owned(),
    }
}
