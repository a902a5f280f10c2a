//! Slack's text as people see it (specification `slack` 8), and the names of emoji.

/// Emoji that the page offers, with Slack's names.
const NAMES: &[(&str, &str)] = &[
    ("+1", "👍"),
    ("heart", "❤️"),
    ("joy", "😂"),
    ("open_mouth", "😮"),
    ("pray", "🙏"),
    ("white_check_mark", "✅"),
    ("eyes", "👀"),
    ("tada", "🎉"),
    ("smile", "😄"),
];

/// Slack's name of an emoji; a smile where it has none here.
pub fn name_of(emoji: &str) -> &'static str {
    let plain = emoji.trim_end_matches('\u{fe0f}');
    NAMES.iter().find(|(_, known)| known.trim_end_matches('\u{fe0f}') == plain).map_or("slightly_smiling_face", |(name, _)| name)
}

/// The emoji of a name; the name between colons where it is not known here.
pub fn emoji_of(name: &str) -> String {
    NAMES.iter().find(|(known, _)| *known == name).map_or_else(|| format!(":{name}:"), |(_, emoji)| (*emoji).to_owned())
}

/// As people see it: links and mentions unfolded, then the three escapes undone.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        shown.push_str(before);
        let Some((inside, after)) = behind.split_once('>') else {
            shown.push('<');
            rest = behind;
            continue;
        };
        let (target, label) = inside.split_once('|').map_or((inside, None), |(target, label)| (target, Some(label)));
        match (target.chars().next(), label) {
            (Some('@' | '#'), Some(label)) => shown.push_str(&format!("@{label}")),
            (Some('!'), _) => shown.push_str(&format!("@{}", target.trim_start_matches('!'))),
            (_, Some(label)) if label != target => shown.push_str(&format!("{label} ({target})")),
            _ => shown.push_str(target),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// As Slack writes what somebody typed.
pub fn written(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_written_and_shown_again() {
        let typed = "Hello & welcome <3 >";
        assert_eq!(written(typed), "Hello &amp; welcome &lt;3 &gt;");
        assert_eq!(shown(&written(typed)), typed);
        assert_eq!(
            shown("Hello &amp; <https://example.org|site> <@U1|dana> <!here> &amp;lt; <half"),
            "Hello & site (https://example.org) @dana @here &lt; <half"
        );
    }
}
