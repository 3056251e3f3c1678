//! The pages that the tests read, and one browser after another that opens them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use busbench_report::{render, trend};
use busbench_results::Run;
use busbench_results::fixtures::{self, run};
use busbench_results::history::{TrendOptions, series_of, trends};

use crate::devtools::{Browser, Event, VARIABLE};
use crate::tab::{Look, Tab};

/// Breaks out of text, attributes, comments and scripts where one of them is not escaped.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\
     </script></title></style><svg onload=alert(3)>]]>-->\u{202e}\u{0}\u{7}&lt;";

/// A page on disk.
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

impl Page {
    pub(crate) fn address(&self) -> String {
        format!("file://{}/index.html", self.folder.display())
    }
}

/// Every page, rendered once, and those that are published.
pub(crate) fn pages() -> &'static [Page] {
    static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
        let long = "long_name_without_a_break_".repeat(400);
        [
            ("quick", vec![run()]),
            ("envelopes", vec![fixtures::envelope_run()]),
            ("matrix", vec![fixtures::envelope_matrix()]),
            ("marshalling", vec![fixtures::marshalling_run()]),
            ("several", vec![run(), fixtures::envelope_run()]),
            (
                "machines",
                vec![run(), fixtures::aarch64_run(), fixtures::emulated_run()],
            ),
            ("hostile", vec![fixtures::hostile(run(), HOSTILE)]),
            ("long-names", vec![fixtures::hostile(few_cells(), &long)]),
            ("bare", vec![fixtures::bare_run()]),
            ("only-invalid", vec![fixtures::only_invalid_run()]),
            ("only-impossible", vec![fixtures::only_impossible_run()]),
            ("not-yet", vec![fixtures::not_yet_run()]),
            ("empty", vec![fixtures::empty_run()]),
            ("no-run", Vec::new()),
        ]
        .into_iter()
        .map(|(name, runs)| written(name, &runs))
        .chain([history()])
        .chain(published())
        .collect()
    });
    &PAGES
}

pub(crate) fn page(name: &str) -> &'static Page {
    pages().iter().find(|page| page.name == name).unwrap()
}

/// Long names make long pages, so of fewer cells.
fn few_cells() -> Run {
    let mut run = run();
    let kept = ["nats-core", "mqtt3", "null"];
    run.record
        .cells
        .retain(|cell| kept.contains(&cell.key.bus.as_str()));
    let ids: Vec<&String> = run.record.cells.iter().map(|cell| &cell.id).collect();
    run.trials.retain(|cell, _| ids.contains(&cell));
    run
}

/// The reports of the repository, which another test holds to their runs.
fn published() -> Vec<Page> {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reports");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(reports.canonicalize().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("index.html").is_file())
        .collect();
    folders.sort();
    folders
        .into_iter()
        .map(|folder| Page {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            folder,
        })
        .collect()
}

/// The page of the made-up history.
fn history() -> Page {
    let series = series_of(fixtures::history());
    let trends = trends(&series, &TrendOptions::default());
    write("history", trend::page(&trends).unwrap())
}

fn written(name: &str, runs: &[Run]) -> Page {
    write(name, render(runs).unwrap())
}

fn write(name: &str, files: Vec<(String, Vec<u8>)>) -> Page {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("pages")
        .join(name);
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    Page {
        name: name.to_owned(),
        folder,
    }
}

/// A page in one look, and what each script of the tests finds fault with in it.
struct Visit {
    page: &'static str,
    look: Look,
    faults: BTreeMap<&'static str, Vec<String>>,
}

/// What is looked at in every page. Each is a function without effects on the page, except that
/// the last ones open what is folded.
const SCRIPTS: [(&str, &str); 7] = [
    ("figures", include_str!("scripts/figures.js")),
    ("links", include_str!("scripts/links.js")),
    ("headings", include_str!("scripts/headings.js")),
    ("names", include_str!("scripts/names.js")),
    ("cut off", include_str!("scripts/cut_off.js")),
    ("sideways", include_str!("scripts/sideways.js")),
    ("contrast", CONTRAST),
];

pub(crate) const CONTRAST: &str = include_str!("scripts/contrast.js");

const LOOKS: [Look; 5] = [
    Look::WIDE,
    Look::NARROW,
    Look::DARK,
    Look::NARROW_AND_DARK,
    Look::PRINTED,
];

/// Every page in every look, opened once for all tests.
fn visits() -> &'static [Visit] {
    static VISITS: LazyLock<Vec<Visit>> = LazyLock::new(|| {
        let mut visits = Vec::new();
        with_browser(|browser| {
            for page in pages() {
                visits.extend(LOOKS.map(|look| visit(browser, page, look)));
            }
        });
        visits
    });
    &VISITS
}

fn visit(browser: &mut Browser, page: &'static Page, look: Look) -> Visit {
    let mut tab = Tab::open(browser, &page.address(), look).unwrap();
    let mut faults: BTreeMap<_, _> = SCRIPTS
        .iter()
        .map(|(name, script)| (*name, tab.faults(script).unwrap()))
        .collect();
    // Last, so that it has what folded parts did when they were opened.
    let events = tab.take_events().unwrap();
    faults.insert("events", events.iter().filter_map(Event::fault).collect());
    Visit {
        page: &page.name,
        look,
        faults,
    }
}

/// Fails with all that a script finds fault with, in every page, in these looks.
#[track_caller]
pub(crate) fn find_no_fault(script: &str, looks: &[Look]) {
    if program().is_none() {
        return;
    }
    let faults: Vec<String> = visits()
        .iter()
        .filter(|visit| looks.contains(&visit.look))
        .flat_map(|visit| {
            let faults = visit.faults[script].iter();
            faults.map(|fault| format!("{} {}: {fault}", visit.page, visit.look))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Calls with a browser of its own, one test at a time: each is several processes.
pub(crate) fn with_browser(work: impl FnOnce(&mut Browser)) {
    static TURN: Mutex<()> = Mutex::new(());
    let Some(program) = program() else {
        return;
    };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    work(&mut Browser::start(&program).unwrap());
}

/// The browser; without one a test fails in CI, unless it was left out on purpose, and elsewhere says
/// that it is skipped.
fn program() -> Option<PathBuf> {
    let found = Browser::find();
    if found.is_none() {
        assert!(
            Browser::is_left_out() || std::env::var_os("CI").is_none(),
            "CI has no Chromium: ./scripts/setup installs it, {VARIABLE} names one"
        );
        // Not `println!`, which the test harness keeps to itself.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: no Chromium on this machine, see ./scripts/setup"
        );
    }
    found
}
