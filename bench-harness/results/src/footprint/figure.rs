//! The figures of a footprint that are judged and drawn.

use serde::Deserialize;

use super::FootprintRow;
use crate::statistics::Interval;

/// A figure of a footprint, by the name of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FootprintFigure {
    /// Bytes of the image's layers as gzip archives.
    ImageCompressedBytes,
    /// Bytes of the image's layers.
    ImageUnpackedBytes,
    /// Bytes of the program's file.
    ProgramBytes,
    /// Of client programs: bytes of the file more than without a client.
    AddedBytes,
    /// Start to first answer, with the program's pages dropped from memory, in ns.
    StartColdNs,
    /// Start to first answer, with the program's pages in memory, in ns.
    StartWarmNs,
    /// Resident memory without a client, in bytes.
    IdleRssBytes,
    /// Resident memory with idle clients, in bytes.
    ClientsRssBytes,
}

impl FootprintFigure {
    /// Whether it rests on trials; sizes are facts of a file, which one look tells, on whatever machine.
    #[must_use]
    pub const fn rests_on_trials(self) -> bool {
        match self {
            Self::ImageCompressedBytes
            | Self::ImageUnpackedBytes
            | Self::ProgramBytes
            | Self::AddedBytes => false,
            Self::StartColdNs | Self::StartWarmNs | Self::IdleRssBytes | Self::ClientsRssBytes => {
                true
            }
        }
    }

    /// Whether it is a time, in ns; otherwise it is a size, in bytes.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(self, Self::StartColdNs | Self::StartWarmNs)
    }

    /// The words that tables show.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ImageCompressedBytes => "image, compressed",
            Self::ImageUnpackedBytes => "image, unpacked",
            Self::ProgramBytes => "program",
            Self::AddedBytes => "added by the client",
            Self::StartColdNs => "start, cold",
            Self::StartWarmNs => "start, warm",
            Self::IdleRssBytes => "memory, idle",
            Self::ClientsRssBytes => "memory with idle clients",
        }
    }

    /// The figure of a row, in ns or bytes, with its interval where it has one.
    #[must_use]
    pub fn of(self, row: &FootprintRow) -> Option<(f64, Option<Interval>)> {
        let whole = |bytes: Option<u64>| Some((bytes? as f64, None));
        let around = |value: Option<f64>, low: Option<f64>, high: Option<f64>| {
            let interval = low.zip(high).map(|(low, high)| Interval { low, high });
            Some((value?, interval))
        };
        match self {
            Self::ImageCompressedBytes => whole(row.image_compressed_bytes),
            Self::ImageUnpackedBytes => whole(row.image_unpacked_bytes),
            Self::ProgramBytes => whole(row.program_bytes),
            Self::AddedBytes => Some((row.added_bytes? as f64, None)),
            Self::StartColdNs => around(
                row.start_cold_ns,
                row.start_cold_low_ns,
                row.start_cold_high_ns,
            ),
            Self::StartWarmNs => around(
                row.start_warm_ns,
                row.start_warm_low_ns,
                row.start_warm_high_ns,
            ),
            Self::IdleRssBytes => around(
                row.idle_rss_bytes,
                row.idle_rss_low_bytes,
                row.idle_rss_high_bytes,
            ),
            Self::ClientsRssBytes => around(
                row.clients_rss_bytes,
                row.clients_rss_low_bytes,
                row.clients_rss_high_bytes,
            ),
        }
    }
}
