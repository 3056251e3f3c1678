//! A plotters drawing measured in CSS pixels, and the SVG element around it.

use std::convert::Infallible;

use maud::{PreEscaped, html};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, ShapeStyle};

use super::backend::{Backend, Shape};
use super::ink::{self, Ink};
use super::svg::{self, Style};
use crate::format;

/// Plotters draws on whole numbers: drawn larger, a curve has no steps.
pub(super) const SCALE: u32 = 8;

/// Size of all text, in CSS pixels.
pub(super) const TEXT: f64 = 12.0;

/// Around a file of its own, and above its drawing for the title.
const MARGIN: u32 = 24;
const HEAD: u32 = 32;

/// Widths of a letter and of a digit by the size of the text, on average.
const LETTER: f64 = 0.56;

pub(super) type DrawError = DrawingAreaErrorKind<Infallible>;
pub(super) type Area<'a> = DrawingArea<Backend<'a>, Shift>;

/// What was drawn.
pub(crate) struct Drawing {
    width: u32,
    height: u32,
    shapes: Vec<Shape>,
}

/// How a text lies at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Left,
    Middle,
    Right,
}

/// A drawing while it is made.
pub(super) struct Canvas<'a> {
    pub(super) area: Area<'a>,
}

/// CSS pixels as the backend's.
#[expect(clippy::cast_possible_truncation, reason = "a few thousand at most")]
pub(super) fn px(pixels: f64) -> i32 {
    (pixels * f64::from(SCALE)).round() as i32
}

/// Width of a text in CSS pixels, roughly: fonts are the reader's.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * TEXT * LETTER
}

/// A text cut off to a width.
pub(super) fn fitting(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    let mut short: Vec<char> = text.chars().collect();
    while !short.is_empty() && (short.len() + 1) as f64 * TEXT * LETTER > width {
        short.pop();
    }
    short.into_iter().chain(['…']).collect()
}

/// Draws a picture of a size in CSS pixels.
pub(super) fn draw(
    width: u32,
    height: f64,
    paint: impl FnOnce(&Canvas<'_>) -> Result<(), DrawError>,
) -> Result<Drawing, DrawError> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few thousand at most"
    )]
    let height = height.ceil() as u32;
    let mut shapes = Vec::new();
    {
        let backend = Backend::new((width * SCALE, height * SCALE), &mut shapes);
        let canvas = Canvas {
            area: backend.into_drawing_area(),
        };
        paint(&canvas)?;
        canvas.area.present()?;
    }
    Ok(Drawing {
        width,
        height,
        shapes,
    })
}

/// A line of a width in CSS pixels.
pub(super) fn stroke(ink: Ink, width: f64) -> ShapeStyle {
    ShapeStyle::from(ink.color()).stroke_width(px(width).unsigned_abs())
}

impl Canvas<'_> {
    /// Writes a text at a point in CSS pixels, centred upright.
    pub(super) fn text(
        &self,
        (x, y): (f64, f64),
        text: &str,
        ink: Ink,
        at: At,
    ) -> Result<(), DrawError> {
        let h_pos = match at {
            At::Left => HPos::Left,
            At::Middle => HPos::Center,
            At::Right => HPos::Right,
        };
        let size = TEXT * f64::from(SCALE);
        let font: FontDesc<'_> = ("sans-serif", size).into();
        let style = font.color(&ink.color()).pos(Pos::new(h_pos, VPos::Center));
        self.area
            .draw(&Text::new(format::printable(text), (px(x), px(y)), style))
    }

    /// Draws a line through points in CSS pixels.
    pub(super) fn line(&self, points: &[(f64, f64)], style: ShapeStyle) -> Result<(), DrawError> {
        let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| (px(x), px(y))).collect();
        self.area.draw(&PathElement::new(points, style))
    }
}

impl Drawing {
    /// A file of its own, with a margin and its title in it.
    pub(super) fn file(&self, title: &str, description: &str) -> String {
        let style = format!(
            "text{{font-family:system-ui,sans-serif}}\n{}",
            ink::style_sheet()
        );
        let body = svg::elements(&self.shapes, Style::Attributes, SCALE);
        let (width, height) = (self.width + 2 * MARGIN, self.height + 2 * MARGIN + HEAD);
        let [left, top] = [MARGIN, MARGIN + HEAD].map(|length| format!("-{}", length * SCALE));
        let view_box = format!("{left} {top} {} {}", width * SCALE, height * SCALE);
        let svg = html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
                viewBox=(view_box) font-size=(font_size()) role="img" aria-label=(title)
            {
                title { (title) }
                desc { (description) }
                style { (PreEscaped(style)) }
                rect x=(left) y=(top) width="100%" height="100%" fill="#ffffff" class="f-paper" {}
                text y={ "-" (HEAD * SCALE / 2) } font-size=(16 * SCALE) font-weight="600"
                    fill="#1d2329" class="f-text" { (title) }
                (PreEscaped(body))
            }
        };
        svg.into_string() + "\n"
    }

    /// A part of a page, whose style sheet it shares.
    pub(super) fn inline(&self, form: &str, name: &str, title: &str, description: &str) -> String {
        let (title_id, description_id) = (
            format!("{name}-{form}-title"),
            format!("{name}-{form}-text"),
        );
        let body = svg::elements(&self.shapes, Style::Classes, SCALE);
        let view_box = format!("0 0 {} {}", self.width * SCALE, self.height * SCALE);
        let svg = html! {
            svg class=(form) viewBox=(view_box) font-size=(font_size()) role="img"
                aria-labelledby=(title_id) aria-describedby=(description_id)
            {
                title id=(title_id) { (title) }
                desc id=(description_id) { (description) }
                (PreEscaped(body))
            }
        };
        svg.into_string()
    }
}

/// Of all text, in the drawing's units.
fn font_size() -> i32 {
    px(TEXT)
}

/// Steps of 1, 2 or 5 times a power of ten, at most `most` of them up to `max`.
pub(super) fn round_step(max: f64, most: u32) -> f64 {
    let rough = max / f64::from(most.max(1));
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * (1.0 - 1e-9));
    step.unwrap_or(rough)
}

/// Fills a rectangle's style.
pub(super) fn filled(ink: Ink, opacity: f64) -> ShapeStyle {
    ink.color().mix(opacity).filled()
}

#[cfg(test)]
mod tests {
    use super::{fitting, round_step};

    #[test]
    fn steps_are_round() {
        for (max, most, step) in [
            (322_000.0, 5, 100_000.0),
            (98.0, 5, 20.0),
            (1.0, 4, 0.5),
            (10.0, 10, 1.0),
        ] {
            assert!(
                (round_step(max, most) / step - 1.0_f64).abs() < 1e-9,
                "{max}"
            );
        }
    }

    #[test]
    fn a_long_text_is_cut_off_visibly() {
        assert_eq!(fitting("nats-core", 200.0), "nats-core");
        assert_eq!(fitting("nats-core json-base64", 80.0), "nats-core …");
    }
}
