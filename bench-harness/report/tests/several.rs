//! Reports of several runs: what is said of them together, and that none is ranked with another.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use busbench_report::{Options, RenderError, render, render_with, terminal};
use busbench_results::{Run, RunState, fixtures};

type Files = BTreeMap<String, String>;

fn files(runs: &[Run]) -> Files {
    files_with(runs, &Options::default())
}

fn files_with(runs: &[Run], options: &Options) -> Files {
    let files = render_with(runs, options).unwrap();
    files
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect()
}

/// Hardware of two architectures, and one that is emulated.
fn machines() -> [Run; 3] {
    [
        fixtures::run(),
        fixtures::aarch64_run(),
        fixtures::emulated_run(),
    ]
}

/// Their report, made once.
fn example() -> &'static Files {
    static EXAMPLE: LazyLock<Files> = LazyLock::new(|| files(&machines()));
    &EXAMPLE
}

/// The report of one run, made once.
fn alone() -> &'static Files {
    static ALONE: LazyLock<Files> = LazyLock::new(|| files(&[fixtures::run()]));
    &ALONE
}

/// Two cells on two machines, quick to draw.
fn small() -> [Run; 2] {
    let mut other = fixtures::small_run();
    other.record.run.push_str("-again");
    "bench-2".clone_into(&mut other.record.host.name);
    [fixtures::small_run(), other]
}

/// What stands between two texts.
#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

#[test]
fn the_head_and_the_runs_side_by_side_are_as_they_were() {
    let text = &example()["report.md"];
    let (head, _) = text.split_once("\n# What the measurements favour").unwrap();
    let side_by_side = between(text, "# The runs side by side\n", "\n# Run 1");
    insta::assert_snapshot!(format!("{head}\n# The runs side by side\n{side_by_side}"));
}

#[test]
fn both_forms_say_by_which_fields_the_runs_differ() {
    for name in ["index.html", "report.md"] {
        let text = &example()[name];
        assert!(
            text.contains(
                "Figures of different runs stand side by side and are not ranked: they differ in \
                 host, architecture, emulated, CPU, cores, memory, kernel, governor, \
                 virtualisation, clock source, cores of their own and version of redis."
            ),
            "{name}"
        );
        assert!(text.contains("Run 3 is emulated"), "{name}");
    }
    let page = &example()["index.html"];
    let differing = between(page, "<table class=\"differing\">", "</table>");
    assert!(differing.contains("<td>7.2.4</td>"));
    assert!(!differing.contains("version of nats"));
}

#[test]
fn no_run_is_ranked_or_set_against_another() {
    let page = &example()["index.html"];
    let section = between(page, "id=\"side-by-side\"", "<section class=\"run\"");
    for word in [
        "Against the best",
        "no measurable difference",
        "times as",
        "faster",
        "slower",
    ] {
        assert!(!section.contains(word), "{word}");
    }
}

#[test]
fn emulated_figures_are_marked_in_table_and_picture() {
    let table = between(
        &example()["report.md"],
        "## Delivered rate under closed load\n",
        "##",
    );
    let measured = |line: &&str| line.contains("run 3") && !line.contains("| – | – |");
    for row in table.lines().filter(measured) {
        assert!(
            row.contains("(emulated)") && row.contains("suspect"),
            "{row}"
        );
    }
    assert!(table.contains("run 3"));
    let picture = &example()["side-by-side-rates.svg"];
    assert!(picture.contains("run 3, aarch64 (emulated)"));
    assert!(!picture.contains("run 2, aarch64 (emulated)"));
}

#[test]
fn emulated_servers_are_told_in_every_form_and_stand_in_no_table_with_others() {
    let run = fixtures::emulated_servers_run();
    let shown = terminal(&run, 200);
    let which = "mosquitto, nats, nats-jetstream emulated";
    assert!(shown.contains(which), "{shown}");
    let files = files(&[run]);
    for name in ["index.html", "report.md"] {
        let text = &files[name];
        let warning = "Emulated servers: mosquitto, nats, nats-jetstream.";
        assert!(text.contains(which) && text.contains(warning), "{name}");
    }
    assert!(files["index.html"].contains("aarch64, emulated"));
    // Others list what each bus costs, or compare layouts on one bus.
    let tables = files["report.md"].split("\n\n");
    let tables = tables.filter(|table| table.contains("| verdict |") || table.contains("the best"));
    let mut rankings = 0;
    for table in tables.filter(|table| table.contains("| nats-core ")) {
        rankings += 1;
        assert!(!table.contains("| redis-"), "{table}");
    }
    assert!(rankings > 0);
    for line in shown.lines().filter(|line| line.contains(" tuning")) {
        assert!(
            !line.contains("QoS") || line.contains("· emulated"),
            "{line}"
        );
    }
    let cells = &files["cells.csv"];
    let emulated = |bus: &str| cells.contains(&format!(",x86_64,true,quick,{bus},"));
    assert!(emulated("nats-core") && emulated("mqtt5") && !emulated("redis-streams"));
}

