//! The `busbench` command: parses, calls, maps errors to exit codes, shows progress.

mod arguments;
mod commands;
mod exit;
mod interrupt;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use exit::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(arguments.command) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::error(&failure);
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Run(arguments) => on_runtime(commands::run::run(&arguments)),
        Command::List(arguments) => commands::list::list(&arguments),
        Command::Check(arguments) => Ok(commands::check::check(&arguments)),
        Command::Report(arguments) => commands::report::report(&arguments),
        Command::Compare(arguments) => commands::compare::compare(&arguments),
        Command::Export(arguments) => commands::export::export(&arguments),
        Command::Trend(arguments) => commands::trend::trend(&arguments),
        Command::Doctor(arguments) => on_runtime(commands::doctor::doctor(&arguments)),
        Command::SelfTest(arguments) => on_runtime(commands::self_test::self_test(&arguments)),
        Command::Explain(arguments) => commands::explain::explain(&arguments),
        Command::Clean => on_runtime(commands::clean::clean()),
    }
}

fn on_runtime(work: impl Future<Output = Result<u8, Failure>>) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime
        .map_err(|error| Failure::new(exit::INTERNAL, format!("cannot start tokio: {error}")))?;
    runtime.block_on(work)
}
