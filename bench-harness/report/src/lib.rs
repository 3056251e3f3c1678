//! Results to HTML, SVG, Markdown, CSV and terminal tables. Pure: results in, text out.

mod answers;
mod cells;
mod claims;
pub mod comparison;
mod differences;
mod envelopes;
mod environment;
mod error;
mod figure;
mod footprints;
mod format;
mod html;
mod markdown;
mod method;
mod parallel;
mod several;
mod table;
mod terminal;
pub mod trend;
mod view;

use busbench_results::claims::{JudgedClaim, cells_of_claims};
use busbench_results::comparison::given_twice;
use busbench_results::{Row, Run, export};

pub use error::RenderError;
pub use terminal::terminal;

use envelopes::Chapter;
use figure::{Gallery, Medium};
use parallel::both;
use several::SideBySide;
use view::View;

/// What the pages are made from.
pub(crate) struct Report<'a> {
    pub(crate) runs: &'a [Run],
    /// One for each run, and so below.
    pub(crate) views: Vec<View<'a>>,
    pub(crate) figures: Vec<Gallery>,
    /// What it says of envelopes; `None` where it has no two layouts.
    pub(crate) envelopes: Vec<Option<Chapter>>,
    /// By all runs together.
    pub(crate) claims: Vec<JudgedClaim>,
    /// Every cell, as JSON for the page's script.
    pub(crate) cells: String,
    /// One for each question.
    pub(crate) answers: Vec<answers::Card>,
    /// Cells that several runs have measured.
    pub(crate) side_by_side: SideBySide,
    /// What all runs say of footprints; `None` where none has one.
    pub(crate) footprints: Option<footprints::Chapter>,
    /// The page's title, where somebody chose one.
    pub(crate) title: Option<&'a str>,
}

/// How a report is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Title of the page; without one, what the runs are.
    pub title: Option<String>,
}

/// The files of a report, by name: `index.html` (self-contained), `report.md` and the SVG files
/// that it shows, `cells.csv` with the flat rows of [`export`], and where a run has footprints
/// `footprints.csv` with theirs. Runs follow each other in the
/// order in which they are given; the same runs make the same bytes. A run that is given twice is
/// refused.
pub fn render(runs: &[Run]) -> Result<Vec<(String, Vec<u8>)>, RenderError> {
    render_with(runs, &Options::default())
}

/// The files of a report, with what was chosen about it.
pub fn render_with(runs: &[Run], options: &Options) -> Result<Vec<(String, Vec<u8>)>, RenderError> {
    let report = Report {
        title: options.title.as_deref(),
        ..Report::of(runs)?
    };
    let rows: Vec<Row> = report
        .views
        .iter()
        .flat_map(|view| view.cells.iter().map(|cell| cell.row.clone()))
        .collect();

    let (page, document) = both(|| html::page(&report), || markdown::document(&report));
    let mut files = vec![
        ("index.html".to_owned(), page.into_bytes()),
        ("report.md".to_owned(), document.into_bytes()),
        ("cells.csv".to_owned(), export::to_csv(&rows)?.into_bytes()),
    ];
    if let Some(chapter) = &report.footprints {
        let rows = export::to_csv(&chapter.rows)?;
        files.push(("footprints.csv".to_owned(), rows.into_bytes()));
    }
    let pictures = report.figures.iter().flatten();
    let footprints = report
        .footprints
        .iter()
        .flat_map(|chapter| &chapter.figures);
    for figure in pictures
        .chain(&report.side_by_side.figures)
        .chain(footprints)
    {
        files.push((figure.file_name(), figure.svg(Medium::File).into_bytes()));
    }
    Ok(files)
}

impl<'a> Report<'a> {
    fn of(runs: &'a [Run]) -> Result<Self, RenderError> {
        if let Some(run) = given_twice(runs.iter().map(|run| &run.record)) {
            return Err(RenderError::GivenTwice {
                run: format::printable(run),
            });
        }
        let views: Vec<View<'_>> = runs.iter().map(View::new).collect();
        let gallery = |(index, view)| Gallery::of(view, &prefix(runs, index));
        let (figures, claims_and_cells) = both(
            || views.iter().enumerate().map(gallery).collect(),
            || {
                let claims = claims::judged(&views)?;
                let cells = cells::data(&views, &cells_of_claims(&claims))?;
                Ok::<_, RenderError>((claims, cells))
            },
        );
        let figures: Result<Vec<Gallery>, RenderError> = figures;
        let (figures, (claims, cells)) = (figures?, claims_and_cells?);
        let envelopes = views.iter().map(envelopes::chapter).collect();
        let answers = answers::cards(&views);
        let side_by_side = SideBySide::of(&views)?;
        let footprints = footprints::chapter(&views)?;
        Ok(Self {
            runs,
            views,
            figures,
            envelopes,
            claims,
            cells,
            answers,
            side_by_side,
            footprints,
            title: None,
        })
    }
}

/// What tells the figures of one run from those of another.
fn prefix(runs: &[Run], index: usize) -> String {
    if runs.len() > 1 {
        format!("run{}-", index + 1)
    } else {
        String::new()
    }
}
