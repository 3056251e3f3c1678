use super::{fields_that_differ, given_twice, shared_cells};
use crate::fixtures::{aarch64_run, emulated_run, run, small_run};
use crate::{Row, Run, RunRecord, summarise};

/// The fields by which the made-up run differs from itself after a change, with both values.
#[track_caller]
fn check(change: impl FnOnce(&mut RunRecord), expected: &[(&str, Option<&str>, Option<&str>)]) {
    let base = run().record;
    let mut head = base.clone();
    change(&mut head);
    let differing = fields_that_differ(&[&base, &head]);
    let told: Vec<(&str, Option<&str>, Option<&str>)> = differing
        .iter()
        .map(|field| {
            let [one, other] = [0, 1].map(|run| field.values[run].as_deref());
            (field.name.as_str(), one, other)
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn runs_that_are_alike_differ_in_no_field() {
    check(|_| {}, &[]);
    check(|record| record.run.push('2'), &[]);
    check(|record| record.started_unix_ms += 1, &[]);
}

#[test]
fn each_field_that_differs_is_told_with_its_values() {
    check(
        |record| record.host.cores = 8,
        &[("cores", Some("2"), Some("8"))],
    );
    check(
        |record| record.host.emulated = true,
        &[("emulated", Some("no"), Some("harness"))],
    );
    check(
        |record| {
            for server in record.servers.values_mut() {
                server.emulated = true;
            }
        },
        &[("emulated", Some("no"), Some("servers"))],
    );
    check(
        |record| {
            record.host.emulated = true;
            for server in record.servers.values_mut() {
                server.emulated = true;
            }
        },
        &[("emulated", Some("no"), Some("yes"))],
    );
    check(
        |record| record.servers.get_mut("nats").unwrap().emulated = true,
        &[("emulated", Some("no"), Some("nats"))],
    );
    // What earlier runs did not look for is the host's own.
    check(
        |record| record.servers.get_mut("nats").unwrap().arch = Some(record.host.arch.clone()),
        &[],
    );
    check(
        |record| record.servers.get_mut("nats").unwrap().arch = Some("aarch64".to_owned()),
        &[(
            "architecture of the servers",
            Some("the host's"),
            Some("nats: aarch64"),
        )],
    );
    check(
        |record| record.host.governor = Some("performance".to_owned()),
        &[("governor", None, Some("performance"))],
    );
    check(
        |record| record.isolation = None,
        &[(
            "cores of their own",
            Some("servers 1, harness 0"),
            Some("none"),
        )],
    );
    check(
        |record| record.schema_version = 9,
        &[(
            "version of the result files",
            Some(&crate::SCHEMA_VERSION.to_string()),
            Some("9"),
        )],
    );
    check(
        |record| {
            if let Some(nats) = record.servers.get_mut("nats") {
                "2.10.1".clone_into(&mut nats.version);
                "published-port".clone_into(&mut nats.network_path);
            }
        },
        &[
            (
                "network path",
                Some("loopback"),
                Some("loopback, published-port"),
            ),
            ("version of nats", Some("2.9.10"), Some("2.10.1")),
        ],
    );
}

#[test]
fn a_server_that_took_no_part_has_no_other_version() {
    check(
        |record| {
            record.servers.remove("nats");
        },
        &[],
    );
}

#[test]
fn one_run_and_no_run_differ_from_nothing() {
    assert!(fields_that_differ(&[]).is_empty());
    assert!(fields_that_differ(&[&run().record]).is_empty());
}

#[test]
fn a_run_that_is_given_twice_is_named() {
    let (one, other) = (run().record, aarch64_run().record);
    assert_eq!(given_twice([&one, &other]), None);
    assert_eq!(given_twice([&one, &other, &one]), Some(one.run.as_str()));
}

fn rows(runs: &[Run]) -> Vec<Vec<Row>> {
    runs.iter().map(summarise).collect()
}

#[test]
fn cells_on_another_machine_are_shared_and_say_what_differs() {
    let rows = rows(&[run(), aarch64_run(), emulated_run()]);
    let shared = shared_cells(&rows);
    let measured = rows[0].iter().filter(|row| row.verdict.is_some()).count();
    assert_eq!(shared.len(), measured);
    for cell in &shared {
        let runs: Vec<usize> = cell.places.iter().map(|(run, _)| *run).collect();
        assert_eq!(runs, [0, 1, 2]);
        let row = &rows[0][cell.places[0].1];
        let version = row.bus.starts_with("redis").then_some("server_version");
        let expected: Vec<&str> = ["host", "arch", "emulated"]
            .into_iter()
            .chain(version)
            .collect();
        assert_eq!(cell.differing, expected, "{}", row.bus);
    }
}

#[test]
fn cells_that_one_run_alone_measured_are_not_shared() {
    let rows = rows(&[run(), small_run()]);
    let shared = shared_cells(&rows);
    assert_eq!(shared.len(), 1);
    assert_eq!(rows[0][shared[0].places[0].1].bus, "nats-core");
    assert!(shared[0].differing.is_empty());
}

#[test]
fn another_setting_makes_another_cell() {
    let mut other = aarch64_run();
    for cell in &mut other.record.cells {
        cell.key.publishers = 10;
    }
    assert!(shared_cells(&rows(&[run(), other])).is_empty());
}
