//! The smart-city plan: its projects year by year, indicators declared and computed side by side, and the
//! yearly note made from them.
//!
//! One idea holds it together: a [`model::Snapshot`] is the whole plan of a year as readers see it. While an
//! edition is a draft it is made from tables and graph; when the edition is frozen it is stored. Pages,
//! comparison and the note read only snapshots, so nothing that happens later changes a frozen year.

mod api;
mod audit_words;
mod cache;
pub mod compare;
mod display;
mod error;
mod graph;
mod indicators;
mod labels;
pub mod model;
pub mod note;
mod pages;
#[cfg(test)]
mod sample;
mod seed;
mod service;
mod store;

use async_trait::async_trait;
use bisenzio_kernel::{Env, Lang, PermissionSpec, Problem, Tenant, TenantId};
use bisenzio_module::{
    CityError, CityFolder, EntityType, HomeBlock, IndicatorSpec, Module, Period, SeedReport,
};
use bisenzio_store::jobs::Job;
use bisenzio_store::{Migration, ModuleMigrations, Tx};
use bisenzio_web::{App, Ctx, NavEntry, NavPlace, Routes};

pub use error::PlanError;
pub(crate) use model::plain_text as model_text;
pub use service::documents::{Format, bytes, note};
pub use service::{EDIT, FREEZE};

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "plan",
    migrations: &[
        Migration {
            version: 1,
            name: "plan",
            sql: include_str!("../migrations/0001_plan.sql"),
        },
        Migration {
            version: 2,
            name: "editing",
            sql: include_str!("../migrations/0002_editing.sql"),
        },
    ],
};

pub struct PlanModule;

#[async_trait]
impl Module for PlanModule {
    fn name(&self) -> &'static str {
        "plan"
    }

    fn migrations(&self) -> ModuleMigrations {
        MIGRATIONS
    }

    fn routes(&self) -> Routes {
        pages::routes().merge(api::routes())
    }

    fn permissions(&self) -> &'static [PermissionSpec] {
        service::PERMISSIONS
    }

    fn audit_words(&self) -> &'static [bisenzio_module::AuditWords] {
        audit_words::words_of_plan()
    }

    fn nav(&self) -> &'static [NavEntry] {
        &[
            NavEntry {
                place: NavPlace::Main,
                position: 30,
                it: "Piano",
                en: "Plan",
                href: "/piano",
                permission: None,
            },
            NavEntry {
                place: NavPlace::Staff,
                position: 30,
                it: "Gestione del piano",
                en: "Plan management",
                href: "/piano/gestione",
                permission: Some(EDIT),
            },
        ]
    }

    fn entity_types(&self) -> &'static [EntityType] {
        labels::TYPES
    }

    fn attribute_words(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        labels::ATTRIBUTES
    }

    fn value_words(&self, attribute: &str, value: &str, lang: Lang) -> Option<String> {
        labels::value(attribute, value, lang)
    }

    fn indicators(&self) -> &'static [IndicatorSpec] {
        indicators::OWN
    }

    fn compute(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        name: &str,
        period: Period,
    ) -> Result<f64, Problem> {
        indicators::own(tx, tenant, name, period)
    }

    fn seed(
        &self,
        tx: &mut Tx<'_>,
        env: &Env,
        tenant: &Tenant,
        folder: &CityFolder,
    ) -> Result<SeedReport, CityError> {
        seed::load(tx, env, tenant, folder)
    }

    async fn home(&self, ctx: &Ctx) -> Result<Vec<HomeBlock>, Problem> {
        pages::home::block(ctx).await
    }

    fn job_kinds(&self) -> &'static [&'static str] {
        &[service::documents::JOB]
    }

    async fn run_job(&self, app: &App, job: &Job) -> Result<(), String> {
        service::documents::run_job(app, job).await
    }

    fn openapi(&self) -> Option<utoipa::openapi::OpenApi> {
        Some(api::document())
    }
}
