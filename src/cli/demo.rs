//! The demo workspace: made once, found again at every start.

use entities::Role;

use super::{
    output::CliError,
    workspace::{self, Person},
};
use crate::{
    compose::Ground,
    crypto::{Keys, Purpose},
    store::read,
};

/// What the demo workspace is found by.
const SLUG: &str = "demo";
/// Who can sign in.
pub const OWNER_EMAIL: &str = "owner@northwind.example";
/// A second person, so that two agents can be seen at work.
pub const AGENT_EMAIL: &str = "agent@northwind.example";

/// How to get into the demo.
pub struct Demo {
    /// The widget's public key.
    pub widget_api_key: String,
    /// The password of both people, as it was at the beginning.
    pub password: String,
}

/// Makes the demo workspace where it is missing. Its password is derived from the secret key: a different one for every installation, and the
/// same at every start, without being stored in the clear.
pub async fn prepare(ground: &Ground) -> Result<Demo, CliError> {
    let password = password(&ground.keys);
    if let Some(widget_api_key) = read::tenant::find_widget_key(&ground.db, SLUG).await? {
        return Ok(Demo { widget_api_key, password });
    }
    let person =
        |email: &str, name: &str, role| Person { email: email.to_owned(), name: name.to_owned(), password: password.clone(), role };
    let people = vec![person(OWNER_EMAIL, "Olivia Owner", Role::Owner), person(AGENT_EMAIL, "Alex Agent", Role::Agent)];
    let made = workspace::make(ground, "Northwind Cycles", Some(SLUG), people, "Northwind Cycles".to_owned()).await?;
    Ok(Demo { widget_api_key: made.widget_api_key, password })
}

fn password(keys: &Keys) -> String {
    let digits = hex::encode(keys.mac(Purpose::DemoPassword, &[SLUG.as_bytes()]));
    let part = |from: usize| digits.chars().skip(from).take(4).collect::<String>();
    format!("{}-{}-{}", part(0), part(4), part(8))
}
