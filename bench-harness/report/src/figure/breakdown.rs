//! Where a message's time goes: for each bus a panel of stacked bars, by payload and layout.

use busbench_results::sets_of_alike;
use plotters::element::Rectangle;

use super::canvas::{self, At, Canvas, DrawError, Drawing, filled, px, stroke, text_width};
use super::ink::Ink;
use super::{Figure, NARROW, Subject};
use crate::RenderError;
use crate::envelopes::{Breakdown, Parts};
use crate::format;

const LEGEND: f64 = 30.0;
const TITLE: f64 = 24.0;
/// Above the bars of a payload.
const HEADING: f64 = 19.0;
const ROW: f64 = 16.0;
const BAR: f64 = 10.0;
const BLOCK_GAP: f64 = 8.0;
const PANEL_GAP: f64 = 26.0;
const COLUMN_GAP: f64 = 36.0;

/// Payloads of a bus in one picture.
const PAYLOADS_AT_MOST: usize = 10;

/// Name, colour and length.
type Part = (&'static str, Ink, fn(Parts) -> f64);

/// What a bar is made of, from left to right.
const PARTS: [Part; 3] = [
    ("encode", Ink::Encode, |parts| parts.encode_ns),
    ("transport", Ink::Transport, |parts| parts.transport_ns),
    ("decode", Ink::Decode, |parts| parts.decode_ns),
];

/// Where things lie in a panel, in CSS pixels.
struct Layout {
    /// Of the column of labels.
    labels: f64,
    /// Of the longest bar.
    bars: f64,
    /// Of a whole panel.
    panel: f64,
}

/// Leaves out payloads that a picture has no room for.
pub(super) fn shorten(breakdown: &mut Breakdown<'_, '_>) {
    let most = breakdown
        .panels
        .iter()
        .map(|panel| panel.blocks.len())
        .max();
    let left = most.unwrap_or(0).saturating_sub(PAYLOADS_AT_MOST);
    if left > 0 {
        for panel in &mut breakdown.panels {
            panel.blocks.truncate(PAYLOADS_AT_MOST);
        }
        let why = format!("only {PAYLOADS_AT_MOST} payloads of a bus are drawn");
        breakdown
            .not_drawn
            .push((format!("{left} more payloads"), why));
    }
}

pub(super) fn figure(breakdown: &Breakdown<'_, '_>, name: &str) -> Result<Figure, RenderError> {
    let words = [
        format!("Where a message's time goes: depth {}", breakdown.depth),
        caption(breakdown),
        alternative(breakdown),
    ];
    Figure::draw((Subject::Breakdown, name), words, |width| {
        paint(breakdown, width)
    })
}

fn caption(breakdown: &Breakdown<'_, '_>) -> String {
    let mut text = format!(
        "Mean times of a message under open load, from the instant at which the pacer turned to it \
         until a subscriber had opened it: encode, transport and decode. Means are shown because they \
         add up, which medians do not; a few late messages raise them. Transport is all that is \
         neither encode nor decode. Beside each bar: the sum, and the share of encode and decode in it. \
         Each payload has a scale of its own, from zero to the number at its right, the same for every \
         bus. Conditions: {}.",
        breakdown.conditions
    );
    let reasons = sets_of_alike(&breakdown.not_drawn, |one, other| one.1 == other.1);
    if !reasons.is_empty() {
        let cells = reasons.iter().map(|set| {
            let cells: Vec<&str> = set.iter().map(|(what, _)| what.as_str()).collect();
            format!("{} ({})", cells.join(", "), set[0].1)
        });
        let cells: Vec<String> = cells.collect();
        text.extend([" Not drawn: ", &cells.join("; "), "."]);
    }
    text
}

fn alternative(breakdown: &Breakdown<'_, '_>) -> String {
    let panels = breakdown.panels.iter().map(|panel| {
        let blocks = panel.blocks.iter().map(|block| {
            let bars = block.bars.iter().map(|bar| {
                let times = PARTS.map(|(_, _, of)| format::significant(of(bar.parts) / 1e3));
                format!("{} {}", bar.label(), times.join(" + "))
            });
            format!("{}: {}", block.payload, bars.collect::<Vec<_>>().join(", "))
        });
        format!(
            "{}: {}",
            panel.title(),
            blocks.collect::<Vec<_>>().join("; ")
        )
    });
    format!(
        "Stacked bars of mean encode + transport + decode time in µs. {}.",
        panels.collect::<Vec<_>>().join(". ")
    )
}

fn paint(breakdown: &Breakdown<'_, '_>, width: u32) -> Result<Drawing, DrawError> {
    let columns = if width == NARROW { 1 } else { 2 };
    let gaps = COLUMN_GAP * (columns - 1) as f64;
    let layout = layout(breakdown, (f64::from(width) - gaps) / columns as f64);
    let heights: Vec<f64> = breakdown
        .panels
        .chunks(columns)
        .map(|panels| {
            let heights = panels.iter().map(|panel| {
                let bars: usize = panel.blocks.iter().map(|block| block.bars.len()).sum();
                let blocks = panel.blocks.len() as f64;
                TITLE + bars as f64 * ROW + blocks * (HEADING + BLOCK_GAP)
            });
            heights.fold(0.0, f64::max) + PANEL_GAP
        })
        .collect();
    let height = LEGEND + heights.iter().sum::<f64>() - PANEL_GAP;
    canvas::draw(width, height, |canvas| {
        legend(canvas)?;
        let mut top = LEGEND;
        for (panels, height) in breakdown.panels.chunks(columns).zip(&heights) {
            for (column, panel) in panels.iter().enumerate() {
                let left = column as f64 * (layout.panel + COLUMN_GAP);
                let title = canvas::fitting(&panel.title(), layout.panel);
                canvas.text((left, top + 10.0), &title, Ink::Text, At::Left)?;
                let mut block_top = top + TITLE;
                for block in &panel.blocks {
                    let scale_ns = scale_ns(breakdown, block.payload);
                    heading(canvas, &layout, block.payload, scale_ns, (left, block_top))?;
                    let bottom = block_top + HEADING + block.bars.len() as f64 * ROW;
                    for x in [0.0, 0.5, 1.0].map(|share| left + layout.labels + share * layout.bars)
                    {
                        let ends = [(x, block_top + HEADING - 3.0), (x, bottom)];
                        canvas.line(&ends, stroke(Ink::Grid, 1.0))?;
                    }
                    for (place, bar) in block.bars.iter().enumerate() {
                        let middle = block_top + HEADING + (place as f64 + 0.5) * ROW;
                        let label = canvas::fitting(bar.label(), layout.labels - 8.0);
                        let right = left + layout.labels - 8.0;
                        canvas.text((right, middle), &label, Ink::Text, At::Right)?;
                        bar_of(canvas, &layout, bar.parts, scale_ns, (left, middle))?;
                    }
                    block_top = bottom + BLOCK_GAP;
                }
            }
            top += height;
        }
        Ok(())
    })
}

fn layout(breakdown: &Breakdown<'_, '_>, panel: f64) -> Layout {
    let bars = || {
        let blocks = breakdown.panels.iter().flat_map(|panel| &panel.blocks);
        blocks.flat_map(|block| &block.bars)
    };
    let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
    let labels = widest(&mut bars().map(|bar| text_width(bar.label()))).min(120.0) + 10.0;
    let values = widest(&mut bars().map(|bar| text_width(&value(bar.parts)))) + 8.0;
    Layout {
        labels,
        bars: panel - labels - values,
        panel,
    }
}

/// The longest bar of a payload on any bus, rounded up to two digits.
fn scale_ns(breakdown: &Breakdown<'_, '_>, payload: &str) -> f64 {
    let blocks = breakdown.panels.iter().flat_map(|panel| &panel.blocks);
    let bars = blocks
        .filter(|block| block.payload == payload)
        .flat_map(|block| &block.bars);
    let most = bars.map(|bar| bar.parts.whole_ns()).fold(1.0, f64::max);
    let step = 10_f64.powf(most.log10().floor() - 1.0);
    (most / step).ceil() * step
}

/// What stands beside a bar.
fn value(parts: Parts) -> String {
    let share = parts.codec_share() * 100.0;
    let share = if share < 0.1 {
        "<0.1".to_owned()
    } else if share < 9.95 {
        format!("{share:.1}")
    } else {
        format!("{share:.0}")
    };
    format!("{}, {share} %", format::duration(parts.whole_ns()))
}

fn legend(canvas: &Canvas<'_>) -> Result<(), DrawError> {
    let mut left = 0.0;
    for (name, ink, _) in PARTS {
        let corners = [(px(left), px(4.0)), (px(left + 10.0), px(14.0))];
        canvas
            .area
            .draw(&Rectangle::new(corners, filled(ink, 1.0)))?;
        canvas.text((left + 16.0, 9.0), name, Ink::Text, At::Left)?;
        left += 16.0 + text_width(name) + 20.0;
    }
    Ok(())
}

fn heading(
    canvas: &Canvas<'_>,
    layout: &Layout,
    payload: &str,
    scale_ns: f64,
    (left, top): (f64, f64),
) -> Result<(), DrawError> {
    let right = left + layout.labels + layout.bars;
    let end = format::duration(scale_ns);
    let room = layout.labels + layout.bars - text_width(&end) - 10.0;
    let payload = canvas::fitting(payload, room);
    canvas.text((left, top + 8.0), &payload, Ink::Muted, At::Left)?;
    canvas.text((right, top + 8.0), &end, Ink::Muted, At::Right)
}

/// The parts end to end, with a line of paper between them.
fn bar_of(
    canvas: &Canvas<'_>,
    layout: &Layout,
    parts: Parts,
    scale_ns: f64,
    (left, middle): (f64, f64),
) -> Result<(), DrawError> {
    let (top, bottom) = (middle - BAR / 2.0, middle + BAR / 2.0);
    let mut at = left + layout.labels;
    for (_, ink, of) in PARTS {
        let end = at + of(parts) / scale_ns * layout.bars;
        let corners = [(px(at), px(top)), (px(end), px(bottom))];
        canvas
            .area
            .draw(&Rectangle::new(corners, filled(ink, 1.0)))?;
        at = end;
    }
    canvas.text((at + 7.0, middle), &value(parts), Ink::Text, At::Left)
}
