//! One line of `results/history/SCENARIO.jsonl`: one cell of one run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Cell, CellKey, CellOutcome, Row, Run, Tool, Verdict, summarise};

/// Version of the lines that this program writes and reads.
pub const HISTORY_VERSION: u32 = 1;

/// One cell of one run, as it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryLine {
    /// `HISTORY_VERSION` of the program that wrote it.
    pub history_version: u32,
    /// The run's name.
    pub run: String,
    /// Start of the run, in milliseconds since 1970-01-01 UTC.
    pub started_unix_ms: u64,
    /// The program that measured.
    pub tool: Tool,
    /// As the server says it; `null` where there is none.
    pub server_version: Option<String>,
    /// What identifies the series that it is a point of.
    pub series: SeriesKey,
    /// What was measured.
    pub measured: Measured,
}

/// What lines of one series have in common: cell, machine and conditions. Commit, version of the
/// program and of the server are not among it: their changes are what a history is kept for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeriesKey {
    /// Name of the scenario.
    pub scenario: String,
    /// SHA-256 over the resolved scenario.
    pub scenario_hash: String,
    /// Where it was measured.
    pub host: HistoryHost,
    /// `container`, `process`, `external` or `none`: the run's.
    pub provider: String,
    /// `loopback`, `host-network`, `published-port` or `network`; `null` without a server.
    pub network_path: Option<String>,
    /// How long one server serves: `trial` or `round`; `null` without a server.
    pub servers: Option<String>,
    /// What the bus promises: publish ack and delivery.
    pub guarantee: Option<String>,
    /// What was measured, as result files have it.
    pub cell: CellKey,
}

/// The machine, as far as it parts series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryHost {
    /// Host name.
    pub name: String,
    /// As the kernel names it.
    pub cpu_model: String,
    /// Logical CPUs that the run could use.
    pub cores: u32,
    /// `x86_64`, `aarch64`.
    pub arch: String,
    /// Whether harness or server ran under an emulator.
    pub emulated: bool,
}

/// The figures of a line: those of the export under the same names, `null` where one does not apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Trials that the figures rest on.
    pub trials: u32,
    /// Whether they can be trusted. An `invalid` line is no point of a series.
    pub verdict: Verdict,
    /// The worst of all finished trials.
    pub outcome: CellOutcome,
    /// Distinct deliveries of the window that came in time, by its length.
    pub delivered_per_second: Option<NonNegative>,
    /// Lower end of its 95 % interval.
    pub delivered_per_second_low: Option<NonNegative>,
    /// Upper end of its 95 % interval.
    pub delivered_per_second_high: Option<NonNegative>,
    /// Median response time.
    pub response_p50_ns: Option<u64>,
    /// 99th percentile of the response time.
    pub response_p99_ns: Option<u64>,
    /// Lower end of its 95 % interval.
    pub response_p99_low_ns: Option<u64>,
    /// Upper end of its 95 % interval.
    pub response_p99_high_ns: Option<u64>,
    /// CPU time of the server for each delivery.
    pub server_cpu_ns_per_message: Option<NonNegative>,
    /// CPU time of the harness for each delivery.
    pub client_cpu_ns_per_message: Option<NonNegative>,
    /// Distinct messages that arrived, over the trials.
    pub delivered: Option<u64>,
    /// Messages that a subscriber should have got and did not, over the trials.
    pub lost: Option<u64>,
}

/// A figure that is finite and at least 0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(extend("minimum" = 0.0))]
pub struct NonNegative(f64);

/// A number that no figure can have.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("figure {0} is below 0 or not a number")]
pub struct NotAFigure(pub f64);

impl TryFrom<f64> for NonNegative {
    type Error = NotAFigure;

    fn try_from(figure: f64) -> Result<Self, NotAFigure> {
        if figure.is_finite() && figure >= 0.0 {
            Ok(Self(figure))
        } else {
            Err(NotAFigure(figure))
        }
    }
}

impl From<NonNegative> for f64 {
    fn from(figure: NonNegative) -> Self {
        figure.0
    }
}

impl HistoryLine {
    /// The lines of a run, in the order of its cells: of those of which a trial has finished.
    #[must_use]
    pub fn of(run: &Run) -> Vec<Self> {
        run.record
            .cells
            .iter()
            .zip(summarise(run))
            .filter_map(|(cell, row)| line(run, cell, row))
            .collect()
    }

