//! What the null bus is told to do, case by case, and what must come of it.

use std::time::Duration;

use busbench_buses::{Injection, Stall, Stalled, Stop};
use busbench_results::{Outcome, ReasonKind};

/// Publishers of every case.
pub(super) const PUBLISHERS: u16 = 2;
/// Subscribers of every case; each gets every message.
pub(super) const SUBSCRIBERS: u16 = 2;
/// Load before the window.
pub(super) const WARMUP: Duration = Duration::from_millis(200);
/// Between the start of the window and a stall.
const BEFORE_STALL: Duration = Duration::from_millis(250);
/// A client's queue that is never full.
pub(super) const AMPLE: u32 = 1 << 16;

/// How long windows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Less than a minute in all.
    Full,
    /// For tests: the same cases with half the messages.
    Short,
}

/// One thing that is done to messages, and what must come of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    pub(super) name: &'static str,
    /// What the bus is told to do, in words.
    pub(super) told: &'static str,
    pub(super) injection: Injection,
    pub(super) load: Offered,
    /// As scenarios name it.
    pub(super) layout: &'static str,
    pub(super) window: Duration,
    /// Messages that each subscriber's queue holds.
    pub(super) queue: u32,
    pub(super) outcome: Outcome,
    /// Reasons that must be given.
    pub(super) reasons: Vec<ReasonKind>,
    /// Whether the rate changes over the window, so that reasons may speak of that.
    pub(super) is_uneven: bool,
}

/// How messages are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offered {
    /// Messages per second over all publishers.
    Open(u32),
    /// Messages in flight over all publishers.
    Closed(u32),
}

impl Case {
    /// Messages of the window that the schedule calls for, of each publisher; `None` without one.
    /// Windows are whole numbers of periods, so it is the same whatever the phases are.
    pub(super) fn scheduled(&self) -> Option<u64> {
        match self.load {
            Offered::Open(per_second) => {
                let of_one = u128::from(per_second) / u128::from(PUBLISHERS);
                u64::try_from(self.window.as_millis() * of_one / 1000).ok()
            }
            Offered::Closed(_) => None,
        }
    }

    /// Time between two messages of one publisher; `None` without a schedule.
    pub(super) fn period(&self) -> Option<Duration> {
        match self.load {
            Offered::Open(per_second) => {
                Some(Duration::from_secs(1) * u32::from(PUBLISHERS) / per_second)
            }
            Offered::Closed(_) => None,
        }
    }
}

/// All cases, in the order in which they run.
pub(super) fn all(form: Form) -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(times(form));
    cases.extend(stalls(form));
    cases.extend(counts(form));
    cases.extend(stops(form));
    cases
}

/// An open load of 2000 messages per second to which nothing is done.
fn plain(form: Form, name: &'static str, told: &'static str) -> Case {
    Case {
        name,
        told,
        injection: Injection {
            seed: 1,
            ..Injection::default()
        },
        load: Offered::Open(2000),
        layout: "json",
        window: match form {
            Form::Full => Duration::from_millis(1500),
            Form::Short => Duration::from_millis(700),
        },
        queue: AMPLE,
        outcome: Outcome::Delivered,
        reasons: Vec::new(),
        is_uneven: false,
    }
}

fn times(form: Form) -> [Case; 5] {
    let ms = Duration::from_millis;
    let nothing = plain(form, "nothing", "nothing");
    let mut constant = plain(form, "constant-delay", "5 ms of delay");
    constant.injection.delay = (ms(5), ms(5));
    let mut random = plain(
        form,
        "random-delay",
        "0 to 20 ms of delay, drawn anew each time",
    );
    random.injection.delay = (ms(0), ms(20));
    let mut slow = plain(
        form,
        "slow-bus",
        "at most 1250 deliveries per second to each subscriber",
    );
    slow.injection.spacing = Duration::from_micros(800);
    slow.outcome = Outcome::Saturated;
    slow.is_uneven = true;
    let mut closed = plain(form, "closed-load", "2 to 4 ms of delay in closed load");
    closed.load = Offered::Closed(64);
    closed.injection.delay = (ms(2), ms(4));
    [nothing, constant, random, slow, closed]
}

fn stalls(form: Form) -> [Case; 5] {
    let stall = |name, told, what, ms| {
        let lasts = Duration::from_millis(ms);
        let mut case = plain(form, name, told);
        case.load = Offered::Open(1000);
        // A thousand messages at least, without which no wake lag is judged.
        case.window = (case.window.max(lasts * 2) + BEFORE_STALL).max(Duration::from_millis(1200));
        let at = crate::trial::LEAD + WARMUP + BEFORE_STALL;
        case.injection.stall = Some(Stall { at, lasts, what });
        case.is_uneven = true;
        case
    };
    let delivery = stall(
        "stall-delivery",
        "nothing is delivered for 300 ms",
        Stalled::Delivery,
        300,
    );
    let acceptance = stall(
        "stall-acceptance",
        "nothing is accepted for 300 ms",
        Stalled::Acceptance,
        300,
    );
    let mut queued = stall(
        "stall-queued",
        "the same to publishes that wait",
        Stalled::Acceptance,
        300,
    );
    queued.injection.publish_waits = true;
    let long = stall(
        "long-stall",
        "nothing is delivered for 1.5 s",
        Stalled::Delivery,
        1500,
    );
    let mut caller = stall(
        "late-harness",
        "the thread that keeps the schedule is held for 100 ms",
        Stalled::Caller,
        100,
    );
    caller.reasons = vec![ReasonKind::WakeLag];
    [delivery, acceptance, queued, long, caller]
}

