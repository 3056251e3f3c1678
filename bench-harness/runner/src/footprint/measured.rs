//! What a trial of a footprint came to, a server's or a client program's.

use std::io;
use std::time::Duration;

use busbench_results::{Occupancy, Reason, ReasonKind, Start};

/// As much as could be measured, and why there is not more.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) cold_start: Option<Start>,
    pub(super) warm_start: Option<Start>,
    pub(super) idle: Option<Occupancy>,
    pub(super) idle_clients: Option<Occupancy>,
    pub(super) reasons: Vec<Reason>,
    /// What emulates the server, where anything does.
    pub(super) emulator: Option<String>,
}

impl Measured {
    /// Keeps a cold start, or the reason why there was none.
    pub(super) fn keep_cold(&mut self, start: Result<Start, String>) {
        match start {
            Ok(start) => self.cold_start = Some(start),
            Err(why) => self.reasons.push(ReasonKind::NotCold.with(why)),
        }
    }
}

/// A start after pages were dropped, or why it was none from a disk: `in_memory` where every page was
/// still there.
pub(super) fn cold(start: Start, in_memory: &str) -> Result<Start, String> {
    match start.major_faults {
        Some(0) => Err(in_memory.to_owned()),
        None => Err("nobody tells whether pages were read from disk".to_owned()),
        Some(_) => Ok(start),
    }
}

/// Why pages were not dropped, and there is no cold start.
pub(super) fn not_dropped(error: &io::Error) -> String {
    format!("its pages could not be dropped from memory: {error}")
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
