//! The project's own commands: `cargo xtask serve`, `cargo xtask test` and their parts.
//!
//! Each command installs what it needs, says so before it does, and skips what is there already.
//! `cargo xtask help` lists the commands; CONTRIBUTING.md says where everything is kept.
#![allow(clippy::print_stdout, reason = "a command-line tool speaks through standard output")]

mod job;
mod lock;
mod project;
mod serve;
mod setup;
mod site;
mod test;

use anyhow::Result;
use clap::{Parser, Subcommand};
use project::Project;
use site::Build;
use std::process::ExitCode;

/// Builds, serves and tests WorldModel X-ray.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = false)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the page and serve it at http://127.0.0.1:8080
    Serve {
        /// Quick unoptimised builds, and a rebuild at every change of a source file
        #[arg(long)]
        dev: bool,
        /// Leave out the WebGPU engine, whose first build takes a quarter of an hour
        #[arg(long)]
        no_gpu: bool,
        /// The port on 127.0.0.1
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Run every check and every test; the last line counts them
    Test {
        /// Leave out the WebGPU engine, whose first build takes a quarter of an hour
        #[arg(long)]
        no_gpu: bool,
        /// Run only the steps whose name contains this text, and what they need
        #[arg(long)]
        only: Option<String>,
    },
    /// Build the site into dist/
    Build {
        /// Quick unoptimised build, into the cache instead of dist/
        #[arg(long)]
        dev: bool,
        /// Leave out the WebGPU engine, whose first build takes a quarter of an hour
        #[arg(long)]
        no_gpu: bool,
    },
    /// Build only the engine's web workers
    Workers {
        /// Skip wasm-opt
        #[arg(long)]
        dev: bool,
        /// Leave out the WebGPU engine, whose first build takes a quarter of an hour
        #[arg(long)]
        no_gpu: bool,
    },
    /// Run the browser tests on the site in dist/; what follows `--` goes to Playwright
    E2e {
        /// Playwright's own arguments: a file, `-g TITLE`, `--headed`
        #[arg(last = true)]
        playwright: Vec<String>,
    },
    /// Install everything the other commands need
    Setup,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", job::chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Runs one command; false when it ran to its end and found something wrong.
fn run(command: Command) -> Result<bool> {
    let project = Project::find()?;
    match command {
        Command::Serve { dev, no_gpu, port } => site::serve(&project, Build { dev, gpu: !no_gpu }, port)?,
        Command::Build { dev, no_gpu } => {
            let dist = site::build(&project, Build { dev, gpu: !no_gpu })?;
            println!("The site is in {}", dist.display());
        }
        Command::Workers { dev, no_gpu } => site::workers(&project, Build { dev, gpu: !no_gpu })?,
        Command::E2e { playwright } => return test::browser::run_by_hand(&project, &playwright),
        Command::Setup => setup::everything(&project)?,
        Command::Test { no_gpu, only } => return test::run(project, !no_gpu, only.as_deref()),
    }
    Ok(true)
}
