//! Reading the server's frames without building a tree of each: at tens of thousands a second the tool must cost less than the server.
//!
//! Guarantees: what is not understood is told as [`Heard::Unreadable`], and counted. Does not: check frames; the server's tests do.

/// Stands at the beginning of every text that the tool sends.
const MARK: &str = "lt/";

/// Fills a message up to its length.
const WORDS: &str = " thank you for asking, the parcel left this morning and the tracking number follows";

/// What a frame says, as far as the tool cares.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// The session stands.
    Welcome {
        /// Where its stream goes on from.
        cursor: &'a str,
    },
    /// Something happened.
    Event(Happened),
    /// A message is stored.
    Ack {
        /// As it was sent.
        reference: u64,
        /// Where.
        conversation_id: &'a str,
    },
    /// A message was not taken.
    Refused {
        /// As it was sent; none if it was no message.
        reference: Option<u64>,
        /// Why.
        code: &'a str,
        /// When to come back.
        retry_after_ms: Option<u64>,
    },
    /// The server is there, and has taken all frames before the ping.
    Pong,
    /// The stream goes on elsewhere.
    Resync,
    /// Typing, presence and the like.
    Other,
    /// Not a frame that the tool knows.
    Unreadable,
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened {
    /// Its place in this session's stream: the position for agents, else the `seq`.
    pub place: u64,
    /// The place of the one before it.
    pub prev: u64,
    /// The tool's message in it.
    pub mark: Option<Mark>,
}

/// Which of the tool's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Which run of the tool.
    pub run: u32,
    /// Which conversation of the run.
    pub conversation: u32,
    /// The agent's, not the visitor's.
    pub by_agent: bool,
    /// Which of its sender's messages, from 0.
    pub number: u32,
}

impl Mark {
    /// The text of this message, filled up to `chars`.
    pub fn text(self, chars: usize) -> String {
        let Self { run, conversation, by_agent, number } = self;
        let mut text = format!("{MARK}{run}/{conversation}/{}/{number}/", u8::from(by_agent));
        for character in WORDS.chars().cycle().take(chars.saturating_sub(text.len())) {
            text.push(character);
        }
        text
    }

    /// The `send` frame of this message; its `ref` is the number.
    pub fn send(self, conversation_id: Option<&str>, chars: usize) -> String {
        let Self { run, conversation, by_agent, number } = self;
        let place = conversation_id.map(|id| format!(r#""conversation_id":"{id}","#)).unwrap_or_default();
        let side = if by_agent { "a" } else { "v" };
        let reference = (u64::from(conversation) << 32) | u64::from(number);
        let text = self.text(chars);
        format!(r#"{{"type":"send","ref":{reference},{place}"client_id":"{run:x}-{conversation}-{side}-{number}","text":"{text}"}}"#)
    }

    /// The mark of the message that stands in this text, if it is one of this tool's.
    pub fn find(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(MARK)?;
        let mut parts = rest.splitn(5, '/');
        let mut next = || parts.next()?.parse::<u32>().ok();
        let (run, conversation, side, number) = (next()?, next()?, next()?, next()?);
        Some(Self { run, conversation, by_agent: side == 1, number })
    }
}

/// The conversation and the number in a `ref` that [`Mark::send`] wrote.
pub fn parts(reference: u64) -> (u32, u32) {
    ((reference >> 32) as u32, reference as u32)
}

/// Reads a frame.
pub fn hear(text: &str) -> Heard<'_> {
    read(text).unwrap_or(Heard::Unreadable)
}

fn read(text: &str) -> Option<Heard<'_>> {
    let rest = text.strip_prefix(r#"{"type":""#)?;
    let (kind, rest) = rest.split_once('"')?;
    Some(match kind {
        "event" => {
            let place = match number(rest, r#""position":"#) {
                Some(position) => position,
                None => number(rest, r#""seq":"#)?,
            };
            Heard::Event(Happened { place, prev: number(rest, r#""prev":"#)?, mark: Mark::find(rest) })
        }
        "ack" => Heard::Ack { reference: number(rest, r#""ref":"#)?, conversation_id: string(rest, r#""conversation_id":""#)? },
        "refused" => Heard::Refused {
            reference: number(rest, r#""ref":"#),
            code: string(rest, r#""code":""#)?,
            retry_after_ms: number(rest, r#""retry_after_ms":"#),
        },
        "welcome" => Heard::Welcome { cursor: string(rest, r#""cursor":""#)? },
        "pong" => Heard::Pong,
        "resync_required" => Heard::Resync,
        _ => Heard::Other,
    })
}

/// The number behind the first place where `name` stands.
fn number(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(name)?;
    let mut value: Option<u64> = None;
    for digit in rest.bytes().take_while(u8::is_ascii_digit) {
        value = value.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    }
    value
}

fn string<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(name)?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_recognised_in_the_event_that_tells_of_it() {
        let mark = Mark { run: 7, conversation: 12, by_agent: true, number: 345 };
        let text = mark.text(80);
        assert_eq!(text.chars().count(), 80);
        let frame = format!(
            r#"{{"type":"event","position":99,"prev":97,"conversation_id":"c","seq":5,"event":"conversation.message_created","data":{{"content_text":"{text}"}}}}"#
        );
        assert_eq!(hear(&frame), Heard::Event(Happened { place: 99, prev: 97, mark: Some(mark) }));
        let to_visitor = frame.replace(r#""position":99,"#, "");
        assert_eq!(hear(&to_visitor), Heard::Event(Happened { place: 5, prev: 97, mark: Some(mark) }));
    }

    #[test]
    fn answers_name_the_message_they_answer() {
        let mark = Mark { run: 7, conversation: 3, by_agent: false, number: 9 };
        let sent = mark.send(None, 40);
        let reference = number(&sent, r#""ref":"#).unwrap();
        assert_eq!(parts(reference), (3, 9));
        let ack = format!(r#"{{"type":"ack","ref":{reference},"message_id":"m","seq":4,"conversation_id":"abc"}}"#);
        assert_eq!(hear(&ack), Heard::Ack { reference, conversation_id: "abc" });
        let refused = r#"{"type":"refused","ref":9,"code":"busy","detail":"x","retry":"later","retry_after_ms":50}"#;
        assert_eq!(hear(refused), Heard::Refused { reference: Some(9), code: "busy", retry_after_ms: Some(50) });
        assert_eq!(hear(r#"{"type":"event"}"#), Heard::Unreadable);
        assert_eq!(hear("rubbish"), Heard::Unreadable);
    }
}
