//! The command line.

mod backup;
mod city;
mod config;
mod demo;
mod network;
mod note;
pub mod openapi;
mod routes;
mod serve;
mod target;
mod token;
mod traffic;
mod works;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Open-source smart-city platform: the one system under a municipality's Smart City plan.
#[derive(Parser)]
#[command(name = "bisenzio", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show a working city: loads the demonstration cities and serves them.
    Demo(demo::Demo),
    /// Run the server.
    Serve(serve::Serve),
    /// Load a city folder, ordinances or notices.
    #[command(subcommand)]
    Import(works::Import),
    /// The street network.
    #[command(subcommand)]
    Network(network::Network),
    /// Traffic assignment: volumes, closures, times, counts.
    #[command(subcommand)]
    Traffic(traffic::Traffic),
    /// The Smart City plan.
    #[command(subcommand)]
    Plan(note::Plan),
    /// Tokens for programs.
    #[command(subcommand)]
    Token(token::Token),
    /// Save everything to one file while the server runs.
    Backup(backup::Backup),
    /// Fill an empty store from a backup (also from the other engine).
    Restore(backup::Restore),
    /// Check the configuration.
    #[command(subcommand)]
    Config(config::Check),
    /// List every route with who may use it.
    Routes(routes::List),
    /// Print the OpenAPI description.
    Openapi,
}

pub async fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Demo(command) => command.run().await,
        Command::Serve(command) => command.run().await,
        Command::Import(command) => command.run().await,
        Command::Network(command) => command.run().await,
        Command::Traffic(command) => command.run().await,
        Command::Plan(command) => command.run().await,
        Command::Token(command) => command.run().await,
        Command::Backup(command) => command.run().await,
        Command::Restore(command) => command.run().await,
        Command::Config(command) => command.run(),
        Command::Routes(command) => command.run(),
        Command::Openapi => openapi::print(),
    }
}
