//! Findings about what the way to a server costs.

use busbench_brokers::Found;

use super::{Check, Finding, Level};
use crate::doctor::paths::{Comparison, PathCosts, Ratio};

/// Differences below this are no reason to choose one path over another.
const FACTOR_THAT_MATTERS: f64 = 1.05;

/// One finding for each pair of paths, or why there is none.
pub(super) fn findings(costs: &Found<PathCosts>) -> Vec<Finding> {
    match costs {
        Found::Missing(reason) => {
            vec![Check::NetworkPath.found(Level::Note, format!("not measured: {reason}"), None)]
        }
        Found::Found(costs) => {
            let left_out = costs.left_out.iter().map(|why| {
                Check::NetworkPath.found(Level::Note, format!("not measured: {why}"), None)
            });
            costs
                .comparisons
                .iter()
                .map(comparison)
                .chain(left_out)
                .collect()
        }
    }
}

fn comparison(comparison: &Comparison) -> Finding {
    let (path, base) = (comparison.path, comparison.base);
    let builds = if comparison.same_build {
        "same image"
    } else {
        "other build of the server, so not the path alone"
    };
    let figures = [
        ("rate", comparison.rate),
        ("median response", comparison.response_p50),
    ];
    let figures: Vec<String> = figures
        .iter()
        .filter_map(|(name, ratio)| Some(format!("{name} {}", times((*ratio)?))))
        .collect();
    if figures.is_empty() {
        let what = format!("{path} to {base}: no round in which both delivered everything");
        return Check::NetworkPath.found(Level::Note, what, None);
    }
    let what = format!("{path} to {base}: {} ({builds})", figures.join(", "));
    if comparison.same_build && costs(comparison) {
        let remedy = "use one path for all figures: `BUSBENCH_CONTAINER_NETWORK=host`, or \
                      `--provider process`";
        Check::NetworkPath.found(Level::Note, what, Some(remedy))
    } else {
        Check::NetworkPath.found(Level::Ok, what, None)
    }
}

/// Only a whole interval beyond the smallest factor that matters shows a cost.
fn costs(comparison: &Comparison) -> bool {
    let rate = comparison.rate.and_then(|rate| rate.high);
    let response = comparison.response_p50.and_then(|response| response.low);
    rate.is_some_and(|high| high < 1.0 / FACTOR_THAT_MATTERS)
        || response.is_some_and(|low| low > FACTOR_THAT_MATTERS)
}

/// A ratio with its interval.
fn times(ratio: Ratio) -> String {
    let value = ratio.value;
    match (ratio.low, ratio.high) {
        (Some(low), Some(high)) => format!("x {value:.2} [{low:.2}, {high:.2}]"),
        _ => format!("x {value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::paths::NetworkPath;

    fn ratio(value: f64, width: Option<f64>) -> Ratio {
        Ratio {
            value,
            low: width.map(|width| value - width),
            high: width.map(|width| value + width),
        }
    }

    fn found(rate: Ratio, response: Ratio, same_build: bool) -> Finding {
        comparison(&Comparison {
            path: NetworkPath::PublishedPort,
            base: NetworkPath::HostNetwork,
            same_build,
            rate: Some(rate),
            response_p50: Some(response),
            response_p99: None,
        })
    }

    #[test]
    fn a_cost_is_told_where_an_interval_shows_it() {
        let (narrow, wide) = (Some(0.1), Some(2.0));
        let check = |rate, response, level| assert_eq!(found(rate, response, true).level, level);
        check(ratio(0.4, narrow), ratio(1.0, wide), Level::Note);
        check(ratio(1.0, wide), ratio(2.0, narrow), Level::Note);
        check(ratio(0.4, wide), ratio(2.0, wide), Level::Ok);
        check(ratio(0.4, None), ratio(2.0, None), Level::Ok);
        let what = "published-port to host-network: rate x 0.40 [0.30, 0.50], median response \
                    x 2.00 (same image)";
        assert_eq!(found(ratio(0.4, narrow), ratio(2.0, None), true).what, what);
    }

    #[test]
    fn other_builds_are_never_taken_for_the_path() {
        let finding = found(ratio(0.4, Some(0.1)), ratio(2.0, Some(0.1)), false);
        assert_eq!(finding.level, Level::Ok);
        assert!(
            finding.what.contains("not the path alone"),
            "{}",
            finding.what
        );
    }

    #[test]
    fn what_was_not_measured_is_told_with_its_reason() {
        let findings = findings(&Found::Missing("no engine".to_owned()));
        assert_eq!(findings[0].what, "not measured: no engine");
    }
}
