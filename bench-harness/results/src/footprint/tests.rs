use super::{FootprintFigure, FootprintRow, footprints};
use crate::{CellState, Verdict, fixtures};

fn row<'r>(rows: &'r [FootprintRow], footprint: &str) -> &'r FootprintRow {
    rows.iter()
        .find(|row| row.footprint == footprint)
        .unwrap_or_else(|| panic!("no {footprint}"))
}

#[test]
fn a_row_holds_the_cells_sizes_and_the_trials_figures() {
    let run = fixtures::footprint_run();
    let rows = footprints(&run);
    assert_eq!(rows.len(), run.record.footprints.len());
    let nats = row(&rows, "nats-container");
    let cell = run
        .record
        .footprints
        .iter()
        .find(|cell| cell.id == "nats-container")
        .unwrap();
    let image = cell.image.as_ref().unwrap();
    assert_eq!(nats.image_unpacked_bytes, Some(image.unpacked_bytes));
    assert_eq!(nats.image_compressed_bytes, image.compressed_bytes);
    assert_eq!(nats.trials, 5);
    assert_eq!(nats.verdict, Some(Verdict::Valid));
    let starts = run.footprints["nats-container"]
        .iter()
        .map(|trial| trial.warm_start.unwrap().elapsed_ns as f64);
    let (least, most) = starts.fold((f64::MAX, 0.0_f64), |(least, most), start| {
        (least.min(start), most.max(start))
    });
    let (start, interval) = FootprintFigure::StartWarmNs.of(nats).unwrap();
    assert!(least < start && start < most);
    let interval = interval.unwrap();
    assert!(interval.low < start && start < interval.high);
    assert_eq!(nats.clients, Some(100));
    let added = nats.clients_rss_bytes.unwrap() - nats.idle_rss_bytes.unwrap();
    let each = nats.client_rss_bytes.unwrap();
    assert!((each * 100.0 / added - 1.0).abs() < 0.05, "{each} {added}");
}

#[test]
fn an_invalid_trial_is_not_pooled_and_makes_the_rest_suspect() {
    let rows = footprints(&fixtures::footprint_run());
    let redis = row(&rows, "redis-process");
    assert_eq!((redis.trials, redis.verdict), (4, Some(Verdict::Suspect)));
    assert!(redis.reasons.contains("SIGKILL"), "{}", redis.reasons);
}

#[test]
fn what_is_not_possible_says_why_and_has_no_trial() {
    let run = fixtures::footprint_run();
    let rows = footprints(&run);
    for (row, cell) in rows.iter().zip(&run.record.footprints) {
        if let CellState::NotPossible(why) = &cell.state {
            assert_eq!(&row.reasons, why);
            assert_eq!((row.trials, row.verdict), (0, None));
        }
    }
}

#[test]
fn a_client_adds_what_its_program_is_larger_than_the_one_without() {
    let rows = footprints(&fixtures::footprint_run());
    let check = |footprint: &str, expected: Option<i64>| {
        assert_eq!(row(&rows, footprint).added_bytes, expected, "{footprint}");
    };
    check("rust-bare-none", None);
    check("rust-bare-nats", Some(2_900_000 - 420_000));
    check("go-bare-nats", Some(5_600_000 - 1_500_000));
    check("go-rest-nats", Some(7_000_000 - 6_200_000));
    check("nats-process", None);
}

#[test]
fn figures_are_named_as_their_columns() {
    let columns = serde_json::to_value(FootprintRow::default()).unwrap();
    for name in [
        "image_compressed_bytes",
        "image_unpacked_bytes",
        "program_bytes",
        "added_bytes",
        "start_cold_ns",
        "start_warm_ns",
        "idle_rss_bytes",
        "clients_rss_bytes",
    ] {
        assert!(columns.get(name).is_some(), "{name}");
        let parsed: Result<FootprintFigure, _> = serde_json::from_value(name.into());
        assert!(parsed.is_ok(), "{name}");
    }
}

#[test]
fn what_ran_under_an_emulator_is_marked_whatever_side_did() {
    let mut run = fixtures::footprint_run();
    run.record.servers.get_mut("redis").unwrap().emulated = true;
    let go = run.record.footprints.iter_mut();
    for cell in go.filter(|cell| cell.id == "go-client-nats") {
        "aarch64".clone_into(&mut cell.program.as_mut().unwrap().arch);
    }
    for row in footprints(&run) {
        let expected = row.server.as_deref() == Some("redis") || row.footprint == "go-client-nats";
        assert_eq!(row.emulated, expected, "{}", row.footprint);
    }
    run.record.host.emulated = true;
    assert!(footprints(&run).iter().all(|row| row.emulated));
}
