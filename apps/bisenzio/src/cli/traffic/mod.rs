//! `bisenzio traffic`: the traffic engine on files.

mod assign;
mod calibrate;
mod input;
mod links;
mod output;
mod scenario;
mod select_link;
mod skim;
mod solve;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Traffic {
    /// Find the volumes at which nobody gains by another way (user equilibrium).
    Assign(assign::Assign),
    /// What closures and other changes cost, from the equilibrium without them.
    Scenario(scenario::Scenario),
    /// Times between all zones.
    Skim(skim::Skim),
    /// Whose trips pass a link, and where else they go.
    SelectLink(select_link::SelectLink),
    /// Correct a trip table by counts.
    Calibrate(calibrate::Calibrate),
}

impl Traffic {
    pub async fn run(self) -> Result<()> {
        let stop = solve::stop_on_interrupt();
        // The engine keeps a thread busy until it is done.
        tokio::task::spawn_blocking(move || match self {
            Self::Assign(command) => command.run(&stop),
            Self::Scenario(command) => command.run(&stop),
            Self::Skim(command) => command.run(&stop),
            Self::SelectLink(command) => command.run(&stop),
            Self::Calibrate(command) => command.run(&stop),
        })
        .await?
    }
}
