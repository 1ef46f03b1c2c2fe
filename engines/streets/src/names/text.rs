//! Taking Italian street names apart and writing them properly.

/// The kind of thoroughfare a name begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreetType {
    Via,
    Viale,
    Piazza,
    Piazzale,
    Piazzetta,
    Largo,
    Corso,
    Vicolo,
    Viottolo,
    Borgo,
    Strada,
    Lungo,
    Canto,
    Ponte,
    Rotatoria,
    Parcheggio,
}

impl StreetType {
    /// Reads a word, abbreviations included ("v.le", "p.zza").
    pub fn read(word: &str) -> Option<Self> {
        let w: String = fold(word).chars().filter(char::is_ascii_alphabetic).collect();
        Some(match w.as_str() {
            "via" => Self::Via,
            "viale" | "vle" => Self::Viale,
            "piazza" | "pzza" | "pza" => Self::Piazza,
            "piazzale" | "pzzale" | "ple" | "pzle" => Self::Piazzale,
            "piazzetta" => Self::Piazzetta,
            "largo" | "lgo" => Self::Largo,
            "corso" | "cso" => Self::Corso,
            "vicolo" | "vlo" => Self::Vicolo,
            "viottolo" => Self::Viottolo,
            "borgo" => Self::Borgo,
            "strada" => Self::Strada,
            "lungobisenzio" | "lungofiume" | "lungarno" => Self::Lungo,
            "canto" => Self::Canto,
            "ponte" => Self::Ponte,
            "rotatoria" | "rotonda" => Self::Rotatoria,
            "parcheggio" | "pacheggio" => Self::Parcheggio,
            _ => return None,
        })
    }

    /// The word that begins the proper name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Via => "Via",
            Self::Viale => "Viale",
            Self::Piazza => "Piazza",
            Self::Piazzale => "Piazzale",
            Self::Piazzetta => "Piazzetta",
            Self::Largo => "Largo",
            Self::Corso => "Corso",
            Self::Vicolo => "Vicolo",
            Self::Viottolo => "Viottolo",
            Self::Borgo => "Borgo",
            Self::Strada => "Strada",
            Self::Lungo => "Lungo",
            Self::Canto => "Canto",
            Self::Ponte => "Ponte",
            Self::Rotatoria => "Rotatoria",
            Self::Parcheggio => "Parcheggio",
        }
    }

    /// Squares and the like: a wide place and not a line.
    pub fn is_square(self) -> bool {
        matches!(
            self,
            Self::Piazza | Self::Piazzale | Self::Piazzetta | Self::Largo | Self::Parcheggio
        )
    }
}

/// A name in its parts, folded for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreetName {
    pub kind: Option<StreetType>,
    /// Lower-case words without accents, articles and prepositions.
    pub words: Vec<String>,
}

const ARTICLES: &[&str] = &[
    "di", "del", "dello", "della", "dell", "dei", "degli", "delle", "de", "d", "il", "lo", "la", "l", "i",
    "gli", "le", "da", "dal", "dalla", "per", "a", "al", "alla", "in", "e", "ed",
];

impl StreetName {
    /// Takes a name apart; never fails. "Via de' Sei" gives the type Via and the word "sei".
    pub fn parse(name: &str) -> Self {
        let mut tokens = tokens(name);
        let mut kind = None;
        // "Borgo Valsugana" and "Ponte Petrino" keep their first word: it is part of the name.
        if let Some(first) = tokens.first().and_then(|t| StreetType::read(t))
            && tokens.len() > 1
        {
            kind = Some(first);
            let keeps = matches!(first, StreetType::Borgo | StreetType::Canto | StreetType::Ponte);
            if !keeps {
                tokens.remove(0);
            }
        }
        let mut words: Vec<String> = tokens.iter().map(|t| expand(t)).collect();
        let meaningful = words.iter().filter(|w| !ARTICLES.contains(&w.as_str())).count();
        if meaningful > 0 {
            words.retain(|w| !ARTICLES.contains(&w.as_str()));
        }
        Self { kind, words }
    }

    /// Whether every word stands in the other name, abbreviations by their beginning.
    pub fn within(&self, other: &Self) -> bool {
        self.words.iter().all(|w| match w.strip_suffix('.') {
            Some(stem) => other.words.iter().any(|o| o.starts_with(stem)),
            None => other.words.contains(w),
        })
    }
}

/// Lower case without accents.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'à' | 'á' | 'â' | 'ä' => 'a',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ò' | 'ó' | 'ô' | 'ö' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            '’' | '`' | '´' => '\'',
            other => other,
        })
        .collect()
}

