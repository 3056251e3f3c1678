//! The answer in a few sentences.

mod apart;

use busbench_results::answers::{Condition, Favour, Series, Standing};
use busbench_results::statistics::TRIALS_FOR_A_CLAIM;

use super::words::{capitalised, few, figure, listed};
use super::{Context, Headline};
use crate::differences;

/// At most so many cells stand beside the best in a sentence; the table has them all.
const BESIDE: usize = 4;

/// Whether any series favours something, or finds no difference.
pub(super) fn has_verdict(context: &Context<'_, '_>) -> bool {
    let mut series = context.answer.series.iter();
    series.any(|series| !matches!(series.favour, Favour::None(_)))
}

/// One for each series with a verdict or a hint; what has nothing to compare with stands together at
/// the end.
pub(super) fn all(context: &Context<'_, '_>) -> Vec<Headline> {
    let mut headlines = Vec::new();
    let mut alone = Vec::new();
    let mut silent = 0;
    for series in &context.answer.series {
        let conditions = conditions(context, series);
        match &series.favour {
            Favour::None(Standing::Nothing) => silent += 1,
            Favour::None(Standing::Alone) => alone.push(conditions),
            // That no layout of a single bus stands out is for the sentences on layouts.
            Favour::NoDifference(_) | Favour::None(_)
                if has_one_bus(context, &conditions) && !context.answer.layouts.is_empty() =>
            {
                alone.push(conditions);
            }
            favour => headlines.push(headline(context, favour, &conditions)),
        }
    }
    headlines.extend(apart::alone(context, &alone));
    headlines.extend(apart::silent(silent, context.answer.series.len()));
    headlines
}

fn conditions<'c>(context: &'c Context<'_, '_>, series: &Series) -> Vec<&'c Condition> {
    let all = &context.answer.conditions;
    series.conditions.iter().map(|&place| &all[place]).collect()
}

fn has_one_bus(context: &Context<'_, '_>, conditions: &[&Condition]) -> bool {
    let mut buses = conditions.iter().flat_map(|condition| {
        let cells = condition.cells.iter();
        cells.map(|&cell| context.row(condition.run, cell).bus.as_str())
    });
    let first = buses.next();
    buses.all(|bus| Some(bus) == first)
}

fn headline(context: &Context<'_, '_>, favour: &Favour, conditions: &[&Condition]) -> Headline {
    let judged: Vec<&Condition> = conditions
        .iter()
        .copied()
        .filter(|condition| condition.standing == Standing::Judged)
        .collect();
    let said = match favour {
        Favour::Favoured(contenders) => favoured(context, contenders, &judged),
        Favour::NoDifference(_) => judged
            .last()
            .and_then(|condition| no_difference(context, condition, judged.len())),
        Favour::ByCondition => Some(by_condition(context, &judged)),
        Favour::None(standing) => conditions
            .iter()
            .find(|condition| condition.standing == *standing)
            .and_then(|condition| no_claim(context, condition)),
    };
    let mut headline = said.unwrap_or_else(|| Headline {
        favoured: "No verdict.".to_owned(),
        others: String::new(),
        under: String::new(),
    });
    if let Some(without) = without_verdict(context, conditions) {
        headline.under = format!("{}; {without}", headline.under);
    }
    headline
}

/// The condition that says most: in which one of them is measurably better than another cell, with the
/// most cells beside it. The last of several, which has the highest rate or the largest payload, as
/// scenarios list them.
fn favoured(
    context: &Context<'_, '_>,
    contenders: &[usize],
    judged: &[&Condition],
) -> Option<Headline> {
    let run = judged.first()?.run;
    let labels: Vec<&str> = contenders
        .iter()
        .map(|&cell| context.label(run, cell))
        .collect();
    let favoured_in = |condition: &Condition| -> Vec<usize> {
        let cells = condition.favoured();
        cells
            .filter(|&cell| labels.contains(&context.label(run, cell)))
            .collect()
    };
    let (condition, cells) = judged
        .iter()
        .filter(|condition| !condition.worse.is_empty())
        .map(|condition| (condition, favoured_in(condition)))
        .filter(|(_, cells)| !cells.is_empty())
        .max_by_key(|(condition, _)| condition.as_good.len() + condition.worse.len())?;
    let names: Vec<String> = cells
        .iter()
        .map(|&cell| context.label(run, cell).to_owned())
        .collect();
    let best = figure(condition.figure, context.row(run, cells[0]));
    let others = few(&context.others(condition), BESIDE);
    let others = match condition.leader.filter(|leader| !cells.contains(leader)) {
        // It is worse elsewhere.
        Some(leader) => format!(
            "Beside {}: {others}",
            context.cell_with_figure(condition, leader)
        ),
        None => others,
    };
    let mut under = place(context, condition);
    if judged.len() > 1 {
        let all = judged.len();
        under = format!("{under}; measurably worse in none of the {all} conditions with a verdict");
    }
    Some(Headline {
        favoured: format!("{}: {best}.", listed(&names)),
        others,
        under,
    })
}

