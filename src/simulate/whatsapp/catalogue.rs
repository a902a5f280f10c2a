//! The templates of the simulated business account (specification `whatsapp` 2 and 11).

use serde_json::{Value, json};

/// One approved template.
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// Its language.
    pub language: &'static str,
    /// `UTILITY` or `MARKETING`.
    pub category: &'static str,
    /// The words above its body, with places.
    pub header: Option<&'static str>,
    /// Its body, with places in double braces.
    pub body: &'static str,
    /// The words below its body.
    pub footer: Option<&'static str>,
    /// A button that leads somewhere: its words, and the address with a place at its end.
    pub link: Option<(&'static str, &'static str)>,
    /// Quick replies below it.
    pub quick_replies: &'static [&'static str],
    /// `APPROVED`, `PAUSED`, …
    pub status: &'static str,
}

/// All of them.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "hello_world",
        language: "en_US",
        category: "UTILITY",
        header: None,
        body: "Welcome and congratulations!! This message demonstrates your ability to send a message notification.",
        footer: None,
        link: None,
        quick_replies: &[],
        status: "APPROVED",
    },
    Template {
        name: "order_update",
        language: "en_US",
        category: "UTILITY",
        header: None,
        body: "Hello {{first_name}}, there is news about your order {{order}}.",
        footer: None,
        link: None,
        quick_replies: &["Confirm"],
        status: "APPROVED",
    },
    Template {
        name: "appointment",
        language: "de",
        category: "UTILITY",
        header: None,
        body: "Guten Tag {{1}}, wir erwarten Sie am {{2}}.",
        footer: None,
        link: None,
        quick_replies: &[],
        status: "APPROVED",
    },
    Template {
        name: "summer_sale",
        language: "en_US",
        category: "MARKETING",
        header: None,
        body: "Everything must go, {{1}}!",
        footer: None,
        link: None,
        quick_replies: &["Stop promotions"],
        status: "PAUSED",
    },
    Template {
        name: "parcel",
        language: "en_US",
        category: "UTILITY",
        header: Some("Order {{1}}"),
        body: "Hello {{1}}, your parcel comes on {{2}}.",
        footer: Some("The blue chair shop"),
        link: Some(("Where is it?", "https://shop.example.org/parcels/{{1}}")),
        quick_replies: &[],
        status: "APPROVED",
    },
];

/// The names of a text's places, in order, each once.
pub fn places(text: &str) -> Vec<&str> {
    let mut places = Vec::new();
    for piece in text.split("{{").skip(1) {
        let name = piece.split("}}").next().unwrap_or_default();
        if !places.contains(&name) {
            places.push(name);
        }
    }
    places
}

impl Template {
    /// As the catalogue lists it, with the status that it has now.
    pub fn listed(&self, id: usize, status: &str) -> Value {
        let named = places(self.body).iter().any(|place| place.parse::<u32>().is_err());
        let mut components = Vec::new();
        if let Some(header) = self.header {
            components.push(json!({"type": "HEADER", "format": "TEXT", "text": header, "example": {"header_text": ["example"]}}));
        }
        let examples: Vec<Value> = places(self.body).iter().map(|place| json!({"param_name": place, "example": "example"})).collect();
        let mut body = json!({"type": "BODY", "text": self.body});
        if let Some(body) = body.as_object_mut().filter(|_| !examples.is_empty()) {
            let example =
                if named { json!({"body_text_named_params": examples}) } else { json!({"body_text": [vec!["example"; examples.len()]]}) };
            body.insert("example".to_owned(), example);
        }
        components.push(body);
        components.extend(self.footer.map(|footer| json!({"type": "FOOTER", "text": footer})));
        let mut buttons: Vec<Value> = self.quick_replies.iter().map(|text| json!({"type": "QUICK_REPLY", "text": text})).collect();
        buttons.extend(
            self.link
                .map(|(text, url)| json!({"type": "URL", "text": text, "url": url, "example": ["https://shop.example.org/parcels/1"]})),
        );
        if !buttons.is_empty() {
            components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        }
        json!({
            "id": format!("16890000000000{id:02}"), "name": self.name, "language": self.language, "status": status,
            "category": self.category, "parameter_format": if named { "NAMED" } else { "POSITIONAL" }, "components": components,
        })
    }
}
