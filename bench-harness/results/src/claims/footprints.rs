//! Claims on footprints: a figure that is to be at most so large.

use serde::Deserialize;

use super::{ClaimVerdict, NoVerdict};
use crate::Verdict;
use crate::footprint::{FootprintFigure, FootprintRow};
use crate::statistics::{Interval, TRIALS_FOR_A_CLAIM};

/// A figure of footprints with the most that it may be. A list that is left out takes any.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtMost {
    /// Which figure.
    pub figure: FootprintFigure,
    /// The most that it may be, in ns or bytes.
    pub limit: f64,
    /// Servers.
    pub server: Option<Vec<String>>,
    /// `container`, `process`.
    pub provider: Option<Vec<String>>,
    /// How the image's name begins: `nats:` for the official one, whatever its version.
    pub image_prefix: Option<String>,
    /// Languages of client programs.
    pub language: Option<Vec<String>>,
    /// What client programs do beside their bus.
    pub service: Option<Vec<String>>,
    /// Clients of client programs.
    pub client: Option<Vec<String>>,
}

/// A footprint that a claim is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FootprintSeen {
    /// Place of the run among those that were judged.
    pub run: usize,
    /// Place of the footprint in its run's list.
    pub footprint: usize,
    /// What it is, in ns or bytes.
    pub value: f64,
    /// Of figures that rest on trials: the interval of it.
    pub interval: Option<Interval>,
    /// How it lies to the limit.
    pub verdict: ClaimVerdict,
}

impl AtMost {
    /// What a footprint says; `None` where the claim is not about it or it has no such figure. A figure
    /// without an interval is as exact as a file's size.
    pub(super) fn judge(&self, row: &FootprintRow) -> Option<Result<FootprintSeen, NoVerdict>> {
        if !self.takes(row) {
            return None;
        }
        let (value, interval) = self.figure.of(row)?;
        if self.figure.rests_on_trials() {
            // Under an emulator every trial is suspect, so none of its times and memory decides.
            if row.verdict != Some(Verdict::Valid) {
                return Some(Err(NoVerdict::NotValid));
            }
            if row.trials < TRIALS_FOR_A_CLAIM {
                return Some(Err(NoVerdict::TooFewTrials));
            }
        }
        let (low, high) = interval.map_or((value, value), |ends| (ends.low, ends.high));
        Some(Ok(FootprintSeen {
            run: 0,
            footprint: 0,
            value,
            interval,
            verdict: if high <= self.limit {
                ClaimVerdict::Supported
            } else if low > self.limit {
                ClaimVerdict::NotSupported
            } else {
                ClaimVerdict::NoMeasurableDifference
            },
        }))
    }

    fn takes(&self, row: &FootprintRow) -> bool {
        let has_prefix = |prefix: &String| {
            let image = row.image.as_ref();
            image.is_some_and(|image| image.starts_with(prefix))
        };
        self.image_prefix.as_ref().is_none_or(has_prefix)
            && [
                (&self.server, &row.server),
                (&self.provider, &row.provider),
                (&self.language, &row.language),
                (&self.service, &row.service),
                (&self.client, &row.client),
            ]
            .into_iter()
            .all(|(listed, own)| {
                listed
                    .as_ref()
                    .is_none_or(|listed| own.as_ref().is_some_and(|own| listed.contains(own)))
            })
    }
}

/// All of them have to hold.
pub(super) fn verdict(seen: &[FootprintSeen]) -> ClaimVerdict {
    ClaimVerdict::of_parts(seen.iter().map(|seen| seen.verdict))
}
