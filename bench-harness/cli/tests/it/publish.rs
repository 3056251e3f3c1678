//! `scripts/publish`: measured on one machine after another, reported once, attached to a release.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ended, Place, SMALL};

/// Records what it is called with, and keeps what it should upload: `$FAKE_GH` is a folder.
const GH: &str = r#"#!/usr/bin/env bash
printf '%s\n' "$@" >"$FAKE_GH/arguments"
[ -z "${FAKE_GH_FAILS:-}" ] || { echo 'release not found' >&2; exit 1; }
cp "$4" "$FAKE_GH"
"#;

/// The script, called in this folder, with the command that is under test.
fn publish(place: &Place, arguments: &[&str]) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/publish");
    let mut command = Command::new(script);
    command
        .args(arguments)
        .current_dir(place.path())
        .env("BUSBENCH", env!("CARGO_BIN_EXE_busbench"));
    command
}

fn run(place: &Place, arguments: &[&str]) -> Ended {
    Ended::of(publish(place, arguments).output().unwrap())
}

/// Measures the small scenario into a folder of this place, and gives the folder of the run.
fn measure(place: &Place, out: &str) -> PathBuf {
    place.file("mine.toml", SMALL);
    let scenario = ["measure", "--scenario", "mine.toml"];
    run(
        place,
        &[&scenario[..], &["--trials", "1", "--out", out]].concat(),
    )
    .said(0, &[]);
    let mut found = fs::read_dir(place.path().join(out))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folder = found.next().unwrap();
    assert!(found.next().is_none(), "{out} holds more");
    folder
}

/// Lets a run pass for one of another machine.
fn pass_for(folder: &Path, architecture: &str) {
    let record = folder.join("result.json");
    let mut run: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap();
    run["host"]["arch"] = architecture.into();
    run["host"]["name"] = "gateway".into();
    fs::write(&record, run.to_string()).unwrap();
}

/// A folder with a program `gh`, and a `PATH` that begins with it.
fn with_gh(place: &Place, command: &mut Command) -> PathBuf {
    let folder = place.path().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("gh");
    fs::write(&program, GH).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    command
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("FAKE_GH", &folder);
    folder
}

#[test]
fn two_architectures_stand_side_by_side_in_one_report() {
    let place = Place::new();
    measure(&place, "here");
    pass_for(&measure(&place, "there"), "riscv64");
    let title = "Mine & yours";
    run(
        &place,
        &[
            "report", "here", "there", "--out", "report", "--title", title,
        ],
    )
    .said(0, &[]);
    let page = fs::read_to_string(place.path().join("report/index.html")).unwrap();
    for words in [
        "<h1>Mine &amp; yours</h1>",
        "riscv64",
        std::env::consts::ARCH,
    ] {
        assert!(page.contains(words), "{words} is missing");
    }
    let picture = place.path().join("report/side-by-side-rates.svg");
    assert!(picture.exists(), "the cell of both is drawn once for both");
    let rows = fs::read_to_string(place.path().join("report/cells.csv")).unwrap();
    assert_eq!(
        rows.lines().count(),
        3,
        "a head and a row of each run: {rows}"
    );
}

#[test]
fn a_measurement_goes_on_where_it_was_left() {
    let place = Place::new();
    let record = measure(&place, "here").join("result.json");
    let name = || {
        let text = fs::read_to_string(&record).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["run"].clone()
    };
    let first = name();
    place.file("other.toml", SMALL);
    // As a form's field gives them: several in one, or nothing.
    let scenarios = ["--scenario", "mine.toml other.toml", "--scenario", ""];
    let more = ["--trials", "1", "--out", "here"];
    run(&place, &[&["measure"], &scenarios[..], &more].concat()).said(0, &["0 trials"]);
    assert_eq!(name(), first);
    let folders = fs::read_dir(place.path().join("here")).unwrap().count();
    assert_eq!(folders, 2, "the other one was measured too");
}

#[test]
fn a_scenario_without_a_valid_result_leaves_the_others_their_turn() {
    let place = Place::new();
    let calls = place.path().join("calls");
    let program = place.file(
        "program",
        "#!/usr/bin/env bash\necho \"$2\" >>\"$CALLS\"\ncase $2 in *invalid.toml) exit 4 ;; *broken.toml) exit 3 ;; esac\n",
    );
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["invalid.toml", "mine.toml", "broken.toml"] {
        place.file(name, SMALL);
    }
    let called = |scenarios: &str| {
        let _ = fs::remove_file(&calls);
        let mut command = publish(
            &place,
            &["measure", "--scenario", scenarios, "--out", "out"],
        );
        command.env("BUSBENCH", "program").env("CALLS", &calls);
        let ended = Ended::of(command.output().unwrap());
        (
            ended.code,
            fs::read_to_string(&calls).unwrap().lines().count(),
        )
    };
    assert_eq!(called("invalid.toml mine.toml"), (Some(4), 2));
    assert_eq!(called("broken.toml mine.toml"), (Some(3), 1));
}

