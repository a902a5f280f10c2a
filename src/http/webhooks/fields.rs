//! Checking what a webhook's owner may choose.

use std::{collections::BTreeMap, time::Duration};

use entities::{
    EventPattern, SubscriptionFilter,
    subscription::{FILTER_VALUES_MAX, PATTERNS_MAX},
    text,
};

use crate::{
    crypto::webhook::Headers,
    delivery::{
        AddressGuard, AddressRefusal,
        address_guard::NoAddresses,
        custom_headers::{self, HeaderRefusal},
    },
    http::{extract::escape, fields::Fields},
    options::SignatureHeader,
};

/// Longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 500;
/// Most attempts a second that a webhook may be limited to.
const RATE_MAX: u32 = 1_000;
/// How long a name is looked up. One that takes longer is taken as it is: every attempt looks again.
const LOOKUP_MAX: Duration = Duration::from_secs(5);

/// Checks where a webhook is to go, also what its name leads to now. A name that cannot be looked up now is let through: it is looked up
/// again for every connection.
pub async fn url(fields: &mut Fields, guard: &AddressGuard, text: &str) {
    let refusal = match guard.vet_url(text) {
        Err(refusal) => Some(refusal),
        Ok(url) => match tokio::time::timeout(LOOKUP_MAX, guard.addresses(url.host())).await {
            Ok(Err(NoAddresses::Refused(refusal))) => Some(refusal),
            Ok(Ok(_) | Err(NoAddresses::Lookup { .. } | NoAddresses::None { .. })) | Err(_) => None,
        },
    };
    if let Some(refusal) = refusal {
        fields.refuse("/url", refusal_code(&refusal), refusal.to_string());
    }
}

const fn refusal_code(refusal: &AddressRefusal) -> &'static str {
    match refusal {
        AddressRefusal::Malformed(_) => "malformed",
        AddressRefusal::Scheme { .. } | AddressRefusal::Insecure => "not_https",
        AddressRefusal::UserInfo => "user_info",
        AddressRefusal::Fragment => "fragment",
        AddressRefusal::Port { .. } => "port_refused",
        AddressRefusal::Localhost { .. } | AddressRefusal::Special { .. } => "address_refused",
    }
}

/// Checks patterns; each is kept once.
pub fn events(fields: &mut Fields, texts: &[String]) -> Vec<EventPattern> {
    if texts.is_empty() {
        fields.refuse("/events", "empty", "must name at least one event; * means all");
    }
    if texts.len() > PATTERNS_MAX {
        fields.refuse("/events", "too_many", format!("may name {PATTERNS_MAX} events at most"));
        return Vec::new();
    }
    let mut patterns = Vec::with_capacity(texts.len());
    for (place, text) in texts.iter().enumerate() {
        match text.parse::<EventPattern>() {
            Ok(pattern) if patterns.contains(&pattern) => {}
            Ok(pattern) => patterns.push(pattern),
            Err(error) => fields.refuse(format!("/events/{place}"), "unknown_event", error.to_string()),
        }
    }
    patterns
}

/// Checks a description; blank means none.
pub fn description(fields: &mut Fields, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    fields.text("/description", text::lines(text, DESCRIPTION_CHARS_MAX)).unwrap_or_default()
}

/// Checks a filter; its lists are kept sorted, each value once.
pub fn filter(fields: &mut Fields, mut filter: SubscriptionFilter) -> SubscriptionFilter {
    filter.channel_ids.sort_unstable();
    filter.channel_ids.dedup();
    filter.team_ids.sort_unstable();
    filter.team_ids.dedup();
    filter.labels.sort_unstable();
    filter.labels.dedup();
    let lengths = [("channel_ids", filter.channel_ids.len()), ("team_ids", filter.team_ids.len()), ("labels", filter.labels.len())];
    for (name, _) in lengths.into_iter().filter(|(_, length)| *length > FILTER_VALUES_MAX) {
        fields.refuse(format!("/filter/{name}"), "too_many", format!("may hold {FILTER_VALUES_MAX} values at most"));
    }
    filter
}

