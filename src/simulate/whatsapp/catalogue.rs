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
    /// Its body, with places in double braces.
    pub body: &'static str,
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
        body: "Welcome and congratulations!! This message demonstrates your ability to send a message notification.",
        quick_replies: &[],
        status: "APPROVED",
    },
    Template {
        name: "order_update",
        language: "en_US",
        category: "UTILITY",
        body: "Hello {{first_name}}, there is news about your order {{order}}.",
        quick_replies: &["Confirm"],
        status: "APPROVED",
    },
    Template {
        name: "appointment",
        language: "de",
        category: "UTILITY",
        body: "Guten Tag {{1}}, wir erwarten Sie am {{2}}.",
        quick_replies: &[],
        status: "APPROVED",
    },
    Template {
        name: "summer_sale",
        language: "en_US",
        category: "MARKETING",
        body: "Everything must go, {{1}}!",
        quick_replies: &["Stop promotions"],
        status: "PAUSED",
    },
];

impl Template {
    /// The names of its places, in order, each once.
    pub fn places(&self) -> Vec<&'static str> {
        let mut places = Vec::new();
        for piece in self.body.split("{{").skip(1) {
            let name = piece.split("}}").next().unwrap_or_default();
            if !places.contains(&name) {
                places.push(name);
            }
        }
        places
    }

    /// As the catalogue lists it.
    pub fn listed(&self, id: usize) -> Value {
        let named = self.places().iter().any(|place| place.parse::<u32>().is_err());
        let examples: Vec<Value> = self.places().iter().map(|place| json!({"param_name": place, "example": "example"})).collect();
        let mut body = json!({"type": "BODY", "text": self.body});
        if let Some(body) = body.as_object_mut().filter(|_| !examples.is_empty()) {
            let example =
                if named { json!({"body_text_named_params": examples}) } else { json!({"body_text": [vec!["example"; examples.len()]]}) };
            body.insert("example".to_owned(), example);
        }
        let mut components = vec![body];
        if !self.quick_replies.is_empty() {
            let buttons: Vec<Value> = self.quick_replies.iter().map(|text| json!({"type": "QUICK_REPLY", "text": text})).collect();
            components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        }
        json!({
            "id": format!("16890000000000{id:02}"), "name": self.name, "language": self.language, "status": self.status,
            "category": self.category, "parameter_format": if named { "NAMED" } else { "POSITIONAL" }, "components": components,
        })
    }
}
