use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

use super::target::load_config;

#[derive(Subcommand)]
pub enum Check {
    /// Read the configuration and say what is wrong with it.
    Check {
        #[arg(long, value_name = "FILE", env = "BISENZIO_CONFIG")]
        config: Option<PathBuf>,
    },
}

impl Check {
    pub fn run(self) -> Result<()> {
        let Check::Check { config } = self;
        let config = load_config(config.as_deref())?;
        println!("The configuration is valid.");
        println!("  address  {}", config.server.address);
        println!("  store    {}", without_password(&config.store.url));
        println!("  log      {} ({})", config.log.level, config.log.format);
        Ok(())
    }
}

/// `postgresql://user:secret@host/db` is shown without the secret.
fn without_password(url: &str) -> String {
    match url
        .split_once("://")
        .and_then(|(scheme, rest)| rest.split_once('@').map(|(who, host)| (scheme, who, host)))
    {
        Some((scheme, who, host)) => {
            format!("{scheme}://{}@{host}", who.split(':').next().unwrap_or_default())
        }
        None => url.to_owned(),
    }
}
