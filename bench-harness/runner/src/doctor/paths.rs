//! What the way to a server costs: the same traffic to a process, to a container in the host's
//! network and to a container behind a published port.

mod measure;

use std::fmt;

use busbench_results::statistics::{Estimate, geometric_mean};
use busbench_results::{Distribution, LimitedBy, Metric, Trial};
use serde::Serialize;

pub(super) use measure::measure;

/// A way to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkPath {
    /// A process of this machine, on its loopback.
    Loopback,
    /// A container in the host's network: the same loopback, from within a container.
    HostNetwork,
    /// A container with a network of its own, whose port the engine forwards.
    PublishedPort,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathCosts {
    /// The bus that carried the traffic.
    pub bus: String,
    /// Rounds, in each of which every path had its turn.
    pub rounds: u32,
    /// Closed load: bound of sent minus delivered, in messages.
    pub window: u64,
    /// Open load: messages per second.
    pub offered_per_second: f64,
    /// What each path carried, and how late.
    pub paths: Vec<PathFigures>,
    /// Each pair of them.
    pub comparisons: Vec<Comparison>,
    /// Paths that could not be measured, and why.
    pub left_out: Vec<String>,
}

/// One path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PathFigures {
    /// The way.
    pub path: NetworkPath,
    /// Version of the server at its end.
    pub server_version: String,
    /// Binary or image that it was started from.
    pub started_from: String,
    /// Closed load: deliveries per second, geometric mean over the rounds.
    pub delivered_per_second: Option<f64>,
    /// What kept the closed load from being faster in more than half of the rounds, else `unknown`.
    /// Where it is `client` or `machine`, a faster path would not show, and the costs of paths are at
    /// least what they look like.
    pub limited_by: LimitedBy,
    /// Open load: median response time in ns, over the messages of all rounds.
    pub response_p50_ns: Option<u64>,
    /// The same, 99th percentile.
    pub response_p99_ns: Option<u64>,
}

/// One path against another, as ratios of the two within each round.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// The path.
    pub path: NetworkPath,
    /// What it is compared with.
    pub base: NetworkPath,
    /// Whether the same build of the server was at both ends. Where it was not, the ratio holds what
    /// the builds differ by, too.
    pub same_build: bool,
    /// Deliveries per second, closed load.
    pub rate: Option<Ratio>,
    /// Median response time, open load.
    pub response_p50: Option<Ratio>,
    /// Response time p99, open load.
    pub response_p99: Option<Ratio>,
}

/// Geometric mean of the rounds' ratios, with its 95 % t interval from 3 rounds on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// The ratio.
    pub value: f64,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
}

/// A path with its server, and what its trials gave.
#[derive(Debug)]
struct Measured {
    path: NetworkPath,
    server_version: String,
    started_from: String,
    /// Image digest or hash of the binary.
    build: Option<String>,
    rounds: Vec<Round>,
}

/// One turn of a path; what could not be used is `None`.
#[derive(Debug, Default)]
struct Round {
    closed: Option<Closed>,
    open: Option<Trial>,
}

/// What is used of a trial with closed load.
#[derive(Debug, Clone, Copy)]
struct Closed {
    delivered_per_second: f64,
    limited_by: LimitedBy,
}

impl Round {
    fn delivered_per_second(&self) -> Option<f64> {
        Some(self.closed?.delivered_per_second)
    }

    fn quantile_ns(&self, quantile: f64) -> Option<f64> {
        let recorded = self.open.as_ref()?.histograms.get(&Metric::Response)?;
        let response = Distribution::of(recorded).ok()?.quantile_ns(quantile)?;
        Some(response as f64)
    }
}

impl Measured {
    fn figures(&self) -> PathFigures {
        let rates = self.rounds.iter().filter_map(Round::delivered_per_second);
        let rates: Vec<f64> = rates.collect();
        let trials = self.rounds.iter().filter_map(|round| round.open.as_ref());
        let response = Distribution::pool(trials, Metric::Response).ok().flatten();
        let quantile_ns = |quantile| response.as_ref()?.quantile_ns(quantile);
        PathFigures {
            path: self.path,
            server_version: self.server_version.clone(),
            started_from: self.started_from.clone(),
            delivered_per_second: geometric_mean(&rates).map(|rate| rate.value),
            limited_by: self.limited_by(),
            response_p50_ns: quantile_ns(0.5),
            response_p99_ns: quantile_ns(0.99),
        }
    }

    fn limited_by(&self) -> LimitedBy {
        let closed = self.rounds.iter().filter_map(|round| round.closed);
        let limits: Vec<LimitedBy> = closed.map(|closed| closed.limited_by).collect();
        let is_common = |limit: &&LimitedBy| {
            limits.iter().filter(|other| other == limit).count() * 2 > limits.len()
        };
        limits
            .iter()
            .find(is_common)
            .copied()
            .unwrap_or(LimitedBy::Unknown)
    }

