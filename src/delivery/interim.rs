//! Interim answers (100 Continue, 103 Early Hints): passed over, so that the answer behind them is the one that is judged.
//!
//! A receiver, or a proxy before it, may send any number of them unasked (RFC 9110 section 15.2: a client must be able to parse them and may
//! ignore them). The client would take the first for the whole answer.
//!
//! Does not: pass over 101, which ends HTTP on the connection, or judge anything that is not the head of an interim answer.

/// How the status line of an interim answer begins; the minor version may be any.
const BEGINNING: [&[u8]; 2] = [b"HTTP/1.", b" 1"];
/// How much of a status line tells one from the other: up to the end of the status.
const TELLING: usize = 12;
/// The longest interim head that is waited for; a longer one is handed on as it is.
const HELD_MAX: usize = 8 * 1024;

/// Holds back the beginning of what a receiver sends until it is known to be the final answer.
#[derive(Debug, Default)]
pub struct Interim {
    held: Vec<u8>,
    through: bool,
}

/// What the bytes held so far are.
enum Seen {
    /// Too few to tell.
    Undecided,
    /// A whole interim answer of this length.
    Interim(usize),
    /// Something else.
    Final,
}

impl Interim {
    /// A request is being sent: the next bytes that come are a head.
    pub fn expect_head(&mut self) {
        self.through = false;
    }

    /// Whether everything is handed on as it comes.
    pub const fn is_through(&self) -> bool {
        self.through
    }

    /// Takes what came; answers what is to be handed on, nothing while it is undecided.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        loop {
            match seen(&self.held) {
                Seen::Interim(length) => drop(self.held.drain(..length)),
                Seen::Undecided if self.held.len() <= HELD_MAX => return Vec::new(),
                Seen::Undecided | Seen::Final => return self.give_up(),
            }
        }
    }

    /// Nothing more comes, or it need not be waited for: answers what was held back.
    pub fn give_up(&mut self) -> Vec<u8> {
        self.through = true;
        std::mem::take(&mut self.held)
    }
}

fn seen(held: &[u8]) -> Seen {
    let [version, status] = BEGINNING;
    // The minor version's digit stands between the two.
    let begins = |at: usize, expected: &[u8]| held.iter().skip(at).zip(expected).all(|(byte, expected)| byte == expected);
    if !begins(0, version) || !begins(version.len() + 1, status) {
        return Seen::Final;
    }
    if held.len() < TELLING {
        return Seen::Undecided;
    }
    if held.get(version.len() + 2..TELLING).is_some_and(|status| status == b"101") {
        return Seen::Final;
    }
    held.windows(4).position(|four| four == b"\r\n\r\n").map_or(Seen::Undecided, |at| Seen::Interim(at + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed on when the bytes come one by one.
    fn handed_on(bytes: &[u8]) -> String {
        let mut interim = Interim::default();
        let mut handed: Vec<u8> = Vec::new();
        for byte in bytes {
            if interim.is_through() { handed.push(*byte) } else { handed.extend(interim.take(&[*byte])) }
        }
        handed.extend(interim.give_up());
        String::from_utf8(handed).unwrap()
    }

    #[test]
    fn interim_answers_are_passed_over_and_nothing_else_is() {
        let last = "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
        let hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
        for (bytes, expected) in [
            (last.to_owned(), last),
            (format!("{hints}{last}"), last),
            (format!("HTTP/1.0 100 Continue\r\n\r\n{hints}{last}"), last),
            (hints.to_owned(), ""),
            ("HTTP/1.1 10".to_owned(), "HTTP/1.1 10"),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n".to_owned(), "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
            ("garbage".to_owned(), "garbage"),
            (String::new(), ""),
        ] {
            assert_eq!(handed_on(bytes.as_bytes()), expected, "one by one");
            let mut interim = Interim::default();
            let mut handed = interim.take(bytes.as_bytes());
            handed.extend(interim.give_up());
            assert_eq!(String::from_utf8(handed).unwrap(), expected, "at once");
        }
    }

    #[test]
    fn an_endless_interim_head_is_not_held_for_ever() {
        let endless = format!("HTTP/1.1 103 {}", "x".repeat(2 * HELD_MAX));
        let mut interim = Interim::default();
        assert_eq!(interim.take(endless.as_bytes()), endless.as_bytes());
        assert!(interim.is_through());
    }
}
