//! The list of claims itself.

use std::collections::BTreeSet;
use std::path::Path;

use crate::claims::{Rule, claims, parse};

#[test]
fn the_list_has_every_claim_of_the_proposal_once() {
    let claims = claims().unwrap();
    let ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    let expected: Vec<String> = (1..=14).map(|number| format!("C{number}")).collect();
    assert_eq!(ids, expected);
    let statements: BTreeSet<&str> = claims
        .iter()
        .map(|claim| claim.statement.as_str())
        .collect();
    assert_eq!(statements.len(), claims.len());
    for claim in &claims {
        assert!(claim.statement.ends_with('.'), "{}", claim.id);
        assert!(!claim.parts.is_empty(), "{}", claim.id);
        for part in &claim.parts {
            assert!(part.missing.ends_with('.'), "{}", claim.id);
            // Parts are told apart by their names where there are several.
            assert_eq!(part.name.is_some(), claim.parts.len() > 1, "{}", claim.id);
        }
    }
}

#[test]
fn no_cell_is_on_both_sides_of_a_claim() {
    for part in claims().unwrap().iter().flat_map(|claim| &claim.parts) {
        let (Rule::NotWorse(sides) | Rule::Beats(sides)) = &part.rule else {
            continue;
        };
        let [heads, bases] = [&sides.head, &sides.base].map(|side| side.bus.clone().unwrap());
        assert!(
            heads.iter().all(|bus| !bases.contains(bus)),
            "{heads:?} {bases:?}"
        );
    }
}

#[test]
fn the_scenarios_to_run_exist() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut named = 0;
    for part in claims().unwrap().iter().flat_map(|claim| &claim.parts) {
        let words = part.missing.split([' ', ',']);
        for path in words.filter(|word| word.starts_with("scenarios/")) {
            let path = path.trim_end_matches('.');
            assert!(repository.join(path).is_file(), "{path}");
            named += 1;
        }
    }
    assert!(named > 0);
}

#[test]
fn a_key_that_is_not_known_is_refused() {
    let refused = [
        "[[claim]]\nid = 'C0'\nstatement = 'It is.'\ncolour = 'red'\npart = []",
        "[[claim]]\nid = 'C0'\nstatement = 'It is.'\n[[claim.part]]\nrule = 'guess'\nmissing = ''",
        "[[claim]]\nid = 'C0'\nstatement = 'It is.'\n[[claim.part]]\nrule.works = { colour = [] }\nmissing = ''",
    ];
    for text in refused {
        assert!(parse(text).is_err(), "{text}");
    }
}
