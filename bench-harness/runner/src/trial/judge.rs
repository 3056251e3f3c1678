//! What a trial's numbers mean: outcome, `limited_by` and verdict, apart from each other.
//!
//! An overloaded server is a result; only what makes the numbers themselves doubtful is a verdict.

mod own_cores;

use busbench_brokers::Limit;
use busbench_results::{
    CARRIED_AT_LEAST, ClockDrift, Cost, LimitedBy, Load, Outcome, Reason, ReasonKind, Verdict,
};

pub(super) use own_cores::{OwnCores, OwnCoresOf};

/// A thread that is this busy has used its core up.
const THREAD_USED_UP: f64 = 0.90;
/// Cores that are this busy together leave nothing to whoever would need more.
const CORES_USED_UP: f64 = 0.95;
/// A server that used this share of what its limit allows was held back by it: what it could not use
/// lies in periods that the window cuts through.
const QUOTA_USED_UP: f64 = 0.95;
/// Wake lag p99 up to this is no matter, whatever the response time.
pub(crate) const WAKE_LAG_MATTERS_FROM_NS: u64 = 100_000;
/// Samples without which an open cell has no p99.
const SAMPLES_AT_LEAST: u64 = 1000;
/// More of the machine's time in a hypervisor's hands than this is too much.
pub(crate) const STEAL_AT_MOST: f64 = 0.02;
/// Two clocks of one kernel are read one after the other, and may be interrupted between.
const CLOCKS_READ_WITHIN_NS: u64 = 1_000_000;
/// NTP slews `CLOCK_MONOTONIC` by at most 500 ppm (adjtimex(2)); twice that is no slewing.
const SLEW_AT_MOST_PPM: u64 = 1000;

/// What emulates the two sides of a trial, or by which sign that shows; `None` where the CPU runs them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Emulators {
    pub(crate) harness: Option<String>,
    pub(crate) server: Option<String>,
}

impl Emulators {
    /// Of this program, before it is known what its server runs on.
    pub(crate) fn of_harness() -> Self {
        Self {
            harness: busbench_brokers::own_emulator(),
            server: None,
        }
    }

    /// The reason that they are, where anything is emulated.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.describe()
            .map(|which| ReasonKind::Emulated.with(which))
    }

    /// Which side is emulated, and what tells it.
    fn describe(&self) -> Option<String> {
        let sides = [("harness", &self.harness), ("server", &self.server)];
        let told: Vec<String> = sides
            .into_iter()
            .filter_map(|(side, by)| Some(format!("{side} ({})", by.as_ref()?)))
            .collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}

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
    pub(super) foreign: u64,
    pub(super) wake_lag_p99_ns: Option<u64>,
    pub(super) response_p99_ns: Option<u64>,
    /// What broke a publisher.
    pub(super) client_error: Option<String>,
    /// What ended a subscriber before its time.
    pub(super) subscriber_error: Option<String>,
    /// What the first failed publish said.
    pub(super) first_failure: Option<String>,
    /// How often a closed window that nothing had come out of was opened again.
    pub(super) reopened: u64,
    /// The server's last words, where it died.
    pub(super) server_died: Option<String>,
    /// The limit that it had used up the memory of, where the kernel killed it for that.
    pub(super) server_out_of_memory: Option<Limit>,
    /// CPU time for each second that the server's limit allows, where it has one.
    pub(super) cpu_quota: Option<f64>,
    /// What tells that another server answers now, where one does.
    pub(super) server_restarted: Option<String>,
    pub(super) emulators: Emulators,
    /// Why server and harness are not on cores of their own, where they were to be.
    pub(super) not_pinned: Option<String>,
    /// The cores of each side, where they are apart.
    pub(super) own_cores: Option<OwnCores>,
    /// Time over which costs were counted, in ns.
    pub(super) elapsed_ns: u64,
    pub(super) server: Option<Cost>,
    pub(super) client: Option<Cost>,
    pub(super) machine_busy: Option<f64>,
    pub(super) steal: Option<f64>,
    pub(super) clock: Option<ClockDrift>,
    /// Whether the bus has a server whose cost should be known.
    pub(super) has_server: bool,
    /// Why the server's own counters could not be read, where it has any.
    pub(super) counters_unreadable: Option<String>,
    /// Differences between harness and server that nothing explains.
    pub(super) unexplained: Vec<String>,
    /// Messages that the server says it dropped.
    pub(super) server_dropped: u64,
    /// Messages that client crates dropped on the subscribing side.
    pub(super) client_dropped: u64,
    /// How far the client crate's queue grew, where it did.
    pub(super) client_backlog: Option<String>,
    /// Why it is not known what a message costs on the wire, where it should be.
    pub(super) wire_not_counted: Option<String>,
    /// How the throughput drifted, where it was not steady.
    pub(super) unsteady: Option<String>,
    /// How the backlog grew, where it did.
    pub(super) backlog_grew: Option<String>,
}

