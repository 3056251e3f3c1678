//! A diagnosis as a person reads it, at 80 columns.

use std::fmt::Write as _;

use busbench_brokers::{Found, Survey};
use busbench_results::LimitedBy;
use busbench_runner::doctor::{Diagnosis, Facts, Finding, Level, PathCosts, Ratio, Watched};

/// Width of the text: that of the narrowest terminal in use.
const WIDTH: usize = 80;
/// Where a finding's text begins, after its level and name.
const INDENT: usize = 29;

/// The whole text: machine, ways to a server, findings by what matters most.
pub(super) fn describe(diagnosis: &Diagnosis) -> String {
    let mut text = machine(&diagnosis.facts, diagnosis.watched.as_ref());
    text.push_str(&servers(diagnosis));
    if let Some(Found::Found(costs)) = &diagnosis.paths {
        text.push_str(&paths(costs));
    }
    text.push_str(&findings(&diagnosis.findings));
    text
}

fn machine(facts: &Facts, watched: Option<&Watched>) -> String {
    let host = &facts.host;
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "Machine {}", host.name);
    let mut line = |name: &str, value: &str| text.push_str(&entry(name, value));
    line("CPU", &format!("{} ({})", host.cpu_model, host.arch));
    line("system", &format!("{}, Linux {}", host.os, host.kernel));
    if let Some(watched) = watched {
        let reading = format!("{:.0} ns for one reading", watched.clock_reading_ns);
        line("clock", &reading);
    }
    text
}

fn servers(diagnosis: &Diagnosis) -> String {
    let survey: &Survey = &diagnosis.survey;
    let mut text = String::new();
    let provider = match diagnosis.automatic_provider {
        Some(provider) => format!("takes each server as {provider}"),
        None => "depends on which servers a scenario needs: none has all of them".to_owned(),
    };
    text.push_str(&entry("auto", &format!("`--provider auto` {provider}")));
    let variables = if survey.variables.is_empty() {
        "no BUSBENCH_ variable is set".to_owned()
    } else {
        format!("set: {}", survey.variables.join(", "))
    };
    text.push_str(&entry("environment", &variables));
    text
}

fn paths(costs: &PathCosts) -> String {
    let mut text = format!(
        "\nWays to a server: {}, {} rounds\n  {:<17}{:>9} {:>8} {:>8}  {:<10} server\n",
        costs.bus, costs.rounds, "", "msg/s", "p50 us", "p99 us", "limited by"
    );
    for path in &costs.paths {
        let rate = path.delivered_per_second.map(|rate| format!("{rate:.0}"));
        let microseconds = |ns: Option<u64>| ns.map(|ns| format!("{:.0}", ns as f64 / 1e3));
        let _ = writeln!(
            text,
            "  {:<17}{:>9} {:>8} {:>8}  {:<10} {}",
            path.path.name(),
            rate.unwrap_or_default(),
            microseconds(path.response_p50_ns).unwrap_or_default(),
            microseconds(path.response_p99_ns).unwrap_or_default(),
            path.limited_by.name(),
            path.server_version
        );
    }
    let _ = writeln!(text, "\n  {:<31}{:<20}p50", "", "rate");
    for pair in &costs.comparisons {
        let mark = if pair.same_build { "" } else { " *" };
        let names = format!("{} / {}{mark}", pair.path, pair.base);
        let (rate, p50) = (ratio(pair.rate), ratio(pair.response_p50));
        let _ = writeln!(text, "  {names:<31}{rate:<20}{p50}");
    }
    let mut note = |note: &str| text.push_str(&wrapped(&format!("  {note}"), 0, 2));
    if costs.comparisons.iter().any(|pair| !pair.same_build) {
        note("* Two builds of the server: what they differ by is in the ratio, too.");
    }
    note(&format!(
        "Rates with a closed window of {} messages, times at {} per second, from clients on this \
         machine; ratios of the same round, with 95 % intervals.",
        costs.window, costs.offered_per_second
    ));
    let is_ours = |limit| matches!(limit, LimitedBy::Client | LimitedBy::Machine);
    if costs.paths.iter().any(|path| is_ours(path.limited_by)) {
        note(
            "A rate that client or machine limits is a lower bound: with more of either, paths \
             may differ by more.",
        );
    }
    text
}

fn ratio(ratio: Option<Ratio>) -> String {
    match ratio {
        None => "-".to_owned(),
        Some(ratio) => match (ratio.low, ratio.high) {
            (Some(low), Some(high)) => format!("{:.2} [{low:.2}, {high:.2}]", ratio.value),
            _ => format!("{:.2}", ratio.value),
        },
    }
}

