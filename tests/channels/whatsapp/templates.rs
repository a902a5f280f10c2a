//! WhatsApp's templates: how they are listed, what is filled into them, and what is refused before it is sent (sections 2 and 11).

use std::collections::BTreeMap;

use entities::{outbound::MessageExtra, template::Template};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Adapter,
    call::ProviderReply,
    templates::{TemplatePage, Templates, VariableFault},
    whatsapp::Whatsapp,
};

use super::{credential, credential_with, fixture_json};

fn templates() -> &'static dyn Templates {
    Whatsapp.templates().expect("WhatsApp has templates")
}

fn answered(status: u16, body: &Value) -> ProviderReply {
    ProviderReply::Answered { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

fn page(items: Value) -> TemplatePage {
    templates().listed(&answered(200, &json!({"data": items}))).unwrap()
}

fn one(components: Value) -> Template {
    let item = json!({"name": "order_update", "language": "en_US", "status": "APPROVED", "category": "UTILITY", "components": components});
    page(json!([item])).templates.remove(0)
}

/// The template of the worked example: a picture above, named places, a quick reply, and a link with a place at its end.
fn worked() -> Template {
    one(json!([
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://scontent.example.org/h.jpg"]}},
        {"type": "BODY", "text": "Hello {{first_name}}, there is news about your order {{order}}.",
            "example": {"body_text_named_params": [{"param_name": "order", "example": "#1"}, {"param_name": "first_name", "example": "Pat"}]}},
        {"type": "FOOTER", "text": "The shop"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Confirm"},
            {"type": "URL", "text": "Track", "url": "https://shop.example.org/{{1}}", "example": ["https://shop.example.org/7"]},
        ]},
    ]))
}

fn numbered() -> Template {
    one(json!([
        {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["#7"]}},
        {"type": "BODY", "text": "Hello {{1}}, it comes on {{2}}.", "example": {"body_text": [["Pat", "Monday"]]}},
    ]))
}

