//! Which cells may be compared at all, and why others may not.

use super::figure::ComparedFigure;
use crate::{CellOutcome, FLOORS, LimitedBy, Row, Verdict};

/// A key column and whether two rows agree in it.
type Condition = (&'static str, fn(&Row, &Row) -> bool);

/// Key columns that must be equal, each with its test. Unlike them may be the bus with its server's
/// version and the envelope, as that is what is compared; `qos`, `storage` and `sync`, as the
/// guarantee is worked out from them; and the names of run and scenario.
const CONDITIONS: [Condition; 21] = [
    ("host", |one, other| one.host == other.host),
    ("arch", |one, other| one.arch == other.arch),
    ("emulated", |one, other| one.emulated == other.emulated),
    ("provider", |one, other| one.provider == other.provider),
    ("network_path", |one, other| {
        one.network_path == other.network_path
    }),
    ("tuning", |one, other| one.tuning == other.tuning),
    ("depth", |one, other| one.depth == other.depth),
    ("client", |one, other| one.client == other.client),
    ("workload", |one, other| one.workload == other.workload),
    ("load", |one, other| one.load == other.load),
    ("publish", |one, other| one.publish == other.publish),
    ("subscribe", |one, other| one.subscribe == other.subscribe),
    ("window", |one, other| one.window == other.window),
    ("payload", |one, other| one.payload == other.payload),
    ("payload_bytes", |one, other| {
        one.payload_bytes == other.payload_bytes
    }),
    ("publishers", |one, other| {
        one.publishers == other.publishers
    }),
    ("subscribers", |one, other| {
        one.subscribers == other.subscribers
    }),
    ("offered_per_second", |one, other| {
        one.offered_per_second == other.offered_per_second
    }),
    ("arrivals", |one, other| one.arrivals == other.arrivals),
    ("servers", |one, other| one.servers == other.servers),
    ("limit", |one, other| one.limit == other.limit),
];

/// Settings that only some buses have: equal where both have them.
const SHARED_SETTINGS: [Condition; 2] = [
    ("ack_window", |one, other| {
        equal_where_both(one.ack_window, other.ack_window)
    }),
    ("retention", |one, other| {
        equal_where_both(one.retention.as_ref(), other.retention.as_ref())
    }),
];

/// What a difference is laid to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The servers: floors are left out, and what client or machine limited is a lower bound.
    Servers,
    /// Two builds of anything that takes part, or two settings, with one bus: what they reached
    /// together is itself the figure, and a floor shows the harness.
    Builds,
    /// Two layouts of the envelope on one bus with one configuration: what harness and server reached
    /// together is the figure, as a layout costs both. The bytes of the payload may differ, because
    /// it is the layout that decides how an event is encoded.
    Layouts,
}

/// One of the two cells of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that is compared against.
    Base,
    /// The one that is compared.
    Head,
}

impl Side {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Base => Self::Head,
            Self::Head => Self::Base,
        }
    }

    /// The name that results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Head => "head",
        }
    }
}

/// Why two cells are not compared, or why no difference between them is claimed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotComparable {
    /// These key columns differ.
    #[error("measured under different conditions: {}", .0.join(", "))]
    Conditions(Vec<&'static str>),
    /// The buses promise different things.
    #[error("different guarantees: {base} against {head}")]
    Guarantees {
        /// What the base promises.
        base: String,
        /// What the head promises.
        head: String,
    },
    /// It is not known what a bus promises, and the buses or their settings differ.
    #[error("guarantee of the {} not known", .0.name())]
    GuaranteeUnknown(Side),
    /// There is no server in it.
    #[error("the {} is a floor of the harness", .0.name())]
    Floor(Side),
    /// What happened takes the headline away.
    #[error("outcome of the {}: {}", .0.name(), .1.name())]
    Outcome(Side, CellOutcome),
    /// No trial is left to compare.
    #[error("no valid trial of the {}", .0.name())]
    Invalid(Side),
    /// Its trials do not have the figure: not counted, or of too few samples.
    #[error("no trial of the {} has the figure", .0.name())]
    NoFigure(Side),
    /// A trial's figure is 0, and nothing is so many per cent more than that.
    #[error("a trial of the {} shows 0", .0.name())]
    Zero(Side),
    /// It appears lower, and the server did not set the limit: no argument against it.
    #[error("the {} is at least what it reached: limited by the {}", .0.name(), .1.name())]
    LimitedElsewhere(Side, LimitedBy),
    /// Neither server set the limit: what they reached says nothing of their difference.
    #[error("both are at least what they reached: limited by client or machine")]
    BothLimitedElsewhere,
}

impl NotComparable {
    /// The same of the two cells in the other order.
    pub(super) fn reversed(&self) -> Self {
        match self.clone() {
            Self::Guarantees { base, head } => Self::Guarantees {
                base: head,
                head: base,
            },
            Self::GuaranteeUnknown(side) => Self::GuaranteeUnknown(side.other()),
            Self::Floor(side) => Self::Floor(side.other()),
            Self::Outcome(side, outcome) => Self::Outcome(side.other(), outcome),
            Self::Invalid(side) => Self::Invalid(side.other()),
            Self::NoFigure(side) => Self::NoFigure(side.other()),
            Self::Zero(side) => Self::Zero(side.other()),
            Self::LimitedElsewhere(side, limit) => Self::LimitedElsewhere(side.other(), limit),
            same @ (Self::Conditions(_) | Self::BothLimitedElsewhere) => same,
        }
    }
}

