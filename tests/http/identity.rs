//! Who a visitor is: proofs, and what they change.

use serde_json::{Value, json};

use crate::support::{
    api::Api,
    widget::{Page, Visitor, jwt, mac},
};

/// Far enough away.
const LATER: i64 = 4_000_000_000;

/// A page whose widget has an identity secret.
struct Site<'a> {
    page: Page<'a>,
    key_id: String,
    secret: String,
}

impl<'a> Site<'a> {
    async fn of(api: &'a Api) -> Self {
        let page = Page::of(api).await;
        let (key_id, secret) = page.identity_secret().await;
        Self { page, key_id, secret }
    }

    fn hashed(&self, identifier: &str) -> Value {
        json!({"identifier": identifier, "identifier_hash": hex::encode(mac(&self.secret, identifier))})
    }

    fn signed(&self, claims: &Value) -> Value {
        json!({"jwt": jwt(&self.secret, &json!({"alg": "HS256", "kid": self.key_id}), claims)})
    }

    async fn known(&self, visitor: Option<&Visitor>, identity: Value) -> Visitor {
        let mut more = json!({"identity": identity});
        if let Some(visitor) = visitor {
            more["visitorId"] = json!(visitor.id);
        }
        self.page.visitor_with(more).await
    }

    async fn contact(&self, identifier: &str) -> Value {
        let address = json!({"kind": "external", "value": identifier});
        let contacts = self.page.contacts().await;
        let found = contacts.into_iter().find(|contact| contact["addresses"].as_array().unwrap().contains(&address));
        found.unwrap_or_else(|| panic!("nobody is {identifier}"))
    }
}

#[actix_web::test]
async fn a_proof_makes_an_anonymous_visitor_known_and_keeps_the_conversation() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let site = Site::of(&api).await;
        let visitor = site.page.visitor().await;
        let said = site.page.say(&visitor, "I am nobody yet").await;
        let claims = json!({"sub": "user-81", "exp": LATER, "name": "Jane Doe", "email": "Jane@example.com"});
        let jane = site.known(Some(&visitor), site.signed(&claims)).await;
        assert_eq!(site.page.reads(&jane).await, ["I am nobody yet"]);
        let contact = site.contact("user-81").await;
        assert_eq!(
            (&contact["name"], &contact["email"], &contact["verified"]),
            (&json!("Jane Doe"), &json!("jane@example.com"), &json!(true))
        );
        let path = format!("/api/v1/conversations/{}", said["conversationId"].as_str().unwrap());
        let conversation = api.get(&api.home.token, &path).await;
        assert_eq!(conversation.body["contact"]["name"], "Jane Doe");
        assert_eq!(site.page.contacts().await.len(), 1);
        // Saying it again changes nothing.
        let version = contact["version"].clone();
        site.known(Some(&visitor), site.signed(&claims)).await;
        assert_eq!(site.contact("user-81").await["version"], version);
        assert_eq!(api.get(&api.home.token, &path).await.body["version"], conversation.body["version"]);
    }
}

#[actix_web::test]
async fn a_known_person_goes_on_in_another_browser() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let site = Site::of(&api).await;
        let desk = site.known(None, site.hashed("user-81")).await;
        site.page.say(&desk, "From my desk").await;
        let phone = site.known(None, site.hashed("user-81")).await;
        assert_ne!(desk.id, phone.id);
        assert_eq!(site.page.reads(&phone).await, ["From my desk"]);
        site.page.say(&phone, "From my phone").await;
        assert_eq!(site.page.reads(&desk).await, ["From my desk", "From my phone"]);
        assert_eq!((site.page.rows("contact").await, site.page.rows("conversation").await), (1, 1));
    }
}

#[actix_web::test]
async fn two_browsers_of_a_person_who_has_said_nothing_share_the_conversation_to_come() {
    let api = Api::start().await;
    let site = Site::of(&api).await;
    let desk = site.known(None, site.hashed("user-81")).await;
    let phone = site.known(None, site.hashed("user-81")).await;
    site.page.say(&desk, "one").await;
    site.page.say(&phone, "two").await;
    assert_eq!(site.page.reads(&desk).await, ["one", "two"]);
    assert_eq!((site.page.rows("contact").await, site.page.rows("conversation").await), (1, 1));
}

