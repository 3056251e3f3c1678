//! How large an image is: on disk, and on its way from a registry.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tar::{Archive, EntryType};
use tokio_util::io::StreamReader;

use super::engine::Engine;
use crate::{Architecture, BrokerError};

/// The level at which engines compress the layers that they push, which is gzip's own default.
const GZIP_LEVEL: u32 = 6;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Lists the layers of an image in its archive.
const MANIFEST: &str = "manifest.json";
const BUFFER_BYTES: usize = 1 << 16;

/// An image, as the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSize {
    /// Name with tag.
    pub name: String,
    /// The engine's id of it.
    pub id: String,
    /// What it is for.
    pub architecture: Architecture,
    /// Bytes of its layers' files (`Size` of `docker image inspect`).
    pub unpacked_bytes: u64,
    /// Bytes of its layers as gzip archives at the default level, each layer once: what a registry
    /// sends. `Err` says why it could not be told.
    pub compressed_bytes: Result<u64, String>,
}

/// The part of [`MANIFEST`] that is read.
#[derive(Debug, Deserialize)]
struct Manifest {
    #[serde(rename = "Layers")]
    layers: Vec<String>,
}

/// Asks the engine for an image's size, and compresses its layers.
pub(super) async fn of(engine: &Engine, name: &str) -> Result<ImageSize, BrokerError> {
    let unknown = || BrokerError::Engine {
        action: format!("measure the image {name}"),
        reason: "the engine does not tell its size".to_owned(),
    };
    let image = engine.image(name).await?.ok_or_else(unknown)?;
    let size = image.size.and_then(|size| u64::try_from(size).ok());
    let compressed = compressed_bytes(engine.export(name)).await;
    Ok(ImageSize {
        name: name.to_owned(),
        id: image.id.unwrap_or_default(),
        architecture: Architecture::of_image(&image.architecture.unwrap_or_default()),
        unpacked_bytes: size.ok_or_else(unknown)?,
        compressed_bytes: compressed.map_err(|error| error.to_string()),
    })
}

/// Bytes of the layers in an image's archive, compressed where they are not yet. Newer engines keep
/// layers as files named by their digests, older ones each in a folder of its own, where one that
/// occurs twice is a link to the first.
async fn compressed_bytes(
    archive: impl Stream<Item = io::Result<Bytes>> + Unpin,
) -> io::Result<u64> {
    let mut archive = Archive::new(StreamReader::new(archive));
    let mut entries = archive.entries()?;
    let mut files = BTreeMap::new();
    let mut links = BTreeMap::new();
    let mut manifests: Vec<Manifest> = Vec::new();
    while let Some(entry) = entries.next().await {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        match entry.header().entry_type() {
            EntryType::Symlink | EntryType::Link => {
                if let Some(target) = entry.link_name()? {
                    links.insert(path, target.to_string_lossy().into_owned());
                }
            }
            EntryType::Directory => {}
            _ if path == MANIFEST => {
                let mut text = Vec::new();
                entry.read_to_end(&mut text).await?;
                manifests = serde_json::from_slice(&text)?;
            }
            _ => {
                files.insert(path, compressed(&mut entry).await?);
            }
        }
    }
    let manifest = manifests
        .first()
        .ok_or_else(|| io::Error::other(format!("the image's archive has no {MANIFEST}")))?;
    let layers: BTreeSet<&str> = manifest
        .layers
        .iter()
        .map(|layer| {
            links
                .get(layer)
                .map_or(layer.as_str(), |target| linked(target))
        })
        .collect();
    layers
        .into_iter()
        .map(|layer| {
            let bytes = files.get(layer).copied();
            bytes.ok_or_else(|| io::Error::other(format!("the image's archive lacks {layer}")))
        })
        .sum()
}

/// Links lead from one layer's folder to another's.
fn linked(target: &str) -> &str {
    target.trim_start_matches("../")
}

/// Bytes of a file once it is compressed; its own where it is already.
async fn compressed(file: &mut (impl AsyncRead + Unpin)) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut raw_bytes = 0;
    let mut is_compressed = false;
    let mut encoder = GzEncoder::new(Counter(0), Compression::new(GZIP_LEVEL));
    loop {
        let count = file.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        if raw_bytes == 0 {
            is_compressed = buffer[..count].starts_with(&GZIP_MAGIC);
        }
        raw_bytes += count as u64;
        if !is_compressed {
            encoder.write_all(&buffer[..count])?;
        }
    }
    if is_compressed {
        return Ok(raw_bytes);
    }
    Ok(encoder.finish()?.0)
}

/// Counts what is written to it.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio_tar::{Builder, Header};

    use super::*;

    const LAYER: &[u8] = &[7; 300_000];

    async fn archive(files: &[(&str, &[u8])], links: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = Header::new_gnu();
            header.set_size(bytes.len() as u64);
            builder
                .append_data(&mut header, path, *bytes)
                .await
                .unwrap();
        }
        for (path, target) in links {
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            header.set_path(path).unwrap();
            header.set_link_name(target).unwrap();
            header.set_cksum();
            builder.append(&header, &[][..]).await.unwrap();
        }
        builder.into_inner().await.unwrap()
    }

    async fn measured(archive: Vec<u8>) -> io::Result<u64> {
        let parts: Vec<_> = archive
            .chunks(1000)
            .map(|part| Ok(Bytes::copy_from_slice(part)))
            .collect();
        compressed_bytes(stream::iter(parts)).await
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[tokio::test]
    async fn layers_are_compressed_and_the_rest_of_the_archive_is_left_out() {
        let manifest = br#"[{"Config": "c.json", "Layers": ["a/layer.tar"]}]"#;
        let files: [(&str, &[u8]); 3] = [
            ("a/layer.tar", LAYER),
            ("c.json", b"{}"),
            (MANIFEST, manifest),
        ];
        let bytes = measured(archive(&files, &[]).await).await.unwrap();
        assert_eq!(bytes, gzip(LAYER).len() as u64);
    }

    #[tokio::test]
    async fn a_layer_that_is_compressed_already_is_taken_as_it_is() {
        let manifest = br#"[{"Layers": ["blobs/sha256/1"]}]"#;
        let layer = gzip(LAYER);
        let files: [(&str, &[u8]); 2] = [("blobs/sha256/1", &layer), (MANIFEST, manifest)];
        let bytes = measured(archive(&files, &[]).await).await.unwrap();
        assert_eq!(bytes, layer.len() as u64);
    }

    #[tokio::test]
    async fn a_layer_that_occurs_twice_is_sent_once() {
        let manifest = br#"[{"Layers": ["a/layer.tar", "b/layer.tar"]}]"#;
        let files: [(&str, &[u8]); 2] = [("a/layer.tar", LAYER), (MANIFEST, manifest)];
        let links = [("b/layer.tar", "../a/layer.tar")];
        let bytes = measured(archive(&files, &links).await).await.unwrap();
        assert_eq!(bytes, gzip(LAYER).len() as u64);
    }

    #[tokio::test]
    async fn an_archive_without_what_is_needed_says_what_it_lacks() {
        let reason = async |files: &[(&str, &[u8])]| {
            let archive = archive(files, &[]).await;
            measured(archive).await.unwrap_err().to_string()
        };
        let empty = reason(&[("a", b"b")]).await;
        assert_eq!(empty, "the image's archive has no manifest.json");
        let manifest = br#"[{"Layers": ["gone"]}]"#;
        let lacking = reason(&[(MANIFEST, manifest)]).await;
        assert_eq!(lacking, "the image's archive lacks gone");
    }
}