/// Checks the limit of attempts a second.
pub fn rate(fields: &mut Fields, limit: Option<u32>) -> Option<u32> {
    if limit.is_some_and(|limit| !(1..=RATE_MAX).contains(&limit)) {
        fields.refuse("/rate_limit_per_second", "out_of_range", format!("must be between 1 and {RATE_MAX}"));
    }
    limit
}

/// Checks all headers that a webhook would have.
pub fn headers(fields: &mut Fields, headers: &Headers, signature: &SignatureHeader) {
    let pairs: Vec<_> = headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let Err(refusal) = custom_headers::vet(&pairs, signature) else { return };
    let of = |name: &str| format!("/headers/{}", escape(name));
    let (pointer, code) = match &refusal {
        HeaderRefusal::Name(name) => (of(name), "malformed"),
        HeaderRefusal::Taken(name) => (of(name), "reserved"),
        HeaderRefusal::Value(name) => (of(name), "invalid_value"),
        HeaderRefusal::Twice(name) => (of(name), "duplicate_field"),
        HeaderRefusal::TooMany(_) => ("/headers".to_owned(), "too_many"),
    };
    fields.refuse(pointer, code, refusal.to_string());
}

/// The headers after a change: a value replaces one of the same name in any spelling, a null removes it.
pub fn changed_headers(before: &Headers, changes: &BTreeMap<String, Option<String>>) -> Headers {
    let stays = |name: &String| !changes.keys().any(|changed| changed.eq_ignore_ascii_case(name));
    let kept = before.iter().filter(|(name, _)| stays(name)).map(|(name, value)| (name.clone(), value.clone()));
    let new = changes.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
    kept.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use std::{io, net::IpAddr, sync::Arc};

    use actors::port::Promise;

    use super::*;
    use crate::{delivery::Resolve, http::problem::Problem};

    /// Knows one name.
    struct One(&'static [&'static str]);

    impl Resolve for One {
        fn lookup(&self, name: &str) -> Promise<'static, io::Result<Vec<IpAddr>>> {
            let known = name == "hook.example";
            let found = self.0.iter().map(|address| address.parse().unwrap()).collect();
            Box::pin(async move { if known { Ok(found) } else { Err(io::Error::other("no such name")) } })
        }
    }

    async fn checked(addresses: &'static [&'static str], text: &str) -> Option<Problem> {
        let mut fields = Fields::new();
        url(&mut fields, &AddressGuard::new(&[], false, Arc::new(One(addresses))), text).await;
        fields.finish().err()
    }

    #[actix_web::test]
    async fn a_name_that_leads_to_a_private_address_now_is_refused_and_one_that_leads_nowhere_is_not() {
        assert!(checked(&["93.184.215.14"], "https://hook.example/in").await.is_none());
        assert!(checked(&["93.184.215.14", "10.0.0.7"], "https://hook.example/in").await.is_some());
        assert!(checked(&["::ffff:127.0.0.1"], "https://hook.example/in").await.is_some());
        assert!(checked(&[], "https://hook.example/in").await.is_none());
        assert!(checked(&[], "https://not-yet.example/in").await.is_none());
        assert!(checked(&[], "https://[fd00::1]/in").await.is_some());
    }

    #[test]
    fn a_changed_header_replaces_the_same_name_in_any_spelling() {
        let of =
            |pairs: &[(&str, &str)]| -> Headers { pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() };
        let before = of(&[("X-Api-Key", "a"), ("X-Old", "b"), ("X-Stays", "c")]);
        let changes = BTreeMap::from([("x-api-key".to_owned(), Some("d".to_owned())), ("X-OLD".to_owned(), None)]);
        assert_eq!(changed_headers(&before, &changes), of(&[("X-Stays", "c"), ("x-api-key", "d")]));
    }
}
