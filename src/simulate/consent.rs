//! The page where somebody agrees that an app may act for them, and the codes that it leads back with (specifications `whatsapp` 12,
//! `messenger` 11.1, `slack` 12).
//!
//! A program that looks at no page adds `simulate=allow` or `simulate=deny` to the address.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::{
    provider::{ApiRequest, Reply},
    world::World,
};

/// Codes that are remembered.
const CODES_MAX: usize = 1_000;

/// Codes that were given out, with the address that each leads back to.
#[derive(Default)]
pub struct Codes(Mutex<BTreeMap<String, String>>);

impl Codes {
    /// A code for who comes back to this address.
    pub fn give(&self, world: &mut World, back: &str) -> String {
        let code = format!("code-{}", world.next_id());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < CODES_MAX {
            known.insert(code.clone(), back.to_owned());
        }
        code
    }

    /// Whether a code may be brought with this address; one that was never given out may, with any.
    pub fn fits(&self, code: &str, back: &str) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(code).is_none_or(|given_for| given_for == back)
    }
}

/// What somebody has decided.
pub enum Decision {
    /// It may.
    Allow,
    /// It may not.
    Deny,
    /// Nothing yet: this asks.
    Open(Reply),
}

/// What somebody has decided of an app, by the address that the page's two links lead to.
pub fn decide(call: &ApiRequest, title: &str) -> Decision {
    match call.query("simulate") {
        Some("allow") => return Decision::Allow,
        Some("deny") => return Decision::Deny,
        _ => {}
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&call.query).finish();
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><link rel=\"icon\" href=\"data:,\"><title>{title} (simulated)</title>\n\
         <body style=\"font: 16px/1.5 system-ui; max-width: 32em; margin: 4em auto; padding: 0 1em\">\n\
         <h1>{title} (simulated)</h1>\n<p>An app asks to read and write messages for the simulated business.</p>\n\
         <p><a id=\"allow\" href=\"?{query}&amp;simulate=allow\">Allow</a> · <a id=\"deny\" href=\"?{query}&amp;simulate=deny\">Deny</a></p>\n\
         </body></html>\n",
        // Encoded, it holds nothing but letters, digits and marks that mean something in a query.
        query = query.replace('&', "&amp;"),
    );
    Decision::Open(Reply::bytes("text/html; charset=utf-8", page.into()))
}

/// The way back.
pub fn back(to: &str, given: &[(&str, &str)], tail: &str) -> Reply {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    Reply::json(302, serde_json::Value::Null).header("location", format!("{to}?{query}{tail}"))
}

/// Meta's dialogue: who agrees comes back with a code, who does not with `access_denied`.
pub fn meta_dialog(world: &mut World, call: &ApiRequest, codes: &Codes, title: &str) -> Reply {
    const TAIL: &str = "#_=_";
    let (to, state) = (call.query("redirect_uri").unwrap_or_default(), call.query("state").unwrap_or_default());
    match decide(call, title) {
        Decision::Open(page) => page,
        Decision::Allow => {
            let code = codes.give(world, to);
            back(to, &[("code", &code), ("state", state)], TAIL)
        }
        Decision::Deny => {
            let told = [
                ("error", "access_denied"),
                ("error_code", "200"),
                ("error_reason", "user_denied"),
                ("error_description", "Permissions error"),
                ("state", state),
            ];
            back(to, &told, TAIL)
        }
    }
}

/// An answer that nobody can read, where a failure of this name is asked for.
pub fn garbage(code: &str) -> Option<Reply> {
    (code == "garbage").then(|| Reply::bytes("text/html", "<html>this is no answer</html>".into()))
}