    fn compared_with(&self, base: &Self) -> Comparison {
        let ratio = |figure: fn(&Round) -> Option<f64>| {
            let pairs = self.rounds.iter().zip(&base.rounds);
            let ratios: Vec<f64> = pairs
                .filter_map(|(round, base)| Some(figure(round)? / figure(base)?))
                .filter(|ratio| ratio.is_finite())
                .collect();
            geometric_mean(&ratios).map(Ratio::from)
        };
        Comparison {
            path: self.path,
            base: base.path,
            same_build: self.build.is_some() && self.build == base.build,
            rate: ratio(Round::delivered_per_second),
            response_p50: ratio(|round| round.quantile_ns(0.5)),
            response_p99: ratio(|round| round.quantile_ns(0.99)),
        }
    }
}

/// Each path with each before it.
fn comparisons(measured: &[Measured]) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for (index, path) in measured.iter().enumerate() {
        let bases = measured[..index].iter().rev();
        comparisons.extend(bases.map(|base| path.compared_with(base)));
    }
    comparisons
}

impl NetworkPath {
    /// The name that results use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::HostNetwork => "host-network",
            Self::PublishedPort => "published-port",
        }
    }
}

impl From<Estimate> for Ratio {
    fn from(estimate: Estimate) -> Self {
        Self {
            value: estimate.value,
            low: estimate.interval.map(|interval| interval.low),
            high: estimate.interval.map(|interval| interval.high),
        }
    }
}

impl fmt::Display for NetworkPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(path: NetworkPath, build: &str, rates: &[Option<f64>]) -> Measured {
        let closed = |delivered_per_second| Closed {
            delivered_per_second,
            limited_by: LimitedBy::Client,
        };
        let round = |rate: &Option<f64>| Round {
            closed: rate.map(closed),
            open: None,
        };
        Measured {
            path,
            server_version: "1".to_owned(),
            started_from: "somewhere".to_owned(),
            build: Some(build.to_owned()),
            rounds: rates.iter().map(round).collect(),
        }
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // The machine slows down by half from round to round; the ratio stays.
        let base = measured(
            NetworkPath::HostNetwork,
            "a",
            &[Some(800.0), Some(400.0), Some(200.0)],
        );
        let path = measured(
            NetworkPath::PublishedPort,
            "a",
            &[Some(200.0), Some(100.0), Some(50.0)],
        );
        let comparison = path.compared_with(&base);
        let rate = comparison.rate.unwrap();
        assert!((rate.value - 0.25).abs() < 1e-9, "{rate:?}");
        assert!(
            (rate.high.unwrap() - rate.low.unwrap()).abs() < 1e-9,
            "{rate:?}"
        );
        assert!(comparison.same_build);
        assert_eq!(comparison.response_p99, None);
    }

    #[test]
    fn a_round_that_only_one_path_finished_is_left_out() {
        let base = measured(
            NetworkPath::Loopback,
            "a",
            &[Some(100.0), None, Some(100.0)],
        );
        let path = measured(
            NetworkPath::HostNetwork,
            "b",
            &[Some(50.0), Some(1.0), None],
        );
        let comparison = path.compared_with(&base);
        let rate = comparison.rate.unwrap();
        assert_eq!(
            (rate.value, rate.low),
            (0.5, None),
            "one round has no interval"
        );
        assert!(!comparison.same_build, "another build is told");
    }

    #[test]
    fn what_limits_most_rounds_limits_the_path() {
        let mut path = measured(NetworkPath::Loopback, "a", &[Some(1.0); 3]);
        assert_eq!(path.figures().limited_by, LimitedBy::Client);
        for (round, limited_by) in path
            .rounds
            .iter_mut()
            .zip([LimitedBy::Machine, LimitedBy::Server])
        {
            round.closed.as_mut().unwrap().limited_by = limited_by;
        }
        assert_eq!(path.figures().limited_by, LimitedBy::Unknown);
    }

    #[test]
    fn every_pair_is_compared_with_the_nearer_one_first() {
        let paths = [
            NetworkPath::Loopback,
            NetworkPath::HostNetwork,
            NetworkPath::PublishedPort,
        ];
        let all = paths.map(|path| measured(path, "a", &[Some(1.0)]));
        let pairs: Vec<_> = comparisons(&all)
            .iter()
            .map(|pair| (pair.path, pair.base))
            .collect();
        let expected = [
            (paths[1], paths[0]),
            (paths[2], paths[1]),
            (paths[2], paths[0]),
        ];
        assert_eq!(pairs, expected);
    }
}
