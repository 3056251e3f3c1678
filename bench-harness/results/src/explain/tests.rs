use std::collections::BTreeSet;
use std::path::Path;

use super::{Subject, all, names, near, of, senses};
use crate::claims::ClaimVerdict;
use crate::comparison::SideVerdict;
use crate::footprint::FootprintRow;
use crate::{
    CellOutcome, Delivery, FLOORS, LimitedBy, Metric, Outcome, PublishAck, ReasonKind, Row,
    Severity, Verdict, export,
};

#[track_caller]
fn check(subject: Subject, known: &[&str]) {
    for name in known {
        let explanation = of(subject, name).unwrap_or_else(|| panic!("{subject:?} {name}"));
        assert!(explanation.meaning.ends_with('.'), "{name}");
        assert!(senses(name).contains(&explanation), "{name}");
    }
    let listed = all().filter(|explanation| explanation.subject == subject);
    assert_eq!(listed.count(), known.len(), "{subject:?}");
}

#[test]
fn every_name_of_a_closed_list_is_explained_and_no_other() {
    let metrics = [
        Metric::Response,
        Metric::Service,
        Metric::WakeLag,
        Metric::Blocked,
        Metric::Ack,
        Metric::Encode,
        Metric::Decode,
    ];
    check(Subject::Time, &metrics.map(Metric::name));
    check(Subject::Reason, &ReasonKind::ALL.map(ReasonKind::name));
    let outcomes = [
        Outcome::Delivered.name(),
        Outcome::Saturated.name(),
        Outcome::Lossy.name(),
        Outcome::Failed.name(),
        CellOutcome::NotPossible.name(),
        CellOutcome::NotRun.name(),
    ];
    check(Subject::Outcome, &outcomes);
    let limits = [
        LimitedBy::Offered,
        LimitedBy::Client,
        LimitedBy::Server,
        LimitedBy::Machine,
        LimitedBy::Unknown,
    ];
    check(Subject::LimitedBy, &limits.map(LimitedBy::name));
    let verdicts = [Verdict::Valid, Verdict::Suspect, Verdict::Invalid];
    check(Subject::Verdict, &verdicts.map(Verdict::name));
    let acks = [
        PublishAck::None,
        PublishAck::InMemory,
        PublishAck::PeriodicSync(1000),
        PublishAck::Synced,
    ];
    check(Subject::PublishAck, &acks.map(PublishAck::name));
    let deliveries = [
        Delivery::AtMostOnce,
        Delivery::AtLeastOnce,
        Delivery::ExactlyOnce,
    ];
    check(Subject::Delivery, &deliveries.map(Delivery::name));
    check(Subject::Floor, &FLOORS);
    check(
        Subject::ClaimVerdict,
        &ClaimVerdict::ALL.map(ClaimVerdict::name),
    );
    // In words there, with dashes here.
    let verdicts = SideVerdict::ALL.map(|verdict| verdict.name().replace(' ', "-"));
    check(
        Subject::SideVerdict,
        &verdicts.each_ref().map(String::as_str),
    );
}

#[test]
fn no_explanation_stands_twice() {
    let mut places = BTreeSet::new();
    let mut meanings = BTreeSet::new();
    for explanation in all() {
        let place = (explanation.subject, explanation.name);
        assert!(places.insert(place), "{place:?}");
        assert!(meanings.insert(explanation.meaning), "{place:?}");
    }
}

#[test]
fn every_column_of_the_export_is_explained() {
    let cells = export::to_csv::<Row>(&[]).unwrap();
    let footprints = export::to_csv::<FootprintRow>(&[]).unwrap();
    for column in cells
        .trim_end()
        .split(',')
        .chain(footprints.trim_end().split(','))
    {
        assert!(!senses(column).is_empty(), "{column}");
    }
}

#[test]
fn a_name_is_found_as_people_write_it() {
    for (asked, found) in [
        ("wake lag", "wake-lag"),
        ("Response", "response"),
        ("response_p99_9_ns", "response"),
        ("delivered_per_second_low", "delivered-rate"),
        ("server_cpu_ns_per_message", "cpu"),
        ("p99.9", "percentile"),
        ("poisson", "arrivals"),
    ] {
        assert_eq!(
            senses(asked).first().map(|first| first.name),
            Some(found),
            "{asked}"
        );
    }
    assert!(senses("latency").is_empty());
}

#[test]
fn a_name_with_two_senses_has_both() {
    let subjects: Vec<Subject> = senses("wake-lag").iter().map(|one| one.subject).collect();
    assert_eq!(subjects, [Subject::Time, Subject::Reason]);
}

#[test]
fn near_names_are_suggested() {
    assert_eq!(near("wakelag").first(), Some(&"wake-lag"));
    assert_eq!(near("reponse").first(), Some(&"response"));
    assert_eq!(near("cpu-steel").first(), Some(&"cpu-steal"));
    assert!(near("zzzz").is_empty());
}

#[test]
fn every_reason_says_what_to_do_and_what_it_does() {
    for kind in ReasonKind::ALL {
        let explanation = of(Subject::Reason, kind.name()).unwrap();
        assert!(explanation.advice.is_some(), "{}", kind.name());
        assert_eq!(explanation.severity(), Some(kind.severity()));
    }
    let lag = of(Subject::Reason, "wake-lag").unwrap();
    assert_eq!(lag.severity(), Some(Severity::Suspect));
    assert_eq!(lag.kind(), "reason that makes its trial suspect");
    assert_eq!(of(Subject::Time, "wake-lag").unwrap().severity(), None);
}

#[test]
fn places_in_the_source_exist() {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for explanation in all() {
        let texts = [explanation.taken, explanation.advice];
        for text in texts.into_iter().flatten() {
            let is_source = |part: &&str| Path::new(part).extension() == Some("rs".as_ref());
            for path in text.split('`').filter(is_source) {
                assert!(harness.join(path).is_file(), "{}: {path}", explanation.name);
            }
        }
    }
}

#[test]
fn names_are_listed_once_and_in_order() {
    let names = names();
    assert!(names.is_sorted());
    assert!(names.contains(&"tcp-relay"));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}
