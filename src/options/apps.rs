//! The options of the operator's own apps at providers, by which people connect their accounts by consent instead of by copying secrets.

use clap::Args;
use entities::Provider;

use super::Secret;
use crate::channels::oauth::ClientApp;

/// The apps.
#[derive(Debug, Clone, Default, Args)]
pub struct AppOptions {
    /// The id of your app at Meta, for connecting WhatsApp by embedded sign-up.
    #[arg(long, env = "SWITCHBOARD_WHATSAPP_APP_ID", value_name = "ID", global = true)]
    pub whatsapp_app_id: Option<String>,

    /// That app's secret; better given by the variable than by the flag, which others on the machine can see.
    #[arg(long, env = "SWITCHBOARD_WHATSAPP_APP_SECRET", value_name = "SECRET", hide_env_values = true, global = true)]
    pub whatsapp_app_secret: Option<Secret>,

    /// That app's configuration of embedded sign-up (Facebook Login for Business, Configurations).
    #[arg(long, env = "SWITCHBOARD_WHATSAPP_CONFIG_ID", value_name = "ID", global = true)]
    pub whatsapp_config_id: Option<String>,

    /// The verify token that you enter at that app's WhatsApp webhook; a word of your own.
    #[arg(long, env = "SWITCHBOARD_WHATSAPP_VERIFY_TOKEN", value_name = "WORD", hide_env_values = true, global = true)]
    pub whatsapp_verify_token: Option<Secret>,

    /// The id of your app at Meta, for connecting pages and their Instagram accounts by Facebook Login.
    #[arg(long, env = "SWITCHBOARD_MESSENGER_APP_ID", value_name = "ID", global = true)]
    pub messenger_app_id: Option<String>,

    /// That app's secret.
    #[arg(long, env = "SWITCHBOARD_MESSENGER_APP_SECRET", value_name = "SECRET", hide_env_values = true, global = true)]
    pub messenger_app_secret: Option<Secret>,

    /// That app's configuration of Facebook Login for Business; without one the permissions are asked for one by one. [default: none]
    #[arg(long, env = "SWITCHBOARD_MESSENGER_CONFIG_ID", value_name = "ID", global = true)]
    pub messenger_config_id: Option<String>,

    /// The verify token that you enter at that app's Messenger webhook; a word of your own.
    #[arg(long, env = "SWITCHBOARD_MESSENGER_VERIFY_TOKEN", value_name = "WORD", hide_env_values = true, global = true)]
    pub messenger_verify_token: Option<Secret>,

    /// The client id of your Slack app, for connecting workspaces.
    #[arg(long, env = "SWITCHBOARD_SLACK_CLIENT_ID", value_name = "ID", global = true)]
    pub slack_client_id: Option<String>,

    /// That app's client secret.
    #[arg(long, env = "SWITCHBOARD_SLACK_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true, global = true)]
    pub slack_client_secret: Option<Secret>,

    /// That app's signing secret.
    #[arg(long, env = "SWITCHBOARD_SLACK_SIGNING_SECRET", value_name = "SECRET", hide_env_values = true, global = true)]
    pub slack_signing_secret: Option<Secret>,

    /// The client id of your OAuth app at Dialpad, for connecting people's numbers.
    #[arg(long, env = "SWITCHBOARD_DIALPAD_CLIENT_ID", value_name = "ID", global = true)]
    pub dialpad_client_id: Option<String>,

    /// That app's client secret.
    #[arg(long, env = "SWITCHBOARD_DIALPAD_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true, global = true)]
    pub dialpad_client_secret: Option<Secret>,
}

/// A value, and the option that it is given by.
type Given<'a> = (&'static str, Option<&'a str>);

