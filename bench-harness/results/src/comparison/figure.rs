//! What is compared.

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
    /// Deliveries of the window, drain included, by those that were expected: 1 without loss. The one
    /// figure that loss does not take away. A publish that failed is not expected anywhere, so a
    /// lossy cell may show 1.
    DeliveredShare,
    /// Time of one iteration of a benchmark of code: in no row and no trial.
    TimePerIterationNs,
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
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::DeliveredPerSecond,
        Self::ResponseP50Ns,
        Self::ResponseP99Ns,
        Self::ServerCpuNsPerMessage,
        Self::ClientCpuNsPerMessage,
        Self::ServerRssPeakBytes,
        Self::EncodeP50Ns,
        Self::DecodeP50Ns,
        Self::RoundTripP50Ns,
        Self::DeliveredShare,
        Self::TimePerIterationNs,
    ];

    /// The headlines of a load: the delivered rate under closed load, as an open one delivers what
    /// is offered; response times under open load, as a closed one has no schedule.
    #[must_use]
    pub const fn headlines(load: Load) -> &'static [Self] {
        match load {
            Load::Closed => &[Self::DeliveredPerSecond],
            Load::Open => &[Self::ResponseP50Ns, Self::ResponseP99Ns],
        }
    }

    /// By what two builds are compared: the headlines of the load, whether messages are lost, and
    /// what each message costs. Of an open load also the rate, which falls where one build cannot
    /// carry what is offered.
    #[must_use]
    pub const fn of_builds(load: Load) -> &'static [Self] {
        match load {
            Load::Open => &[
                Self::ResponseP50Ns,
                Self::ResponseP99Ns,
                Self::DeliveredShare,
                Self::ServerCpuNsPerMessage,
                Self::ClientCpuNsPerMessage,
                Self::DeliveredPerSecond,
            ],
            Load::Closed => &[
                Self::DeliveredPerSecond,
                Self::ServerCpuNsPerMessage,
                Self::ClientCpuNsPerMessage,
                Self::DeliveredShare,
            ],
        }
    }

    /// The name that files and the command line use.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::DeliveredPerSecond => "delivered_per_second",
            Self::ResponseP50Ns => "response_p50_ns",
            Self::ResponseP99Ns => "response_p99_ns",
            Self::ServerCpuNsPerMessage => "server_cpu_ns_per_message",
            Self::ClientCpuNsPerMessage => "client_cpu_ns_per_message",
            Self::ServerRssPeakBytes => "server_rss_peak_bytes",
            Self::EncodeP50Ns => "encode_p50_ns",
            Self::DecodeP50Ns => "decode_p50_ns",
            Self::RoundTripP50Ns => "round_trip_p50_ns",
            Self::DeliveredShare => "delivered_share",
            Self::TimePerIterationNs => "time_per_iteration_ns",
        }
    }

    /// The figure of a [key](Self::key).
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|figure| figure.key() == key)
    }

    /// The column of a [`Row`] that shows it, or the two that it is worked out from. That of a
    /// benchmark is in no row.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoundTripP50Ns => "encode_p50_ns + decode_p50_ns",
            Self::DeliveredShare => "delivered / expected",
            column => column.key(),
        }
    }

    /// Which way is the good one.
    #[must_use]
    pub const fn better(self) -> Better {
        match self {
            Self::DeliveredPerSecond | Self::DeliveredShare => Better::Higher,
            Self::ResponseP50Ns
            | Self::ResponseP99Ns
            | Self::ServerCpuNsPerMessage
            | Self::ClientCpuNsPerMessage
            | Self::ServerRssPeakBytes
            | Self::EncodeP50Ns
            | Self::DecodeP50Ns
            | Self::RoundTripP50Ns
            | Self::TimePerIterationNs => Better::Lower,
        }
    }

    /// Standard deviation that the logarithm of a ratio of two such figures has at least, because
    /// neither is exact: two errors spread evenly over the width to which a figure is exact. Trials
    /// that agree to the last digit are not infinitely sure.
    ///
    /// Times are exact to one in 1000 (3 significant digits of a histogram), and so much is taken of
    /// rates and costs too. Messages are counted one by one: what is left for a share of them is the
    /// rounding of arithmetic, and a wide margin.
    #[must_use]
    pub const fn resolution(self) -> f64 {
        match self {
            Self::DeliveredShare => 1e-6,
            Self::DeliveredPerSecond
            | Self::ResponseP50Ns
            | Self::ResponseP99Ns
            | Self::ServerCpuNsPerMessage
            | Self::ClientCpuNsPerMessage
            | Self::ServerRssPeakBytes
            | Self::EncodeP50Ns
            | Self::DecodeP50Ns
            | Self::RoundTripP50Ns
            | Self::TimePerIterationNs => 0.000_41,
        }
    }

    /// Whether it only says how much was reached at least where something else than the server was
    /// used up first.
    pub(super) const fn is_reached(self) -> bool {
        matches!(self, Self::DeliveredPerSecond)
    }

    /// Whether loss itself is the figure: it stands where loss takes every other away.
    pub(super) const fn is_loss(self) -> bool {
        matches!(self, Self::DeliveredShare)
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
            Self::DeliveredShare => share(row.delivered?, row.expected?),
            Self::TimePerIterationNs => None,
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
            Self::DeliveredShare => share(trial.counts.delivered, trial.counts.expected),
            Self::TimePerIterationNs => None,
        }
    }
}

