//! What a run happens in: workspaces, a conversation or more in each, and webhooks that lead to the tool's own receiver.

use std::rc::Rc;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::{
    super::{LoadError, http::Http, session::Session, setup},
    Workspace,
    receiver::{Desk, Hook, Manner, Receiver},
    request,
};

/// Requests under way at once.
const AT_ONCE: usize = 8;
const MAKE: &str = "make a webhook";

/// A webhook as the API knows it.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its place among the receiver's.
    pub place: usize,
    /// Its path on the API.
    path: String,
    /// A token of its workspace.
    token: String,
}

/// What webhooks are to be made.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// How many in each workspace.
    pub each: usize,
    /// The events.
    pub event: &'static str,
    /// One delivery at a time.
    pub ordered: bool,
    /// How the receiver answers.
    pub manner: Manner,
}

/// Makes webhooks in each of these workspaces.
pub async fn webhooks(
    url: &str,
    workspaces: &[Workspace],
    wanted: &Wanted,
    receiver: &Receiver,
    desk: &Rc<Desk>,
) -> Result<Vec<Made>, LoadError> {
    let made = stream::iter(workspaces).map(|workspace| some_webhooks(url, workspace, wanted, receiver, desk));
    made.buffered(AT_ONCE).try_concat().await
}

async fn some_webhooks(
    url: &str,
    workspace: &Workspace,
    wanted: &Wanted,
    receiver: &Receiver,
    desk: &Rc<Desk>,
) -> Result<Vec<Made>, LoadError> {
    let mut http = Http::new(url)?;
    let mut made = Vec::with_capacity(wanted.each);
    for number in 0..wanted.each {
        // Its place is taken before its URL is told: a delivery finds it only with its secret, which comes back.
        let place = {
            let mut hooks = desk.hooks.borrow_mut();
            hooks.push(Hook { number, secret: entities::WebhookSecret::from_random([0; 32]), manner: wanted.manner });
            hooks.len() - 1
        };
        let target = format!("https://{}{}", receiver.address, request::path(place));
        let body = json!({"url": target, "events": [wanted.event], "ordered": wanted.ordered});
        let answer = http.post(MAKE, "/api/v1/webhooks", Some(&workspace.api_token), &body).await?;
        let secret = setup::text(&answer, MAKE, "secret")?.parse();
        let secret = secret.map_err(|_the_text_is_secret| LoadError::Unreadable { what: MAKE, answer: "its secret".to_owned() })?;
        if let Some(hook) = desk.hooks.borrow_mut().get_mut(place) {
            hook.secret = secret;
        }
        let path = format!("/api/v1/webhooks/{}", setup::text(&answer, MAKE, "id")?);
        made.push(Made { place, path, token: workspace.api_token.clone() });
    }
    Ok(made)
}

/// Begins conversations in turn in each of these workspaces, the first of them in the first; answers with their sockets.
pub async fn conversations(url: &str, workspaces: &[Workspace], run: u32, count: usize) -> Result<Vec<Session>, LoadError> {
    let places = workspaces.len().max(1);
    let mut lines = Vec::new();
    for (at, workspace) in workspaces.iter().enumerate() {
        let mine = count / places + usize::from(at < count % places);
        lines.push(async move { setup::visitors(url, &workspace.widget_api_key, mine).await.map(Vec::into_iter) });
    }
    let mut lines: Vec<_> = stream::iter(lines).buffered(AT_ONCE).try_collect().await?;
    let mut visitors = Vec::with_capacity(count);
    while visitors.len() < count {
        visitors.extend(lines.iter_mut().filter_map(Iterator::next));
    }
    let begun = visitors.into_iter().enumerate().map(|(at, visitor)| setup::begin(url, run, at, visitor));
    let begun: Vec<setup::Begun> = stream::iter(begun).buffered(setup::AT_ONCE).try_collect().await?;
    Ok(begun.into_iter().map(|begun| begun.session).collect())
}

/// Takes webhooks away, so that the next run finds the server as this one did.
pub async fn remove(url: &str, made: &[Made]) -> Result<(), LoadError> {
    let mut http = Http::new(url)?;
    for webhook in made {
        http.ask("remove a webhook", "DELETE", &webhook.path, Some(&webhook.token), None).await?;
    }
    Ok(())
}

/// How many deliveries of these webhooks wait.
pub async fn backlog(url: &str, made: &[Made]) -> Result<u64, LoadError> {
    let mut http = Http::new(url)?;
    let mut waiting = 0;
    for webhook in made {
        let stats = http.ask("read a webhook's figures", "GET", &format!("{}/stats", webhook.path), Some(&webhook.token), None).await?;
        waiting += stats.get("backlog").and_then(Value::as_u64).unwrap_or(0);
    }
    Ok(waiting)
}

/// A delivery with its attempts.
pub async fn delivery(http: &mut Http, webhook: &Made, id: &str) -> Result<Value, LoadError> {
    http.ask("read a delivery", "GET", &format!("{}/deliveries/{id}", webhook.path), Some(&webhook.token), None).await
}
