use std::collections::BTreeSet;

use busbench_results::{
    ClockDrift, Cost, LimitedBy, Load, Outcome, Reason, ReasonKind, Severity, Verdict,
};

use super::{Emulators, Facts, Judgement, OwnCores, OwnCoresOf, judge};

const SECOND: u64 = 1_000_000_000;

fn good() -> Facts {
    let cost = Cost {
        cpu_ns: SECOND / 5,
        busiest_thread_cpu_ns: SECOND / 5,
        rss_peak_bytes: Some(1),
        ..Cost::default()
    };
    Facts {
        load: Load::Open,
        attempted: 2000,
        subscribers: 2,
        in_time: 3998,
        samples: 4000,
        lost: 0,
        corrupt: 0,
        failed: 0,
        foreign: 0,
        wake_lag_p99_ns: Some(30_000),
        response_p99_ns: Some(200_000),
        client_error: None,
        subscriber_error: None,
        first_failure: None,
        reopened: 0,
        server_died: None,
        server_out_of_memory: None,
        cpu_quota: None,
        server_restarted: None,
        emulators: Emulators::default(),
        not_pinned: None,
        own_cores: None,
        elapsed_ns: SECOND,
        server: Some(cost.clone()),
        client: Some(cost),
        machine_busy: Some(0.3),
        steal: Some(0.01),
        clock: Some(ClockDrift {
            elapsed_ns: SECOND,
            against_raw_ns: 400_000,
            suspended_ns: 0,
        }),
        has_server: true,
        counters_unreadable: None,
        unexplained: Vec::new(),
        server_dropped: 0,
        client_dropped: 0,
        client_backlog: None,
        wire_not_counted: None,
        unsteady: None,
        backlog_grew: None,
    }
}

fn changed(change: impl FnOnce(&mut Facts)) -> Judgement {
    let mut facts = good();
    change(&mut facts);
    judge(&facts)
}

#[track_caller]
fn check(
    change: impl FnOnce(&mut Facts),
    outcome: Outcome,
    limited_by: LimitedBy,
    reasons: &[Reason],
) {
    let expected = Judgement {
        outcome,
        limited_by,
        verdict: Verdict::of(reasons),
        reasons: reasons.to_vec(),
    };
    assert_eq!(changed(change), expected);
}

/// Checks a change that leaves everything delivered.
#[track_caller]
fn check_delivered(change: impl FnOnce(&mut Facts), reasons: &[Reason]) {
    check(change, Outcome::Delivered, LimitedBy::Offered, reasons);
}

#[test]
fn a_rate_that_was_carried_is_limited_by_what_was_offered() {
    check_delivered(|_| (), &[]);
}

#[test]
fn loss_and_saturation_are_results_and_no_verdict() {
    let lossy = |facts: &mut Facts| facts.lost = 1;
    check(lossy, Outcome::Lossy, LimitedBy::Unknown, &[]);
    let saturated = |facts: &mut Facts| facts.in_time = 3900;
    check(saturated, Outcome::Saturated, LimitedBy::Unknown, &[]);
    let refused = |facts: &mut Facts| {
        facts.failed = 3;
        facts.first_failure = Some("no".to_owned());
    };
    let reasons = [ReasonKind::PublishFailed.with("3, the first: no")];
    check(refused, Outcome::Lossy, LimitedBy::Unknown, &reasons);
    let grew = |facts: &mut Facts| facts.backlog_grew = Some("50/s".to_owned());
    let reasons = [ReasonKind::BacklogGrew.with("50/s")];
    check(grew, Outcome::Saturated, LimitedBy::Unknown, &reasons);
}

#[test]
fn a_closed_load_is_limited_by_whoever_is_used_up() {
    let server = |facts: &mut Facts| {
        facts.load = Load::Closed;
        facts.server.as_mut().unwrap().busiest_thread_cpu_ns = SECOND;
    };
    check(server, Outcome::Delivered, LimitedBy::Server, &[]);
    let both = |facts: &mut Facts| {
        server(facts);
        facts.client.as_mut().unwrap().busiest_thread_cpu_ns = SECOND;
    };
    check(both, Outcome::Delivered, LimitedBy::Client, &[]);
    let machine = |facts: &mut Facts| {
        server(facts);
        facts.machine_busy = Some(0.99);
    };
    check(machine, Outcome::Delivered, LimitedBy::Machine, &[]);
}

