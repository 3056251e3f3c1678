//! The table of every cell, used as a reader uses it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::reader::{page, with_browser};
use crate::tab::{Look, Tab};

/// Opens the page of this name at a fragment, with what the tests use the table by.
fn with_table(name: &str, fragment: &str, work: impl FnOnce(&mut Tab<'_>)) {
    with_browser(|browser| {
        let address = page(name).address() + fragment;
        let mut tab = Tab::open(browser, &address, Look::WIDE).unwrap();
        tab.evaluate(include_str!("scripts/table.js")).unwrap();
        work(&mut tab);
        let faults: Vec<String> = tab
            .take_events()
            .unwrap()
            .iter()
            .filter_map(crate::devtools::Event::fault)
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
    });
}

fn ask(tab: &mut Tab<'_>, call: &str) -> Value {
    tab.evaluate(&format!("table.{call}")).unwrap()
}

/// How many cells are shown, and how many there are.
fn shown(tab: &mut Tab<'_>) -> (u64, u64) {
    let numbers = ask(tab, "shown()");
    (numbers[0].as_u64().unwrap(), numbers[1].as_u64().unwrap())
}

#[test]
fn every_cell_of_every_run_has_a_row() {
    with_table("several", "", |tab| {
        let csv = std::fs::read_to_string(page("several").folder.join("cells.csv")).unwrap();
        let cells = u64::try_from(csv.lines().count() - 1).unwrap();
        assert_eq!(shown(tab), (cells, cells));
    });
}

#[test]
fn a_filter_leaves_the_cells_that_have_its_value() {
    with_table("quick", "", |tab| {
        let (_, all) = shown(tab);
        let counted = ask(tab, "choose('bus', 'nats-core')");
        let (some, of) = shown(tab);
        assert_eq!(counted, some, "the count beside the value");
        assert!(0 < some && some < all && of == all, "{some} of {of}");
        for row in ask(tab, "rows()").as_array().unwrap() {
            assert!(row.as_str().unwrap().starts_with("nats-core "), "{row}");
        }

        ask(tab, "choose('bus', 'mqtt5')");
        let (more, _) = shown(tab);
        assert!(more > some, "a second value adds its cells");
        ask(tab, "choose('load', 'open')");
        let (fewer, _) = shown(tab);
        assert!(fewer < more, "another filter takes away");
        ask(tab, "press('Show all')");
        assert_eq!(shown(tab), (all, all));
    });
}

#[test]
fn every_filter_counts_what_it_would_leave() {
    with_table("quick", "", |tab| {
        let counted = ask(tab, "wrongCounts()");
        assert_eq!(counted["wrong"], json!([]));
        assert!(counted["looked_at"].as_u64().unwrap() > 20, "{counted}");
    });
}

#[test]
fn words_find_the_cells_that_have_all_of_them() {
    with_table("quick", "", |tab| {
        let (_, all) = shown(tab);
        ask(tab, "search('mqtt5 suspect')");
        let rows = ask(tab, "rows()");
        let rows = rows.as_array().unwrap();
        assert!(!rows.is_empty() && rows.len() < usize::try_from(all).unwrap());
        for row in rows {
            assert!(row.as_str().unwrap().starts_with("mqtt5 "), "{row}");
        }
        ask(tab, "search('no such word')");
        assert_eq!(shown(tab), (0, all));
    });
}

#[test]
fn every_column_sorts_both_ways_with_empty_values_last() {
    with_table("quick", "", |tab| {
        let columns = ask(tab, "columns()");
        assert!(columns.as_array().unwrap().len() > 8, "{columns}");
        for column in 0..columns.as_array().unwrap().len() {
            for direction in ["ascending", "descending"] {
                let fault = ask(tab, &format!("sort({column}, '{direction}')"));
                assert_eq!(fault, Value::Null, "{} {direction}", columns[column]);
            }
        }
    });
}

#[test]
fn sorting_takes_a_keyboard_only() {
    with_table("quick", "", |tab| {
        ask(tab, "focusHead(1)");
        tab.press("Enter").unwrap();
        assert_eq!(ask(tab, "direction(1)"), "ascending");
        tab.press("Space").unwrap();
        assert_eq!(ask(tab, "direction(1)"), "descending");
    });
}

#[test]
fn a_row_opens_by_keyboard_to_its_trials_its_server_and_its_seconds() {
    with_table("quick", "", |tab| {
        ask(tab, "focusRow('nats-core native')");
        tab.press("Enter").unwrap();
        let opened = ask(tab, "opened()");
        let text = opened["text"].as_str().unwrap();
        for part in [
            "Outcome",
            "Verdict",
            "Guarantee",
            "max_payload: 1048576",
            "bench-1",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(opened["trials"], 3);
        let picture = opened["picture"].as_str().unwrap();
        assert!(picture.contains("trial 3: "), "{picture}");
        assert!(picture.contains("mean "), "{picture}");

        // What is opened is held to what the page is held to.
        for script in [
            include_str!("scripts/links.js"),
            include_str!("scripts/names.js"),
            include_str!("scripts/figures.js"),
            crate::reader::CONTRAST,
        ] {
            let faults = tab.faults(script).unwrap();
            assert!(faults.is_empty(), "{faults:?}");
        }
        tab.press("Enter").unwrap();
        assert_eq!(ask(tab, "opened()"), Value::Null);
    });
}

#[test]
fn every_row_opens() {
    for name in [
        "quick",
        "hostile",
        "bare",
        "only-invalid",
        "only-impossible",
        "not-yet",
    ] {
        with_table(name, "", |tab| {
            let (_, cells) = shown(tab);
            assert_eq!(ask(tab, "openAll()"), cells, "{name}");
        });
    }
}

#[test]
fn what_is_opened_fits_a_narrow_window() {
    with_browser(|browser| {
        for name in ["quick", "long-names"] {
            let mut tab = Tab::open(browser, &page(name).address(), Look::NARROW).unwrap();
            tab.evaluate(include_str!("scripts/table.js")).unwrap();
            ask(&mut tab, "openAll()");
            let faults = tab.faults(include_str!("scripts/sideways.js")).unwrap();
            assert!(faults.is_empty(), "{name}: {faults:?}");
        }
    });
}

#[test]
fn a_link_sets_the_filters_and_the_filters_make_a_link() {
    with_table("quick", "#cells?bus=nats-core&load=closed", |tab| {
        let (some, all) = shown(tab);
        assert!(0 < some && some < all, "{some} of {all}");
        let link = ask(tab, "link()");
        ask(tab, "press('Show all')");
        assert_eq!(shown(tab), (all, all));
        ask(tab, &format!("follow({link})"));
        assert_eq!(shown(tab), (some, all));
        // Names that are of no filter and values that are of no cell do no harm.
        ask(tab, "follow('#cells?bus=no-such-bus&nonsense=1&%=%')");
        shown(tab);
    });
}

#[test]
fn links_of_answers_and_claims_lead_to_cells() {
    with_table("several", "", |tab| {
        let links = ask(tab, "links()");
        let links = links.as_array().unwrap();
        assert!(!links.is_empty(), "no link leads to cells");
        for link in links {
            ask(tab, &format!("follow({link})"));
            let (some, _) = shown(tab);
            assert!(some > 0, "{link} leads to no cell");
        }
    });
}

/// The file that a button saves.
fn saved(tab: &mut Tab<'_>, name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    tab.save_to(folder.path()).unwrap();
    ask(tab, "press('Download CSV')");
    tab.wait_for_download().unwrap();
    let path: PathBuf = folder.path().join(name);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !path.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_whole_table_is_saved_as_the_export_byte_for_byte() {
    for name in ["several", "hostile"] {
        with_table(name, "", |tab| {
            let exported = std::fs::read_to_string(page(name).folder.join("cells.csv")).unwrap();
            // However it is sorted.
            ask(tab, "sort(1, 'descending')");
            assert_eq!(saved(tab, "cells.csv"), exported, "{name}");
        });
    }
}

#[test]
fn a_filtered_table_is_saved_as_its_lines_of_the_export() {
    with_table("quick", "#cells?bus=redis-streams", |tab| {
        let exported = std::fs::read_to_string(page("quick").folder.join("cells.csv")).unwrap();
        let (heads, lines) = exported.split_once('\n').unwrap();
        let mut expected = format!("{heads}\n");
        for line in lines
            .lines()
            .filter(|line| line.contains(",redis-streams,"))
        {
            expected += line;
            expected.push('\n');
        }
        assert_eq!(saved(tab, "cells.csv"), expected);
    });
}
