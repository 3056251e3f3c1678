//! What a million messages cost: CPU seconds of server and harness, and the server's memory.

use plotters::element::Rectangle;

use super::budget;
use super::canvas::{self, At, Canvas, DrawError, Drawing, filled, px, stroke, text_width};
use super::ink::Ink;
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::format;
use crate::view::{CellView, Group};

const LEGEND: f64 = 28.0;
const HEAD: f64 = 22.0;
const BAR: f64 = 12.0;
/// How strongly the harness's part shows, in the colour of its bus.
const CLIENT: f64 = 0.4;
const GAP: f64 = 28.0;

/// One cell's cost.
struct Bar {
    label: String,
    ink: Ink,
    server_s: Option<f64>,
    client_s: Option<f64>,
    memory_bytes: Option<u64>,
}

/// Where things lie, in CSS pixels; the texts above their bars where labels have no width.
struct Layout {
    width: f64,
    labels: f64,
    row: f64,
    /// Of the longest bar of CPU time.
    cpu: f64,
    /// Where memory begins, and its longest bar; `None` where it is told in text.
    memory: Option<(f64, f64)>,
    /// CPU seconds and bytes at the ends of the longest bars.
    most_s: f64,
    most_bytes: f64,
}

/// `None` where no cell's CPU time is known.
pub(super) fn figure(group: &Group<'_, '_>, name: &str) -> Result<Option<Figure>, RenderError> {
    let (bars, left) = budget::fitting(group.cells().filter_map(bar));
    if bars.is_empty() {
        return Ok(None);
    }
    let load = group.load.name();
    let words = [
        format!(
            "Cost of a million messages, {load} load: {}, {}",
            group.promise(),
            group.in_short()
        ),
        caption(group, left),
        alternative(&bars),
    ];
    Figure::draw((Subject::Cost, name), words, |width| paint(&bars, width)).map(Some)
}

fn bar(cell: &CellView<'_>) -> Option<Bar> {
    let row = &cell.row;
    // 1 ns for each is a millisecond for a million.
    let seconds = |ns: Option<f64>| ns.map(|ns| ns / 1e3).filter(|seconds| seconds.is_finite());
    let [server_s, client_s] =
        [row.server_cpu_ns_per_message, row.client_cpu_ns_per_message].map(seconds);
    if server_s.is_none() && client_s.is_none() {
        return None;
    }
    let floor = if cell.is_floor() { " (floor)" } else { "" };
    Some(Bar {
        label: format!("{}{floor}{}", cell.label, cell.doubts()),
        ink: Ink::of(&row.bus, ""),
        server_s,
        client_s,
        memory_bytes: row.server_rss_peak_bytes,
    })
}

impl Bar {
    fn whole_s(&self) -> f64 {
        self.server_s.unwrap_or(0.0) + self.client_s.unwrap_or(0.0)
    }

    /// `1.23 + 4.56 s`; a part that was not read is a dash.
    fn cpu(&self) -> String {
        let [server, client] = [self.server_s, self.client_s]
            .map(|seconds| seconds.map_or_else(|| "–".to_owned(), format::significant));
        format!("{server} + {client} s")
    }

    fn memory(&self) -> String {
        self.memory_bytes
            .map_or_else(|| "–".to_owned(), format::bytes)
    }
}

fn caption(group: &Group<'_, '_>, left: usize) -> String {
    let mut text = format!(
        "CPU seconds of server and harness for a million deliveries, and the server's peak memory, \
         from zero. The harness stands for the clients: publishers and subscribers together, with \
         schedule and checks. A dash: not read on this machine, or no server. Conditions: {}.{}",
        group.conditions(),
        budget::left_out(left)
    );
    let missing: Vec<&str> = group
        .cells()
        .filter(|cell| bar(cell).is_none())
        .map(|cell| cell.label.as_str())
        .collect();
    if !missing.is_empty() {
        text.extend([
            " Not drawn, as no cost is known: ",
            &missing.join(", "),
            ".",
        ]);
    }
    text
}

fn alternative(bars: &[Bar]) -> String {
    let cells: Vec<String> = bars
        .iter()
        .map(|bar| format!("{}: {}, {}", bar.label, bar.cpu(), bar.memory()))
        .collect();
    format!(
        "Stacked bars of CPU seconds for a million deliveries, server + harness, and bars of the \
         server's peak memory. {}.",
        cells.join("; ")
    )
}

