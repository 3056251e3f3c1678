//! The client programs that `scripts/clients` has built, as its `clients.json` lists them.

use std::path::{Path, PathBuf};

use busbench_brokers::Program;
use busbench_results::{FootprintSubject, ProgramSize};
use serde::Deserialize;

use crate::error::chain;

/// Names the folder of the programs, in place of the one where `scripts/clients` puts them.
const VARIABLE: &str = "BUSBENCH_CLIENTS";
const LIST: &str = "clients.json";
const BUILD: &str = "./scripts/clients builds it";

/// The programs of a folder.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    /// The list; the text says why there is none.
    built: Result<Vec<Built>, String>,
}

/// A program of the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Built {
    language: String,
    service: String,
    client: String,
    library: Option<String>,
    library_version: Option<String>,
    toolchain: String,
    profile: String,
    /// Relative to the list; `None` where it could not be built.
    program: Option<PathBuf>,
    /// Why it could not be built.
    left_out: Option<String>,
}

/// A program that can be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClientProgram {
    pub(super) subject: FootprintSubject,
    pub(super) path: PathBuf,
    pub(super) size: ProgramSize,
}

impl Programs {
    /// Reads the list of the folder that the environment names, or of where programs of this
    /// architecture are built.
    pub(super) fn find() -> Self {
        let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty());
        let folder = match named {
            Some(folder) => PathBuf::from(folder),
            None => Path::new("target/clients").join(std::env::consts::ARCH),
        };
        Self::read(folder)
    }

    fn read(folder: PathBuf) -> Self {
        let list = folder.join(LIST);
        let read = || {
            let text = std::fs::read_to_string(&list)
                .map_err(|error| format!("cannot read {}: {error}; {BUILD}", list.display()))?;
            serde_json::from_str(&text)
                .map_err(|error| format!("cannot read {}: {error}; {BUILD} anew", list.display()))
        };
        Self {
            built: read(),
            folder,
        }
    }

    /// The program of a language that does `service` and has `client`, or why it cannot be had.
    pub(super) fn one(
        &self,
        language: &str,
        service: &str,
        client: &str,
    ) -> Result<ClientProgram, String> {
        let list = self.built.as_ref().map_err(Clone::clone)?;
        let is_it = |built: &&Built| {
            (
                built.language.as_str(),
                built.service.as_str(),
                built.client.as_str(),
            ) == (language, service, client)
        };
        let built = list.iter().find(is_it);
        let Some((built, program)) = built.and_then(|built| Some((built, built.program.as_ref()?)))
        else {
            let why = built.and_then(|built| built.left_out.clone());
            return Err(why.unwrap_or_else(|| format!("it was not built; {BUILD}")));
        };
        let path = self.folder.join(program);
        let program =
            Program::read(&path).map_err(|error| format!("{}; {BUILD}", chain(&error)))?;
        let (theirs, ours) = (&program.arch, std::env::consts::ARCH);
        if theirs != ours {
            return Err(format!(
                "{} is for {theirs}, and busbench for {ours}; {BUILD} for it",
                path.display()
            ));
        }
        Ok(ClientProgram {
            subject: FootprintSubject::Client {
                language: built.language.clone(),
                service: built.service.clone(),
                client: built.client.clone(),
                library: built.library.clone(),
                library_version: built.library_version.clone(),
                toolchain: built.toolchain.clone(),
                profile: built.profile.clone(),
            },
            path,
            size: program_size(program),
        })
    }
}

/// As a result records it; its libraries are known once it runs.
pub(super) fn program_size(program: Program) -> ProgramSize {
    ProgramSize {
        arch: program.arch,
        file_bytes: program.file_bytes,
        text_bytes: program.text_bytes,
        data_bytes: program.data_bytes,
        bss_bytes: program.bss_bytes,
        stripped: program.stripped,
        libraries_bytes: None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FootprintSubject, Programs};

    /// A list in which one program is no program, one was left out, and one is this test's.
    fn programs(folder: &Path) -> Programs {
        let this = std::env::current_exe().unwrap();
        let entry = |client: &str, program: serde_json::Value, left_out: serde_json::Value| {
            serde_json::json!({
                "language": "rust", "service": "bare", "client": client, "library": null,
                "library_version": null, "toolchain": "rustc 1", "arch": "x86_64",
                "profile": "release", "program": program, "left_out": left_out,
            })
        };
        let list = serde_json::json!([
            entry("none", this.to_str().into(), None::<&str>.into()),
            entry("nats", "text".into(), None::<&str>.into()),
            entry("mqtt", None::<&str>.into(), "there is no Go here".into()),
        ]);
        std::fs::write(folder.join("clients.json"), list.to_string()).unwrap();
        std::fs::write(folder.join("text"), "no program").unwrap();
        Programs::read(folder.to_owned())
    }

    #[test]
    fn a_program_of_the_list_is_found_with_what_the_list_says_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let found = programs(folder.path()).one("rust", "bare", "none").unwrap();
        let this = std::env::current_exe().unwrap();
        assert_eq!(found.size.file_bytes, this.metadata().unwrap().len());
        assert!(
            matches!(&found.subject, FootprintSubject::Client { client, .. } if client == "none"),
            "{found:?}"
        );
    }

    #[test]
    fn what_cannot_be_had_says_why_and_what_builds_it() {
        let folder = tempfile::tempdir().unwrap();
        let check = |programs: &Programs, client: &str, words: &[&str]| {
            let reason = programs.one("rust", "bare", client).unwrap_err();
            for word in words {
                assert!(reason.contains(word), "{reason:?} lacks {word:?}");
            }
        };
        let none = Programs::read(folder.path().to_owned());
        let words = [
            "clients.json",
            "No such file",
            "./scripts/clients builds it",
        ];
        check(&none, "nats", &words);
        let programs = programs(folder.path());
        let words = ["text is no ELF program", "./scripts/clients builds it"];
        check(&programs, "nats", &words);
        check(&programs, "mqtt", &["there is no Go here"]);
        check(&programs, "redis", &["it was not built; ./scripts/clients"]);
    }
}
