//! Which change of a figure matters.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::figure::ComparedFigure;

/// The smallest effect of interest of each figure: a change that is no larger is called no
/// difference, however surely it is measured. Shares: 0.05 is a ratio of 1.05, or of 1 / 1.05.
///
/// By default 5 % of rates, medians and costs, and 10 % of a 99th percentile and of the server's peak
/// memory, which allocators take in blocks. Nobody chooses a bus for less, and builds of one program
/// differ by several per cent by the order of linking alone (Mytkowicz et al., "Producing wrong data
/// without doing anything obviously wrong!", ASPLOS 2009). Of the delivered share 0.1 %: no time is
/// measured in it, and a reading in a thousand is one that somebody misses.
///
/// In files a map from figures to shares. All are written, so that a result says by what it was judged;
/// those that a file leaves out are the default's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<ComparedFigure, Share>")]
pub struct SmallestEffects(BTreeMap<ComparedFigure, Share>);

/// One figure with its smallest effect of interest: `response_p99_ns=0.2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmallestEffect {
    figure: ComparedFigure,
    share: Share,
}

/// From 0 to [`MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64")]
struct Share(f64);

/// Eleven times as much: nobody is interested in larger changes only, so a larger share is most likely
/// a percentage.
const MOST: f64 = 10.0;

/// A smallest effect of interest that is none.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "smallest effect of interest {0} is not a share: give a number from 0 to {MOST}, such as 0.05 for \
     5 %"
)]
pub struct NoShare(pub f64);

/// A smallest effect of interest that cannot be set.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EffectError {
    /// No `=`.
    #[error("`{0}` is not FIGURE=SHARE, such as response_p99_ns=0.2")]
    Form(String),
    /// No such figure.
    #[error("no figure is called `{0}`: one of {keys}", keys = keys())]
    Figure(String),
    /// The share is no number.
    #[error("`{0}` is no number: give a share, such as 0.05 for 5 %")]
    Number(String),
    /// The number is no share.
    #[error(transparent)]
    Share(#[from] NoShare),
}

fn keys() -> String {
    ComparedFigure::ALL.map(ComparedFigure::key).join(", ")
}

impl Default for SmallestEffects {
    fn default() -> Self {
        Self(
            ComparedFigure::ALL
                .map(|figure| (figure, usual(figure)))
                .into(),
        )
    }
}

const fn usual(figure: ComparedFigure) -> Share {
    Share(match figure {
        ComparedFigure::DeliveredPerSecond
        | ComparedFigure::ResponseP50Ns
        | ComparedFigure::ServerCpuNsPerMessage
        | ComparedFigure::ClientCpuNsPerMessage
        | ComparedFigure::EncodeP50Ns
        | ComparedFigure::DecodeP50Ns
        | ComparedFigure::RoundTripP50Ns
        | ComparedFigure::TimePerIterationNs => 0.05,
        ComparedFigure::ResponseP99Ns | ComparedFigure::ServerRssPeakBytes => 0.10,
        ComparedFigure::DeliveredShare => 0.001,
    })
}

impl SmallestEffects {
    /// The smallest effect of interest of this figure.
    #[must_use]
    pub fn of(&self, figure: ComparedFigure) -> f64 {
        self.0.get(&figure).copied().unwrap_or(usual(figure)).0
    }

    /// Each figure with its own, in the order of [`ComparedFigure::ALL`].
    pub fn each(&self) -> impl Iterator<Item = (ComparedFigure, f64)> {
        let figures = ComparedFigure::ALL.into_iter();
        figures.map(|figure| (figure, self.of(figure)))
    }

    /// Sets that of one figure.
    pub fn set(&mut self, figure: ComparedFigure, share: f64) -> Result<(), NoShare> {
        self.0.insert(figure, Share::try_from(share)?);
        Ok(())
    }

    /// Sets that of the figure with this [key](ComparedFigure::key).
    pub fn set_named(&mut self, key: &str, share: f64) -> Result<(), EffectError> {
        Ok(self.set(figure_of(key)?, share)?)
    }

