//! What a trial's numbers mean: outcome, `limited_by` and verdict, apart from each other.
//!
//! An overloaded server is a result; only what makes the numbers themselves doubtful is a verdict.

use busbench_results::{
    CARRIED_AT_LEAST, ClientCost, LimitedBy, Load, Outcome, ServerCost, Verdict,
};

/// A thread that is this busy has used its core up.
const THREAD_USED_UP: f64 = 0.90;
/// Cores that are this busy together leave nothing to whoever would need more.
const MACHINE_USED_UP: f64 = 0.95;
/// Wake lag below this is no matter, whatever the response time.
const WAKE_LAG_MATTERS_FROM_NS: u64 = 100_000;
/// Samples without which an open cell has no p99.
const SAMPLES_AT_LEAST: u64 = 1000;

/// What is known of a trial.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) load: Load,
    pub(super) attempted: u64,
    pub(super) subscribers: u64,
    /// Deliveries of the window's messages that were not late (see `Span::late_ns`).
    pub(super) in_time: u64,
    /// Samples of response time.
    pub(super) samples: u64,
    pub(super) lost: u64,
    pub(super) corrupt: u64,
    pub(super) failed: u64,
    pub(super) wake_lag_p99_ns: Option<u64>,
    pub(super) response_p99_ns: Option<u64>,
    /// What broke a publisher.
    pub(super) client_error: Option<String>,
    /// What ended a subscriber before its time.
    pub(super) subscriber_error: Option<String>,
    /// How often a closed window that nothing had come out of was opened again.
    pub(super) reopened: u64,
    pub(super) server_died: bool,
    pub(super) emulated: bool,
    /// Time over which costs were counted, in ns.
    pub(super) elapsed_ns: u64,
    pub(super) server: Option<ServerCost>,
    pub(super) client: Option<ClientCost>,
    pub(super) machine_busy: Option<f64>,
    /// Whether the bus has a server whose cost should be known.
    pub(super) has_server: bool,
}

/// What it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) outcome: Outcome,
    pub(super) limited_by: LimitedBy,
    pub(super) verdict: Verdict,
    pub(super) reasons: Vec<String>,
}

/// Judges a trial.
pub(super) fn judge(facts: &Facts) -> Judgement {
    let (verdict, reasons) = verdict(facts);
    let outcome = outcome(facts);
    Judgement {
        outcome,
        limited_by: limited_by(facts, outcome),
        verdict,
        reasons,
    }
}

fn outcome(facts: &Facts) -> Outcome {
    let offered = facts.attempted * facts.subscribers;
    if facts.server_died || facts.client_error.is_some() {
        Outcome::Failed
    } else if facts.lost > 0 || facts.failed > 0 || facts.subscriber_error.is_some() {
        Outcome::Lossy
    } else if facts.load == Load::Open && (facts.in_time as f64) < CARRIED_AT_LEAST * offered as f64
    {
        Outcome::Saturated
    } else {
        Outcome::Delivered
    }
}

fn limited_by(facts: &Facts, outcome: Outcome) -> LimitedBy {
    if facts.load == Load::Open && outcome == Outcome::Delivered {
        return LimitedBy::Offered;
    }
    let used_up = |cpu_ns: u64| cpu_ns as f64 >= THREAD_USED_UP * facts.elapsed_ns as f64;
    if facts
        .machine_busy
        .is_some_and(|busy| busy >= MACHINE_USED_UP)
    {
        LimitedBy::Machine
    } else if facts
        .client
        .is_some_and(|cost| used_up(cost.busiest_thread_cpu_ns))
    {
        // Before the server: where both are used up, the cell is a lower bound of the server.
        LimitedBy::Client
    } else if facts
        .server
        .is_some_and(|cost| used_up(cost.busiest_thread_cpu_ns))
    {
        LimitedBy::Server
    } else {
        LimitedBy::Unknown
    }
}