/// Names of the key columns that keep two cells from being compared, guarantee left out.
#[must_use]
pub fn conditions_that_differ(base: &Row, head: &Row) -> Vec<&'static str> {
    CONDITIONS
        .iter()
        .chain(&SHARED_SETTINGS)
        .filter(|(_, equal)| !equal(base, head))
        .map(|(name, _)| *name)
        .collect()
}

/// Whether two cells belong into one ranking: the same conditions and one guarantee. Settings that
/// only some buses have are left to each pair, so that this is transitive.
pub(crate) fn same_group(one: &Row, other: &Row) -> bool {
    // From the end: cells of one run differ in the numbers there, and hardly in the names before them.
    CONDITIONS.iter().rev().all(|(_, equal)| equal(one, other)) && guarantees(one, other).is_ok()
}

/// Whether a cell shows the harness and no server: it stands beside the servers, unranked.
#[must_use]
pub fn is_floor(row: &Row) -> bool {
    FLOORS.contains(&row.bus.as_str())
}

/// Whether what the cell reached is a lower bound of what its server can do.
#[must_use]
pub fn is_at_least(row: &Row) -> bool {
    matches!(row.limited_by, Some(LimitedBy::Client | LimitedBy::Machine))
}

/// Whether two cells may be compared by this figure, as far as their rows say. `may_differ` names
/// conditions that are compared themselves.
pub(super) fn comparable(
    subject: Subject,
    may_differ: &[&str],
    figure: ComparedFigure,
    base: &Row,
    head: &Row,
) -> Result<(), NotComparable> {
    let sides = [(Side::Base, base), (Side::Head, head)];
    for (side, row) in sides {
        if subject == Subject::Servers && is_floor(row) {
            return Err(NotComparable::Floor(side));
        }
    }
    let mut differing = conditions_that_differ(base, head);
    differing.retain(|condition| !may_differ.contains(condition));
    if subject == Subject::Layouts {
        // A cell that has not run has neither network path nor guarantee yet, and says so itself.
        for (side, row) in sides {
            if let CellOutcome::NotPossible | CellOutcome::NotRun = row.outcome {
                return Err(NotComparable::Outcome(side, row.outcome));
            }
        }
        differing.retain(|condition| *condition != "payload_bytes");
        differing.extend(configurations_that_differ(base, head));
    }
    if !differing.is_empty() {
        return Err(NotComparable::Conditions(differing));
    }
    guarantees(base, head)?;
    sides
        .into_iter()
        .try_for_each(|(side, row)| stands(figure, side, row))
}

/// Loss takes every figure away but loss itself, and a trial that could not be finished takes that
/// too.
fn stands(figure: ComparedFigure, side: Side, row: &Row) -> Result<(), NotComparable> {
    if row.lost.is_some_and(|lost| lost > 0) && !figure.is_loss() {
        return Err(NotComparable::Outcome(side, CellOutcome::Lossy));
    }
    match row.outcome {
        CellOutcome::Delivered | CellOutcome::Saturated => {}
        CellOutcome::Lossy if figure.is_loss() => {}
        outcome => return Err(NotComparable::Outcome(side, outcome)),
    }
    if row.trials == 0 || row.verdict == Some(Verdict::Invalid) {
        return Err(NotComparable::Invalid(side));
    }
    Ok(())
}

/// One guarantee. Where it is not known, only one bus with the same settings promises the same.
fn guarantees(base: &Row, head: &Row) -> Result<(), NotComparable> {
    match (&base.guarantee, &head.guarantee) {
        (Some(one), Some(other)) if one == other => Ok(()),
        (Some(one), Some(other)) => Err(NotComparable::Guarantees {
            base: one.clone(),
            head: other.clone(),
        }),
        (None, None) if promising(base) == promising(head) => Ok(()),
        (None, _) => Err(NotComparable::GuaranteeUnknown(Side::Base)),
        (_, None) => Err(NotComparable::GuaranteeUnknown(Side::Head)),
    }
}

/// Names of the key columns by which the configurations of two cells of one bus differ.
fn configurations_that_differ(base: &Row, head: &Row) -> impl Iterator<Item = &'static str> {
    let columns = [
        ("bus", base.bus == head.bus),
        ("qos", base.qos == head.qos),
        ("storage", base.storage == head.storage),
        ("sync", base.sync == head.sync),
    ];
    let differing = columns.into_iter().filter(|(_, equal)| !equal);
    differing.map(|(column, _)| column)
}

/// What a guarantee is worked out from.
fn promising(row: &Row) -> impl PartialEq + use<'_> {
    (&row.bus, row.qos, &row.storage, &row.sync)
}

fn equal_where_both<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