    /// Puts one in the place of the figure's earlier one.
    pub fn replace(&mut self, effect: SmallestEffect) {
        self.0.insert(effect.figure, effect.share);
    }
}

/// Those of figures that are known: a newer program may have written more, which this one does not
/// compare.
pub(crate) fn of_known_figures<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SmallestEffects, D::Error> {
    let shares = BTreeMap::<String, Share>::deserialize(deserializer)?;
    let known = |(key, share): (String, Share)| Some((ComparedFigure::of_key(&key)?, share));
    let known: BTreeMap<_, _> = shares.into_iter().filter_map(known).collect();
    Ok(known.into())
}

fn figure_of(key: &str) -> Result<ComparedFigure, EffectError> {
    ComparedFigure::of_key(key).ok_or_else(|| EffectError::Figure(key.to_owned()))
}

impl From<BTreeMap<ComparedFigure, Share>> for SmallestEffects {
    fn from(shares: BTreeMap<ComparedFigure, Share>) -> Self {
        let mut effects = Self::default();
        effects.0.extend(shares);
        effects
    }
}

impl FromStr for SmallestEffect {
    type Err = EffectError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let pair = text.split_once('=');
        let (key, share) = pair.ok_or_else(|| EffectError::Form(text.to_owned()))?;
        let (key, share) = (key.trim(), share.trim());
        let figure = figure_of(key)?;
        let number = share.parse::<f64>();
        let number = number.map_err(|_| EffectError::Number(share.to_owned()))?;
        Ok(Self {
            figure,
            share: Share::try_from(number)?,
        })
    }
}

impl TryFrom<f64> for Share {
    type Error = NoShare;

