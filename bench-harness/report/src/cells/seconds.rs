//! One-second series of all trials, in two characters for each point.

use serde::Serialize;

use super::packed::Packed;
use super::per_cell::packed;
use crate::figure::rates_by_second;
use crate::view::View;

/// Points of all trials together; where there are more, each stands for several seconds.
const MOST_POINTS: usize = 600_000;

/// Steps between nothing and a trial's highest rate: two digits to the base of 64.
const STEPS: f64 = 4095.0;

/// Digits to the base of 64, none of which means anything in JSON or HTML.
const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/// Delivered rates in the seconds of each trial's window.
#[derive(Serialize)]
pub(super) struct Seconds {
    /// Seconds of each point; the last of a trial may have fewer.
    step: usize,
    /// The highest rate of each trial, in deliveries per second, rounded.
    highest: Packed,
    /// Each point's rate as a share of the highest, in 4095ths.
    points: Packed,
}

impl Seconds {
    pub(super) fn of(views: &[View<'_>]) -> Self {
        let cells = views.iter().flat_map(|view| &view.cells);
        let rates: Vec<Vec<f64>> = cells
            .flat_map(|cell| cell.trials)
            .map(rates_by_second)
            .collect();
        Self::at_most(&rates, MOST_POINTS)
    }

    fn at_most(rates: &[Vec<f64>], most: usize) -> Self {
        let seconds: usize = rates.iter().map(Vec::len).sum();
        let step = seconds.div_ceil(most).max(1);
        let points: Vec<Vec<f64>> = rates
            .iter()
            .map(|rates| rates.chunks(step).map(mean).collect())
            .collect();
        let highest: Vec<f64> = points
            .iter()
            .map(|points| points.iter().copied().fold(0.0, f64::max))
            .collect();
        Self {
            step,
            highest: packed(highest.iter().map(|highest| format!("{highest:.0}"))),
            points: packed(
                points
                    .iter()
                    .zip(&highest)
                    .map(|(points, highest)| digits(points, *highest)),
            ),
        }
    }
}

fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len().max(1) as f64
}

fn digits(points: &[f64], highest: f64) -> String {
    points
        .iter()
        .flat_map(|point| {
            let share = if highest > 0.0 { point / highest } else { 0.0 };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 4095"
            )]
            let steps = (share * STEPS).round() as usize;
            [steps / 64, steps % 64].map(|digit| char::from(DIGITS[digit % 64]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{DIGITS, Seconds};
    use crate::cells::packed::Packed;

    fn list(texts: &[&str]) -> Packed {
        Packed::of(texts.iter().copied())
    }

    #[test]
    fn a_point_is_its_share_of_the_highest() {
        let seconds = Seconds::at_most(&[vec![0.0, 50.0, 100.0], vec![0.0, 0.0], vec![]], 100);
        assert_eq!(seconds.step, 1);
        assert_eq!(seconds.highest, list(&["100", "0", "0"]));
        // 2048 is 32 times 64: the digit `W`.
        assert_eq!(seconds.points, list(&["00W0__", "0000", ""]));
        assert_eq!(DIGITS[32], b'W');
    }

    #[test]
    fn where_there_are_too_many_each_point_is_the_mean_of_several_seconds() {
        let seconds = Seconds::at_most(&[vec![0.0, 100.0, 50.0]], 2);
        assert_eq!(seconds.step, 2);
        assert_eq!(seconds.highest, list(&["50"]));
        assert_eq!(seconds.points, list(&["____"]));
    }
}
