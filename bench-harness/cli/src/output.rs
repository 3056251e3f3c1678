//! What goes to the terminal. A reader that has gone away is no error.

use std::fmt::Display;
use std::io::{Write as _, stderr, stdout};

/// Width of tables where standard output is no terminal.
const WIDTH: u16 = 120;

/// Columns of the terminal.
pub(crate) fn width() -> u16 {
    console::Term::stdout()
        .size_checked()
        .map_or(WIDTH, |(_, columns)| columns)
}

/// Prints a line to standard output.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(stdout(), "{text}");
}

/// Prints a text to standard output as it is.
pub(crate) fn text(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
}

/// Prints a line to standard error.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(stderr(), "{text}");
}

/// Prints an error to standard error.
pub(crate) fn error(error: impl Display) {
    note(format_args!("error: {error}"));
}
