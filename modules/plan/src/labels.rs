//! Words for the types and attributes of the entities that plans speak of. A name without words here is
//! taken apart into words, so that no page shows a raw identifier.

use bisenzio_kernel::Lang;
use bisenzio_module::EntityType;

use crate::model::{choice_label, states};

pub const ATTRIBUTES: &[(&str, &str, &str)] = &[
    ("access", "Accesso", "Access"),
    ("approximate", "Posizione approssimata", "Approximate position"),
    ("asOf", "Aggiornato al", "As of"),
    ("lengthKm", "Lunghezza (km)", "Length (km)"),
    ("locationNote", "Nota sulla posizione", "Note on the position"),
    (
        "locationSource",
        "Fonte della posizione",
        "Source of the position",
    ),
    ("serviceState", "Stato del servizio", "State of the service"),
    ("streetAddress", "Indirizzo", "Address"),
    ("themeCode", "Codice della categoria", "Code of the theme"),
    ("themeUri", "Vocabolario europeo", "European vocabulary"),
    ("totalSpotNumber", "Posti", "Spaces"),
    ("updateState", "Stato dell'aggiornamento", "State of the update"),
    ("about", "Riguarda", "About"),
    (
        "accessPointsInstalled",
        "Access point installati",
        "Access points installed",
    ),
    (
        "accessPointsReceived",
        "Access point ricevuti",
        "Access points received",
    ),
    (
        "accessPointsRemaining",
        "Access point da collocare",
        "Access points to be placed",
    ),
    ("act", "Atto", "Act"),
    ("actDate", "Data dell'atto", "Date of the act"),
    ("actNumber", "Numero dell'atto", "Number of the act"),
    ("activity", "Attività", "Activity"),
    ("address", "Indirizzo", "Address"),
    ("agendaPeriod", "Periodo dell'agenda", "Period of the agenda"),
    ("alternateName", "Altro nome", "Also called"),
    ("areaNote", "Area misurata", "Area measured"),
    ("atLeast", "Almeno", "At least"),
    ("author", "Autore", "Author"),
    ("baseline", "Riferimento", "Baseline"),
    ("body", "Organo", "Body"),
    ("calculationPeriod", "Periodo", "Period"),
    ("campaignState", "Stato della campagna", "State of the campaign"),
    ("catalogue", "Catalogo", "Catalogue"),
    ("category", "Categoria", "Category"),
    ("code", "Codice", "Code"),
    ("color", "Colore", "Colour"),
    ("commissionedBy", "Committente", "Commissioned by"),
    (
        "companiesInterviewed",
        "Aziende intervistate",
        "Companies interviewed",
    ),
    ("completionDate", "Conclusione", "Completed"),
    ("connects", "Collega", "Connects"),
    ("controlledProperty", "Grandezza misurata", "Property measured"),
    ("coordinator", "Coordinamento", "Coordinator"),
    ("countries", "Paesi", "Countries"),
    ("coverageFrom", "Dati dal", "Covers from"),
    ("coverageTo", "Dati fino al", "Covers to"),
    ("crossStreet", "Incrocio con", "Cross street"),
    ("datasetCount", "Dataset", "Datasets"),
    ("dateActivated", "Attivazione", "Activated"),
    ("dateInstalled", "Installazione", "Installed"),
    ("dateUpdated", "Aggiornamento", "Updated"),
    ("description", "Descrizione", "Description"),
    ("designer", "Progettazione", "Designer"),
    ("developer", "Sviluppo", "Developer"),
    ("distinctDatasets", "Dataset distinti", "Distinct datasets"),
    ("district", "Circoscrizione", "District"),
    ("endDate", "Fine", "End"),
    ("experimental", "In via sperimentale", "Experimental"),
    ("farmers", "Agricoltori", "Farmers"),
    ("floorSize", "Superficie", "Floor area"),
    ("floorSizeUnit", "Unità della superficie", "Unit of area"),
    ("formerUse", "Uso precedente", "Former use"),
    ("framework", "Quadro di riferimento", "Framework"),
    ("funding", "Finanziamento", "Funding"),
    ("group", "Gruppo", "Group"),
    ("intervention", "Intervento", "Work done"),
    ("kpiValue", "Valore dichiarato", "Declared value"),
    ("labName", "Smart Living Lab", "Living lab"),
    ("launchDate", "Avvio", "Launched"),
    ("launchedCampaigns", "Campagne avviate", "Campaigns launched"),
    ("levels", "Livelli", "Levels"),
    ("livingLab", "Smart Living Lab", "Living lab"),
    ("locality", "Località", "Locality"),
    ("mainFields", "Ambiti principali", "Main fields"),
    ("maximumSpeed", "Velocità massima", "Speed limit"),
    ("name", "Nome", "Name"),
    ("nameInSource", "Nome nella fonte", "Name in the source"),
    ("nearStreet", "Vicino a", "Near"),
    ("network", "Rete", "Network"),
    ("newProjects", "Nuovi progetti", "New projects"),
    ("note", "Nota", "Note"),
    ("observedYear", "Anno di osservazione", "Year observed"),
    ("openingDate", "Apertura", "Opened"),
    ("openingDays", "Giorni e orari", "Days and hours"),
    ("operator", "Gestione", "Operator"),
    ("organizer", "Organizzazione", "Organiser"),
    ("owner", "Proprietà", "Owner"),
    ("phase", "Fase", "Phase"),
    ("phaseNumber", "Numero della fase", "Phase number"),
    ("place", "Luogo", "Place"),
    (
        "placeStated",
        "Luogo indicato dalla fonte",
        "Place stated by the source",
    ),
    ("plannedCampaigns", "Campagne programmate", "Campaigns planned"),
    ("platform", "Piattaforma", "Platform"),
    ("position", "Dove", "Where"),
    ("presenter", "Presentazione di", "Presented by"),
    (
        "privateDonorProjects",
        "Progetti con donatori privati",
        "Projects with private donors",
    ),
    ("programme", "Programma", "Programme"),
    ("project", "Progetto", "Project"),
    ("projects", "Progetti", "Projects"),
    ("projectKind", "Tipo di progetto", "Kind of project"),
    ("projectState", "Stato del progetto", "State of the project"),
    ("projectYear", "Anno del progetto", "Project year"),
    ("projectsUpdated", "Progetti aggiornati", "Projects updated"),
    ("provider", "Fornito da", "Provider"),
    ("publicAccess", "Accesso pubblico", "Open to the public"),
    ("publisher", "Editore", "Publisher"),
    ("questionCount", "Domande", "Questions"),
    ("reductionPercent", "Riduzione (%)", "Reduction (%)"),
    ("refProject", "Progetto", "Project"),
    ("referenceDate", "Data di riferimento", "Reference date"),
    ("referencePeriod", "Periodo di riferimento", "Reference period"),
    ("referenceYear", "Anno di riferimento", "Reference year"),
    ("role", "Ruolo", "Role"),
    ("section", "Sezione", "Section"),
    ("sections", "Sezioni", "Sections"),
    ("selectedStartups", "Start-up selezionate", "Start-ups selected"),
    ("sessionCount", "Aperture", "Sessions"),
    ("software", "Software", "Software"),
    ("source", "Fonte", "Source"),
    ("speedUnit", "Unità della velocità", "Unit of speed"),
    ("startDate", "Inizio", "Start"),
    (
        "startText",
        "Inizio, come detto dalla fonte",
        "Start, as the source tells it",
    ),
    ("stateLabel", "Stato", "State"),
    ("street", "Via", "Street"),
    ("subOrganizationOf", "Fa parte di", "Part of"),
    ("targetYear", "Anno dell'obiettivo", "Target year"),
    ("technologies", "Tecnologie", "Technologies"),
    ("themeCount", "Categorie", "Themes"),
    ("treesPlanted", "Alberi piantati", "Trees planted"),
    ("unitText", "Unità", "Unit"),
    ("url", "Indirizzo web", "Web address"),
    ("use", "Uso", "Use"),
    ("workState", "Stato dei lavori", "State of the works"),
    ("year", "Anno", "Year"),
];

