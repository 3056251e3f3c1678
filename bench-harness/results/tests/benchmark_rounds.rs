//! `scripts/benchmarks`: programs that take turns, and programs of two checkouts that are kept apart.
//!
//! The programs are small scripts that write what criterion would, and a workspace of two empty
//! packages: nothing is measured here.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use busbench_results::read_benchmarks;
use tempfile::TempDir;

/// A benchmark program: `@ids` are its benchmarks, `@name` is what it calls itself in the log, `@log`.
/// Its third call in a round is the fastest, with 6 ms; a round of `--short` gives it 5 ms.
const PROGRAM: &str = r#"#!/usr/bin/env bash
set -eu
case " $* " in
    *' --list '*) printf '%s: benchmark\n' @ids; exit ;;
esac
for id in "$@"; do :; done # the last argument
printf '%s\n' @ids | grep --quiet --line-regexp "$id" || exit 0
echo "@name $id" >>"@log"
case $id in
    stamp/broken) echo 'the stamp is broken' >&2; exit 101 ;;
    stamp/nothing) exit 0 ;;
esac
mkdir -p "$CRITERION_HOME/$id/new"
echo "{\"full_id\":\"$id\",\"directory_name\":\"$id\"}" >"$CRITERION_HOME/$id/new/benchmark.json"
number=$(grep --count "$id" "@log")
case $id in
    stamp/hurried) time_ns=500 ;;
    stamp/late) if [ "$number" = 2 ]; then time_ns=7000000; else time_ns=500; fi ;;
    *) time_ns=$((number * 1000000 % 3000000 + 6000000)) ;;
esac
echo "{\"iters\":[2],\"times\":[$time_ns]}" >"$CRITERION_HOME/$id/new/sample.json"
"#;

struct Place(TempDir);

