//! Footprints as tables: sizes, starts, what idle servers hold, and client programs.

use busbench_results::Verdict;
use busbench_results::footprint::{FootprintFigure, FootprintRow};

use super::{Taken, architecture, bus, name, tone};
use crate::format::{self, memory, size};
use crate::several;
use crate::table::{Column, Line, NONE, Table};

/// A column and how a footprint fills it.
struct Field {
    column: Column,
    text: fn(&FootprintRow) -> Option<String>,
}

/// Those that have a row, in this order.
pub(super) fn all(taken: &[Taken<'_>], runs: usize) -> Vec<Table> {
    let servers: Vec<Taken<'_>> = of(taken, |row| row.server.is_some());
    let programs: Vec<Taken<'_>> = of(taken, |row| row.language.is_some());
    [
        ("Servers: sizes", &servers, sizes()),
        ("Servers: start to first answer", &servers, starts()),
        ("Servers: idle, without a client", &servers, idle()),
        ("Servers: idle, with clients", &servers, with_clients()),
        ("Client programs", &programs, clients()),
    ]
    .into_iter()
    .filter_map(|(title, rows, fields)| table(title, rows, &fields, runs))
    .collect()
}

fn of<'v>(taken: &[Taken<'v>], is_of: impl Fn(&FootprintRow) -> bool) -> Vec<Taken<'v>> {
    taken.iter().copied().filter(|one| is_of(one.row)).collect()
}

