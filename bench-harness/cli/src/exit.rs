//! Exit codes. They are part of the command's interface; `docs/exit-codes.md` lists them.

use std::error::Error;
use std::fmt;

/// Done.
pub(crate) const DONE: u8 = 0;
/// Something in busbench itself failed.
pub(crate) const INTERNAL: u8 = 1;
/// The command line or a scenario asks for what cannot be.
pub(crate) const USAGE: u8 = 2;
/// The environment lacks something: no server to be had, a port taken, a folder not writable.
pub(crate) const ENVIRONMENT: u8 = 3;
/// A run finished without a valid result.
pub(crate) const NOTHING_VALID: u8 = 4;
/// A comparison found a figure that is worse.
pub(crate) const REGRESSION: u8 = 10;
/// Two sides cannot be compared.
pub(crate) const NOT_COMPARABLE: u8 = 11;
/// Ctrl-C or SIGTERM: finished trials are kept.
pub(crate) const INTERRUPTED: u8 = 130;

/// An error that knows its exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    message: String,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// An error with its causes.
    pub(crate) fn of(code: u8, error: &(impl Error + 'static)) -> Self {
        Self::new(code, busbench_runner::chain(error))
    }

    pub(crate) fn usage(error: &(impl Error + 'static)) -> Self {
        Self::of(USAGE, error)
    }

    pub(crate) fn environment(error: &(impl Error + 'static)) -> Self {
        Self::of(ENVIRONMENT, error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for Failure {}
