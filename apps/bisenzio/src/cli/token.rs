use anyhow::{Result, bail};
use bisenzio_kernel::Env;
use bisenzio_web::Tenants;
use clap::{Args, Subcommand};

use super::demo::load_missing;
use super::target::{Target, city};
use crate::wiring;

#[derive(Subcommand)]
pub enum Token {
    /// Print a token for programs (demonstration only: elsewhere tokens are made on the profile page).
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// A token that may do everything in a demonstration city.
    #[arg(long, required = true)]
    demo: bool,
    /// City (default: the one shown at localhost, or the only one).
    #[arg(long)]
    tenant: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Token {
    pub async fn run(self) -> Result<()> {
        let Token::Create(create) = self;
        let registry = wiring::registry();
        let store = wiring::open_store(&create.target.store_config()?, &registry).await?;
        let env = Env::system();
        let tenants = Tenants::default();
        tenants.reload(&store).await?;
        if tenants.all().is_empty() {
            load_missing(&store, &env, &registry, false).await?;
        }
        let tenant = city(&store, create.tenant.as_deref()).await?;
        if !tenant.demo {
            bail!(
                "{} is not a demonstration city: make tokens on the profile page",
                tenant.name
            );
        }
        println!(
            "{}",
            bisenzio_access::create_demo_token(&store, &env, &tenant).await?
        );
        Ok(())
    }
}
