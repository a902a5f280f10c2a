//! Twilio's signatures (specification `sms`, A2).

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::crypto::mac;

/// What is signed of a form: the address, then each name with each of its values, both in order, repeated values once.
pub fn of_form(url: &str, pairs: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted.iter().fold(url.to_owned(), |signed, (name, value)| signed + name + value)
}

/// The value of `X-Twilio-Signature`.
pub fn sign(auth_token: &str, signed: &str) -> String {
    BASE64_STANDARD.encode(mac::hmac_sha1_joined(auth_token.as_bytes(), &[signed.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "example_auth_token_0001";

    fn signed(url: &str, body: &str) -> String {
        let pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        sign(TOKEN, &of_form(url, &pairs))
    }

    #[test]
    fn signatures_are_those_of_the_specifications_examples() {
        let body = "MessageSid=SM00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001&From=%2B15005550001&To=%2B15005550006&Body=Hi+%26+bye%3A+50%25+off%3F+%E2%98%82&NumMedia=0";
        assert_eq!(signed("https://msg.example.org/hooks/twilio/in?ch=7", body), "Yxi3NTEcuEdSV5fAbMzN32sz118=");
        assert_eq!(signed("https://msg.example.org:443/hooks/twilio/in?ch=7", body), "XjklrqBer2Ptiu9LT0q2tA6UwsU=");
        assert_eq!(signed("https://msg.example.org/x", "Tag=b&Tag=a&Tag=a&Id=1"), "ygSfsUGe4QVe6h0AI1wInVyXUrE=");
        let json = "https://msg.example.org/hooks/twilio/json?bodySHA256=9239c422a41b555493841e492401a13c6081045f49bd7223f575c7e1f7d86f7f";
        assert_eq!(sign(TOKEN, json), "LO0zSz8mngSKy9J5WiYf8OJ3sNY=");
    }
}
