//! When a gate stops to add rounds (`docs/decisions/0006-stop-on-width.md`): once every question is
//! narrow enough, whatever its answer is. The answer is looked at once, at the end.

use busbench_results::comparison::{
    ComparedFigure, Comparison, Difference, Finding, SmallestEffects,
};

use super::{
    COMPARISONS, Noise, RATE, Random, Size, Turns, as_measured, at_the_edge, compared, found,
    turns, with_change, with_outliers, with_uneven_rounds,
};

/// Rounds that a gate runs at least.
const AT_LEAST: usize = 5;

/// Rounds that it runs at most, where its budget is spent.
const AT_MOST: usize = 30;

/// What it compares: the cells of a scenario for a gate.
const GATE: Size = Size {
    cells: 7,
    trials: 30,
};

/// What its questions need after some number of rounds, as long as none is answered by a difference:
/// in standard errors of the mean log-ratio, beyond the smallest effect of interest. It is read off
/// the comparison of a made-up figure, so that a simulation need not compare after each round.
struct Need {
    /// For a change that would be caught.
    caught: f64,
    /// To be called different.
    different: f64,
}

/// By number of rounds, from the fewest on.
fn needs() -> Vec<Need> {
    let need = |rounds: usize| {
        // Up and down by a tenth.
        let ratio = |round| if round % 2 == 0 { 1.1 } else { 1.0 / 1.1 };
        let head: Vec<f64> = (0..rounds).map(ratio).collect();
        let (_, error) = mean_and_error(&log_ratios(&vec![1.0; rounds], &head));
        let turns = vec![(RATE, vec![1.0; rounds], head); 2 * GATE.cells];
        let difference = &compared(&turns, rounds).differences[0];
        let interval = difference.interval.unwrap();
        let smallest = difference.smallest_effect.ln_1p();
        Need {
            caught: (difference.detectable.unwrap().ln_1p() - smallest) / error,
            different: (interval.high / interval.low).ln() / 2.0 / error,
        }
    };
    (AT_LEAST..=AT_MOST).map(need).collect()
}

fn log_ratios(base: &[f64], head: &[f64]) -> Vec<f64> {
    let both = base.iter().zip(head);
    both.map(|(base, head)| (head / base).ln()).collect()
}

fn mean_and_error(logs: &[f64]) -> (f64, f64) {
    let number = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / number;
    let squares: f64 = logs.iter().map(|log| (log - mean) * (log - mean)).sum();
    (mean, (squares / (number - 1.0) / number).sqrt())
}

/// A figure with its log-ratios by round.
type LogRatios = (ComparedFigure, Vec<f64>);

/// Whether a gate that has seen these rounds, which need so much, stops.
type Rule = fn(&[LogRatios], usize, &Need) -> bool;

/// The gate's: each question would have caught a change of twice its smallest effect.
fn on_width(all: &[LogRatios], rounds: usize, need: &Need) -> bool {
    let effects = SmallestEffects::default();
    all.iter().all(|(figure, logs)| {
        let smallest = effects.of(*figure);
        let room = (2.0 * smallest).ln_1p() - smallest.ln_1p();
        need.caught * mean_and_error(&logs[..rounds]).1 <= room
    })
}

/// What a gate must not do: a question is answered by a difference.
fn on_difference(all: &[LogRatios], rounds: usize, need: &Need) -> bool {
    let effects = SmallestEffects::default();
    all.iter().any(|(figure, logs)| {
        let (mean, error) = mean_and_error(&logs[..rounds]);
        mean.abs() - effects.of(*figure).ln_1p() > need.different * error
    })
}

/// Rounds after which a gate with this rule stops, or the most.
fn stop(rule: Rule, turns: &[Turns], needs: &[Need]) -> usize {
    let figures = turns.iter();
    let logs: Vec<LogRatios> = figures
        .map(|(figure, base, head)| (*figure, log_ratios(base, head)))
        .collect();
    let mut after_each = (AT_LEAST..).zip(needs);
    let stop = after_each.find(|(rounds, need)| rule(&logs, *rounds, need));
    stop.map_or(AT_MOST, |(rounds, _)| rounds)
}

/// What was judged at the end, and after how many rounds.
struct Judged {
    comparison: Comparison,
    rounds: usize,
}

/// Every comparison of a gate with this rule, each judged once.
fn judged(rule: Rule, what: &str, simulate: impl Fn(u64) -> Vec<Turns>) -> Vec<Judged> {
    let needs = needs();
    let judge = |seed| {
        let turns = simulate(seed);
        let rounds = stop(rule, &turns, &needs);
        let comparison = compared(&turns, rounds);
        Judged { comparison, rounds }
    };
    let all: Vec<Judged> = (0..COMPARISONS).map(judge).collect();
    let rounds = all.iter().map(|judged| judged.rounds).sum::<usize>() as f64;
    println!(
        "{what}: {:.1} rounds on average",
        rounds / COMPARISONS as f64
    );
    all
}

fn share(what: &str, all: &[Judged], holds: impl Fn(&Comparison) -> bool) -> f64 {
    let number = all
        .iter()
        .filter(|judged| holds(&judged.comparison))
        .count();
    println!("  {what} in {number} of {}", all.len());
    number as f64 / all.len() as f64
}

