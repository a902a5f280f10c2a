//! A message of Slack's as one of ours (`slack.md`, parts 4.1 to 4.8).

use entities::{Address, InboundMessage, MessageType, Party};
use serde_json::Value;

use super::{files, text, wire};
use crate::channels::tidy;

/// Deepest nesting of blocks that is read.
const BLOCKS_DEPTH_MAX: usize = 16;
/// Most attached (shared, unfurled) messages that are read.
const ATTACHMENTS_MAX: usize = 10;

/// Which installation sees it, and what is ours there.
#[derive(Debug, Clone, Copy)]
pub struct Installation<'a> {
    /// Our workspace, for people whose own is not named.
    pub team: &'a str,
    /// Our app.
    pub app: Option<&'a str>,
    /// Our bot's user, as the authorization names it.
    pub bot_user: Option<&'a str>,
    /// Our bot, as the credential names it.
    pub bot: Option<&'a str>,
    /// Messages of other bots are taken in.
    pub other_bots: bool,
}

impl Installation<'_> {
    /// Whether a message was posted by our own app (part 4.8): any one sign is enough.
    pub fn posted(&self, message: &Value) -> bool {
        let ours = |pointer: &str, own: Option<&str>| own.is_some() && wire::text(message, pointer) == own;
        ours("/user", self.bot_user)
            || ours("/bot_id", self.bot)
            || ours("/bot_profile/id", self.bot)
            || ours("/app_id", self.app)
            || ours("/bot_profile/app_id", self.app)
            || wire::text(message, "/metadata/event_type") == Some(super::outbound::METADATA_EVENT)
    }
}

/// Whether some program posted it.
pub fn is_bots(message: &Value) -> bool {
    wire::text(message, "/bot_id").is_some()
        || wire::text(message, "/subtype") == Some("bot_message")
        || wire::text(message, "/user") == Some("USLACKBOT")
}

/// Who wrote a message: the user in their home workspace (part 13), or a bot that is let in.
pub fn party(message: &Value, installation: Installation<'_>) -> Option<Party> {
    let user = wire::id(message, "/user").or_else(|| wire::id(message, "/bot_id"))?;
    let team = ["/user_team", "/source_team", "/team"].iter().find_map(|at| wire::id(message, at)).unwrap_or(installation.team);
    let names = ["/user_profile/display_name", "/user_profile/real_name", "/user_profile/name", "/bot_profile/name", "/username"];
    let pictures = ["/user_profile/image_192", "/user_profile/image_72"];
    Some(Party {
        address: wire::address(team, user),
        also: Vec::new(),
        name: names.iter().find_map(|at| wire::text(message, at)).and_then(tidy::name),
        avatar_url: pictures.iter().find_map(|at| wire::text(message, at)).filter(|url| url.starts_with("https://")).map(str::to_owned),
    })
}

/// Where a message stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The channel.
    pub channel: &'a str,
    /// It is a direct message.
    pub direct: bool,
}

impl<'a> Place<'a> {
    /// Of an event that names a channel.
    pub fn of(event: &'a Value) -> Option<Self> {
        let channel = wire::id(event, "/channel")?;
        let direct = wire::text(event, "/channel_type").map_or_else(|| wire::is_direct(channel), |kind| kind == "im");
        Some(Self { channel, direct })
    }
}

/// The message, as it is now; `None` if it has no author or no `ts`, and so no name to be known by.
pub fn read(message: &Value, place: Place<'_>, installation: Installation<'_>) -> Option<InboundMessage> {
    let ts = wire::ts(message, "/ts")?;
    let party = party(message, installation)?;
    let root = wire::ts(message, "/thread_ts").unwrap_or(ts);
    let files = files::read(message);
    let (kind, said) = said(message, &party, installation);
    let mut lines: Vec<String> = Some(said).filter(|said| !said.is_empty()).into_iter().collect();
    lines.extend(files.lines);
    let mut inbound = InboundMessage::text(wire::message_id(place.channel, ts), party, tidy::message(&lines.join("\n")));
    inbound.thread = Some(wire::thread(place.channel, place.direct, root));
    // In a channel the thread says what is answered; a direct message's thread is the whole channel.
    inbound.reply_to = (place.direct && root != ts).then(|| wire::message_id(place.channel, root));
    inbound.kind = files.media.first().map_or(kind, |first| first.kind);
    inbound.media = files.media;
    if inbound.text.is_empty() && inbound.media.is_empty() {
        inbound.kind = MessageType::Unsupported;
        "[a Slack message that cannot be shown here]".clone_into(&mut inbound.text);
    }
    Some(inbound)
}

