//! What the native layout makes on each bus.

use busbench_results::answers::{LayoutAnswer, LayoutGain};
use busbench_results::comparison::Judgement;

use super::Context;
use super::words::{listed, name};
use crate::differences::{self, signed_percent};

/// About which bus and figure, and what native is beside each other layout.
pub(super) fn sentences(context: &Context<'_, '_>) -> Vec<(String, String)> {
    context
        .answer
        .layouts
        .iter()
        .map(|answer| (about(context, answer), sentence(context, answer)))
        .collect()
}

fn about(context: &Context<'_, '_>, answer: &LayoutAnswer) -> String {
    let layouts = &context.answer.layouts;
    let run = if layouts.iter().any(|other| other.run != answer.run) {
        format!(", run {}", answer.run + 1)
    } else {
        String::new()
    };
    format!("{}, {}{run}", answer.bus, name(answer.figure))
}

fn sentence(context: &Context<'_, '_>, answer: &LayoutAnswer) -> String {
    let mut layouts: Vec<(&str, Vec<&LayoutGain>)> = Vec::new();
    for gain in &answer.gains {
        let other = context.row(answer.run, gain.other).envelope.as_str();
        match layouts.iter_mut().find(|(known, _)| *known == other) {
            Some((_, gains)) => gains.push(gain),
            None => layouts.push((other, vec![gain])),
        }
    }
    // What is true of several layouts is said once.
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for (other, gains) in &layouts {
        let text = against(gains);
        match told.iter_mut().find(|(known, _)| *known == text) {
            Some((_, others)) => others.push((*other).to_owned()),
            None => told.push((text, vec![(*other).to_owned()])),
        }
    }
    let mut parts: Vec<String> = told
        .iter()
        .map(|(text, others)| format!("native against {}: {text}", listed(others)))
        .collect();
    if answer.left_out > 0 {
        parts.push(match answer.left_out {
            1 => "no verdict for 1 pair that is not valid".to_owned(),
            pairs => format!("no verdict for {pairs} pairs that are not valid"),
        });
    }
    let limited = if answer.gains.iter().any(|gain| gain.is_limited) {
        " Client or machine limited some of these cells; they count, as a layout costs both."
    } else {
        ""
    };
    format!("{}.{limited}", parts.join("; "))
}

/// `better in 2 of 3 (+12 % to +35 %), no measurable difference in 1 of 3`.
fn against(gains: &[&LayoutGain]) -> String {
    let kinds = [
        (Judgement::Better, "better"),
        (Judgement::Worse, "worse"),
        (
            Judgement::NoMeasurableDifference,
            "no measurable difference",
        ),
        (Judgement::NotComparable, "not compared"),
        (Judgement::TooFewTrials, "too few trials"),
    ];
    let parts: Vec<String> = kinds
        .iter()
        .filter_map(|(kind, word)| {
            let of_kind: Vec<&LayoutGain> = gains
                .iter()
                .copied()
                .filter(|gain| gain.difference.judgement() == *kind)
                .collect();
            let share = match (of_kind.len(), gains.len()) {
                (0, _) => return None,
                (some, all) if some == all => String::new(),
                (some, all) => format!(" in {some} of {all}"),
            };
            let size = match kind {
                Judgement::Better | Judgement::Worse => size(&of_kind),
                _ => String::new(),
            };
            Some(format!("{word}{share}{size}"))
        })
        .collect();
    parts.join(", ")
}

/// One difference with its interval, or the smallest and the largest of several.
fn size(gains: &[&LayoutGain]) -> String {
    if let [gain] = gains {
        return format!(": {}", differences::words(&gain.difference));
    }
    let mut shares: Vec<f64> = gains
        .iter()
        .filter_map(|gain| Some(gain.difference.ratio? - 1.0))
        .collect();
    shares.sort_by(f64::total_cmp);
    match (shares.first(), shares.last()) {
        (Some(low), Some(high)) => {
            let [low, high] = [low, high].map(|share| signed_percent(*share));
            format!(": {low} % to {high} %")
        }
        _ => String::new(),
    }
}