/// What it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) outcome: Outcome,
    pub(super) limited_by: LimitedBy,
    pub(super) verdict: Verdict,
    /// The worst first.
    pub(super) reasons: Vec<Reason>,
}

/// Judges a trial.
pub(super) fn judge(facts: &Facts) -> Judgement {
    let mut reasons: Vec<Reason> = invalidating(facts)
        .into_iter()
        .chain(doubts(facts))
        .chain(notes(facts))
        .collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.kind.severity()));
    let outcome = outcome(facts);
    Judgement {
        outcome,
        limited_by: limited_by(facts, outcome),
        verdict: Verdict::of(&reasons),
        reasons,
    }
}

fn outcome(facts: &Facts) -> Outcome {
    let offered = facts.attempted * facts.subscribers;
    let open = facts.load == Load::Open;
    let carried = (facts.in_time as f64) >= CARRIED_AT_LEAST * offered as f64;
    if facts.server_died.is_some()
        || facts.server_restarted.is_some()
        || facts.client_error.is_some()
    {
        Outcome::Failed
    } else if facts.lost > 0 || facts.failed > 0 || facts.subscriber_error.is_some() {
        Outcome::Lossy
    } else if open && (!carried || facts.backlog_grew.is_some()) {
        Outcome::Saturated
    } else {
        Outcome::Delivered
    }
}

/// A side is used up when one of its threads is, or when it has used all the CPU that it could have
/// had: that of its own cores where the two are apart, else that of the machine, which is then
/// nobody's fault.
fn limited_by(facts: &Facts, outcome: Outcome) -> LimitedBy {
    if facts.load == Load::Open && outcome == Outcome::Delivered {
        return LimitedBy::Offered;
    }
    if facts.server_out_of_memory.is_some() {
        return LimitedBy::Server;
    }
    let client = facts.own_cores.map(|own| own.client);
    let server = facts.own_cores.and_then(|own| own.server);
    let machine = is_busy(facts.machine_busy);
    if quota_used_up(facts) && !used_up(facts, facts.client.as_ref(), client) {
        // Of a busier machine it could not have had more.
        return LimitedBy::Server;
    }
    if facts.own_cores.is_none() && machine {
        LimitedBy::Machine
    } else if used_up(facts, facts.client.as_ref(), client) {
        // Before the server: where both are used up, the cell is a lower bound of the server.
        LimitedBy::Client
    } else if used_up(facts, facts.server.as_ref(), server) {
        LimitedBy::Server
    } else if machine
        || [client, server]
            .iter()
            .flatten()
            .any(|own| is_busy(own.busy))
    {
        // Somebody else took a side's cores.
        LimitedBy::Machine
    } else {
        LimitedBy::Unknown
    }
}

/// Whether the server used all the CPU time that its limit allows, whatever the machine had left.
fn quota_used_up(facts: &Facts) -> bool {
    let quota = facts.cpu_quota.zip(facts.server.as_ref());
    quota.is_some_and(|(cpus, server)| {
        server.cpu_ns as f64 >= QUOTA_USED_UP * cpus * facts.elapsed_ns as f64
    })
}

fn used_up(facts: &Facts, cost: Option<&Cost>, own: Option<OwnCoresOf>) -> bool {
    let elapsed_ns = facts.elapsed_ns as f64;
    cost.is_some_and(|cost| {
        cost.busiest_thread_cpu_ns as f64 >= THREAD_USED_UP * elapsed_ns
            || own.is_some_and(|own| {
                cost.cpu_ns as f64 >= CORES_USED_UP * elapsed_ns * own.cores as f64
            })
    })
}

fn is_busy(share: Option<f64>) -> bool {
    share.is_some_and(|busy| busy >= CORES_USED_UP)
}

/// The reason of a server that was killed under its limit.
pub(super) fn server_out_of_memory(limit: Limit) -> Reason {
    ReasonKind::ServerOutOfMemory.with(format!("its limit is {}", limit.words()))
}

/// The reason of a server that died, with the end of its output.
pub(super) fn server_died(last_words: &str) -> Reason {
    match last_words.trim() {
        "" => ReasonKind::ServerDied.alone(),
        words => ReasonKind::ServerDied.with(format!("its last words: {words}")),
    }
}

/// What makes the numbers worthless.
fn invalidating(facts: &Facts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    // That a server does not get along with its limit is what was asked: it is a note, and what clients
    // say of its end follows from it.
    let within_memory = facts.server_out_of_memory.is_none();
    if let Some(last_words) = facts.server_died.as_ref().filter(|_| within_memory) {
        reasons.push(server_died(last_words));
    }
    if let Some(how) = facts.server_restarted.as_ref().filter(|_| within_memory) {
        reasons.push(ReasonKind::ServerRestarted.with(how));
    }
    if let Some(error) = facts.client_error.as_ref().filter(|_| within_memory) {
        reasons.push(ReasonKind::ClientFailed.with(error));
    }
    if facts.corrupt > 0 {
        reasons.push(ReasonKind::Corrupt.with(facts.corrupt.to_string()));
    }
    if facts.samples == 0 && reasons.is_empty() && within_memory {
        reasons.push(ReasonKind::NothingDelivered.alone());
    }
    if let Some(how) = facts.clock.and_then(jump) {
        reasons.push(ReasonKind::ClockJumped.with(how));
    }
    reasons
}