/// What matters most first; what is well takes one line each.
fn findings(findings: &[Finding]) -> String {
    let mut text = String::from("\nFindings\n");
    let of = |level| {
        findings
            .iter()
            .filter(move |finding| finding.level == level)
    };
    // Several findings of one check have one reason.
    let mut told = None;
    for level in [Level::Problem, Level::Warning, Level::Note, Level::Ok] {
        for finding in of(level) {
            let head = format!("  {:<9}{:<18}", level.name(), finding.check.name());
            text.push_str(&wrapped(&(head + &finding.what), 0, INDENT));
            if level == Level::Ok {
                continue;
            }
            if told != Some(finding.check) {
                text.push_str(&wrapped(&format!("why: {}", finding.why), INDENT, INDENT));
            }
            told = Some(finding.check);
            if let Some(remedy) = &finding.remedy {
                text.push_str(&wrapped(&format!("do:  {remedy}"), INDENT, INDENT));
            }
        }
    }
    let count = |level, name: &str| {
        let count = of(level).count();
        format!("{count} {name}{}", if count == 1 { "" } else { "s" })
    };
    let _ = writeln!(
        text,
        "\n{}, {}, {}",
        count(Level::Problem, "problem"),
        count(Level::Warning, "warning"),
        count(Level::Note, "note")
    );
    text
}

fn entry(name: &str, value: &str) -> String {
    wrapped(&format!("  {name:<14}{value}"), 0, 16)
}

/// Breaks a text into lines of at most [`WIDTH`] characters: the first begins after `first` spaces,
/// the others after `rest`. A word that is longer than a line, such as a path, stays whole.
fn wrapped(text: &str, first: usize, rest: usize) -> String {
    let mut lines = String::new();
    let mut line = " ".repeat(first);
    let mut length = first;
    let mut has_word = false;
    // Runs of spaces are columns: they stay.
    for piece in text.split_inclusive(' ') {
        let word = piece.trim_end().chars().count();
        if has_word && word > 0 && length + word > WIDTH {
            let _ = writeln!(lines, "{}", line.trim_end());
            line = " ".repeat(rest);
            length = rest;
        }
        line.push_str(piece);
        length += piece.chars().count();
        has_word = has_word || word > 0;
    }
    let _ = writeln!(lines, "{}", line.trim_end());
    lines
}

#[cfg(test)]
mod tests {
    use busbench_results::LimitedBy;
    use busbench_runner::doctor::{Comparison, NetworkPath, PathCosts, PathFigures, Ratio};

    use super::{WIDTH, paths, wrapped};

    #[test]
    fn the_ways_to_a_server_fit_their_columns_and_say_what_they_hold() {
        let figures = |path, limited_by| PathFigures {
            path,
            server_version: "2.12.2".to_owned(),
            started_from: "nats:2.12.2-alpine".to_owned(),
            delivered_per_second: Some(1_234_567.8),
            limited_by,
            response_p50_ns: Some(63_400),
            response_p99_ns: None,
        };
        let ratio = Ratio {
            value: 0.4,
            low: Some(0.35),
            high: Some(0.45),
        };
        let pair = |path, base, same_build| Comparison {
            path,
            base,
            same_build,
            rate: Some(ratio),
            response_p50: None,
            response_p99: None,
        };
        let (loopback, host, published) = (
            NetworkPath::Loopback,
            NetworkPath::HostNetwork,
            NetworkPath::PublishedPort,
        );
        let mut costs = PathCosts {
            bus: "nats-core".to_owned(),
            rounds: 5,
            window: 256,
            offered_per_second: 4000.0,
            paths: vec![
                figures(host, LimitedBy::Unknown),
                figures(published, LimitedBy::Client),
            ],
            comparisons: vec![pair(published, host, true)],
            left_out: Vec::new(),
        };
        let text = paths(&costs);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        let row = "  host-network       1234568       63           unknown    2.12.2\n";
        assert!(text.contains(row), "{text}");
        let row = "  published-port / host-network  0.40 [0.35, 0.45]   -\n";
        assert!(text.contains(row), "{text}");
        assert!(
            text.contains("lower bound") && !text.contains("Two builds"),
            "{text}"
        );

        costs.paths.pop();
        costs.comparisons = vec![pair(host, loopback, false)];
        let text = paths(&costs);
        assert!(
            !text.contains("lower bound") && text.contains("Two builds"),
            "{text}"
        );
    }

    #[test]
    fn a_long_text_is_broken_between_words() {
        let text = wrapped(&"word ".repeat(40), 2, 6);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert!(text.starts_with("  word word"), "{text}");
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("      word")),
            "{text}"
        );
        assert_eq!(text.matches("word").count(), 40);
    }

    #[test]
    fn a_command_longer_than_a_line_stays_whole() {
        let long = "x".repeat(100);
        assert_eq!(
            wrapped(&format!("do: {long}"), 0, 4),
            format!("do:\n    {long}\n")
        );
    }

    #[test]
    fn columns_stay_where_they_are() {
        assert_eq!(
            wrapped("  ok       cores     2", 0, 20),
            "  ok       cores     2\n"
        );
    }
}