fn counts(form: Form) -> [Case; 7] {
    let lossy = |mut case: Case| {
        case.outcome = Outcome::Lossy;
        case
    };
    let mut loss = lossy(plain(form, "loss", "1 % lost"));
    loss.injection.lost_per_thousand = 10;
    let mut twice = plain(form, "duplicates", "2 % delivered twice");
    twice.injection.duplicated_per_thousand = 20;
    let mut order = plain(form, "reordering", "2 % held back by 10 ms");
    order.injection.held_back_per_thousand = 20;
    order.injection.held_back_by = Duration::from_millis(10);
    let mut corrupt = lossy(plain(form, "corruption", "1 % damaged"));
    corrupt.injection.corrupted_per_thousand = 10;
    corrupt.reasons = vec![ReasonKind::Corrupt];
    let mut foreign = plain(form, "foreign", "1 % followed by a stranger's message");
    foreign.injection.foreign_per_thousand = 10;
    foreign.reasons = vec![ReasonKind::Foreign];

    let everything = Injection {
        delay: (Duration::ZERO, Duration::from_millis(8)),
        lost_per_thousand: 10,
        duplicated_per_thousand: 20,
        held_back_per_thousand: 20,
        held_back_by: Duration::from_millis(10),
        corrupted_per_thousand: 10,
        foreign_per_thousand: 10,
        ..loss.injection.clone()
    };
    let mut open = corrupt.clone();
    (open.name, open.told) = (
        "everything",
        "all of these, 0 to 8 ms of delay, layout native",
    );
    open.layout = "native";
    open.injection = everything;
    open.reasons.push(ReasonKind::Foreign);
    let mut closed = open.clone();
    (closed.name, closed.told) = ("everything-closed", "the same in closed load, layout cbor");
    closed.layout = "cbor";
    closed.load = Offered::Closed(64);
    [loss, twice, order, corrupt, foreign, open, closed]
}

fn stops(form: Form) -> [Case; 4] {
    let stopped = |name, told, after, is_cut| {
        let mut case = plain(form, name, told);
        case.outcome = Outcome::Lossy;
        case.is_uneven = true;
        case.injection.stop = Some(Stop {
            subscriber: 1,
            after,
            is_cut,
        });
        case
    };
    let hangs = stopped(
        "subscriber-hangs",
        "a subscriber stops reading, and what it does not read piles up",
        1000,
        false,
    );
    let mut pushes = stopped(
        "subscriber-blocks",
        "a subscriber stops reading, and its full queue stops the publishers",
        1000,
        false,
    );
    pushes.queue = 64;
    let mut cut = stopped("subscriber-cut", "a subscriber is cut off", 1000, true);
    cut.reasons = vec![ReasonKind::SubscriberCutOff];
    let mut closed = stopped(
        "hangs-closed",
        "a subscriber stops reading in closed load",
        300,
        false,
    );
    closed.load = Offered::Closed(64);
    closed.injection.delay = (Duration::from_millis(2), Duration::from_millis(4));
    // It is opened again after a second.
    closed.window = Duration::from_millis(1500);
    closed.reasons = vec![ReasonKind::WindowReopened];
    [hangs, pushes, cut, closed]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::{Form, Offered, PUBLISHERS, all};

    #[test]
    fn cases_have_names_of_their_own_and_are_the_same_in_both_forms() {
        let names = |form| {
            all(form)
                .into_iter()
                .map(|case| case.name)
                .collect::<Vec<_>>()
        };
        let full = names(Form::Full);
        assert_eq!(full, names(Form::Short));
        assert_eq!(full.iter().collect::<BTreeSet<_>>().len(), full.len());
    }

    #[test]
    fn a_window_is_a_whole_number_of_periods() {
        for case in [Form::Full, Form::Short].into_iter().flat_map(all) {
            let Offered::Open(per_second) = case.load else {
                continue;
            };
            let messages = case.window.as_millis() * u128::from(per_second / u32::from(PUBLISHERS));
            assert_eq!(messages % 1000, 0, "{}", case.name);
            let scheduled = case.scheduled().unwrap();
            assert_eq!(u128::from(scheduled), messages / 1000, "{}", case.name);
            let whole = case.period().unwrap() * u32::try_from(scheduled).unwrap();
            assert_eq!(whole, case.window, "{}", case.name);
        }
    }

    #[test]
    fn the_full_form_takes_less_than_a_minute() {
        let windows: Duration = all(Form::Full).iter().map(|case| case.window).sum();
        let cases = u32::try_from(all(Form::Full).len()).unwrap();
        // Before a window its warm-up, after it a drain and what the bus still delivers.
        let rest = (super::WARMUP + Duration::from_millis(600)) * cases;
        assert!(
            windows + rest < Duration::from_secs(60),
            "{windows:?} and {rest:?}"
        );
    }
}
