//! Answers that carry a resource: its JSON, and its version as `ETag`, to be handed back as `If-Match`.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use serde::Serialize;

use super::{
    page::{self, Page},
    problem::{Answer, Code, Problem},
};
use crate::{crypto::Keys, store::read::page::Listed};

/// 200 with a resource.
pub fn ok(version: u64, resource: &impl Serialize) -> HttpResponse {
    versioned(StatusCode::OK, version, resource)
}

/// 201 with a resource that was just made.
pub fn created(version: u64, resource: &impl Serialize) -> HttpResponse {
    versioned(StatusCode::CREATED, version, resource)
}

fn versioned(status: StatusCode, version: u64, resource: &impl Serialize) -> HttpResponse {
    HttpResponseBuilder::new(status).insert_header((header::ETAG, format!("\"{version}\""))).json(resource)
}

/// 412, because `If-Match` names another version than the present one.
pub fn stale_version(current: u64) -> Problem {
    Problem::new(Code::StaleVersion).detail(format!("the version is {current}")).with("version", current)
}

/// Refuses a change that was meant for another version.
pub fn require_version(expected: Option<u64>, current: u64) -> Answer<()> {
    match expected {
        Some(expected) if expected != current => Err(stale_version(current)),
        Some(_) | None => Ok(()),
    }
}

/// A page as the wire has it. `list` names the list, the tenant and whatever filters change its order.
pub fn page<T, U, P: Serialize>(keys: &Keys, list: &str, listed: Listed<T, P>, wire: impl FnMut(T) -> U) -> Answer<Page<U>> {
    let next_cursor = match &listed.next {
        Some(place) => Some(page::cursor(keys, list, place)?),
        None => None,
    };
    Ok(Page { data: listed.data.into_iter().map(wire).collect(), next_cursor })
}
