//! From comparisons to verdicts.

use std::collections::BTreeMap;

use super::evidence::{self, CellSeen, Effect, Evidence, Tested};
use super::footprints::{self, AtMost, FootprintSeen};
use super::tally::{Between, Counts, NoVerdict, no_verdict, why_not};
use super::{Claim, ClaimVerdict, Layouts, Part, Rule, Sides};
use crate::comparison::{ComparedFigure, Difference, LayoutComparison, is_at_least};
use crate::footprint::FootprintRow;
use crate::{CellOutcome, Row, Selection};

/// A run with what its comparisons found: within a run only, as nothing else is corrected and
/// interleaved together.
#[derive(Debug, Clone)]
pub struct Compared<'a> {
    /// One for each cell, in the plan's order.
    pub rows: Vec<&'a Row>,
    /// Cells that stand in one group, as [`CellComparison::differences`] gives them.
    ///
    /// [`CellComparison::differences`]: crate::comparison::CellComparison::differences
    pub cells: &'a BTreeMap<(ComparedFigure, usize, usize), Difference>,
    /// Native layouts and others.
    pub layouts: &'a LayoutComparison,
    /// One for each footprint, in the plan's order.
    pub footprints: &'a [FootprintRow],
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedClaim {
    /// What is claimed.
    pub claim: Claim,
    /// What can be said of it.
    pub verdict: ClaimVerdict,
    /// What can be said of each of its parts.
    pub parts: Vec<JudgedPart>,
}

/// A part of a claim with its verdict, and all that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedPart {
    /// What has to hold.
    pub part: Part,
    /// What can be said of it.
    pub verdict: ClaimVerdict,
    /// What judged it.
    pub evidence: Evidence,
    /// By figure, what the comparisons among the evidence say.
    pub effects: Vec<Effect>,
    /// Comparisons among the evidence in which client or machine was used up before the server of a
    /// cell: they are of layouts, and say what this client on this machine gains.
    pub lower_bounds: usize,
    /// Comparisons or cells that judge nothing, by the reason.
    pub left_out: BTreeMap<NoVerdict, usize>,
    /// Most trials of what was left out for having too few.
    pub most_trials: u32,
    /// Cells that the claim is about and that have nothing to be compared with, under one guarantee
    /// and the same conditions.
    pub alone: usize,
}

/// Judges every claim by these runs. Counts add up over runs.
#[must_use]
pub fn judge(claims: &[Claim], runs: &[Compared<'_>]) -> Vec<JudgedClaim> {
    claims.iter().map(|claim| judged(claim, runs)).collect()
}

/// The ids of the claims that a cell is evidence of, by place of the run and place of the cell.
#[must_use]
pub fn cells_of_claims(claims: &[JudgedClaim]) -> BTreeMap<(usize, usize), Vec<&str>> {
    let mut ids: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for claim in claims {
        for place in claim.parts.iter().flat_map(JudgedPart::cells) {
            let own = ids.entry(place).or_default();
            if own.last() != Some(&claim.claim.id.as_str()) {
                own.push(&claim.claim.id);
            }
        }
    }
    ids
}

impl JudgedPart {
    /// Run and cell of everything among its evidence, in no order; a cell may come often. Footprints are
    /// no cells.
    fn cells(&self) -> Vec<(usize, usize)> {
        match &self.evidence {
            Evidence::Comparisons(tested) => tested
                .iter()
                .flat_map(|tested| [(tested.run, tested.base), (tested.run, tested.head)])
                .collect(),
            Evidence::Cells(cells) => cells.iter().map(|seen| (seen.run, seen.cell)).collect(),
            Evidence::Footprints(_) => Vec::new(),
        }
    }

    /// How often the comparisons came out which way, over all figures.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for effect in &self.effects {
            counts += effect.counts;
        }
        counts
    }
}

