//! What a plan makes of a scenario.
#![allow(clippy::unwrap_used, reason = "what a test sets up may panic")]

use std::path::Path;

use busbench_brokers::{Provider, ServerKind};
use busbench_results::Load;
use busbench_results::comparison::{ComparedFigure, SmallestEffects};
use busbench_runner::{AnyPlan, AnyScenario, CellFilter, Plan, SETTABLE_KEYS, Scenario};

const SCENARIO: &str = r#"
question = "Is it so?"
seed = 7
trials = 3
floors = false

[matrix]
bus = ["nats-core", "mqtt3", "redis-pubsub"]
envelope = ["native", "json"]
payload = ["1xInt32"]
qos = [0, 1]

[load.open]
rate = [500, 1000]

[load.closed]
window = [256]

[phases]
warmup = "100ms"
window = "1s"
"#;

fn scenario(text: &str) -> Scenario {
    Scenario::parse(Path::new("test.toml"), text).unwrap()
}

fn plan(text: &str) -> Plan {
    Plan::new(&scenario(text)).unwrap()
}

#[track_caller]
fn refused(old: &str, new: &str, expected: &str) {
    assert!(SCENARIO.contains(old), "{old}");
    let text = SCENARIO.replace(old, new);
    let message = match Scenario::parse(Path::new("test.toml"), &text) {
        Err(error) => error.to_string(),
        Ok(scenario) => Plan::new(&scenario).unwrap_err().to_string(),
    };
    assert!(message.contains(expected), "{message:?} lacks {expected:?}");
}

#[test]
fn the_matrix_is_the_product_of_its_lists_and_qos_is_mqtts_alone() {
    let plan = plan(SCENARIO);
    let ids: Vec<&str> = plan.cells.iter().map(|cell| cell.id.as_str()).collect();
    // 3 loads x 2 layouts x (1 NATS + 2 MQTT + 1 Redis).
    assert_eq!(ids.len(), 24);
    assert_eq!(
        ids[..3],
        [
            "nats-core-native-open-500",
            "nats-core-native-open-1000",
            "nats-core-native-closed-256",
        ]
    );
    assert!(ids.contains(&"mqtt3-json-qos1-open-1000"));
    assert!(ids.contains(&"redis-pubsub-json-closed-256"));
}

#[test]
fn what_a_protocol_cannot_carry_is_planned_with_its_reason() {
    let plan = plan(SCENARIO);
    let impossible: Vec<_> = plan
        .cells
        .iter()
        .filter(|cell| cell.not_possible.is_some())
        .collect();
    assert_eq!(
        impossible.len(),
        9,
        "3 loads x (2 x MQTT 3.1.1 + Redis pub/sub)"
    );
    assert_eq!(
        impossible[0].not_possible.as_deref(),
        Some("MQTT 3.1.1 has no headers, so it cannot carry the native layout")
    );
    assert!(impossible.iter().all(|cell| cell.key.envelope == "native"));
    assert_eq!(plan.possible().count(), 15);
}

#[test]
fn a_plan_needs_the_servers_of_its_possible_cells() {
    let kinds = [ServerKind::Nats, ServerKind::Mosquitto, ServerKind::Redis];
    assert_eq!(plan(SCENARIO).servers(), kinds);
}

#[test]
fn a_window_is_bounded_in_bytes_too() {
    let text = SCENARIO.replace("window = [256]", "window = [256]\nwindow_bytes = 66000");
    let window = |plan: &Plan| {
        plan.cells
            .iter()
            .find(|cell| {
                cell.key.bus == "redis-pubsub"
                    && cell.key.load == Load::Closed
                    && cell.key.envelope == "json"
            })
            .and_then(|cell| cell.key.window)
    };
    assert_eq!(window(&plan(SCENARIO)), Some(256));
    assert_eq!(
        window(&plan(&text)),
        Some(100),
        "660 B fit 100 times into 66 000 B"
    );
}

