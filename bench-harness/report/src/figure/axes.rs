//! Marks of logarithmic axes.

/// Round values within the ends: at 1, 2 and 5 of each factor of ten, or at 1 alone where there are
/// many.
pub(super) fn log_marks(lowest: f64, highest: f64) -> Vec<f64> {
    let factors: &[f64] = if (highest / lowest).log10() > 3.5 {
        &[1.0]
    } else {
        &[1.0, 2.0, 5.0]
    };
    let mut marks = Vec::new();
    let mut power = 10_f64.powf(lowest.log10().floor());
    while power <= highest {
        let within = factors.iter().map(|factor| power * factor);
        marks.extend(within.filter(|mark| (lowest..=highest).contains(mark)));
        power *= 10.0;
    }
    marks
}

/// A round time without digits that say nothing: `50 µs`.
pub(super) fn round_duration(nanoseconds: f64) -> String {
    let (unit, size) = match nanoseconds * (1.0 + 1e-9) {
        ns if ns < 1e3 => ("ns", 1.0),
        ns if ns < 1e6 => ("µs", 1e3),
        ns if ns < 1e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    format!("{:.0} {unit}", nanoseconds / size)
}

#[cfg(test)]
mod tests {
    use super::{log_marks, round_duration};

    #[test]
    fn marks_are_round_and_within_the_ends() {
        assert_eq!(log_marks(15.0, 210.0), [20.0, 50.0, 100.0, 200.0]);
        assert_eq!(log_marks(5.0, 50_000.0), [10.0, 100.0, 1e3, 1e4]);
    }

    #[test]
    fn marks_are_whole_numbers_of_their_unit() {
        assert_eq!(round_duration(50_000.0), "50 µs");
        assert_eq!(round_duration(999_999.999_99), "1 ms");
        assert_eq!(round_duration(2e9), "2 s");
    }
}
