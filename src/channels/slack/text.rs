//! Slack's way of writing text (`slack.md`, part 8), to plain text and back.
//!
//! Guarantees: inbound, what a tag stands for is shown, and the three entities are opened exactly once; outbound, nothing that anybody typed
//! becomes a tag, so nobody is mentioned and no link is hidden; a piece of a long text never ends inside a link or an entity, and a code
//! block that is cut is closed and opened again.

use entities::{
    Document,
    content::{Block, Inline, ListItem, Mark},
};

use super::emoji;
use crate::channels::{
    split::{Count, split},
    tidy,
};

/// Most characters of one message; Slack recommends 4,000 and splits or cuts by itself somewhere above (part 10.1).
pub const MESSAGE_MAX: usize = 3_900;
/// Most characters of what Slack wrote that are read: it cuts a message there itself (part 10.1).
const WRITTEN_CHARS_MAX: usize = 40_000;
/// What closes a code block that is cut, and what opens the rest of it.
const FENCE: &str = "```";
/// Room kept in each piece for closing a code block and opening it again, with their line breaks.
const FENCES_CHARS: usize = 8;
/// Longest link or entity that is kept whole when a text is cut, in bytes.
const UNIT_BYTES_MAX: usize = 1_000;

/// The plain text of what Slack wrote. `own_bot`: our bot's user, whose mention at the beginning is an address and no part of what is said.
pub fn decode(text: &str, own_bot: Option<&str>) -> String {
    let text = tidy::cut(text, WRITTEN_CHARS_MAX);
    let mut rest = own_bot.map_or(text.as_str(), |bot| without_mention(&text, bot));
    let mut out = String::with_capacity(rest.len());
    while let Some((before, behind)) = rest.split_once('<') {
        out.push_str(&words(before));
        if let Some((tag, after)) = behind.split_once('>').filter(|(tag, _)| !tag.contains('<')) {
            out.push_str(&shown(tag));
            rest = after;
        } else {
            out.push('<');
            rest = behind;
        }
    }
    out.push_str(&words(rest));
    out
}

fn without_mention<'a>(text: &'a str, bot: &str) -> &'a str {
    let mention = text.trim_start().strip_prefix("<@").and_then(|rest| rest.strip_prefix(bot));
    let label = mention.and_then(|rest| rest.split_once('>')).filter(|(label, _)| label.is_empty() || label.starts_with('|'));
    label.map_or(text, |(_, rest)| rest.trim_start_matches([' ', ':', ',']))
}

/// Text between tags.
fn words(text: &str) -> String {
    unescape(&emoji::replace_names(text))
}

/// The three entities that Slack writes, `&amp;` last, so that `&amp;lt;` is the four characters `&lt;`.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// What stands for a tag.
fn shown(tag: &str) -> String {
    let (target, label) =
        tag.split_once('|').map_or((tag, None), |(target, label)| (target, Some(label).filter(|label| !label.is_empty())));
    let at = |sign: char, name: &str| {
        let name = unescape(name);
        if name.starts_with(sign) { name } else { format!("{sign}{name}") }
    };
    if let Some(user) = target.strip_prefix('@') {
        return at('@', label.unwrap_or(user));
    }
    if let Some(channel) = target.strip_prefix('#') {
        return at('#', label.unwrap_or(channel));
    }
    if let Some(special) = target.strip_prefix('!') {
        if special.starts_with("date^") {
            return unescape(label.unwrap_or_default());
        }
        return at('@', label.unwrap_or(special.split('^').next_back().unwrap_or_default()));
    }
    link(target, label)
}

fn link(target: &str, label: Option<&str>) -> String {
    let target = unescape(target);
    if let Some(bare) = target.strip_prefix("mailto:").or_else(|| target.strip_prefix("tel:")) {
        return bare.to_owned();
    }
    let Some(label) = label.map(unescape) else { return target };
    // Slack links what looks like an address by itself: the label is then the address once more, without its scheme.
    let bare = target.split_once("://").map_or(target.as_str(), |(_, rest)| rest);
    if label == target || label.trim_end_matches('/') == bare.trim_end_matches('/') { target } else { format!("{label} ({target})") }
}

