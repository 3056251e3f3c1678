//! What was measured and has nothing to be compared with.

use busbench_results::answers::Condition;

use super::super::words::{few, figure};
use super::super::{Context, Headline};

/// At most so many figures of one bus stand in its sentence, and so many buses have one.
const SHOWN: usize = 4;

/// Buses that are alone with their guarantee, each with the figure of its last condition: that of the
/// highest rate, as scenarios list them.
pub(super) fn alone(context: &Context<'_, '_>, series: &[Vec<&Condition>]) -> Vec<Headline> {
    let mut buses: Vec<(String, Vec<String>)> = Vec::new();
    for conditions in series {
        let mut led = conditions.iter().rev();
        let Some((condition, leader)) =
            led.find_map(|condition| Some((condition, condition.leader?)))
        else {
            continue;
        };
        let label = context.label(condition.run, leader);
        let bus = format!("{label} ({})", context.guarantee(condition));
        let seen = format!(
            "{} at {}",
            figure(condition.figure, context.row(condition.run, leader)),
            context.situation(condition)
        );
        match buses.iter_mut().find(|(known, _)| *known == bus) {
            Some((_, figures)) => figures.push(seen),
            None => buses.push((bus, vec![seen])),
        }
    }
    let more = buses.len().saturating_sub(SHOWN);
    let told = buses.iter().take(SHOWN).map(|(bus, figures)| {
        let figures = few(figures, SHOWN);
        format!("Nothing to compare with under the same guarantee: {bus}: {figures}")
    });
    let rest = (more > 0).then(|| format!("Nothing to compare with: {more} more in the table"));
    told.chain(rest)
        .map(|others| Headline {
            favoured: String::new(),
            others,
            under: String::new(),
        })
        .collect()
}

/// That so many of all series have no cell to judge by.
pub(super) fn silent(silent: usize, all: usize) -> Option<Headline> {
    let others = match silent {
        0 => return None,
        silent if silent == all => "No cell".to_owned(),
        1 => "Under one more guarantee or figure no cell".to_owned(),
        many => format!("Under {many} more guarantees or figures no cell"),
    };
    let favoured = if silent == all { "No verdict." } else { "" };
    Some(Headline {
        favoured: favoured.to_owned(),
        others: format!(
            "{others} is valid, without loss, and limited by neither client nor machine"
        ),
        under: String::new(),
    })
}
