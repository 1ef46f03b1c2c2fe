//! Names of the graph as people say them: the modules' own words first, then those of the common data models,
//! then the name taken apart.

use bisenzio_kernel::{Lang, Micros, format};
use bisenzio_module::Registry;
use bisenzio_ngsi_ld::{AttributeValue, Context, Entity};
use bisenzio_web::Ctx;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

/// Attributes of the core data model and of widely used Smart Data Models.
const ATTRIBUTES: &[(&str, &str, &str)] = &[
    ("CO", "Monossido di carbonio", "Carbon monoxide"),
    ("CO2", "Anidride carbonica", "Carbon dioxide"),
    ("NO2", "Biossido di azoto", "Nitrogen dioxide"),
    ("O3", "Ozono", "Ozone"),
    ("PM10", "Polveri PM10", "PM10 dust"),
    ("PM25", "Polveri PM2,5", "PM2.5 dust"),
    ("SO2", "Anidride solforosa", "Sulphur dioxide"),
    ("accuracy", "Precisione", "Accuracy"),
    ("address", "Indirizzo", "Address"),
    ("alternateName", "Altro nome", "Also called"),
    ("areaServed", "Zona servita", "Area served"),
    ("atmosphericPressure", "Pressione atmosferica", "Air pressure"),
    ("availableSpotNumber", "Posti liberi", "Free spaces"),
    (
        "averageVehicleSpeed",
        "Velocità media dei veicoli",
        "Average speed of vehicles",
    ),
    ("batteryLevel", "Batteria", "Battery"),
    ("category", "Categoria", "Category"),
    ("dateCreated", "Data di creazione", "Created"),
    ("dateLastReported", "Ultima comunicazione", "Last report"),
    ("dateModified", "Data di modifica", "Changed"),
    ("dateObserved", "Data della misura", "Observed"),
    ("description", "Descrizione", "Description"),
    ("endDate", "Fine", "End"),
    ("fillingLevel", "Riempimento", "Filling"),
    ("humidity", "Umidità", "Humidity"),
    ("intensity", "Veicoli contati", "Vehicles counted"),
    ("level", "Livello", "Level"),
    ("location", "Posizione", "Position"),
    ("name", "Nome", "Name"),
    ("observationSpace", "Area osservata", "Area observed"),
    ("occupancy", "Occupazione", "Occupancy"),
    ("onRoad", "Strada", "Street"),
    ("operationSpace", "Area di intervento", "Area of operation"),
    ("owner", "Proprietà", "Owner"),
    ("placedIn", "Si trova in", "Placed in"),
    ("precipitation", "Pioggia", "Rain"),
    ("quality", "Qualità", "Quality"),
    ("refDevice", "Dispositivo", "Device"),
    ("refRoadSegment", "Tratto di strada", "Stretch of street"),
    ("relativeHumidity", "Umidità relativa", "Relative humidity"),
    ("scope", "Ambito", "Scope"),
    ("seeAlso", "Vedere anche", "See also"),
    ("source", "Fonte", "Source"),
    ("startDate", "Inizio", "Start"),
    ("status", "Stato", "State"),
    ("temperature", "Temperatura", "Temperature"),
    ("title", "Titolo", "Title"),
    ("totalSpotNumber", "Posti", "Spaces"),
    ("url", "Indirizzo web", "Web address"),
    ("value", "Valore", "Value"),
    ("waterLevel", "Livello dell'acqua", "Water level"),
    ("windDirection", "Direzione del vento", "Wind direction"),
    ("windSpeed", "Velocità del vento", "Wind speed"),
];

