//! Footprints as bars: under each server, or client library, one bar for each provider, architecture
//! and run.

use busbench_results::footprint::{FootprintFigure, FootprintRow};

use super::{Taken, architecture, bus, program, tls, told, tone};
use crate::RenderError;
use crate::figure::{self, Figure, Measure, Subject};
use crate::format;
use crate::several::{Bar, SharedCell};

/// A figure that is drawn: stem of its file, title, what a bar is, the same in short, axis and unit.
type Drawn = (FootprintFigure, [&'static str; 5], f64);

const DRAWN: [Drawn; 5] = [
    (
        FootprintFigure::ImageCompressedBytes,
        [
            "footprint-images",
            "Size of the servers' images, compressed",
            "An image's layers as gzip archives: about what a registry sends.",
            "sizes of images",
            "MB",
        ],
        1e6,
    ),
    (
        FootprintFigure::StartWarmNs,
        [
            "footprint-starts",
            "Start to first answer, warm",
            "From the request that a server be started, its program in memory, to its first answer to a \
             handshake.",
            "times from start to first answer",
            "ms",
        ],
        1e6,
    ),
    (
        FootprintFigure::IdleRssBytes,
        [
            "footprint-memory",
            "Memory of idle servers",
            "Resident memory of a server that nobody is connected to.",
            "resident memory",
            "MiB",
        ],
        1_048_576.0,
    ),
    (
        FootprintFigure::ClientsRssBytes,
        [
            "footprint-memory-with-clients",
            "Memory of servers with idle clients",
            "Resident memory of a server with idle clients.",
            "resident memory",
            "MiB",
        ],
        1_048_576.0,
    ),
    (
        FootprintFigure::AddedBytes,
        [
            "footprint-clients",
            "What a client library adds to a program",
            "By how much the smallest program with the library is larger than the one without.",
            "sizes that client libraries add",
            "MB",
        ],
        1e6,
    ),
];

/// One for each figure that a footprint has.
pub(super) fn all(taken: &[Taken<'_>]) -> Result<Vec<Figure>, RenderError> {
    let mut figures = Vec::new();
    for (drawn, [name, title, what, in_short, axis], unit) in DRAWN {
        let trials = if drawn.rests_on_trials() {
            " Whiskers are 95 % intervals over trials (from 3 trials on)."
        } else {
            ""
        };
        let measure = Measure {
            subject: Subject::Footprint,
            name,
            title: title.to_owned(),
            what: format!("{what}{trials}"),
            in_short,
            axis,
            unit,
        };
        figures.extend(figure::side_by_side(&measure, &cells(taken, drawn))?);
    }
    Ok(figures)
}

/// A heading for each server or library, in the order in which they come.
fn cells(taken: &[Taken<'_>], figure: FootprintFigure) -> Vec<SharedCell> {
    let mut cells: Vec<SharedCell> = Vec::new();
    for one in taken {
        // A client program's start is one with its end, and is told in its table only.
        let is_drawn = one.row.server.is_some() || !figure.rests_on_trials();
        let Some(bar) = bar(one.row, figure).filter(|_| is_drawn) else {
            continue;
        };
        let label = heading(one.row);
        match cells.iter_mut().find(|cell| cell.label == label) {
            Some(cell) => cell.bars.push(Bar {
                // How far it is filled tells bars of one heading apart.
                run: cell.bars.len(),
                ..bar
            }),
            None => cells.push(SharedCell {
                bus: bus(one.row).to_owned(),
                label,
                is_floor: false,
                bars: vec![bar],
            }),
        }
    }
    cells
}

fn heading(row: &FootprintRow) -> String {
    let text = match (&row.server, &row.language, &row.client) {
        (Some(server), ..) => server.clone(),
        (_, Some(_), Some(client)) => {
            let library = row.library.as_ref().unwrap_or(client);
            format!("{}, {library}{}", program(row), tls(row))
        }
        _ => row.footprint.clone(),
    };
    format::printable(&text)
}

/// `None` where the footprint has no such figure.
fn bar(row: &FootprintRow, figure: FootprintFigure) -> Option<Bar> {
    let (value, interval) = figure.of(row)?;
    let place = [
        row.provider.clone(),
        row.server_version.clone(),
        row.library_version.clone(),
        Some(architecture(row)),
    ];
    let place: Vec<String> = place.into_iter().flatten().collect();
    Some(Bar {
        run: 0,
        label: format::printable(&place.join(", ")),
        // A size is the same under an emulator.
        is_emulated: row.emulated && figure.rests_on_trials(),
        value: Some(value),
        interval: interval.map(|ends| (ends.low, ends.high)),
        text: told(figure, value),
        tone: tone(row),
        state: String::new(),
    })
}
