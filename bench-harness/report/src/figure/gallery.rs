//! Every picture of a run, within bounds, and what is said in place of those that it does not have.

use std::slice::Iter;

use busbench_results::Load;

use super::budget::{AT_MOST, OVER_TIME_AT_MOST, preferred, told};
use super::{Figure, Subject, breakdown, cost, loss, percentiles, rate_latency, rates, series};
use crate::RenderError;
use crate::envelopes;
use crate::view::{Group, View};

/// The pictures of a run, in the order of their subjects.
pub(crate) struct Gallery {
    figures: Vec<Figure>,
    notes: Vec<(Subject, String)>,
}

/// A picture, where there is something to see.
type Drawn = Result<Option<Figure>, RenderError>;

impl Gallery {
    /// Draws them. The names of figures begin with `prefix`.
    pub(crate) fn of(view: &View<'_>, prefix: &str) -> Result<Self, RenderError> {
        let mut gallery = Self {
            figures: Vec::new(),
            notes: Vec::new(),
        };
        let (closed, open) = (view.groups(Load::Closed), view.groups(Load::Open));
        let (closed, open) = (closed.as_slice(), open.as_slice());
        gallery.add(
            (Subject::Rates, AT_MOST, "groups"),
            &named(closed, &format!("{prefix}rates")),
            |group, name| rates::figure(group, name),
        )?;
        gallery.add(
            (Subject::ResponseTimes, AT_MOST, "groups"),
            &named(open, &format!("{prefix}response-times")),
            |group, name| percentiles::figure(group, name),
        )?;
        let sweeps = view.sweeps();
        let buses = sweeps.iter().map(|sweep| (sweep, sweep.buses()));
        gallery.add(
            (Subject::RateLatency, AT_MOST, "groups"),
            &numbered(buses, &format!("{prefix}rate-latency")),
            |sweep, name| rate_latency::figure(sweep, name).map(Some),
        )?;
        let mut breakdowns = envelopes::breakdowns(view);
        breakdowns.iter_mut().for_each(breakdown::shorten);
        let buses = breakdowns.iter().map(|one| (one, one.panels.len()));
        gallery.add(
            (Subject::Breakdown, AT_MOST, "pictures"),
            &numbered(buses, &format!("{prefix}time-of-a-message")),
            |breakdown, name| breakdown::figure(breakdown, name).map(Some),
        )?;
        gallery.add(
            (Subject::Cost, AT_MOST, "groups"),
            &of_both_loads(closed, open, &format!("{prefix}cost")),
            |group, name| cost::figure(group, name),
        )?;
        gallery
            .figures
            .extend(loss::figure(view, &format!("{prefix}loss"))?);
        gallery
            .notes
            .extend(loss::note(view).map(|note| (Subject::Loss, note)));
        gallery.add(
            (Subject::OverTime, OVER_TIME_AT_MOST, "groups"),
            &of_both_loads(closed, open, &format!("{prefix}rate-over-time")),
            |group, name| series::figure(group, name),
        )?;
        Ok(gallery)
    }

    /// Draws as many as there may be, and notes how many are left out. What there is nothing to see
    /// of is no picture that could be missed.
    fn add<T>(
        &mut self,
        (subject, at_most, what): (Subject, usize, &str),
        things: &[(&T, usize, String)],
        draw: impl Fn(&T, &str) -> Drawn,
    ) -> Result<(), RenderError> {
        let buses: Vec<usize> = things.iter().map(|(_, buses, _)| *buses).collect();
        let mut drawn: Vec<(usize, Figure)> = Vec::new();
        let mut nothing_to_see = 0;
        for place in preferred(&buses) {
            if drawn.len() == at_most {
                break;
            }
            let (thing, _, name) = &things[place];
            match draw(thing, name)? {
                Some(figure) => drawn.push((place, figure)),
                None => nothing_to_see += 1,
            }
        }
        if !drawn.is_empty() {
            let note = told(drawn.len(), things.len() - nothing_to_see, what);
            self.notes.extend(note.map(|note| (subject, note)));
        }
        drawn.sort_by_key(|(place, _)| *place);
        self.figures
            .extend(drawn.into_iter().map(|(_, figure)| figure));
        Ok(())
    }

    /// Pictures of one subject.
    pub(crate) fn about(&self, subject: Subject) -> impl Iterator<Item = &Figure> {
        self.figures
            .iter()
            .filter(move |figure| figure.subject == subject)
    }

    /// What is said of a subject besides its pictures: how many there are not, or that there is
    /// nothing to see.
    pub(crate) fn note(&self, subject: Subject) -> Option<&str> {
        self.notes
            .iter()
            .find(|(about, _)| *about == subject)
            .map(|(_, note)| note.as_str())
    }

    /// Whether anything is said of a subject.
    pub(crate) fn has(&self, subject: Subject) -> bool {
        self.about(subject).next().is_some() || self.note(subject).is_some()
    }
}

impl<'g> IntoIterator for &'g Gallery {
    type Item = &'g Figure;
    type IntoIter = Iter<'g, Figure>;

    fn into_iter(self) -> Self::IntoIter {
        self.figures.iter()
    }
}

/// Things with their buses and the names of their figures, numbered where there are several.
fn numbered<'t, T>(
    things: impl Iterator<Item = (&'t T, usize)>,
    name: &str,
) -> Vec<(&'t T, usize, String)> {
    let things: Vec<(&T, usize)> = things.collect();
    let several = things.len() > 1;
    let name = |number: usize| {
        if several {
            format!("{name}-{number}")
        } else {
            name.to_owned()
        }
    };
    things
        .into_iter()
        .zip(1..)
        .map(|((thing, buses), number)| (thing, buses, name(number)))
        .collect()
}

fn named<'g, 'v, 'a>(
    groups: &'g [Group<'v, 'a>],
    name: &str,
) -> Vec<(&'g Group<'v, 'a>, usize, String)> {
    numbered(groups.iter().map(|group| (group, group.buses())), name)
}

fn of_both_loads<'g, 'v, 'a>(
    closed: &'g [Group<'v, 'a>],
    open: &'g [Group<'v, 'a>],
    name: &str,
) -> Vec<(&'g Group<'v, 'a>, usize, String)> {
    let mut both = named(closed, &format!("{name}-closed"));
    both.extend(named(open, &format!("{name}-open")));
    both
}
