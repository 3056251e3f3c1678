//! Footprints of a run as flat rows: one for each server by each provider, and for each client program.

mod figure;
mod row;

pub use figure::FootprintFigure;
pub use row::FootprintRow;

use crate::statistics::{Estimate, geometric_mean};
use crate::{
    CellState, FootprintCell, FootprintSubject, FootprintTrial, ProgramSize, Run, RunRecord,
    Verdict,
};

/// One row for each footprint of a run, in the plan's order. Invalid trials are never pooled.
#[must_use]
pub fn footprints(run: &Run) -> Vec<FootprintRow> {
    let cells = &run.record.footprints;
    let mut rows: Vec<FootprintRow> = cells.iter().map(|cell| row(run, cell)).collect();
    for place in 0..rows.len() {
        rows[place].added_bytes = added(&rows, place);
    }
    rows
}

/// Bytes that a client adds to the same program without one.
fn added(rows: &[FootprintRow], place: usize) -> Option<i64> {
    let own = &rows[place];
    let language = own.language.as_ref()?;
    if own.client.as_deref() == Some(FootprintSubject::WITHOUT_CLIENT) {
        return None;
    }
    let without = rows.iter().find(|row| {
        row.language.as_ref() == Some(language)
            && (&row.service, &row.arch) == (&own.service, &own.arch)
            && row.client.as_deref() == Some(FootprintSubject::WITHOUT_CLIENT)
    })?;
    let bytes = |row: &FootprintRow| i64::try_from(row.program_bytes?).ok();
    Some(bytes(own)? - bytes(without)?)
}

fn row(run: &Run, cell: &FootprintCell) -> FootprintRow {
    let finished = run.footprints.get(&cell.id).map_or(&[][..], Vec::as_slice);
    let pooled: Vec<&FootprintTrial> = finished
        .iter()
        .filter(|trial| trial.verdict != Verdict::Invalid)
        .collect();
    let mut row = key_columns(run, cell);
    row.trials = u32::try_from(pooled.len()).unwrap_or(u32::MAX);
    row.verdict = verdict(finished);
    row.reasons = reasons(cell, finished);
    fill_sizes(&mut row, cell);
    fill_trials(&mut row, &pooled);
    row
}

fn key_columns(run: &Run, cell: &FootprintCell) -> FootprintRow {
    let record = &run.record;
    let server = cell.server.as_ref().and_then(|id| record.servers.get(id));
    let mut row = FootprintRow {
        run: record.run.clone(),
        host: record.host.name.clone(),
        host_arch: record.host.arch.clone(),
        emulated: is_emulated(record, cell),
        scenario: record.scenario.name.clone(),
        footprint: cell.id.clone(),
        server_version: server.map(|server| server.version.clone()),
        ..FootprintRow::default()
    };
    match &cell.subject {
        FootprintSubject::Server { name, provider } => {
            row.server = Some(name.clone());
            row.provider = Some(provider.clone());
        }
        FootprintSubject::Client {
            language,
            service,
            client,
            library,
            library_version,
            toolchain,
            profile,
        } => {
            row.language = Some(language.clone());
            row.service = Some(service.clone());
            row.client = Some(client.clone());
            row.library.clone_from(library);
            row.library_version.clone_from(library_version);
            row.toolchain = Some(toolchain.clone());
            row.profile = Some(profile.clone());
        }
    }
    row
}

/// Whether the harness, the server or the client program ran under an emulator: a program for another
/// architecture than the host's runs in no other way.
fn is_emulated(record: &RunRecord, cell: &FootprintCell) -> bool {
    let server = cell.server.as_ref().and_then(|id| record.servers.get(id));
    let is_client = matches!(cell.subject, FootprintSubject::Client { .. });
    let is_foreign = |program: &ProgramSize| program.arch != record.host.arch;
    record.host.emulated
        || server.is_some_and(|server| server.emulated)
        || is_client && cell.program.as_ref().is_some_and(is_foreign)
}

/// As of other cells: with an invalid trial beside others, the rest is to be taken with care.
fn verdict(finished: &[FootprintTrial]) -> Option<Verdict> {
    let verdicts = || finished.iter().map(|trial| trial.verdict);
    let (best, worst) = (verdicts().min()?, verdicts().max()?);
    Some(match (best, worst) {
        (Verdict::Invalid, _) => Verdict::Invalid,
        (_, Verdict::Invalid) => Verdict::Suspect,
        _ => worst,
    })
}