fn no_difference(
    context: &Context<'_, '_>,
    condition: &Condition,
    judged: usize,
) -> Option<Headline> {
    let leader = condition.leader?;
    let best = figure(condition.figure, context.row(condition.run, leader));
    let leader = context.label(condition.run, leader);
    let mut under = place(context, condition);
    let detectable = condition
        .as_good
        .iter()
        .filter_map(|(_, difference)| difference.detectable);
    if let Some(share) = detectable.reduce(f64::max) {
        let share = differences::detectable(share);
        under = format!("{under}; a difference below {share} may have been missed");
    }
    if judged > 1 {
        under = format!("{under}; the same in all {judged} conditions with a verdict");
    }
    Some(Headline {
        favoured: "No measurable difference.".to_owned(),
        others: format!(
            "Beside {leader} ({best}), in %: {}",
            few(&context.ranges(condition), BESIDE)
        ),
        under,
    })
}

/// Each condition with a verdict, as they disagree.
fn by_condition(context: &Context<'_, '_>, judged: &[&Condition]) -> Headline {
    let parts: Vec<String> = judged
        .iter()
        .map(|condition| {
            let favoured: Vec<String> = condition
                .favoured()
                .map(|cell| context.label(condition.run, cell).to_owned())
                .collect();
            let best = condition.leader.map_or_else(String::new, |leader| {
                figure(condition.figure, context.row(condition.run, leader))
            });
            let situation = context.situation(condition);
            if condition.worse.is_empty() {
                let favoured = listed(&favoured);
                format!("at {situation} no measurable difference between {favoured} ({best})")
            } else {
                let next = context.others(condition).join("; ");
                format!("at {situation} {} ({best}; {next})", listed(&favoured))
            }
        })
        .collect();
    Headline {
        favoured: "It depends on the conditions.".to_owned(),
        others: capitalised(&parts.join("; ")),
        under: judged.first().map_or_else(String::new, |condition| {
            format!("Guarantee {}", context.guarantee(condition))
        }),
    }
}

/// What was seen where nothing is claimed.
fn no_claim(context: &Context<'_, '_>, condition: &Condition) -> Option<Headline> {
    let leader = context.cell_with_figure(condition, condition.leader?);
    let is_hint = condition.standing == Standing::Hint;
    let favoured = if is_hint {
        format!("Too few trials for an answer: a claim needs {TRIALS_FOR_A_CLAIM}.")
    } else {
        "No verdict: a cell that gives none showed a better figure.".to_owned()
    };
    let mut others = if is_hint {
        vec![format!("Seen was {leader}")]
    } else {
        vec![
            format!("Best of the valid is {leader}"),
            format!("no verdict ({})", context.no_verdict(condition)),
        ]
    };
    others.extend(context.others(condition));
    Some(Headline {
        favoured,
        others: few(&others, BESIDE),
        under: place(context, condition),
    })
}

fn place(context: &Context<'_, '_>, condition: &Condition) -> String {
    let situation = capitalised(&context.situation(condition));
    format!("{situation}, guarantee {}", context.guarantee(condition))
}

/// Under which conditions cells could not be compared, and why.
fn without_verdict(context: &Context<'_, '_>, conditions: &[&Condition]) -> Option<String> {
    let without: Vec<&Condition> = conditions
        .iter()
        .copied()
        .filter(|condition| !matches!(condition.standing, Standing::Judged | Standing::Hint))
        .collect();
    if without.is_empty() || without.len() == conditions.len() {
        return None;
    }
    let situations: Vec<String> = without
        .iter()
        .map(|condition| context.situation(condition))
        .collect();
    let reasons = Context::reasons(&without);
    let why = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({reasons})")
    };
    Some(format!("no verdict at {}{why}", listed(&situations)))
}
