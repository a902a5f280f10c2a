//! What is prepared for the inbox: canned responses, labels, saved views and macros. Everybody reads what is everybody's; agents keep their own beside it.
//!
//! Guarantees: what is everybody's is changed by those who may change the workspace alone, and leaves a line in the audit log; an agent's own is
//! seen by nobody else; every kind is bounded, for everybody and for each agent; a name is there once in its scope.
//!
//! They are one resource with several kinds: a kind is a type that implements [`Preset`], and one call of `preset_routes!` in its file. Store,
//! paging, versions, permissions, log and description are the same for all and stand here once.
//!
//! Start reading at [`Preset`], then at [`label`], the smallest kind.

pub mod canned_response;
mod described;
pub mod label;
pub mod macros;
mod operations;
mod placeholder;
mod route;
pub mod run;
pub mod view;

use entities::{AgentId, TenantId, TextError};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{App, fields::Fields, nullable::Nullable, problem::Answer};
use crate::store::settings::preset::Kind;

/// The routes of this resource, kind by kind.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(canned_response::routes).configure(label::routes).configure(view::routes).configure(macros::routes);
}

/// A kind: what it has of its own, as it is stored and shown.
pub(super) trait Preset: Clone + Serialize + DeserializeOwned + ToSchema + 'static {
    /// What may be written of it. Each field may be left out: a change keeps what it was, and making one names what is missing.
    type Draft: Clone + DeserializeOwned + ToSchema + 'static;
    /// How it is stored, logged and bounded.
    const KIND: Kind;
    /// What the API's description calls it.
    const SCHEMA: &'static str;
    /// The fields of a draft without which none is made.
    const REQUIRED: &'static [&'static str];

    /// What there is once in a scope.
    fn handle(&self) -> String;

    /// Where in a body the handle comes from.
    const HANDLE_POINTER: &'static str;

    /// Whose it is to be, if the draft says so.
    fn owner(draft: &Self::Draft) -> Nullable<AgentId>;

    /// The draft over what was before, checked; `None` if a field was refused, which `fields` then holds.
    async fn check(asked: Asked<'_>, draft: Self::Draft, before: Option<Self>, fields: &mut Fields) -> Answer<Option<Self>>;
}

/// On whose behalf a draft is checked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    app: &'a App,
    tenant_id: TenantId,
}

/// A field of a draft: checked if it is given, else what it was before; refused as missing if it is neither.
fn settled<G, T>(
    fields: &mut Fields,
    pointer: &str,
    given: Option<G>,
    before: Option<T>,
    check: impl FnOnce(G) -> Result<T, TextError>,
) -> Option<T> {
    match (given, before) {
        (Some(given), _) => fields.text(pointer, check(given)),
        (None, Some(before)) => Some(before),
        (None, None) => {
            fields.refuse(pointer, "missing_field", "must be given");
            None
        }
    }
}
