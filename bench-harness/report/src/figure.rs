//! Pictures of a run, drawn by plotters as SVG: for a wide page, for a narrow one, and as files.

mod axes;
mod backend;
mod breakdown;
mod budget;
mod canvas;
mod cost;
mod gallery;
mod ink;
mod knee;
mod loss;
mod percentiles;
mod rate_latency;
mod rates;
mod series;
mod side_by_side;
mod svg;
mod trend;

use crate::RenderError;
use crate::format;

pub(crate) use budget::{AT_MOST, chosen, told};
pub(crate) use canvas::Drawing;
pub(crate) use gallery::Gallery;
pub(crate) use ink::{bus_class, line_class, style_sheet};
pub(crate) use series::rates as rates_by_second;
pub(crate) use side_by_side::{Measure, figure as side_by_side};
pub(crate) use trend::figure as trend;

/// What a picture is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Rates,
    ResponseTimes,
    RateLatency,
    Breakdown,
    Cost,
    Loss,
    OverTime,
    SideBySide,
    Footprint,
    Trend,
}

impl Subject {
    /// The section of `docs/method.md` that says how it is made.
    pub(crate) const fn anchor(self) -> &'static str {
        match self {
            Self::Rates => "closed-load",
            Self::ResponseTimes => "open-load",
            Self::RateLatency => "rate-against-latency",
            Self::Breakdown => "envelopes",
            Self::Cost => "cost",
            Self::Loss => "counts",
            Self::OverTime => "over-time",
            Self::SideBySide => "several-runs",
            Self::Footprint => "footprint",
            Self::Trend => "history",
        }
    }
}

/// A picture with what it says in words.
pub(crate) struct Figure {
    pub(crate) subject: Subject,
    /// Stem of its file.
    pub(crate) name: String,
    pub(crate) title: String,
    /// How to read it, and what is not in it.
    pub(crate) caption: String,
    /// What it shows, for who cannot see it.
    pub(crate) alternative: String,
    wide: Drawing,
    narrow: Drawing,
}

/// Where a picture is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    /// A file of its own, with its style sheet and background.
    File,
    /// Within a page, on a wide screen.
    Wide,
    /// Within a page, on a telephone.
    Narrow,
}

/// Width of the two forms, in CSS pixels.
const WIDE: u32 = 860;
const NARROW: u32 = 344;

impl Figure {
    /// Draws both forms.
    fn draw(
        (subject, name): (Subject, &str),
        words: [String; 3],
        paint: impl Fn(u32) -> Result<Drawing, canvas::DrawError>,
    ) -> Result<Self, RenderError> {
        let [title, caption, alternative] = words.map(|text| format::printable(&text));
        let form = |width| {
            paint(width).map_err(|error| RenderError::Draw {
                figure: name.to_owned(),
                reason: error.to_string(),
            })
        };
        Ok(Self {
            subject,
            name: name.to_owned(),
            title,
            caption,
            alternative,
            wide: form(WIDE)?,
            narrow: form(NARROW)?,
        })
    }

    /// Name of its file.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.svg", self.name)
    }

    /// The SVG element, with its title and description inside.
    pub(crate) fn svg(&self, medium: Medium) -> String {
        match medium {
            Medium::File => self.wide.file(&self.title, &self.alternative),
            Medium::Wide => self
                .wide
                .inline("wide", &self.name, &self.title, &self.alternative),
            Medium::Narrow => {
                self.narrow
                    .inline("narrow", &self.name, &self.title, &self.alternative)
            }
        }
    }
}