/// `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize as _;
    use serde::de::value::{Error, StrDeserializer};

    use super::ComparedFigure;
    use crate::{Load, Trial, fixtures, summarise};

    fn trial() -> Trial {
        let run = fixtures::run();
        let mut trials = run.trials.into_values().flatten();
        trials.next().unwrap()
    }

    #[test]
    fn each_figure_is_listed_once_and_read_by_its_key() {
        let keys: BTreeSet<&str> = ComparedFigure::ALL.iter().map(|all| all.key()).collect();
        let unknown = ComparedFigure::deserialize(StrDeserializer::<Error>::new("?"));
        // serde's message names every variant between backticks, and what it was given.
        let message = unknown.unwrap_err().to_string();
        let known = message.matches('`').count() / 2 - 1;
        assert_eq!((keys.len(), ComparedFigure::ALL.len()), (known, known));
        for figure in ComparedFigure::ALL {
            let read = ComparedFigure::deserialize(StrDeserializer::<Error>::new(figure.key()));
            assert_eq!(read, Ok(figure));
            assert_eq!(ComparedFigure::of_key(figure.key()), Some(figure));
        }
        assert_eq!(ComparedFigure::of_key("Response_p99_ns"), None);
    }

    #[test]
    fn the_delivered_share_counts_what_was_lost() {
        let mut trial = trial();
        let mut of = |expected, delivered| {
            (trial.counts.expected, trial.counts.delivered) = (expected, delivered);
            ComparedFigure::DeliveredShare.of_trial(&trial)
        };
        assert_eq!(of(1_000, 1_000), Some(1.0));
        assert_eq!(of(1_000, 995), Some(0.995));
        assert_eq!(of(1_000, 0), Some(0.0));
        assert_eq!(of(0, 0), None);
    }

    #[test]
    fn a_cells_delivered_share_is_that_of_all_its_trials() {
        let rows = summarise(&fixtures::run());
        let lossy = rows.iter().find(|row| row.lost > Some(0)).unwrap();
        let (lost, expected) = (lossy.lost.unwrap(), lossy.expected.unwrap());
        let share = ComparedFigure::DeliveredShare.of_row(lossy).unwrap();
        assert!((share - (1.0 - lost as f64 / expected as f64)).abs() < 1e-12);
        let not_run = crate::Row::default();
        assert_eq!(ComparedFigure::DeliveredShare.of_row(&not_run), None);
    }

    #[test]
    fn the_time_of_a_benchmark_is_in_no_cell() {
        let figure = ComparedFigure::TimePerIterationNs;
        assert_eq!(figure.of_trial(&trial()), None);
        for row in summarise(&fixtures::run()) {
            assert_eq!(figure.of_row(&row), None);
        }
    }

    #[test]
    fn builds_are_compared_by_the_headlines_of_their_load_and_by_what_they_lose() {
        for load in [Load::Open, Load::Closed] {
            let figures = ComparedFigure::of_builds(load);
            let headlines = ComparedFigure::headlines(load);
            assert!(figures.starts_with(headlines), "{figures:?}");
            assert!(figures.contains(&ComparedFigure::DeliveredShare));
        }
    }
}
