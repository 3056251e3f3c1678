//! Tells the program which commit it was built from, where it was built from a checkout.

use std::process::Command;

fn main() {
    for path in [
        "../../.git/HEAD",
        "../../.git/index",
        "..",
        "../../Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    if let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) {
        let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
        let dirty = if changed.is_some_and(|files| !files.is_empty()) {
            "-dirty"
        } else {
            ""
        };
        println!("cargo::rustc-env=BUSBENCH_COMMIT={commit}{dirty}");
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
