//! The workflows of GitHub Actions only call scripts, and those are tested here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rules::{Workflow, faults};

mod rules;

/// One that holds to every rule.
const GOOD: &str = r#"
name: good
on:
  push:
permissions:
  contents: read
concurrency:
  group: good-${{ github.ref }}
  cancel-in-progress: true
jobs:
  work:
    runs-on: ${{ matrix.runner }}
    timeout-minutes: 10
    strategy:
      fail-fast: false
      matrix:
        runner: [ubuntu-24.04]
        include:
          - runner: ubuntu-24.04-arm
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v7.0.1
        with:
          persist-credentials: false
      - run: ./scripts/publish measure --scenario "$SCENARIOS" --out measured
        env:
          SCENARIOS: ${{ inputs.scenarios }}
  attach:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: write
    steps:
      - run: ./scripts/publish attach "$TAG" report
        env:
          TAG: ${{ github.ref_name }}
"#;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The workflows of this repository, by name.
fn workflows() -> BTreeMap<String, String> {
    fs::read_dir(repository().join(".github/workflows"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The good workflow with a part replaced has one fault, which says `words`.
#[track_caller]
fn refuses(part: &str, replacement: &str, words: &str) {
    assert!(GOOD.contains(part), "{part:?} is no part of it");
    let text = GOOD.replacen(part, replacement, 1);
    let found = faults(&text, &repository());
    assert!(
        matches!(&found[..], [fault] if fault.contains(words)),
        "{replacement:?} instead of {part:?}: {found:#?}"
    );
}

#[test]
fn every_workflow_of_this_repository_holds_to_the_rules() {
    let workflows = workflows();
    let names: Vec<_> = workflows.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["check.yml", "gate.yml", "publish.yml", "release.yml"]
    );
    for (name, text) in workflows {
        assert_eq!(faults(&text, &repository()), [""; 0], "{name}");
    }
}

#[test]
fn what_is_checked_gated_and_measured_is_so_on_both_architectures() {
    let workflows = workflows();
    for (file, job) in [("check", "test"), ("gate", "gate"), ("publish", "measure")] {
        let text = &workflows[&format!("{file}.yml")];
        let workflow: Workflow = serde_saphyr::from_str(text).unwrap();
        let runners = workflow.jobs[job].runners();
        assert_eq!(runners, ["ubuntu-24.04", "ubuntu-24.04-arm"], "{file}");
    }
    let workflow: Workflow = serde_saphyr::from_str(&workflows["release.yml"]).unwrap();
    let runners = workflow.jobs["pack"].runners();
    assert_eq!(runners, ["ubuntu-22.04", "ubuntu-22.04-arm"]);
}

#[test]
fn a_workflow_that_holds_to_the_rules_has_no_fault() {
    assert_eq!(faults(GOOD, &repository()), [""; 0]);
}

#[test]
fn an_action_is_pinned_by_a_whole_commit_with_its_version_behind() {
    let pinned = "0123456789012345678901234567890123456789 # v7.0.1";
    refuses(pinned, "v7.0.1 # v7.0.1", "not pinned");
    refuses(pinned, "0123456 # v7.0.1", "not pinned");
    refuses(pinned, "main # v7.0.1", "not pinned");
    refuses(" # v7.0.1", "", "no version");
    refuses("# v7.0.1", "# the newest", "no version");
    refuses("# v7.0.1", "# v7", "no version");
}

#[test]
fn a_line_is_one_call_of_a_script_that_is_there() {
    let line = "./scripts/publish attach \"$TAG\" report";
    refuses(
        line,
        "./scripts/publish attach \"$OTHER\" report",
        "no OTHER",
    );
    refuses(
        line,
        "./scripts/publish attach $TAG report",
        "quoted variable",
    );
    refuses(
        line,
        "./scripts/publish attach \"$TAG\" \"$(pwd)\"",
        "given no (pwd)",
    );
    let measure = "./scripts/publish measure --scenario \"$SCENARIOS\" --out measured";
    refuses(measure, "./scripts/nothing --out measured", "no program");
    refuses(measure, "./scripts/lib.sh --out measured", "no program");
    refuses(measure, "cargo test", "not one call");
    refuses(
        measure,
        "|\n          ./scripts/test\n          rm -rf x",
        "not one call",
    );
    for more in [
        "; ls", "&& ls", "| tee x", "> x", "`ls`", "$(ls)", "*.md", "~",
    ] {
        let text = GOOD.replacen(measure, &format!("{measure} {more}"), 1);
        let found = faults(&text, &repository());
        assert!(found[0].contains("plain word"), "{more}: {found:?}");
    }
}

#[test]
fn no_expression_is_put_into_a_line() {
    let text = GOOD.replacen("\"$TAG\"", "${{ github.ref_name }}", 1);
    let found = faults(&text, &repository());
    assert!(!found.is_empty(), "{found:?}");
    assert!(
        found.iter().all(|fault| fault.contains("plain word")),
        "{found:?}"
    );
}

#[test]
fn only_what_attaches_may_write() {
    let read = "permissions:\n  contents: read\n";
    refuses(read, "", "permissions");
    refuses(read, "permissions:\n  contents: write\n", "permissions");
    refuses(read, "permissions: write-all\n", "permissions");
    refuses("attach \"$TAG\"", "report \"$TAG\"", "more permissions");
    for permissions in ["packages: write", "contents: write\n      packages: write"] {
        refuses("contents: write", permissions, "more permissions");
    }
    let push = "./scripts/release image \"$TAG\" packed";
    refuses(
        "./scripts/publish attach \"$TAG\" report",
        push,
        "more permissions",
    );
    let text = GOOD
        .replacen("./scripts/publish attach \"$TAG\" report", push, 1)
        .replacen(
            "contents: write",
            "contents: read\n      packages: write",
            1,
        );
    assert_eq!(faults(&text, &repository()), [""; 0]);
    let run = "run: ./scripts/publish attach \"$TAG\" report\n";
    let action = "uses: some/action@0123456789012345678901234567890123456789 # v1.0.0\n";
    refuses(run, action, "more permissions");
}

#[test]
fn a_job_ends_by_itself_and_a_superseded_run_is_thought_of() {
    refuses("    timeout-minutes: 10\n", "", "timeout-minutes");
    refuses("  cancel-in-progress: true\n", "", "cancel-in-progress");
    refuses(
        "concurrency:\n  group: good-${{ github.ref }}\n  cancel-in-progress: true\n",
        "",
        "concurrency",
    );
}

#[test]
fn a_fork_runs_without_secrets_and_never_with_this_repositorys_rights() {
    refuses("  push:", "  pull_request_target:", "pull_request_target");
    refuses("  push:", "  workflow_run:", "workflow_run");
    refuses(
        "${{ github.ref_name }}",
        "${{ secrets.TOKEN }}",
        "no secrets",
    );
    refuses(
        "persist-credentials: false",
        "fetch-depth: 0",
        "token behind",
    );
    refuses(
        "persist-credentials: false",
        "persist-credentials: true",
        "token behind",
    );
}

#[test]
fn a_machine_is_named_by_its_release() {
    refuses("[ubuntu-24.04]", "[ubuntu-latest]", "ubuntu-latest");
    refuses(
        "runs-on: ubuntu-24.04\n",
        "runs-on: self-hosted\n",
        "self-hosted",
    );
}

#[test]
fn what_is_no_workflow_is_said_so() {
    for text in ["", "jobs: [", "name: {}", "\t", "a: 1\na: 2"] {
        assert_eq!(faults(text, &repository()).len(), 1, "{text:?}");
    }
    refuses("name: good", "name: good\ndefaults: {}", "defaults");
    refuses("      - run:", "      - shell: bash\n        run:", "shell");
    refuses("      - run:", "      - uses: x\n        run:", "neither");
}
