//! A run's pictures with the tables behind them, subject by subject.

use busbench_results::Load;
use maud::{Markup, PreEscaped, html};

use super::{method, tables};
use crate::figure::{AT_MOST, Figure, Gallery, Medium, Subject, chosen, told};
use crate::table;
use crate::view::{CellView, Group, View};

/// Pictures of a subject, and tables of a load, that are open from the start: what is below is then not
/// far away.
const OPEN_AT_MOST: usize = 3;

pub(super) fn throughput(view: &View<'_>, gallery: &Gallery) -> Markup {
    html! {
        @if !view.groups(Load::Closed).is_empty() {
            h3 { "Throughput" }
            p {
                "Closed load: a bounded number of messages is in flight, and each delivery makes \
                 room for the next. The rate is that of distinct messages that arrived."
            }
            (of(gallery, Subject::Rates))
            (missing(gallery, Subject::Rates, "rates", "delivered anything that may be counted"))
            (rankings(view, Load::Closed, "closed-load"))
            (lower_bounds(view))
        }
    }
}

pub(super) fn response_time(view: &View<'_>, gallery: &Gallery) -> Markup {
    html! {
        @if !view.groups(Load::Open).is_empty() {
            h3 { "Response time" }
            p {
                "Open load: a schedule says when each message is due, whether or not the ones \
                 before it have arrived. Response time counts from that instant, so a stall shows \
                 in every message that it holds up."
            }
            (of(gallery, Subject::ResponseTimes))
            (missing(gallery, Subject::ResponseTimes, "response times", "recorded enough of them"))
            (rankings(view, Load::Open, "open-load"))
        }
    }
}

/// Says why a picture is not there that a reader expects.
fn missing(gallery: &Gallery, subject: Subject, what: &str, recorded: &str) -> Markup {
    html! {
        @if !gallery.has(subject) {
            p.small {
                "No picture of " (what) ": it needs a cell of this load that kept up, lost nothing, \
                 and has a trial that counts and " (recorded) "."
            }
        }
    }
}

pub(super) fn rate_latency(gallery: &Gallery) -> Markup {
    chapter(
        gallery,
        (Subject::RateLatency, "Rate against latency"),
        "How response time grows with the offered rate, where cells that are otherwise alike were \
         measured at several. The knee is the highest rate before a bus gives way.",
    )
}

pub(super) fn cost(gallery: &Gallery) -> Markup {
    chapter(
        gallery,
        (Subject::Cost, "Cost"),
        "What a bus takes of the machine: CPU time of server and harness for each delivery, and the \
         server's memory at its largest.",
    )
}

pub(super) fn loss(gallery: &Gallery) -> Markup {
    chapter(
        gallery,
        (Subject::Loss, "Loss"),
        "Messages that a subscriber should have got and did not, after everything had time to arrive.",
    )
}

/// Each has a chart for each cell: long, and looked at when something is odd.
pub(super) fn over_time(gallery: &Gallery) -> Markup {
    html! {
        @if gallery.has(Subject::OverTime) {
            h3 { "Over time" }
            p { "Whether a cell delivered as evenly as its mean suggests, second by second." }
            @if let Some(note) = gallery.note(Subject::OverTime) { p.small { (note) } }
            @for figure in gallery.about(Subject::OverTime) { (folded(figure)) }
        }
    }
}

fn chapter(gallery: &Gallery, (subject, title): (Subject, &str), lead: &str) -> Markup {
    html! {
        @if gallery.has(subject) {
            h3 { (title) }
            p { (lead) }
            (of(gallery, subject))
        }
    }
}

/// The pictures of a subject, and what is said besides them.
pub(super) fn of(gallery: &Gallery, subject: Subject) -> Markup {
    html! {
        @if let Some(note) = gallery.note(subject) { p.small { (note) } }
        @for (order, figure) in gallery.about(subject).enumerate() {
            @if order < OPEN_AT_MOST { (picture(figure)) } @else { (folded(figure)) }
        }
    }
}

fn folded(figure: &Figure) -> Markup {
    html! { details { summary { (figure.title) } (picture(figure)) } }
}

/// In both forms, with its caption.
pub(super) fn picture(figure: &Figure) -> Markup {
    html! {
        figure.card {
            h4 { (figure.title) }
            (PreEscaped(figure.svg(Medium::Wide)))
            (PreEscaped(figure.svg(Medium::Narrow)))
            figcaption { (figure.caption) " " (method::link(figure.subject.anchor())) }
        }
    }
}

/// A card for each group, and how their differences were judged: those groups that pictures are drawn
/// of, the first of them open.
fn rankings(view: &View<'_>, load: Load, anchor: &str) -> Markup {
    let groups = view.groups(load);
    let buses: Vec<usize> = groups.iter().map(Group::buses).collect();
    let places = chosen(&buses, AT_MOST);
    html! {
        p {
            "Each table holds buses with one guarantee: publish ack / delivery. Floors stand below, \
             apart from what is ranked. "
            (method::link("guarantees"))
        }
        @if let Some(note) = told(places.len(), groups.len(), "tables") { p.small { (note) } }
        @for (order, place) in places.iter().enumerate() {
            @let ranking = table::ranking(view, &groups[*place]);
            @if order < OPEN_AT_MOST {
                (tables::card(&ranking, anchor))
            } @else {
                details {
                    summary { (ranking.title) " · " span.conditions { (ranking.conditions) } }
                    (tables::card(&ranking, anchor))
                }
            }
        }
        @if let Some(note) = view.differences.note(&[load]) { p.small { (note) } }
    }
}

fn lower_bounds(view: &View<'_>) -> Markup {
    let bounded = |cell: &CellView<'_>| cell.row.load == Load::Closed && cell.is_at_least();
    html! {
        @if view.cells.iter().any(bounded) {
            p.small {
                "≥ at least: the client or the machine was used up before the server, so the number \
                 is a lower bound of what the server can do."
            }
        }
    }
}
