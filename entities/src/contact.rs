//! A person who writes to us, and the addresses by which we know them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{ContactId, Timestamp, message::words};

/// A person who writes to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// The contact's id.
    pub id: ContactId,
    /// The name, if we know it.
    pub name: Option<String>,
    /// The e-mail address to show; `addresses` holds those we have proof of or were told.
    pub email: Option<String>,
    /// The telephone number to show.
    pub phone: Option<String>,
    /// A picture's address.
    pub avatar_url: Option<String>,
    /// A site's server vouched for this person.
    pub verified: bool,
    /// Where they can be reached, and by what we recognise them.
    pub addresses: Vec<Address>,
    /// Whatever else is known, by name.
    pub custom_attributes: BTreeMap<String, Value>,
    /// Two letters, where known.
    pub country: Option<String>,
    /// They may not write to us.
    pub blocked: bool,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When we first heard of them.
    pub created_at: Timestamp,
    /// When anything about them last changed.
    pub updated_at: Timestamp,
}

impl Contact {
    /// What conversations and tickets show of the contact.
    #[must_use]
    pub fn summary(&self) -> ContactSummary {
        ContactSummary {
            id: self.id,
            name: self.name.clone(),
            email: self.email.clone(),
            avatar_url: self.avatar_url.clone(),
            blocked: self.blocked,
        }
    }
}

/// What conversations and tickets show of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactSummary {
    /// The contact's id.
    pub id: ContactId,
    /// The name, if we know it.
    pub name: Option<String>,
    /// The e-mail address, if we know it.
    pub email: Option<String>,
    /// A picture's address.
    pub avatar_url: Option<String>,
    /// They may not write to us; left out where they may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
}

/// One way to recognise or reach a contact; unique in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Address {
    /// What kind of address.
    pub kind: AddressKind,
    /// The address, in that kind's normal form.
    pub value: String,
}

words! {
    /// What kind of address.
    AddressKind {
        /// E-mail, lower case.
        Email = "email",
        /// Telephone, E.164 with `+`.
        Phone = "phone",
        /// WhatsApp user.
        Whatsapp = "whatsapp",
        /// Messenger user of a page.
        Messenger = "messenger",
        /// Instagram user of an account.
        Instagram = "instagram",
        /// Slack `team/user`.
        Slack = "slack",
        /// A widget's visitor id.
        Visitor = "visitor",
        /// The site's own id of the person.
        External = "external",
    }
}
