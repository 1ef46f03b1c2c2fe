//! The state that every handler shares.

use std::sync::Arc;

use bisenzio_kernel::{Env, Permission, PermissionSpec, TenantId};
use bisenzio_store::Store;

use crate::{Authenticator, RouteInfo, Tenants};

/// Cheap to clone; handlers reach it as `ctx.app`.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

pub struct AppParts {
    pub store: Store,
    pub env: Env,
    pub tenants: Tenants,
    pub settings: Settings,
    pub authenticator: Arc<dyn Authenticator>,
    pub permissions: Vec<PermissionSpec>,
    pub nav: Vec<NavEntry>,
    /// Every route of the house, for the list of APIs and for the tests that walk them all.
    pub routes: Vec<RouteInfo>,
    /// What upper floors lend to all handlers, by type: the registry of modules, the map of streets.
    pub services: http::Extensions,
}

impl std::ops::Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}

impl App {
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }

    /// A service put in at start.
    ///
    /// # Errors
    /// 500 when the wiring forgot it.
    pub fn service<T: Clone + Send + Sync + 'static>(&self) -> Result<T, bisenzio_kernel::Problem> {
        self.services.get::<T>().cloned().ok_or_else(|| {
            tracing::error!(service = std::any::type_name::<T>(), "a service was not wired");
            bisenzio_kernel::Problem::internal()
        })
    }
}

/// What the configuration file decides for the web floor.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Demonstration: sign-in by choosing a role.
    pub demo: bool,
    /// The tenant that answers under host names nobody claims; without one they get 421.
    pub default_tenant: Option<TenantId>,
    /// Cookies are `Secure`; pages send HSTS. Off only where TLS is not to be had (localhost).
    pub https: bool,
    /// The reverse proxy in front sets `X-Forwarded-For`; otherwise the header is not believed.
    pub trust_forwarded: bool,
    /// Largest body of an upload, bytes.
    pub max_upload: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            demo: false,
            default_tenant: None,
            https: false,
            trust_forwarded: false,
            max_upload: 20 * 1024 * 1024,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavPlace {
    /// The main bar, for everybody.
    Main,
    /// The staff bar, for who has the permission.
    Staff,
}

/// A page's place in the navigation. `position` orders entries within a place.
#[derive(Clone, Copy, Debug)]
pub struct NavEntry {
    pub place: NavPlace,
    pub position: u16,
    pub it: &'static str,
    pub en: &'static str,
    pub href: &'static str,
    pub permission: Option<Permission>,
}