#[actix_web::test]
async fn an_anonymous_conversation_becomes_the_known_persons_when_its_visitor_turns_out_to_be_them() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let site = Site::of(&api).await;
        let desk = site.known(None, site.hashed("user-81")).await;
        site.page.say(&desk, "From my desk").await;
        let phone = site.page.visitor().await;
        let anonymous = site.page.say(&phone, "From a phone, not signed in").await;
        let phone = site.known(Some(&phone), site.hashed("user-81")).await;
        assert_eq!(site.page.reads(&phone).await, ["From a phone, not signed in"]);
        let contact = site.contact("user-81").await;
        let path = format!("/api/v1/conversations/{}", anonymous["conversationId"].as_str().unwrap());
        assert_eq!(api.get(&api.home.token, &path).await.body["contact"]["id"], contact["id"]);
        let browsers: Vec<&Value> = contact["addresses"].as_array().unwrap().iter().map(|address| &address["value"]).collect();
        assert!(browsers.contains(&&json!(phone.id)) && browsers.contains(&&json!(desk.id)), "{contact}");
        site.page.say(&phone, "Now signed in").await;
        assert_eq!(site.page.reads(&phone).await, ["From a phone, not signed in", "Now signed in"]);
    }
}

#[actix_web::test]
async fn the_next_person_at_the_same_browser_sees_nothing_of_the_last() {
    let api = Api::start().await;
    let site = Site::of(&api).await;
    let browser = site.known(None, site.hashed("jane")).await;
    site.page.say(&browser, "Jane's secret").await;
    let tom = site.known(Some(&browser), site.hashed("tom")).await;
    assert_eq!(site.page.reads(&tom).await, Vec::<String>::new());
    // Not even with the session that was Jane's: the browser is Tom's now.
    assert_eq!(site.page.reads(&browser).await, Vec::<String>::new());
    site.page.say(&tom, "Tom's question").await;
    let jane = site.known(Some(&browser), site.hashed("jane")).await;
    assert_eq!(site.page.reads(&jane).await, ["Jane's secret"]);
    assert_ne!(site.contact("jane").await["id"], site.contact("tom").await["id"]);
}

#[actix_web::test]
async fn what_a_visitor_merely_says_fills_its_own_contact_and_nobody_elses() {
    let api = Api::start().await;
    let site = Site::of(&api).await;
    let claims = json!({"sub": "user-81", "exp": LATER, "name": "Jane Doe", "email": "jane@example.com"});
    let jane = site.known(None, site.signed(&claims)).await;
    site.page.say(&jane, "It is me").await;

    let form = json!({"name": "Jane?", "email": "jane@example.com", "order_number": "4711"});
    let liar = site.known(None, form.clone()).await;
    assert_eq!(site.page.reads(&liar).await, Vec::<String>::new());
    site.page.say(&liar, "Tell me about her").await;
    let contacts = site.page.contacts().await;
    assert_eq!(contacts.len(), 2);
    let own = contacts.iter().find(|contact| contact["name"] == "Jane?").unwrap();
    assert_eq!((&own["verified"], &own["email"]), (&json!(false), &json!("jane@example.com")));
    assert_eq!(own["custom_attributes"], json!({"order_number": "4711"}));
    assert_eq!(own["addresses"], json!([{"kind": "visitor", "value": liar.id}]));

    // At Jane's browser anybody could say anything; the site's word stands.
    site.known(Some(&jane), form).await;
    let contact = site.contact("user-81").await;
    assert_eq!((&contact["name"], &contact["custom_attributes"]), (&json!("Jane Doe"), &json!({})));
}

