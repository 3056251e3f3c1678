//! `busbench clean`.

use crate::exit::{DONE, Failure};
use crate::output;

pub(crate) async fn clean() -> Result<u8, Failure> {
    let report = busbench_brokers::clean()
        .await
        .map_err(|error| Failure::environment(&error))?;
    output::text(&report.to_string());
    Ok(DONE)
}
