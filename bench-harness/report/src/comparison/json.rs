//! A comparison as JSON, for programs: a gate reads whether it is narrow enough, a bot what changed.

use busbench_results::comparison::{
    Across, Better, Compared, ComparedFigure, ComparedValue, DifferingField, FALSE_DISCOVERY_RATE,
    Finding, Incomparable, Side, SideVerdict,
};
use busbench_results::{Measurements, Verdict};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use super::refusal::Told;
use super::{Refused, View};

/// Of the JSON's structure. It grows with a change after which a reader of the former would
/// misunderstand it; fields may be added without one.
pub const FORMAT_VERSION: u32 = 1;

/// How many of the questions that were answered least narrowly are named.
const WIDEST: usize = 3;

/// JSON Schema of what [`json`](super::json()) and [`refused_json`](super::refused_json) write. It is
/// committed as `schema/comparison-v1.json`; a test holds it to the types.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Document)
}

pub(super) fn of(view: &View<'_>) -> String {
    let comparison = view.comparison;
    let widest = comparison.widest(WIDEST).into_iter();
    written(&Document {
        format_version: FORMAT_VERSION,
        verdict: comparison.verdict().name(),
        regressed: comparison.has_regression(),
        narrow_enough: comparison.narrow_enough(),
        widest: widest
            .map(|(cell, value)| Wide {
                cell: cell.name.clone(),
                figure: value.difference.figure,
                detectable: value.difference.detectable,
                smallest_effect: value.difference.smallest_effect,
            })
            .collect(),
        refusal: None,
        across: comparison.across.map(Across::name),
        took_turns: Some(comparison.took_turns),
        tested: comparison.tested,
        false_discovery_rate: FALSE_DISCOVERY_RATE,
        confidence: Some(comparison.confidence()),
        base: side(view.base),
        head: side(view.head),
        cells: comparison.compared.iter().map(cell).collect(),
        alone: comparison
            .alone
            .iter()
            .map(|(side, name)| Alone {
                side: side.name(),
                name: name.clone(),
            })
            .collect(),
        settings: comparison.settings.iter().map(field).collect(),
    })
}

pub(super) fn of_refused(refused: &Refused<'_>, told: &Told) -> String {
    let (fields, reasons) = match refused.why {
        Incomparable::Fields(fields) => (fields.iter().map(field).collect(), Vec::new()),
        Incomparable::NoAnswer(reasons) => (Vec::new(), reasons.clone()),
        Incomparable::NothingInCommon => (Vec::new(), Vec::new()),
    };
    written(&Document {
        format_version: FORMAT_VERSION,
        verdict: SideVerdict::NotComparable.name(),
        regressed: false,
        narrow_enough: false,
        widest: Vec::new(),
        refusal: Some(Refusal {
            kind: told.kind,
            message: refused.why.to_string(),
            fields,
            reasons,
            allowed_across: told.across.map(Across::name),
            hint: told.hint.clone(),
        }),
        across: None,
        took_turns: None,
        tested: 0,
        false_discovery_rate: FALSE_DISCOVERY_RATE,
        confidence: None,
        base: side(refused.base),
        head: side(refused.head),
        cells: Vec::new(),
        alone: Vec::new(),
        settings: Vec::new(),
    })
}

fn written(document: &Document) -> String {
    // Only a map with foreign keys could fail, and there is no map.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    text + "\n"
}

