//! Findings about the servers that can be had.

use busbench_brokers::{
    Architecture, Found, ImageOrigin, ImageSurvey, ProgramSurvey, Survey, kernel_architecture,
};

use super::{Check, Finding, Level};

/// One finding for each program, then the engine and what the environment names.
pub(super) fn findings(survey: &Survey) -> Vec<Finding> {
    let programs = &survey.programs;
    let nothing = !programs.iter().any(ProgramSurvey::can_be_had);
    let mut findings: Vec<Finding> = programs
        .iter()
        .map(|found| program(found, nothing))
        .collect();
    findings.extend(programs.iter().flat_map(|found| foreign(survey, found)));
    findings.push(engine(survey));
    findings.extend(network(survey));
    findings.extend(programs.iter().filter_map(external));
    findings
}

fn program(program: &ProgramSurvey, nothing_at_all: bool) -> Finding {
    let server = program.server;
    let mut ways = Vec::new();
    if let Some(binary) = program.binary.as_ref() {
        ways.push(format!("process {} ({})", binary.version, binary.path));
    }
    let usable = |image: &&ImageSurvey| image.unusable.is_none();
    if let Some(image) = program.image().filter(usable) {
        ways.push(format!("container {}", image.name));
    }
    if let Some(Found::Found(external)) = &program.external {
        ways.push(format!("external {} ({})", external.version, external.url));
    }
    if ways.is_empty() {
        // Without servers at all nothing can run; without one of them, scenarios without it can.
        let level = if nothing_at_all {
            Level::Problem
        } else {
            Level::Warning
        };
        let remedy = match program.images.first() {
            Some(image) => format!("docker pull {}, or ./scripts/setup", image.name),
            None => "./scripts/setup".to_owned(),
        };
        let what = format!("{server}: neither as process nor as container nor running already");
        return Check::Servers.found(level, what, Some(&remedy));
    }
    let what = format!("{server}: {}", ways.join("; "));
    match better_image(program) {
        Some(official) => {
            let remedy = format!("for the version that EdgeX ships: docker pull {official}");
            Check::Servers.found(Level::Note, what, Some(&remedy))
        }
        None => Check::Servers.found(Level::Ok, what, None),
    }
}

/// A server's program or image that the CPU does not run itself: an emulator would, or nothing.
fn foreign(survey: &Survey, program: &ProgramSurvey) -> Vec<Finding> {
    const EMULATED: &str = "its figures say nothing of hardware: unset BUSBENCH_BIN_… and \
                            BUSBENCH_IMAGE_…; ./scripts/setup gets servers for this CPU";
    const UNUSABLE: &str = "./scripts/emulator, or ./scripts/images for one of this CPU's own";
    let server = program.server;
    let emulated = |host: &Architecture, it: Option<&Architecture>, name: &str| {
        let it = it.filter(|architecture| !host.runs(architecture))?;
        let what = format!("{server}: {name} is for {it} and would be emulated on {host}");
        Some(Check::Emulation.found(Level::Warning, what, Some(EMULATED)))
    };
    let here = kernel_architecture();
    let binary = program.binary.as_ref();
    let binary =
        binary.and_then(|binary| emulated(&here, binary.architecture.as_ref(), &binary.path));
    let engine = survey.engine.as_ref();
    let host = engine.and_then(|engine| engine.architecture.as_ref());
    let image = program.image().zip(host).and_then(|(image, host)| {
        let Some(why) = &image.unusable else {
            return emulated(host, image.architecture.as_ref(), &image.name);
        };
        let what = format!("{server}: cannot run {}: {why}", image.name);
        Some(Check::Emulation.found(Level::Warning, what, Some(UNUSABLE)))
    });
    binary.into_iter().chain(image).collect()
}

/// The official image, where only one that was built from packages is here.
fn better_image(program: &ProgramSurvey) -> Option<&str> {
    let taken = program.image()?;
    let official = program
        .images
        .iter()
        .find(|image| image.origin == ImageOrigin::Official)?;
    (taken.origin == ImageOrigin::Local).then_some(official.name.as_str())
}

