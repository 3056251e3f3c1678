//! The command line.

use std::path::PathBuf;

use busbench_brokers::{Limit, ProviderChoice};
use busbench_results::comparison::{Across, SmallestEffect};
use busbench_runner::NullWork;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Compares message buses for EdgeX: NATS, NATS JetStream, Mosquitto and Redis.
#[derive(Debug, Parser)]
#[command(name = "busbench", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios, show progress and a table, write results and a report
    Run(Run),
    /// List scenarios with their questions and estimated times
    List(List),
    /// Parse and plan scenarios without running them
    Check(Check),
    /// Render results as one HTML page, Markdown, CSV and SVG
    Report(Report),
    /// Compare two builds, two versions of a server or two settings, cell by cell
    Compare(Compare),
    /// Print one flat row for each cell of a run
    Export(Export),
    /// Record runs in a history, and show where its figures change from run to run
    Trend(Trend),
    /// Show what this machine can run, what would disturb a measurement, and what to do about it
    Doctor(Doctor),
    /// Prove the harness: compare what a bus in this process did to messages with what is reported
    SelfTest(SelfTest),
    /// Explain a metric, a reason, an outcome, a guarantee or a condition
    Explain(Explain),
    /// Remove servers and data that an earlier run was killed over
    Clean,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Scenario files
    #[arg(required = true, value_name = "SCENARIO")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// Who provides the servers
    #[arg(long, value_enum, default_value_t)]
    pub(crate) provider: ProviderArgument,
    /// Run only these cells: KEY=VALUE pairs parted by commas; values of one key are alternatives
    #[arg(long, value_name = "KEY=VALUE,...")]
    pub(crate) only: Vec<String>,
    /// Replace a value of the scenario (rate, window, payload, duration, publishers, ...)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Hold servers to memory and CPU, as on a small machine: memory=256MiB,cpus=0.5, or either alone
    #[arg(long, value_name = "LIMIT")]
    pub(crate) limit: Option<Limit>,
    /// Trials of each cell
    #[arg(long, value_name = "N")]
    pub(crate) trials: Option<std::num::NonZeroU32>,
    /// New folder for the results [default: results/runs/TIME-SCENARIO]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with an interrupted run: its folder
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    pub(crate) resume: Option<PathBuf>,
    /// Fire drill: publishers of the null bus work so much longer for each message (35ns, 1us, ...)
    #[arg(long, value_name = "DURATION", value_parser = null_work)]
    pub(crate) null_work: Option<NullWork>,
    /// Show the plan and run nothing
    #[arg(long = "dry-run")]
    pub(crate) plan_only: bool,
    /// Show nothing but errors
    #[arg(long, conflicts_with = "progress")]
    pub(crate) quiet: bool,
    /// How to show progress: `json` prints one event on each line of standard output, and no table
    #[arg(long, value_enum, default_value_t)]
    pub(crate) progress: ProgressKind,
}

fn null_work(text: &str) -> Result<NullWork, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    NullWork::new(duration).map_err(|error| error.to_string())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ProgressKind {
    /// A bar on a terminal, else a line for each trial
    #[default]
    Human,
    /// One JSON object for each event
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ProviderArgument {
    /// Containers where an engine answers and has every image, else processes
    #[default]
    Auto,
    /// Containers
    Container,
    /// Server programs of this machine
    Process,
    /// Running servers that the environment names
    External,
}

impl From<ProviderArgument> for ProviderChoice {
    fn from(argument: ProviderArgument) -> Self {
        match argument {
            ProviderArgument::Auto => Self::Auto,
            ProviderArgument::Container => Self::Container,
            ProviderArgument::Process => Self::Process,
            ProviderArgument::External => Self::External,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Folder of scenarios
    #[arg(default_value = "scenarios", value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenario files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Folders of runs, each once
    #[arg(required = true, value_name = "RUN")]
    pub(crate) runs: Vec<PathBuf>,
    /// Title of the page; without one, what the runs are
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Folder for the report
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SelfTest {
    /// Run only these cases, parted by commas
    #[arg(long, value_name = "CASE,...", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// The same cases with half the messages
    #[arg(long)]
    pub(crate) quick: bool,
    /// A table, or everything that was compared
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SelfTestFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum SelfTestFormat {
    /// A table with what was done and what was reported
    #[default]
    Human,
    /// One object with every comparison
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Folder of a run
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// Format of the rows
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ExportFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// What is compared against: the folder of a run, or one with the rounds of one
    #[arg(value_name = "BASE", required_unless_present = "self_check")]
    pub(crate) base: Option<PathBuf>,
    /// What is compared
    #[arg(value_name = "HEAD", required_unless_present = "self_check")]
    pub(crate) head: Option<PathBuf>,
    /// The one thing by which the two may differ beside the program
    #[arg(long, value_parser = across(), value_name = "FIELD")]
    pub(crate) across: Option<Across>,
    /// Change of a figure that is too small to matter, as a share, in place of the scenario's; may
    /// be given several times
    #[arg(long = "smallest-effect", value_name = "FIGURE=SHARE")]
    pub(crate) smallest_effects: Vec<SmallestEffect>,
    /// How often trials of one side, compared among themselves, are called different
    #[arg(long, value_name = "RUN", conflicts_with_all = ["base", "head", "across", "out"])]
    pub(crate) self_check: Option<PathBuf>,
    /// Trials on each side of a comparison of `--self-check` [default: 5]
    #[arg(long, value_name = "N", conflicts_with_all = ["base", "head"])]
    pub(crate) trials: Option<std::num::NonZeroU32>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CompareFormat,
    /// Folder for the comparison in all formats: gate.txt, gate.md, gate.json
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CompareFormat {
    /// Tables for a terminal
    #[default]
    Human,
    /// For a pull request
    Markdown,
    /// One object with every cell and figure
    Json,
}

/// Takes the names of [`Across`].
fn across() -> impl TypedValueParser<Value = Across> {
    PossibleValuesParser::new(Across::ALL.map(Across::name))
        .try_map(|name| Across::of_name(&name).ok_or("no such field"))
}

#[derive(Debug, Args)]
pub(crate) struct Trend {
    /// Folder of the history
    #[arg(long, default_value = "results/history", value_name = "DIR")]
    pub(crate) history: PathBuf,
    /// Record these runs first: their folders, each once
    #[arg(long, value_name = "RUN", num_args = 1..)]
    pub(crate) record: Vec<PathBuf>,
    /// Look only at these series: KEY=VALUE pairs parted by commas; values of one key are alternatives
    #[arg(long, value_name = "KEY=VALUE,...")]
    pub(crate) only: Vec<String>,
    /// Look only at these figures, by their columns in the export [default: all that a history keeps]
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) figure: Vec<String>,
    /// Change of a figure that is too small to be told, as a share; may be given several times
    #[arg(long = "smallest-effect", value_name = "FIGURE=SHARE")]
    pub(crate) smallest_effects: Vec<SmallestEffect>,
    /// Folder for a page with pictures
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// A table, or everything that was found
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TrendFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TrendFormat {
    /// A table with a row for each change
    #[default]
    Human,
    /// One object
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Name as reports and exports have it; all names are listed without
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Comma-separated values with a header line
    #[default]
    Csv,
    /// An array of objects
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Leave out the ways to a server, which takes servers and about 20 seconds
    #[arg(long)]
    pub(crate) quick: bool,
    /// Measure nothing at all
    #[arg(long, conflicts_with = "quick")]
    pub(crate) no_measure: bool,
    /// Format of what was found
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DoctorFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// Text for a person
    #[default]
    Text,
    /// One object
    Json,
}
