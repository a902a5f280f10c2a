//! Quick replies, cards and reactions (sections 10 and 10.2).

use std::collections::BTreeSet;

use entities::outbound::{Choice, MessageExtra};
use serde_json::{Value, json};

use crate::channels::{adapter::Unsupported, split::Count, tidy};

/// Most quick replies.
const QUICK_REPLIES_MAX: usize = 13;
/// Longest title of a quick reply or a button.
const TITLE_MAX: usize = 20;
/// Longest payload.
const PAYLOAD_MAX: usize = 1_000;
/// Most cards of a generic template.
const CARDS_MAX: usize = 10;
/// Longest title of a card.
const CARD_TITLE_MAX: usize = 80;
/// Longest subtitle of a card; a longer one is cut.
const CARD_SUBTITLE_MAX: usize = 80;

/// Something to press.
pub enum Choices {
    /// Quick replies below the last part.
    Quick(Value),
    /// Cards with a button each, as a message of their own: what a list is here.
    Cards(Value),
}

impl Choices {
    /// What a message has to press, checked; `None` if it has nothing.
    pub fn of(extra: Option<&MessageExtra>) -> Result<Option<Self>, Unsupported> {
        match extra {
            None => Ok(None),
            Some(MessageExtra::Buttons { buttons }) => {
                check(buttons, QUICK_REPLIES_MAX, TITLE_MAX, "buttons")?;
                let reply = |choice: &Choice| json!({"content_type": "text", "title": choice.title, "payload": choice.id});
                Ok(Some(Self::Quick(buttons.iter().map(reply).collect())))
            }
            Some(MessageExtra::List { button, rows }) => {
                check(rows, CARDS_MAX, CARD_TITLE_MAX, "rows")?;
                if button.trim().is_empty() {
                    return Err(Unsupported::new("empty", "The button of each row needs a text"));
                }
                let label = tidy::cut(button, TITLE_MAX);
                let cards: Vec<Value> = rows.iter().map(|row| card(row, &label)).collect();
                Ok(Some(Self::Cards(json!({"type": "template", "payload": {"template_type": "generic", "elements": cards}}))))
            }
            // Message tags were Messenger's templates, and are switched off (section 10.1).
            Some(MessageExtra::Template { .. }) => {
                Err(Unsupported::new("unsupported", "Messenger and Instagram have no templates or message tags"))
            }
        }
    }
}

fn card(row: &Choice, label: &str) -> Value {
    let buttons = json!([{"type": "postback", "title": label, "payload": row.id}]);
    match &row.description {
        Some(description) => json!({"title": row.title, "subtitle": tidy::cut(description, CARD_SUBTITLE_MAX), "buttons": buttons}),
        None => json!({"title": row.title, "buttons": buttons}),
    }
}

fn check(choices: &[Choice], most: usize, title_max: usize, what: &str) -> Result<(), Unsupported> {
    if choices.is_empty() {
        return Err(Unsupported::new("empty", format!("There are no {what}")));
    }
    if choices.len() > most {
        return Err(Unsupported::new("too_many_buttons", format!("At most {most} {what} can be sent, not {}", choices.len())));
    }
    let mut ids = BTreeSet::new();
    for choice in choices {
        if choice.title.trim().is_empty() || choice.id.is_empty() {
            return Err(Unsupported::new("empty", format!("Each of the {what} needs a title and an id")));
        }
        if Count::Utf16.of(&choice.title) > title_max {
            return Err(Unsupported::new("title_too_long", format!("“{}” is longer than {title_max} characters", choice.title)));
        }
        if Count::Utf16.of(&choice.id) > PAYLOAD_MAX {
            return Err(Unsupported::new("id_too_long", format!("The id of “{}” is longer than {PAYLOAD_MAX} characters", choice.title)));
        }
        if !ids.insert(choice.id.as_str()) {
            return Err(Unsupported::new("id_repeated", format!("Two of the {what} have the id {}", choice.id)));
        }
    }
    Ok(())
}

/// How Meta calls an emoji when we react; one that has no word goes as it is (not confirmed on a live account).
pub fn reaction(emoji: &str) -> &str {
    match emoji.trim_end_matches('\u{FE0F}') {
        "❤" => "love",
        "😆" => "smile",
        "😮" => "wow",
        "😢" => "sad",
        "😠" => "angry",
        "👍" => "like",
        "👎" => "dislike",
        _ => emoji,
    }
}