pub const TYPES: &[EntityType] = &[
    EntityType::new("DrinkingWater", "Fontanello", "Drinking fountain"),
    EntityType::new("AccessPoint", "Access point wi-fi", "Wi-fi access point"),
    EntityType::new("BikeLane", "Pista ciclabile", "Cycle track"),
    EntityType::new("Building", "Edificio", "Building"),
    EntityType::new(
        "CatalogueDCAT-AP",
        "Catalogo di dati aperti",
        "Open data catalogue",
    ),
    EntityType::new("CityWork", "Cantiere", "Road works"),
    EntityType::new("DatasetTheme", "Categoria di dati aperti", "Open data theme"),
    EntityType::new("Device", "Stazione di misura", "Measuring station"),
    EntityType::new("DigitalPlatform", "Piattaforma digitale", "Digital platform"),
    EntityType::new(
        "EmissionInventory",
        "Inventario delle emissioni",
        "Emission inventory",
    ),
    EntityType::new("EmissionTarget", "Obiettivo sulle emissioni", "Emission target"),
    EntityType::new("Event", "Evento", "Event"),
    EntityType::new(
        "ForestationCampaign",
        "Campagna di forestazione",
        "Forestation campaign",
    ),
    EntityType::new(
        "ForestationProgramme",
        "Programma di forestazione",
        "Forestation programme",
    ),
    EntityType::new(
        "KeyPerformanceIndicator",
        "Indicatore del piano",
        "Indicator of the plan",
    ),
    EntityType::new("LivingLab", "Smart Living Lab", "Living lab"),
    EntityType::new("MunicipalAct", "Atto del Comune", "Municipal act"),
    EntityType::new("Museum", "Museo", "Museum"),
    EntityType::new("OffStreetParking", "Parcheggio", "Car park"),
    EntityType::new("Organization", "Organizzazione", "Organisation"),
    EntityType::new(
        "ParticipatoryProcess",
        "Processo partecipativo",
        "Participatory process",
    ),
    EntityType::new(
        "PlatformUpdate",
        "Aggiornamento di piattaforma",
        "Platform update",
    ),
    EntityType::new("PointOfInterest", "Luogo della città", "Place of the city"),
    EntityType::new("Project", "Progetto del piano", "Project of the plan"),
    EntityType::new("ProjectCensus", "Mappatura di progetti", "Survey of projects"),
    EntityType::new("ProjectDeliverable", "Documento di progetto", "Project document"),
    EntityType::new("PublicService", "Servizio pubblico", "Public service"),
    EntityType::new(
        "RestrictedTrafficArea",
        "Zona a traffico regolato",
        "Restricted traffic area",
    ),
    EntityType::new("ServiceDesk", "Sportello", "Service desk"),
    EntityType::new("SkillArea", "Area di competenze", "Area of skills"),
    EntityType::new("WifiNetwork", "Rete wi-fi", "Wi-fi network"),
    EntityType::new(
        "WifiPointOfInterest",
        "Luogo con wi-fi pubblico",
        "Place with public wi-fi",
    ),
];

