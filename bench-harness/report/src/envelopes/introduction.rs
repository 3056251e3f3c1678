//! What was measured, and how to read a gain.

use busbench_results::CellOutcome;

use super::ENCODING_DEPTHS;
use crate::view::View;

/// What was measured, how to read a gain, and which buses have none, in paragraphs.
pub(super) fn texts(view: &View<'_>, has_encoding: bool, is_only_marshalling: bool) -> Vec<String> {
    if is_only_marshalling {
        return Vec::new();
    }
    let measured = || view.cells.iter().filter(|cell| !cell.trials.is_empty());
    let has = |depth: &str| measured().any(|cell| cell.row.depth == depth);
    let mut texts = Vec::new();
    if has_encoding {
        let [envelope, event] = ENCODING_DEPTHS.map(has);
        let mut depths = Vec::new();
        if envelope {
            depths.push(
                "at depth envelope, the envelope is encoded for every publish and decoded for \
                 every delivery",
            );
        }
        if event {
            depths.push(if envelope {
                "at depth event, so is the event in it"
            } else {
                "at depth event, the envelope and the event in it are encoded for every publish and \
                 decoded for every delivery"
            });
        }
        if has("transport") {
            depths.push(
                "at depth transport the bytes are prepared, so layouts differ in what buses and \
                 clients have to carry only",
            );
        }
        texts.push(sentence(&depths.join("; ")));
    } else {
        texts.push(
            "Every cell of this run is of depth transport: messages were prepared, and nothing was \
             encoded or decoded. What a layout shows here is what its bytes and headers cost buses \
             and clients, and not what it costs to make and to read them."
                .to_owned(),
        );
    }
    texts.push(
        "A gain is the figure of native by that of another layout of the same bus under the same \
         configuration: a rate of 1.40 × is faster, a time or a cost of 0.700 × is less. Harness and \
         server are measured together, as a layout costs both. Where the client or the machine was \
         used up first, which the remarks say, rates are lower bounds of the server's, and their gain \
         is that of this client on this machine."
            .to_owned(),
    );
    texts.extend(not_possible(view));
    texts
}

/// The buses that have no native layout, by the reason.
fn not_possible(view: &View<'_>) -> Option<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for pair in &view.layouts.pairs {
        let Some(native) = view.cells.get(pair.native) else {
            continue;
        };
        if native.row.outcome != CellOutcome::NotPossible {
            continue;
        }
        let (why, bus) = (native.row.reasons.as_str(), native.row.bus.as_str());
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, buses)) if buses.contains(&bus) => {}
            Some((_, buses)) => buses.push(bus),
            None => reasons.push((why, vec![bus])),
        }
    }
    let texts: Vec<String> = reasons
        .iter()
        .map(|(why, buses)| format!("{} ({why})", buses.join(", ")))
        .collect();
    (!texts.is_empty()).then(|| format!("Native is not possible on {}.", texts.join("; ")))
}

/// A text with a capital at its beginning and a full stop at its end.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", characters.as_str())
}