#[test]
fn a_report_is_packed_and_uploaded_to_the_tags_release() {
    let place = Place::new();
    measure(&place, "here");
    run(&place, &["report", "here", "--out", "report"]).said(0, &[]);
    let mut command = publish(&place, &["attach", "release/v1.2.0", "report"]);
    let folder = with_gh(&place, &mut command);
    Ended::of(command.output().unwrap()).said(0, &[]);
    let arguments = fs::read_to_string(folder.join("arguments")).unwrap();
    let arguments: Vec<_> = arguments.lines().collect();
    let name = "busbench-report-release-v1.2.0";
    assert_eq!(arguments[..3], ["release", "upload", "release/v1.2.0"]);
    assert!(
        arguments[3].ends_with(&format!("/{name}.tar.gz")),
        "{arguments:?}"
    );
    assert_eq!(
        arguments[4..],
        ["--clobber"],
        "a second call replaces the first one's"
    );
    let unpacked = Command::new("tar")
        .arg("-xzf")
        .arg(folder.join(format!("{name}.tar.gz")))
        .arg("-C")
        .arg(&folder)
        .status();
    assert!(unpacked.unwrap().success());
    let read = |path: PathBuf| fs::read(path).unwrap();
    assert_eq!(
        read(folder.join(name).join("index.html")),
        read(place.path().join("report/index.html"))
    );
    assert!(!Path::new(arguments[3]).exists(), "nothing is left behind");
}

#[test]
fn what_cannot_be_attached_is_said() {
    let place = Place::new();
    fs::create_dir(place.path().join("report")).unwrap();
    run(&place, &["attach", "v1", "report"]).said(2, &["report", "index.html"]);
    place.file("report/index.html", "");
    for tag in ["", "--repo=other", "v1;ls", "v 1"] {
        run(&place, &["attach", tag, "report"]).said(2, &["no tag"]);
    }
    run(&place, &["attach", "v1"]).said(2, &["a tag and the folder"]);
    let mut command = publish(&place, &["attach", "v1", "report"]);
    with_gh(&place, command.env("FAKE_GH_FAILS", "1"));
    Ended::of(command.output().unwrap()).said(3, &["release not found", "v1", "GH_TOKEN"]);
}

#[test]
fn what_is_asked_wrongly_is_said_before_anything_is_measured() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    for (arguments, words) in [
        (&[][..], &["measure, report or attach"][..]),
        (&["unknown"], &["unknown"]),
        (&["measure", "--what"], &["--what"]),
        (&["measure", "--out"], &["--out", "value"]),
        (
            &["measure", "--scenario", "mine.toml nowhere.toml"],
            &["nowhere.toml"],
        ),
        (&["report", "--out", "report"], &["folders of runs"]),
        (&["report", "nowhere", "--out", "report"], &["nowhere"]),
        (&["report", ".", "--out", "report"], &["no run"]),
        (&["report", "--what"], &["--what"]),
    ] {
        run(&place, arguments).said(2, words);
    }
    assert_eq!(place.entries(), ["mine.toml"]);
    let mut command = publish(
        &place,
        &["measure", "--scenario", "mine.toml", "--out", "out"],
    );
    command.env("BUSBENCH", "/nowhere");
    Ended::of(command.output().unwrap()).said(3, &["BUSBENCH", "/nowhere"]);
}

#[test]
fn a_program_of_another_machine_is_said_to_be_one() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    // Machine 0 is none, so that no emulator runs it.
    let mut bytes = b"\x7fELF\x02\x01".to_vec();
    bytes.resize(64, 0);
    let program = place.path().join("program");
    fs::write(&program, bytes).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = publish(&place, &["measure", "--scenario", "mine.toml"]);
    command.env("BUSBENCH", "program");
    Ended::of(command.output().unwrap()).said(3, &["exec format error", "another machine"]);
}

#[test]
fn a_report_needs_its_folder_and_each_run_once() {
    let place = Place::new();
    measure(&place, "here");
    run(&place, &["report", "here"]).said(2, &["--out"]);
    run(&place, &["report", "here", "./here", "--out", "report"]).said(2, &["twice"]);
    assert!(!place.path().join("report").exists());
}

#[test]
fn its_help_is_its_head_wherever_it_is_called() {
    let place = Place::new();
    for arguments in [&["--help"][..], &["measure", "--help"]] {
        let ended = run(&place, arguments);
        assert!(
            ended
                .said(0, &[])
                .stdout
                .contains("publish attach TAG REPORT")
        );
    }
}
