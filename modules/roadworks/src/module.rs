//! The module as the house sees it.

use async_trait::async_trait;
use bisenzio_kernel::{Env, Lang, PermissionSpec, Problem, Role, Tenant, TenantId};
use bisenzio_module::{
    CityError, CityFolder, EntityType, HomeBlock, IndicatorSpec, Module, Period, SeedReport,
};
use bisenzio_store::{Migration, ModuleMigrations, Tx};
use bisenzio_web::{Ctx, NavEntry, NavPlace, Routes};

use crate::service::{IMPORT, PLACE, VIEW_ROOM};
use crate::{api, feeds, graph, indicators, pages, seed};

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "roadworks",
    migrations: &[Migration {
        version: 1,
        name: "acts, notices and worksites",
        sql: include_str!("../migrations/0001_roadworks.sql"),
    }],
};

const PERMISSIONS: &[PermissionSpec] = &[
    PermissionSpec {
        permission: VIEW_ROOM,
        it: "Vedere la Situation Room",
        en: "See the Situation Room",
        roles: &[
            Role::Officer,
            Role::Authoriser,
            Role::Manager,
            Role::Police,
            Role::Operator,
            Role::Planner,
        ],
    },
    PermissionSpec {
        permission: PLACE,
        it: "Collocare i cantieri sulla mappa",
        en: "Place worksites on the map",
        roles: &[Role::Officer, Role::Authoriser],
    },
    PermissionSpec {
        permission: IMPORT,
        it: "Importare ordinanze e comunicati",
        en: "Import ordinances and notices",
        roles: &[Role::Officer],
    },
];

const NAV: &[NavEntry] = &[
    NavEntry {
        place: NavPlace::Main,
        position: 10,
        it: "Cantieri",
        en: "Roadworks",
        href: "/cantieri",
        permission: None,
    },
    NavEntry {
        place: NavPlace::Main,
        position: 20,
        it: "Ordinanze",
        en: "Ordinances",
        href: "/ordinanze",
        permission: None,
    },
    NavEntry {
        place: NavPlace::Staff,
        position: 10,
        it: "Situation Room",
        en: "Situation Room",
        href: "/situation-room",
        permission: Some(VIEW_ROOM),
    },
];

const ENTITY_TYPES: &[EntityType] = &[EntityType {
    name: "CityWork",
    it: "Cantiere",
    en: "Road works",
}];

/// How readers call the members of a worksite's entity.
const ATTRIBUTE_WORDS: &[(&str, &str, &str)] = &[
    ("contractingCompany", "Impresa", "Contractor"),
    ("dateEnd", "Fine", "End"),
    ("dateStart", "Inizio", "Start"),
    ("exceptions", "Eccezioni", "Exceptions"),
    ("from", "Dal", "From"),
    ("measure", "Codice", "Code"),
    ("responsible", "Responsabile", "Responsible"),
    (
        "restrictions",
        "Provvedimenti sulla strada",
        "Measures on the street",
    ),
    ("seeAlso", "Testi degli atti", "Texts of the acts"),
    ("severity", "Effetto sulla circolazione", "Effect on traffic"),
    ("status", "Stato", "State"),
    ("to", "Al", "To"),
    ("workType", "Tipo", "Kind"),
];

/// Worksites, ordinances and streets.
pub struct RoadworksModule;

#[async_trait]
impl Module for RoadworksModule {
    fn name(&self) -> &'static str {
        "roadworks"
    }

    fn migrations(&self) -> ModuleMigrations {
        MIGRATIONS
    }

    fn routes(&self) -> Routes {
        pages::routes().merge(feeds::routes()).merge(api::routes())
    }

    fn permissions(&self) -> &'static [PermissionSpec] {
        PERMISSIONS
    }

    fn audit_words(&self) -> &'static [bisenzio_module::AuditWords] {
        crate::audit_words::WORDS
    }

    fn nav(&self) -> &'static [NavEntry] {
        NAV
    }

    fn entity_types(&self) -> &'static [EntityType] {
        ENTITY_TYPES
    }

    fn attribute_words(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        ATTRIBUTE_WORDS
    }

    fn value_words(&self, attribute: &str, value: &str, lang: Lang) -> Option<String> {
        graph::value_words(attribute, value, lang)
    }

    fn indicators(&self) -> &'static [IndicatorSpec] {
        indicators::INDICATORS
    }

    fn compute(
        &self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        name: &str,
        period: Period,
    ) -> Result<f64, Problem> {
        indicators::compute(tx, tenant, name, period)
    }

    fn seed(
        &self,
        tx: &mut Tx<'_>,
        env: &Env,
        tenant: &Tenant,
        folder: &CityFolder,
    ) -> Result<SeedReport, CityError> {
        seed::seed(tx, env, tenant, folder)
    }

    async fn home(&self, ctx: &Ctx) -> Result<Vec<HomeBlock>, Problem> {
        pages::home(ctx).await
    }

    fn openapi(&self) -> Option<utoipa::openapi::OpenApi> {
        Some(api::openapi())
    }
}
