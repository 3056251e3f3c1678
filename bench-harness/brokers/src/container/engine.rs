//! What is asked of the container engine beside what testcontainers does. All of it runs on the
//! keeper's runtime, where testcontainers' own connections live.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::{
    ContainerInspectResponse, ContainerSummary, ImageInspect, SystemInfo,
};
use testcontainers::bollard::query_parameters::{
    CreateImageOptionsBuilder, ListContainersOptionsBuilder, LogsOptionsBuilder,
    RemoveContainerOptionsBuilder,
};
use testcontainers::core::client::docker_client_instance;

use crate::{Architecture, BrokerError, Limit, LimitRefused};

/// A local engine answers in milliseconds; one elsewhere may be switched off.
const PING_PATIENCE: Duration = Duration::from_secs(3);
/// A registry that says nothing for so long is taken for unreachable.
const PULL_SILENCE: Duration = Duration::from_secs(15);
/// The engine removes a container within a second, unless it is very busy.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(20);
/// An image that takes longer is pulled by hand.
const PULL_PATIENCE: Duration = Duration::from_secs(300);

/// The container engine.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    docker: Docker,
    /// What its host has and can limit.
    pub(super) resources: Resources,
    /// As the engine says it; `unknown` where it does not.
    pub(super) version: String,
    /// Whether a container in the host's network is reached through this program's loopback.
    pub(super) shares_network: bool,
    /// Of the engine's host; `None` where the engine does not say.
    pub(super) architecture: Option<Architecture>,
    /// Whether a port published on the host's loopback is reached through this program's.
    pub(super) publishes_here: bool,
}

impl Engine {
    /// Connects as testcontainers does (`DOCKER_HOST`, or the usual sockets).
    pub(super) async fn connect() -> Result<Self, BrokerError> {
        let no_engine = |reason: String| BrokerError::NoEngine { reason };
        let docker = docker_client_instance()
            .await
            .map_err(|error| no_engine(error.to_string()))?;
        let info = tokio::time::timeout(PING_PATIENCE, docker.info())
            .await
            .map_err(|_| no_engine(format!("no answer within {PING_PATIENCE:?}")))?
            .map_err(|error| no_engine(error.to_string()))?;
        let by_socket = std::env::var("DOCKER_HOST").map_or(true, |host| host.starts_with("unix:"));
        let shares_network = by_socket && cfg!(target_os = "linux") && shares_host_network(&info);
        // Docker puts that file into each container.
        let in_container = Path::new("/.dockerenv").exists();
        Ok(Self {
            docker,
            architecture: info.architecture.as_deref().map(Architecture::of_kernel),
            resources: Resources::of(&info),
            version: info.server_version.unwrap_or_else(|| "unknown".to_owned()),
            shares_network,
            publishes_here: shares_network || (by_socket && !in_container),
        })
    }

    /// Whether the engine's host is known to need an emulator for programs of an architecture.
    pub(super) fn cannot_run(&self, program: &Architecture) -> bool {
        self.architecture
            .as_ref()
            .is_some_and(|host| !host.runs(program))
    }

    /// An image, where the engine has it.
    pub(super) async fn image(&self, name: &str) -> Result<Option<ImageInspect>, BrokerError> {
        match self.docker.inspect_image(name).await {
            Ok(image) => Ok(Some(image)),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(failed(format!("look at the image {name}"), &error)),
        }
    }

    /// Pulls an image for the engine's own architecture, without a login. (testcontainers' own pull
    /// falls back to amd64, which would run emulated elsewhere.)
    pub(super) async fn pull(&self, name: &str) -> Result<(), String> {
        let options = CreateImageOptionsBuilder::new().from_image(name).build();
        let mut progress = std::pin::pin!(self.docker.create_image(Some(options), None, None));
        let pull = async {
            loop {
                match tokio::time::timeout(PULL_SILENCE, progress.next()).await {
                    Ok(Some(Ok(_))) => {}
                    Ok(Some(Err(error))) => return Err(reason(&error)),
                    Ok(None) => return Ok(()),
                    Err(_) => return Err(format!("no answer for {PULL_SILENCE:?}")),
                }
            }
        };
        tokio::time::timeout(PULL_PATIENCE, pull)
            .await
            .unwrap_or_else(|_| Err(format!("not done within {PULL_PATIENCE:?}")))
    }

    /// An image as an archive, in parts as they come (`docker image save`).
    pub(super) fn export(
        &self,
        name: &str,
    ) -> impl futures_util::Stream<Item = std::io::Result<bytes::Bytes>> + use<> {
        let parts = self.docker.export_image(name);
        parts.map(|part| part.map_err(|error| std::io::Error::other(reason(&error))))
    }

    pub(super) async fn inspect(
        &self,
        container: &str,
    ) -> Result<ContainerInspectResponse, BrokerError> {
        self.docker
            .inspect_container(container, None)
            .await
            .map_err(|error| failed(format!("look at the container {container}"), &error))
    }

