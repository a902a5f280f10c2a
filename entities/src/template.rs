//! Message templates: what a provider has approved to be said at any time, with places for words of ours.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A template of an account at a provider, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Template {
    /// Its name.
    #[schema(example = "order_update")]
    pub name: String,
    /// Its language, as the provider spells it.
    #[schema(example = "en_US")]
    pub language: String,
    /// Where the provider has it, in lower case: `approved` can be sent; `pending`, `rejected`, `paused`, `disabled` and others cannot.
    #[schema(example = "approved")]
    pub status: String,
    /// What it is for, in lower case: `utility`, `marketing`, `authentication`.
    #[schema(example = "utility")]
    pub category: String,
    /// What it shows, from top to bottom.
    pub components: Vec<TemplateComponent>,
    /// What is to be filled in.
    pub variables: Vec<TemplateVariable>,
    /// Why it cannot be sent from here, where it holds something that this server does not know how to fill in.
    #[serde(default)]
    pub unsupported: Option<String>,
}

impl Template {
    /// What [`Template::status`] says of a template that can be sent.
    pub const APPROVED: &str = "approved";
    /// What [`Template::category`] says of one that some people want no more of.
    pub const MARKETING: &str = "marketing";
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemplateComponent {
    /// `header`, `body`, `footer`, `button`, or what else the provider knows.
    #[serde(rename = "type")]
    #[schema(example = "body")]
    pub kind: String,
    /// What a header is (`text`, `image`, `video`, `document`) or a button does (`quick_reply`, `url`, `phone_number`, …).
    #[serde(default)]
    pub format: Option<String>,
    /// Its words, with places in double braces.
    #[serde(default)]
    #[schema(example = "Hello {{first_name}}, there is news about your order {{order}}.")]
    pub text: Option<String>,
    /// Where a button leads, with a place in double braces at its end, if it has one.
    #[serde(default)]
    pub url: Option<String>,
}

/// Something to be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemplateVariable {
    /// Its key among the `variables` of a message: a place of the body by its name (`first_name`) or number (`1`); of a header with `header.`
    /// before it; `header.link` for the address of the header's picture, film or file; `button.0`, counted from 0, for the end of a button's
    /// address or its code.
    #[schema(example = "first_name")]
    pub key: String,
    /// Which piece it belongs to: `header`, `body` or `button`.
    #[schema(example = "body")]
    pub component: String,
    /// The provider's example of it.
    #[serde(default)]
    #[schema(example = "Dana")]
    pub example: Option<String>,
    /// Most characters that there is room for.
    #[schema(example = 900)]
    pub max_length: u32,
}