/// How two sides lie to each other. Numbers are as they were worked out, not rounded; `null` where
/// there is none.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Comparison")]
struct Document {
    /// Version of this structure.
    format_version: u32,
    /// Of all cells and benchmarks together: `regressed`, `mixed`, `improved`,
    /// `no measurable difference` or `not comparable`.
    verdict: &'static str,
    /// Whether the head is worse anywhere.
    regressed: bool,
    /// Whether every figure that could be compared would have shown a change of twice its smallest
    /// effect of interest with 80 % probability.
    narrow_enough: bool,
    /// The figures that are farthest from that, at most three, the farthest first.
    widest: Vec<Wide>,
    /// Why there is no comparison; `null` where there is one.
    refusal: Option<Refusal>,
    /// What was allowed to differ beside the program.
    across: Option<&'static str>,
    /// Whether the trials of both sides took turns; where not, a drift of the machine counts as a
    /// difference.
    took_turns: Option<bool>,
    /// Questions that trials could answer: they share one correction.
    tested: usize,
    /// Of the correction by Benjamini and Hochberg.
    false_discovery_rate: f64,
    /// Confidence of every interval, 0 to 1.
    confidence: Option<f64>,
    /// What is compared against.
    base: Of,
    /// What is compared.
    head: Of,
    /// What both have measured: cells, then benchmarks.
    cells: Vec<Cell>,
    /// What only one side has measured.
    alone: Vec<Alone>,
    /// Settings of client crates and harness that differ.
    settings: Vec<Field>,
}

/// Why two sides are not compared.
#[derive(Serialize, JsonSchema)]
struct Refusal {
    /// `fields`: conditions differ; `nothing_in_common`: no cell and no benchmark is on both sides;
    /// `no_answer`: of what is on both, no figure can be compared.
    kind: &'static str,
    /// In words.
    message: String,
    /// Conditions that differ.
    fields: Vec<Field>,
    /// Why no figure can be compared, each reason once.
    reasons: Vec<String>,
    /// What `--across` would allow; `null` where one name is not enough.
    allowed_across: Option<&'static str>,
    /// What to do.
    hint: String,
}

/// A figure that was answered less narrowly than others.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Widest")]
struct Wide {
    /// Name of the cell or benchmark.
    cell: String,
    /// As in `cells`.
    #[schemars(with = "String")]
    figure: ComparedFigure,
    /// As in `cells`.
    detectable: Option<f64>,
    /// As in `cells`.
    smallest_effect: f64,
}

/// A side.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Side")]
struct Of {
    /// Name of the run; of several rounds, of the first. `null` where there are benchmarks only.
    run: Option<String>,
    /// Version of busbench.
    version: Option<String>,
    /// Commit it was built from, `-dirty` appended where the tree had changes.
    commit: Option<String>,
    /// Name of the scenario.
    scenario: Option<String>,
    /// Name of the host.
    host: Option<String>,
    /// Its architecture.
    arch: Option<String>,
    /// Its logical CPUs.
    cores: Option<u32>,
    /// `container`, `process`, `external` or `none`.
    provider: Option<String>,
    /// Servers that took part.
    servers: Vec<Server>,
    /// Number of benchmarks.
    benchmarks: usize,
}

/// A server.
#[derive(Serialize, JsonSchema)]
struct Server {
    /// Id in the run.
    id: String,
    /// Its name.
    name: String,
    /// As the server says it.
    version: String,
}

/// A cell or benchmark on both sides.
#[derive(Serialize, JsonSchema)]
struct Cell {
    /// The head's id of the cell, or the benchmark's name.
    name: String,
    /// `cell` or `benchmark`.
    kind: &'static str,
    /// Of all its figures together, of the names that the whole comparison has.
    verdict: &'static str,
    /// Trials of the base.
    base_trials: Option<Trials>,
    /// Trials of the head.
    head_trials: Option<Trials>,
    /// Each figure that was asked for.
    figures: Vec<Answer>,
}

/// The trials of a cell on one side.
#[derive(Serialize, JsonSchema)]
struct Trials {
    /// All of them.
    number: usize,
    /// Those that lost messages, did not carry their load, could not be finished or came to nothing.
    failed: usize,
    /// `valid`, `suspect` or `invalid`; `null` where none has finished.
    verdict: Option<&'static str>,
    /// Why they are in doubt, joined by `; `.
    reasons: String,
}

