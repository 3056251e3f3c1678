//! Ctrl-C, SIGTERM and SIGHUP: the first asks the run to end cleanly, the second ends it.

use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::{Failure, INTERNAL, INTERRUPTED};
use crate::output;

/// A token that is cancelled by the first signal, for a run.
pub(crate) fn cancelled_by_signals() -> Result<CancellationToken, Failure> {
    cancelled_with_note("finished trials are kept, servers are removed")
}

/// The same, with what is said of what was begun.
pub(crate) fn cancelled_with_note(note: &'static str) -> Result<CancellationToken, Failure> {
    let mut signals = Signals::new()
        .map_err(|error| Failure::new(INTERNAL, format!("cannot listen for signals: {error}")))?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        signals.next().await;
        output::note(format_args!("\nstopping: {note}"));
        cancelled.cancel();
        signals.next().await;
        output::note("stopped at once; `busbench clean` removes what servers may be left");
        process::exit(INTERRUPTED.into());
    });
    Ok(token)
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