/// Words, with the dot kept on abbreviations ("s.", "l.", "f.lli").
fn tokens(name: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in
        fold(name).split(|c: char| c.is_whitespace() || matches!(c, '\'' | ',' | '(' | ')' | '-' | '/' | '"'))
    {
        if word.is_empty() {
            continue;
        }
        if StreetType::read(word).is_some() || is_brothers(word) {
            out.push(word.to_owned());
            continue;
        }
        // "s.giorgio" is two words, "p.della" too.
        for part in word.split_inclusive('.') {
            if part != "." {
                out.push(part.to_owned());
            }
        }
    }
    out
}

fn is_brothers(word: &str) -> bool {
    let w: String = word.chars().filter(char::is_ascii_alphabetic).collect();
    matches!(w.as_str(), "flli" | "frat" | "fratelli")
}

/// One word in full: saints, brothers, numerals.
fn expand(token: &str) -> String {
    if is_brothers(token) {
        return "fratelli".into();
    }
    let plain = token.trim_end_matches('.');
    match plain {
        "s" | "san" | "sant" | "santa" | "santo" | "s.ta" | "st" => return "san*".into(),
        "ss" | "santi" | "sante" => return "santi".into(),
        "trav" => return "traversa".into(),
        _ => {}
    }
    if let Some(value) = number_of(plain) {
        return value.to_string();
    }
    // A dot kept marks an abbreviation, which compares by its beginning.
    if token.ends_with('.') && !plain.is_empty() {
        format!("{plain}.")
    } else {
        plain.to_owned()
    }
}

/// Small numbers in words or Roman numerals, as dates in street names use them.
fn number_of(word: &str) -> Option<u32> {
    const WORDS: &[(&str, u32)] = &[
        ("primo", 1),
        ("due", 2),
        ("tre", 3),
        ("quattro", 4),
        ("sette", 7),
        ("otto", 8),
        ("nove", 9),
        ("undici", 11),
        ("dodici", 12),
        ("tredici", 13),
        ("quattordici", 14),
        ("quindici", 15),
        ("sedici", 16),
        ("venti", 20),
        ("ventuno", 21),
        ("ventidue", 22),
        ("ventiquattro", 24),
        ("venticinque", 25),
        ("ventisette", 27),
        ("trenta", 30),
    ];
    const ROMAN: &[(&str, u32)] = &[
        ("ii", 2),
        ("iii", 3),
        ("iv", 4),
        ("v", 5),
        ("vi", 6),
        ("vii", 7),
        ("viii", 8),
        ("ix", 9),
        ("xi", 11),
        ("xii", 12),
        ("xiii", 13),
        ("xiv", 14),
        ("xv", 15),
        ("xvi", 16),
        ("xx", 20),
        ("xxi", 21),
        ("xxii", 22),
        ("xxiii", 23),
        ("xxiv", 24),
        ("xxv", 25),
        ("xxvii", 27),
        ("xxx", 30),
    ];
    let found = WORDS
        .iter()
        .chain(ROMAN.iter().filter(|r| r.0.len() > 1))
        .find(|(w, _)| *w == word);
    if let Some((_, value)) = found {
        return Some(*value);
    }
    let digits = word.trim_end_matches(['°', 'º']);
    if digits.len() < 6 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.parse().ok();
    }
    None
}

