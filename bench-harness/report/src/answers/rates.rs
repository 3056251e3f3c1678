//! The highest rates that were carried.

use busbench_results::answers::Carried;

use super::Context;
use crate::format;

/// Which bus carried which rate without loss, the highest first; `None` where nothing but one rate
/// was offered.
pub(super) fn carried(context: &Context<'_, '_>) -> Option<String> {
    let mut rates: Vec<(f64, bool, Vec<String>)> = Vec::new();
    for carried in &context.answer.carried {
        let rate = carried.carried_per_second.unwrap_or(0.0);
        let was_highest = rate >= carried.offered_per_second;
        let label = label(context, carried);
        let is_same = |known: &&mut (f64, bool, Vec<String>)| {
            known.0.total_cmp(&rate).is_eq() && known.1 == was_highest
        };
        match rates.iter_mut().find(is_same) {
            Some((.., labels)) => labels.push(label),
            None => rates.push((rate, was_highest, vec![label])),
        }
    }
    rates.sort_by(|one, other| other.0.total_cmp(&one.0));
    let texts: Vec<String> = rates
        .iter()
        .map(|(rate, was_highest, labels)| {
            let labels = labels.join(", ");
            match (*rate > 0.0, was_highest) {
                (false, _) => format!("none of the rates by {labels}"),
                (true, true) => format!(
                    "{}/s, the highest offered, by {labels}",
                    format::whole(*rate)
                ),
                (true, false) => format!("up to {}/s by {labels}", format::whole(*rate)),
            }
        })
        .collect();
    (!texts.is_empty()).then(|| format!("Carried without loss: {}.", texts.join("; ")))
}

fn label(context: &Context<'_, '_>, carried: &Carried) -> String {
    let mut label = context.label(carried.run, carried.cell).to_owned();
    if context.views.len() > 1
        && context
            .answer
            .carried
            .iter()
            .any(|other| other.run != carried.run)
    {
        label = format!("{label} in run {}", carried.run + 1);
    }
    if carried.carried_per_second.is_some() && !carried.is_valid {
        label = format!("{label} (suspect)");
    }
    label
}
