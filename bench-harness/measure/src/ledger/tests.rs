use std::collections::HashSet;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};

use super::{Arrival, Ledger, Tally};

#[test]
fn a_message_counts_once_and_its_repeats_as_duplicates() {
    let mut ledger = Ledger::new(2);
    assert_eq!(ledger.record(1, 0, true), Arrival::First);
    assert_eq!(ledger.record(1, 0, true), Arrival::Duplicate);
    assert_eq!(ledger.record(1, 3, true), Arrival::First);
    assert_eq!(ledger.record(1, 2, true), Arrival::FirstLate);
    assert_eq!(ledger.record(1, 2, true), Arrival::Duplicate);
    assert_eq!(ledger.record(0, 2, true), Arrival::First);
    let expected = Tally {
        delivered: 3,
        duplicated: 2,
        reordered: 1,
        corrupt: 0,
    };
    assert_eq!(ledger.pairs()[1].whole, expected);
    assert_eq!(ledger.pairs()[1].window, expected);
    assert_eq!(ledger.pairs()[0].whole.delivered, 1);
}

#[test]
fn messages_outside_the_window_count_for_the_whole_trial_only() {
    let mut ledger = Ledger::new(1);
    ledger.record(0, 1, false);
    ledger.record(0, 0, false);
    ledger.record(0, 2, true);
    ledger.corrupt(0, false);
    ledger.corrupt(0, true);
    let (whole, window) = ledger.sums();
    assert_eq!((whole.delivered, whole.reordered, whole.corrupt), (3, 1, 2));
    assert_eq!(
        (window.delivered, window.reordered, window.corrupt),
        (1, 0, 1)
    );
}

#[test]
fn a_corrupt_message_is_not_delivered_and_may_still_come_whole() {
    let mut ledger = Ledger::new(1);
    ledger.corrupt(0, true);
    assert_eq!(ledger.pairs()[0].whole.delivered, 0);
    assert_eq!(ledger.record(0, 0, true), Arrival::First);
}

#[test]
fn messages_of_unknown_publishers_are_foreign() {
    let mut ledger = Ledger::new(1);
    assert_eq!(ledger.record(1, 0, true), Arrival::UnknownPublisher);
    ledger.corrupt(7, true);
    ledger.foreign();
    assert_eq!(ledger.foreign_count(), 3);
    assert_eq!(ledger.sums(), (Tally::default(), Tally::default()));
}

#[test]
fn ten_million_messages_in_order_need_one_page() {
    let mut ledger = Ledger::new(1);
    for sequence in 0..10_000_000 {
        ledger.record(0, sequence, true);
    }
    assert_eq!(ledger.pairs()[0].whole.delivered, 10_000_000);
    let memory_bytes = ledger.pairs()[0].seen.memory_bytes();
    assert!(memory_bytes < 4_200, "{memory_bytes} B");
}

#[test]
fn a_hole_at_the_start_costs_sixteen_bytes_for_a_complete_page() {
    let mut ledger = Ledger::new(1);
    for sequence in 1..10_000_000 {
        ledger.record(0, sequence, true);
    }
    // 306 pages of 32 768; the queue of pages grows by doubling.
    let memory_bytes = ledger.pairs()[0].seen.memory_bytes();
    assert!(memory_bytes <= 512 * 16 + 3 * 4104, "{memory_bytes} B");
}

#[test]
fn a_duplicate_behind_a_hole_is_found_in_a_complete_page() {
    let mut ledger = Ledger::new(1);
    for sequence in 1..100_000 {
        ledger.record(0, sequence, true);
    }
    assert_eq!(ledger.record(0, 40_000, true), Arrival::Duplicate);
    assert_eq!(ledger.record(0, 0, true), Arrival::FirstLate);
    assert_eq!(ledger.record(0, 40_000, true), Arrival::Duplicate);
}

#[test]
fn losses_all_over_cost_a_bit_for_each_message() {
    let mut ledger = Ledger::new(1);
    for sequence in (0..10_000_000).filter(|sequence| sequence % 100 != 3) {
        ledger.record(0, sequence, true);
    }
    assert_eq!(ledger.pairs()[0].whole.delivered, 9_900_000);
    let memory_bytes = ledger.pairs()[0].seen.memory_bytes();
    assert!(memory_bytes < 1_300_000, "{memory_bytes} B");
}