fn judged(claim: &Claim, runs: &[Compared<'_>]) -> JudgedClaim {
    let parts: Vec<JudgedPart> = claim
        .parts
        .iter()
        .map(|part| judged_part(part, runs))
        .collect();
    JudgedClaim {
        verdict: ClaimVerdict::of_parts(parts.iter().map(|part| part.verdict)),
        parts,
        claim: claim.clone(),
    }
}

fn judged_part(part: &Part, runs: &[Compared<'_>]) -> JudgedPart {
    let mut seen = Seen::default();
    for (run, compared) in runs.iter().enumerate() {
        match &part.rule {
            Rule::LayoutsBeat(layouts) => seen.layouts(run, compared, layouts),
            Rule::NotWorse(sides) | Rule::Beats(sides) => seen.sides(run, compared, sides),
            Rule::Works(cells) => seen.cells(run, compared, cells),
            Rule::AtMost(rule) => seen.footprints(run, compared, rule),
            Rule::Untested => {}
        }
    }
    evidence::sort(&mut seen.tested);
    let mut judged = JudgedPart {
        part: part.clone(),
        verdict: ClaimVerdict::NotTestedYet,
        effects: evidence::effects(&seen.tested),
        evidence: match part.rule {
            Rule::Works(_) => Evidence::Cells(seen.cells),
            Rule::AtMost(_) => Evidence::Footprints(seen.footprints),
            _ => Evidence::Comparisons(seen.tested),
        },
        lower_bounds: seen.lower_bounds,
        left_out: seen.left_out,
        most_trials: seen.most_trials,
        alone: seen.alone,
    };
    let counts = judged.counts();
    judged.verdict = match (&part.rule, &judged.evidence) {
        (Rule::LayoutsBeat(_) | Rule::Beats(_), _) => counts.beats(),
        (Rule::NotWorse(_), _) => counts.is_not_worse(),
        (Rule::Works(_), Evidence::Cells(cells)) => works(cells),
        (Rule::AtMost(_), Evidence::Footprints(seen)) => footprints::verdict(seen),
        _ => ClaimVerdict::NotTestedYet,
    };
    judged
}

/// One cell that delivered everything shows that it can be done.
fn works(cells: &[CellSeen]) -> ClaimVerdict {
    match cells {
        [] => ClaimVerdict::NotTestedYet,
        _ if cells.iter().any(|cell| cell.works) => ClaimVerdict::Supported,
        _ => ClaimVerdict::NotSupported,
    }
}

/// What the cells of all runs have to say of one part.
#[derive(Default)]
struct Seen {
    tested: Vec<Tested>,
    cells: Vec<CellSeen>,
    footprints: Vec<FootprintSeen>,
    lower_bounds: usize,
    left_out: BTreeMap<NoVerdict, usize>,
    most_trials: u32,
    alone: usize,
}

impl Seen {
    fn layouts(&mut self, run: usize, compared: &Compared<'_>, layouts: &Layouts) {
        for pair in &compared.layouts.pairs {
            let (base, head) = (compared.rows[pair.other], compared.rows[pair.native]);
            let is_possible = |row: &Row| row.outcome != CellOutcome::NotPossible;
            if !(layouts.cells.takes(base) && is_possible(base) && is_possible(head)) {
                continue;
            }
            for difference in &pair.gains {
                if layouts.figures.contains(&difference.figure) {
                    let place = (run, pair.other, pair.native);
                    self.comparison(Between::Layouts, compared, place, difference);
                }
            }
        }
    }

    fn sides(&mut self, run: usize, compared: &Compared<'_>, sides: &Sides) {
        let taken = |side: &Selection| -> Vec<bool> {
            compared.rows.iter().map(|row| side.takes(row)).collect()
        };
        let (heads, bases) = (taken(&sides.head), taken(&sides.base));
        let mut has_partner = vec![false; compared.rows.len()];
        for (&(figure, base, head), difference) in compared.cells {
            let layout = |place: usize| &compared.rows[place].envelope;
            let load = compared.rows[head].load;
            let is_headline = ComparedFigure::headlines(load).contains(&figure);
            let is_pair = heads[head] && bases[base] && is_headline;
            if is_pair && (!sides.same_envelope || layout(base) == layout(head)) {
                has_partner[head] = true;
                self.comparison(Between::Servers, compared, (run, base, head), difference);
            }
        }
        let alone = |&place: &usize| {
            let was_measured = compared.rows[place].trials > 0;
            heads[place] && was_measured && !has_partner[place]
        };
        self.alone += (0..compared.rows.len()).filter(alone).count();
    }

    fn comparison(
        &mut self,
        between: Between,
        compared: &Compared<'_>,
        (run, base, head): (usize, usize, usize),
        difference: &Difference,
    ) {
        let rows = [compared.rows[base], compared.rows[head]];
        if let Some(why) = why_not(between, rows[0], rows[1], difference) {
            let trials = rows.map(|row| row.trials).into_iter().min();
            self.leave_out(why, trials.unwrap_or(0));
            return;
        }
        self.lower_bounds += usize::from(rows.into_iter().any(is_at_least));
        self.tested.push(Tested {
            run,
            base,
            head,
            difference: difference.clone(),
        });
    }

    fn cells(&mut self, run: usize, compared: &Compared<'_>, cells: &Selection) {
        for (cell, row) in compared.rows.iter().enumerate() {
            if row.outcome == CellOutcome::NotPossible || !cells.takes(row) {
                continue;
            }
            let works = row.outcome == CellOutcome::Delivered && row.lost == Some(0);
            let fails = matches!(row.outcome, CellOutcome::Lossy | CellOutcome::Failed);
            match no_verdict(row) {
                Some(why) => self.leave_out(why, row.trials),
                // An overloaded server shows neither.
                None if !works && !fails => self.leave_out(NoVerdict::Outcome, row.trials),
                None => self.cells.push(CellSeen { run, cell, works }),
            }
        }
    }

    fn footprints(&mut self, run: usize, compared: &Compared<'_>, rule: &AtMost) {
        for (footprint, row) in compared.footprints.iter().enumerate() {
            match rule.judge(row) {
                None => {}
                Some(Err(why)) => self.leave_out(why, row.trials),
                Some(Ok(seen)) => self.footprints.push(FootprintSeen {
                    run,
                    footprint,
                    ..seen
                }),
            }
        }
    }

    fn leave_out(&mut self, why: NoVerdict, trials: u32) {
        *self.left_out.entry(why).or_default() += 1;
        if why == NoVerdict::TooFewTrials {
            self.most_trials = self.most_trials.max(trials);
        }
    }
}
