//! What can go wrong with a side's folder.

use std::io;
use std::path::PathBuf;

use crate::StoreError;
use crate::benchmarks::BenchmarkError;
use crate::comparison::DifferingField;

/// Why a side could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RoundsError {
    /// A folder could not be listed.
    #[error("read folder {}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nothing was measured there.
    #[error(
        "nothing to compare in {}: neither it nor folders in it hold a run (result.json) or \
         results of criterion",
        path.display()
    )]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A run cannot be read.
    #[error(transparent)]
    Run(#[from] StoreError),
    /// Results of benchmarks cannot be read.
    #[error(transparent)]
    Benchmarks(#[from] BenchmarkError),
    /// A run has no cells that could be compared.
    #[error(
        "{} is a run of footprints, and they are in no comparison: `busbench report` shows those of several \
         machines side by side",
        path.display()
    )]
    Footprints {
        /// The run's folder.
        path: PathBuf,
    },
    /// The runs of one side were not measured under the same conditions.
    #[error(
        "{} holds runs that differ among themselves by {}: name one of them, or keep them apart",
        path.display(),
        told(fields)
    )]
    Mixed {
        /// The side's folder.
        path: PathBuf,
        /// By what.
        fields: Vec<DifferingField>,
    },
}

fn told(fields: &[DifferingField]) -> String {
    let field = |field: &DifferingField| {
        let mut values: Vec<&str> = field
            .values
            .iter()
            .map(|value| value.as_deref().unwrap_or("not known"))
            .collect();
        values.sort_unstable();
        values.dedup();
        format!("{} ({})", field.name, values.join(", "))
    };
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}
