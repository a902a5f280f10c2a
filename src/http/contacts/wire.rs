//! What may be asked about contacts. A contact itself is [`entities::Contact`], the shape that sockets and events share.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::http::nullable::{Nullable, nullable};

/// Which contacts to list: the newest first.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those in whose name, e-mail address or telephone number this is found. Upper and lower case are the same for ASCII letters.
    #[param(example = "jane", max_length = 200)]
    pub q: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A person to remember.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Jane Doe", "email": "jane@example.com", "phone": "+4930123456", "custom_attributes": {"plan": "gold"}}))]
pub struct CreateContact {
    /// The name.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// The e-mail address; no other contact of the workspace may have it.
    #[schema(max_length = 254)]
    pub email: Option<String>,
    /// The telephone number, in E.164 with `+`; no other contact of the workspace may have it.
    pub phone: Option<String>,
    /// A picture's `https` address.
    pub avatar_url: Option<String>,
    /// Whatever else is known, by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub custom_attributes: BTreeMap<String, Value>,
}

/// Changes to a contact; what is left out stays, null removes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Jane Doe", "email": null, "custom_attributes": {"plan": "gold", "trial": null}}))]
pub struct UpdateContact {
    /// The name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub name: Nullable<String>,
    /// The e-mail address; no other contact of the workspace may have it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 254)]
    pub email: Nullable<String>,
    /// The telephone number, in E.164 with `+`; no other contact of the workspace may have it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub phone: Nullable<String>,
    /// A picture's `https` address.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub avatar_url: Nullable<String>,
    /// Names and their values; a null removes the name, names that are not here stay.
    #[schema(value_type = Option<Object>)]
    pub custom_attributes: Option<BTreeMap<String, Value>>,
    /// They may not write to us.
    pub blocked: Option<bool>,
}
