//! What servers this machine can have. Nothing is started, pulled or changed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clean::blocking;
use crate::external::ExternalProvider;
use crate::kind::Program;
use crate::process::version;
use crate::{Architecture, BrokerError, Environment, ServerKind, container, foreign};

/// What there is to run servers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// The container engine.
    pub engine: Found<EngineSurvey>,
    /// Each server program.
    pub programs: Vec<ProgramSurvey>,
    /// Names of the `BUSBENCH_` variables that are set, in order. Values may be passwords.
    pub variables: Vec<String>,
}

/// Something that was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found<T> {
    /// It is there.
    Found(T),
    /// It is not, or cannot be used, and why.
    Missing(String),
}

/// A container engine that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineSurvey {
    /// As the engine says it.
    pub version: String,
    /// How a container would be reached: `host-network` or `published-port`.
    pub network_path: String,
    /// Whether a container in the host's network is reached through this program's loopback.
    pub shares_network: bool,
    /// Of its host's CPU; `None` where it does not say.
    pub architecture: Option<Architecture>,
}

/// A server program, by all its ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgramSurvey {
    /// The server without extras: `nats`, `mosquitto`, `redis`.
    pub server: ServerKind,
    /// The program of this machine.
    pub binary: Found<BinarySurvey>,
    /// The images that would be looked for, in that order; empty where no engine answers.
    pub images: Vec<ImageSurvey>,
    /// The running server that the environment names; `None` where it names none.
    pub external: Option<Found<ExternalSurvey>>,
    /// The variable that would name another image.
    pub image_variable: String,
    /// The variable that would name a running server.
    pub url_variable: String,
}

/// A program of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BinarySurvey {
    /// Where it is.
    pub path: String,
    /// As it says it; `unknown` where it says none.
    pub version: String,
    /// What it is for; `None` where it is no ELF file.
    pub architecture: Option<Architecture>,
}

/// An image that a server may come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageSurvey {
    /// Name with tag.
    pub name: String,
    /// Whose image it is.
    pub origin: ImageOrigin,
    /// The registry's digest or the engine's id; `None` where the engine does not have it.
    pub digest: Option<String>,
    /// What it is for; `None` where the engine does not have it, or does not say.
    pub architecture: Option<Architecture>,
    /// Why the engine's host cannot run it, where that is known.
    pub unusable: Option<String>,
}

/// Whose image it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageOrigin {
    /// An environment variable names it.
    Named,
    /// The server's own project publishes it.
    Official,
    /// `scripts/images` builds it from distribution packages.
    Local,
}

/// Somebody else's running server, which answered a handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalSurvey {
    /// Its address, without the login.
    pub url: String,
    /// As it says it; `unknown` where it does not.
    pub version: String,
    /// `loopback` or `network`.
    pub network_path: String,
}

impl<T> Found<T> {
    /// What was found.
    pub const fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Found(found) => Some(found),
            Self::Missing(_) => None,
        }
    }

    fn of(result: Result<T, BrokerError>) -> Self {
        match result {
            Ok(found) => Self::Found(found),
            Err(error) => Self::Missing(error.to_string()),
        }
    }
}

impl ProgramSurvey {
    /// The image that a container would be started from: the first that the engine has. An official
    /// one that it lacks would be pulled before a local one is taken.
    #[must_use]
    pub fn image(&self) -> Option<&ImageSurvey> {
        self.images.iter().find(|image| image.digest.is_some())
    }

    /// Whether the engine has an image that its host can run, as far as is known.
    #[must_use]
    pub fn has_usable_image(&self) -> bool {
        self.image().is_some_and(|image| image.unusable.is_none())
    }

    /// Whether the program can be had here in any way, without pulling an image.
    #[must_use]
    pub fn can_be_had(&self) -> bool {
        let external = self.external.as_ref().and_then(Found::as_ref);
        self.binary.as_ref().is_some() || self.has_usable_image() || external.is_some()
    }
}

