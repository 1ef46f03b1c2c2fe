//! What a city folder says of organisations and, in demonstrations, of invented people.

use std::ops::Range;

use bisenzio_kernel::{Env, Role, Tenant};
use bisenzio_module::{CityError, CityFolder, SeedReport};
use bisenzio_store::{Tx, params};
use bisenzio_web::Errors;
use serde::Deserialize;
use toml::Spanned;

use crate::{accounts, organisations};

const PEOPLE: &str = "people.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    #[serde(default)]
    person: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    username: Spanned<String>,
    name: Spanned<String>,
    role: Role,
    organisation: Option<Spanned<String>>,
    label: String,
}

/// Loads organisations always, people only into a demonstration. Loading again changes nothing.
///
/// # Errors
/// File, line and field of what is wrong.
pub fn load(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    folder: &CityFolder,
) -> Result<SeedReport, CityError> {
    let mut report = SeedReport::default();
    report.count("organisations", organisations::load(tx, tenant)?);
    if folder.bytes(PEOPLE).is_none() {
        return Ok(report);
    }
    let people = read(tenant, folder)?;
    if !tenant.demo {
        report.remarks.push(format!(
            "{}: people of the demonstration were not loaded, as this city is none",
            folder.full(PEOPLE)
        ));
        return Ok(report);
    }
    for (position, person) in people.iter().enumerate() {
        save(tx, env, tenant, position, person, &mut report)?;
    }
    report.count("people", people.len());
    Ok(report)
}

fn read(tenant: &Tenant, folder: &CityFolder) -> Result<Vec<Person>, CityError> {
    let people: People = folder.toml(PEOPLE)?;
    let text = folder.text(PEOPLE)?;
    let wrong = |field: &str, span: Range<usize>, message: String| {
        let line = text.as_bytes()[..span.start.min(text.len())]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        CityError::new(folder.full(PEOPLE), message)
            .at_line(line)
            .in_field(format!("person.{field}"))
    };
    let mut seen: Vec<&str> = Vec::new();
    for person in &people.person {
        let lang = bisenzio_kernel::Lang::En;
        let mut errors = Errors::default();
        accounts::check_username(person.username.as_ref(), lang, &mut errors);
        accounts::check_name(person.name.as_ref(), lang, &mut errors);
        if seen.contains(&person.username.as_ref().as_str()) {
            errors.add("username", "This user name stands twice in the file");
        }
        seen.push(person.username.as_ref());
        if let Some((field, message)) = errors.list().first() {
            let span = if *field == "name" {
                person.name.span()
            } else {
                person.username.span()
            };
            return Err(wrong(field, span, (*message).to_owned()));
        }
        if let Some(organisation) = &person.organisation
            && !tenant
                .organisations
                .iter()
                .any(|known| known.id == *organisation.as_ref())
        {
            let message = format!("\"{}\" is no organisation of city.toml", organisation.as_ref());
            return Err(wrong("organisation", organisation.span(), message));
        }
    }
    Ok(people.person)
}

fn save(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    position: usize,
    person: &Person,
    report: &mut SeedReport,
) -> Result<(), CityError> {
    let username = person.username.as_ref();
    let account = accounts::by_username(tx, &tenant.id, username)?;
    if account.as_ref().is_some_and(|account| !account.demo) {
        report
            .remarks
            .push(format!("\"{username}\" is a real account and was left as it is"));
        return Ok(());
    }
    let id = account.map_or_else(|| env.ulid(), |account| account.id);
    tx.execute(
        "INSERT INTO access_account
             (tenant, id, username, name, organisation, label, position, demo, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)
         ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, organisation = excluded.organisation,
             label = excluded.label, position = excluded.position",
        params![
            &tenant.id,
            &id,
            username,
            person.name.as_ref(),
            person
                .organisation
                .as_ref()
                .map(|organisation| organisation.as_ref().clone()),
            &person.label,
            i64::try_from(position).unwrap_or(i64::MAX),
            env.now()
        ],
    )?;
    accounts::set_roles(tx, &tenant.id, &id, &[person.role])?;
    Ok(())
}