    /// All containers with a label, whatever their state.
    pub(super) async fn labelled(&self, label: &str) -> Result<Vec<ContainerSummary>, BrokerError> {
        let filters = HashMap::from([("label", vec![label])]);
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&filters)
            .build();
        self.docker
            .list_containers(Some(options))
            .await
            .map_err(|error| failed("list the containers".to_owned(), &error))
    }

    /// The last lines of a container's output.
    pub(super) async fn tail(&self, container: &str, lines: usize) -> String {
        let options = LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .tail(&lines.to_string())
            .build();
        let mut output = std::pin::pin!(self.docker.logs(container, Some(options)));
        let mut text = String::new();
        while let Some(part) = output.next().await {
            match part {
                Ok(part) => text.push_str(&String::from_utf8_lossy(part.as_ref())),
                Err(error) => return format!("({})", reason(&error)),
            }
        }
        text.trim_end().to_owned()
    }

    /// Removes a container with its volumes, whatever its state, and says whether it was there.
    pub(super) async fn remove(&self, container: &str) -> Result<bool, BrokerError> {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let removal = self.docker.remove_container(container, Some(options));
        match removal.await {
            Ok(()) => Ok(true),
            Err(error) if status(&error) == Some(404) => Ok(false),
            // Somebody else is removing it: another program's sweep, or a person.
            Err(error) if status(&error) == Some(409) && self.gone(container).await => Ok(false),
            Err(error) => Err(failed(format!("remove the container {container}"), &error)),
        }
    }

    /// Waits until a container that is being removed is gone; says whether it came to that.
    async fn gone(&self, container: &str) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < REMOVAL_PATIENCE {
            if let Err(error) = self.docker.inspect_container(container, None).await
                && status(&error) == Some(404)
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }
}

/// What an engine's host has, and what it can limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resources {
    memory_bytes: Option<u64>,
    cpus: Option<usize>,
    limits_memory: bool,
    limits_cpu: bool,
}

impl Resources {
    /// What an engine does not tell, it is taken to be able to.
    fn of(info: &SystemInfo) -> Self {
        Self {
            memory_bytes: info.mem_total.and_then(|bytes| u64::try_from(bytes).ok()),
            cpus: info.ncpu.and_then(|cpus| usize::try_from(cpus).ok()),
            limits_memory: info.memory_limit.unwrap_or(true),
            limits_cpu: info.cpu_cfs_quota.unwrap_or(true),
        }
    }

    /// An engine that cannot limit starts the container all the same, with a warning.
    pub(super) fn can_hold(self, limit: Limit) -> Result<(), LimitRefused> {
        limit.within(self.memory_bytes, self.cpus.unwrap_or(usize::MAX))?;
        let lacks = |what| Err(LimitRefused::Engine { what });
        if limit.memory_bytes().is_some() && !self.limits_memory {
            return lacks("memory");
        }
        if limit.cpus().is_some() && !self.limits_cpu {
            return lacks("cpu");
        }
        Ok(())
    }
}

/// Whether the engine's host is the one that this program sees itself on: not so for Docker Desktop,
/// whose engine runs in a virtual machine, nor inside a container that may use the engine's socket.
/// A rootless engine has a network of its own.
fn shares_host_network(info: &SystemInfo) -> bool {
    let this_host = rustix::system::uname();
    let options = info.security_options.as_deref().unwrap_or_default();
    let is_rootless = options.iter().any(|option| option.contains("rootless"));
    info.name.as_deref() == this_host.nodename().to_str().ok() && !is_rootless
}

fn failed(action: String, error: &Error) -> BrokerError {
    BrokerError::Engine {
        action,
        reason: reason(error),
    }
}

fn status(error: &Error) -> Option<u16> {
    match error {
        Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::DockerResponseServerError { message, .. } => message.clone(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_engine_of_this_host_with_privileges_shares_the_network() {
        let this_host = rustix::system::uname();
        let this_host = this_host.nodename().to_str().unwrap();
        let check = |name: &str, option: &str, expected| {
            let info = SystemInfo {
                name: Some(name.to_owned()),
                security_options: Some(vec![option.to_owned()]),
                ..SystemInfo::default()
            };
            assert_eq!(shares_host_network(&info), expected, "{name} {option}");
        };
        check(this_host, "name=seccomp,profile=default", true);
        check("docker-desktop", "name=seccomp,profile=default", false);
        check(this_host, "name=rootless", false);
    }

    #[test]
    fn an_engine_that_cannot_limit_says_so_before_anything_runs() {
        let info = SystemInfo {
            mem_total: Some(1 << 30),
            ncpu: Some(4),
            memory_limit: Some(false),
            cpu_cfs_quota: Some(false),
            ..SystemInfo::default()
        };
        let check = |limit: &str, expected: &str| {
            let refused = Resources::of(&info).can_hold(limit.parse().unwrap());
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        };
        check("memory=64MiB", "`cgroup_enable=memory cgroup_memory=1`");
        check(
            "cpus=0.5",
            "cannot limit cpu: it takes a kernel with CONFIG_CFS_BANDWIDTH",
        );
        check("cpus=5", "this machine has no more than 4 CPUs");
        Resources::of(&SystemInfo::default())
            .can_hold("memory=64MiB,cpus=0.5".parse().unwrap())
            .unwrap();
    }
}
