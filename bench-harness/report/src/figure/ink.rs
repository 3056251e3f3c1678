//! Colours: one for each bus throughout a report, in a light and a dark form.
//!
//! Pictures are drawn with stand-in colours, from which the backend knows what each shape is drawn
//! with. A style sheet gives it its light or its dark colour.

use std::fmt::Write;

use plotters::style::RGBColor;

use super::canvas::SCALE;

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Text,
    Muted,
    Grid,
    Paper,
    /// Where a message's time goes.
    Encode,
    Transport,
    Decode,
    /// A bus, by its place in [`BUSES`], and its envelope, by its place in [`DASHES`].
    Bus(u8, u8),
}

/// Name, light and dark colour. The hues are those of Okabe and Ito, "Color Universal Design",
/// 2008, made darker for a light page and lighter for a dark one; buses of one server are two
/// shades of neighbouring hues.
const BUSES: [(&str, &str, &str); 11] = [
    ("nats-core", "#0067a6", "#4ba3dd"),
    ("nats-jetstream", "#3d9bd6", "#9ad6f7"),
    ("mqtt3", "#c24f00", "#f0813a"),
    ("mqtt5", "#bf8600", "#f2bd4b"),
    ("redis-pubsub", "#008763", "#2cc498"),
    ("redis-streams", "#b4508a", "#e59cc6"),
    ("nats-mqtt", "#77721a", "#e6dd55"),
    // Floors are grey.
    ("null", "#737a84", "#9aa3ae"),
    ("tcp-relay", "#4d535c", "#c3c9d1"),
    // Buses that a later version knows.
    ("other-1", "#7353ba", "#b79cf0"),
    ("other-2", "#8a5a44", "#d3a48e"),
];

/// Envelope and how its lines are dashed, in CSS pixels.
const DASHES: [(&str, &[u32]); 4] = [
    ("native", &[]),
    ("json", &[6, 3]),
    ("json-base64", &[2, 3]),
    ("cbor", &[8, 3, 2, 3]),
];

const INKS: [(Ink, &str, &str, &str); 7] = [
    (Ink::Text, "text", "#1d2329", "#e8ebee"),
    (Ink::Muted, "muted", "#5d6771", "#a0a9b3"),
    (Ink::Grid, "grid", "#dfe3e7", "#333a42"),
    (Ink::Paper, "paper", "#ffffff", "#171b20"),
    // Blue and yellow are told apart with every common colour blindness, and by their lightness
    // without colours.
    (Ink::Encode, "encode", "#43328f", "#a493ff"),
    (Ink::Transport, "transport", "#868d96", "#6f7883"),
    (Ink::Decode, "decode", "#b87b00", "#ffd166"),
];

impl Ink {
    /// The ink of a bus's envelope. Names that are not known share the last colours.
    pub(crate) fn of(bus: &str, envelope: &str) -> Self {
        let dash = DASHES.iter().position(|(name, _)| *name == envelope);
        Self::Bus(place_of(bus), u8::try_from(dash.unwrap_or(0)).unwrap_or(0))
    }

    /// The same colour without dashes.
    pub(super) fn solid(self) -> Self {
        match self {
            Self::Bus(bus, _) => Self::Bus(bus, 0),
            other => other,
        }
    }

    /// The stand-in that plotters draws with.
    pub(super) fn color(self) -> RGBColor {
        match self {
            Self::Text => RGBColor(1, 0, 0),
            Self::Muted => RGBColor(1, 0, 1),
            Self::Grid => RGBColor(1, 0, 2),
            Self::Paper => RGBColor(1, 0, 3),
            Self::Encode => RGBColor(1, 0, 4),
            Self::Transport => RGBColor(1, 0, 5),
            Self::Decode => RGBColor(1, 0, 6),
            Self::Bus(bus, dash) => RGBColor(2, bus, dash),
        }
    }

    /// What a stand-in stands for.
    pub(super) fn of_rgb((kind, first, second): (u8, u8, u8)) -> Option<Self> {
        match (kind, first, second) {
            (1, 0, place) => INKS.get(usize::from(place)).map(|(ink, ..)| *ink),
            (2, bus, dash) => Some(Self::Bus(bus, dash)),
            _ => None,
        }
    }