#[test]
fn machines_are_told_once_where_they_are_the_same() {
    let mut runs = small();
    runs[1].record.host.name = runs[0].record.host.name.clone();
    let page = &files(&runs)["index.html"];
    let environment = between(page, "id=\"environment\"", "id=\"method\"");
    assert_eq!(environment.matches("<dt>Kernel</dt>").count(), 1);
    // The machine, the scenario, and each server.
    let servers = runs[1].record.servers.len();
    assert_eq!(
        environment
            .matches("As in <a href=\"#environment-1\">")
            .count(),
        2 + servers
    );
}

#[test]
fn of_a_server_that_was_set_otherwise_the_lines_are_told_that_differ() {
    let [run, mut other] = small();
    let nats = other.record.servers.get_mut("nats").unwrap();
    nats.configuration = nats.configuration.replace("4222", "4333");
    let page = &files(&[run, other])["index.html"];
    assert!(page.contains("here: port: 4333\nin run 1: port: 4222\n"));
}

#[test]
fn the_environment_tells_machine_floors_and_what_disturbed() {
    let page = &alone()["index.html"];
    let environment = between(page, "id=\"environment\"", "id=\"method\"");
    for words in [
        "The null bus carried 1,410,000 to 1,450,000 messages/s under closed load",
        "The TCP relay carried 408,000 messages/s",
        "with a wake lag of",
        "CPU steal, share of all cores",
        "3 of 75 trials, in 1 cell",
        "reason that makes its trial invalid",
        "the wake lag's p99 is above 100 us",
        "6.1.0-18-amd64",
        "kvm-clock",
        "1d1d1d1d",
        "set_tcp_nodelay true",
        "&quot;duration&quot;: &quot;10s&quot;",
    ] {
        assert!(environment.contains(words), "{words}");
    }
}

#[test]
fn a_run_without_floors_says_that_they_are_missing() {
    let page = &files(&[fixtures::small_run()])["index.html"];
    assert!(page.contains("No floor was measured"));
}

#[test]
fn runs_that_share_no_cell_say_so() {
    let [run, mut other] = small();
    for cell in &mut other.record.cells {
        cell.key.publishers = 7;
    }
    let files = files(&[run, other]);
    for name in ["index.html", "report.md"] {
        assert!(files[name].contains("No cell was measured by more than one run."));
    }
    assert!(!files.contains_key("side-by-side-rates.svg"));
}

#[test]
fn one_run_has_nothing_beside_it() {
    let files = alone();
    assert!(!files["index.html"].contains("id=\"side-by-side\""));
    assert!(!files["report.md"].contains("# The runs side by side"));
}

#[test]
fn a_run_that_is_given_twice_is_refused_by_its_name() {
    let error = render(&[fixtures::run(), fixtures::aarch64_run(), fixtures::run()]).unwrap_err();
    assert!(matches!(error, RenderError::GivenTwice { .. }));
    assert_eq!(
        error.to_string(),
        "run 20260301T120000Z-quick-4f2a is given twice: a report shows each run once"
    );
}

#[test]
fn the_page_has_one_title_and_it_can_be_chosen() {
    #[track_caller]
    fn check(runs: &[Run], title: Option<&str>, expected: &str) {
        let title = title.map(str::to_owned);
        let files = files_with(runs, &Options { title });
        let page = &files["index.html"];
        assert_eq!(between(page, "<h1>", "</h1>"), expected);
        assert_eq!(page.matches("<h1>").count(), 1);
    }
    let one = [fixtures::small_run()];
    let question = "How do the buses compare on this machine, in three minutes?";
    check(&one, None, question);
    check(&one, Some("Which bus?"), "Which bus?");
    check(&one, Some("<b>"), "&lt;b&gt;");
    check(&small(), None, "2 runs of 1 scenario on 2 machines");
    check(&small(), Some("Which bus?"), "Which bus?");
    check(&[], None, "No run");
}

#[test]
fn the_navigation_leads_to_each_run_and_to_no_place_that_is_missing() {
    let page = &example()["index.html"];
    let navigation = between(page, "<nav class=\"contents\"", "</nav>");
    for run in 1..=3 {
        assert!(navigation.contains(&format!("href=\"#run-{run}\"")));
    }
    for link in navigation.split("href=\"#").skip(1) {
        let (place, _) = link.split_once('"').unwrap();
        assert!(page.contains(&format!("id=\"{place}\"")), "{place}");
    }
    let alone = &alone()["index.html"];
    assert!(!between(alone, "<nav class=\"contents\"", "</nav>").contains("#side-by-side"));
}

#[test]
fn warnings_stand_before_everything_else() {
    let mut run = fixtures::small_run();
    run.record.host.emulated = true;
    run.record.state = RunState::Interrupted;
    let page = &files(&[run])["index.html"];
    let head = between(page, "<h1>", "<dl");
    for words in [
        "The run was interrupted",
        "This host is emulated",
        "a claim needs 5",
    ] {
        assert!(head.contains(words), "{words}");
    }
}
