use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Steadiness;

const BIN_NS: u64 = 100_000_000;

fn of(attempted: &[u64], delivered: &[u64]) -> Steadiness {
    Steadiness::of(attempted, delivered, BIN_NS).unwrap()
}

/// Even arrivals of 1000 msg/s in 3 s; deliveries as told for each bin.
fn even(delivered: impl Fn(u64) -> u64) -> Steadiness {
    let delivered: Vec<u64> = (0..30).map(delivered).collect();
    of(&[100; 30], &delivered)
}

#[test]
fn a_window_without_change_is_steady() {
    let window = even(|_| 100);
    assert!(window.is_steady() && !window.backlog_grows(1_000.0));
    assert_eq!(window.backlog_end, 0);
    assert!(window.drift_p >= 1.0 && window.backlog_p >= 1.0);
}

#[test]
fn a_rate_that_falls_evenly_is_a_drift_of_its_share() {
    // From 115 to 86 in 30 bins: 30 / 100.5 of the mean.
    let window = even(|bin| 115 - bin);
    assert!((window.throughput_drift + 0.2985).abs() < 0.001);
    assert!(window.drift_p < 1e-9 && !window.is_steady());
    assert!(even(|bin| 108 - bin / 2).is_steady(), "a drift of 15 %");
}

#[test]
fn a_rate_that_halves_in_the_middle_is_not_steady() {
    assert!(
        !even(|bin| if bin < 15 {
            100 + bin % 3
        } else {
            50 + bin % 3
        })
        .is_steady()
    );
}

#[test]
fn a_backlog_that_grows_is_found_with_its_slope() {
    let window = even(|bin| 95 + bin % 3);
    assert!((window.backlog_growth_per_second - 40.0).abs() < 1.0);
    assert_eq!(window.backlog_end, 120);
    assert!(window.backlog_grows(1_000.0));
}

#[test]
fn a_stall_that_is_made_up_for_is_no_growth() {
    let stalled = |from: u64| {
        even(move |bin| match bin {
            _ if (from..from + 3).contains(&bin) => 0,
            _ if bin == from + 3 => 400,
            _ => 100,
        })
    };
    for from in [0, 10, 26] {
        let window = stalled(from);
        assert!(
            !window.backlog_grows(1_000.0) && window.is_steady(),
            "{from}"
        );
    }
}

#[test]
fn a_stall_at_the_end_is_no_growth() {
    for stalled in 1..=3 {
        let window = even(|bin| if bin < 30 - stalled { 100 } else { 0 });
        assert_eq!(window.backlog_end, i64::try_from(stalled).unwrap() * 100);
        assert!(!window.backlog_grows(1_000.0) && window.is_steady());
    }
}

#[test]
fn a_backlog_of_what_is_on_its_way_is_none() {
    // One message less in two of three bins grows by 6.7 per second of 1000, and ends at 20.
    let window = even(|bin| 99 + u64::from(bin % 3 == 0));
    assert!(window.backlog_p < 0.01);
    assert!(!window.backlog_grows(1_000.0));
    // The same of 400 msg/s is more than 1 %, and more than what 20 ms bring.
    assert!(window.backlog_grows(400.0));
    assert!(!window.backlog_grows(1_001.0));
}

#[test]
fn a_window_of_few_bins_says_nothing() {
    assert_eq!(Steadiness::of(&[9; 7], &[9; 7], BIN_NS), None);
    assert!(Steadiness::of(&[9; 8], &[9; 8], BIN_NS).is_some());
    assert_eq!(Steadiness::of(&[9; 8], &[9; 9], BIN_NS), None);
    assert_eq!(Steadiness::of(&[9; 8], &[9; 8], 0), None);
}

#[test]
fn a_window_in_which_nothing_arrives_has_no_drift_and_a_growing_backlog() {
    let window = even(|_| 0);
    assert!(window.is_steady() && window.backlog_grows(1_000.0));
}

#[test]
fn bins_that_fill_no_batch_are_those_next_to_the_warm_up() {
    // 41 bins are 20 batches of two: the first is left out of the slopes, not of the backlog.
    let mut delivered = [100; 41];
    delivered[0] = 0;
    let window = of(&[100; 41], &delivered);
    assert!(window.backlog_growth_per_second.abs() < 1e-9 && window.backlog_p >= 0.5);
    assert_eq!(window.backlog_end, 100);
}

#[test]
fn the_trend_test_agrees_with_its_definition() {
    // Gilbert, "Statistical Methods for Environmental Pollution Monitoring" (1987), section 16.4:
    // variance n (n - 1) (2 n + 5) / 18 less the same of each group of ties. By hand for
    // 1 2 2 3 4 5 6 7: S = 27, variance 65.333 - 1, Z = 26 / 8.0208 = 3.2416, p = 0.001189.
    let p_value = super::trend_p(&[1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert!((p_value - 0.001_189).abs() < 2e-6, "{p_value}");
}

/// A queue of one server: Poisson arrivals at a rate, exponential service at another, counted by
/// arrival and by departure in bins of 100 ms.
struct Queue {
    random: ChaCha8Rng,
    /// Messages per bin.
    offered: f64,
    /// Messages per bin that could be served.
    capacity: f64,
}

impl Queue {
    fn window(seed: u64, offered: f64, capacity: f64, bins: usize) -> Steadiness {
        let mut queue = Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            offered,
            capacity,
        };
        // A second of warm-up, so that the queue has its usual length where it has one.
        let warmup = 10.0;
        let (mut attempted, mut delivered) = (vec![0; bins], vec![0; bins]);
        let (mut arrival, mut free) = (0.0, 0.0);
        while arrival < warmup + bins as f64 {
            arrival += queue.exponential() / queue.offered;
            free = f64::max(arrival, free) + queue.exponential() / queue.capacity;
            count(&mut attempted, arrival - warmup);
            count(&mut delivered, free - warmup);
        }
        of(&attempted, &delivered)
    }

    fn exponential(&mut self) -> f64 {
        let uniform = (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        -(1.0 - uniform).ln()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of a bin, looked at for its sign first"
)]
fn count(bins: &mut [u64], at: f64) {
    if at >= 0.0
        && let Some(bin) = bins.get_mut(at as usize)
    {
        *bin += 1;
    }
}

fn share_of(windows: u64, holds: impl Fn(u64) -> bool) -> f64 {
    (0..windows).filter(|&seed| holds(seed)).count() as f64 / windows as f64
}

#[test]
fn at_most_one_steady_window_in_a_hundred_is_called_growing_or_unsteady() {
    // 1000 msg/s, of which half or nine tenths of what could be carried; 1.6 s and 10 s.
    for (capacity, bins) in [(200.0, 16), (111.0, 16), (200.0, 100), (111.0, 100)] {
        let alarms = share_of(1_000, |seed| {
            let window = Queue::window(seed, 100.0, capacity, bins);
            !window.is_steady() || window.backlog_grows(1_000.0)
        });
        assert!(alarms <= 0.01, "capacity {capacity}, {bins} bins: {alarms}");
    }
}

#[test]
fn a_backlog_that_grows_by_three_in_a_hundred_is_found() {
    // 10 000 msg/s for 10 s at a server that carries 9700.
    let found = share_of(200, |seed| {
        Queue::window(seed, 1_000.0, 970.0, 100).backlog_grows(10_000.0)
    });
    assert!(found >= 0.95, "{found}");
}
