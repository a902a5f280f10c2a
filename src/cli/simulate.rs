//! `simulate`: a provider of messages on this machine, for tests and for those who try Switchboard without an account.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};

use actors::port::Clock;
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::output::{CliError, print};
use crate::{
    compose::SystemClock,
    options::Options,
    simulate::{self, Pace, Running, Simulated, SimulatorOptions},
};

pub(super) const HELP: &str = "\
In two terminals:

  switchboard simulate whatsapp
  switchboard serve --demo --provider-base-url whatsapp=http://127.0.0.1:9101

Then open http://127.0.0.1:9101/, add a channel with the address and the secrets that stand there, and write as the customer.
What is simulated, and what is not, is in docs/simulators.md.";

/// The options of `simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Which provider.
    #[arg(value_parser = provider())]
    provider: Simulated,
    /// The address to listen on. Port 0 takes the provider's usual one: whatsapp 9101, messenger 9102, sms 9103, slack 9104, dialpad 9105.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The Switchboard that is notified. Plain HTTP: put the simulator on the server's side of the proxy. Where its --public-url differs, give
    /// that too: some providers sign it.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    target: String,
    /// The path there that takes notifications. [default: /api/webhooks/PROVIDER]
    #[arg(long)]
    path: Option<String>,
    /// The address under which Switchboard reaches the simulator, if not the one it listens on.
    #[arg(long, value_name = "URL")]
    own_url: Option<String>,
    /// Another value of a credential, as in app_secret=…; may be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    credentials: Vec<(String, String)>,
    /// Let everything happen at once: ticks, redeliveries, late answers.
    #[arg(long)]
    at_once: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Simulate {
    /// Simulates until SIGINT or SIGTERM.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let as_json = self.json;
        let running = simulate::start(self.options(options.server.public_url.clone()));
        let running = running.map_err(|error| CliError::Refused(error.to_string()))?;
        match announce(&running, as_json) {
            // A simulator whose output nobody reads serves all the same.
            Err(CliError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
            other => other?,
        }
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        running.stop().await;
        Ok(())
    }

    fn options(self, public_url: Option<String>) -> SimulatorOptions {
        let clock = SystemClock::default();
        let mut options = SimulatorOptions::new(self.provider, &self.target, Arc::new(move || clock.now().micros() / 1_000));
        options.listen = self.listen;
        if options.listen.port() == 0 {
            options.listen.set_port(self.provider.usual_port());
        }
        if let Some(public_url) = public_url {
            public_url.trim_end_matches('/').clone_into(&mut options.public_url);
        }
        if let Some(path) = self.path {
            options.path = path;
        }
        options.own_url = self.own_url;
        options.credentials = self.credentials.into_iter().collect();
        options.pace = if self.at_once { Pace::AT_ONCE } else { Pace::WATCHED };
        options
    }
}

fn announce(running: &Running, as_json: bool) -> Result<(), CliError> {
    let profile = running.simulator().provider.profile();
    let hook_url = running.simulator().look(|world| world.hook_url.clone());
    let (url, name, address) = (&running.url, profile.name, running.account());
    let secrets: BTreeMap<_, _> = running.credentials().into_iter().collect();
    let object = json!({"provider": name, "vendor": profile.vendor, "url": url, "page": format!("{url}/"), "hook_url": hook_url, "address": address, "secrets": secrets});
    let mut lines = format!(
        "{} is simulated.\n\n  Page to write as the customer   {url}/\n  Start Switchboard with          --provider-base-url {name}={url}\n  Notifications go to             {hook_url}\n  A channel's address             {address}\n",
        profile.title
    );
    let vendor = profile.vendor.map(|vendor| ("vendor", vendor.to_owned()));
    for (name, value) in vendor.into_iter().chain(running.credentials()) {
        lines.push_str(&format!("  {name:<31} {value}\n"));
    }
    print(as_json, &object, &lines)
}

fn provider() -> impl TypedValueParser<Value = Simulated> {
    PossibleValuesParser::new(Simulated::ALL.iter().map(|simulated| simulated.name()))
        .try_map(|name| Simulated::named(&name).ok_or("no such provider"))
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("must be a name and a value, as in app_secret=…")?;
    Ok((name.to_owned(), value.to_owned()))
}
