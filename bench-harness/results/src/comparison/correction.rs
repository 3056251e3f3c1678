//! One correction for all that a comparison asks.

/// How often at most, on average, what is called a difference is none (Benjamini and Hochberg). If
/// no side differs anywhere, it is the probability that any difference is claimed at all.
pub const FALSE_DISCOVERY_RATE: f64 = 0.05;

/// The level that remains to each of `p_values` under Benjamini and Hochberg's procedure
/// ("Controlling the false discovery rate", J. R. Statist. Soc. B 57(1), 1995): a difference is one
/// whose p-value does not exceed it. It is `R q / m` for `R` differences found among `m` asked for.
///
/// Intervals of confidence 1 - level hold the false-coverage rate of those differences at `q`
/// (Benjamini and Yekutieli, "False discovery rate-adjusted multiple confidence intervals for
/// selected parameters", J. Am. Statist. Assoc. 100(469), 2005). Where no difference is found the
/// level is that of the first, `q / m`: so intervals and decisions agree everywhere, as every other
/// p-value exceeds even its own, larger threshold.
///
/// Pairs that share a side depend on each other; the procedure holds its rate for comparisons of
/// all pairs (Williams, Jones and Tukey, "Controlling error in multiple comparisons", J. Educ.
/// Behav. Statist. 24(1), 1999), and a test of ours simulates it.
pub(crate) fn level(p_values: &[f64], false_discovery_rate: f64) -> f64 {
    let mut sorted = p_values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let asked = sorted.len().max(1) as f64;
    let threshold = |rank: usize| rank as f64 * false_discovery_rate / asked;
    let found = (1..)
        .zip(&sorted)
        .filter(|(rank, p_value)| **p_value <= threshold(*rank))
        .map(|(rank, _)| rank)
        .max();
    threshold(found.unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};

    use super::level;

    #[track_caller]
    fn check(p_values: &[f64], expected: f64) {
        let level = level(p_values, 0.05);
        assert!((level - expected).abs() < 1e-12, "{level}");
    }

    #[test]
    fn the_example_of_benjamini_and_hochberg_finds_what_they_found() {
        // Their section 3.2: 15 p-values, of which 4 are found at 5 %.
        let p_values = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        check(&p_values, 4.0 * 0.05 / 15.0);
    }

    #[test]
    fn one_question_needs_no_correction() {
        check(&[0.04], 0.05);
        check(&[0.06], 0.05);
    }

    #[test]
    fn without_a_difference_the_level_is_that_of_the_first() {
        check(&[0.2, 0.3, 0.4, 0.5, 0.6], 0.01);
        check(&[], 0.05);
    }

    #[test]
    fn a_small_p_value_behind_larger_ones_carries_them() {
        check(&[0.03, 0.04, 0.049], 0.05);
    }

    proptest! {
        #[test]
        fn exactly_the_differences_lie_within_the_level(
            p_values in prop::collection::vec(0.0_f64..1.0, 1..40),
        ) {
            let level = level(&p_values, 0.05);
            let found = p_values.iter().filter(|p_value| **p_value <= level).count();
            let implied = (level * p_values.len() as f64 / 0.05).round();
            prop_assert!((found.max(1) as f64 - implied).abs() < 0.5);
        }
    }
}
