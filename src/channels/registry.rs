//! The providers that this server speaks with: one line each.
//!
//! A new one is a folder beside this file, a word in `entities::Provider`, and its line here.

use entities::Provider;

use super::{
    adapter::Adapter,
    dialpad::{Dialpad, consent::DialpadConsent},
    messenger::{Messenger, consent::MessengerConsent},
    oauth::Consent,
    slack::{Slack, consent::SlackConsent},
    sms::Sms,
    whatsapp::{Whatsapp, consent::WhatsappConsent},
};

/// Every adapter there is.
static ALL: &[&dyn Adapter] = &[&Whatsapp, &Messenger, &Sms, &Slack, &Dialpad];

/// Those whose accounts can be connected by consent.
static CONSENTING: &[&dyn Consent] = &[&WhatsappConsent, &MessengerConsent, &SlackConsent, &DialpadConsent];

/// How a provider lets an app in; `None` if its secrets are entered by hand alone.
pub fn consent(provider: Provider) -> Option<&'static dyn Consent> {
    CONSENTING.iter().copied().find(|consent| consent.provider() == provider)
}

/// All of them, in the order in which they are offered.
pub fn all() -> &'static [&'static dyn Adapter] {
    ALL
}

/// The one that speaks with a provider; `None` if this server does not.
pub fn find(provider: Provider) -> Option<&'static dyn Adapter> {
    ALL.iter().copied().find(|adapter| adapter.provider() == provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_stands_here_once_and_its_fields_have_names_of_their_own() {
        let mut seen = Vec::new();
        for adapter in all() {
            assert!(!seen.contains(&adapter.provider()), "{} stands here twice", adapter.provider());
            seen.push(adapter.provider());
            let mut vendors: Vec<Option<&str>> = adapter.vendors().iter().copied().map(Some).collect();
            if vendors.is_empty() || !adapter.fields(None).is_empty() {
                vendors.push(None);
            }
            for vendor in vendors {
                let mut names: Vec<&str> = adapter.fields(vendor).iter().map(|field| field.name).collect();
                let count = names.len();
                assert!(count > 0, "{} {vendor:?} asks for nothing", adapter.provider());
                names.sort_unstable();
                names.dedup();
                assert_eq!(names.len(), count, "{} {vendor:?}", adapter.provider());
                let known = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
                assert!(names.into_iter().all(known), "{} {vendor:?}", adapter.provider());
            }
        }
    }
}