/// How the script ended.
struct Ended {
    succeeded: bool,
    errors: String,
}

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// Puts a benchmark program into the folder of a side.
    fn program(&self, side: &str, program: &str, ids: &[&str]) {
        let text = PROGRAM
            .replace("@ids", &ids.join(" "))
            .replace("@name", side)
            .replace("@log", self.path("log").to_str().unwrap());
        let path = self.path(side).join(program);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A round of these sides, each with its figures beside its programs.
    fn round(&self, sides: &[&str]) -> Ended {
        let mut arguments = vec!["round".to_owned(), "--short".to_owned()];
        for side in sides {
            arguments.push(self.path(side).to_str().unwrap().to_owned());
            arguments.push(self.home(side).to_str().unwrap().to_owned());
        }
        self.script(&arguments)
    }

    fn home(&self, side: &str) -> PathBuf {
        self.path(&format!("figures/{side}"))
    }

    fn script(&self, arguments: &[String]) -> Ended {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/benchmarks");
        let output = Command::new(script)
            .args(arguments)
            .env("CARGO_TARGET_DIR", self.path("target"))
            .output()
            .unwrap();
        Ended {
            succeeded: output.status.success(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Which benchmark ran of which side, in order.
    fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap();
        log.lines().map(str::to_owned).collect()
    }

    fn ids(&self, side: &str) -> Vec<String> {
        read_benchmarks(&self.home(side))
            .unwrap()
            .into_keys()
            .collect()
    }
}

impl Ended {
    fn succeeded(&self) {
        assert!(self.succeeded, "{}", self.errors);
    }

    fn failed_with(&self, words: &[&str]) {
        assert!(!self.succeeded, "it was to fail");
        for word in words {
            assert!(self.errors.contains(word), "{word:?}: {}", self.errors);
        }
    }
}

#[test]
fn sides_take_turns_with_each_benchmark_in_the_order_given() {
    let place = Place::new();
    for side in ["base", "head"] {
        place.program(side, "codecs", &["stamp/encode", "stamp/decode"]);
        place.program(side, "delivery", &["receiver/delivery"]);
    }
    place.round(&["head", "base"]).succeeded();
    let turn = |id: &str| [format!("head {id}"), format!("base {id}")];
    let turns = |id: &str| [turn(id), turn(id), turn(id)].concat();
    let expected = ["stamp/encode", "stamp/decode", "receiver/delivery"].map(turns);
    assert_eq!(place.log(), expected.concat());
    for side in ["base", "head"] {
        let ids = place.ids(side);
        assert_eq!(ids, ["receiver/delivery", "stamp/decode", "stamp/encode"]);
    }
}

#[test]
fn what_only_one_side_has_is_measured_there() {
    let place = Place::new();
    place.program("base", "codecs", &["stamp/encode", "stamp/gone"]);
    place.program("head", "codecs", &["stamp/encode", "stamp/new"]);
    place.program("head", "delivery", &["receiver/delivery"]);
    place.round(&["base", "head"]).succeeded();
    assert_eq!(place.ids("base"), ["stamp/encode", "stamp/gone"]);
    let ids = place.ids("head");
    assert_eq!(ids, ["receiver/delivery", "stamp/encode", "stamp/new"]);
}

#[test]
fn a_benchmark_that_fails_or_leaves_nothing_ends_the_round() {
    for (id, words) in [
        ("stamp/broken", ["the stamp is broken", "codecs failed"]),
        (
            "stamp/nothing",
            ["left no figures of stamp/nothing", "codecs"],
        ),
    ] {
        let place = Place::new();
        place.program("base", "codecs", &["stamp/encode", id]);
        place.round(&["base"]).failed_with(&words);
    }
}

#[test]
fn the_fastest_of_several_calls_counts() {
    let place = Place::new();
    place.program("base", "codecs", &["stamp/encode"]);
    place.round(&["base"]).succeeded();
    let times = read_benchmarks(&place.home("base")).unwrap();
    assert_eq!(times.get("stamp/encode"), Some(&3_000_000.0));
}

/// criterion counts iterations by the wall clock, and makes one for each sample where it had to wait.
#[test]
fn calls_that_measured_next_to_nothing_do_not_count() {
    let place = Place::new();
    let ids = ["stamp/encode", "stamp/late", "stamp/hurried"];
    place.program("base", "codecs", &ids);
    let ended = place.round(&["base"]);
    ended.succeeded();
    let times = read_benchmarks(&place.home("base")).unwrap();
    assert_eq!(times.get("stamp/late"), Some(&3_500_000.0));
    assert_eq!(times.get("stamp/hurried"), None);
    assert!(
        ended.errors.contains("stamp/hurried") && ended.errors.contains("too busy"),
        "{}",
        ended.errors
    );
}

#[test]
fn figures_of_two_rounds_are_not_mixed() {
    let place = Place::new();
    place.program("base", "codecs", &["stamp/encode"]);
    place.round(&["base"]).succeeded();
    place
        .round(&["base"])
        .failed_with(&["figures/base holds something already"]);
}

#[test]
fn a_round_without_programs_says_what_is_missing() {
    let place = Place::new();
    place
        .round(&["base"])
        .failed_with(&["there is no folder", "scripts/benchmarks build"]);
    fs::create_dir(place.path("base")).unwrap();
    place
        .round(&["base"])
        .failed_with(&["base has none of the benchmarks"]);
    let arguments = ["round".to_owned(), "one".to_owned()];
    place.script(&arguments).failed_with(&["takes pairs"]);
}

/// A workspace with the codecs' benchmark program, which prints `says`, and without the other.
fn checkout(path: &Path, says: &str) {
    let package = path.join("envelope");
    fs::create_dir_all(package.join("src")).unwrap();
    fs::create_dir_all(package.join("benches")).unwrap();
    let files = [
        (
            path.join("Cargo.toml"),
            "[workspace]\nresolver = \"3\"\nmembers = [\"envelope\"]\n".to_owned(),
        ),
        (
            path.join("Cargo.lock"),
            "version = 4\n\n[[package]]\nname = \"busbench-envelope\"\nversion = \"0.1.0\"\n"
                .to_owned(),
        ),
        (
            package.join("Cargo.toml"),
            "[package]\nname = \"busbench-envelope\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             [[bench]]\nname = \"codecs\"\nharness = false\n"
                .to_owned(),
        ),
        (
            package.join("src/lib.rs"),
            format!("pub const SAYS: &str = \"{says}\";\n"),
        ),
        (
            package.join("benches/codecs.rs"),
            "fn main() { println!(\"{}\", busbench_envelope::SAYS); }\n".to_owned(),
        ),
    ];
    for (file, text) in files {
        fs::write(file, text).unwrap();
    }
}

/// Both have the same names in a target folder, and the head's sources are older than what was built
/// of the base: cargo alone would take the base's program for the head's.
#[test]
fn two_checkouts_that_share_a_target_folder_get_each_their_own_program() {
    let place = Place::new();
    checkout(&place.path("head"), "head");
    checkout(&place.path("base"), "base");
    for side in ["base", "head", "base"] {
        let programs = place.path(&format!("programs-{side}"));
        let arguments = [
            "build".to_owned(),
            place.path(side).to_str().unwrap().to_owned(),
            programs.to_str().unwrap().to_owned(),
        ];
        let ended = place.script(&arguments);
        ended.succeeded();
        assert!(
            ended.errors.contains("no benchmark program delivery"),
            "{}",
            ended.errors
        );
        let said = Command::new(programs.join("codecs")).output().unwrap();
        assert_eq!(String::from_utf8(said.stdout).unwrap().trim(), side);
    }
}