/// Text as Slack wants it: only `&`, `<` and `>` are special.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A plain text as Slack wants it, with `**bold**` and `[label](https://…)` as people type them turned into Slack's own.
pub fn encode_plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Every second part stands between backquotes, where marks are letters.
    for (index, part) in text.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        if index % 2 == 1 { out.push_str(&escape(part)) } else { out.push_str(&marked(part)) }
    }
    out
}

fn marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['*', '[']) {
        let (before, here) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(&escape(before));
        if let Some((strong, behind)) =
            here.strip_prefix("**").and_then(|inner| inner.split_once("**")).filter(|(strong, _)| is_run(strong))
        {
            out.push_str(&format!("*{}*", marked_links(strong)));
            rest = behind;
        } else if let Some((link, behind)) = typed_link(here) {
            out.push_str(&link);
            rest = behind;
        } else {
            let mut letters = here.chars();
            out.extend(letters.next());
            rest = letters.as_str();
        }
    }
    out.push_str(&escape(rest));
    out
}

/// Links inside bold letters; a star there is a star.
fn marked_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, here) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(&escape(before));
        if let Some((link, behind)) = typed_link(here) {
            out.push_str(&link);
            rest = behind;
        } else {
            out.push('[');
            rest = here.strip_prefix('[').unwrap_or_default();
        }
    }
    out.push_str(&escape(rest));
    out
}

/// Bold letters: some, on one line, with no space at their ends.
fn is_run(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains('\n')
}

/// `[label](https://…)` at the beginning of a text, as Slack's link, and what stands behind it.
fn typed_link(text: &str) -> Option<(String, &str)> {
    let (label, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (address, behind) = behind.split_once(')')?;
    let web = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| address.starts_with(scheme));
    let clean =
        web && !label.is_empty() && !label.contains(['[', ']', '\n']) && !address.contains(|c: char| c.is_whitespace() || c.is_control());
    clean.then(|| (tag(address, label), behind))
}

/// A link that shows a label.
fn tag(address: &str, label: &str) -> String {
    let address = address.replace('|', "%7C").replace('<', "%3C").replace('>', "%3E").replace('&', "&amp;");
    format!("<{address}|{}>", escape(&label.replace(['\n', '\r'], " ").replace('|', "¦")))
}

/// A message as Slack wants it: its document, or its text where the document says no more than that.
pub fn encode_message(document: &Document, text: &str) -> String {
    if *document == Document::plain(text) { encode_plain(text.trim()) } else { encode(document) }
}

/// A document as Slack wants it, with its bold, slanted and code letters, links and lists.
fn encode(document: &Document) -> String {
    let mut out = String::new();
    blocks(document.blocks(), "", &mut out);
    out.trim().to_owned()
}

fn blocks(blocks_: &[Block], indent: &str, out: &mut String) {
    for (index, block) in blocks_.iter().enumerate() {
        match block {
            Block::Paragraph { content } => {
                if index > 0 && indent.is_empty() {
                    out.push('\n');
                }
                inlines(content, out);
                out.push('\n');
            }
            Block::Image { attrs } => {
                out.push_str(&tag(&attrs.src, attrs.alt.as_deref().filter(|alt| !alt.is_empty()).unwrap_or(&attrs.src)));
                out.push('\n');
            }
            Block::BulletList { content } => items(content, None, indent, out),
            Block::OrderedList { content } => items(content, Some(1), indent, out),
        }
    }
}

fn items(list: &[ListItem], first: Option<usize>, indent: &str, out: &mut String) {
    let deeper = format!("{indent}    ");
    for (index, ListItem::ListItem { content }) in list.iter().enumerate() {
        let sign = first.map_or_else(|| "• ".to_owned(), |first| format!("{}. ", first + index));
        out.push_str(indent);
        out.push_str(&sign);
        blocks(content, &deeper, out);
    }
}

