//! What is looked at once for a server, before its trials: its program, its libraries, its image.

use std::collections::BTreeMap;

use busbench_brokers::{LoadedFiles, Server, ServerKind, Servers};
use busbench_results::{ImageSize, ProgramSize, ServerRecord};

use super::programs::program_size;
use super::server::settings;
use crate::error::chain;
use crate::run::server::record_of;

/// A server that has been started once.
pub(super) struct Prepared {
    pub(super) record: ServerRecord,
    /// What it runs from; the text says why that cannot be had.
    pub(super) files: Result<LoadedFiles, String>,
    pub(super) program: Option<ProgramSize>,
    pub(super) image: Option<ImageSize>,
    /// What could not be told, and why.
    pub(super) notes: Vec<String>,
}

/// Sizes of images, by their ids: several servers come from one.
#[derive(Debug, Default)]
pub(super) struct Images(BTreeMap<String, ImageSize>);

/// Starts a server, looks at what it runs from, and stops it. `Err` says why it cannot be had.
pub(super) async fn server(
    servers: &Servers,
    kind: ServerKind,
    images: &mut Images,
) -> Result<Prepared, String> {
    let started = servers.start(kind, &settings()).await;
    let server = started.map_err(|error| chain(&error))?;
    let record = record_of(server.info());
    let mut notes = Vec::new();
    let (files, program) = loaded(&server, &mut notes);
    server.stop().await.map_err(|error| chain(&error))?;
    let image = images.of(servers, kind, &record, &mut notes).await;
    Ok(Prepared {
        record,
        files,
        program,
        image,
        notes,
    })
}

/// Reads files of some megabytes, on the thread that it is called on.
fn loaded(
    server: &Server,
    notes: &mut Vec<String>,
) -> (Result<LoadedFiles, String>, Option<ProgramSize>) {
    let opened = server.loaded_files();
    let files = match opened {
        Ok(files) => files,
        Err(error) => {
            let why = format!("its program cannot be looked at: {error}");
            notes.push(why.clone());
            return (Err(why), None);
        }
    };
    let program = match files.program() {
        Ok(program) => Some(ProgramSize {
            libraries_bytes: files.libraries_bytes().ok(),
            ..program_size(program)
        }),
        Err(error) => {
            notes.push(chain(&error));
            None
        }
    };
    (Ok(files), program)
}

impl Images {
    /// The size of the image that a server comes from; `None` where it comes from none, or the engine
    /// does not tell.
    async fn of(
        &mut self,
        servers: &Servers,
        kind: ServerKind,
        record: &ServerRecord,
        notes: &mut Vec<String>,
    ) -> Option<ImageSize> {
        let digest = record.image_digest.as_ref()?;
        if let Some(known) = self.0.get(digest) {
            return Some(known.clone());
        }
        let size = match servers.image_size(kind).await? {
            Ok(size) => size,
            Err(error) => {
                notes.push(chain(&error));
                return None;
            }
        };
        if let Err(why) = &size.compressed_bytes {
            notes.push(format!("cannot compress the image {}: {why}", size.name));
        }
        let image = ImageSize {
            name: size.name,
            digest: size.id,
            arch: size.architecture.to_string(),
            unpacked_bytes: size.unpacked_bytes,
            compressed_bytes: size.compressed_bytes.ok(),
        };
        self.0.insert(digest.clone(), image.clone());
        Some(image)
    }
}
