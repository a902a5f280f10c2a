//! The program: reads the command line, starts the log, runs the command.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use switchboard::{
    cli::{self, Cli},
    observe,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = observe::init(cli.options.log_format, &cli.options.log) {
        return fail(&error);
    }
    match actix_web::rt::System::new().block_on(Box::pin(cli::run(cli))) {
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
