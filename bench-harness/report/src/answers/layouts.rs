//! What the native layout makes on each bus.

use busbench_results::answers::{LayoutAnswer, LayoutGain};
use busbench_results::comparison::Judgement;
use busbench_results::sets_of_alike;

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
    let layout = |gain: &LayoutGain| context.row(answer.run, gain.other).envelope.as_str();
    let layouts = sets_of_alike(&answer.gains, |one, other| layout(one) == layout(other));
    let texts = layouts
        .iter()
        .map(|gains| (against(gains), layout(gains[0]).to_owned()));
    // What is true of several layouts is said once.
    let mut parts: Vec<String> = sets_of_alike(texts, |one, other| one.0 == other.0)
        .into_iter()
        .map(|told| {
            let (texts, others): (Vec<String>, Vec<String>) = told.into_iter().unzip();
            format!("native against {}: {}", listed(&others), texts[0])
        })
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
