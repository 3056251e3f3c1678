//! What the measurements favour, in the words of a page: one card for each deployment question.

mod headline;
mod layouts;
mod notes;
mod rates;
mod table;
mod words;

use busbench_results::answers::{Answer, Evidence, answers};
use busbench_results::{Row, Run};

use crate::table::Table;
use crate::view::View;

/// The section's title.
pub(crate) const TITLE: &str = "What the measurements favour";

/// Beside every difference between buses.
pub(crate) const CLIENTS: &str = "Every difference between buses is one through these Rust clients, \
     on the machine that is named. Buses that promise different things are not ranked against each \
     other.";

/// One question with its answer.
pub(crate) struct Card {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) why: &'static str,
    /// The answer in a few sentences.
    pub(crate) headlines: Vec<Headline>,
    /// Where it was measured.
    pub(crate) machines: Option<String>,
    /// What else a reader has to know.
    pub(crate) notes: Vec<String>,
    /// Every condition beside the others; `None` where nothing was measured.
    pub(crate) table: Option<Table>,
    /// What native gains on each bus: about what, and how much.
    pub(crate) layouts: Vec<(String, String)>,
    pub(crate) would_change: &'static str,
    /// Where cells are missing: how to measure them.
    pub(crate) scenario: Option<String>,
}

/// One sentence of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Headline {
    /// What is favoured, if anything is.
    pub(crate) favoured: String,
    /// The others beside it.
    pub(crate) others: String,
    /// Under what that holds.
    pub(crate) under: String,
}

/// What words are made from.
struct Context<'v, 'a> {
    views: &'v [View<'a>],
    answer: &'v Answer,
}

/// The cards, in the order of the questions; none without a run of messages.
pub(crate) fn cards(views: &[View<'_>]) -> Vec<Card> {
    if views.iter().all(View::is_of_footprints) {
        return Vec::new();
    }
    let rows: Vec<Vec<Row>> = views
        .iter()
        .map(|view| view.cells.iter().map(|cell| cell.row.clone()).collect())
        .collect();
    let headlines: Vec<_> = views
        .iter()
        .map(|view| |figure, base, head| view.differences.between(figure, base, head))
        .collect();
    let evidence: Vec<Evidence<'_>> = views
        .iter()
        .zip(&rows)
        .zip(&headlines)
        .map(|((view, rows), headlines)| Evidence {
            run: view.run,
            rows,
            headlines,
            layouts: &view.layouts,
        })
        .collect();
    answers(&evidence)
        .iter()
        .map(|answer| card(&Context { views, answer }))
        .collect()
}

fn card(context: &Context<'_, '_>) -> Card {
    let (question, answer) = (context.answer.question, context.answer);
    let is_measured = !answer.conditions.is_empty();
    let mut headlines = headline::all(context);
    if !is_measured {
        headlines.push(Headline {
            favoured: match &question.missing {
                Some(missing) => missing.clone(),
                None => "These runs have no cell that answers this.".to_owned(),
            },
            others: String::new(),
            under: String::new(),
        });
    }
    let mut notes: Vec<String> = [
        notes::undelivered(context),
        rates::carried(context),
        notes::peaks(context),
    ]
    .into_iter()
    .flatten()
    .collect();
    notes.extend(question.note.clone().filter(|_| is_measured));
    Card {
        id: &question.id,
        title: &question.title,
        why: &question.why,
        headlines,
        machines: is_measured.then(|| machines(context)),
        notes,
        table: is_measured.then(|| table::by_condition(context)),
        layouts: layouts::sentences(context),
        would_change: &question.would_change,
        scenario: question
            .scenario
            .as_ref()
            .filter(|_| !is_measured || !headline::has_verdict(context))
            .map(|scenario| format!("busbench run scenarios/{scenario}.toml")),
    }
}

/// `bench-1 (2 cores, virtual)`, of each run that has such cells.
fn machines(context: &Context<'_, '_>) -> String {
    let mut runs: Vec<usize> = context
        .answer
        .conditions
        .iter()
        .map(|condition| condition.run)
        .collect();
    runs.sort_unstable();
    runs.dedup();
    let mut machines: Vec<String> = Vec::new();
    for run in runs {
        let machine = machine(context.views[run].run);
        if !machines.contains(&machine) {
            machines.push(machine);
        }
    }
    format!("Through these Rust clients, on {}.", machines.join("; "))
}

fn machine(run: &Run) -> String {
    let record = &run.record;
    let host = &record.host;
    let cores = match host.cores {
        1 => "1 core".to_owned(),
        cores => format!("{cores} cores"),
    };
    let mut parts = vec![cores, crate::format::bytes(host.memory_bytes)];
    if host.virtualization.is_some() {
        parts.push("virtual".to_owned());
    }
    parts.extend(record.emulation().map(|emulation| emulation.words()));
    format!("{} ({})", host.name, parts.join(", "))
}