#[test]
fn on_cores_of_their_own_each_side_is_measured_by_what_it_could_have_had() {
    let check_pinned = |server_cpu_ns, client_cpu_ns, busy: [f64; 3], limited_by| {
        let change = |facts: &mut Facts| {
            facts.load = Load::Closed;
            facts.server.as_mut().unwrap().cpu_ns = server_cpu_ns;
            facts.client.as_mut().unwrap().cpu_ns = client_cpu_ns;
            let [server, client, machine] = busy;
            facts.machine_busy = Some(machine);
            let own = |cores, busy| OwnCoresOf {
                cores,
                busy: Some(busy),
            };
            facts.own_cores = Some(OwnCores {
                server: Some(own(2, server)),
                client: own(1, client),
            });
        };
        check(change, Outcome::Delivered, limited_by, &[]);
    };
    let (server, client) = (LimitedBy::Server, LimitedBy::Client);
    // Two cores in two threads that are not used up themselves.
    check_pinned(19 * SECOND / 10, SECOND / 2, [0.96, 0.5, 0.8], server);
    check_pinned(SECOND, 96 * SECOND / 100, [0.5, 0.97, 0.7], client);
    // The whole machine is busy, and still it can be told who would need more.
    check_pinned(19 * SECOND / 10, SECOND / 2, [0.99, 0.99, 0.99], server);
    check_pinned(2 * SECOND, SECOND, [1.0, 1.0, 1.0], client);
    check_pinned(SECOND, SECOND / 2, [0.6, 0.6, 0.6], LimitedBy::Unknown);
    // Somebody else has the rest of the server's cores.
    check_pinned(SECOND, SECOND / 2, [0.98, 0.5, 0.8], LimitedBy::Machine);
}

#[test]
fn lateness_of_the_harness_makes_a_trial_suspect_only_where_it_shows() {
    let late = |facts: &mut Facts| facts.wake_lag_p99_ns = Some(150_000);
    check_delivered(late, &[ReasonKind::WakeLag.alone()]);
    let hidden = |facts: &mut Facts| {
        late(facts);
        facts.response_p99_ns = Some(2_000_000);
    };
    check_delivered(hidden, &[]);
}

#[test]
fn a_dead_server_or_client_makes_a_trial_invalid() {
    let (failed, unknown) = (Outcome::Failed, LimitedBy::Unknown);
    let died = |facts: &mut Facts| facts.server_died = Some(" \n".to_owned());
    check(died, failed, unknown, &[ReasonKind::ServerDied.alone()]);
    let died = |facts: &mut Facts| facts.server_died = Some("out of memory\n".to_owned());
    let reasons = [ReasonKind::ServerDied.with("its last words: out of memory")];
    check(died, failed, unknown, &reasons);
    let restarted = |facts: &mut Facts| facts.server_restarted = Some("up for 1 s".to_owned());
    let reasons = [ReasonKind::ServerRestarted.with("up for 1 s")];
    check(restarted, failed, unknown, &reasons);
    let broken = |facts: &mut Facts| facts.client_error = Some("closed".to_owned());
    let reasons = [ReasonKind::ClientFailed.with("closed")];
    check(broken, failed, unknown, &reasons);
}

#[test]
fn a_server_that_runs_out_of_the_memory_of_its_limit_is_a_result() {
    let killed = |facts: &mut Facts| {
        facts.server_died = Some(String::new());
        facts.server_out_of_memory = Some("memory=64MiB".parse().unwrap());
        // What follows from it.
        facts.client_error = Some("connection reset".to_owned());
        facts.subscriber_error = Some("closed".to_owned());
        facts.counters_unreadable = Some("refused".to_owned());
        (facts.server, facts.client) = (None, None);
        facts.samples = 10;
        facts.lost = 5;
    };
    let reasons = [ReasonKind::ServerOutOfMemory.with("its limit is 64 MiB of memory")];
    assert_eq!(Verdict::of(&reasons), Verdict::Valid);
    check(killed, Outcome::Failed, LimitedBy::Server, &reasons);
    let doubtful = |facts: &mut Facts| {
        killed(facts);
        facts.corrupt = 1;
        facts.emulators.server = Some("qemu-aarch64".to_owned());
    };
    let reasons = [
        ReasonKind::Corrupt.with("1"),
        ReasonKind::Emulated.with("server (qemu-aarch64)"),
        reasons[0].clone(),
    ];
    check(doubtful, Outcome::Failed, LimitedBy::Server, &reasons);
}