fn words(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The keys and codes of what is wrong.
fn faults(template: &Template, pairs: &[(&str, &str)]) -> Vec<(Option<String>, &'static str)> {
    let wrong = templates().fill(template, &words(pairs), None).expect_err("it is refused");
    wrong.into_iter().map(|VariableFault { key, code, .. }| (key, code)).collect()
}

#[test]
fn the_list_is_asked_for_page_by_page() {
    let call = templates().list(&credential(), None).unwrap();
    assert!(call.path.starts_with("/v25.0/102000000000001/message_templates?fields=name"), "{}", call.path);
    assert_eq!(
        (call.method, call.sends, call.headers.as_slice()),
        ("GET", false, &[("authorization", "Bearer EXAMPLE_TOKEN".to_owned())][..])
    );
    assert!(templates().list(&credential(), Some("a&b")).unwrap().path.contains("&limit=100&after=a%26b&"));
    let body = |paging: Value| json!({"data": [{"name": "a", "language": "de"}], "paging": paging});
    let after = |paging| templates().listed(&answered(200, &body(paging))).unwrap().after;
    assert_eq!(after(json!({"cursors": {"after": "MjQ"}, "next": "https://graph.facebook.com/next"})).as_deref(), Some("MjQ"));
    assert_eq!(after(json!({"cursors": {"after": "MjQ"}})), None, "the last page has a cursor, too");
    let nameless = credential_with(&[("access_token", "t")]);
    assert_eq!(templates().list(&nameless, None).unwrap_err().code, "no_account");
}

#[test]
fn what_is_wrong_with_the_list_is_said_in_meta_s_words() {
    let refused = json!({"error": {"message": "Session has expired", "code": 190, "error_subcode": 463}});
    assert_eq!(templates().listed(&answered(401, &refused)).unwrap_err().to_string(), "Session has expired (190)");
    assert_eq!(templates().listed(&answered(200, &json!({"data": {}}))).unwrap_err().code, "unreadable");
    assert_eq!(templates().listed(&ProviderReply::Silent { why: "timeout".to_owned() }).unwrap_err().code, "unreachable");
}

#[test]
fn a_template_is_listed_with_what_is_to_be_filled_in() {
    let template = worked();
    assert_eq!(
        json!(template.variables),
        json!([
            {"key": "header.link", "component": "header", "example": null, "max_length": 2_000},
            {"key": "first_name", "component": "body", "example": "Pat", "max_length": 984},
            {"key": "order", "component": "body", "example": "#1", "max_length": 984},
            {"key": "button.1", "component": "button", "example": "https://shop.example.org/7", "max_length": 2_000},
        ])
    );
    assert_eq!((template.status.as_str(), template.category.as_str(), template.unsupported), ("approved", "utility", None));
    let shown: Vec<_> = template.components.iter().map(|part| (part.kind.as_str(), part.format.as_deref())).collect();
    let wanted = [("header", Some("image")), ("body", None), ("footer", None), ("button", Some("quick_reply")), ("button", Some("url"))];
    assert_eq!(shown, wanted);
    let examples: Vec<_> = numbered().variables.into_iter().map(|variable| (variable.key, variable.example.unwrap())).collect();
    let pair = |key: &str, example: &str| (key.to_owned(), example.to_owned());
    assert_eq!(examples, [pair("header.1", "#7"), pair("1", "Pat"), pair("2", "Monday")]);
}

#[test]
fn an_item_without_a_name_is_left_out_and_odd_ones_are_kept() {
    let listed =
        page(json!([{"language": "de"}, 7, {"name": "odd", "language": "de", "status": "IN_APPEAL", "components": "none"}])).templates;
    let odd: Vec<_> =
        listed.iter().map(|template| (template.name.as_str(), template.status.as_str(), template.category.as_str())).collect();
    assert_eq!(odd, [("odd", "in_appeal", "unknown")]);
}

#[test]
fn what_cannot_be_filled_in_here_is_said() {
    for (part, words) in [
        (json!({"type": "CAROUSEL", "cards": []}), "carousel"),
        (json!({"type": "LIMITED_TIME_OFFER"}), "limited_time_offer"),
        (json!({"type": "HEADER", "format": "LOCATION"}), "header of location"),
        (json!({"type": "BUTTONS", "buttons": [{"type": "CATALOG", "text": "Look"}]}), "catalog"),
    ] {
        assert!(one(json!([part])).unsupported.is_some_and(|why| why.contains(words)), "{words}");
    }
}

#[test]
fn a_filled_template_goes_out_as_in_the_worked_example_and_shows_what_will_be_read() {
    let given = [("header.link", "https://files.example.org/h.jpg"), ("first_name", "Dana"), ("order", "#42"), ("button.1", "42")];
    let filled = templates().fill(&worked(), &words(&given), None).unwrap();
    assert_eq!(filled.text, "Hello Dana, there is news about your order #42.\n\nThe shop");
    let MessageExtra::Template { variables, components, .. } = &filled.extra else { panic!("a template") };
    assert_eq!(*variables, words(&[("first_name", "Dana"), ("order", "#42")]));
    let mut wanted = fixture_json("send_template")["template"]["components"].as_array().unwrap().clone();
    // The body goes in where it is sent; a quick reply needs no payload.
    wanted.retain(|part| part["type"] != "body" && part["sub_type"] != "quick_reply");
    assert_eq!(components, &Some(json!(wanted)));
}

#[test]
fn numbered_places_of_header_and_body_are_kept_apart() {
    let filled = templates().fill(&numbered(), &words(&[("header.1", "#42"), ("1", "Dana {{2}}"), ("2", "Monday")]), None).unwrap();
    assert_eq!(filled.text, "Order #42\n\nHello Dana {{2}}, it comes on Monday.", "words that look like a place stay words");
    let MessageExtra::Template { components, .. } = filled.extra else { panic!("a template") };
    assert_eq!(components, Some(json!([{"type": "header", "parameters": [{"type": "text", "text": "#42"}]}])));
}

#[test]
fn a_code_is_repeated_on_its_button() {
    let item = json!({"name": "code", "language": "de", "status": "APPROVED", "category": "AUTHENTICATION", "components": [
        {"type": "BODY", "text": "*{{1}}* is your code."},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy", "url": "https://www.whatsapp.com/otp/code/?code=otp{{1}}"}]},
    ]});
    let template = page(json!([item])).templates.remove(0);
    let keys: Vec<_> = template.variables.iter().map(|variable| variable.key.as_str()).collect();
    assert_eq!(keys, ["1"]);
    let MessageExtra::Template { components, .. } = templates().fill(&template, &words(&[("1", "123456")]), None).unwrap().extra else {
        panic!("a template")
    };
    let button = json!([{"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]}]);
    assert_eq!(components, Some(button));
}

#[test]
fn every_fault_of_the_variables_is_named_at_once() {
    let key = |key: &str| Some(key.to_owned());
    assert_eq!(
        faults(&numbered(), &[("1", "a\nb"), ("2", "  "), ("3", "left over")]),
        [
            (key("3"), "variable_unknown"),
            (key("header.1"), "variable_missing"),
            (key("1"), "variable_refused"),
            (key("2"), "variable_missing")
        ]
    );
    let with = |first: &str| faults(&numbered(), &[("header.1", "#1"), ("1", first), ("2", "Monday")]);
    for bad in ["tab\there", "five     spaces", "a\r"] {
        assert_eq!(with(bad), [(key("1"), "variable_refused")], "{bad:?}");
    }
    assert_eq!(with(&"x".repeat(1_024)), [(key("1"), "variable_too_long")]);
    assert_eq!(with(&"x".repeat(1_000)), [(None, "variable_too_long")], "each has room, and both have not");
    let linked = one(json!([{"type": "HEADER", "format": "VIDEO"}]));
    assert_eq!(faults(&linked, &[("header.link", "http://files.example.org/a.mp4")]), [(key("header.link"), "variable_refused")]);
    let four = [("header.1", "#1"), ("1", "four    spaces"), ("2", "Monday")];
    assert!(templates().fill(&numbered(), &words(&four), None).is_ok());
}

#[test]
fn header_and_buttons_may_be_given_in_meta_s_own_shape() {
    let parts = json!([{"type": "header", "parameters": [{"type": "image", "image": {"id": "2754850000000001"}}]}]);
    let filled = templates().fill(&worked(), &words(&[("first_name", "Dana"), ("order", "#42")]), Some(&parts)).unwrap();
    assert!(matches!(filled.extra, MessageExtra::Template { components, .. } if components == Some(parts)));
    assert!(
        templates().fill(&worked(), &words(&[("first_name", "Dana")]), Some(&json!([]))).is_err(),
        "the body's places are ours to fill"
    );
}
