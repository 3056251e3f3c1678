//! Which image a server comes from.

use futures_util::future::try_join_all;

use crate::emulation::Runs;
use crate::kind::Program;
use crate::survey::{ImageOrigin, ImageSurvey};
use crate::{Architecture, BrokerError, Environment, Foreign, Provider, ServerKind, foreign};

use super::engine::Engine;

/// An image that the engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    /// Name with tag.
    pub(super) name: String,
    /// The registry's digest; the engine's own id where the image came from no registry.
    pub(super) digest: String,
    /// What it is for; `None` where the engine does not say.
    pub(super) architecture: Option<Architecture>,
}

impl Image {
    /// Who runs a container's processes: as the first of them shows on this host, else as the engine
    /// must, where the image is for another architecture than its own.
    pub(super) fn runs(&self, process_ids: &[u32], engine: &Engine) -> Runs {
        let seen = process_ids
            .first()
            .map(|first| Runs::of_process(*first, self.architecture.clone()));
        let emulator = seen.and_then(|runs| runs.emulator).or_else(|| {
            let foreign = engine.cannot_run(self.architecture.as_ref()?);
            foreign.then(|| "the engine's emulator".to_owned())
        });
        Runs {
            architecture: self.architecture.clone(),
            emulator,
        }
    }
}

/// The official image of what EdgeX v4.0 (NATS, Mosquitto) and v3.1 (Redis) shipped.
fn official(program: Program) -> &'static str {
    match program {
        Program::Nats => "nats:2.12.2-alpine",
        Program::Mosquitto => "eclipse-mosquitto:2.0.22",
        Program::Redis => "redis:7.0.15-alpine",
    }
}

/// What `scripts/images` builds from distribution packages.
fn local(program: Program) -> &'static str {
    match program {
        Program::Nats => "busbench/nats:local",
        Program::Mosquitto => "busbench/mosquitto:local",
        Program::Redis => "busbench/redis:local",
    }
}

/// Finds or pulls the images of the servers.
pub(super) async fn find(
    engine: &Engine,
    environment: &Environment,
    kinds: &[ServerKind],
) -> Result<Vec<(Program, Image)>, BrokerError> {
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup_by_key(|kind| kind.program());
    try_join_all(kinds.into_iter().map(async |kind| {
        let image = find_one(engine, environment, kind).await?;
        Ok((kind.program(), image))
    }))
    .await
}

/// The image that the environment names; else the official one, here or pulled; else the local one. One
/// that the engine's host cannot run is refused before anything is started, where that can be seen.
async fn find_one(
    engine: &Engine,
    environment: &Environment,
    kind: ServerKind,
) -> Result<Image, BrokerError> {
    let image = choose(engine, environment, kind).await?;
    usable(engine, &image)
        .map_err(|why| BrokerError::foreign(kind, image.name.clone(), why, Provider::Container))?;
    Ok(image)
}

/// Whether the engine's host can run an image, as far as that can be seen: of an engine on this host,
/// the kernel's emulators.
fn usable(engine: &Engine, image: &Image) -> Result<(), Foreign> {
    let foreign = image.architecture.as_ref();
    let foreign = foreign.filter(|architecture| engine.cannot_run(architecture));
    let here = engine
        .architecture
        .as_ref()
        .filter(|_| engine.shares_network);
    match foreign.zip(here) {
        Some((program, host)) => foreign::check_image(program, host),
        None => Ok(()),
    }
}

async fn choose(
    engine: &Engine,
    environment: &Environment,
    kind: ServerKind,
) -> Result<Image, BrokerError> {
    let variable = variable(kind.program());
    let named = environment.get(&variable);
    let wanted = named.unwrap_or_else(|| official(kind.program()));
    if let Some(image) = present(engine, wanted).await? {
        return Ok(image);
    }
    let reason = match engine.pull(wanted).await {
        Ok(()) => match present(engine, wanted).await? {
            Some(image) => return Ok(image),
            None => "the engine pulled it and does not have it".to_owned(),
        },
        Err(reason) => reason,
    };
    if named.is_none()
        && let Some(image) = present(engine, local(kind.program())).await?
    {
        return Ok(image);
    }
    Err(BrokerError::NoImage {
        server: kind,
        image: wanted.to_owned(),
        reason,
        variable,
    })
}

/// The images that a program may come from, in the order in which they are looked for. None is
/// pulled.
pub(super) async fn survey(
    engine: &Engine,
    environment: &Environment,
    program: Program,
) -> Result<Vec<ImageSurvey>, BrokerError> {
    let variable = variable(program);
    // An image that the environment names is the only one that is looked for.
    let wanted = match environment.get(&variable) {
        Some(named) => vec![(named, ImageOrigin::Named)],
        None => vec![
            (official(program), ImageOrigin::Official),
            (local(program), ImageOrigin::Local),
        ],
    };
    try_join_all(wanted.into_iter().map(async |(name, origin)| {
        let image = present(engine, name).await?;
        let unusable = image.as_ref().and_then(|image| usable(engine, image).err());
        let architecture = image.as_ref().and_then(|image| image.architecture.clone());
        Ok(ImageSurvey {
            name: name.to_owned(),
            origin,
            architecture,
            unusable: unusable.map(|why| why.to_string()),
            digest: image.map(|image| image.digest),
        })
    }))
    .await
}

fn variable(program: Program) -> String {
    format!("BUSBENCH_IMAGE_{}", program.variable())
}

async fn present(engine: &Engine, name: &str) -> Result<Option<Image>, BrokerError> {
    let Some(inspected) = engine.image(name).await? else {
        return Ok(None);
    };
    let digest = inspected
        .repo_digests
        .and_then(|digests| digests.into_iter().next());
    let architecture = inspected.architecture.as_deref();
    Ok(Some(Image {
        name: name.to_owned(),
        architecture: architecture
            .filter(|name| !name.is_empty())
            .map(Architecture::of_image),
        digest: digest.or(inspected.id).unwrap_or_default(),
    }))
}

/// Name and tag of an image, as testcontainers wants them: it joins them with a colon, which a
/// digest has too.
pub(super) fn name_and_tag(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        // A colon before the last slash belongs to a registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_compose_pins_the_same_images() {
        let compose = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docker-compose.yml");
        let compose = std::fs::read_to_string(compose).unwrap();
        for program in Program::ALL {
            let variable = variable(program);
            let pinned = format!("image: ${{{variable}:-{}}}", official(program));
            assert!(compose.contains(&pinned), "{pinned}");
        }
    }

    #[test]
    fn an_image_is_taken_apart_at_the_colon_of_its_tag() {
        for (image, name, tag) in [
            ("nats:2.12.2-alpine", "nats", "2.12.2-alpine"),
            ("busbench/nats", "busbench/nats", "latest"),
            ("registry:5000/nats", "registry:5000/nats", "latest"),
            ("registry:5000/nats:2", "registry:5000/nats", "2"),
            ("nats@sha256:0123", "nats@sha256", "0123"),
        ] {
            assert_eq!(name_and_tag(image), (name, tag), "{image}");
        }
    }
}