#[test]
fn a_server_that_has_used_up_its_quota_is_the_limit() {
    let quota = |used_ns, cpus| {
        move |facts: &mut Facts| {
            facts.load = Load::Closed;
            facts.cpu_quota = Some(cpus);
            facts.server.as_mut().unwrap().cpu_ns = used_ns;
        }
    };
    let delivered = Outcome::Delivered;
    check(
        quota(48 * SECOND / 100, 0.5),
        delivered,
        LimitedBy::Server,
        &[],
    );
    check(
        quota(46 * SECOND / 100, 0.5),
        delivered,
        LimitedBy::Unknown,
        &[],
    );
    let busy = |facts: &mut Facts| {
        quota(SECOND / 2, 0.5)(facts);
        facts.machine_busy = Some(1.0);
    };
    check(busy, delivered, LimitedBy::Server, &[]);
    // The harness could not have offered more either: a lower bound.
    let both = |facts: &mut Facts| {
        quota(SECOND / 2, 0.5)(facts);
        facts.client.as_mut().unwrap().busiest_thread_cpu_ns = SECOND;
    };
    check(both, delivered, LimitedBy::Client, &[]);
    let open = |facts: &mut Facts| {
        quota(SECOND / 2, 0.5)(facts);
        facts.load = Load::Open;
    };
    check(open, delivered, LimitedBy::Offered, &[]);
}

#[test]
fn a_subscriber_that_is_cut_off_is_a_result() {
    let cut = |facts: &mut Facts| {
        facts.subscriber_error = Some("closed".to_owned());
        facts.server_dropped = 7;
    };
    let reasons = [
        ReasonKind::SubscriberCutOff.with("closed"),
        ReasonKind::ServerDropped.with("7"),
    ];
    check(cut, Outcome::Lossy, LimitedBy::Unknown, &reasons);
}

#[test]
fn what_makes_numbers_doubtful_is_said() {
    let corrupt = |facts: &mut Facts| facts.corrupt = 2;
    check_delivered(corrupt, &[ReasonKind::Corrupt.with("2")]);
    let none = |facts: &mut Facts| {
        facts.load = Load::Closed;
        facts.samples = 0;
    };
    let reasons = [ReasonKind::NothingDelivered.alone()];
    check(none, Outcome::Delivered, LimitedBy::Unknown, &reasons);
    let few = |facts: &mut Facts| facts.samples = 999;
    check_delivered(few, &[ReasonKind::FewSamples.alone()]);
    let unjudged = |facts: &mut Facts| facts.wake_lag_p99_ns = None;
    check_delivered(unjudged, &[ReasonKind::FewSamples.alone()]);
    let qemu = || Some("qemu-aarch64".to_owned());
    let harness = |facts: &mut Facts| facts.emulators.harness = qemu();
    let told = "harness (qemu-aarch64)";
    check_delivered(harness, &[ReasonKind::Emulated.with(told)]);
    let server = |facts: &mut Facts| facts.emulators.server = qemu();
    let told = "server (qemu-aarch64)";
    check_delivered(server, &[ReasonKind::Emulated.with(told)]);
    let both = |facts: &mut Facts| {
        facts.emulators.harness = qemu();
        facts.emulators.server = Some("rosetta".to_owned());
    };
    let told = "harness (qemu-aarch64), server (rosetta)";
    check_delivered(both, &[ReasonKind::Emulated.with(told)]);
    let reopened = |facts: &mut Facts| facts.reopened = 1;
    check_delivered(reopened, &[ReasonKind::WindowReopened.alone()]);
    let shared = |facts: &mut Facts| facts.not_pinned = Some("one core".to_owned());
    check_delivered(shared, &[ReasonKind::NotPinned.with("one core")]);
    let drifting = |facts: &mut Facts| facts.unsteady = Some("-30 %".to_owned());
    check_delivered(drifting, &[ReasonKind::Unsteady.with("-30 %")]);
}

#[test]
fn stolen_time_is_doubtful_from_two_percent_on() {
    check_delivered(|facts| facts.steal = Some(0.02), &[]);
    let reasons = [ReasonKind::CpuSteal.with("2.5 %")];
    check_delivered(|facts| facts.steal = Some(0.025), &reasons);
    check_delivered(|facts| facts.steal = None, &[]);
}

