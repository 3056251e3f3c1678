//! What a run looks like while it goes on: a bar, a line for each trial, or JSON.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::Duration;

use busbench_results::{Outcome, Verdict};
use busbench_runner::Event;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::ProgressKind;
use crate::commands::plan::duration;
use crate::output;

/// Shows events. Human progress goes to standard error, JSON to standard output.
pub(crate) enum Progress {
    Quiet,
    Json,
    /// Standard error is no terminal.
    Lines,
    Bar(ProgressBar),
}

impl Progress {
    pub(crate) fn new(quiet: bool, kind: ProgressKind) -> Self {
        match kind {
            _ if quiet => Self::Quiet,
            ProgressKind::Json => Self::Json,
            ProgressKind::Human if std::io::stderr().is_terminal() => Self::Bar(bar()),
            ProgressKind::Human => Self::Lines,
        }
    }

    pub(crate) fn show(&mut self, event: &Event) {
        match self {
            Self::Quiet => {}
            Self::Json => match serde_json::to_string(event) {
                Ok(json) => output::line(json),
                Err(error) => output::error(format_args!("cannot write progress: {error}")),
            },
            Self::Lines => {
                if let Some(line) = line(event) {
                    output::note(line);
                }
            }
            Self::Bar(bar) => show_on(bar, event),
        }
    }

    /// Clears the bar, so that what follows stands on its own line.
    pub(crate) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // The template is a constant; were it wrong, the plain style would do.
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}") {
        bar.set_style(style);
    }
    bar
}

fn show_on(bar: &ProgressBar, event: &Event) {
    match event {
        Event::RunStarted { trials, .. } => bar.set_length(*trials),
        Event::TrialStarted {
            cell,
            finished,
            remaining_seconds,
            ..
        } => {
            bar.set_position(*finished);
            bar.set_message(format!("{} left  {cell}", seconds(*remaining_seconds)));
        }
        Event::TrialFinished { finished, .. } | Event::FootprintFinished { finished, .. } => {
            bar.set_position(*finished);
        }
        Event::Note { .. } | Event::RunFinished { .. } => {}
    }
    let worth_a_line = match event {
        Event::TrialFinished {
            verdict, outcome, ..
        } => *verdict == Verdict::Invalid || *outcome != Outcome::Delivered,
        Event::FootprintFinished { verdict, .. } => *verdict == Verdict::Invalid,
        Event::TrialStarted { .. } | Event::RunFinished { .. } => false,
        Event::RunStarted { .. } | Event::Note { .. } => true,
    };
    if let Some(line) = line(event).filter(|_| worth_a_line) {
        bar.println(line);
    }
}

fn line(event: &Event) -> Option<String> {
    match event {
        Event::RunStarted {
            scenario,
            provider,
            reason,
            trials,
            estimated_seconds,
            ..
        } => Some(format!(
            "{scenario}: {trials} trials, about {}; servers: {provider} ({reason})",
            seconds(*estimated_seconds)
        )),
        Event::Note { text } => Some(text.clone()),
        Event::TrialStarted { .. } | Event::RunFinished { .. } => None,
        Event::FootprintFinished { .. } => footprint(event),
        Event::TrialFinished {
            cell,
            trial,
            finished,
            trials,
            outcome,
            verdict,
            reasons,
            delivered_per_second,
            lost,
            ..
        } => {
            let mut line = format!(
                "{finished}/{trials} {cell} trial {trial}: {delivered_per_second:.0} msg/s, {}",
                outcome.name()
            );
            if *lost > 0 {
                // Writing to a String cannot fail, here and below.
                let _ = write!(line, ", {lost} lost");
            }
            if *verdict != Verdict::Valid {
                let _ = write!(line, " ({}: {})", verdict.name(), reasons.join("; "));
            }
            Some(line)
        }
    }
}

/// A trial of a footprint: what it measured, as far as it did.
fn footprint(event: &Event) -> Option<String> {
    let Event::FootprintFinished {
        cell,
        trial,
        finished,
        trials,
        verdict,
        reasons,
        cold_start_ns,
        warm_start_ns,
        idle_rss_bytes,
        clients_rss_bytes,
    } = event
    else {
        return None;
    };
    let milliseconds = |nanoseconds: u64| format!("{:.1} ms", nanoseconds as f64 / 1e6);
    let mebibytes = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let figures = [
        ("cold start", cold_start_ns.map(milliseconds)),
        ("warm start", warm_start_ns.map(milliseconds)),
        ("idle", idle_rss_bytes.map(mebibytes)),
        ("with clients", clients_rss_bytes.map(mebibytes)),
    ];
    let measured: Vec<String> = figures
        .into_iter()
        .filter_map(|(name, figure)| Some(format!("{name} {}", figure?)))
        .collect();
    let mut line = format!(
        "{finished}/{trials} {cell} trial {trial}: {}",
        measured.join(", ")
    );
    if !reasons.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(line, " ({}: {})", verdict.name(), reasons.join("; "));
    }
    Some(line)
}

fn seconds(seconds: f64) -> String {
    duration(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}
