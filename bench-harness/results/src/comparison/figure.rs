//! What is compared, and which change of it matters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Distribution, Load, Metric, Row, Trial};

/// A figure that is compared trial by trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparedFigure {
    /// Deliveries of the window that came in time, per second of it.
    DeliveredPerSecond,
    /// Median response time.
    ResponseP50Ns,
    /// 99th percentile of the response time.
    ResponseP99Ns,
    /// CPU time of the server for each delivery.
    ServerCpuNsPerMessage,
    /// CPU time of the harness for each delivery.
    ClientCpuNsPerMessage,
    /// Largest resident memory of the server. Tells servers apart only where each trial had a fresh
    /// one: the peak of one that trials share has earlier ones in it.
    ServerRssPeakBytes,
    /// Median of the time that encoding takes.
    EncodeP50Ns,
    /// Median of the time that decoding takes.
    DecodeP50Ns,
    /// The sum of both medians: a message's way through the codecs alone.
    RoundTripP50Ns,
}

/// Which way of a figure is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Rates.
    Higher,
    /// Times and costs.
    Lower,
}

impl ComparedFigure {
    /// The headlines of a load: the delivered rate under closed load, as an open one delivers what
    /// is offered; response times under open load, as a closed one has no schedule.
    #[must_use]
    pub const fn headlines(load: Load) -> &'static [Self] {
        match load {
            Load::Closed => &[Self::DeliveredPerSecond],
            Load::Open => &[Self::ResponseP50Ns, Self::ResponseP99Ns],
        }
    }

    /// The column of a [`Row`] that shows it, or the two whose sum it is.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeliveredPerSecond => "delivered_per_second",
            Self::ResponseP50Ns => "response_p50_ns",
            Self::ResponseP99Ns => "response_p99_ns",
            Self::ServerCpuNsPerMessage => "server_cpu_ns_per_message",
            Self::ClientCpuNsPerMessage => "client_cpu_ns_per_message",
            Self::ServerRssPeakBytes => "server_rss_peak_bytes",
            Self::EncodeP50Ns => "encode_p50_ns",
            Self::DecodeP50Ns => "decode_p50_ns",
            Self::RoundTripP50Ns => "encode_p50_ns + decode_p50_ns",
        }
    }

    /// Which way is the good one.
    #[must_use]
    pub const fn better(self) -> Better {
        match self {
            Self::DeliveredPerSecond => Better::Higher,
            Self::ResponseP50Ns
            | Self::ResponseP99Ns
            | Self::ServerCpuNsPerMessage
            | Self::ClientCpuNsPerMessage
            | Self::ServerRssPeakBytes
            | Self::EncodeP50Ns
            | Self::DecodeP50Ns
            | Self::RoundTripP50Ns => Better::Lower,
        }
    }

    /// Whether it only says how much was reached at least where something else than the server was
    /// used up first.
    pub(super) const fn is_reached(self) -> bool {
        matches!(self, Self::DeliveredPerSecond)
    }

    /// Whether it is shown only where everything that was offered came through.
    pub(super) const fn is_response(self) -> bool {
        matches!(self, Self::ResponseP50Ns | Self::ResponseP99Ns)
    }

    /// What a cell shows: over all its trials at once.
    #[must_use]
    pub fn of_row(self, row: &Row) -> Option<f64> {
        match self {
            Self::DeliveredPerSecond => row.delivered_per_second,
            Self::ResponseP50Ns => row.response_p50_ns.map(|time| time as f64),
            Self::ResponseP99Ns => row.response_p99_ns.map(|time| time as f64),
            Self::ServerCpuNsPerMessage => row.server_cpu_ns_per_message,
            Self::ClientCpuNsPerMessage => row.client_cpu_ns_per_message,
            Self::ServerRssPeakBytes => row.server_rss_peak_bytes.map(|bytes| bytes as f64),
            Self::EncodeP50Ns => row.encode_p50_ns.map(|time| time as f64),
            Self::DecodeP50Ns => row.decode_p50_ns.map(|time| time as f64),
            Self::RoundTripP50Ns => Some((row.encode_p50_ns? + row.decode_p50_ns?) as f64),
        }
    }

    /// What one trial says; `None` where it was not counted, or of too few samples.
    #[must_use]
    pub fn of_trial(self, trial: &Trial) -> Option<f64> {
        self.of_times(trial, &mut Times::default())
    }

    /// The same, with the times of this trial that were read for another figure.
    pub(super) fn of_times(self, trial: &Trial, times: &mut Times) -> Option<f64> {
        let for_each_delivery = |cpu_ns: u64| {
            let arrived = trial.arrived();
            (arrived > 0).then(|| cpu_ns as f64 / arrived as f64)
        };
        match self {
            Self::DeliveredPerSecond => (trial.window_ns > 0).then(|| trial.delivered_per_second()),
            Self::ResponseP50Ns => times.quantile_ns(trial, Metric::Response, 0.5),
            Self::ResponseP99Ns => times.quantile_ns(trial, Metric::Response, 0.99),
            Self::ServerCpuNsPerMessage => for_each_delivery(trial.server_cost.as_ref()?.cpu_ns),
            Self::ClientCpuNsPerMessage => for_each_delivery(trial.client_cost.as_ref()?.cpu_ns),
            Self::ServerRssPeakBytes => Some(trial.server_cost.as_ref()?.rss_peak_bytes? as f64),
            Self::EncodeP50Ns => times.quantile_ns(trial, Metric::Encode, 0.5),
            Self::DecodeP50Ns => times.quantile_ns(trial, Metric::Decode, 0.5),
            Self::RoundTripP50Ns => {
                let encode_ns = Self::EncodeP50Ns.of_times(trial, times)?;
                Some(encode_ns + Self::DecodeP50Ns.of_times(trial, times)?)
            }
        }
    }
}

