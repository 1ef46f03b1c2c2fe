use std::sync::Arc;

use async_trait::async_trait;
use bisenzio_kernel::{Env, Lang, PermissionSpec, Problem, Tenant, TenantId};
use bisenzio_store::jobs::Job;
use bisenzio_store::{ModuleMigrations, Tx};
use bisenzio_web::{App, Ctx, NavEntry, Routes};
use jiff::civil::Date;

use crate::{AuditWords, CityError, CityFolder, HomeBlock, SeedReport};

/// A city service, or a part of the platform that shows itself like one.
#[async_trait]
pub trait Module: Send + Sync {
    /// Short name; prefixes its tables, permissions and events.
    fn name(&self) -> &'static str;

    fn migrations(&self) -> ModuleMigrations;

    /// Everything it answers, each with who may ask.
    fn routes(&self) -> Routes;

    fn permissions(&self) -> &'static [PermissionSpec] {
        &[]
    }

    /// Words for the actions, fields and subjects that it writes into the audit log.
    fn audit_words(&self) -> &'static [AuditWords] {
        &[]
    }

    /// Its pages' places in the navigation.
    fn nav(&self) -> &'static [NavEntry] {
        &[]
    }

    /// The types under which its records appear in the city graph.
    fn entity_types(&self) -> &'static [EntityType] {
        &[]
    }

    /// What readers call the attributes of its records: name, Italian, English.
    fn attribute_words(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &[]
    }

    /// What a coded value of such an attribute means; `None` for one that speaks for itself.
    fn value_words(&self, _attribute: &str, _value: &str, _lang: Lang) -> Option<String> {
        None
    }

    /// What it can count for the plan.
    fn indicators(&self) -> &'static [IndicatorSpec] {
        &[]
    }

    /// Counts one of [`Module::indicators`] over a period.
    ///
    /// # Errors
    /// 404 for a name it does not know, 500 when the store fails.
    fn compute(
        &self,
        _tx: &mut Tx<'_>,
        _tenant: &TenantId,
        name: &str,
        _period: Period,
    ) -> Result<f64, Problem> {
        Err(Problem::not_found(format!(
            "Module {} computes no indicator \"{name}\"",
            self.name()
        )))
    }

    /// Loads its part of a city folder. Runs inside the one transaction that loads the city: an error
    /// leaves everything as it was. Loading twice gives the same result as loading once.
    ///
    /// # Errors
    /// File, line and field of what is wrong.
    fn seed(
        &self,
        _tx: &mut Tx<'_>,
        _env: &Env,
        _tenant: &Tenant,
        _folder: &CityFolder,
    ) -> Result<SeedReport, CityError> {
        Ok(SeedReport::default())
    }

    /// Its part of the home page.
    ///
    /// # Errors
    /// When the store fails.
    async fn home(&self, _ctx: &Ctx) -> Result<Vec<HomeBlock>, Problem> {
        Ok(Vec::new())
    }

    /// Kinds of background job it runs.
    fn job_kinds(&self) -> &'static [&'static str] {
        &[]
    }

    /// Runs one job. May run again after an error or a crash, so it must not mind.
    ///
    /// # Errors
    /// What an operator should read.
    async fn run_job(&self, _app: &App, job: &Job) -> Result<(), String> {
        Err(format!("module {} knows no job \"{}\"", self.name(), job.kind))
    }

    /// OpenAPI 3.1 description of its own API.
    fn openapi(&self) -> Option<utoipa::openapi::OpenApi> {
        None
    }
}

/// A type of entity and what a reader should know of it.
#[derive(Clone, Copy, Debug)]
pub struct EntityType {
    /// Short name in the default context, a Smart Data Models type where one exists.
    pub name: &'static str,
    /// One thing of the type, in the singular.
    pub it: &'static str,
    pub en: &'static str,
}

impl EntityType {
    pub const fn new(name: &'static str, it: &'static str, en: &'static str) -> Self {
        Self { name, it, en }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct IndicatorSpec {
    pub name: &'static str,
    pub it: &'static str,
    pub en: &'static str,
    /// Unit as it is shown ("cantieri", "giorni"); empty for a plain count.
    pub unit: &'static str,
}

/// Days from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub first: Date,
    pub last: Date,
}

/// The modules of this house, in the order of `apps/bisenzio`.
#[derive(Clone, Default)]
pub struct Registry(Arc<Vec<Arc<dyn Module>>>);

impl Registry {
    pub fn new(modules: Vec<Arc<dyn Module>>) -> Self {
        Self(Arc::new(modules))
    }

    pub fn modules(&self) -> &[Arc<dyn Module>] {
        &self.0
    }

    pub fn by_name(&self, name: &str) -> Option<&Arc<dyn Module>> {
        self.0.iter().find(|module| module.name() == name)
    }

    /// Computes `<module>.<indicator>` over a period.
    ///
    /// # Errors
    /// 404 when no module computes it.
    pub fn compute(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        indicator: &str,
        period: Period,
    ) -> Result<f64, Problem> {
        let (module, name) = indicator
            .split_once('.')
            .ok_or_else(|| Problem::not_found(format!("\"{indicator}\" is not <module>.<indicator>")))?;
        let module = self
            .by_name(module)
            .ok_or_else(|| Problem::not_found(format!("There is no module \"{module}\"")))?;
        module.compute(tx, tenant, name, period)
    }
}