/// What a message says: its text, else its blocks, else the messages that it passes on.
fn said(message: &Value, party: &Party, installation: Installation<'_>) -> (MessageType, String) {
    let own = installation.bot_user;
    let plain = wire::text(message, "/text").map(|text| text::decode(text, own)).filter(|text| !text.trim().is_empty());
    if let Some(plain) = plain {
        if wire::text(message, "/subtype") == Some("me_message") {
            return (MessageType::Text, format!("{} {plain}", speaker(party)));
        }
        return (MessageType::Text, plain);
    }
    let mut written = String::new();
    for block in list(message, "blocks") {
        blocks(block, BLOCKS_DEPTH_MAX, &mut written);
    }
    if !written.trim().is_empty() {
        return (MessageType::Text, written);
    }
    let shared: Vec<String> = list(message, "attachments").iter().take(ATTACHMENTS_MAX).filter_map(shared).collect();
    (if shared.is_empty() { MessageType::Text } else { MessageType::Share }, shared.join("\n\n"))
}

/// The name of who speaks of themselves (`/me waves`).
fn speaker(party: &Party) -> String {
    let user = |address: &Address| address.value.rsplit('/').next().unwrap_or_default().to_owned();
    party.name.clone().unwrap_or_else(|| format!("@{}", user(&party.address)))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn shared(attachment: &Value) -> Option<String> {
    let words = ["/text", "/fallback", "/title"].iter().find_map(|at| wire::text(attachment, at)).map(|text| text::decode(text, None));
    let link = ["/from_url", "/title_link"].iter().find_map(|at| wire::text(attachment, at)).map(|link| link.replace("&amp;", "&"));
    match (words, link) {
        (Some(words), Some(link)) => Some(format!("{words}\n{link}")),
        (words, link) => words.or(link),
    }
}

/// The letters of a block and of what it holds.
fn blocks(block: &Value, depth: usize, out: &mut String) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let kind = wire::text(block, "/type").unwrap_or_default();
    match kind {
        "text" => out.push_str(wire::text(block, "/text").unwrap_or_default()),
        "plain_text" | "mrkdwn" => out.push_str(&text::decode(wire::text(block, "/text").unwrap_or_default(), None)),
        "link" => out.push_str(&match (wire::text(block, "/text"), wire::text(block, "/url")) {
            (Some(label), Some(url)) if label != url => format!("{label} ({url})"),
            (label, url) => url.or(label).unwrap_or_default().to_owned(),
        }),
        "emoji" => {
            let name = wire::text(block, "/name").unwrap_or_default();
            out.push_str(&super::emoji::by_name(name).unwrap_or_else(|| format!(":{name}:")));
        }
        "user" => out.push_str(&format!("@{}", wire::text(block, "/user_id").unwrap_or_default())),
        "channel" => out.push_str(&format!("#{}", wire::text(block, "/channel_id").unwrap_or_default())),
        "broadcast" => out.push_str(&format!("@{}", wire::text(block, "/range").unwrap_or_default())),
        "usergroup" => out.push_str(&format!("@{}", wire::text(block, "/usergroup_id").unwrap_or_default())),
        "image" => out.push_str(wire::text(block, "/alt_text").unwrap_or_default()),
        _ => {
            for name in ["text", "elements", "fields"] {
                match block.get(name) {
                    Some(Value::Array(inner)) => inner.iter().for_each(|inner| blocks(inner, depth, out)),
                    Some(inner @ Value::Object(_)) => blocks(inner, depth, out),
                    _ => {}
                }
            }
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
        }
    }
}

/// Whether a changed message says anything else than before: links that were unfurled are no change (part 4.6).
pub fn differs(now: &Value, before: &Value) -> bool {
    let files = |message: &Value| {
        list(message, "files").iter().map(|file| (file.get("id").cloned(), file.get("mode").cloned())).collect::<Vec<_>>()
    };
    let blocks = |message: &Value| message.get("blocks").filter(|blocks| !blocks.is_null()).cloned();
    if now.get("text") != before.get("text") || files(now) != files(before) {
        return true;
    }
    // Unfurling may bring blocks where there were none: only where both have them do they tell of a change.
    matches!((blocks(now), blocks(before)), (Some(now), Some(before)) if now != before)
}
