//! The rules that typed records must meet, and how people write numbers.

use bisenzio_kernel::{Lang, PartialDate};
use bisenzio_web::Errors;

use super::{Aggregate, FieldKind, Filter, ItemKind, Values};

/// Checks what was typed and brings it to the stored form. Messages stand beside their fields.
///
/// # Errors
/// One message per wrong field, in the reader's language.
pub fn check(kind: ItemKind, typed: &Values, lang: Lang) -> Result<Values, Errors> {
    let mut out = Values::new();
    let mut errors = Errors::default();
    for spec in kind.fields() {
        let text = typed.get(spec.name).map_or("", |value| value.trim());
        if text.is_empty() {
            if spec.required {
                errors.add(
                    spec.name,
                    lang.t("Il campo è obbligatorio", "This field is required"),
                );
            }
            out.insert(spec.name.to_owned(), String::new());
            continue;
        }
        match check_one(spec.kind, text, lang) {
            Ok(value) => {
                out.insert(spec.name.to_owned(), value);
            }
            Err(message) => errors.add(spec.name, message),
        }
    }
    if errors.is_empty() {
        check_together(kind, &out, &mut errors, lang);
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

fn check_one(kind: FieldKind, text: &str, lang: Lang) -> Result<String, String> {
    let limit = if matches!(kind, FieldKind::Text | FieldKind::Filter) {
        20_000
    } else {
        500
    };
    if text.chars().count() > limit {
        return Err(match lang {
            Lang::It => format!("Al massimo {limit} caratteri"),
            Lang::En => format!("At most {limit} characters"),
        });
    }
    match kind {
        FieldKind::PartialDate => text
            .parse::<PartialDate>()
            .map(|date| date.to_string())
            .map_err(|_| {
                lang.t(
                    "La data non è valida: 2021, 2021-05 oppure 2021-05-12",
                    "Not a date: write 2021, 2021-05 or 2021-05-12",
                )
                .to_owned()
            }),
        FieldKind::Number => parse_number(text, lang)
            .map(|number| number.to_string())
            .ok_or_else(|| {
                lang.t(
                    "Occorre un numero, ad esempio 1.647 o 12,5",
                    "A number is needed, such as 1,647 or 12.5",
                )
                .to_owned()
            }),
        FieldKind::Url if !is_address(text) => Err(lang
            .t(
                "L'indirizzo deve cominciare con https://, http:// oppure /",
                "The address must begin with https://, http:// or /",
            )
            .to_owned()),
        FieldKind::Filter => {
            text.parse::<Filter>()
                .map(|filter| filter.to_string())
                .map_err(|line| match lang {
                    Lang::It => format!("La riga «{line}» non ha la forma attributo = valore"),
                    Lang::En => format!("The line \"{line}\" is not attribute = value"),
                })
        }
        FieldKind::Choice(choices) if !choices().iter().any(|choice| choice.value == text) => Err(lang
            .t(
                "Il valore non è tra quelli previsti",
                "The value is not among the choices",
            )
            .to_owned()),
        FieldKind::Flag => Ok("1".to_owned()),
        FieldKind::Text => Ok(text.replace("\r\n", "\n")),
        FieldKind::Line => Ok(text.replace(['\r', '\n'], " ")),
        _ => Ok(text.to_owned()),
    }
}

fn check_together(kind: ItemKind, values: &Values, errors: &mut Errors, lang: Lang) {
    let get = |name: &str| values.get(name).map_or("", String::as_str);
    match kind {
        ItemKind::Project => {
            let (number, section) = (get("number"), get("section"));
            let under = number == section
                || number
                    .strip_prefix(section)
                    .is_some_and(|rest| rest.starts_with('.'));
            if !under || !number.split('.').all(|part| part.parse::<u16>().is_ok()) {
                errors.add(
                    "number",
                    lang.t(
                        "Il numero comincia con quello della sezione, ad esempio 1.4",
                        "The number begins with the section's, for example 1.4",
                    ),
                );
            }
        }
        ItemKind::Event => {
            let until = get("until_date").parse::<PartialDate>().ok();
            let from = get("happened").parse::<PartialDate>().ok();
            if let (Some(from), Some(until)) = (from, until)
                && until.last() < from.first()
            {
                errors.add(
                    "until_date",
                    lang.t(
                        "La fine viene prima dell'inizio",
                        "The end comes before the start",
                    ),
                );
            }
        }
        ItemKind::Indicator if get("computed_by") == "graph" => {
            let needed = lang.t("Serve per il calcolo sul grafo", "Needed to compute on the graph");
            if get("computed_type").is_empty() {
                errors.add("computed_type", needed);
            }
            match Aggregate::parse(get("computed_aggregate")) {
                None => errors.add("computed_aggregate", needed),
                Some(Aggregate::Count) => {}
                Some(_) if get("computed_attribute").is_empty() => errors.add("computed_attribute", needed),
                Some(_) => {}
            }
        }
        _ => {}
    }
}

/// An address that may stand in a link: of the web, or a path of this site.
fn is_address(text: &str) -> bool {
    let local = text.starts_with('/') && !text.starts_with("//");
    let remote = ["https://", "http://"].iter().any(|scheme| {
        text.strip_prefix(scheme)
            .is_some_and(|rest| rest.chars().next().is_some_and(char::is_alphanumeric))
    });
    (local || remote) && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
}

/// Reads a number as people of a language write it: "1.647", "12,5" in Italian; "1,647", "12.5" in English.
pub fn parse_number(text: &str, lang: Lang) -> Option<f64> {
    let (group, mark) = if lang == Lang::It { ('.', ',') } else { (',', '.') };
    let text = text.trim().replace('−', "-");
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1.0, text.as_str()), |rest| (-1.0, rest));
    let (whole, fraction) = digits
        .split_once(mark)
        .map_or((digits, None), |(w, f)| (w, Some(f)));
    let all_digits =
        |part: &str| !part.is_empty() && part.len() <= 15 && part.bytes().all(|b| b.is_ascii_digit());
    if fraction.is_some_and(|f| !all_digits(f)) {
        return None;
    }
    let mut parts = whole.split(group);
    let first = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    let grouped = rest.iter().all(|part| part.len() == 3 && all_digits(part));
    if !all_digits(first) || !grouped || (!rest.is_empty() && first.len() > 3) {
        return None;
    }
    let plain = format!("{first}{}.{}", rest.concat(), fraction.unwrap_or("0"));
    plain
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite() && n.abs() < 1e15)
        .map(|n| sign * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(parse_number("2.300.000", Lang::It), Some(2_300_000.0));
        assert_eq!(parse_number("12,5", Lang::It), Some(12.5));
        assert_eq!(parse_number("1,647", Lang::En), Some(1647.0));
        assert_eq!(parse_number("-3", Lang::It), Some(-3.0));
        for bad in ["", "1.6", "12.34.567", "a", "1,", "1e3", "1234.567", "--1"] {
            assert_eq!(parse_number(bad, Lang::It), None, "{bad}");
        }
    }

    #[test]
    fn each_message_stands_beside_its_field() {
        let event = values(&[
            ("title", " "),
            ("happened", "2021-13"),
            ("kind", "party"),
            ("until_date", "2020"),
        ]);
        let errors = check(ItemKind::Event, &event, Lang::It).unwrap_err();
        assert!(
            !errors.of("title").is_empty()
                && !errors.of("happened").is_empty()
                && !errors.of("kind").is_empty()
        );
        let event = values(&[
            ("title", "x"),
            ("happened", "2021-05"),
            ("kind", "meeting"),
            ("until_date", "2020"),
        ]);
        assert!(
            !check(ItemKind::Event, &event, Lang::It)
                .unwrap_err()
                .of("until_date")
                .is_empty()
        );
        let evidence = values(&[("indicator", "a"), ("title", "b"), ("url", "javascript:alert(1)")]);
        assert!(
            !check(ItemKind::Evidence, &evidence, Lang::It)
                .unwrap_err()
                .of("url")
                .is_empty()
        );
        let indicator = values(&[
            ("label", "a"),
            ("computed_by", "graph"),
            ("computed_aggregate", "sum"),
        ]);
        let errors = check(ItemKind::Indicator, &indicator, Lang::It).unwrap_err();
        assert!(!errors.of("computed_type").is_empty() && !errors.of("computed_attribute").is_empty());
    }

    #[test]
    fn a_project_is_numbered_under_its_section() {
        let mut project = values(&[
            ("title", "x"),
            ("section", "1"),
            ("number", "10.1"),
            ("kind", "vertical"),
            ("state", "planned"),
            ("summary", "y"),
        ]);
        assert!(
            !check(ItemKind::Project, &project, Lang::It)
                .unwrap_err()
                .of("number")
                .is_empty()
        );
        project.insert("number".into(), "1.10".into());
        assert!(check(ItemKind::Project, &project, Lang::It).is_ok());
    }
}
