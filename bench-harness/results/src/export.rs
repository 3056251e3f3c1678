//! Rows as CSV and as JSON. The columns are the fields of the rows, in their order: of [`Row`] or of
//! [`FootprintRow`](crate::footprint::FootprintRow).

use serde::Serialize;

use crate::Row;

/// Why rows could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The CSV writer refused.
    #[error("write rows as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The JSON writer refused.
    #[error("write rows as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// RFC 4180, lines ending in `\n`: a header, also where there are no rows, and one line for each
/// row; an empty field where a figure is absent.
pub fn to_csv<R: Serialize + Default>(rows: &[R]) -> Result<String, ExportError> {
    let header = header::<R>()?;
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(header.into_bytes());
    for row in rows {
        writer.serialize(row)?;
    }
    text_of(writer)
}

/// Rows as CSV has them, turned by a quarter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedColumn {
    /// The name in the header.
    pub name: String,
    /// The field of each row, to the byte as [`to_csv`] writes it before quoting.
    pub fields: Vec<String>,
}

/// The columns of [`to_csv`], for a reader that is to write the same text again.
pub fn to_columns(rows: &[Row]) -> Result<Vec<ExportedColumn>, ExportError> {
    let text = to_csv(rows)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut columns: Vec<ExportedColumn> = reader
        .headers()?
        .iter()
        .map(|name| ExportedColumn {
            name: name.to_owned(),
            fields: Vec::with_capacity(rows.len()),
        })
        .collect();
    for record in reader.records() {
        for (column, field) in columns.iter_mut().zip(record?.iter()) {
            column.fields.push(field.to_owned());
        }
    }
    Ok(columns)
}

/// An array of objects; `null` where a figure is absent.
pub fn to_json<R: Serialize>(rows: &[R]) -> Result<String, ExportError> {
    let mut text = serde_json::to_string_pretty(rows)?;
    text.push('\n');
    Ok(text)
}

/// The names of all columns as a line. The `csv` crate takes them from a row.
fn header<R: Serialize + Default>() -> Result<String, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(R::default())?;
    let text = text_of(writer)?;
    let line = text.lines().next().unwrap_or_default();
    Ok(format!("{line}\n"))
}

fn text_of(writer: csv::Writer<Vec<u8>>) -> Result<String, ExportError> {
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
