//! What a measure (`provvedimento`) forbids or orders, in words, as a sign and by how much it weighs.

use bisenzio_kernel::Lang;

/// One entry of the vocabulary.
#[derive(Clone, Copy, Debug)]
pub struct MeasureKind {
    pub code: &'static str,
    pub it: &'static str,
    pub en: &'static str,
    /// Icon of the sprite.
    pub icon: &'static str,
    /// Class of the sign's list item; empty for a red (prohibition) sign.
    pub sign: &'static str,
    /// 1 light, 2 serious, 3 the street is closed.
    pub severity: u8,
}

const fn kind(
    code: &'static str,
    it: &'static str,
    en: &'static str,
    icon: &'static str,
    sign: &'static str,
    severity: u8,
) -> MeasureKind {
    MeasureKind {
        code,
        it,
        en,
        icon,
        sign,
        severity,
    }
}

const BLUE: &str = "bz-sign-blue";
const AMBER: &str = "bz-sign-amber";

/// The codes of the municipality's own vocabulary, by how acts word them.
const KINDS: [MeasureKind; 25] = [
    kind(
        "divieto_di_transito",
        "Divieto di transito",
        "No through traffic",
        "bz-closed",
        "",
        3,
    ),
    kind(
        "sospensione_temporanea_circolazione",
        "Circolazione sospesa",
        "Traffic halted",
        "bz-closed",
        "",
        3,
    ),
    kind(
        "divieto_di_transito_pedoni",
        "Transito vietato ai pedoni",
        "No pedestrians",
        "bz-walk",
        "",
        2,
    ),
    kind(
        "chiusura_corsia",
        "Corsia chiusa",
        "Lane closed",
        "bz-narrow",
        AMBER,
        2,
    ),
    kind(
        "restringimento_carreggiata",
        "Carreggiata ristretta",
        "Road narrows",
        "bz-narrow",
        AMBER,
        2,
    ),
    kind(
        "senso_unico_alternato",
        "Senso unico alternato",
        "Alternate one-way traffic",
        "bz-alternate",
        AMBER,
        2,
    ),
    kind("senso_unico", "Senso unico", "One way", "bz-oneway", BLUE, 2),
    kind("senso_vietato", "Senso vietato", "No entry", "bz-noentry", "", 2),
    kind(
        "inversione_senso_di_marcia",
        "Senso di marcia invertito",
        "Direction reversed",
        "bz-oneway",
        BLUE,
        2,
    ),
    kind(
        "doppio_senso",
        "Doppio senso di circolazione",
        "Two-way traffic",
        "bz-alternate",
        BLUE,
        1,
    ),
    kind(
        "direzione_obbligatoria",
        "Direzione obbligatoria",
        "Compulsory direction",
        "bz-oneway",
        BLUE,
        1,
    ),
    kind(
        "direzione_obbligatoria_autocarri",
        "Direzione obbligatoria per gli autocarri",
        "Compulsory direction for lorries",
        "bz-oneway",
        BLUE,
        1,
    ),
    kind(
        "transito_vietato_massa_oltre_3_5t",
        "Transito vietato oltre 3,5 tonnellate",
        "No vehicles over 3.5 tonnes",
        "bz-noentry",
        "",
        2,
    ),
    kind(
        "divieto_di_sorpasso",
        "Divieto di sorpasso",
        "No overtaking",
        "bz-noentry",
        "",
        1,
    ),
    kind(
        "limite_30_kmh",
        "Limite di 30 km/h",
        "30 km/h limit",
        "bz-speed",
        "",
        1,
    ),
    kind(
        "divieto_di_sosta",
        "Divieto di sosta",
        "No parking",
        "bz-noparking",
        "",
        1,
    ),
    kind(
        "divieto_di_sosta_con_rimozione",
        "Divieto di sosta con rimozione",
        "No parking, tow-away zone",
        "bz-noparking",
        "",
        1,
    ),
    kind(
        "corsia_riservata",
        "Corsia riservata",
        "Reserved lane",
        "bz-bus",
        BLUE,
        1,
    ),
    kind(
        "area_pedonale_urbana",
        "Area pedonale",
        "Pedestrian area",
        "bz-walk",
        BLUE,
        2,
    ),
    kind(
        "apertura_al_transito",
        "Apertura al transito",
        "Opened to traffic",
        "bz-road",
        BLUE,
        1,
    ),
    kind(
        "deroga_ztl_transito_e_sosta",
        "Deroga alla ZTL",
        "Exemption from the limited-traffic zone",
        "bz-road",
        BLUE,
        1,
    ),
    kind(
        "sospensione_divieti_di_sosta_pulizia_strade",
        "Sospesi i divieti di sosta per la pulizia delle strade",
        "Street-cleaning parking bans suspended",
        "bz-road",
        BLUE,
        1,
    ),
    kind(
        "proroga",
        "Proroga dei provvedimenti in vigore",
        "Extension of the measures in force",
        "bz-works",
        AMBER,
        2,
    ),
    kind("revoca", "Revoca", "Revocation", "bz-road", BLUE, 1),
    kind(
        "",
        "Provvedimento non riportato nell'estratto",
        "Measure not in the stored excerpt",
        "bz-works",
        AMBER,
        1,
    ),
];

/// The vocabulary's entry for a code; codes it does not know get a neutral sign and their own words.
pub fn kind_of(code: &str) -> MeasureKind {
    KINDS.into_iter().find(|k| k.code == code).unwrap_or(MeasureKind {
        code: "?",
        it: "",
        en: "",
        icon: "bz-works",
        sign: AMBER,
        severity: 1,
    })
}

/// The measure in words.
pub fn words(code: &str, lang: Lang) -> String {
    let kind = kind_of(code);
    if kind.code == "?" {
        let mut text = code.replace('_', " ");
        if let Some(first) = text.get(0..1) {
            let upper = first.to_uppercase();
            text.replace_range(0..1, &upper);
        }
        return text;
    }
    lang.t(kind.it, kind.en).to_owned()
}

/// Severity 1 to 3 in words, the same as the legend of the maps.
pub fn severity_words(level: u8, lang: Lang) -> &'static str {
    match level {
        3 => lang.t("Strada chiusa", "Road closed"),
        2 => lang.t("Circolazione rallentata", "Traffic slowed"),
        _ => lang.t("Lavori senza deviazioni", "Works, no diversion"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closures_weigh_most_and_parking_least() {
        assert_eq!(kind_of("divieto_di_transito").severity, 3);
        assert_eq!(kind_of("senso_unico_alternato").severity, 2);
        assert_eq!(kind_of("divieto_di_sosta").severity, 1);
        assert_eq!(
            words("passo_carrabile_provvisorio", Lang::It),
            "Passo carrabile provvisorio"
        );
        assert_eq!(words("èa", Lang::It), "èa");
    }
}
