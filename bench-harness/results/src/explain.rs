//! What every name in a report, a result file or an export means, where its stamps are taken, and
//! what to do about it. Plain data: `busbench explain` prints it, and reports show it beside the
//! names.
//!
//! One name can have several senses: `wake-lag` is a time and a reason, `delivered` a count and an
//! outcome. So an explanation is found by its subject and its name, or all senses of a name at once.

mod claims;
mod comparisons;
mod conditions;
mod counts;
mod figures;
mod footprint;
mod guarantees;
mod judgements;
mod reasons;
mod times;

use crate::{ReasonKind, Severity};

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Nanoseconds of each message: a [`Metric`](crate::Metric).
    Time,
    /// Messages of a window.
    Count,
    /// What is worked out for a cell.
    Figure,
    /// What a server takes before any message flows, or a client library adds: a column of a
    /// [`FootprintRow`](crate::footprint::FootprintRow).
    Footprint,
    /// What happened in a trial: an [`Outcome`](crate::Outcome), or that of a cell.
    Outcome,
    /// What kept a rate from being higher: a [`LimitedBy`](crate::LimitedBy).
    LimitedBy,
    /// Whether numbers can be trusted: a [`Verdict`](crate::Verdict).
    Verdict,
    /// Why not, and what is worth knowing: a [`ReasonKind`].
    Reason,
    /// First half of a guarantee: a [`PublishAck`](crate::PublishAck).
    PublishAck,
    /// Second half of a guarantee: a [`Delivery`](crate::Delivery).
    Delivery,
    /// What a cell was measured under.
    Condition,
    /// A bus without a server: one of [`FLOORS`](crate::FLOORS).
    Floor,
    /// What can be said of a claim: a [`ClaimVerdict`](crate::claims::ClaimVerdict).
    ClaimVerdict,
    /// What a comparison says of a cell: a [`SideVerdict`](crate::comparison::SideVerdict).
    SideVerdict,
}

/// What one name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it is the name of.
    pub subject: Subject,
    /// The name, as result files and reports write it.
    pub name: &'static str,
    /// Other names of the same: columns of the export.
    pub aliases: &'static [&'static str],
    /// What it means.
    pub meaning: &'static str,
    /// Which instants or counters it rests on, and where in the source they are taken.
    pub taken: Option<&'static str>,
    /// What to do about it.
    pub advice: Option<&'static str>,
}

/// Parts of a column's name that say unit, percentile or denominator.
const SUFFIXES: [&str; 13] = [
    "-ns",
    "-bytes",
    "-per-message",
    "-per-second",
    "-share",
    "-low",
    "-high",
    "-p50",
    "-p90",
    "-p99",
    "-p99-9",
    "-max",
    "-peak",
];

/// Names that are this alike (Jaro and Winkler's measure, 0 to 1) may be meant.
const ALIKE: f64 = 0.8;

/// At most so many names are suggested.
const SUGGESTIONS: usize = 3;

const LISTS: [&[Explanation]; 10] = [
    times::LIST,
    counts::LIST,
    figures::LIST,
    judgements::LIST,
    reasons::LIST,
    guarantees::LIST,
    conditions::LIST,
    claims::LIST,
    comparisons::LIST,
    footprint::LIST,
];

/// Every explanation, by topic.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    LISTS.into_iter().flatten()
}

/// Every name once, alphabetically.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = all().map(|explanation| explanation.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The explanation of a name in one sense. Takes names only as result files write them.
#[must_use]
pub fn of(subject: Subject, name: &str) -> Option<&'static Explanation> {
    all().find(|explanation| explanation.subject == subject && explanation.name == name)
}

/// All senses of a name: as result files write it, in words, or the name of a column such as
/// `response_p99_ns`. None where the name is not known.
#[must_use]
pub fn senses(name: &str) -> Vec<&'static Explanation> {
    let mut name = normalised(name);
    loop {
        let known: Vec<_> = all()
            .filter(|explanation| {
                explanation.name == name || explanation.aliases.contains(&name.as_str())
            })
            .collect();
        if !known.is_empty() {
            return known;
        }
        let Some(shorter) = SUFFIXES.iter().find_map(|part| name.strip_suffix(part)) else {
            return known;
        };
        name = shorter.to_owned();
    }
}

/// Names that may be meant by one that is not known, the likeliest first.
#[must_use]
pub fn near(name: &str) -> Vec<&'static str> {
    let name = normalised(name);
    let mut alike: Vec<(f64, &'static str)> = names()
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name, known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    alike.sort_by(|one, other| other.0.total_cmp(&one.0));
    alike.truncate(SUGGESTIONS);
    alike.into_iter().map(|(_, name)| name).collect()
}

fn normalised(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', ' ', '.'], "-")
}

impl Explanation {
    const fn new(subject: Subject, name: &'static str, meaning: &'static str) -> Self {
        Self {
            subject,
            name,
            aliases: &[],
            meaning,
            taken: None,
            advice: None,
        }
    }

    const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn taken(self, taken: &'static str) -> Self {
        Self {
            taken: Some(taken),
            ..self
        }
    }

    const fn advice(self, advice: &'static str) -> Self {
        Self {
            advice: Some(advice),
            ..self
        }
    }

    /// Subject and, for a reason, what it does to its trial: `reason that makes a trial suspect`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.subject {
            Subject::Time => "time of each message",
            Subject::Count => "count of messages",
            Subject::Figure => "figure of a cell",
            Subject::Footprint => "footprint",
            Subject::Outcome => "outcome",
            Subject::LimitedBy => "what limited a cell",
            Subject::Verdict => "verdict",
            Subject::Reason => self.severity().map_or("reason", |severity| match severity {
                Severity::Note => "note: a reason that leaves its trial valid",
                Severity::Suspect => "reason that makes its trial suspect",
                Severity::Invalid => "reason that makes its trial invalid",
            }),
            Subject::PublishAck => "guarantee: publish ack",
            Subject::Delivery => "guarantee: delivery",
            Subject::Condition => "condition that a cell was measured under",
            Subject::Floor => "floor",
            Subject::ClaimVerdict => "verdict of a claim",
            Subject::SideVerdict => "verdict of a comparison",
        }
    }

    /// What a reason does to its trial; `None` for anything else.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        let of_it = |kind: &ReasonKind| self.subject == Subject::Reason && kind.name() == self.name;
        let kind = ReasonKind::ALL.into_iter().find(of_it)?;
        Some(kind.severity())
    }
}

#[cfg(test)]
mod tests;