#[actix_web::test]
async fn a_form_before_the_chat_names_the_contact_of_the_conversation_that_follows() {
    let api = Api::start().await;
    let site = Site::of(&api).await;
    let visitor = site.known(None, json!({"name": "Jane Doe", "email": "jane@example.com"})).await;
    assert_eq!((site.page.rows("contact").await, site.page.rows("conversation").await), (1, 0));
    site.page.say(&visitor, "Hello").await;
    let list = api.get(&api.home.token, "/api/v1/conversations").await;
    assert_eq!(list.body["data"][0]["contact"]["name"], "Jane Doe");
    // Told again under way, the conversation shows it.
    site.known(Some(&visitor), json!({"name": "Jane Smith"})).await;
    let list = api.get(&api.home.token, "/api/v1/conversations").await;
    assert_eq!(list.body["data"][0]["contact"]["name"], "Jane Smith");
    assert_eq!(site.page.rows("contact").await, 1);
}

#[actix_web::test]
async fn a_proof_that_does_not_hold_is_refused() {
    let api = Api::start().await;
    let site = Site::of(&api).await;
    let good = json!({"sub": "user-81", "exp": LATER});
    let header = json!({"alg": "HS256", "kid": site.key_id});
    let away = Page::in_tenant(&api, &api.away).await;
    let (foreign_kid, foreign_secret) = away.identity_secret().await;
    let foreign = jwt(&foreign_secret, &json!({"alg": "HS256", "kid": foreign_kid}), &good);
    let none = jwt(&site.secret, &json!({"alg": "none", "kid": site.key_id}), &good);
    let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
    for jwt in [
        foreign,
        none,
        unsigned,
        jwt(&site.secret, &json!({"alg": "HS512", "kid": site.key_id}), &good),
        jwt(&site.secret, &json!({"alg": "HS256", "kid": "ik_gone"}), &good),
        jwt(&site.secret, &json!({"alg": "HS256"}), &good),
        jwt("another secret", &header, &good),
        jwt(&site.secret, &header, &json!({"sub": "user-81", "exp": 1_000_000_000})),
        jwt(&site.secret, &header, &json!({"sub": "user-81"})),
        jwt(&site.secret, &header, &json!({"exp": LATER})),
        "not a jwt".to_owned(),
        "x".repeat(10_000),
    ] {
        let answer = site.page.init(json!({"identity": {"jwt": jwt}})).await;
        assert_eq!(answer.refusal(), json!([401, "identity_invalid", []]), "{jwt}");
    }
    let hash = hex::encode(mac(&site.secret, "user-81"));
    for identity in [
        json!({"identifier": "user-82", "identifier_hash": hash}),
        json!({"identifier": "user-81", "identifier_hash": "00"}),
        json!({"identifier": "user-81", "identifier_hash": hex::encode(mac(&foreign_secret, "user-81"))}),
        json!({"identifier": "user-81"}),
        json!({"identifier_hash": hash}),
    ] {
        let answer = site.page.init(json!({"identity": identity})).await;
        assert_eq!(answer.refusal(), json!([401, "identity_invalid", []]), "{identity}");
    }
    let answer = site.page.init(json!({"identity": {"jwt": 7}})).await;
    assert_eq!(answer.refusal(), json!([422, "validation_failed", ["/identity/jwt wrong_type"]]));
    assert_eq!(site.page.rows("contact").await, 0);
}

#[actix_web::test]
async fn a_widget_for_identified_visitors_takes_no_others() {
    let api = Api::start().await;
    let site = Site::of(&api).await;
    site.page.set(json!({"identity": {"required": true}})).await;
    for more in [json!({}), json!({"identity": {"name": "Jane"}})] {
        assert_eq!(site.page.init(more).await.refusal(), json!([401, "identity_required", []]));
    }
    let jane = site.known(None, site.hashed("user-81")).await;
    site.page.say(&jane, "Hello").await;
}

#[actix_web::test]
async fn a_deleted_secret_proves_nothing_and_an_older_one_still_does() {
    let api = Api::start().await;
    let site = Site::of(&api).await;
    let (newer_id, _newer) = site.page.identity_secret().await;
    let identity = site.hashed("user-81");
    site.known(None, identity.clone()).await;
    let gone = api.delete(&api.home.token, &format!("/api/v1/channels/{}/identity-secret/{}", api.home.channel, site.key_id)).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    assert_eq!(site.page.init(json!({"identity": identity})).await.refusal(), json!([401, "identity_invalid", []]));
    assert_ne!(newer_id, site.key_id);
}