impl AppOptions {
    /// The operator's app at a provider.
    ///
    /// # Errors
    /// The options that are missing; none if there can be no app at this provider.
    pub fn find(&self, provider: Provider) -> Result<ClientApp, Vec<&'static str>> {
        let ([id, secret, verifying], config, config_is_needed) = match provider {
            Provider::Whatsapp => (
                [
                    ("--whatsapp-app-id", plain(self.whatsapp_app_id.as_ref())),
                    ("--whatsapp-app-secret", open(self.whatsapp_app_secret.as_ref())),
                    ("--whatsapp-verify-token", open(self.whatsapp_verify_token.as_ref())),
                ],
                ("--whatsapp-config-id", plain(self.whatsapp_config_id.as_ref())),
                true,
            ),
            Provider::Messenger => (
                [
                    ("--messenger-app-id", plain(self.messenger_app_id.as_ref())),
                    ("--messenger-app-secret", open(self.messenger_app_secret.as_ref())),
                    ("--messenger-verify-token", open(self.messenger_verify_token.as_ref())),
                ],
                ("--messenger-config-id", plain(self.messenger_config_id.as_ref())),
                false,
            ),
            Provider::Slack => (
                [
                    ("--slack-client-id", plain(self.slack_client_id.as_ref())),
                    ("--slack-client-secret", open(self.slack_client_secret.as_ref())),
                    ("--slack-signing-secret", open(self.slack_signing_secret.as_ref())),
                ],
                ("", None),
                false,
            ),
            Provider::Dialpad => {
                let id = ("--dialpad-client-id", plain(self.dialpad_client_id.as_ref()));
                let secret = ("--dialpad-client-secret", open(self.dialpad_client_secret.as_ref()));
                // What signs is each webhook's own: two are enough.
                ([id, secret, ("", Some(""))], ("", None), false)
            }
            Provider::Sms => return Err(Vec::new()),
        };
        let needed: &[Given<'_>] = if config_is_needed { &[id, secret, config, verifying] } else { &[id, secret, verifying] };
        let missing: Vec<&'static str> = needed.iter().filter(|(_, value)| value.is_none()).map(|(option, _)| *option).collect();
        match (id.1, secret.1, verifying.1) {
            (Some(id), Some(secret), Some(verifying)) if missing.is_empty() => Ok(ClientApp::new(id, secret, config.1, verifying)),
            _ => Err(missing),
        }
    }
}

/// A value that is not blank.
fn plain(value: Option<&String>) -> Option<&str> {
    value.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn open(value: Option<&Secret>) -> Option<&str> {
    value.map(|secret| secret.expose().trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_and_secrets_are_not_shown() {
        let mut options = AppOptions { slack_client_id: Some("1000.2000".to_owned()), ..AppOptions::default() };
        assert_eq!(options.find(Provider::Slack).unwrap_err(), ["--slack-client-secret", "--slack-signing-secret"]);
        assert_eq!(
            options.find(Provider::Whatsapp).unwrap_err(),
            ["--whatsapp-app-id", "--whatsapp-app-secret", "--whatsapp-config-id", "--whatsapp-verify-token"]
        );
        assert_eq!(
            options.find(Provider::Messenger).unwrap_err(),
            ["--messenger-app-id", "--messenger-app-secret", "--messenger-verify-token"]
        );
        assert_eq!(options.find(Provider::Sms).unwrap_err(), Vec::<&str>::new());
        assert_eq!(options.find(Provider::Dialpad).unwrap_err(), ["--dialpad-client-id", "--dialpad-client-secret"]);
        options.slack_client_secret = Some("hush-hush".parse().unwrap());
        options.slack_signing_secret = Some(" ".parse().unwrap());
        assert_eq!(options.find(Provider::Slack).unwrap_err(), ["--slack-signing-secret"], "a blank one is none");
        options.slack_signing_secret = Some("hush-too".parse().unwrap());
        let app = options.find(Provider::Slack).unwrap();
        assert_eq!((app.client_id.as_str(), app.client_secret(), app.verifying()), ("1000.2000", "hush-hush", "hush-too"));
        assert!(!format!("{options:?} {app:?}").contains("hush"));
    }
}