    /// Its name in classes, and its light colour.
    pub(super) fn class_and_light(self) -> (&'static str, &'static str) {
        match self {
            Self::Bus(bus, _) => {
                let (name, light, _) = BUSES[usize::from(bus).min(BUSES.len() - 1)];
                (name, light)
            }
            other => INKS
                .iter()
                .find(|(ink, ..)| *ink == other)
                .map_or(("text", "#000000"), |(_, name, light, _)| (name, light)),
        }
    }

    /// The number of its dashes, and the dashes in CSS pixels; `None` where a line is drawn through.
    pub(super) fn dash(self) -> Option<(u8, &'static [u32])> {
        let Self::Bus(_, number) = self else {
            return None;
        };
        let (_, dashes) = DASHES.get(usize::from(number))?;
        (!dashes.is_empty()).then_some((number, *dashes))
    }
}

/// The class that colours a chip of a bus in a page.
pub(crate) fn bus_class(bus: &str) -> String {
    format!("f-{}", BUSES[usize::from(place_of(bus))].0)
}

/// The class that colours a line of a bus.
pub(crate) fn line_class(bus: &str) -> String {
    format!("s-{}", BUSES[usize::from(place_of(bus))].0)
}

fn place_of(bus: &str) -> u8 {
    let place = BUSES
        .iter()
        .position(|(name, ..)| *name == bus)
        .unwrap_or(BUSES.len() - 1 - bus.len() % 2);
    u8::try_from(place).unwrap_or(0)
}

/// The rules behind the classes, for light and, where the reader prefers it, dark.
pub(crate) fn style_sheet() -> String {
    let mut light = String::new();
    let mut dark = String::new();
    let inks = INKS
        .iter()
        .map(|(_, name, light, dark)| (*name, *light, *dark));
    for (name, on_light, on_dark) in inks.chain(BUSES) {
        let _ = writeln!(
            light,
            ".f-{name}{{fill:{on_light}}}.s-{name}{{stroke:{on_light};fill:none}}"
        );
        let _ = writeln!(
            dark,
            ".f-{name}{{fill:{on_dark}}}.s-{name}{{stroke:{on_dark}}}"
        );
    }
    light.push_str("text.m{text-anchor:middle}text.e{text-anchor:end}\n");
    for (number, (_, dashes)) in DASHES.iter().enumerate() {
        let dashes: Vec<String> = dashes
            .iter()
            .map(|dash| (dash * SCALE).to_string())
            .collect();
        if !dashes.is_empty() {
            let _ = writeln!(light, ".d{number}{{stroke-dasharray:{}}}", dashes.join(" "));
        }
    }
    format!("{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{BUSES, DASHES, INKS, Ink, style_sheet};

    #[test]
    fn each_ink_survives_its_stand_in() {
        let mut inks: Vec<Ink> = INKS.iter().map(|(ink, ..)| *ink).collect();
        for (bus, ..) in BUSES {
            inks.extend(DASHES.map(|(envelope, _)| Ink::of(bus, envelope)));
        }
        for ink in inks {
            let color = ink.color();
            assert_eq!(Ink::of_rgb((color.0, color.1, color.2)), Some(ink));
        }
    }

    #[test]
    fn every_bus_has_colours_of_its_own() {
        let colors: BTreeSet<&str> = BUSES
            .iter()
            .flat_map(|(_, light, dark)| [*light, *dark])
            .collect();
        assert_eq!(colors.len(), 2 * BUSES.len());
        assert!(style_sheet().contains(".s-redis-streams{stroke:#b4508a;fill:none}"));
    }

    /// Contrast of graphics asks for 3 to 1: WCAG 2.2, success criterion 1.4.11.
    #[test]
    fn every_colour_stands_out_from_its_background() {
        let (_, _, paper, night) = INKS[3];
        let parts = INKS.map(|(_, name, light, dark)| (name, light, dark));
        for (bus, light, dark) in BUSES.into_iter().chain(parts.into_iter().skip(4)) {
            assert!(contrast(light, paper) >= 3.0, "{bus} on white");
            assert!(contrast(dark, night) >= 3.0, "{bus} on dark");
        }
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(color: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }
}
