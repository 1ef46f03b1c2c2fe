//! What there is: types (5.7.5 to 5.7.7) and attributes (5.7.8 to 5.7.10) in use. `typeNames` and
//! `attributeTypes` are those that occur together.

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::registration::{Asked, AttributeSet, Operation};
use bisenzio_ngsi_ld::{Context, NgsiError};
use bisenzio_web::Ctx;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::entities::who;
use super::input::{Accept, header_context};
use super::output::{answer, problem};
use super::parameters::{Address, NoParams, Params, attribute_name, boolean};
use crate::distribution::{self, Hop};
use crate::policy::act;
use crate::store::discovery::{self, Inventory};

#[derive(Deserialize)]
pub(crate) struct Listing {
    details: Option<String>,
}

pub(crate) async fn types(ctx: Ctx, hop: Hop, Params(asked): Params<Listing>) -> Result<Response, Problem> {
    let (accept, context) = prepare(&ctx, &hop).await?;
    let details = boolean(asked.details.as_deref(), "details").map_err(problem)?;
    let operations: &'static [Operation] = if details {
        &[Operation::RetrieveEntityTypeDetails]
    } else {
        &[Operation::RetrieveEntityTypes]
    };
    let here = || types_here(&ctx, details, accept, &context);
    distribution::types(
        &ctx,
        &hop,
        operations,
        Asked::default(),
        path(&ctx),
        &context,
        here,
    )
    .await
}

async fn types_here(
    ctx: &Ctx,
    details: bool,
    accept: Accept,
    context: &Context,
) -> Result<Response, Problem> {
    let found = inventory(ctx).await?;
    if !details {
        let names = compacted(found.types.keys(), context);
        let body = list(
            "urn:ngsi-ld:EntityTypeList:all",
            "EntityTypeList",
            "typeList",
            names,
        );
        return Ok(send(body, accept, context));
    }
    let all = found.types.iter().map(|(name, kind)| {
        json!({
            "id": name,
            "type": "EntityType",
            "typeName": context.compact(name),
            "attributeNames": compacted(kind.attributes.keys(), context),
        })
    });
    Ok(send_all(all.collect(), accept, context))
}

pub(crate) async fn one_type(
    ctx: Ctx,
    hop: Hop,
    Address(name): Address<String>,
    _: NoParams,
) -> Result<Response, Problem> {
    let (accept, context) = prepare(&ctx, &hop).await?;
    let name = attribute_name(&name, &context).map_err(problem)?;
    let asked = Asked {
        types: Some(vec![name.as_str()]),
        ..Asked::default()
    };
    let operations = &[Operation::RetrieveEntityTypeInfo];
    let here = || one_type_here(&ctx, &name, accept, &context);
    distribution::types(&ctx, &hop, operations, asked, path(&ctx), &context, here).await
}

async fn one_type_here(
    ctx: &Ctx,
    name: &str,
    accept: Accept,
    context: &Context,
) -> Result<Response, Problem> {
    let (_, tenant, actor) = who(ctx);
    let wanted = name.to_owned();
    let (found, kinds) = ctx
        .store()
        .read(move |tx| {
            act(tx, &tenant, &actor)?;
            let found = discovery::inventory(tx, &tenant)?;
            let kinds = discovery::kinds_of_type(tx, &tenant, &wanted)?;
            Ok::<_, crate::GraphError>((found, kinds))
        })
        .await?;
    let kind = found.types.get(name).ok_or_else(|| nothing("type", name))?;
    let details: Vec<Value> = kind
        .attributes
        .keys()
        .map(|attribute| {
            json!({
                "id": attribute,
                "type": "Attribute",
                "attributeName": context.compact(attribute),
                "attributeTypes": kinds.get(attribute).cloned().unwrap_or_default(),
            })
        })
        .collect();
    let body = json!({
        "id": name,
        "type": "EntityTypeInfo",
        "typeName": context.compact(name),
        "entityCount": kind.entities,
        "attributeDetails": details,
    });
    Ok(send(body, accept, context))
}

pub(crate) async fn attributes(
    ctx: Ctx,
    hop: Hop,
    Params(asked): Params<Listing>,
) -> Result<Response, Problem> {
    let (accept, context) = prepare(&ctx, &hop).await?;
    let details = boolean(asked.details.as_deref(), "details").map_err(problem)?;
    let operations: &'static [Operation] = if details {
        &[Operation::RetrieveAttrTypeDetails]
    } else {
        &[Operation::RetrieveAttrTypes]
    };
    let here = || attributes_here(&ctx, details, accept, &context);
    distribution::types(
        &ctx,
        &hop,
        operations,
        Asked::default(),
        path(&ctx),
        &context,
        here,
    )
    .await
}