/// Types of widely used Smart Data Models.
const TYPES: &[(&str, &str, &str)] = &[
    ("AirQualityObserved", "Qualità dell'aria", "Air quality"),
    ("Alert", "Avviso", "Alert"),
    ("Building", "Edificio", "Building"),
    ("Device", "Dispositivo", "Device"),
    ("DeviceModel", "Modello di dispositivo", "Device model"),
    ("Event", "Evento", "Event"),
    ("FloodMonitoring", "Controllo delle piene", "Flood monitoring"),
    ("Museum", "Museo", "Museum"),
    ("NoiseLevelObserved", "Rumore", "Noise"),
    ("OffStreetParking", "Parcheggio", "Car park"),
    ("OnStreetParking", "Sosta su strada", "On-street parking"),
    ("ParkingSpot", "Posto auto", "Parking space"),
    ("PointOfInterest", "Luogo della città", "Place of the city"),
    ("Road", "Strada", "Street"),
    ("RoadSegment", "Tratto di strada", "Stretch of street"),
    ("Streetlight", "Lampione", "Street light"),
    ("TrafficFlowObserved", "Traffico rilevato", "Traffic"),
    ("Vehicle", "Veicolo", "Vehicle"),
    ("WasteContainer", "Contenitore di rifiuti", "Waste container"),
    ("WaterLevel", "Livello dell'acqua", "Water level"),
    ("WaterMeter", "Contatore dell'acqua", "Water meter"),
    ("WaterQualityObserved", "Qualità dell'acqua", "Water quality"),
    ("WeatherForecast", "Previsione del tempo", "Weather forecast"),
    ("WeatherObserved", "Meteo rilevato", "Weather"),
];

/// Units by UN/CEFACT Recommendation 20 common code.
const UNITS: &[(&str, &str, &str)] = &[
    ("2N", "dB", "dB"),
    ("59", "ppm", "ppm"),
    ("61", "ppb", "ppb"),
    ("A97", "hPa", "hPa"),
    ("AMP", "A", "A"),
    ("ANN", "anni", "years"),
    ("C62", "", ""),
    ("CEL", "°C", "°C"),
    ("CMT", "cm", "cm"),
    ("D54", "W/m²", "W/m²"),
    ("DAY", "giorni", "days"),
    ("DD", "°", "°"),
    ("EUR", "€", "€"),
    ("FAH", "°F", "°F"),
    ("GP", "mg/m³", "mg/m³"),
    ("GQ", "µg/m³", "µg/m³"),
    ("GRM", "g", "g"),
    ("H87", "pezzi", "pieces"),
    ("HTZ", "Hz", "Hz"),
    ("HUR", "ore", "hours"),
    ("KEL", "K", "K"),
    ("KGM", "kg", "kg"),
    ("KMH", "km/h", "km/h"),
    ("KMT", "km", "km"),
    ("KWH", "kWh", "kWh"),
    ("KWT", "kW", "kW"),
    ("LTR", "l", "l"),
    ("LUX", "lux", "lux"),
    ("MBR", "mbar", "mbar"),
    ("MIN", "minuti", "minutes"),
    ("MMT", "mm", "mm"),
    ("MON", "mesi", "months"),
    ("MTK", "m²", "m²"),
    ("MTQ", "m³", "m³"),
    ("MTR", "m", "m"),
    ("MTS", "m/s", "m/s"),
    ("P1", "%", "%"),
    ("PAL", "Pa", "Pa"),
    ("SEC", "secondi", "seconds"),
    ("TNE", "t", "t"),
    ("VLT", "V", "V"),
    ("WTT", "W", "W"),
];

/// Attributes that name a thing, best first.
const NAMES: [&str; 3] = ["name", "title", "alternateName"];

/// The words of one reader.
#[derive(Clone)]
pub(crate) struct Words {
    pub(crate) lang: Lang,
    pub(crate) timezone: String,
    /// The day it is in the city.
    today: Date,
    registry: Registry,
}

impl Words {
    pub(crate) fn of(ctx: &Ctx) -> Self {
        let registry = ctx.app.services.get::<Registry>().cloned();
        Self::new(
            ctx.lang,
            &ctx.tenant.timezone,
            ctx.today(),
            registry.unwrap_or_default(),
        )
    }

    pub(crate) fn new(lang: Lang, timezone: &str, today: Date, registry: Registry) -> Self {
        Self {
            lang,
            timezone: timezone.to_owned(),
            today,
            registry,
        }
    }

