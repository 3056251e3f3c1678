//! `scripts/release` and `scripts/cross`: what is downloaded, and what is copied to a gateway. Building
//! takes minutes, so what is built is not tested here, but by `scripts/prove arm64`.

use std::env::consts::ARCH;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ended, Place};

/// Machines in ELF headers, and one that is neither.
const AARCH64: u8 = 183;
const X86_64: u8 = 62;
const ARM: u8 = 40;
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A script, called in this folder.
fn script(place: &Place, name: &str, arguments: &[&str]) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
    let mut command = Command::new(script.join(name));
    command
        .args(arguments)
        .current_dir(place.path())
        .env("BUSBENCH", env!("CARGO_BIN_EXE_busbench"))
        .env_remove("GITHUB_REPOSITORY");
    command
}

fn run(place: &Place, name: &str, arguments: &[&str]) -> Ended {
    Ended::of(script(place, name, arguments).output().unwrap())
}

/// Packs a program into a folder of this place, and gives the archive. Not the program under test: with
/// what a debugger needs it is so large that compressing it takes most of a minute.
fn pack(place: &Place, out: &str) -> PathBuf {
    let program = program_for(place, AARCH64);
    let mut command = script(place, "release", &["pack", "--out", out]);
    Ended::of(command.env("BUSBENCH", program).output().unwrap()).said(0, &["packed"]);
    let name = format!("busbench-{VERSION}-aarch64.tar.gz");
    place.path().join(out).join(name)
}

/// A program that begins like one for a machine, by its number in the ELF header.
fn program_for(place: &Place, machine: u8) -> PathBuf {
    let path = place.file("program", "");
    let mut bytes = vec![0; 64];
    bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
    bytes[18] = machine;
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn an_archive_holds_program_scenarios_and_documents_and_is_the_same_twice() {
    if cfg!(not(target_os = "linux")) {
        println!("skipped: releases are packed on Linux");
        return;
    }
    let place = Place::new();
    let archive = pack(&place, "packed");
    let again = pack(&place, "again");
    let read = |path: &Path| fs::read(path).unwrap();
    assert!(read(&archive) == read(&again), "they differ");
    let listed = Command::new("tar").arg("-tzf").arg(&archive).output();
    let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
    let folder = format!("busbench-{VERSION}-aarch64");
    for file in [
        "busbench",
        "scenarios/quick.toml",
        "README.md",
        "LICENSE",
        "docs/gateways.md",
    ] {
        let path = format!("{folder}/{file}");
        assert!(
            listed.lines().any(|line| line == path),
            "{path} is no line of {listed}"
        );
    }
    let hash = format!("{}.sha256", archive.display());
    assert!(
        fs::read_to_string(hash)
            .unwrap()
            .ends_with(&format!("  {folder}.tar.gz\n"))
    );
}

#[test]
fn an_archive_is_named_by_the_machine_that_its_program_is_for() {
    let place = Place::new();
    let packed = |machine| {
        let program = program_for(&place, machine);
        let mut command = script(&place, "release", &["pack", "--out", "packed"]);
        Ended::of(command.env("BUSBENCH", program).output().unwrap())
    };
    if cfg!(target_os = "linux") {
        packed(AARCH64).said(0, &["aarch64"]);
        packed(X86_64).said(0, &["x86_64"]);
    }
    packed(ARM).said(3, &["program", "no program for x86_64 or aarch64"]);
}

#[test]
fn archives_are_attached_whole_and_to_the_tag_of_their_version() {
    if cfg!(not(target_os = "linux")) {
        println!("skipped: releases are packed on Linux");
        return;
    }
    let place = Place::new();
    let tag = format!("v{VERSION}");
    let attach = ["attach", &tag, "packed"];
    run(&place, "release", &attach).said(2, &["packed", "./scripts/release pack"]);
    let archive = pack(&place, "packed");

    place.file(
        "gh",
        "#!/usr/bin/env bash\nprintf '%s\\n' \"$@\" >\"$CALLED\"\n",
    );
    let gh = place.path().join("gh");
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    let called = place.path().join("called");
    let mut command = script(&place, "release", &attach);
    let path = std::env::var("PATH").unwrap();
    command
        .env("PATH", format!("{}:{path}", place.path().display()))
        .env("CALLED", &called);
    Ended::of(command.output().unwrap()).said(0, &[]);
    let name = archive.display();
    assert_eq!(
        fs::read_to_string(called).unwrap(),
        format!("release\nupload\n{tag}\n{name}\n{name}.sha256\n--clobber\n")
    );

    run(&place, "release", &["attach", "v99.0.0", "packed"]).said(2, &["v99.0.0", VERSION]);
    fs::write(&archive, "something else").unwrap();
    run(&place, "release", &attach).said(2, &["sha256", "pack it again"]);
}

#[test]
fn what_is_asked_wrongly_of_a_release_is_said() {
    let place = Place::new();
    for (arguments, words) in [
        (&[][..], &["pack, image or attach"][..]),
        (&["push"], &["push"]),
        (&["pack", "--what"], &["--what"]),
        (&["pack", "--out"], &["--out", "value"]),
        (&["attach", "v1"], &["a tag and the folder"]),
        (&["attach", "--repo=other", "."], &["no tag"]),
        (&["image", "v1"], &["a tag and the folder"]),
        (&["image", "v1;ls", "."], &["no tag"]),
    ] {
        run(&place, "release", arguments).said(2, words);
    }
    let mut command = script(&place, "release", &["pack"]);
    command.env("BUSBENCH", "/nowhere");
    Ended::of(command.output().unwrap()).said(3, &["BUSBENCH", "/nowhere"]);
    assert_eq!(place.entries(), [""; 0]);
}

#[test]
fn what_is_asked_wrongly_of_a_cross_build_is_said_before_anything_is_installed() {
    let place = Place::new();
    let other = if ARCH == "aarch64" {
        "x86_64"
    } else {
        "aarch64"
    };
    for (arguments, words) in [
        (&[][..], &["aarch64 or x86_64"][..]),
        (&["arm"], &["unknown architecture arm"]),
        (&["aarch64", "x86_64"], &["one architecture"]),
        (&[other, "--profile", "fast"], &["fast"]),
        (&[other, "--out"], &["--out", "value"]),
        (&[other, "--package", "envelope"], &["--tests"]),
        (&[other, "--tests", "--package", "nothing"], &["nothing"]),
    ] {
        run(&place, "cross", arguments).said(2, words);
    }
    if cfg!(target_os = "linux") {
        run(&place, "cross", &[ARCH]).said(2, &[ARCH, "cargo build --release"]);
    }
}

#[test]
fn an_image_takes_no_program_of_another_machine() {
    let place = Place::new();
    let program = program_for(&place, ARM);
    for (arch, name) in [("arm64", "aarch64"), ("amd64", "x86_64")] {
        let arguments = ["--with-suite", "--arch", arch];
        let mut command = script(&place, "images", &arguments);
        let ended = Ended::of(command.env("BUSBENCH", &program).output().unwrap());
        ended.said(3, &["program", name, "BUSBENCH"]);
    }
    let mut command = script(&place, "images", &["--with-suite"]);
    command.env("BUSBENCH", "/nowhere");
    Ended::of(command.output().unwrap()).said(3, &["/nowhere"]);
}