#[test]
fn a_wild_sequence_number_costs_little() {
    let mut ledger = Ledger::new(1);
    ledger.record(0, 0, true);
    assert_eq!(ledger.record(0, u32::MAX, true), Arrival::First);
    assert_eq!(ledger.record(0, u32::MAX, true), Arrival::Duplicate);
    assert_eq!(ledger.record(0, 1, true), Arrival::FirstLate);
    let memory_bytes = ledger.pairs()[0].seen.memory_bytes();
    assert!(memory_bytes < 5_000_000, "{memory_bytes} B");
}

/// What a ledger must say, kept the plain way.
#[derive(Default)]
struct Model {
    seen: HashSet<u32>,
    highest: Option<u32>,
    window: Tally,
    whole: Tally,
}

impl Model {
    fn arrive(&mut self, sequence: u32, in_window: bool) -> Arrival {
        let arrival = if !self.seen.insert(sequence) {
            Arrival::Duplicate
        } else if self.highest.is_some_and(|highest| sequence < highest) {
            Arrival::FirstLate
        } else {
            Arrival::First
        };
        self.highest = self.highest.max(Some(sequence));
        let tallies = [Some(&mut self.whole), in_window.then_some(&mut self.window)];
        for tally in tallies.into_iter().flatten() {
            tally.delivered += u64::from(arrival != Arrival::Duplicate);
            tally.duplicated += u64::from(arrival == Arrival::Duplicate);
            tally.reordered += u64::from(arrival == Arrival::FirstLate);
        }
        arrival
    }
}

fn check_against_model(arrivals: impl IntoIterator<Item = (u32, bool)>) {
    let (mut ledger, mut model) = (Ledger::new(1), Model::default());
    for (sequence, in_window) in arrivals {
        let arrival = ledger.record(0, sequence, in_window);
        assert_eq!(arrival, model.arrive(sequence, in_window), "{sequence}");
    }
    assert_eq!(ledger.pairs()[0].whole, model.whole);
    assert_eq!(ledger.pairs()[0].window, model.window);
}

/// What becomes of a message on its way.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    Lost,
    Repeated { later: usize },
    Delayed { later: usize },
}

fn fate() -> impl Strategy<Value = Fate> {
    // Far enough to cross pages.
    let later = 1..80_000_usize;
    prop_oneof![
        20 => Just(Fate::Arrives),
        1 => Just(Fate::Lost),
        1 => later.clone().prop_map(|later| Fate::Repeated { later }),
        1 => later.prop_map(|later| Fate::Delayed { later }),
    ]
}

/// The sequence numbers in the order of their arrival.
fn arrivals(fates: &[Fate], repeat_fates: usize) -> Vec<(u32, bool)> {
    let mut arrivals = Vec::new();
    let all = fates.iter().cycle().take(fates.len() * repeat_fates);
    for (position, fate) in all.enumerate() {
        let sequence = u32::try_from(position).unwrap();
        match *fate {
            Fate::Arrives => arrivals.push((position, sequence)),
            Fate::Lost => {}
            Fate::Repeated { later } => {
                arrivals.extend([(position, sequence), (position + later, sequence)]);
            }
            Fate::Delayed { later } => arrivals.push((position + later, sequence)),
        }
    }
    arrivals.sort_by_key(|(position, _)| *position);
    let in_window = |sequence: u32| (1_000..60_000).contains(&sequence);
    arrivals
        .into_iter()
        .map(|(_, sequence)| (sequence, in_window(sequence)))
        .collect()
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn counts_are_those_of_a_plain_set_under_loss_repeats_and_delay(
        fates in collection::vec(fate(), 1..300),
        repeat_fates in 1..400_usize,
    ) {
        check_against_model(arrivals(&fates, repeat_fates));
    }

    #[test]
    fn counts_are_those_of_a_plain_set_for_wild_numbers(
        sequences in collection::vec(prop_oneof![0..100_u32, 32_700..32_900_u32, any::<u32>()], 0..400),
    ) {
        check_against_model(sequences.into_iter().map(|sequence| (sequence, sequence % 3 == 0)));
    }
}