    fn try_from(share: f64) -> Result<Self, NoShare> {
        if (0.0..=MOST).contains(&share) {
            Ok(Self(share))
        } else {
            Err(NoShare(share))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use serde_json::json;

    use super::{ComparedFigure, EffectError, NoShare, SmallestEffect, SmallestEffects};

    const P50: ComparedFigure = ComparedFigure::ResponseP50Ns;

    #[test]
    fn a_smallest_effect_can_be_set_for_one_figure() {
        let mut effects = SmallestEffects::default();
        effects.set(P50, 0.2).unwrap();
        for (figure, expected) in [
            (ComparedFigure::DeliveredPerSecond, 0.05),
            (P50, 0.2),
            (ComparedFigure::ResponseP99Ns, 0.10),
            (ComparedFigure::ServerRssPeakBytes, 0.10),
            (ComparedFigure::DeliveredShare, 0.001),
            (ComparedFigure::TimePerIterationNs, 0.05),
        ] {
            assert!((effects.of(figure) - expected).abs() < 1e-12, "{figure:?}");
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        let mut effects = SmallestEffects::default();
        for share in [-0.1, 10.1, f64::INFINITY, f64::NEG_INFINITY] {
            let refused = effects.set(ComparedFigure::DeliveredPerSecond, share);
            assert_eq!(refused, Err(NoShare(share)));
        }
        assert!(effects.set(P50, f64::NAN).is_err());
        assert_eq!(effects, SmallestEffects::default());
        for share in [0.0, 10.0] {
            assert_eq!(effects.set(P50, share), Ok(()));
        }
    }

    #[test]
    fn a_figure_is_named_as_in_files() {
        let mut named = SmallestEffects::default();
        named.set_named("response_p50_ns", 0.2).unwrap();
        let mut set = SmallestEffects::default();
        set.set(P50, 0.2).unwrap();
        assert_eq!(named, set);
        let mut parsed = SmallestEffects::default();
        parsed.replace(" response_p50_ns = 0.2".parse().unwrap());
        assert_eq!(parsed, set);
    }

    #[test]
    fn what_is_not_understood_says_what_is() {
        let check = |text: &str, expected: &str| {
            let refused: Result<SmallestEffect, EffectError> = text.parse();
            assert_eq!(refused.unwrap_err().to_string(), expected);
        };
        check("", "`` is not FIGURE=SHARE, such as response_p99_ns=0.2");
        check(
            "response_p99_ns",
            "`response_p99_ns` is not FIGURE=SHARE, such as response_p99_ns=0.2",
        );
        check(
            "p99=0.2",
            "no figure is called `p99`: one of delivered_per_second, response_p50_ns, \
             response_p99_ns, server_cpu_ns_per_message, client_cpu_ns_per_message, \
             server_rss_peak_bytes, encode_p50_ns, decode_p50_ns, round_trip_p50_ns, \
             delivered_share, time_per_iteration_ns",
        );
        check(
            "response_p99_ns=20%",
            "`20%` is no number: give a share, such as 0.05 for 5 %",
        );
        check(
            "response_p99_ns=20",
            "smallest effect of interest 20 is not a share: give a number from 0 to 10, such as \
             0.05 for 5 %",
        );
        check(
            "response_p99_ns=NaN",
            "smallest effect of interest NaN is not a share: give a number from 0 to 10, such as \
             0.05 for 5 %",
        );
    }

    #[test]
    fn all_effective_values_are_written_and_read_again() {
        let mut effects = SmallestEffects::default();
        effects.set(P50, 0.2).unwrap();
        let written = serde_json::to_value(&effects).unwrap();
        let expected = json!({
            "delivered_per_second": 0.05,
            "response_p50_ns": 0.2,
            "response_p99_ns": 0.1,
            "server_cpu_ns_per_message": 0.05,
            "client_cpu_ns_per_message": 0.05,
            "server_rss_peak_bytes": 0.1,
            "encode_p50_ns": 0.05,
            "decode_p50_ns": 0.05,
            "round_trip_p50_ns": 0.05,
            "delivered_share": 0.001,
            "time_per_iteration_ns": 0.05,
        });
        assert_eq!(written, expected);
        let read: SmallestEffects = serde_json::from_value(written).unwrap();
        assert_eq!(read, effects);
    }

    #[test]
    fn what_a_file_does_not_say_is_the_default() {
        let read: SmallestEffects = serde_json::from_value(json!({})).unwrap();
        assert_eq!(read, SmallestEffects::default());
    }

    #[test]
    fn a_file_with_another_figure_or_no_share_is_refused() {
        let check = |value: serde_json::Value, expected: &str| {
            let refused: Result<SmallestEffects, _> = serde_json::from_value(value);
            let message = refused.unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} lacks {expected:?}");
        };
        check(
            json!({ "p99": 0.2 }),
            "unknown variant `p99`, expected one of `delivered_per_second`, ",
        );
        let no_share =
            "smallest effect of interest -0.5 is not a share: give a number from 0 to 10";
        check(json!({ "response_p99_ns": -0.5 }), no_share);
        check(json!({ "response_p99_ns": "5 %" }), "expected f64");
        check(json!({ "response_p99_ns": null }), "expected f64");
        check(json!(0.2), "expected a map");
    }

    proptest! {
        #[test]
        fn a_share_is_kept_and_anything_else_changes_nothing(share in -10.0_f64..20.0) {
            let mut effects = SmallestEffects::default();
            if effects.set(P50, share).is_ok() {
                prop_assert!((0.0..=10.0).contains(&share));
                prop_assert!((effects.of(P50) - share).abs() < f64::EPSILON);
            } else {
                prop_assert!(!(0.0..=10.0).contains(&share));
                prop_assert_eq!(effects, SmallestEffects::default());
            }
        }

        #[test]
        fn no_text_breaks_the_parser(text in ".{0,40}") {
            if let Ok(effect) = text.parse::<SmallestEffect>() {
                let mut effects = SmallestEffects::default();
                effects.replace(effect);
                prop_assert!(text.contains(effect.figure.key()));
            }
        }
    }
}