fn engine(survey: &Survey) -> Finding {
    let programs = &survey.programs;
    let processes = programs
        .iter()
        .all(|program| program.binary.as_ref().is_some());
    let images = programs.iter().all(ProgramSurvey::has_usable_image);
    match &survey.engine {
        Found::Found(engine) if images => {
            let what = format!("{} answers and has every image", engine.version);
            Check::Engine.found(Level::Ok, what, None)
        }
        Found::Found(engine) => {
            let what = format!("{} answers, and lacks images", engine.version);
            let remedy = "./scripts/images builds them from distribution packages";
            Check::Engine.found(Level::Note, what, Some(remedy))
        }
        Found::Missing(reason) => {
            let level = if processes {
                Level::Note
            } else {
                Level::Warning
            };
            let remedy = "./scripts/setup installs and starts one";
            Check::Engine.found(level, reason.as_str(), Some(remedy))
        }
    }
}

fn network(survey: &Survey) -> Option<Finding> {
    let engine = survey.engine.as_ref()?;
    let what = engine.network_path.as_str();
    if what == "host-network" {
        return Some(Check::ContainerNetwork.found(Level::Ok, what, None));
    }
    let remedy = if engine.shares_network {
        "unset BUSBENCH_CONTAINER_NETWORK: this engine shares the host's network"
    } else {
        "`--provider process`, or an engine on this host itself"
    };
    Some(Check::ContainerNetwork.found(Level::Warning, what, Some(remedy)))
}

fn external(program: &ProgramSurvey) -> Option<Finding> {
    let server = program.server;
    Some(match program.external.as_ref()? {
        Found::Found(external) => {
            let what = format!("{server} {} answers at {}", external.version, external.url);
            Check::External.found(Level::Ok, what, None)
        }
        Found::Missing(reason) => {
            let remedy = format!(
                "start it, correct {}, or unset that and BUSBENCH_SERVERS",
                program.url_variable
            );
            Check::External.found(Level::Warning, reason.as_str(), Some(&remedy))
        }
    })
}

#[cfg(test)]
mod tests {
    use busbench_brokers::{BinarySurvey, EngineSurvey, ServerKind};

    use super::*;

    fn nothing() -> Survey {
        let program = |server: ServerKind| ProgramSurvey {
            server,
            binary: Found::Missing("not installed".to_owned()),
            images: Vec::new(),
            external: None,
            image_variable: "BUSBENCH_IMAGE_X".to_owned(),
            url_variable: "BUSBENCH_X_URL".to_owned(),
        };
        Survey {
            engine: Found::Missing("no engine".to_owned()),
            programs: [ServerKind::Nats, ServerKind::Redis].map(program).to_vec(),
            variables: Vec::new(),
        }
    }

    fn with_processes() -> Survey {
        let mut survey = nothing();
        for program in &mut survey.programs {
            program.binary = Found::Found(BinarySurvey {
                path: format!("/usr/sbin/{}", program.server),
                version: "1.2.3".to_owned(),
                architecture: None,
            });
        }
        survey
    }

    fn with_containers(network_path: &str, shares_network: bool) -> Survey {
        let mut survey = with_processes();
        survey.engine = Found::Found(EngineSurvey {
            version: "20.10".to_owned(),
            network_path: network_path.to_owned(),
            shares_network,
            architecture: Some(Architecture::of_image("amd64")),
        });
        for program in &mut survey.programs {
            let image = |name: &str, origin, digest: Option<&str>| ImageSurvey {
                name: name.to_owned(),
                origin,
                digest: digest.map(str::to_owned),
                architecture: digest.map(|_| Architecture::of_image("amd64")),
                unusable: None,
            };
            program.images = vec![
                image("official:1", ImageOrigin::Official, None),
                image("local:1", ImageOrigin::Local, Some("sha256:1")),
            ];
        }
        survey
    }