/// One figure of a cell on both sides.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Figure")]
struct Answer {
    /// Name of the column of the flat rows; `delivered_share` is `delivered` by `expected`, and
    /// `time_per_iteration_ns` that of a benchmark.
    #[schemars(with = "String")]
    figure: ComparedFigure,
    /// Which way is the good one: `higher` or `lower`.
    better: &'static str,
    /// Over all trials of the base, in the figure's unit.
    base: Option<f64>,
    /// Over all trials of the head.
    head: Option<f64>,
    /// Geometric mean of the ratios of paired trials, head by base.
    ratio: Option<f64>,
    /// Lower end of its interval at the comparison's confidence.
    ratio_low: Option<f64>,
    /// Upper end.
    ratio_high: Option<f64>,
    /// Trials that both sides have.
    pairs: u32,
    /// The smallest change, as a share, that would have shown with 80 % probability.
    detectable: Option<f64>,
    /// Change that is too small to be called one, as a share.
    smallest_effect: f64,
    /// What the head is: `better`, `worse`, `no measurable difference`, `too few trials` or
    /// `not comparable`.
    judgement: &'static str,
    /// Whether the difference is at least this, as one side could have reached more.
    at_least: bool,
    /// Why there is no answer; `null` where there is one.
    reason: Option<String>,
}

/// A cell or benchmark that only one side has measured.
#[derive(Serialize, JsonSchema)]
struct Alone {
    /// `base` or `head`.
    side: &'static str,
    /// Its name.
    name: String,
}

/// A field by which the sides differ.
#[derive(Serialize, JsonSchema)]
struct Field {
    /// What differs, in words.
    name: String,
    /// The base's; `null` where it does not tell.
    base: Option<String>,
    /// The head's; `null` where it does not tell.
    head: Option<String>,
}

fn side(side: &Measurements) -> Of {
    let record = side.run.as_ref().map(|run| &run.record);
    let servers = record.iter().flat_map(|record| &record.servers);
    Of {
        run: record.map(|record| record.run.clone()),
        version: record.map(|record| record.tool.version.clone()),
        commit: record.and_then(|record| record.tool.commit.clone()),
        scenario: record.map(|record| record.scenario.name.clone()),
        host: record.map(|record| record.host.name.clone()),
        arch: record.map(|record| record.host.arch.clone()),
        cores: record.map(|record| record.host.cores),
        provider: record.map(|record| record.provider.clone()),
        servers: servers
            .map(|(id, server)| Server {
                id: id.clone(),
                name: server.name.clone(),
                version: server.version.clone(),
            })
            .collect(),
        benchmarks: side.benchmarks.len(),
    }
}

fn cell(cell: &Compared) -> Cell {
    let trials = |side: Side| {
        let (base, head) = &**cell.rows.as_ref()?;
        let (row, number, failed) = match side {
            Side::Base => (base, cell.failed.of_base, cell.failed.base),
            Side::Head => (head, cell.failed.of_head, cell.failed.head),
        };
        Some(Trials {
            number,
            failed,
            verdict: row.verdict.map(Verdict::name),
            reasons: row.reasons.clone(),
        })
    };
    Cell {
        name: cell.name.clone(),
        kind: if cell.rows.is_some() {
            "cell"
        } else {
            "benchmark"
        },
        verdict: cell.verdict.name(),
        base_trials: trials(Side::Base),
        head_trials: trials(Side::Head),
        figures: cell.figures.iter().map(figure).collect(),
    }
}

fn figure(value: &ComparedValue) -> Answer {
    let difference = &value.difference;
    Answer {
        figure: difference.figure,
        better: match difference.figure.better() {
            Better::Higher => "higher",
            Better::Lower => "lower",
        },
        base: value.base,
        head: value.head,
        ratio: difference.ratio,
        ratio_low: difference.interval.map(|interval| interval.low),
        ratio_high: difference.interval.map(|interval| interval.high),
        pairs: difference.pairs,
        detectable: difference.detectable,
        smallest_effect: difference.smallest_effect,
        judgement: difference.judgement().name(),
        at_least: matches!(
            difference.finding,
            Finding::Higher { at_least: true } | Finding::Lower { at_least: true }
        ),
        reason: difference.reason(),
    }
}

fn field(field: &DifferingField) -> Field {
    let value = |place: usize| field.values.get(place).cloned().flatten();
    Field {
        name: field.name.clone(),
        base: value(0),
        head: value(1),
    }
}