fn inlines(pieces: &[Inline], out: &mut String) {
    for piece in pieces {
        match piece {
            Inline::HardBreak => out.push('\n'),
            Inline::Text { text, marks } if marks.is_empty() => out.push_str(&encode_plain(text)),
            Inline::Text { text, marks } => {
                let has = |wanted: &Mark| marks.contains(wanted);
                let link = marks.iter().find_map(|mark| if let Mark::Link { attrs } = mark { Some(attrs) } else { None });
                let letters = link.map_or_else(|| escape(text), |attrs| tag(&attrs.href, text));
                let signs = [(Mark::Bold, '*'), (Mark::Italic, '_'), (Mark::Code, '`')];
                let around: String = signs.iter().filter(|(mark, _)| has(mark)).map(|(_, sign)| *sign).collect();
                let behind: String = around.chars().rev().collect();
                // Slack's signs need a letter beside them: spaces at the ends stand outside.
                let core = letters.trim();
                if core.is_empty() || core.contains('\n') {
                    out.push_str(&letters);
                } else {
                    let start = letters.len() - letters.trim_start().len();
                    let (lead, _) = letters.split_at_checked(start).unwrap_or_default();
                    let (_, trail) = letters.split_at_checked(letters.trim_end().len()).unwrap_or_default();
                    out.push_str(&format!("{lead}{around}{core}{behind}{trail}"));
                }
            }
        }
    }
}

/// Cuts a text in Slack's writing into messages of at most `max` characters.
pub fn pieces(text: &str, max: usize) -> Vec<String> {
    if text.chars().count() <= max {
        return if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    }
    let room = max.saturating_sub(FENCES_CHARS).max(1);
    let mut pieces = Vec::new();
    let (mut rest, mut open) = (text, false);
    while !rest.is_empty() {
        // The first piece depends on no more than this; a long text is not cut to its end for each of them.
        let near = rest.char_indices().nth(room * 2).and_then(|(end, _)| rest.get(..end)).unwrap_or(rest);
        let Some(whole) = split(near, room, Count::CodePoints).into_iter().next() else {
            let behind = rest.trim_start();
            if behind.len() == rest.len() {
                break;
            }
            rest = behind;
            continue;
        };
        if !rest.starts_with(&whole) {
            // More white space than fits: none of it is a message.
            rest = rest.trim_start();
            continue;
        }
        let end = if whole.len() >= rest.trim_end().len() { rest.len() } else { whole_units(rest, whole.len()) };
        let (piece, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let fences = piece.matches(FENCE).count();
        let opened = if open { format!("{FENCE}\n{piece}") } else { piece.to_owned() };
        open ^= fences % 2 == 1;
        let closed = if open && !behind.trim().is_empty() { format!("{}\n{FENCE}", opened.trim_end()) } else { opened };
        if !piece.trim().is_empty() {
            pieces.push(closed.trim_end().to_owned());
        }
        // In a code block spaces at a line's beginning are part of it; the break that was cut at is not.
        rest = if open { behind.trim_start_matches(['\n', '\r']) } else { behind.trim_start() };
    }
    pieces
}

/// An end at or before `end` that is not inside `<…>`, an entity or a fence; `end` itself where such a unit is as long as the text.
fn whole_units(text: &str, end: usize) -> usize {
    let head = text.get(..end).unwrap_or(text);
    let inside_tag = head.rfind('<').filter(|at| !head.get(*at..).is_some_and(|tail| tail.contains('>')));
    let inside_entity = head.rfind('&').filter(|at| !head.get(*at..).is_some_and(|tail| tail.contains(';')));
    let behind = text.get(end..).unwrap_or_default();
    let ticks = head.len() - head.trim_end_matches('`').len();
    let inside_fence = (behind.starts_with('`') && (1..=2).contains(&ticks)).then(|| end - ticks);
    let start = [inside_tag, inside_entity, inside_fence].into_iter().flatten().min().unwrap_or(end);
    if start == 0 || end - start > UNIT_BYTES_MAX { end } else { start }
}