    /// The first interval whose ends do not lie around its figure, by the figure's name.
    pub(super) fn odd_interval(&self) -> Option<&'static str> {
        let measured = &self.measured;
        let whole = |figure: Option<u64>| figure.map(|figure| figure as f64);
        let rate = [
            measured.delivered_per_second_low,
            measured.delivered_per_second,
            measured.delivered_per_second_high,
        ];
        let p99 = [
            measured.response_p99_low_ns,
            measured.response_p99_ns,
            measured.response_p99_high_ns,
        ];
        [
            ("delivered_per_second", rate.map(|end| end.map(f64::from))),
            ("response_p99_ns", p99.map(whole)),
        ]
        .into_iter()
        .find(|(_, figures)| !figures.iter().flatten().is_sorted())
        .map(|(name, _)| name)
    }
}

/// `None` where no trial has finished.
fn line(run: &Run, cell: &Cell, row: Row) -> Option<HistoryLine> {
    let record = &run.record;
    // A summary has no other figures than these; one that it had would be left out.
    let figure = |figure: Option<f64>| NonNegative::try_from(figure?).ok();
    Some(HistoryLine {
        history_version: HISTORY_VERSION,
        run: record.run.clone(),
        started_unix_ms: record.started_unix_ms,
        tool: record.tool.clone(),
        measured: Measured {
            trials: row.trials,
            verdict: row.verdict?,
            outcome: row.outcome,
            delivered_per_second: figure(row.delivered_per_second),
            delivered_per_second_low: figure(row.delivered_per_second_low),
            delivered_per_second_high: figure(row.delivered_per_second_high),
            response_p50_ns: row.response_p50_ns,
            response_p99_ns: row.response_p99_ns,
            response_p99_low_ns: row.response_p99_low_ns,
            response_p99_high_ns: row.response_p99_high_ns,
            server_cpu_ns_per_message: figure(row.server_cpu_ns_per_message),
            client_cpu_ns_per_message: figure(row.client_cpu_ns_per_message),
            delivered: row.delivered,
            lost: row.lost,
        },
        series: SeriesKey {
            scenario: row.scenario,
            scenario_hash: record.scenario.hash.clone(),
            host: HistoryHost {
                name: row.host,
                cpu_model: record.host.cpu_model.clone(),
                cores: record.host.cores,
                arch: row.arch,
                emulated: row.emulated,
            },
            provider: row.provider,
            network_path: row.network_path,
            servers: row.servers,
            guarantee: row.guarantee,
            cell: cell.key.clone(),
        },
        server_version: row.server_version,
    })
}

#[cfg(test)]
mod tests {
    use super::{HistoryLine, NonNegative, NotAFigure};
    use crate::{Verdict, fixtures};

    #[test]
    fn every_cell_with_a_finished_trial_has_a_line_invalid_ones_too() {
        let run = fixtures::run();
        let lines = HistoryLine::of(&run);
        assert_eq!(lines.len(), run.trials.len());
        assert!(lines.len() < run.record.cells.len());
        let invalid = HistoryLine::of(&fixtures::only_invalid_run());
        let is_invalid = |line: &HistoryLine| line.measured.verdict == Verdict::Invalid;
        assert!(!invalid.is_empty() && invalid.iter().all(is_invalid));
        assert_eq!(HistoryLine::of(&fixtures::empty_run()), []);
    }

    #[test]
    fn a_line_that_is_read_is_the_line_that_was_written() {
        for line in HistoryLine::of(&fixtures::run()) {
            let text = serde_json::to_string(&line).unwrap();
            assert!(!text.contains('\n'));
            assert_eq!(serde_json::from_str::<HistoryLine>(&text).unwrap(), line);
            assert_eq!(line.odd_interval(), None);
        }
    }

    #[test]
    fn a_figure_is_finite_and_at_least_zero() {
        assert!(NonNegative::try_from(0.0).is_ok());
        for wrong in [-1.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(NonNegative::try_from(wrong), Err(NotAFigure(wrong)));
        }
        assert!(NonNegative::try_from(f64::NAN).is_err());
    }
}