/// Histograms of one trial, each read at the first figure that needs it.
#[derive(Debug, Default)]
pub(super) struct Times(BTreeMap<Metric, Option<Distribution>>);

impl Times {
    fn quantile_ns(&mut self, trial: &Trial, metric: Metric, quantile: f64) -> Option<f64> {
        let read = || Distribution::of(trial.histograms.get(&metric)?).ok();
        let times = self.0.entry(metric).or_insert_with(read).as_ref()?;
        Some(times.quantile_ns(quantile)? as f64)
    }
}

/// The smallest effect of interest of each figure: a change that is no larger is called no
/// difference, however surely it is measured. Shares: 0.05 is a ratio of 1.05, or of 1 / 1.05.
///
/// By default 5 % of rates, medians and costs, and 10 % of a 99th percentile and of the server's peak
/// memory, which allocators take in blocks. Nobody chooses a bus for less, and builds of one program differ by several per cent by the order of linking alone
/// (Mytkowicz et al., "Producing wrong data without doing anything obviously wrong!", ASPLOS 2009).
#[derive(Debug, Clone, PartialEq)]
pub struct SmallestEffects {
    usual: f64,
    of: BTreeMap<ComparedFigure, f64>,
}

/// A smallest effect of interest that is none.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("smallest effect of interest {0} is not a share: give a number from 0 on, such as 0.05")]
pub struct NoShare(pub f64);

impl Default for SmallestEffects {
    fn default() -> Self {
        Self {
            usual: 0.05,
            of: BTreeMap::from([
                (ComparedFigure::ResponseP99Ns, 0.10),
                (ComparedFigure::ServerRssPeakBytes, 0.10),
            ]),
        }
    }
}

impl SmallestEffects {
    /// The smallest effect of interest of this figure.
    #[must_use]
    pub fn of(&self, figure: ComparedFigure) -> f64 {
        self.of.get(&figure).copied().unwrap_or(self.usual)
    }

    /// Sets that of one figure.
    pub fn set(&mut self, figure: ComparedFigure, share: f64) -> Result<(), NoShare> {
        if !share.is_finite() || share < 0.0 {
            return Err(NoShare(share));
        }
        self.of.insert(figure, share);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ComparedFigure, NoShare, SmallestEffects};

    #[test]
    fn a_smallest_effect_can_be_set_for_one_figure() {
        let mut effects = SmallestEffects::default();
        effects.set(ComparedFigure::ResponseP50Ns, 0.2).unwrap();
        for (figure, expected) in [
            (ComparedFigure::DeliveredPerSecond, 0.05),
            (ComparedFigure::ResponseP50Ns, 0.2),
            (ComparedFigure::ResponseP99Ns, 0.10),
            (ComparedFigure::ServerRssPeakBytes, 0.10),
        ] {
            assert!((effects.of(figure) - expected).abs() < 1e-12, "{figure:?}");
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        let mut effects = SmallestEffects::default();
        for share in [-0.1, f64::INFINITY] {
            let refused = effects.set(ComparedFigure::DeliveredPerSecond, share);
            assert_eq!(refused, Err(NoShare(share)));
        }
        assert_eq!(effects, SmallestEffects::default());
    }
}