fn verdict(facts: &Facts) -> (Verdict, Vec<String>) {
    let mut invalid = Vec::new();
    if facts.server_died {
        invalid.push("server died".to_owned());
    }
    if let Some(error) = &facts.client_error {
        invalid.push(format!("client failed: {error}"));
    }
    if facts.corrupt > 0 {
        invalid.push("corrupt messages".to_owned());
    }
    if facts.samples == 0 && invalid.is_empty() {
        invalid.push("no message of the window was delivered".to_owned());
    }
    let mut suspect = Vec::new();
    if let (Some(lag), Some(response)) = (facts.wake_lag_p99_ns, facts.response_p99_ns)
        && lag > WAKE_LAG_MATTERS_FROM_NS
        && lag > response / 10
    {
        suspect.push("wake lag p99 above 100 us and above 10 % of the response p99");
    }
    if facts.load == Load::Open && facts.samples < SAMPLES_AT_LEAST {
        suspect.push("too few samples");
    }
    // The server lives and every publisher went on, so this is what happens to a subscriber that
    // does not keep up: servers cut it off. A result, but one to look at.
    let cut_off = facts
        .subscriber_error
        .as_ref()
        .map(|error| format!("subscriber cut off: {error}"));
    if let Some(reason) = &cut_off {
        suspect.push(reason);
    }
    if facts.reopened > 0 {
        suspect.push("closed window opened again after a second without an arrival");
    }
    if facts.client.is_none() || (facts.has_server && facts.server.is_none()) {
        suspect.push("counters unreadable: CPU time and memory");
    }
    if facts.emulated {
        suspect.push("host emulated");
    }
    let verdict = match (invalid.is_empty(), suspect.is_empty()) {
        (false, _) => Verdict::Invalid,
        (true, false) => Verdict::Suspect,
        (true, true) => Verdict::Valid,
    };
    invalid.extend(suspect.into_iter().map(str::to_owned));
    (verdict, invalid)
}

#[cfg(test)]
mod tests {
    use busbench_results::{ClientCost, LimitedBy, Load, Outcome, ServerCost, Verdict};

    use super::{Facts, Judgement, judge};

    const SECOND: u64 = 1_000_000_000;

    fn good() -> Facts {
        Facts {
            load: Load::Open,
            attempted: 2000,
            subscribers: 2,
            in_time: 3998,
            samples: 4000,
            lost: 0,
            corrupt: 0,
            failed: 0,
            wake_lag_p99_ns: Some(30_000),
            response_p99_ns: Some(200_000),
            client_error: None,
            subscriber_error: None,
            reopened: 0,
            server_died: false,
            emulated: false,
            elapsed_ns: SECOND,
            server: Some(ServerCost {
                cpu_ns: SECOND / 5,
                busiest_thread_cpu_ns: SECOND / 5,
                rss_peak_bytes: 1,
            }),
            client: Some(ClientCost {
                cpu_ns: SECOND / 5,
                busiest_thread_cpu_ns: SECOND / 5,
                rss_peak_bytes: 1,
            }),
            machine_busy: Some(0.3),
            has_server: true,
        }
    }

    #[track_caller]
    fn check(
        change: impl FnOnce(&mut Facts),
        outcome: Outcome,
        limited_by: LimitedBy,
        verdict: Verdict,
        reasons: &[&str],
    ) {
        let mut facts = good();
        change(&mut facts);
        let reasons = reasons.iter().map(ToString::to_string).collect();
        assert_eq!(
            judge(&facts),
            Judgement {
                outcome,
                limited_by,
                verdict,
                reasons
            }
        );
    }

    #[test]
    fn a_rate_that_was_carried_is_limited_by_what_was_offered() {
        check(
            |_| (),
            Outcome::Delivered,
            LimitedBy::Offered,
            Verdict::Valid,
            &[],
        );
    }

    #[test]
    fn a_rate_that_was_not_reached_is_a_result_and_no_fault() {
        check(
            |facts| facts.in_time = 3900,
            Outcome::Saturated,
            LimitedBy::Unknown,
            Verdict::Valid,
            &[],
        );
    }

    #[test]
    fn loss_is_a_result_and_no_fault() {
        check(
            |facts| facts.lost = 1,
            Outcome::Lossy,
            LimitedBy::Unknown,
            Verdict::Valid,
            &[],
        );
    }