fn alarms(all: &[Judged]) -> f64 {
    share("a difference", all, |comparison| found(comparison) > 0)
}

#[test]
fn a_gate_that_stops_on_width_alarms_in_at_most_one_comparison_in_twenty() {
    // With all of the unrest that was measured, or with outliers, it is never narrow, and judges
    // where its budget ends.
    type Distort = fn(&mut Random, &mut Turns);
    let cases: [(&str, f64, Distort); 5] = [
        ("as measured", 1.0, as_measured),
        ("a tenth", 0.1, as_measured),
        ("a tenth, with outliers", 0.1, with_outliers),
        ("a tenth, with uneven rounds", 0.1, with_uneven_rounds),
        ("a twentieth, at the edge of interest", 0.05, at_the_edge),
    ];
    for (what, factor, distort) in cases {
        let noise = Noise::measured().times(factor);
        let simulate = |seed| turns(seed, &noise, GATE, distort);
        let all = judged(on_width, what, simulate);
        assert!(alarms(&all) <= 0.05, "{what}");
        // The rule is that of the comparison itself.
        for judged in all.iter().filter(|judged| judged.rounds < AT_MOST) {
            assert!(is_narrow(&judged.comparison), "{what}");
        }
    }
}

fn is_narrow(comparison: &Comparison) -> bool {
    let mut differences = comparison.differences.iter();
    differences.all(|difference| difference.is_narrow() == Some(true))
}

#[test]
fn true_differences_make_a_gate_narrow_sooner_and_its_other_findings_no_worse_than_it_says() {
    // Three of 14 figures are really higher, and all others as high as is not of interest.
    let noise = Noise::measured().times(0.05);
    let higher = 3;
    let (mut sooner, mut rounds_in_all, mut false_share) = (0, 0, 0.0);
    let needs = needs();
    for seed in 0..COMPARISONS {
        let mut turns = turns(seed, &noise, GATE, at_the_edge);
        for (_, _, head) in turns.iter_mut().take(higher) {
            for trial in head {
                *trial *= 1.2;
            }
        }
        let on_width = stop(on_width, &turns, &needs);
        let narrow = |rounds: &usize| is_narrow(&compared(&turns, *rounds));
        let rounds = (AT_LEAST..on_width).find(narrow).unwrap_or(on_width);
        let findings = compared(&turns, rounds).differences;
        let is_found =
            |difference: &&Difference| matches!(difference.finding, Finding::Higher { .. });
        let found = findings.iter().filter(is_found).count();
        let others = findings[higher..].iter().filter(is_found).count();
        false_share += others as f64 / found.max(1) as f64;
        sooner += u64::from(rounds < on_width);
        rounds_in_all += rounds;
    }
    let (false_share, rounds) = (
        false_share / COMPARISONS as f64,
        rounds_in_all as f64 / COMPARISONS as f64,
    );
    println!(
        "3 of 14 figures differ: {rounds:.1} rounds on average, sooner in {sooner} of {COMPARISONS}; \
         share of false ones among the differences found {false_share:.4}"
    );
    assert!(sooner > 0);
    assert!(false_share <= 0.05, "{false_share}");
}

#[test]
fn a_gate_that_stops_at_the_first_difference_alarms_three_times_as_often_as_it_says() {
    let noise = Noise::measured();
    let equal = |seed| turns(seed, &noise, GATE, as_measured);
    let equal = judged(
        on_difference,
        "equal builds, at the first difference",
        equal,
    );
    assert!(alarms(&equal) > 0.05);
    let no_matter = |seed| turns(seed, &noise, GATE, at_the_edge);
    let no_matter = judged(
        on_difference,
        "at the edge, at the first difference",
        no_matter,
    );
    assert!(alarms(&no_matter) > 0.15);
}

#[test]
fn a_gate_that_stops_on_width_finds_a_change_of_ten_percent_where_trials_vary_by_three() {
    let changed = |comparison: &Comparison, place: usize| {
        matches!(
            comparison.differences[place].finding,
            Finding::Higher { .. }
        )
    };
    for (spread, ten_at_least) in [(0.015, 0.95), (0.03, 0.95), (0.05, 0.5)] {
        let simulate = |seed| {
            // A tenth more of the first rate, three twentieths more of the second.
            let mut turns = with_change(seed, GATE, spread, 0.10, 1);
            turns[1].2.iter_mut().for_each(|trial| *trial *= 1.15);
            turns
        };
        let what = format!("14 rates that vary by {spread}");
        let all = judged(on_width, &what, simulate);
        let ten = share("10 %", &all, |comparison| changed(comparison, 0));
        assert!(ten >= ten_at_least, "{what}: {ten}");
        let fifteen = share("15 %", &all, |comparison| changed(comparison, 1));
        assert!(fifteen >= 0.99, "{what}: {fifteen}");
        let alarms = share("others", &all, |comparison| {
            (2..2 * GATE.cells).any(|place| changed(comparison, place))
        });
        assert!(alarms <= 0.05, "{what}: {alarms}");
    }
}