async fn attributes_here(
    ctx: &Ctx,
    details: bool,
    accept: Accept,
    context: &Context,
) -> Result<Response, Problem> {
    let found = inventory(ctx).await?;
    if !details {
        let names = compacted(found.attributes.keys(), context);
        let body = list(
            "urn:ngsi-ld:AttributeList:all",
            "AttributeList",
            "attributeList",
            names,
        );
        return Ok(send(body, accept, context));
    }
    let all = found.attributes.iter().map(|(name, attribute)| {
        json!({
            "id": name,
            "type": "Attribute",
            "attributeName": context.compact(name),
            "typeNames": compacted(attribute.types.iter(), context),
        })
    });
    Ok(send_all(all.collect(), accept, context))
}

pub(crate) async fn one_attribute(
    ctx: Ctx,
    hop: Hop,
    Address(name): Address<String>,
    _: NoParams,
) -> Result<Response, Problem> {
    let (accept, context) = prepare(&ctx, &hop).await?;
    let name = attribute_name(&name, &context).map_err(problem)?;
    let asked = Asked {
        attributes: AttributeSet::Only([name.clone()].into()),
        ..Asked::default()
    };
    let operations = &[Operation::RetrieveAttrTypeInfo];
    let here = || one_attribute_here(&ctx, &name, accept, &context);
    distribution::types(&ctx, &hop, operations, asked, path(&ctx), &context, here).await
}

async fn one_attribute_here(
    ctx: &Ctx,
    name: &str,
    accept: Accept,
    context: &Context,
) -> Result<Response, Problem> {
    let (_, tenant, actor) = who(ctx);
    let wanted = name.to_owned();
    let (found, kinds) = ctx
        .store()
        .read(move |tx| {
            act(tx, &tenant, &actor)?;
            let found = discovery::inventory(tx, &tenant)?;
            let kinds = discovery::kinds_of_attribute(tx, &tenant, &wanted)?;
            Ok::<_, crate::GraphError>((found, kinds))
        })
        .await?;
    let attribute = found
        .attributes
        .get(name)
        .ok_or_else(|| nothing("attribute", name))?;
    let body = json!({
        "id": name,
        "type": "Attribute",
        "attributeName": context.compact(name),
        "attributeCount": attribute.entities,
        "typeNames": compacted(attribute.types.iter(), context),
        "attributeTypes": kinds,
    });
    Ok(send(body, accept, context))
}

async fn prepare(ctx: &Ctx, hop: &Hop) -> Result<(Accept, Context), Problem> {
    let accept = Accept::without_geojson(&hop.headers)?;
    Ok((accept, header_context(ctx, &hop.headers).await?))
}

/// Of the request, as other brokers know it too.
fn path(ctx: &Ctx) -> String {
    ctx.path
        .split('?')
        .next()
        .unwrap_or_default()
        .trim_end_matches('/')
        .to_owned()
}

async fn inventory(ctx: &Ctx) -> Result<Inventory, Problem> {
    let (_, tenant, actor) = who(ctx);
    let found = ctx
        .store()
        .read(move |tx| {
            act(tx, &tenant, &actor)?;
            discovery::inventory(tx, &tenant)
        })
        .await?;
    Ok(found)
}

/// As the reader knows them, in the order of the alphabet.
fn compacted<'n>(names: impl Iterator<Item = &'n String>, context: &Context) -> Vec<String> {
    let mut names: Vec<String> = names.map(|name| context.compact(name).into_owned()).collect();
    names.sort_unstable();
    names
}

fn list(id: &str, kind: &str, member: &str, names: Vec<String>) -> Value {
    let mut map = Map::new();
    map.insert("id".into(), id.into());
    map.insert("type".into(), kind.into());
    map.insert(member.into(), names.into());
    Value::Object(map)
}

fn nothing(what: &str, name: &str) -> Problem {
    problem(NgsiError::not_found(format!(
        "There is no entity with {what} {name}"
    )))
}

fn send(body: Value, accept: Accept, context: &Context) -> Response {
    let body = match accept {
        Accept::JsonLd => bisenzio_ngsi_ld::represent::with_context(body, context),
        _ => body,
    };
    answer(&body, accept, context)
}

fn send_all(all: Vec<Value>, accept: Accept, context: &Context) -> Response {
    let with = |body: Value| match accept {
        Accept::JsonLd => bisenzio_ngsi_ld::represent::with_context(body, context),
        _ => body,
    };
    answer(
        &Value::Array(all.into_iter().map(with).collect()),
        accept,
        context,
    )
}
