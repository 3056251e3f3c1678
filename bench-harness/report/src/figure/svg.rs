//! Shapes as SVG elements, in few bytes.

use std::fmt::Write;

use maud::Escaper;

use super::backend::{Anchor, Place, Shape};
use super::ink::Ink;

/// Who gives the shapes their colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Attributes, so that a viewer without style sheets shows them, and classes for one with.
    Attributes,
    /// The page's style sheet, by classes.
    Classes,
}

/// What two shapes share that are written as one element.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Line(Ink, u32),
    Area(Ink, f64),
}

/// The elements of a drawing: what is drawn in its order, and texts above it. `scale` is that of the
/// drawing's units.
pub(super) fn elements(shapes: &[Shape], style: Style, scale: u32) -> String {
    let mut svg = String::new();
    let mut open: Option<(Kind, String)> = None;
    for shape in shapes {
        let next = match shape {
            Shape::Line(ink, width, points) => {
                Some((Kind::Line(*ink, *width), path(points, false)))
            }
            Shape::Area(ink, opacity, corners) => {
                Some((Kind::Area(*ink, *opacity), path(corners, true)))
            }
            Shape::Circle(..) => None,
            Shape::Text(..) => continue,
        };
        match (&mut open, next) {
            (Some((kind, data)), Some((next, more))) if *kind == next => data.push_str(&more),
            (_, next) => {
                if let Some((kind, data)) = open.take() {
                    write_path(&mut svg, kind, &data, style, scale);
                }
                open = next;
            }
        }
        if let Shape::Circle(ink, width, (x, y), radius) = shape {
            let dash = width.map_or_else(
                || fill(*ink, style),
                |width| stroke(*ink, width, style, scale),
            );
            put(
                &mut svg,
                format_args!("<circle{dash} cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"),
            );
        }
    }
    if let Some((kind, data)) = open {
        write_path(&mut svg, kind, &data, style, scale);
    }
    for shape in shapes {
        if let Shape::Text(ink, anchor, place, text) = shape {
            write_text(&mut svg, (*ink, *anchor), *place, text, (style, scale));
        }
    }
    svg
}

fn write_path(svg: &mut String, kind: Kind, data: &str, style: Style, scale: u32) {
    let (look, opacity) = match kind {
        Kind::Line(ink, width) => (stroke(ink, width, style, scale), 1.0),
        Kind::Area(ink, opacity) => (fill(ink, style), opacity),
    };
    put(svg, format_args!("<path{look}"));
    if opacity < 1.0 {
        put(svg, format_args!(" opacity=\"{opacity}\""));
    }
    put(svg, format_args!(" d=\"{data}\"/>"));
}

fn write_text(
    svg: &mut String,
    (ink, anchor): (Ink, Anchor),
    (x, y): Place,
    text: &str,
    (style, scale): (Style, u32),
) {
    let (class, color) = ink.class_and_light();
    // The middle of a digit, not that of a small letter.
    let y = f64::from(y) + 0.35 * super::canvas::TEXT * f64::from(scale);
    put(svg, format_args!("<text x=\"{x}\" y=\"{y:.0}\""));
    let (short, long) = match anchor {
        Anchor::Start => ("", "start"),
        Anchor::Middle => (" m", "middle"),
        Anchor::End => (" e", "end"),
    };
    match style {
        Style::Classes => put(svg, format_args!(" class=\"f-{class}{short}\">")),
        Style::Attributes => put(
            svg,
            format_args!(" text-anchor=\"{long}\" fill=\"{color}\" class=\"f-{class}\">"),
        ),
    }
    // Writing to a String cannot fail.
    let _ = Escaper::new(svg).write_str(text);
    svg.push_str("</text>");
}

fn fill(ink: Ink, style: Style) -> String {
    let (class, color) = ink.class_and_light();
    match style {
        Style::Classes => format!(" class=\"f-{class}\""),
        Style::Attributes => format!(" fill=\"{color}\" class=\"f-{class}\""),
    }
}

fn stroke(ink: Ink, width: u32, style: Style, scale: u32) -> String {
    let (class, color) = ink.class_and_light();
    let dash = ink.dash();
    match (style, dash) {
        (Style::Classes, None) => format!(" class=\"s-{class}\" stroke-width=\"{width}\""),
        (Style::Classes, Some((number, _))) => {
            format!(" class=\"s-{class} d{number}\" stroke-width=\"{width}\"")
        }
        (Style::Attributes, _) => {
            let dashes = dash.map(|(_, dashes)| {
                let dashes: Vec<String> = dashes
                    .iter()
                    .map(|dash| (dash * scale).to_string())
                    .collect();
                format!(" stroke-dasharray=\"{}\"", dashes.join(" "))
            });
            let dashes = dashes.unwrap_or_default();
            format!(
                " fill=\"none\" stroke=\"{color}\" class=\"s-{class}\" stroke-width=\"{width}\"{dashes}"
            )
        }
    }
}

