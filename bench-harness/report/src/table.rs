//! Tables as values, before they become text, Markdown or HTML: the same columns everywhere.

mod trials;
mod wire;

use busbench_results::comparison::ComparedFigure;
use busbench_results::explain::{self, Explanation, Subject};
use busbench_results::{CellOutcome, Guarantee, Load, ReasonKind, Row, Verdict};

use crate::differences;
use crate::format;
use crate::view::{CellView, Group, View};

pub(crate) use trials::{TrialRows, counts_apart, detailed, every_trial};
pub(crate) use wire::whole_bytes;

/// Where a figure would be and none applies.
pub(crate) const NONE: &str = "–";

/// What is said of one group.
pub(crate) struct Ranking {
    /// Load and guarantee.
    pub(crate) title: String,
    pub(crate) guarantee: Option<Guarantee>,
    pub(crate) conditions: String,
    /// Which buses are not here, and why.
    pub(crate) missing: Option<String>,
    pub(crate) figures: Table,
    /// Each ranked cell beside the best; `None` where there are no two cells of servers.
    pub(crate) differences: Option<Table>,
}

/// Rows under heads.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Line>,
}

/// A column's head.
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) is_number: bool,
    /// Name of the figure for `busbench explain`.
    pub(crate) explained_as: Option<&'static str>,
}

/// A row of text.
pub(crate) struct Line {
    /// Whose colour it has; empty for none.
    pub(crate) bus: String,
    pub(crate) tone: Tone,
    pub(crate) cells: Vec<String>,
}

/// How much a row can be trusted, from the most to the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    /// Nothing to add.
    Plain,
    /// No server: what none can beat.
    Floor,
    /// Lossy, saturated or suspect.
    Doubtful,
    /// No valid trial.
    Void,
}