#[test]
fn what_cannot_be_read_is_a_reason_and_not_a_zero() {
    let cost = [ReasonKind::CostUnreadable.alone()];
    check_delivered(|facts| facts.server = None, &cost);
    check_delivered(|facts| facts.client = None, &cost);
    let null_bus = |facts: &mut Facts| {
        facts.server = None;
        facts.has_server = false;
    };
    check_delivered(null_bus, &[]);
    let counters = |facts: &mut Facts| facts.counters_unreadable = Some("refused".to_owned());
    check_delivered(counters, &[ReasonKind::CountersUnreadable.with("refused")]);
    let wire = |facts: &mut Facts| facts.wire_not_counted = Some("too busy".to_owned());
    check_delivered(wire, &[ReasonKind::WireNotCounted.with("too busy")]);
    let differing = |facts: &mut Facts| {
        facts.unexplained = vec!["in: 5 and 4".to_owned(), "out: 5 and 3".to_owned()];
    };
    let reasons = [ReasonKind::CountsUnexplained.with("in: 5 and 4; out: 5 and 3")];
    check_delivered(differing, &reasons);
}

#[test]
fn a_clock_that_jumped_or_slept_makes_a_trial_invalid() {
    let clock = |against_raw_ns, suspended_ns| {
        move |facts: &mut Facts| {
            facts.clock = Some(ClockDrift {
                elapsed_ns: 2 * SECOND,
                against_raw_ns,
                suspended_ns,
            });
        }
    };
    // A millisecond, and a thousandth of two seconds for what NTP may slew.
    check_delivered(clock(3_000_000, 0), &[]);
    let kind = ReasonKind::ClockJumped;
    let reasons = [kind.with("-4 ms against the unadjusted clock")];
    check_delivered(clock(-4_000_000, 0), &reasons);
    let reasons = [kind.with("the machine was suspended for 900 ms")];
    check_delivered(clock(0, 900_000_000), &reasons);
}

#[test]
fn what_is_worth_knowing_leaves_the_verdict_alone() {
    let told = |facts: &mut Facts| {
        facts.client_dropped = 4;
        facts.client_backlog = Some("9 MB".to_owned());
        facts.foreign = 2;
    };
    let reasons = [
        ReasonKind::ClientBacklog.with("9 MB"),
        ReasonKind::ClientDropped.with("4"),
        ReasonKind::Foreign.with("2"),
    ];
    check_delivered(told, &reasons);
}

#[test]
fn the_worst_reason_comes_first_and_every_reason_of_the_list_can_be_given() {
    let all = changed(|facts| {
        facts.samples = 0;
        facts.foreign = 1;
        facts.wake_lag_p99_ns = Some(SECOND);
        facts.first_failure = Some("no".to_owned());
        facts.subscriber_error = Some("closed".to_owned());
        facts.reopened = 1;
        facts.emulators.server = Some("qemu-aarch64".to_owned());
        facts.not_pinned = Some("one core".to_owned());
        facts.server = None;
        facts.steal = Some(0.5);
        facts.clock.as_mut().unwrap().suspended_ns = 5_000_000;
        facts.counters_unreadable = Some("refused".to_owned());
        facts.unexplained = vec!["in".to_owned()];
        facts.server_dropped = 1;
        facts.client_dropped = 1;
        facts.client_backlog = Some("grew".to_owned());
        facts.wire_not_counted = Some("too busy".to_owned());
        facts.unsteady = Some("fell".to_owned());
        facts.backlog_grew = Some("grew".to_owned());
    });
    let severities: Vec<Severity> = all.reasons.iter().map(|r| r.kind.severity()).collect();
    assert!(severities.is_sorted_by(|a, b| a >= b), "{severities:?}");
    let broken = changed(|facts| {
        facts.server_died = Some(String::new());
        facts.server_restarted = Some("new".to_owned());
        facts.client_error = Some("closed".to_owned());
        facts.corrupt = 1;
    });
    let killed = changed(|facts| {
        facts.server_out_of_memory = Some("memory=64MiB".parse().unwrap());
    });
    let given: BTreeSet<_> = all
        .reasons
        .iter()
        .chain(&broken.reasons)
        .chain(&killed.reasons)
        .map(|r| r.kind)
        .collect();
    let mut expected = BTreeSet::from(ReasonKind::ALL);
    // Given where there is nothing to judge: see `record`.
    expected.remove(&ReasonKind::ServerNotStarted);
    // Of a footprint.
    expected.remove(&ReasonKind::NotCold);
    assert_eq!(given, expected);
}