/// Path data: absolute at its start, then each step from the point before it.
fn path(points: &[Place], is_closed: bool) -> String {
    let mut data = String::new();
    let mut before: Option<Place> = None;
    let mut is_sloping = false;
    for &(x, y) in points {
        let Some((from_x, from_y)) = before.replace((x, y)) else {
            put(&mut data, format_args!("M{x} {y}"));
            continue;
        };
        let step = (x - from_x, y - from_y);
        let was_sloping = std::mem::replace(&mut is_sloping, step.0 != 0 && step.1 != 0);
        match step {
            (0, 0) => is_sloping = was_sloping,
            (0, down) => put(&mut data, format_args!("v{down}")),
            (right, 0) => put(&mut data, format_args!("h{right}")),
            (right, down) => {
                let before = match (was_sloping, right < 0) {
                    (false, _) => "l",
                    (true, true) => "",
                    (true, false) => " ",
                };
                let between = if down < 0 { "" } else { " " };
                put(&mut data, format_args!("{before}{right}{between}{down}"));
            }
        }
    }
    if is_closed {
        data.push('z');
    }
    data
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::super::backend::{Anchor, Shape};
    use super::super::ink::Ink;
    use super::{Style, elements, path};

    #[track_caller]
    fn check(shapes: &[Shape], classes: &str, attributes: &str) {
        assert_eq!(elements(shapes, Style::Classes, 4), classes);
        assert_eq!(elements(shapes, Style::Attributes, 4), attributes);
    }

    #[test]
    fn steps_are_told_from_the_point_before() {
        let points = [
            (10, 20),
            (13, 15),
            (11, 14),
            (12, 16),
            (12, 30),
            (5, 30),
            (6, 31),
        ];
        assert_eq!(path(&points, false), "M10 20l3-5-2-1 1 2v14h-7l1 1");
        assert_eq!(
            path(&[(0, 0), (8, 0), (8, 4), (0, 4)], true),
            "M0 0h8v4h-8z"
        );
        assert_eq!(path(&[(1, 1), (1, 1)], false), "M1 1");
    }

    #[test]
    fn a_page_has_classes_and_a_file_has_colours_too() {
        let bus = Ink::of("mqtt5", "json");
        check(
            &[Shape::Line(bus, 7, vec![(0, 0), (4, 0)])],
            "<path class=\"s-mqtt5 d1\" stroke-width=\"7\" d=\"M0 0h4\"/>",
            "<path fill=\"none\" stroke=\"#bf8600\" class=\"s-mqtt5\" stroke-width=\"7\" \
             stroke-dasharray=\"24 12\" d=\"M0 0h4\"/>",
        );
        check(
            &[Shape::Circle(bus, None, (1, 2), 3)],
            "<circle class=\"f-mqtt5\" cx=\"1\" cy=\"2\" r=\"3\"/>",
            "<circle fill=\"#bf8600\" class=\"f-mqtt5\" cx=\"1\" cy=\"2\" r=\"3\"/>",
        );
    }

    #[test]
    fn what_looks_alike_and_follows_on_each_other_is_one_element() {
        let grid = |y| Shape::Line(Ink::Grid, 8, vec![(0, y), (9, y)]);
        let bar = Shape::Area(Ink::Muted, 0.4, vec![(0, 0), (3, 0), (3, 2), (0, 2)]);
        let svg = elements(&[grid(0), grid(5), bar, grid(7)], Style::Classes, 4);
        assert_eq!(
            svg,
            "<path class=\"s-grid\" stroke-width=\"8\" d=\"M0 0h9M0 5h9\"/>\
             <path class=\"f-muted\" opacity=\"0.4\" d=\"M0 0h3v2h-3z\"/>\
             <path class=\"s-grid\" stroke-width=\"8\" d=\"M0 7h9\"/>"
        );
    }

    #[test]
    fn texts_are_above_the_rest_and_stay_text() {
        let shapes = [
            Shape::Text(Ink::Text, Anchor::End, (5, 10), "<b> & \"c\"".to_owned()),
            Shape::Line(Ink::Grid, 8, vec![(0, 0), (0, 9)]),
        ];
        let svg = elements(&shapes, Style::Classes, 10);
        assert_eq!(
            svg,
            "<path class=\"s-grid\" stroke-width=\"8\" d=\"M0 0v9\"/>\
             <text x=\"5\" y=\"52\" class=\"f-text e\">&lt;b&gt; &amp; &quot;c&quot;</text>"
        );
    }
}