#[test]
fn the_same_scenario_has_the_same_hash_and_another_has_another() {
    assert_eq!(plan(SCENARIO).hash, plan(SCENARIO).hash);
    assert_ne!(
        plan(SCENARIO).hash,
        plan(&SCENARIO.replace("seed = 7", "seed = 8")).hash
    );
}

/// Each scenario with the hash that is written in its published run.
#[test]
fn a_published_run_is_of_the_scenario_as_it_is() {
    for (text, hash) in [
        (
            include_str!("../../../scenarios/durable.toml"),
            "6c230e3a79decf04c9d1430fba1d4a4d0d5d2e51e868ed12e364558bccfe6b53",
        ),
        (
            include_str!("../../../scenarios/sensors.toml"),
            "39c12a46e9544dcd770f5ee5aa95f59e00920ec62366ae95b254fc4b821374a8",
        ),
        (
            include_str!("../../../scenarios/envelope-matrix.toml"),
            "0d8ced31b686735ed431e905bb7403077f17b31afd75f531ed9ffc412b5effee",
        ),
    ] {
        assert_eq!(plan(text).hash, hash);
    }
}

#[test]
fn what_a_run_is_judged_by_is_no_part_of_its_hash() {
    let plain = plan(SCENARIO);
    let text = format!("{SCENARIO}\n[smallest_effects]\nresponse_p99_ns = 0.2\n");
    let own = plan(&text);
    assert_eq!((&own.hash, &own.resolved), (&plain.hash, &plain.resolved));
    assert_eq!(plain.smallest_effects, SmallestEffects::default());
    let mut expected = SmallestEffects::default();
    expected.set(ComparedFigure::ResponseP99Ns, 0.2).unwrap();
    assert_eq!(own.smallest_effects, expected);
    let mut set = scenario(SCENARIO);
    set.file
        .set("smallest_effects.response_p99_ns=0.2")
        .unwrap();
    assert_eq!(Plan::new(&set).unwrap(), own);
}

#[test]
fn a_smallest_effect_that_cannot_be_says_where_and_why() {
    let refused = |line: &str, expected: &[&str]| {
        let text = format!("{SCENARIO}\n[smallest_effects]\n{line}\n");
        let at = format!("line {}, column ", text.lines().count());
        let error = Scenario::parse(Path::new("test.toml"), &text).unwrap_err();
        let message = error.to_string();
        for part in expected.iter().copied().chain([at.as_str()]) {
            assert!(message.contains(part), "{message:?} lacks {part:?}");
        }
    };
    let known = "unknown variant `p99`, expected one of `delivered_per_second`, ";
    refused("p99 = 0.2", &[known, "column 1"]);
    let no_share = "is not a share: give a number from 0 to 10, such as 0.05 for 5 %";
    for share in ["-0.1", "10.5", "20", "nan", "inf"] {
        let line = format!("response_p99_ns = {share}");
        refused(&line, &[no_share, "column 19"]);
    }
    refused("response_p99_ns = \"5 %\"", &["expected f64", "column 19"]);
    refused("response_p99_ns = [0.1]", &["expected f64"]);
    refused(
        "response_p99_ns = 0.1\nresponse_p99_ns = 0.2",
        &["duplicate key"],
    );
}

#[test]
fn an_estimate_counts_every_trial_of_every_possible_cell() {
    let plan = plan(SCENARIO);
    let estimate = plan.estimate(Provider::External);
    assert_eq!(estimate.trials, 45);
    assert!(
        estimate.time.as_secs_f64() > 45.0 * 1.1,
        "{:?}",
        estimate.time
    );
    let by = |provider| plan.estimate(provider).time;
    assert!(by(Provider::Container) > by(Provider::Process));
    assert_eq!(
        estimate.stored_bytes, 0,
        "none of these buses keeps messages"
    );
}

