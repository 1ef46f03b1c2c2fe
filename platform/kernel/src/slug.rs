/// A readable URL segment: lower-case ASCII letters, digits and single hyphens, without accents.
/// `slug("Viale Leonardo da Vinci, 12/a")` is `"viale-leonardo-da-vinci-12-a"`.
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        let plain = match c {
            'à' | 'á' | 'â' | 'ä' | 'ã' => 'a',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'ì' | 'í' | 'î' | 'ï' => 'i',
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' => 'o',
            'ù' | 'ú' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            'ñ' => 'n',
            other => other,
        };
        if plain.is_ascii_alphanumeric() {
            out.push(plain);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn keeps_what_a_person_can_read() {
        assert_eq!(super::slug("Via Santa Trinità"), "via-santa-trinita");
        assert_eq!(super::slug("PR-V9"), "pr-v9");
        assert_eq!(
            super::slug(" — Piazza dell'Università! "),
            "piazza-dell-universita"
        );
    }
}
