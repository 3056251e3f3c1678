//! What a workflow of this repository must hold to, so that it runs code that was reviewed here, with
//! no more rights than it needs, and does nothing that a person could not do with `scripts/`.
//!
//! After GitHub's "Security hardening for GitHub Actions".

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Commented;

const TRIGGERS: [&str; 4] = ["push", "pull_request", "release", "workflow_dispatch"];
/// The older two are for what others download: it runs where the C library is as old, or newer.
const RUNNERS: [&str; 4] = [
    "ubuntu-24.04",
    "ubuntu-24.04-arm",
    "ubuntu-22.04",
    "ubuntu-22.04-arm",
];
/// The only lines that need to write to the repository or its packages, and what each of them needs.
const WRITERS: [(&str, &[(&str, &str)]); 3] = [
    ("./scripts/publish attach ", &[("contents", "write")]),
    ("./scripts/release attach ", &[("contents", "write")]),
    (
        "./scripts/release image ",
        &[("contents", "read"), ("packages", "write")],
    ),
];

type Names = BTreeMap<String, String>;

/// A workflow as far as this repository uses them: what is not named here is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workflow {
    #[serde(rename = "name")]
    _name: String,
    on: BTreeMap<String, Option<Value>>,
    permissions: Names,
    #[serde(rename = "concurrency")]
    _concurrency: Concurrency,
    pub(super) jobs: BTreeMap<String, Job>,
}

/// Both must be said: a workflow that says nothing runs beside its own earlier runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Concurrency {
    #[serde(rename = "group")]
    _group: String,
    #[serde(rename = "cancel-in-progress")]
    _cancel_in_progress: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Job {
    #[serde(rename = "name")]
    _name: Option<String>,
    #[serde(rename = "if")]
    _condition: Option<String>,
    #[serde(rename = "needs")]
    _needs: Option<String>,
    runs_on: String,
    #[serde(rename = "timeout-minutes")]
    _timeout_minutes: u32,
    strategy: Option<Strategy>,
    permissions: Option<Names>,
    #[serde(default)]
    env: Names,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Strategy {
    #[serde(rename = "fail-fast")]
    _fail_fast: bool,
    matrix: Matrix,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    #[serde(default)]
    runner: Vec<String>,
    #[serde(default)]
    include: Vec<Names>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(rename = "if")]
    _condition: Option<String>,
    uses: Option<Commented<String>>,
    #[serde(default)]
    with: BTreeMap<String, Value>,
    run: Option<String>,
    #[serde(default)]
    env: Names,
}

impl Job {
    /// The machines that it runs on.
    pub(super) fn runners(&self) -> Vec<&str> {
        let matrix = match &self.strategy {
            Some(strategy) if self.runs_on == "${{ matrix.runner }}" => &strategy.matrix,
            _ => return vec![&self.runs_on],
        };
        let included = matrix
            .include
            .iter()
            .filter_map(|entry| entry.get("runner"));
        matrix
            .runner
            .iter()
            .chain(included)
            .map(String::as_str)
            .collect()
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| step.run.as_deref())
    }
}

/// What is wrong with a workflow's text; its scripts are looked for under `root`.
pub(super) fn faults(text: &str, root: &Path) -> Vec<String> {
    let workflow: Workflow = match serde_saphyr::from_str(text) {
        Ok(workflow) => workflow,
        Err(error) => return vec![error.to_string()],
    };
    let mut faults = of_workflow(&workflow);
    if text.contains("secrets.") {
        faults.push("a fork's pull request has no secrets".to_owned());
    }
    for (name, job) in &workflow.jobs {
        let found = of_job(job).into_iter().chain(
            job.steps
                .iter()
                .flat_map(|step| of_step(step, &job.env, root)),
        );
        faults.extend(found.map(|fault| format!("{name}: {fault}")));
    }
    faults
}

fn of_workflow(workflow: &Workflow) -> Vec<String> {
    let mut faults = Vec::new();
    for trigger in workflow.on.keys() {
        if !TRIGGERS.contains(&trigger.as_str()) {
            faults.push(format!("it runs on {trigger}"));
        }
    }
    let read = [("contents".to_owned(), "read".to_owned())];
    if workflow.permissions != Names::from(read) {
        faults.push("its permissions are not `contents: read`".to_owned());
    }
    faults
}

fn of_job(job: &Job) -> Vec<String> {
    let mut faults = Vec::new();
    let runners = job.runners();
    if runners.is_empty() {
        faults.push("it has no runner".to_owned());
    }
    for runner in runners {
        if !RUNNERS.contains(&runner) {
            faults.push(format!("its runner {runner} is none of {RUNNERS:?}"));
        }
    }
    if let Some(permissions) = &job.permissions {
        // Not one that only uses actions: what those write with the token is not seen here.
        let writes = job.lines().next().is_some();
        if !writes || !job.lines().all(|line| needs(line, permissions)) {
            faults.push("it has more permissions and does more than to attach".to_owned());
        }
    }
    faults
}

/// Whether a line writes, and needs these permissions and no others.
fn needs(line: &str, permissions: &Names) -> bool {
    WRITERS.iter().any(|(writer, needed)| {
        let needed = needed.iter().map(|&(of, level)| (of.into(), level.into()));
        line.starts_with(writer) && *permissions == needed.collect::<Names>()
    })
}

fn of_step(step: &Step, of_job: &Names, root: &Path) -> Vec<String> {
    match (&step.uses, &step.run) {
        (Some(action), None) => of_action(action, &step.with),
        (None, Some(line)) => {
            let known = |name: &str| step.env.contains_key(name) || of_job.contains_key(name);
            of_line(line, known, root)
        }
        _ => vec!["a step neither uses an action nor runs a line".to_owned()],
    }
}

fn of_action(
    Commented(action, version): &Commented<String>,
    with: &BTreeMap<String, Value>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let commit = action.split_once('@').map_or("", |(_, commit)| commit);
    if commit.len() != 40
        || !commit
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    {
        faults.push(format!("{action} is not pinned by a commit"));
    }
    let numbers = version.trim().strip_prefix('v').unwrap_or_default();
    if numbers
        .split('.')
        .filter(|number| number.parse::<u32>().is_ok())
        .count()
        != 3
    {
        faults.push(format!("{action} has no version like `# v1.2.3` behind it"));
    }
    let keeps_token = with.get("persist-credentials") != Some(&Value::Bool(false));
    if action.starts_with("actions/checkout@") && keeps_token {
        faults.push("a checkout leaves its token behind".to_owned());
    }
    faults
}

/// One call of a script, with plain words and quoted variables.
fn of_line(line: &str, known: impl Fn(&str) -> bool, root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let mut words = line.split(' ');
    let script = words.next().unwrap_or_default();
    if line.contains('\n') || !script.starts_with("./scripts/") {
        return vec![format!("`{line}` is not one call of a script")];
    }
    let is_program = fs::metadata(root.join(script))
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 == 0o111);
    if !is_program {
        faults.push(format!("{script} is no program"));
    }
    for word in words {
        let variable = word
            .strip_prefix("\"$")
            .and_then(|rest| rest.strip_suffix('"'));
        match variable {
            Some(name) if known(name) => {}
            Some(name) => faults.push(format!("`{line}` is given no {name}")),
            None if !word.is_empty() && word.chars().all(is_plain) => {}
            None => faults.push(format!(
                "`{word}` is neither a plain word nor a quoted variable"
            )),
        }
    }
    faults
}

/// Nothing in which a shell sees more than the letter.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_./=^:".contains(letter)
}