fn reasons(cell: &FootprintCell, finished: &[FootprintTrial]) -> String {
    if let CellState::NotPossible(why) = &cell.state {
        return why.clone();
    }
    let mut told: Vec<String> = Vec::new();
    for reason in finished.iter().flat_map(|trial| &trial.reasons) {
        let text = reason.to_string();
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told.join("; ")
}

fn fill_sizes(row: &mut FootprintRow, cell: &FootprintCell) {
    if let Some(image) = &cell.image {
        row.arch.clone_from(&image.arch);
        row.image = Some(image.name.clone());
        row.image_compressed_bytes = image.compressed_bytes;
        row.image_unpacked_bytes = Some(image.unpacked_bytes);
    }
    if let Some(program) = &cell.program {
        row.arch.clone_from(&program.arch);
        row.program_bytes = Some(program.file_bytes);
        row.program_text_bytes = Some(program.text_bytes);
        row.program_data_bytes = Some(program.data_bytes);
        row.program_bss_bytes = Some(program.bss_bytes);
        row.libraries_bytes = program.libraries_bytes;
    }
    if row.arch.is_empty() {
        row.arch.clone_from(&row.host_arch);
    }
}

fn fill_trials(row: &mut FootprintRow, pooled: &[&FootprintTrial]) {
    let mean = |of: &dyn Fn(&FootprintTrial) -> Option<f64>| -> Option<Estimate> {
        let figures: Vec<f64> = pooled.iter().filter_map(|trial| of(trial)).collect();
        geometric_mean(&figures)
    };
    let value = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.value);
    let low = |estimate: Option<Estimate>| Some(estimate?.interval?.low);
    let high = |estimate: Option<Estimate>| Some(estimate?.interval?.high);

    let cold = mean(&|trial| Some(trial.cold_start?.elapsed_ns as f64));
    (row.start_cold_ns, row.start_cold_low_ns) = (value(cold), low(cold));
    row.start_cold_high_ns = high(cold);
    let warm = mean(&|trial| Some(trial.warm_start?.elapsed_ns as f64));
    (row.start_warm_ns, row.start_warm_low_ns) = (value(warm), low(warm));
    row.start_warm_high_ns = high(warm);
    row.program_rss_peak_bytes = value(mean(&|trial| {
        Some(trial.warm_start?.rss_peak_bytes? as f64)
    }));

    let idle = mean(&|trial| Some(trial.idle?.rss_bytes as f64));
    (row.idle_rss_bytes, row.idle_rss_low_bytes) = (value(idle), low(idle));
    row.idle_rss_high_bytes = high(idle);
    row.idle_rss_anonymous_bytes =
        value(mean(&|trial| Some(trial.idle?.rss_anonymous_bytes? as f64)));
    row.idle_cpu_share = median(pooled, |trial| Some(trial.idle?.cpu_share()));
    row.idle_threads = median(pooled, |trial| Some(f64::from(trial.idle?.threads)));
    row.idle_open_files = median(pooled, |trial| Some(f64::from(trial.idle?.open_files?)));

    let clients = mean(&|trial| Some(trial.idle_clients?.rss_bytes as f64));
    (row.clients_rss_bytes, row.clients_rss_low_bytes) = (value(clients), low(clients));
    row.clients_rss_high_bytes = high(clients);
    row.clients = pooled
        .iter()
        .find_map(|trial| Some(trial.idle_clients?.clients));
    row.client_rss_bytes = median(pooled, |trial| {
        let (without, with) = (trial.idle?, trial.idle_clients?);
        let added = with.rss_bytes as f64 - without.rss_bytes as f64;
        (with.clients > 0).then(|| added / f64::from(with.clients))
    });
    row.clients_cpu_share = median(pooled, |trial| Some(trial.idle_clients?.cpu_share()));
    row.clients_threads = median(pooled, |trial| Some(f64::from(trial.idle_clients?.threads)));
    row.clients_open_files = median(pooled, |trial| {
        Some(f64::from(trial.idle_clients?.open_files?))
    });
}

/// The middle one of the trials' figures, or the mean of the two in the middle: of figures that may be
/// 0 or less, which have no logarithm.
fn median(pooled: &[&FootprintTrial], of: impl Fn(&FootprintTrial) -> Option<f64>) -> Option<f64> {
    let mut figures: Vec<f64> = pooled.iter().filter_map(|trial| of(trial)).collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(figures[middle]),
        _ => Some(f64::midpoint(figures[middle - 1], figures[middle])),
    }
}

#[cfg(test)]
mod tests;
