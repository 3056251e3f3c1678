//! The programs that show what a client costs have the versions and the features of busbench's own
//! clients: two workspaces, so cargo does not see to it.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Table;

const CLIENTS: [&str; 3] = ["async-nats", "rumqttc", "redis"];

fn read(path: &str) -> anyhow::Result<Table> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    Ok(std::fs::read_to_string(path)?.parse()?)
}

/// Versions of all packages that come from a registry; of some there are two.
fn versions(lock: &Table) -> BTreeMap<String, Vec<String>> {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in lock["package"].as_array().into_iter().flatten() {
        let text = |key: &str| package.get(key).and_then(|text| text.as_str());
        if let (Some(name), Some(version), Some(_)) =
            (text("name"), text("version"), text("source"))
        {
            versions
                .entry(name.into())
                .or_default()
                .push(version.into());
        }
    }
    versions
}

#[test]
fn client_programs_are_built_from_the_versions_of_busbench() -> anyhow::Result<()> {
    let ours = versions(&read("Cargo.lock")?);
    let theirs = versions(&read("bench-harness/clients/rust/Cargo.lock")?);
    for client in CLIENTS {
        assert_eq!(theirs.get(client), ours.get(client), "{client}");
    }
    for (name, versions) in &theirs {
        for version in versions {
            let known = ours.get(name).is_none_or(|ours| ours.contains(version));
            // An older one that rumqttc's TLS takes beside ours.
            let is_rumqttc_alone = name == "rustls-webpki";
            assert!(
                known || is_rumqttc_alone,
                "{name} {version}, and {:?} in busbench: copy its Cargo.lock to \
                 bench-harness/clients/rust/ and run cargo metadata there",
                ours[name]
            );
        }
    }
    Ok(())
}

#[test]
fn client_programs_have_the_features_of_busbench() -> anyhow::Result<()> {
    let (ours, theirs) = (
        read("Cargo.toml")?,
        read("bench-harness/clients/rust/Cargo.toml")?,
    );
    for client in CLIENTS {
        let dependency = |manifest: &Table| manifest["workspace"]["dependencies"][client].clone();
        assert_eq!(dependency(&theirs), dependency(&ours), "{client}");
    }
    Ok(())
}