fn paint(bars: &[Bar], width: u32) -> Result<Drawing, DrawError> {
    let layout = layout(bars, width);
    let heads = if layout.memory.is_some() { HEAD } else { 0.0 };
    let height = LEGEND + heads + bars.len() as f64 * layout.row;
    canvas::draw(width, height, |canvas| {
        legend(canvas, &layout, bars)?;
        if let Some((memory, _)) = layout.memory {
            let columns = [
                (layout.labels, "CPU seconds"),
                (memory, "peak memory of the server"),
            ];
            for (left, head) in columns {
                canvas.text((left, LEGEND + 8.0), head, Ink::Muted, At::Left)?;
                let ends = [(left, LEGEND + heads), (left, height)];
                canvas.line(&ends, stroke(Ink::Grid, 1.0))?;
            }
        }
        for (place, bar) in bars.iter().enumerate() {
            let top = LEGEND + heads + place as f64 * layout.row;
            row(canvas, &layout, bar, top)?;
        }
        Ok(())
    })
}

fn layout(bars: &[Bar], width: u32) -> Layout {
    let widest = |texts: &mut dyn Iterator<Item = String>| {
        texts.map(|text| text_width(&text)).fold(0.0, f64::max)
    };
    let most_s = bars.iter().map(Bar::whole_s).fold(0.0, f64::max);
    let most_bytes = bars.iter().filter_map(|bar| bar.memory_bytes).max();
    let most_bytes = most_bytes.unwrap_or(0) as f64;
    let whole = f64::from(width);
    if width == NARROW {
        return Layout {
            width: whole,
            labels: 0.0,
            row: 56.0,
            cpu: whole,
            memory: None,
            most_s,
            most_bytes,
        };
    }
    let labels = widest(&mut bars.iter().map(|bar| bar.label.clone())).min(260.0) + 14.0;
    let cpu = widest(&mut bars.iter().map(Bar::cpu)) + 8.0;
    let memory = widest(&mut bars.iter().map(Bar::memory)) + 8.0;
    let room = whole - labels - cpu - memory - GAP;
    let longest = room * 0.68;
    Layout {
        width: whole,
        labels,
        row: 25.0,
        cpu: longest,
        memory: Some((labels + longest + cpu + GAP, room - longest)),
        most_s,
        most_bytes,
    }
}

/// The two strengths, in the colour of the first bar.
fn legend(canvas: &Canvas<'_>, layout: &Layout, bars: &[Bar]) -> Result<(), DrawError> {
    let ink = bars.first().map_or(Ink::Muted, |bar| bar.ink);
    let mut left = 0.0;
    for (name, opacity) in [("server (strong)", 1.0), ("harness (light)", CLIENT)] {
        rectangle(canvas, (left, 10.0, 9.0), 10.0, (ink, opacity))?;
        canvas.text((left + 16.0, 9.0), name, Ink::Text, At::Left)?;
        left += 16.0 + text_width(name) + 20.0;
    }
    if layout.memory.is_none() {
        canvas.text((layout.width, 9.0), "memory", Ink::Text, At::Right)?;
    }
    Ok(())
}

fn row(canvas: &Canvas<'_>, layout: &Layout, bar: &Bar, top: f64) -> Result<(), DrawError> {
    let middle = match layout.memory {
        Some(_) => top + layout.row / 2.0,
        None => top + layout.row - BAR / 2.0 - 5.0,
    };
    let mut left = layout.labels;
    for (seconds, opacity) in [(bar.server_s, 1.0), (bar.client_s, CLIENT)] {
        let length = seconds.unwrap_or(0.0) / layout.most_s.max(f64::MIN_POSITIVE) * layout.cpu;
        rectangle(canvas, (left, length, middle), BAR, (bar.ink, opacity))?;
        left += length;
    }
    let Some((memory, longest)) = layout.memory else {
        let label = canvas::fitting(&bar.label, layout.width);
        canvas.text((0.0, top + 10.0), &label, Ink::Text, At::Left)?;
        let right = (layout.width, top + 26.0);
        canvas.text((0.0, top + 26.0), &bar.cpu(), Ink::Muted, At::Left)?;
        return canvas.text(right, &bar.memory(), Ink::Muted, At::Right);
    };
    let label = canvas::fitting(&bar.label, layout.labels - 10.0);
    canvas.text((layout.labels - 10.0, middle), &label, Ink::Text, At::Right)?;
    canvas.text((left + 8.0, middle), &bar.cpu(), Ink::Text, At::Left)?;
    let bytes = bar.memory_bytes.unwrap_or(0) as f64;
    let length = bytes / layout.most_bytes.max(1.0) * longest;
    rectangle(canvas, (memory, length, middle), BAR, (bar.ink, 1.0))?;
    canvas.text(
        (memory + length + 8.0, middle),
        &bar.memory(),
        Ink::Text,
        At::Left,
    )
}

/// A bar from `left`, of a length, around a level.
fn rectangle(
    canvas: &Canvas<'_>,
    (left, length, middle): (f64, f64, f64),
    thickness: f64,
    (ink, opacity): (Ink, f64),
) -> Result<(), DrawError> {
    let half = thickness / 2.0;
    let corners = [
        (px(left), px(middle - half)),
        (px(left + length), px(middle + half)),
    ];
    canvas
        .area
        .draw(&Rectangle::new(corners, filled(ink, opacity)))
}
