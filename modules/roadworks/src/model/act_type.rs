//! The kinds of act and of work, as the archive names them.

use bisenzio_kernel::Lang;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal, $it:literal, $en:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $code),* }
            }

            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == code)
            }

            pub fn label(self, lang: Lang) -> &'static str {
                match self { $($name::$variant => lang.t($it, $en)),* }
            }
        }
    };
}

words! {
    /// What an act does.
    ActType {
        New = "new", "Nuovi provvedimenti", "New measures";
        Extension = "extension", "Proroga", "Extension";
        Integration = "integration", "Integrazione", "Addition";
        Amendment = "amendment", "Modifica", "Amendment";
        Revocation = "revocation", "Revoca", "Revocation";
        RevocationAndNew = "revocation_and_new", "Revoca con nuovi provvedimenti", "Revocation with new measures";
        Suspension = "suspension", "Sospensione", "Suspension";
        Derogation = "derogation", "Deroga", "Exemption";
        GeneralRule = "general_rule", "Disciplina generale", "General rule";
    }
}

words! {
    /// Why the street is touched.
    Kind {
        Roadworks = "roadworks", "Lavori stradali", "Roadworks";
        UrgentWorks = "urgent_works", "Lavori urgenti", "Urgent works";
        GreenWorks = "green_works", "Cura del verde", "Tree works";
        Cleaning = "cleaning", "Pulizia delle strade", "Street cleaning";
        Event = "event", "Evento", "Event";
        Market = "market", "Mercato", "Market";
        TrafficRule = "traffic_rule", "Regola di circolazione", "Traffic rule";
        ParkingRule = "parking_rule", "Regola di sosta", "Parking rule";
        EnvironmentTrafficLimit = "environment_traffic_limit", "Limiti per l'aria", "Air-quality limits";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_records() {
        for one in ActType::ALL {
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
        for one in Kind::ALL {
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
    }
}
