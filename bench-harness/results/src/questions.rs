//! What somebody asks who chooses a bus for a deployment: `questions.toml` as values.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::Selection;
use crate::comparison::ComparedFigure;

/// A question and the cells that answer it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Short name: part of a page's anchors.
    pub id: String,
    /// What is asked, as a title.
    pub title: String,
    /// Why it matters to an EdgeX deployment.
    pub why: String,
    /// What would change the answer.
    pub would_change: String,
    /// The file under `scenarios/`, without its ending, that measures such cells.
    pub scenario: Option<String>,
    /// What cannot be measured yet, where no scenario does.
    pub missing: Option<String>,
    /// What a reader of any answer has to know.
    pub note: Option<String>,
    /// What servers are judged by, the most telling figure first.
    #[serde(default)]
    pub basis: Vec<Basis>,
    /// What layouts of the envelope on one bus are judged by.
    #[serde(default)]
    pub layouts: Vec<Basis>,
}

/// Cells and the figure that they are judged by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// By what.
    pub figure: ComparedFigure,
    /// Which.
    pub cells: Selection,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    question: Vec<Question>,
}

/// All questions, in the order in which a report answers them.
#[must_use]
pub fn questions() -> &'static [Question] {
    static QUESTIONS: LazyLock<Vec<Question>> = LazyLock::new(read);
    &QUESTIONS
}

#[expect(
    clippy::expect_used,
    reason = "the file is part of the program, and a test reads it"
)]
fn read() -> Vec<Question> {
    let file: File =
        toml::from_str(include_str!("../questions.toml")).expect("questions.toml as it was built");
    file.question
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::questions;
    use crate::comparison::ComparedFigure;

    #[test]
    fn the_six_questions_stand_in_their_order() {
        let ids: Vec<&str> = questions()
            .iter()
            .map(|question| question.id.as_str())
            .collect();
        let expected = [
            "sensors", "durable", "commands", "binaries", "memory", "north",
        ];
        assert_eq!(ids, expected);
    }

    #[test]
    fn a_question_names_a_scenario_that_exists_or_what_is_missing() {
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        for question in questions() {
            match (&question.scenario, &question.missing) {
                (Some(scenario), None) => {
                    let file = scenarios.join(format!("{scenario}.toml"));
                    assert!(file.is_file(), "{}: {}", question.id, file.display());
                    assert!(!question.basis.is_empty(), "{}", question.id);
                }
                (None, Some(_)) => {}
                both => panic!("{}: {both:?}", question.id),
            }
        }
    }

    #[test]
    fn a_headline_is_asked_of_the_load_that_has_it() {
        for question in questions() {
            for basis in question.basis.iter().chain(&question.layouts) {
                let of_load = |load| ComparedFigure::headlines(load).contains(&basis.figure);
                let is_headline = basis.figure != ComparedFigure::ServerRssPeakBytes;
                let load = basis.cells.load;
                assert!(
                    load.is_some_and(|load| of_load(load) == is_headline),
                    "{}: {:?} of {load:?}",
                    question.id,
                    basis.figure
                );
            }
        }
    }

    #[test]
    fn memory_is_asked_only_of_servers_that_serve_one_trial() {
        let of_memory: BTreeSet<Option<Vec<String>>> = questions()
            .iter()
            .flat_map(|question| &question.basis)
            .filter(|basis| basis.figure == ComparedFigure::ServerRssPeakBytes)
            .map(|basis| basis.cells.servers.clone())
            .collect();
        assert_eq!(of_memory, BTreeSet::from([Some(vec!["trial".to_owned()])]));
    }
}