/// The form aliases are compared in: folded, articles in front taken off.
pub(crate) fn alias_key(name: &str) -> String {
    let mut words: Vec<String> = fold(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    while words.len() > 1 && matches!(words[0].as_str(), "la" | "il" | "lo" | "l" | "le" | "i" | "gli") {
        words.remove(0);
    }
    words.join(" ")
}

/// Writes a bare or abbreviated name properly, with its type: "Di Vergaio" gives "Via di Vergaio",
/// "P.Zza S.Domenico" gives "Piazza San Domenico", "Martiri Della Liberta'" gives "Via Martiri della Libertà".
/// `assumed` is the type of a name without one (Via when `None`).
pub fn proper(name: &str, assumed: Option<StreetType>) -> String {
    let cleaned = name.trim().replace(['’', '`', '´'], "'");
    let mut words: Vec<String> = Vec::new();
    for word in cleaned.split_whitespace() {
        if StreetType::read(word).is_some() || is_brothers(&fold(word)) {
            words.push(word.to_owned());
        } else {
            words.extend(word.split_inclusive('.').map(str::to_owned));
        }
    }
    let mut kind = assumed.unwrap_or(StreetType::Via);
    let mut rest = words.as_slice();
    if let Some(read) = words.first().and_then(|w| StreetType::read(w))
        && words.len() > 1
    {
        kind = read;
        rest = &words[1..];
    }
    // A surname with "F.lli" or an initial behind it turns round: "Cervi F.Lli", "Nesi O.".
    let turned: Vec<String>;
    if rest.len() == 2
        && (is_brothers(&fold(&rest[1])) || (rest[1].ends_with('.') && !rest[0].ends_with('.')))
    {
        turned = vec![rest[1].clone(), rest[0].clone()];
        rest = &turned;
    }
    let mut out = vec![kind.word().to_owned()];
    for (i, word) in rest.iter().enumerate() {
        out.push(proper_word(word, rest.get(i + 1).map(String::as_str)));
    }
    out.join(" ").replace("' ", "'")
}

fn proper_word(word: &str, next: Option<&str>) -> String {
    let folded = fold(word);
    if is_brothers(&folded) {
        return "Fratelli".into();
    }
    if folded == "trav." {
        return "Traversa".into();
    }
    if matches!(folded.as_str(), "s." | "s") {
        return saint(next).into();
    }
    if let Some(roman) = roman(&folded) {
        return roman;
    }
    // An accent written as an apostrophe at the end: "Liberta'".
    let word = match folded.strip_suffix('\'') {
        Some(stem)
            if stem.len() > 3 && !ARTICLES.contains(&stem) && stem.ends_with(['a', 'e', 'i', 'o', 'u']) =>
        {
            let mut accented: String = stem.to_owned();
            let last = accented.pop().map(|c| match c {
                'a' => 'à',
                'e' => 'é',
                'i' => 'ì',
                'o' => 'ò',
                _ => 'ù',
            });
            accented.extend(last);
            accented
        }
        _ => word.to_owned(),
    };
    let lower: String = word.chars().flat_map(char::to_lowercase).collect();
    let bare = lower.trim_end_matches('\'');
    let linking = next.is_some() && matches!(bare, "a" | "e");
    if linking || ARTICLES.contains(&bare) && bare.len() > 1 && !matches!(bare, "de") {
        return lower;
    }
    // "Dell'Agio", "D'Oro": the article small, the name with a capital.
    if let Some((article, name)) = lower.split_once('\'')
        && !name.is_empty()
    {
        let article = if ARTICLES.contains(&article) {
            article.to_owned()
        } else {
            capital(article)
        };
        return format!("{article}'{}", capital(name));
    }
    capital(&lower)
}

fn saint(next: Option<&str>) -> &'static str {
    let next = next.map(fold).unwrap_or_default();
    if next.starts_with(['a', 'e', 'i', 'o', 'u']) {
        return "Sant'";
    }
    if next.ends_with('a') && !matches!(next.as_str(), "luca" | "andrea" | "mattia") {
        "Santa"
    } else {
        "San"
    }
}

fn roman(folded: &str) -> Option<String> {
    (folded.len() > 1
        && folded.bytes().all(|b| matches!(b, b'i' | b'v' | b'x'))
        && number_of(folded).is_some())
    .then(|| folded.to_uppercase())
}

fn capital(lower: &str) -> String {
    let mut chars = lower.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_stops_are_written_properly() {
        for (written, street) in [
            ("Pistoiese", "Via Pistoiese"),
            ("Di Vergaio", "Via di Vergaio"),
            ("P.Zza S.Domenico", "Piazza San Domenico"),
            ("P.Za Di Costozze", "Piazza di Costozze"),
            ("Martiri Della Liberta'", "Via Martiri della Libertà"),
            ("Dell'Agio", "Via dell'Agio"),
            ("P.Zza Medaglie D'Oro", "Piazza Medaglie d'Oro"),
            ("S.Angelo", "Via Sant'Angelo"),
            ("S.Gonda", "Via Santa Gonda"),
            ("Cervi F.Lli", "Via Fratelli Cervi"),
            ("Viale L. Da Vinci", "Viale L. da Vinci"),
            ("Xiii Martiri", "Via XIII Martiri"),
            ("Trav.Pistoiese", "Via Traversa Pistoiese"),
            ("Guado A Narnali", "Via Guado a Narnali"),
            ("Corso Savonarola", "Corso Savonarola"),
            ("Viottolo Di Mezzana", "Viottolo di Mezzana"),
        ] {
            assert_eq!(proper(written, None), street);
        }
    }

    #[test]
    fn parts_are_found() {
        let name = StreetName::parse("v.le dei F.lli Cervi");
        assert_eq!(name.kind, Some(StreetType::Viale));
        assert_eq!(name.words, ["fratelli", "cervi"]);
        assert_eq!(StreetName::parse("Borgo Valsugana").words, ["borgo", "valsugana"]);
    }
}
