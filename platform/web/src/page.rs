//! What the layout needs to know of a page.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use bisenzio_kernel::{ActorKind, Problem};

use crate::{Ctx, Flash, NavPlace, assets};

#[derive(Clone, Debug)]
pub struct NavItem {
    pub label: String,
    pub href: String,
    pub active: bool,
}

#[derive(Clone, Debug)]
pub struct UserBadge {
    pub name: String,
    pub role: String,
}

#[derive(Clone, Debug)]
pub struct Crumb {
    pub label: String,
    /// Empty for the page itself.
    pub href: String,
}

/// An alternate representation of the page (RSS, iCalendar, GeoJSON ...).
#[derive(Clone, Debug)]
pub struct Feed {
    pub title: String,
    pub mime: String,
    pub href: String,
}

/// The field `page` of every page template.
#[derive(Clone, Debug)]
pub struct Page {
    pub title: String,
    pub description: String,
    pub lang: String,
    pub path: String,
    pub city: String,
    pub organisation: String,
    pub tagline: String,
    pub nav: Vec<NavItem>,
    pub staff_nav: Vec<NavItem>,
    pub user: Option<UserBadge>,
    pub csrf: String,
    pub breadcrumbs: Vec<Crumb>,
    pub flash: Option<Flash>,
    pub demo: bool,
    pub feeds: Vec<Feed>,
    /// Load the map's script and styles.
    pub map: bool,
    /// Load the charts' script.
    pub chart: bool,
}

impl Page {
    pub fn t<'a>(&self, it: &'a str, en: &'a str) -> &'a str {
        if self.lang == "en" { en } else { it }
    }

    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// A value for a query string.
    pub fn encode(&self, text: &str) -> String {
        crate::response::encode(text)
    }

    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Adds a step of the way from the home page; the page itself has an empty `href`.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.breadcrumbs.push(Crumb {
            label: label.into(),
            href: href.into(),
        });
        self
    }

    #[must_use]
    pub fn feed(mut self, title: impl Into<String>, mime: &str, href: impl Into<String>) -> Self {
        self.feeds.push(Feed {
            title: title.into(),
            mime: mime.to_owned(),
            href: href.into(),
        });
        self
    }

    #[must_use]
    pub fn with_map(mut self) -> Self {
        self.map = true;
        self
    }

    #[must_use]
    pub fn with_chart(mut self) -> Self {
        self.chart = true;
        self
    }
}

impl Ctx {
    /// The layout's part of a page.
    pub fn page(&self, title: impl Into<String>) -> Page {
        let here = self.path.split('?').next().unwrap_or("/");
        let nav = |place: NavPlace| {
            let mut entries: Vec<_> = self
                .app
                .nav
                .iter()
                .filter(|entry| entry.place == place)
                .filter(|entry| entry.permission.is_none_or(|permission| self.may(permission)))
                .collect();
            entries.sort_by_key(|entry| entry.position);
            entries
                .into_iter()
                .map(|entry| NavItem {
                    label: self.t(entry.it, entry.en).to_owned(),
                    href: entry.href.to_owned(),
                    active: is_under(here, entry.href),
                })
                .collect()
        };
        let user = match &self.actor.kind {
            ActorKind::Person { name, .. } => Some(UserBadge {
                name: name.clone(),
                role: self
                    .actor
                    .roles
                    .first()
                    .map_or("", |role| role.label(self.lang))
                    .to_owned(),
            }),
            _ => None,
        };
        Page {
            title: title.into(),
            description: String::new(),
            lang: self.lang.as_str().to_owned(),
            path: self.path.clone(),
            city: self.tenant.name.clone(),
            organisation: self.tenant.organisation.clone(),
            tagline: self.tenant.tagline.clone(),
            nav: nav(NavPlace::Main),
            staff_nav: if user.is_some() {
                nav(NavPlace::Staff)
            } else {
                Vec::new()
            },
            user,
            csrf: self.csrf.clone(),
            breadcrumbs: Vec::new(),
            flash: self.flash.clone(),
            demo: self.app.settings.demo && self.tenant.demo,
            feeds: Vec::new(),
            map: false,
            chart: false,
        }
    }
}

fn is_under(here: &str, href: &str) -> bool {
    here == href || (href != "/" && here.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

/// Renders a page template.
///
/// # Errors
/// 500 when the template fails; the cause is logged.
pub fn render(template: &impl Template) -> Result<Response, Problem> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => {
            tracing::error!(%error, "template");
            Err(Problem::internal())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_under;

    #[test]
    fn the_active_entry_is_the_one_we_are_under() {
        assert!(is_under("/piano/2021", "/piano"));
        assert!(is_under("/piano", "/piano"));
        assert!(!is_under("/piani", "/piano"));
        assert!(!is_under("/piano", "/"));
    }
}