fn table(title: &str, taken: &[Taken<'_>], fields: &[Field], runs: usize) -> Option<Table> {
    let mut columns = vec![
        Column::text("footprint"),
        Column {
            explained_as: Some("arch"),
            ..Column::text("architecture")
        },
    ];
    columns.extend(fields.iter().map(|field| Column { ..field.column }));
    if runs > 1 {
        columns.push(Column::text("run"));
    }
    let rows: Vec<Line> = taken
        .iter()
        .filter_map(|one| line(*one, fields, runs))
        .collect();
    (!rows.is_empty()).then(|| Table {
        title: title.to_owned(),
        columns,
        rows,
    })
}

/// Nothing for a footprint of which the table has no figure.
fn line(one: Taken<'_>, fields: &[Field], runs: usize) -> Option<Line> {
    let figures: Vec<Option<String>> = fields.iter().map(|field| (field.text)(one.row)).collect();
    let is_figure = |field: &Field| field.column.is_number;
    let says = fields.iter().zip(&figures);
    if !says
        .filter(|(field, _)| is_figure(field))
        .any(|(_, text)| text.is_some())
    {
        return None;
    }
    let mut cells = vec![name(one.row), architecture(one.row)];
    cells.extend(
        figures
            .into_iter()
            .map(|text| text.unwrap_or_else(|| NONE.to_owned())),
    );
    if runs > 1 {
        cells.push(several::heading(one.run));
    }
    Some(Line {
        bus: bus(one.row).to_owned(),
        tone: tone(one.row),
        cells,
    })
}

const fn number(
    title: &'static str,
    explained_as: &'static str,
    text: fn(&FootprintRow) -> Option<String>,
) -> Field {
    Field {
        column: Column {
            title,
            is_number: true,
            explained_as: Some(explained_as),
        },
        text,
    }
}

fn bytes(value: Option<u64>) -> Option<String> {
    Some(size(value? as f64))
}

fn share(value: Option<f64>) -> Option<String> {
    Some(format::percent(value?))
}

/// The ends of a figure's interval.
fn ends(figure: FootprintFigure, row: &FootprintRow) -> Option<String> {
    let (_, interval) = figure.of(row)?;
    let interval = interval?;
    let [low, high] = [interval.low, interval.high].map(|end| super::told(figure, end));
    Some(format!("{low} – {high}"))
}

fn value(figure: FootprintFigure, row: &FootprintRow) -> Option<String> {
    Some(super::told(figure, figure.of(row)?.0))
}

fn sizes() -> Vec<Field> {
    vec![
        number("image, compressed", "image-compressed", |row| {
            bytes(row.image_compressed_bytes)
        }),
        number("image, unpacked", "image-unpacked", |row| {
            bytes(row.image_unpacked_bytes)
        }),
        number("program", "program-bytes", |row| bytes(row.program_bytes)),
        number("its code and constants", "program-bytes", |row| {
            bytes(row.program_text_bytes)
        }),
        number("libraries", "libraries-bytes", |row| {
            bytes(row.libraries_bytes)
        }),
    ]
}

fn starts() -> Vec<Field> {
    let mut fields = vec![
        number("cold", "start-cold", |row| {
            value(FootprintFigure::StartColdNs, row)
        }),
        number("95 % interval", "interval", |row| {
            ends(FootprintFigure::StartColdNs, row)
        }),
        number("warm", "start-warm", |row| {
            value(FootprintFigure::StartWarmNs, row)
        }),
        number("95 % interval", "interval", |row| {
            ends(FootprintFigure::StartWarmNs, row)
        }),
    ];
    fields.extend(trust());
    fields
}

fn idle() -> Vec<Field> {
    let mut fields = vec![
        number("memory", "idle-memory", |row| {
            value(FootprintFigure::IdleRssBytes, row)
        }),
        number("95 % interval", "interval", |row| {
            ends(FootprintFigure::IdleRssBytes, row)
        }),
        number("of it no file's", "idle-memory", |row| {
            Some(memory(row.idle_rss_anonymous_bytes?))
        }),
        number("CPU, of one core", "idle-cpu", |row| {
            share(row.idle_cpu_share)
        }),
        number("threads", "idle-threads", |row| whole(row.idle_threads)),
        number("open files", "idle-open-files", |row| {
            whole(row.idle_open_files)
        }),
    ];
    fields.extend(trust());
    fields
}

fn with_clients() -> Vec<Field> {
    let mut fields = vec![
        number("clients", "clients", |row| {
            Some(format::count(u64::from(row.clients?)))
        }),
        number("memory", "clients-memory", |row| {
            value(FootprintFigure::ClientsRssBytes, row)
        }),
        number("95 % interval", "interval", |row| {
            ends(FootprintFigure::ClientsRssBytes, row)
        }),
        number("each adds", "clients-memory", |row| {
            Some(memory(row.client_rss_bytes?))
        }),
        number("CPU, of one core", "clients-cpu", |row| {
            share(row.clients_cpu_share)
        }),
        number("threads", "clients-threads", |row| {
            whole(row.clients_threads)
        }),
        number("open files", "clients-open-files", |row| {
            whole(row.clients_open_files)
        }),
    ];
    fields.extend(trust());
    fields
}

fn clients() -> Vec<Field> {
    let mut fields = vec![
        number("program", "program-bytes", |row| bytes(row.program_bytes)),
        number("added by the client", "added-bytes", |row| {
            Some(size(row.added_bytes? as f64))
        }),
        number("start, cold", "start-cold", |row| {
            value(FootprintFigure::StartColdNs, row)
        }),
        number("start, warm", "start-warm", |row| {
            value(FootprintFigure::StartWarmNs, row)
        }),
        number("95 % interval", "interval", |row| {
            ends(FootprintFigure::StartWarmNs, row)
        }),
        number("most memory", "program-rss-peak", |row| {
            Some(memory(row.program_rss_peak_bytes?))
        }),
    ];
    fields.extend(trust());
    fields.push(Field {
        column: Column {
            explained_as: Some("profile"),
            ..Column::text("built")
        },
        text: |row| {
            let parts = [row.toolchain.as_deref(), row.profile.as_deref()];
            let parts: Vec<String> = parts.into_iter().flatten().map(format::printable).collect();
            (!parts.is_empty()).then(|| parts.join("; "))
        },
    });
    fields
}

/// Trials and verdict.
fn trust() -> [Field; 2] {
    [
        Field {
            // Text, so that a row with trials and no figure is left out.
            column: Column::text("trials"),
            text: |row| (row.trials > 0).then(|| row.trials.to_string()),
        },
        Field {
            column: Column::text("verdict"),
            text: |row| row.verdict.map(Verdict::name).map(str::to_owned),
        },
    ]
}

/// A median of counts, which can lie half way between two.
fn whole(value: Option<f64>) -> Option<String> {
    let value = value?;
    Some(if value.fract() == 0.0 {
        format::whole(value)
    } else {
        format!("{value:.1}")
    })
}