    pub(crate) fn t<'a>(&self, it: &'a str, en: &'a str) -> &'a str {
        self.lang.t(it, en)
    }

    /// A type given by its expanded name.
    pub(crate) fn entity_type(&self, iri: &str) -> String {
        let short = short(iri);
        let known = self
            .registry
            .modules()
            .iter()
            .flat_map(|module| module.entity_types())
            .map(|known| (known.name, known.it, known.en));
        let known = known
            .chain(TYPES.iter().copied())
            .find(|(name, _, _)| *name == short);
        known.map_or_else(|| apart(tail(&short)), |(_, it, en)| self.t(it, en).to_owned())
    }

    pub(crate) fn types(&self, iris: &[String]) -> String {
        let all: Vec<String> = iris.iter().map(|iri| self.entity_type(iri)).collect();
        all.join(", ")
    }

    /// An attribute given by its expanded name.
    pub(crate) fn attribute(&self, iri: &str) -> String {
        let short = short(iri);
        let own = self
            .registry
            .modules()
            .iter()
            .flat_map(|module| module.attribute_words());
        let known = own.chain(ATTRIBUTES).find(|(name, _, _)| *name == short);
        known.map_or_else(|| apart(tail(&short)), |(_, it, en)| self.t(it, en).to_owned())
    }

    /// What a coded value means.
    pub(crate) fn coded(&self, attribute: &str, value: &str) -> Option<String> {
        let short = short(attribute);
        self.registry
            .modules()
            .iter()
            .find_map(|module| module.value_words(&short, value, self.lang))
    }

    pub(crate) fn unit(&self, code: &str) -> String {
        let known = UNITS.iter().find(|(known, _, _)| *known == code);
        known.map_or_else(|| code.to_owned(), |(_, it, en)| self.t(it, en).to_owned())
    }

    pub(crate) fn instant(&self, at: Micros) -> String {
        format::instant(at, &self.timezone, self.lang)
    }

    /// For lists: the hour of today's instants, the day of others.
    pub(crate) fn moment(&self, at: Micros) -> String {
        let at = self.local(at);
        if at.date() == self.today {
            return format!("{} {}", self.t("oggi, ore", "today,"), format::time(at.time()));
        }
        format::date(at.date(), self.lang)
    }

    /// "ogni ora", "ogni 15 minuti".
    pub(crate) fn every(&self, seconds: f64) -> String {
        const UNITS: [(f64, [&str; 2], [&str; 2]); 4] = [
            (86_400.0, ["giorno", "giorni"], ["day", "days"]),
            (3_600.0, ["ora", "ore"], ["hour", "hours"]),
            (60.0, ["minuto", "minuti"], ["minute", "minutes"]),
            (1.0, ["secondo", "secondi"], ["second", "seconds"]),
        ];
        let whole = UNITS.iter().find(|(unit, ..)| seconds % unit == 0.0);
        let (unit, it, en) = whole.unwrap_or(&UNITS[3]);
        let number = seconds / unit;
        let every = self.t("ogni", "every");
        if (number - 1.0).abs() < f64::EPSILON {
            return format!("{every} {}", self.t(it[0], en[0]));
        }
        let number = format::number(number, 3, self.lang);
        format!("{every} {number} {}", self.t(it[1], en[1]))
    }

    /// "11/3 9:00", for the axis of a chart.
    pub(crate) fn short_moment(&self, at: Micros) -> String {
        let at = self.local(at);
        format!("{}/{} {}", at.day(), at.month(), format::time(at.time()))
    }