/// What makes the numbers doubtful.
fn doubts(facts: &Facts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let (Some(lag), Some(response)) = (facts.wake_lag_p99_ns, facts.response_p99_ns)
        && lag > WAKE_LAG_MATTERS_FROM_NS
        && lag > response / 10
    {
        reasons.push(ReasonKind::WakeLag.alone());
    }
    if facts.server_out_of_memory.is_none() {
        reasons.extend(doubts_of_a_whole_window(facts));
    }
    if let Some(steal) = facts.steal.filter(|steal| *steal > STEAL_AT_MOST) {
        reasons.push(ReasonKind::CpuSteal.with(format!("{:.1} %", steal * 100.0)));
    }
    reasons.extend(facts.emulators.reason());
    if let Some(why) = &facts.not_pinned {
        reasons.push(ReasonKind::NotPinned.with(why));
    }
    reasons
}

/// What is doubtful of a window only that its server lived through.
fn doubts_of_a_whole_window(facts: &Facts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    // Several subscribers may have enough samples of too few messages: then nothing is known of the
    // harness's own lateness.
    let few = facts.samples < SAMPLES_AT_LEAST || facts.wake_lag_p99_ns.is_none();
    if facts.load == Load::Open && few {
        reasons.push(ReasonKind::FewSamples.alone());
    }
    if !facts.unexplained.is_empty() {
        reasons.push(ReasonKind::CountsUnexplained.with(facts.unexplained.join("; ")));
    }
    if let Some(why) = &facts.counters_unreadable {
        reasons.push(ReasonKind::CountersUnreadable.with(why));
    }
    if facts.client.is_none() || (facts.has_server && facts.server.is_none()) {
        reasons.push(ReasonKind::CostUnreadable.alone());
    }
    if let Some(how) = &facts.unsteady {
        reasons.push(ReasonKind::Unsteady.with(how));
    }
    if facts.reopened > 0 {
        reasons.push(ReasonKind::WindowReopened.alone());
    }
    reasons
}

/// What belongs to the result and is worth knowing.
fn notes(facts: &Facts) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(limit) = facts.server_out_of_memory {
        reasons.push(server_out_of_memory(limit));
    }
    // The server lives and every publisher went on, so this is what happens to a subscriber that
    // does not keep up: servers cut it off.
    let lived = facts.server_out_of_memory.is_none();
    if let Some(error) = facts.subscriber_error.as_ref().filter(|_| lived) {
        reasons.push(ReasonKind::SubscriberCutOff.with(error));
    }
    if let Some(error) = facts.first_failure.as_ref().filter(|_| lived) {
        let failed = facts.failed;
        reasons.push(ReasonKind::PublishFailed.with(format!("{failed}, the first: {error}")));
    }
    if let Some(how) = &facts.backlog_grew {
        reasons.push(ReasonKind::BacklogGrew.with(how));
    }
    if let Some(how) = &facts.client_backlog {
        reasons.push(ReasonKind::ClientBacklog.with(how));
    }
    for (count, kind) in [
        (facts.client_dropped, ReasonKind::ClientDropped),
        (facts.server_dropped, ReasonKind::ServerDropped),
        (facts.foreign, ReasonKind::Foreign),
    ] {
        if count > 0 {
            reasons.push(kind.with(count.to_string()));
        }
    }
    // Nothing can be counted on a server that is gone, and that it is gone is said already.
    if let Some(why) = facts
        .wire_not_counted
        .as_ref()
        .filter(|_| facts.server_died.is_none())
    {
        reasons.push(ReasonKind::WireNotCounted.with(why));
    }
    reasons
}

/// How the clock that times everything jumped; `None` where it went evenly.
fn jump(clock: ClockDrift) -> Option<String> {
    let allowed_ns = CLOCKS_READ_WITHIN_NS + clock.elapsed_ns / 1_000_000 * SLEW_AT_MOST_PPM;
    if clock.suspended_ns.unsigned_abs() > CLOCKS_READ_WITHIN_NS {
        return Some(format!(
            "the machine was suspended for {} ms",
            clock.suspended_ns / 1_000_000
        ));
    }
    (clock.against_raw_ns.unsigned_abs() > allowed_ns).then(|| {
        format!(
            "{} ms against the unadjusted clock",
            clock.against_raw_ns / 1_000_000
        )
    })
}

#[cfg(test)]
mod tests;
