//! Two made-up sides, and what becomes of them.

use busbench_report::comparison::{
    Refused, View, human, json, markdown, refused_human, refused_json, refused_markdown,
};
use busbench_results::comparison::{Across, SidesComparison, SmallestEffects, compare_sides};
use busbench_results::fixtures::{Change, hostile, two_builds};
use busbench_results::{Cell, Load, Measurements, Run};

/// Both sides of a comparison.
pub(crate) struct Sides {
    pub(crate) base: Measurements,
    pub(crate) head: Measurements,
    pub(crate) across: Option<Across>,
    pub(crate) effects: SmallestEffects,
}

/// The three forms of a comparison, or of its refusal.
pub(crate) struct Texts {
    pub(crate) human: String,
    pub(crate) markdown: String,
    pub(crate) json: String,
}

impl Sides {
    pub(crate) fn of(change: impl Fn(&Cell) -> Option<Change>) -> Self {
        let (base, head) = two_builds(change);
        Self {
            base,
            head,
            across: None,
            effects: SmallestEffects::default(),
        }
    }

    /// What fits a page of a test: NATS core and the null bus, JSON.
    pub(crate) fn small(change: impl Fn(&Cell) -> Option<Change>) -> Self {
        let mut sides = Self::of(change);
        for side in sides.runs() {
            let kept = |cell: &Cell| {
                cell.key.envelope == "json"
                    && ["null", "nats-core"].contains(&cell.key.bus.as_str())
            };
            side.record.cells.retain(kept);
            let ids: Vec<&str> = side
                .record
                .cells
                .iter()
                .map(|cell| cell.id.as_str())
                .collect();
            side.trials.retain(|id, _| ids.contains(&id.as_str()));
        }
        sides
    }

    pub(crate) fn runs(&mut self) -> impl Iterator<Item = &mut Run> {
        self.base.run.iter_mut().chain(&mut self.head.run)
    }

    pub(crate) fn head(&mut self) -> &mut Run {
        self.head.run.as_mut().unwrap()
    }

    pub(crate) fn compared(&self) -> SidesComparison {
        compare_sides(&self.base, &self.head, self.across, &self.effects).unwrap()
    }

    pub(crate) fn rendered_in(&self, width: u16) -> Texts {
        let (base, head) = (&self.base, &self.head);
        match compare_sides(base, head, self.across, &self.effects) {
            Ok(comparison) => {
                let comparison = &comparison;
                let view = View {
                    base,
                    head,
                    comparison,
                };
                Texts {
                    human: human(&view, width),
                    markdown: markdown(&view),
                    json: json(&view),
                }
            }
            Err(why) => {
                let why = &why;
                let refused = Refused { base, head, why };
                Texts {
                    human: refused_human(&refused),
                    markdown: refused_markdown(&refused),
                    json: refused_json(&refused),
                }
            }
        }
    }

    pub(crate) fn rendered(&self) -> Texts {
        self.rendered_in(120)
    }
}

pub(crate) fn is(cell: &Cell, bus: &str, load: Load) -> bool {
    cell.key.bus == bus && cell.key.envelope == "json" && cell.key.load == load
}

/// One cell of three has regressed.
pub(crate) fn one_regressed() -> Sides {
    Sides::small(|cell| is(cell, "null", Load::Closed).then_some(Change::Slower(1.10)))
}

/// Two benchmarks on both sides, of which one has regressed, and one that is new.
pub(crate) fn benchmarks() -> Sides {
    let mut sides = Sides::of(|_| None);
    (sides.base.run, sides.head.run) = (None, None);
    let rounds = |factor: f64| {
        let rounds = (1..=8).map(|round| (round, factor * (100.0 + f64::from(round % 3))));
        rounds.collect()
    };
    for (name, factor) in [("encode/json", 1.0), ("decode/json", 1.2)] {
        sides.base.benchmarks.insert(name.to_owned(), rounds(1.0));
        sides
            .head
            .benchmarks
            .insert(name.to_owned(), rounds(factor));
    }
    sides.head.benchmarks.insert("new".to_owned(), rounds(1.0));
    sides
}

/// What must not become markup, nor steer a terminal.
pub(crate) const HOSTILE: &str =
    "|`<script>alert(1)</script>**a**\n# b\u{1b}[31m\u{202e}<!-- \\| </details> & &lt;";

/// Sides of which every name is hostile; the head loses messages.
pub(crate) fn hostile_sides() -> Sides {
    let mut sides =
        Sides::small(|cell| is(cell, "nats-core", Load::Open).then_some(Change::Loses(0.005)));
    for run in sides.runs() {
        *run = hostile(run.clone(), HOSTILE);
    }
    let field = |name: &str| (name.to_owned(), HOSTILE.to_owned());
    for cell in &mut sides.head().record.cells {
        cell.client_settings.extend([field("nodelay")]);
    }
    sides
}
