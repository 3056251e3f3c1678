//! What `busbench export` gives: one flat row for each cell, with the columns of the method.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeSet;

use busbench_results::{KEY_COLUMNS, Row, export, fixtures, summarise};

/// The columns that `docs/result-format.md` promises, in its order.
const COLUMNS: &str = "run,host,arch,emulated,scenario,bus,server_version,provider,network_path,\
tuning,envelope,depth,client,workload,load,publish,subscribe,ack_window,window,qos,storage,sync,\
retention,payload,payload_bytes,publishers,subscribers,offered_per_second,arrivals,servers,limit,\
trials,guarantee,outcome,limited_by,verdict,reasons,delivered_per_second,\
delivered_per_second_low,delivered_per_second_high,response_p50_ns,response_p90_ns,\
response_p99_ns,response_p99_low_ns,response_p99_high_ns,response_p99_9_ns,response_max_ns,\
service_p99_ns,wake_lag_p99_ns,blocked_p99_ns,ack_p99_ns,encode_p50_ns,decode_p50_ns,attempted,\
published,expected,delivered,lost,duplicated,reordered,corrupt,foreign,wire_bytes_per_message,\
server_cpu_ns_per_message,server_rss_peak_bytes,client_cpu_ns_per_message,wake_lag_p50_ns,client_dropped,\
server_context_switches_per_message,client_context_switches_per_message,\
server_disk_written_bytes_per_message,server_network_bytes_per_message,client_rss_peak_bytes,\
wire_payload_bytes,wire_envelope_bytes,wire_topic_bytes,wire_protocol_bytes,wire_publish_ack_bytes,\
wire_delivery_bytes,wire_delivery_ack_bytes,server_cpu_limit_used_share";

fn records(csv: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(csv.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn the_columns_are_those_of_the_design() {
    let csv = export::to_csv(&summarise(&fixtures::run())).unwrap();
    assert_eq!(csv.lines().next().unwrap(), COLUMNS);
}

#[test]
fn no_rows_still_have_a_header() {
    assert_eq!(export::to_csv::<Row>(&[]).unwrap(), format!("{COLUMNS}\n"));
    assert_eq!(export::to_json::<Row>(&[]).unwrap(), "[]\n");
}

#[test]
fn key_columns_together_are_unique() {
    assert_eq!(COLUMNS.split(',').nth(KEY_COLUMNS), Some("trials"));
    let csv = export::to_csv(&summarise(&fixtures::run())).unwrap();
    let records = records(&csv);
    let keys: BTreeSet<Vec<&str>> = records
        .iter()
        .map(|record| record.iter().take(KEY_COLUMNS).collect())
        .collect();
    assert_eq!(keys.len(), fixtures::run().record.cells.len());
}

#[test]
fn csv_is_as_it_was() {
    insta::assert_snapshot!(export::to_csv(&summarise(&fixtures::run())).unwrap());
}

#[test]
fn json_has_the_columns_of_csv_in_their_order() {
    let rows = summarise(&fixtures::small_run());
    insta::assert_snapshot!(export::to_json(&rows).unwrap());
}

#[test]
fn text_with_separators_and_quotes_survives_csv() {
    let mut rows = summarise(&fixtures::small_run());
    rows[0].reasons = "a \"quoted\", and\nbroken line".to_owned();
    let csv = export::to_csv(&rows).unwrap();
    assert_eq!(&records(&csv)[0][36], rows[0].reasons);
}

#[test]
fn columns_hold_the_fields_of_csv() {
    let mut rows = summarise(&fixtures::run());
    rows[0].reasons = "a \"quoted\", and\r\nbroken line".to_owned();
    let columns = export::to_columns(&rows).unwrap();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names.join(","), COLUMNS);
    for (place, record) in records(&export::to_csv(&rows).unwrap()).iter().enumerate() {
        let fields: Vec<&str> = columns
            .iter()
            .map(|column| column.fields[place].as_str())
            .collect();
        assert_eq!(fields, record.iter().collect::<Vec<_>>());
    }
    let empty = export::to_columns(&[]).unwrap();
    assert_eq!(empty.len(), columns.len());
    assert!(empty.iter().all(|column| column.fields.is_empty()));
}

#[test]
fn the_largest_run_has_cells_that_differ_in_their_keys() {
    let run = fixtures::many_cells(500);
    assert_eq!(run.record.cells.len(), 500);
    let csv = export::to_csv(&summarise(&run)).unwrap();
    let keys: BTreeSet<Vec<String>> = records(&csv)
        .iter()
        .map(|record| record.iter().take(KEY_COLUMNS).map(str::to_owned).collect())
        .collect();
    assert_eq!(keys.len(), 500);
}