/// Values that records keep as codes, and how they are said.
const VALUES: &[(&str, &str, &str)] = &[
    ("baseline", "di riferimento", "baseline"),
    ("launched", "Avviata", "Launched"),
    ("monitoring", "di monitoraggio", "monitoring"),
];

/// Categories of places, organisations, platforms and events.
const CATEGORIES: &[(&str, &str, &str)] = &[
    ("air-purification", "Depurazione dell'aria", "Air purification"),
    ("association", "Associazione", "Association"),
    ("company", "Azienda", "Company"),
    ("hospital", "Ospedale", "Hospital"),
    (
        "innovation-centre",
        "Centro per l'innovazione",
        "Innovation centre",
    ),
    ("library", "Biblioteca", "Library"),
    ("living-lab", "Living lab", "Living lab"),
    ("market", "Mercato", "Market"),
    ("meeting", "Incontro", "Meeting"),
    ("municipal-office", "Ufficio comunale", "Municipal office"),
    ("municipality", "Comune", "Municipality"),
    ("park-and-ride", "Parcheggio scambiatore", "Park and ride"),
    ("platform", "Piattaforma", "Platform"),
    ("portal", "Portale", "Portal"),
    ("public-body", "Ente pubblico", "Public body"),
    ("public-parking", "Parcheggio pubblico", "Public parking"),
    ("recreational-space", "Spazio ricreativo", "Recreational space"),
    ("region", "Regione", "Region"),
    ("research", "Ricerca", "Research"),
    ("research-platform", "Piattaforma di ricerca", "Research platform"),
    ("school", "Scuola", "School"),
    ("sensor", "Sensore", "Sensor"),
    (
        "smart-city-platform",
        "Piattaforma per la città",
        "Smart-city platform",
    ),
    ("sports-area", "Area sportiva", "Sports area"),
    ("square", "Piazza", "Square"),
    ("trail", "Sentiero", "Trail"),
    ("transport", "Trasporti", "Transport"),
    ("university", "Università", "University"),
    ("utility", "Servizi pubblici", "Utility"),
    ("website", "Sito web", "Website"),
];

