//! What a run's machine can and cannot say, from what the run recorded of it.

use busbench_results::statistics::TRIALS_FOR_A_CLAIM;
use busbench_results::{RunState, Verdict};

use crate::format;
use crate::view::{CellView, View};

/// With fewer cores, servers and load wait for each other.
const CORES_ENOUGH: u32 = 4;

/// Network paths that no network card is part of.
const WITHIN_THE_MACHINE: [&str; 3] = ["loopback", "host-network", "published-port"];

/// A sentence of what limits runs.
pub(crate) struct Limit {
    /// The runs that it is about; `None` where that is every run, or the only one.
    pub(crate) who: Option<String>,
    pub(crate) sentence: String,
    /// Whether a reader must know it before anything else.
    pub(crate) is_warning: bool,
}

/// What limits the runs, each sentence once, warnings first.
pub(crate) fn limits(views: &[View<'_>]) -> Vec<Limit> {
    let mut told: Vec<(String, bool, Vec<usize>)> = Vec::new();
    for (index, view) in views.iter().enumerate() {
        for (sentence, is_warning) in of_run(view) {
            match told.iter_mut().find(|(known, ..)| *known == sentence) {
                Some((.., runs)) => runs.push(index),
                None => told.push((sentence, is_warning, vec![index])),
            }
        }
    }
    // Sorting is stable: warnings, and the rest, stay in their order.
    told.sort_by_key(|(_, is_warning, _)| !is_warning);
    told.into_iter()
        .map(|(sentence, is_warning, runs)| {
            let who = (runs.len() < views.len()).then(|| {
                let numbers: Vec<String> = runs.iter().map(|run| (run + 1).to_string()).collect();
                let noun = if runs.len() == 1 { "Run" } else { "Runs" };
                format!("{noun} {}", numbers.join(", "))
            });
            Limit {
                who,
                sentence,
                is_warning,
            }
        })
        .collect()
}

/// Sentences, and whether they are warnings.
fn of_run(view: &View<'_>) -> Vec<(String, bool)> {
    let warnings = [
        state(view),
        emulated(view),
        emulated_servers(view),
        few_trials(view),
    ];
    let limits = [
        virtualised(view),
        steal(view),
        cores(view),
        pinning(view),
        governor(view),
        network(view),
        lower_bounds(view),
        invalid_trials(view),
        tool(view),
    ];
    let warnings = warnings.into_iter().flatten().map(|text| (text, true));
    let limits = limits.into_iter().flatten().map(|text| (text, false));
    warnings.chain(limits).collect()
}

fn state(view: &View<'_>) -> Option<String> {
    let sentence = match view.run.record.state {
        RunState::Complete => return None,
        RunState::Interrupted => "The run was interrupted: what had finished is shown.",
        RunState::Running => "The run has not finished: it goes on, or was killed.",
    };
    Some(sentence.to_owned())
}

fn emulated(view: &View<'_>) -> Option<String> {
    let host = &view.run.record.host;
    host.emulated.then(|| {
        format!(
            "This host is emulated: it shows that everything runs on {}. Its times are the \
             emulator's, and are not to be compared with hardware.",
            host.arch
        )
    })
}

fn emulated_servers(view: &View<'_>) -> Option<String> {
    let emulation = view.run.record.emulation()?;
    (!emulation.servers.is_empty() && (!emulation.harness || emulation.has_native_servers)).then(|| {
        format!(
            "Emulated servers: {}. Their times and rates are the emulator's, and are not to be compared \
             with hardware.",
            emulation.servers.join(", ")
        )
    })
}

fn virtualised(view: &View<'_>) -> Option<String> {
    let technology = view.run.record.host.virtualization.as_ref()?;
    Some(format!(
        "Virtualised ({technology}): others may use the same cores."
    ))
}

/// How much time others took, where somebody may and the kernel tells it.
fn steal(view: &View<'_>) -> Option<String> {
    view.run.record.host.virtualization.as_ref()?;
    let steal = view
        .cells
        .iter()
        .flat_map(|cell| cell.trials)
        .filter_map(|trial| trial.machine.steal)
        .reduce(f64::max);
    Some(match steal {
        None => "How much of the cores' time others took (steal) is not recorded.".to_owned(),
        Some(0.0) => "In no trial did others take any of the cores' time (steal).".to_owned(),
        Some(share) => format!(
            "Others took at most {} of the cores' time in a trial (steal).",
            format::percent(share)
        ),
    })
}

fn cores(view: &View<'_>) -> Option<String> {
    let cores = view.run.record.host.cores;
    let cores = match cores {
        _ if cores >= CORES_ENOUGH => return None,
        1 => "1 core".to_owned(),
        _ => format!("{cores} cores"),
    };
    Some(format!(
        "{cores} for servers, clients and load together: they take time from each other. A rate is \
         what all of them reached on this machine, not what a server reaches that has it alone."
    ))
}

fn pinning(view: &View<'_>) -> Option<String> {
    let record = &view.run.record;
    (record.isolation.is_none() && !record.servers.is_empty())
        .then(|| "Servers and harness had no cores of their own.".to_owned())
}

fn governor(view: &View<'_>) -> Option<String> {
    match view.run.record.host.governor.as_deref() {
        Some("performance") => None,
        Some(governor) => Some(format!(
            "The CPU's governor is {governor}: its clock may change with the load."
        )),
        None => Some(
            "The CPU's governor cannot be seen here, so changes of its clock may be part of the \
             spread."
                .to_owned(),
        ),
    }
}

fn network(view: &View<'_>) -> Option<String> {
    let servers = &view.run.record.servers;
    let within = |path: &str| WITHIN_THE_MACHINE.contains(&path);
    let stayed = servers.values().all(|server| within(&server.network_path));
    (stayed && !servers.is_empty()).then(|| {
        "No message left the machine: nothing here tells of a network card, a cable or a poor link."
            .to_owned()
    })
}

fn lower_bounds(view: &View<'_>) -> Option<String> {
    let measured = || {
        view.cells
            .iter()
            .filter(|cell| !cell.is_floor() && !cell.pooled.is_empty())
    };
    let bounds = measured()
        .filter(|cell| CellView::is_at_least(cell))
        .count();
    (bounds > 0).then(|| {
        format!(
            "In {} of {} measured cells the client or the machine was used up before the server: \
             such a figure is a lower bound (≥), and no argument against the server.",
            format::count(bounds as u64),
            format::count(measured().count() as u64)
        )
    })
}

fn few_trials(view: &View<'_>) -> Option<String> {
    let trials = view.run.record.scenario.trials;
    let noun = if trials == 1 { "trial" } else { "trials" };
    (trials < TRIALS_FOR_A_CLAIM)
        .then(|| format!("{trials} {noun} of each cell: a claim needs {TRIALS_FOR_A_CLAIM}."))
}

fn invalid_trials(view: &View<'_>) -> Option<String> {
    let trials = view.cells.iter().flat_map(|cell| cell.trials);
    match trials
        .filter(|trial| trial.verdict == Verdict::Invalid)
        .count()
    {
        0 => None,
        1 => Some("1 trial is invalid: it is shown, and part of no figure.".to_owned()),
        count => Some(format!(
            "{} trials are invalid: they are shown, and part of no figure.",
            format::count(count as u64)
        )),
    }
}

fn tool(view: &View<'_>) -> Option<String> {
    let sentence = match view.run.record.tool.commit.as_deref() {
        None => "Which commit of busbench measured is not recorded.",
        Some(commit) if commit.ends_with("-dirty") => {
            "busbench was built from files that had changed since its commit: the commit alone does \
             not give the same program."
        }
        Some(_) => return None,
    };
    Some(sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use busbench_results::{Run, RunState, fixtures};

    use super::limits;
    use crate::view::View;

    /// Whether a sentence is told of the made-up run after a change.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Run), sentence: &str, is_told: bool) {
        let mut run = fixtures::run();
        change(&mut run);
        let told = limits(&[View::new(&run)]);
        let told: Vec<&str> = told.iter().map(|limit| limit.sentence.as_str()).collect();
        let found = told.iter().any(|text| text.contains(sentence));
        assert_eq!(found, is_told, "{sentence:?} in {told:#?}");
    }

    #[test]
    fn each_limit_is_told_where_it_holds_and_nowhere_else() {
        check(|_| {}, "interrupted", false);
        check(
            |run| run.record.state = RunState::Interrupted,
            "The run was interrupted",
            true,
        );
        check(
            |run| run.record.state = RunState::Running,
            "The run has not finished",
            true,
        );
        check(|_| {}, "emulated", false);
        check(
            |run| run.record.host.emulated = true,
            "This host is emulated",
            true,
        );
        check(
            |run| *run = fixtures::emulated_servers_run(),
            "Emulated servers: mosquitto, nats, nats-jetstream.",
            true,
        );
        check(
            |run| *run = fixtures::emulated_run(),
            "Emulated servers",
            false,
        );
        check(|_| {}, "Virtualised (kvm)", true);
        check(
            |run| run.record.host.virtualization = None,
            "Virtualised",
            false,
        );
        check(|_| {}, "2 cores for servers", true);
        check(|run| run.record.host.cores = 1, "1 core for servers", true);
        check(|run| run.record.host.cores = 4, "for servers", false);
        check(|_| {}, "no cores of their own", false);
        check(
            |run| run.record.isolation = None,
            "no cores of their own",
            true,
        );
        check(|_| {}, "governor cannot be seen", true);
        check(
            |run| run.record.host.governor = Some("performance".to_owned()),
            "governor",
            false,
        );
        check(
            |run| run.record.host.governor = Some("powersave".to_owned()),
            "governor is powersave",
            true,
        );
        check(|_| {}, "No message left the machine", true);
        check(
            |run| run.record.servers.clear(),
            "No message left the machine",
            false,
        );
        check(|_| {}, "3 trials of each cell: a claim needs 5", true);
        check(|run| run.record.scenario.trials = 5, "a claim needs", false);
        check(|_| {}, "4 trials are invalid", true);
        check(|_| {}, "commit", false);
        check(
            |run| run.record.tool.commit = Some("0123-dirty".to_owned()),
            "files that had changed",
            true,
        );
    }

    #[test]
    fn steal_is_told_as_it_was_measured() {
        let with = |steal: Option<f64>| {
            move |run: &mut Run| {
                for trial in run.trials.values_mut().flatten() {
                    trial.machine.steal = steal;
                }
            }
        };
        check(with(None), "others took (steal) is not recorded", true);
        check(with(Some(0.0)), "In no trial did others take", true);
        check(
            with(Some(0.0123)),
            "at most 1.23 % of the cores' time",
            true,
        );
    }

    #[test]
    fn lower_bounds_are_counted_among_measured_cells_of_servers() {
        check(|_| {}, "In 1 of 19 measured cells", true);
    }

    #[test]
    fn what_holds_for_some_runs_names_them() {
        let runs = [
            fixtures::run(),
            fixtures::aarch64_run(),
            fixtures::emulated_run(),
        ];
        let views: Vec<View<'_>> = runs.iter().map(View::new).collect();
        let told = limits(&views);
        let who = |sentence: &str| {
            let found = told.iter().find(|limit| limit.sentence.contains(sentence));
            found.map(|limit| (limit.who.as_deref(), limit.is_warning))
        };
        assert_eq!(who("emulated"), Some((Some("Run 3"), true)));
        assert_eq!(who("2 cores for servers"), Some((Some("Runs 1, 3"), false)));
        assert_eq!(who("No message left"), Some((None, false)));
    }
}