#[test]
fn a_shared_server_is_started_once_for_each_bus_and_tuning_of_a_round() {
    let text = SCENARIO.replace("\"mqtt3\", ", "");
    let starts = |text: &str| {
        let by = |provider| plan(text).estimate(provider).time;
        by(Provider::Process).abs_diff(by(Provider::External))
    };
    let trials = plan(&text).estimate(Provider::Process).trials;
    let one = starts(&text) / u32::try_from(trials).unwrap();
    assert!(!one.is_zero());
    let round = text.replace("floors = false", "floors = false\nservers = \"round\"");
    assert_eq!(starts(&round), one * 2 * 3, "2 buses, 3 rounds");
    let tuned = round.replace("qos =", "tuning = [\"default\", \"tuned\"]\nqos =");
    assert_eq!(starts(&tuned), one * 4 * 3);
}

#[test]
fn the_server_of_a_round_takes_the_largest_message_of_its_bus() {
    let text = SCENARIO.replace("[\"1xInt32\"]", "[\"1xInt32\", \"1xBinary:2000000\"]");
    let alone = plan(&text);
    for cell in alone.possible() {
        assert_eq!(alone.server_message_bytes(cell), cell.message_bytes);
    }
    let round = plan(&text.replace("floors = false", "floors = false\nservers = \"round\""));
    for cell in round.possible() {
        let bus = round.possible().filter(|other| other.bus == cell.bus);
        let largest = bus.map(|other| other.message_bytes).max().unwrap();
        assert!(largest > 2_000_000);
        assert_eq!(round.server_message_bytes(cell), largest);
    }
}

#[test]
fn only_keeps_the_cells_that_are_wanted() {
    let mut plan = plan(SCENARIO);
    let mut filter = CellFilter::default();
    filter.add("bus=nats-core,bus=mqtt3,envelope=json").unwrap();
    filter.add("load=closed").unwrap();
    plan.keep(&filter).unwrap();
    let ids: Vec<&str> = plan.cells.iter().map(|cell| cell.id.as_str()).collect();
    let wanted = [
        "nats-core-json-closed-256",
        "mqtt3-json-qos0-closed-256",
        "mqtt3-json-qos1-closed-256",
    ];
    assert_eq!(ids, wanted);
}

#[test]
fn only_that_leaves_nothing_to_run_says_why() {
    let check = |only: &str, expected: &str| {
        let mut filter = CellFilter::default();
        let error = match filter.add(only) {
            Err(error) => error,
            Ok(()) => plan(SCENARIO).keep(&filter).unwrap_err(),
        };
        assert!(
            error.to_string().contains(expected),
            "{error} lacks {expected:?}"
        );
    };
    check("bus", "expected KEY=VALUE");
    check("bus=", "expected KEY=VALUE");
    check(
        "speed=1",
        "`--only speed=...`: no such key; one of bus, envelope",
    );
    check("bus=kafka", "its values are mqtt3, nats-core, redis-pubsub");
    check(
        "bus=nats-core,qos=1",
        "no cell of scenario test has all of bus=nats-core, qos=1",
    );
    check(
        "bus=mqtt3,envelope=native",
        "not possible: MQTT 3.1.1 has no headers",
    );
}

#[test]
fn a_scenario_that_cannot_be_says_where_and_why() {
    refused("seed = 7", "seed = 7\ntrails = 3", "unknown field `trails`");
    refused("seed = 7", "seed = 7\ntrails = 3", "line 4, column 1");
    refused("\"nats-core\"", "\"kafka\"", "unknown variant `kafka`");
    refused("\"native\"", "\"xml\"", "unknown variant `xml`");
    refused("[500, 1000]", "[0]", "0.001 or more, not 0");
    refused("[500, 1000]", "[-5]", "0.001 or more, not -5");
    refused("[500, 1000]", "[nan]", "0.001 or more, not NaN");
    refused("[500, 1000]", "[]", "`load.open.rate` is empty");
    refused("[256]", "[0]", "expected a nonzero u64");
    refused("trials = 3", "trials = 0", "expected a nonzero u32");
    refused("\"1s\"", "\"0s\"", "a duration above zero is expected");
    refused("\"1s\"", "\"soon\"", "`soon` is no duration");
    refused("\"1xInt32\"", "\"0xInt32\"", "0xInt32");
    refused("\"1xInt32\"", "\"1xInt99\"", "Int99");
    refused("qos = [0, 1]", "qos = [3]", "qos is 0, 1 or 2, not 3");
    refused(
        "[\"native\", \"json\"]",
        "[\"json\", \"json\"]",
        "`nats-core-json-open-500` twice",
    );
}