    #[test]
    fn a_full_thread_or_machine_is_named_as_the_limit() {
        let closed = |facts: &mut Facts| facts.load = Load::Closed;
        let (outcome, valid) = (Outcome::Delivered, Verdict::Valid);
        check(closed, outcome, LimitedBy::Unknown, valid, &[]);
        let server = |facts: &mut Facts| {
            closed(facts);
            facts.server.as_mut().unwrap().busiest_thread_cpu_ns = SECOND * 95 / 100;
        };
        check(server, outcome, LimitedBy::Server, valid, &[]);
        let client = |facts: &mut Facts| {
            closed(facts);
            facts.client.as_mut().unwrap().busiest_thread_cpu_ns = SECOND * 95 / 100;
        };
        check(client, outcome, LimitedBy::Client, valid, &[]);
        let machine = |facts: &mut Facts| {
            server(facts);
            facts.machine_busy = Some(0.99);
        };
        check(machine, outcome, LimitedBy::Machine, valid, &[]);
    }

    #[test]
    fn lateness_of_the_harness_makes_a_trial_suspect_only_where_it_shows() {
        let late = |facts: &mut Facts| facts.wake_lag_p99_ns = Some(150_000);
        check(
            late,
            Outcome::Delivered,
            LimitedBy::Offered,
            Verdict::Suspect,
            &["wake lag p99 above 100 us and above 10 % of the response p99"],
        );
        let hidden = |facts: &mut Facts| {
            late(facts);
            facts.response_p99_ns = Some(2_000_000);
        };
        check(
            hidden,
            Outcome::Delivered,
            LimitedBy::Offered,
            Verdict::Valid,
            &[],
        );
    }

    #[test]
    fn a_dead_server_or_client_makes_a_trial_invalid() {
        let died = |facts: &mut Facts| facts.server_died = true;
        let (failed, unknown) = (Outcome::Failed, LimitedBy::Unknown);
        check(died, failed, unknown, Verdict::Invalid, &["server died"]);
        let broken = |facts: &mut Facts| facts.client_error = Some("closed".to_owned());
        check(
            broken,
            failed,
            unknown,
            Verdict::Invalid,
            &["client failed: closed"],
        );
    }

    #[test]
    fn where_server_and_client_are_both_used_up_the_cell_is_a_lower_bound() {
        let both = |facts: &mut Facts| {
            facts.load = Load::Closed;
            facts.server.as_mut().unwrap().busiest_thread_cpu_ns = SECOND;
            facts.client.as_mut().unwrap().busiest_thread_cpu_ns = SECOND;
        };
        check(
            both,
            Outcome::Delivered,
            LimitedBy::Client,
            Verdict::Valid,
            &[],
        );
    }

    #[test]
    fn a_subscriber_that_is_cut_off_is_a_result() {
        let cut = |facts: &mut Facts| facts.subscriber_error = Some("closed".to_owned());
        let reasons = ["subscriber cut off: closed"];
        check(
            cut,
            Outcome::Lossy,
            LimitedBy::Unknown,
            Verdict::Suspect,
            &reasons,
        );
    }

    #[test]
    fn a_window_that_was_opened_again_is_said() {
        let reopened = |facts: &mut Facts| facts.reopened = 1;
        let reasons = ["closed window opened again after a second without an arrival"];
        check(
            reopened,
            Outcome::Delivered,
            LimitedBy::Offered,
            Verdict::Suspect,
            &reasons,
        );
    }

    #[test]
    fn what_makes_numbers_doubtful_is_said() {
        let (delivered, offered) = (Outcome::Delivered, LimitedBy::Offered);
        let corrupt = |facts: &mut Facts| facts.corrupt = 2;
        check(
            corrupt,
            delivered,
            offered,
            Verdict::Invalid,
            &["corrupt messages"],
        );
        let none = |facts: &mut Facts| {
            facts.load = Load::Closed;
            facts.samples = 0;
        };
        let reasons = ["no message of the window was delivered"];
        check(
            none,
            delivered,
            LimitedBy::Unknown,
            Verdict::Invalid,
            &reasons,
        );
        let few = |facts: &mut Facts| facts.samples = 999;
        check(
            few,
            delivered,
            offered,
            Verdict::Suspect,
            &["too few samples"],
        );
        let emulated = |facts: &mut Facts| facts.emulated = true;
        check(
            emulated,
            delivered,
            offered,
            Verdict::Suspect,
            &["host emulated"],
        );
        let unread = |facts: &mut Facts| facts.server = None;
        let reasons = ["counters unreadable: CPU time and memory"];
        check(unread, delivered, offered, Verdict::Suspect, &reasons);
        let null_bus = |facts: &mut Facts| {
            unread(facts);
            facts.has_server = false;
        };
        check(null_bus, delivered, offered, Verdict::Valid, &[]);
    }
}