type Text = Box<dyn Fn(&CellView<'_>) -> Option<String>>;

/// A column and how a cell fills it.
struct Field {
    column: Column,
    text: Text,
    /// Whether the column says something; it is left out where it does for no cell.
    tells: Box<dyn Fn(&CellView<'_>) -> bool>,
}

/// What is said of each group of cells of a load.
pub(crate) fn rankings(view: &View<'_>, load: Load) -> Vec<Ranking> {
    let groups = view.groups(load);
    groups.iter().map(|group| ranking(view, group)).collect()
}

/// What is said of one group.
pub(crate) fn ranking(view: &View<'_>, group: &Group<'_, '_>) -> Ranking {
    Ranking {
        title: title(group),
        guarantee: group.guarantee,
        conditions: group.conditions(),
        missing: group.missing(),
        figures: figures(group),
        differences: differences(view, group),
    }
}

/// Load and guarantee of a group.
pub(crate) fn title(group: &Group<'_, '_>) -> String {
    let load = match group.load {
        Load::Closed => "Throughput under closed load",
        Load::Open => "Response time under open load",
    };
    format!("{load}: {}", group.promise())
}

/// Why cells are not simply valid: which, and the reasons.
pub(crate) fn notes(view: &View<'_>) -> Vec<(String, String)> {
    told_once(
        view.cells
            .iter()
            .filter(|cell| !cell.trials.is_empty() && !cell.row.reasons.is_empty())
            .map(|cell| (cell, format!("{}: {}", cell.state(), cell.row.reasons))),
    )
}

/// The reasons that trials of the run have, each once, with what it means.
pub(crate) fn reasons(view: &View<'_>) -> Vec<&'static Explanation> {
    let trials = || view.cells.iter().flat_map(|cell| cell.trials);
    ReasonKind::ALL
        .into_iter()
        .filter(|kind| {
            trials().any(|trial| trial.reasons.iter().any(|reason| reason.kind == *kind))
        })
        .filter_map(|kind| explain::of(Subject::Reason, kind.name()))
        .collect()
}

/// What both halves of a guarantee mean.
pub(crate) fn meaning_of(guarantee: Guarantee) -> Option<String> {
    let ack = explain::of(Subject::PublishAck, guarantee.publish_ack.name())?;
    let delivery = explain::of(Subject::Delivery, guarantee.delivery.name())?;
    Some(format!("{} {}", ack.meaning, delivery.meaning))
}

/// Cells without a finished trial: which, and why.
pub(crate) fn unmeasured(view: &View<'_>) -> Vec<(String, String)> {
    told_once(view.unmeasured().map(|cell| {
        let why = match (cell.row.outcome, cell.row.reasons.as_str()) {
            (CellOutcome::NotPossible, reasons) => format!("not possible: {reasons}"),
            _ => "not run".to_owned(),
        };
        (cell, why)
    }))
}

/// Names each cell with its loads; what is true of several loads, or of several cells, is said once.
fn told_once<'v, 'a: 'v>(
    entries: impl Iterator<Item = (&'v CellView<'a>, String)>,
) -> Vec<(String, String)> {
    let mut cells: Vec<(&str, Vec<&str>, String)> = Vec::new();
    for (cell, why) in entries {
        let load = cell.row.load.name();
        match cells
            .iter_mut()
            .find(|(label, _, known)| *label == cell.label && *known == why)
        {
            Some((_, loads, _)) if loads.contains(&load) => {}
            Some((_, loads, _)) => loads.push(load),
            None => cells.push((&cell.label, vec![load], why)),
        }
    }
    let mut told: Vec<(Vec<&str>, Vec<&str>, String)> = Vec::new();
    for (label, loads, why) in cells {
        match told
            .iter_mut()
            .find(|(_, known_loads, known)| *known_loads == loads && *known == why)
        {
            Some((labels, ..)) => labels.push(label),
            None => told.push((vec![label], loads, why)),
        }
    }
    told.into_iter()
        .map(|(labels, loads, why)| {
            let subject = format!("{}, {} load", labels.join(", "), loads.join(" and "));
            (subject, why)
        })
        .collect()
}

fn figures(group: &Group<'_, '_>) -> Table {
    let fields: Vec<Field> = match group.load {
        Load::Closed => closed_fields(),
        Load::Open => open_fields(),
    }
    .into_iter()
    .filter(|field| group.cells().any(|cell| (field.tells)(cell)))
    .collect();
    let rows = group
        .cells()
        .map(|cell| Line {
            bus: cell.row.bus.clone(),
            tone: tone(cell),
            cells: fields
                .iter()
                .map(|field| (field.text)(cell).unwrap_or_else(|| NONE.to_owned()))
                .collect(),
        })
        .collect();
    Table {
        title: title(group),
        columns: fields.into_iter().map(|field| field.column).collect(),
        rows,
    }
}

fn differences(view: &View<'_>, group: &Group<'_, '_>) -> Option<Table> {
    let headlines = ComparedFigure::headlines(group.load);
    let mut columns = vec![Column::text("bus and envelope")];
    columns.extend(headlines.iter().map(|&figure| Column {
        explained_as: Some("difference"),
        ..Column::text(differences::title(figure))
    }));
    let rows: Vec<Line> = group
        .ranked
        .iter()
        .chain(&group.unranked)
        .map(|cell| {
            let differences = headlines
                .iter()
                .map(|&figure| view.differences.against_best(figure, group, cell));
            let label = std::iter::once(cell.label.clone());
            Line {
                bus: cell.row.bus.clone(),
                tone: tone(cell),
                cells: label.chain(differences).collect(),
            }
        })
        .collect();
    (rows.len() > 1).then(|| Table {
        title: "Against the best".to_owned(),
        columns,
        rows,
    })
}

impl Column {
    pub(crate) const fn text(title: &'static str) -> Self {
        Self {
            title,
            is_number: false,
            explained_as: None,
        }
    }

    pub(crate) const fn number(title: &'static str) -> Self {
        Self {
            title,
            is_number: true,
            explained_as: None,
        }
    }
}

pub(crate) fn tone(cell: &CellView<'_>) -> Tone {
    if cell.pooled.is_empty() {
        return Tone::Void;
    }
    if cell.is_floor() {
        return Tone::Floor;
    }
    match (cell.row.outcome, cell.row.verdict) {
        (CellOutcome::Delivered, Some(Verdict::Valid)) if !cell.is_lossy() => Tone::Plain,
        _ => Tone::Doubtful,
    }
}

fn closed_fields() -> Vec<Field> {
    let mut fields = vec![
        always("bus and envelope", None, |cell| Some(label(cell))),
        always("delivered/s", Some("delivered-rate"), delivered),
        always("95 % interval", Some("interval"), interval),
    ];
    fields.extend(count_fields());
    fields.extend(ending_fields());
    fields
}

/// Loss and saturation take the headline away: percentiles of what arrived say nothing of what did not.
fn open_fields() -> Vec<Field> {
    let mut fields = vec![
        always("bus and envelope", None, |cell| Some(label(cell))),
        always("achieved", Some("achieved"), |cell| {
            cell.achieved_share().map(format::percent_reached)
        }),
        response("p50 µs", |row| row.response_p50_ns),
        response("p99 µs", |row| row.response_p99_ns),
        response("p99.9 µs", |row| row.response_p99_9_ns),
        response("max µs", |row| row.response_max_ns),
    ];
    fields.extend(count_fields());
    fields.extend(ending_fields());
    fields
}

fn count_fields() -> Vec<Field> {
    vec![
        always("lost", Some("lost"), lost),
        where_counted("twice", "duplicated", |row| row.duplicated),
        where_counted("reordered", "reordered", |row| row.reordered),
        where_counted("corrupt", "corrupt", |row| row.corrupt),
        where_counted("foreign", "foreign", |row| row.foreign),
    ]
}

fn ending_fields() -> Vec<Field> {
    let used = |cell: &CellView<'_>| cell.row.server_cpu_limit_used_share;
    vec![
        Field {
            text: Box::new(move |cell| used(cell).map(format::percent)),
            tells: Box::new(move |cell| used(cell).is_some()),
            ..always("CPU limit used", Some("cpu-limit-used"), |_| None)
        },
        judged("limited by", "limited-by", |cell| {
            cell.row.limited_by.map(|limit| limit.name().to_owned())
        }),
        judged("outcome", "outcome", |cell| {
            Some(cell.row.outcome.name().to_owned())
        }),
        Field {
            tells: Box::new(|cell| cell.row.verdict != Some(Verdict::Valid)),
            ..judged("verdict", "verdict", |cell| {
                cell.row.verdict.map(|verdict| verdict.name().to_owned())
            })
        },
    ]
}

/// A column of numbers, or of labels where nothing explains it.
fn always(
    title: &'static str,
    explained_as: Option<&'static str>,
    text: fn(&CellView<'_>) -> Option<String>,
) -> Field {
    Field {
        column: Column {
            title,
            is_number: explained_as.is_some(),
            explained_as,
        },
        text: Box::new(text),
        tells: Box::new(|_| true),
    }
}

fn judged(
    title: &'static str,
    explained_as: &'static str,
    text: fn(&CellView<'_>) -> Option<String>,
) -> Field {
    let mut field = always(title, Some(explained_as), text);
    field.column.is_number = false;
    field
}

fn response(title: &'static str, of: fn(&Row) -> Option<u64>) -> Field {
    Field {
        text: Box::new(move |cell| {
            let nanoseconds = of(&cell.row).filter(|_| cell.not_ranked().is_none())?;
            Some(format::microseconds(nanoseconds))
        }),
        ..always(title, Some("response"), |_| None)
    }
}

/// A count that is 0 in a good run: its column is shown when it is not.
fn where_counted(
    title: &'static str,
    explained_as: &'static str,
    of: fn(&Row) -> Option<u64>,
) -> Field {
    Field {
        text: Box::new(move |cell| of(&cell.row).map(format::count)),
        tells: Box::new(move |cell| of(&cell.row).is_some_and(|count| count > 0)),
        ..always(title, Some(explained_as), |_| None)
    }
}

/// What is not in the ranking says so.
fn label(cell: &CellView<'_>) -> String {
    let label = &cell.label;
    match cell.not_ranked() {
        _ if cell.is_floor() => format!("{label} (floor)"),
        Some(_) => format!("{label} (not ranked)"),
        None => label.clone(),
    }
}

fn delivered(cell: &CellView<'_>) -> Option<String> {
    cell.rate()
}

fn interval(cell: &CellView<'_>) -> Option<String> {
    let low = cell.row.delivered_per_second_low?;
    let high = cell.row.delivered_per_second_high?;
    Some(format!(
        "{} – {}",
        format::significant(low),
        format::significant(high)
    ))
}

fn lost(cell: &CellView<'_>) -> Option<String> {
    let lost = cell.row.lost?;
    match cell.lost_share() {
        Some(share) if lost > 0 => Some(format!(
            "{} ({})",
            format::count(lost),
            format::percent(share)
        )),
        _ => Some(format::count(lost)),
    }
}