    fn local(&self, at: Micros) -> DateTime {
        let zone = TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC);
        let at = Timestamp::from_microsecond(at).unwrap_or_default();
        at.to_zoned(zone).datetime()
    }

    pub(crate) fn count(&self, number: usize) -> String {
        format::integer(i64::try_from(number).unwrap_or(i64::MAX), self.lang)
    }

    /// "1 cosa", "1.647 cose".
    pub(crate) fn things(&self, number: i64) -> String {
        let words = if number == 1 {
            self.t("cosa", "thing")
        } else {
            self.t("cose", "things")
        };
        format!("{} {words}", format::integer(number, self.lang))
    }

    /// What a thing is called; the end of its identifier when it has no name.
    pub(crate) fn title(&self, entity: &Entity) -> String {
        let context = Context::core();
        NAMES
            .iter()
            .find_map(|name| self.text(entity, &context.expand(name)))
            .unwrap_or_else(|| tail(&entity.id).to_owned())
    }

    /// An attribute as a text, where it is one.
    pub(crate) fn text(&self, entity: &Entity, attribute: &str) -> Option<String> {
        let text = entity
            .instances(attribute)
            .iter()
            .find_map(|instance| match &instance.value {
                AttributeValue::Property(Value::String(text)) => Some(text.clone()),
                AttributeValue::LanguageProperty(map) => self.best(map),
                _ => None,
            })?;
        let text = text.trim();
        (!text.is_empty()).then(|| cut(text, 200))
    }

    /// The text of a language map that this reader understands best.
    pub(crate) fn best(&self, map: &serde_json::Map<String, Value>) -> Option<String> {
        [self.lang.as_str(), "it", "en", "@none"]
            .iter()
            .find_map(|tag| map.get(*tag))
            .or_else(|| map.values().next())
            .and_then(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Array(list) => list.iter().find_map(Value::as_str).map(str::to_owned),
                _ => None,
            })
    }
}

/// The name in the default context; an IRI where it has none.
pub(crate) fn short(iri: &str) -> String {
    Context::core().compact(iri).into_owned()
}

/// What stands at the end of an identifier.
pub(crate) fn tail(id: &str) -> &str {
    let id = id.trim_end_matches(['/', '#', ':']);
    id.rsplit(['/', '#', ':']).next().unwrap_or(id)
}

/// Whether an identifier was made by this server (a ULID) and says nothing to a reader.
pub(crate) fn says_nothing(id: &str) -> bool {
    let end = tail(id);
    end.len() == 26 && end.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// "dateInstalled" as "Date installed", "PM10" as it is.
fn apart(name: &str) -> String {
    let mut out = String::new();
    let mut after_small = false;
    for c in name.chars() {
        if out.is_empty() {
            out.extend(c.to_uppercase());
        } else if c == '_' || c == '-' {
            out.push(' ');
        } else if c.is_uppercase() && after_small {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
        after_small = c.is_lowercase();
    }
    out
}

/// The first characters of a text, with a sign where more were.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_words_are_taken_apart() {
        assert_eq!(apart("treeHeight"), "Tree height");
        assert_eq!(apart("PM10"), "PM10");
        assert_eq!(apart("is_open"), "Is open");
        assert_eq!(apart(""), "");
        assert_eq!(tail("https://example.org/types#Tree"), "Tree");
        assert_eq!(tail("urn:ngsi-ld:Tree:prato:1"), "1");
        assert_eq!(tail(":/"), "");
        assert!(says_nothing(
            "urn:ngsi-ld:Subscription:01M8DAZ7HDAYFCHN4VB9F7ADJG"
        ));
        assert!(!says_nothing("urn:ngsi-ld:Subscription:serraglio"));
        assert_eq!(cut("àèìòù", 3), "àèì…");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn intervals_are_said_in_the_largest_whole_unit() {
        let words = crate::pages::testing::words();
        for (seconds, said) in [
            (3_600.0, "ogni ora"),
            (900.0, "ogni 15 minuti"),
            (90.0, "ogni 90 secondi"),
            (1.0, "ogni secondo"),
            (172_800.0, "ogni 2 giorni"),
            (0.5, "ogni 0,5 secondi"),
        ] {
            assert_eq!(words.every(seconds), said);
        }
    }

    #[test]
    fn each_name_is_said_once() {
        for list in [ATTRIBUTES, TYPES, UNITS] {
            let names: Vec<&str> = list.iter().map(|(name, _, _)| *name).collect();
            assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
        }
    }
}