    fn check(survey: &Survey, expected: &[(Check, Level)]) {
        let found: Vec<_> = findings(survey)
            .iter()
            .map(|finding| (finding.check, finding.level))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_machine_without_servers_is_a_problem_and_sent_to_setup() {
        let expected = [
            (Check::Servers, Level::Problem),
            (Check::Servers, Level::Problem),
            (Check::Engine, Level::Warning),
        ];
        check(&nothing(), &expected);
        let remedies = findings(&nothing())
            .into_iter()
            .filter_map(|found| found.remedy);
        assert!(
            remedies
                .into_iter()
                .all(|remedy| remedy.contains("./scripts/setup"))
        );
    }

    #[test]
    fn processes_alone_will_do() {
        let expected = [
            (Check::Servers, Level::Ok),
            (Check::Servers, Level::Ok),
            (Check::Engine, Level::Note),
        ];
        check(&with_processes(), &expected);
    }

    #[test]
    fn one_server_that_is_missing_among_others_is_a_warning() {
        let mut survey = with_processes();
        survey.programs[0].binary = Found::Missing("not installed".to_owned());
        assert_eq!(findings(&survey)[0].level, Level::Warning);
    }

    #[test]
    fn images_from_packages_are_noted_with_what_edgex_ships() {
        let expected = [
            (Check::Servers, Level::Note),
            (Check::Servers, Level::Note),
            (Check::Engine, Level::Ok),
            (Check::ContainerNetwork, Level::Ok),
        ];
        let survey = with_containers("host-network", true);
        check(&survey, &expected);
        let first = &findings(&survey)[0];
        assert_eq!(
            first.what,
            "nats: process 1.2.3 (/usr/sbin/nats); container local:1"
        );
        let remedy = first.remedy.as_deref().unwrap();
        assert!(remedy.ends_with("docker pull official:1"), "{remedy}");
    }

    #[test]
    fn a_server_for_another_cpu_is_a_warning_whether_something_emulates_it_or_not() {
        let mut survey = with_containers("host-network", true);
        let image = &mut survey.programs[0].images[1];
        image.architecture = Some(Architecture::of_image("arm64"));
        let warning = findings(&survey).remove(2);
        let expected = (Check::Emulation, Level::Warning);
        assert_eq!((warning.check, warning.level), expected);
        let what = "nats: local:1 is for aarch64 and would be emulated on x86_64";
        assert_eq!(warning.what, what);
        survey.programs[0].images[1].unusable = Some("no emulator".to_owned());
        let warning = findings(&survey).remove(2);
        assert_eq!(warning.what, "nats: cannot run local:1: no emulator");
        let binary = BinarySurvey {
            path: "/s390x/nats-server".to_owned(),
            version: "1.2.3".to_owned(),
            architecture: Some(Architecture::of_image("s390x")),
        };
        survey.programs[0].binary = Found::Found(binary);
        let warning = findings(&survey).remove(2);
        let what = "/s390x/nats-server is for s390x";
        assert!(warning.what.contains(what), "{}", warning.what);
    }

    #[test]
    fn a_published_port_is_a_warning_with_the_way_around_it() {
        for (shares_network, way) in [(true, "unset"), (false, "--provider process")] {
            let survey = with_containers("published-port", shares_network);
            let network = network(&survey).unwrap();
            assert_eq!(network.level, Level::Warning);
            assert!(network.remedy.unwrap().contains(way));
        }
    }

    #[test]
    fn a_named_server_that_does_not_answer_is_a_warning_with_its_variable() {
        let mut survey = with_processes();
        survey.programs[1].external = Some(Found::Missing("nobody answers".to_owned()));
        let last = findings(&survey).pop().unwrap();
        assert_eq!((last.check, last.level), (Check::External, Level::Warning));
        assert!(last.remedy.unwrap().contains("BUSBENCH_X_URL"));
    }
}