#[test]
fn what_a_stamp_cannot_hold_is_refused() {
    refused("\"1s\"", "\"74m\"", "above the limit of 73m");
    refused(
        "qos = [0, 1]",
        "publishers = [20000]",
        "above the limit of 16384",
    );
    refused("[500, 1000]", "[20000000]", "above the limit of 10000000");
    refused("[500, 1000]", "[9000000]\n[x]", "unknown field `x`");
    refused("[256]", "[9999999]", "above the limit of 1048576");
}

#[test]
fn a_sequence_that_would_overflow_is_refused() {
    let text = SCENARIO
        .replace("[500, 1000]", "[9000000]")
        .replace("\"1s\"", "\"10m\"");
    let message = Plan::new(&scenario(&text)).unwrap_err().to_string();
    assert!(
        message.contains("a stamp has 32 bits for the sequence"),
        "{message}"
    );
}

#[test]
fn every_scenario_of_the_project_can_be_planned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut planned = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let scenario = AnyScenario::read(&path).unwrap_or_else(|error| panic!("{error}"));
        AnyPlan::new(&scenario).unwrap_or_else(|error| panic!("{error}"));
        planned += 1;
    }
    assert!(planned >= 4, "{planned} scenarios");
}

#[test]
fn the_reference_shows_every_key_and_the_default_where_there_is_one() {
    let text = include_str!("../../../scenarios/reference.toml");
    for (_, place) in SETTABLE_KEYS {
        let key = place.rsplit('.').next().unwrap();
        let shows = |line: &str| {
            line.trim_start_matches("# ")
                .starts_with(&format!("{key} = "))
        };
        assert!(text.lines().any(shows), "{place} is missing");
    }
    let have_defaults = [
        "pin",
        "floors",
        "servers",
        "qos",
        "tuning",
        "limit",
        "publish",
        "publishers",
        "subscribers",
        "arrivals",
        "window_bytes",
        "drain",
        "drain_limit",
        "sample_each",
        "subscribe",
        "ack_window",
        "queue",
        "storage",
    ];
    let is_effect = |key: &str| ComparedFigure::of_key(key).is_some();
    let is_left_out = |line: &&str| {
        let key = line.split(" = ").next().unwrap_or_default();
        !have_defaults.contains(&key) && !is_effect(key)
    };
    let short: Vec<&str> = text.lines().filter(is_left_out).collect();
    assert_eq!(scenario(text).file, scenario(&short.join("\n")).file);
}

