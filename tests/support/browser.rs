//! What a browser does on the way by consent: from the server to the provider and back. Redirects are followed by hand, and bearer stands for
//! the session's cookie.

use std::time::Duration;

use switchboard::simulate::Simulated;

/// Nothing here takes so long; what does will never come.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Where a visit led.
#[derive(Debug)]
pub struct Visit {
    pub status: u16,
    /// The address that it leads on to, without a fragment that no server sees.
    pub location: String,
}

impl Visit {
    /// The install that the server leads to.
    pub fn outcome(&self) -> String {
        assert_eq!(self.status, 302, "{self:?}");
        self.location.strip_prefix("/#/settings/channels/installs/").unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

/// Visits an address.
pub async fn visit(url: &str, token: Option<&str>) -> Visit {
    let client = awc::ClientBuilder::new().timeout(PATIENCE).disable_redirects().finish();
    let mut request = client.get(url);
    if let Some(token) = token {
        request = request.insert_header(("authorization", format!("Bearer {token}")));
    }
    let response = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    Visit { status: response.status().as_u16(), location }
}

/// From the server's install to the provider's page, where somebody decides; answers the way back, which nobody has gone yet.
pub async fn decide(server: &str, provider: Simulated, token: &str, decision: &str) -> String {
    let began = visit(&format!("{server}/api/{}/install", provider.name()), Some(token)).await;
    assert_eq!(began.status, 302, "{began:?}");
    let decided = visit(&format!("{}&simulate={decision}", began.location), None).await;
    assert_eq!(decided.status, 302, "{}: {decided:?}", began.location);
    decided.location.split('#').next().unwrap().to_owned()
}

/// The options of the operator's app at a simulator.
pub fn app_options(provider: Simulated) -> Vec<&'static str> {
    match provider {
        Simulated::Whatsapp => vec![
            "--whatsapp-app-id",
            "1000000000000001",
            "--whatsapp-app-secret",
            "simulated-app-secret-whatsapp",
            "--whatsapp-config-id",
            "5000",
            "--whatsapp-verify-token",
            "simulated-verify-token",
        ],
        Simulated::Messenger => vec![
            "--messenger-app-id",
            "1234567890",
            "--messenger-app-secret",
            "simulated-app-secret-messenger",
            "--messenger-verify-token",
            "simulated-verify-token",
        ],
        Simulated::Slack => vec![
            "--slack-client-id",
            "1000.2000",
            "--slack-client-secret",
            "simulated-client-secret-slack",
            "--slack-signing-secret",
            "simulated0signing0secret0slack00",
        ],
        Simulated::Dialpad => {
            vec!["--dialpad-client-id", "simulated-client", "--dialpad-client-secret", "simulated-client-secret-dialpad"]
        }
        Simulated::Sms => Vec::new(),
    }
}
