//! The program: reads the command line, starts the log, runs the command.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use actix_web::rt::System;
use clap::Parser;
use switchboard::{
    cli::{self, Cli},
    observe,
};
use tokio::runtime::Handle;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = observe::init(cli.options.log_format, &cli.options.log) {
        return fail(&error);
    }
    let system = System::new();
    let runtime = system.block_on(async { Handle::current() });
    let ended = system.block_on(Box::pin(cli::run(cli)));
    // A task that is dropped with a connection in its hands gives it back, for which it needs the runtime.
    let _within = runtime.enter();
    drop(system);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

/// Says what went wrong where people and scripts look for it.
fn fail(message: &str) -> ExitCode {
    // Where standard error is closed there is nobody left to tell; the exit code still says it.
    drop(writeln!(io::stderr(), "switchboard: {message}"));
    ExitCode::FAILURE
}