#[test]
fn every_plan_has_both_floors_under_each_load_unless_told_otherwise() {
    let text = SCENARIO.replace("floors = false", "floors = true");
    let mut with = plan(&text);
    let floors = |plan: &Plan| -> Vec<String> {
        let floors = plan.cells.iter().filter(|cell| cell.is_floor);
        floors.map(|cell| cell.id.clone()).collect()
    };
    let expected = [
        "null-native-open-500",
        "null-native-open-1000",
        "null-native-closed-256",
        "tcp-relay-native-open-500",
        "tcp-relay-native-open-1000",
        "tcp-relay-native-closed-256",
    ];
    assert_eq!(floors(&with), expected);
    assert_eq!(with.cells.len(), plan(SCENARIO).cells.len() + 6);
    let mut only = CellFilter::default();
    only.add("bus=mqtt3,envelope=json,load=closed").unwrap();
    with.keep(&only).unwrap();
    let expected = ["null-native-closed-256", "tcp-relay-native-closed-256"];
    assert_eq!(floors(&with), expected);
    // The matrix's own floor is not measured twice.
    let own = text.replace(r#"["nats-core","#, r#"["null", "nats-core","#);
    assert_eq!(floors(&plan(&own)).len(), 6);
    assert_eq!(floors(&plan(SCENARIO)), [""; 0]);
}

#[test]
fn arrivals_and_tuning_are_axes_of_their_own() {
    let text = SCENARIO
        .replace(
            "rate = [500, 1000]",
            "rate = [500]\narrivals = [\"even\", \"poisson\"]",
        )
        .replace("qos = [0, 1]", "tuning = [\"default\", \"tuned\"]");
    let plan = plan(&text);
    // 3 loads x 2 tunings x 2 layouts x 3 buses.
    assert_eq!(plan.cells.len(), 36);
    let cell = plan
        .cells
        .iter()
        .find(|cell| cell.id == "nats-core-json-tuned-open-500-poisson")
        .unwrap();
    assert_eq!(cell.key.arrivals.as_deref(), Some("poisson"));
    assert_eq!(cell.key.tuning, "tuned");
}

#[test]
fn limits_are_an_axis_that_changes_nothing_where_there_is_none() {
    let unlimited = plan(SCENARIO);
    let none = SCENARIO.replace("qos = [0, 1]", "qos = [0, 1]\nlimit = [\"none\"]");
    assert_eq!(plan(&none).hash, unlimited.hash);
    let one = SCENARIO.replace("qos = [0, 1]", "qos = [0, 1]\nlimit = [\"cpus=0.5\"]");
    let one = plan(&one);
    assert_ne!(one.hash, unlimited.hash);
    let ids =
        |plan: &Plan| -> Vec<String> { plan.cells.iter().map(|cell| cell.id.clone()).collect() };
    assert_eq!(ids(&one), ids(&unlimited));
    let limits = "qos = [0]\nlimit = [\"none\", \"memory=64MiB, cpus=0.50\"]";
    let mut several = plan(
        &SCENARIO
            .replace("qos = [0, 1]", limits)
            .replace("floors = false", "floors = true"),
    );
    let ids = ids(&several);
    for id in [
        "nats-core-json-open-500",
        "nats-core-json-mem64MiB-cpu0.5-open-500",
        "null-native-open-500",
    ] {
        assert!(ids.contains(&id.to_owned()), "{id} of {ids:?}");
    }
    assert!(!ids.iter().any(|id| id.starts_with("null-native-mem")));
    let limits: Vec<String> = several.limits().iter().map(ToString::to_string).collect();
    assert_eq!(limits, ["none", "memory=64MiB,cpus=0.5"]);
    // A limit has commas itself, and may be written in other ways.
    let mut only = CellFilter::default();
    only.add("bus=nats-core,limit=memory=64MiB,cpus=0.500,load=open")
        .unwrap();
    several.keep(&only).unwrap();
    for cell in several.cells.iter().filter(|cell| !cell.is_floor) {
        assert_eq!(cell.key.limit, "memory=64MiB,cpus=0.5");
        assert_eq!(cell.bus.to_string(), "nats-core");
    }
    assert!(several.cells.iter().any(|cell| cell.is_floor));
}

#[test]
fn a_block_has_limits_of_its_own_and_the_command_line_replaces_all() {
    let text = SCENARIO.to_owned()
        + "[[block]]\nload = [\"open\"]\n[[block]]\nload = [\"closed\"]\nlimit = [\"cpus=0.5\"]\n";
    let mut scenario = scenario(&text);
    let limits = |scenario: &Scenario| -> Vec<String> {
        let plan = Plan::new(scenario).unwrap();
        plan.limits().iter().map(ToString::to_string).collect()
    };
    assert_eq!(limits(&scenario), ["none", "cpus=0.5"]);
    scenario.file.hold_to(vec!["memory=64MiB".parse().unwrap()]);
    assert_eq!(limits(&scenario), ["memory=64MiB"]);
    refused(
        "qos = [0, 1]",
        "qos = [0, 1]\nlimit = []",
        "`matrix.limit` is empty",
    );
}

#[test]
fn cost_is_not_read_more_often_than_four_times_a_second() {
    refused(
        "warmup = \"100ms\"",
        "warmup = \"100ms\"\nsample_each = \"249ms\"",
        "phases.sample_each is 249ms, below the least of 250ms",
    );
}

#[test]
fn quick_holds_every_bus_and_takes_three_minutes_at_most() {
    let text = include_str!("../../../scenarios/quick.toml");
    let plan = plan(text);
    let buses: std::collections::BTreeSet<_> = plan.possible().map(|cell| cell.bus).collect();
    assert_eq!(buses.len(), 8, "the TCP relay comes with every plan");
    let offered =
        plan.phases.offered() * plan.trials * u32::try_from(plan.possible().count()).unwrap();
    assert!(offered.as_secs() <= 180, "{offered:?} of running");
}

#[test]
fn blocks_take_the_place_of_one_product() {
    let blocks = r#"
[[block]]
depth = ["envelope"]
payload = ["1xInt16", "10xInt16"]

[[block]]
bus = ["nats-core"]
depth = ["transport", "envelope"]
payload = ["1xInt16"]
load = ["closed"]
"#;
    let text = SCENARIO.replace("qos = [0, 1]\n", "") + blocks;
    let plan = plan(&text);
    let ids: Vec<&str> = plan.cells.iter().map(|cell| cell.id.as_str()).collect();
    // 3 buses x 2 layouts x 2 payloads x 3 loads, and the second block's 2 x 1 cells that the first
    // does not have: closed load at depth `envelope` is in both.
    assert_eq!(ids.len(), 36 + 2);
    assert_eq!(ids[0], "nats-core-native-envelope-1xInt16-open-500");
    assert_eq!(
        ids[36..],
        [
            "nats-core-native-transport-1xInt16-closed-256",
            "nats-core-json-transport-1xInt16-closed-256",
        ]
    );
    assert!(
        plan.cells
            .iter()
            .all(|cell| cell.key.depth == cell.depth.name())
    );
}

#[test]
fn a_block_says_no_more_than_a_matrix() {
    let block = |text: &str| format!("window = \"1s\"\n\n[[block]]\n{text}\n");
    refused(
        "window = \"1s\"",
        &block("payload = []"),
        "`matrix.payload` is empty",
    );
    refused(
        "window = \"1s\"",
        &block("load = []"),
        "it needs `[load.open]`",
    );
    refused(
        "window = \"1s\"",
        &block("speed = 3"),
        "unknown field `speed`",
    );
    refused(
        "window = \"1s\"",
        &block("depth = [\"deep\"]"),
        "unknown variant `deep`, expected one of `transport`, `envelope`, `event`, `upstream`",
    );
}

#[test]
fn what_cannot_be_opened_so_deep_is_planned_with_its_reason() {
    let text = SCENARIO
        .replace("qos = [0, 1]", "depth = [\"event\", \"upstream\"]")
        .replace("\"1xInt32\"", "\"raw:100\"")
        .replace("\"redis-pubsub\"", "\"null\"");
    let plan = plan(&text);
    let reason = |id: &str| {
        let cell = plan.cells.iter().find(|cell| cell.id == id).unwrap();
        cell.not_possible.as_deref()
    };
    assert_eq!(
        reason("nats-core-json-event-closed-256"),
        Some("raw bytes hold no event to encode")
    );
    assert_eq!(
        reason("nats-core-json-upstream-closed-256"),
        Some("upstream's benchmark has no bus: only `null` can be measured its way")
    );
    assert_eq!(reason("null-json-upstream-closed-256"), None);
}

#[test]
fn floors_stand_under_every_depth_and_payload() {
    let text = SCENARIO
        .replace("floors = false", "floors = true")
        .replace("qos = [0, 1]", "depth = [\"transport\", \"event\"]");
    let plan = plan(&text);
    let floors: Vec<_> = plan.cells.iter().filter(|cell| cell.is_floor).collect();
    assert_eq!(floors.len(), 2 * 2 * 3, "2 floors x 2 depths x 3 loads");
    assert!(floors.iter().all(|cell| cell.key.envelope == "native"));
}