/// A code of an entity's attribute in words; `None` for what speaks for itself.
pub fn value(attribute: &str, value: &str, lang: Lang) -> Option<String> {
    if attribute == "category" {
        let known = CATEGORIES.iter().find(|(known, _, _)| *known == value);
        return known.map(|(_, it, en)| lang.t(it, en).to_owned());
    }
    let coded_here = attribute.ends_with("State") || attribute == "role";
    coded_here.then(|| coded(value, lang))
}

/// The words for a coded value of a state or role; other values as they are.
pub fn coded(value: &str, lang: Lang) -> String {
    let known = VALUES.iter().find(|(known, _, _)| *known == value);
    known.map_or_else(
        || choice_label(states(), value, lang),
        |(_, it, en)| lang.t(it, en).to_owned(),
    )
}

pub fn attribute(name: &str, lang: Lang) -> String {
    let known = ATTRIBUTES.iter().find(|(known, _, _)| *known == name);
    known.map_or_else(|| apart(name), |(_, it, en)| lang.t(it, en).to_owned())
}

pub fn entity_type(name: &str, lang: Lang) -> String {
    let known = TYPES.iter().find(|known| known.name == name);
    known.map_or_else(|| apart(name), |known| lang.t(known.it, known.en).to_owned())
}

/// "dateInstalled" as "Date installed".
fn apart(name: &str) -> String {
    let mut out = String::new();
    for (index, c) in name.chars().enumerate() {
        if index == 0 {
            out.extend(c.to_uppercase());
        } else if c.is_uppercase() {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(if c == '_' || c == '-' { ' ' } else { c });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        assert_eq!(attribute("openingDate", Lang::It), "Apertura");
        assert_eq!(attribute("treeHeight", Lang::It), "Tree height");
        assert_eq!(entity_type("AccessPoint", Lang::En), "Wi-fi access point");
    }

    #[test]
    fn each_name_is_said_once() {
        let attributes = ATTRIBUTES.iter().map(|(name, _, _)| *name).collect();
        let types = TYPES.iter().map(|known| known.name).collect();
        for mut names in [attributes, types] as [Vec<&str>; 2] {
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        }
    }
}
