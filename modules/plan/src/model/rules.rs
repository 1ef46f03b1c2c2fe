//! The rules that typed records must meet, and how people write numbers.

use bisenzio_kernel::{Lang, PartialDate};
use bisenzio_web::Errors;

use super::{Aggregate, Column, Credit, FieldKind, Filter, ItemKind, Values, parse_date};

/// Checks what was typed and brings it to the stored form. Messages stand beside their fields.
///
/// # Errors
/// One message per wrong field, in the reader's language.
pub fn check(kind: ItemKind, typed: &Values, lang: Lang) -> Result<Values, Errors> {
    let mut out = Values::new();
    let mut errors = Errors::default();
    for spec in kind.fields() {
        // What no longer shows is no longer meant: a computation that was taken away leaves nothing behind.
        let meant = kind.shows(spec, typed);
        let text = typed
            .get(spec.name)
            .filter(|_| meant)
            .map_or("", |value| value.trim());
        if text.is_empty() {
            if spec.required && meant {
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
    let limit = if matches!(
        kind,
        FieldKind::Text | FieldKind::Filter | FieldKind::Columns | FieldKind::People | FieldKind::Entities
    ) {
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
        FieldKind::PartialDate => parse_date(text, lang).map(|date| date.to_string()),
        FieldKind::Columns => parse_columns(text, lang),
        FieldKind::People => check_people(text, lang),
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
        ItemKind::Event | ItemKind::Figure => {
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
            let needed = lang.t(
                "Occorre scegliere che cosa si somma o si conta",
                "Choose what is added up or counted",
            );
            match Aggregate::parse(get("computed_aggregate")) {
                None | Some(Aggregate::Count) => {}
                Some(_) if get("computed_attribute").is_empty() => errors.add("computed_attribute", needed),
                Some(_) => {}
            }
        }
        _ => {}
    }
}

/// `attribute = heading` lines as the JSON that is stored.
fn parse_columns(text: &str, lang: Lang) -> Result<String, String> {
    let mut columns = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let parts = line
            .split_once('=')
            .map(|(name, label)| (name.trim(), label.trim()));
        let Some((attribute, label)) = parts.filter(|(name, label)| !name.is_empty() && !label.is_empty())
        else {
            return Err(match lang {
                Lang::It => format!("La riga «{line}» non ha la forma dato = titolo della colonna"),
                Lang::En => format!("The line \"{line}\" is not attribute = heading"),
            });
        };
        columns.push(Column {
            attribute: attribute.to_owned(),
            label: label.to_owned(),
        });
    }
    serde_json::to_string(&columns).map_err(|error| error.to_string())
}

/// Stored columns as people type them.
pub fn columns_for_form(stored: &str) -> String {
    let columns: Vec<Column> = serde_json::from_str(stored).unwrap_or_default();
    let lines: Vec<String> = columns
        .iter()
        .map(|column| format!("{} = {}", column.attribute, column.label))
        .collect();
    lines.join("\n")
}

fn check_people(text: &str, lang: Lang) -> Result<String, String> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    match lines.iter().find(|line| parse_person(line).is_none()) {
        None => Ok(lines.join("\n")),
        Some(line) => Err(match lang {
            Lang::It => format!("La riga «{line}» non ha la forma nome; ruolo; organizzazione"),
            Lang::En => format!("The line \"{line}\" is not name; role; organisation"),
        }),
    }
}

/// "Name; role" or "Name; role; organisation".
pub fn parse_person(line: &str) -> Option<Credit> {
    let parts: Vec<&str> = line.split(';').map(str::trim).collect();
    let (name, role, organisation) = match parts.as_slice() {
        [name, role] => (*name, *role, ""),
        [name, role, organisation] => (*name, *role, *organisation),
        _ => return None,
    };
    if name.is_empty() || role.is_empty() {
        return None;
    }
    Some(Credit {
        name: name.to_owned(),
        role: role.to_owned(),
        organisation: Some(organisation.to_owned()).filter(|text| !text.is_empty()),
    })
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
        assert!(!errors.of("computed_type").is_empty());
        let mut typed = indicator.clone();
        typed.insert("computed_type".into(), "P".into());
        let errors = check(ItemKind::Indicator, &typed, Lang::It).unwrap_err();
        assert!(!errors.of("computed_attribute").is_empty());
        // Without a computation nothing of it is kept.
        typed.insert("computed_by".into(), String::new());
        let kept = check(ItemKind::Indicator, &typed, Lang::It).unwrap();
        assert_eq!(
            (
                kept["computed_type"].as_str(),
                kept["computed_aggregate"].as_str()
            ),
            ("", "")
        );
    }

    #[test]
    fn lists_typed_in_lines_are_read() {
        let list = values(&[
            ("title", "x"),
            ("entity_type", "P"),
            ("shown", "name = Nome\n\nseats= Posti"),
        ]);
        let kept = check(ItemKind::Collection, &list, Lang::It).unwrap();
        assert_eq!(columns_for_form(&kept["shown"]), "name = Nome\nseats = Posti");
        let wrong = values(&[("title", "x"), ("entity_type", "P"), ("shown", "name")]);
        assert!(
            !check(ItemKind::Collection, &wrong, Lang::It)
                .unwrap_err()
                .of("shown")
                .is_empty()
        );
        assert_eq!(parse_person("A; assessora").map(|p| p.organisation), Some(None));
        assert!(parse_person("solo un nome").is_none() && parse_person("a;b;c;d").is_none());
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