/// Looks at the engine and its images, at the programs of this machine, and at the servers that the
/// environment names, which are greeted. Takes as long as these need to answer, at most some seconds.
pub async fn survey(environment: &Environment) -> Survey {
    let (engine, mut images) = match container::survey(environment).await {
        Ok((engine, images)) => (Found::Found(engine), images),
        Err(error) => (Found::Missing(error.to_string()), BTreeMap::new()),
    };
    let mut programs = Vec::new();
    for program in Program::ALL {
        programs.push(ProgramSurvey {
            server: program.plain(),
            binary: Found::of(binary(environment, program).await),
            images: images.remove(&program).unwrap_or_default(),
            external: external(environment, program).await,
            image_variable: format!("BUSBENCH_IMAGE_{}", program.variable()),
            url_variable: format!("BUSBENCH_{}_URL", program.variable()),
        });
    }
    Survey {
        engine,
        programs,
        variables: environment.set().map(str::to_owned).collect(),
    }
}

async fn binary(environment: &Environment, program: Program) -> Result<BinarySurvey, BrokerError> {
    let environment = environment.clone();
    blocking("look for binaries", move || {
        let (path, version) = version::of(&environment, program)?;
        Ok(BinarySurvey {
            architecture: foreign::architecture_of(&path).ok().flatten(),
            path: path.display().to_string(),
            version: version.unwrap_or_else(|| "unknown".to_owned()),
        })
    })
    .await
}

async fn external(environment: &Environment, program: Program) -> Option<Found<ExternalSurvey>> {
    let kind = program.plain();
    let servers = match ExternalProvider::find(environment, &[kind]) {
        Ok(servers) => servers,
        Err(BrokerError::NoUrl { .. }) => return None,
        Err(error) => return Some(Found::Missing(error.to_string())),
    };
    let server = servers.start(kind).await;
    Some(Found::of(server.map(|server| {
        let info = server.info();
        ExternalSurvey {
            url: servers.describe(),
            version: info.version.clone(),
            network_path: info.network_path.clone(),
        }
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_not_there_is_told_with_its_reason() {
        let environment = Environment::from_pairs([
            ("BUSBENCH_BIN_NATS", "/nowhere/nats-server"),
            ("BUSBENCH_REDIS_URL", "http://host"),
            ("BUSBENCH_REDIS_PASSWORD", "sesame"),
            ("BUSBENCH_MOSQUITTO_URL", ""),
        ]);
        let survey = survey(&environment).await;
        let [nats, mosquitto, redis] = survey.programs.as_slice() else {
            unreachable!("three programs");
        };
        let Found::Missing(reason) = &nats.binary else {
            unreachable!("{nats:?}");
        };
        assert!(reason.contains("/nowhere/nats-server"), "{reason}");
        assert_eq!(mosquitto.external, None, "an empty variable is none");
        let Some(Found::Missing(reason)) = &redis.external else {
            unreachable!("{redis:?}");
        };
        assert!(reason.contains("BUSBENCH_REDIS_URL"), "{reason}");
        let names = [
            "BUSBENCH_BIN_NATS",
            "BUSBENCH_REDIS_PASSWORD",
            "BUSBENCH_REDIS_URL",
        ];
        assert_eq!(survey.variables, names);
        assert!(!format!("{survey:?}").contains("sesame"), "{survey:?}");
    }

    #[test]
    fn the_first_image_that_the_engine_has_is_taken() {
        let image = |name: &str, digest: Option<&str>| ImageSurvey {
            name: name.to_owned(),
            origin: ImageOrigin::Official,
            digest: digest.map(str::to_owned),
            architecture: None,
            unusable: None,
        };
        let mut program = ProgramSurvey {
            server: ServerKind::Nats,
            binary: Found::Missing("not installed".to_owned()),
            images: vec![image("first", None), image("second", Some("sha256:1"))],
            external: None,
            image_variable: String::new(),
            url_variable: String::new(),
        };
        assert_eq!(
            program.image().map(|image| image.name.as_str()),
            Some("second")
        );
        assert!(program.can_be_had());
        program.images[1].unusable = Some("for another CPU".to_owned());
        assert!(!program.can_be_had());
        program.images.pop();
        assert!(!program.can_be_had());
    }
}
