//! A city ready to be computed: its network and demand, and one text that changes when either does.

use std::sync::Arc;

use bisenzio_kernel::{Problem, Tenant};
use bisenzio_store::Tx;
use bisenzio_territory::{Streets, Territory};
use sha2::{Digest, Sha256};

use crate::demand::{self, CityDemand, Parameters, Period};
use crate::network::{self, CityNetwork};
use crate::{room::Room, store};

/// Network and demand of one city at one version.
pub struct City {
    /// Hash of everything that a result depends on.
    pub input: String,
    pub territory: Arc<Territory>,
    pub network: CityNetwork,
    pub parameters: Parameters,
    pub demand: CityDemand,
}

impl City {
    /// The city as it stands in this transaction; `None` where it has no streets, no zones, no demand or no count
    /// of residents. Kept in memory until one of them changes.
    ///
    /// # Errors
    /// 500 when the store fails or what it holds cannot be read.
    pub fn load(tx: &mut Tx<'_>, streets: &Streets, tenant: &Tenant) -> Result<Option<Arc<Self>>, Problem> {
        let Some(content) = store::demand(tx, &tenant.id)? else {
            return Ok(None);
        };
        let residents = tenant.population.unwrap_or(0);
        if residents <= 0 {
            return Ok(None);
        }
        let territory = streets.territory(tx, &tenant.id)?;
        let key = hash([
            tenant.id.as_str(),
            &territory.version,
            &content,
            &residents.to_string(),
        ]);
        let room = tx.memory::<Room>();
        if let Some(known) = room.city(&tenant.id, &key) {
            return Ok(known);
        }
        let made = Self::make(territory, &content, residents as f64)?.map(Arc::new);
        room.keep_city(&tenant.id, key, made.clone());
        Ok(made)
    }

    fn make(territory: Arc<Territory>, content: &str, residents: f64) -> Result<Option<Self>, Problem> {
        let unusable = |reason: String| {
            tracing::error!(reason, "the city's traffic cannot be prepared");
            Problem::internal()
        };
        let parameters: Parameters = toml::from_str(content).map_err(|e| unusable(e.to_string()))?;
        let network = network::translate(&territory);
        if network.is_empty() {
            return Ok(None);
        }
        let demand = demand::make(&network, residents, &parameters).map_err(unusable)?;
        Ok(Some(Self {
            input: input(&network, &demand, &parameters),
            territory,
            network,
            parameters,
            demand,
        }))
    }

    /// Place of a period in the day; the first for an empty name.
    ///
    /// # Errors
    /// 404 for a name that the city does not know.
    pub fn period(&self, id: &str) -> Result<usize, Problem> {
        let found = self.parameters.periods.iter().position(|p| p.id == id);
        match found {
            None if id.is_empty() => Ok(0),
            None => Err(Problem::not_found(format!(
                "There is no period \"{id}\": there are {}",
                self.period_ids().join(", ")
            ))),
            Some(at) => Ok(at),
        }
    }

    pub fn periods(&self) -> &[Period] {
        &self.parameters.periods
    }

    fn period_ids(&self) -> Vec<&str> {
        self.periods().iter().map(|p| p.id.as_str()).collect()
    }

    /// A street by its identifier.
    pub fn street(&self, id: &str) -> Option<usize> {
        // Links are sorted by identifier in what imports write; other networks are searched.
        let links = &self.territory.network.links;
        links
            .binary_search_by(|link| link.id.as_str().cmp(id))
            .ok()
            .or_else(|| links.iter().position(|link| link.id == id))
    }

    pub fn street_id(&self, street: usize) -> &str {
        &self.territory.network.links[street].id
    }

    /// Name of a street; empty where it has none.
    pub fn street_name(&self, street: usize) -> &str {
        self.territory.network.links[street]
            .name
            .as_deref()
            .unwrap_or_default()
    }

    pub fn zone_name(&self, zone: u32) -> String {
        let zone = &self.network.zones[zone as usize];
        match zone.kind {
            network::ZoneKind::Locality => zone.name.clone(),
            network::ZoneKind::Gate if zone.name.is_empty() => "Confine comunale".to_owned(),
            network::ZoneKind::Gate => format!("Confine: {}", zone.name),
        }
    }
}

fn input(network: &CityNetwork, demand: &CityDemand, parameters: &Parameters) -> String {
    let mut all = Sha256::new();
    for link in &network.engine.links {
        all.update(link.from.to_le_bytes());
        all.update(link.to.to_le_bytes());
        all.update(link.capacity.to_le_bytes());
        all.update(link.free_flow_time.to_le_bytes());
    }
    for turn in &network.engine.turns {
        all.update(turn.from_link.to_le_bytes());
        all.update(turn.to_link.to_le_bytes());
    }
    for trips in demand.day.entries() {
        all.update(trips.origin.to_le_bytes());
        all.update(trips.destination.to_le_bytes());
        all.update(trips.trips.to_le_bytes());
    }
    for period in &parameters.periods {
        all.update(period.id.as_bytes());
        all.update(period.share.to_le_bytes());
        all.update([period.from, period.to]);
    }
    short(all)
}

/// Hash of some texts, 20 hexadecimal digits.
pub fn hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = Sha256::new();
    for text in texts {
        all.update((text.len() as u64).to_le_bytes());
        all.update(text.as_bytes());
    }
    short(all)
}

fn short(all: Sha256) -> String {
    all.finalize()
        .iter()
        .take(10)
        .map(|b| format!("{b:02x}"))
        .collect()
}
