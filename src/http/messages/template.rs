//! A template that somebody wants to send: found among the account's, checked, and filled with words.
//!
//! Guarantees: what leaves here is approved as far as is known, and its variables are as the provider takes them; the message's text is what the
//! contact will read.
//!
//! Does not: ask the provider. What has changed there and was not told yet is refused by it when the message is sent.

use entities::{ConversationId, MessageKind, TenantId, outbound::MessageExtra, template::Template};

use super::wire::{PostMessage, TemplateChoice};
use crate::{
    channels::{
        adapter::Adapter,
        registry,
        templates::{Filled, Templates, VariableFault},
    },
    http::{
        App,
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::read::template::{self, Wanted},
};

/// A template as it is asked for, and where the request says so.
struct Asked {
    choice: TemplateChoice,
    /// Header and buttons in the provider's own shape.
    parts: Option<serde_json::Value>,
    pointer: &'static str,
}

/// The message with its template, if it has one, checked and filled.
///
/// # Errors
/// 422 for a template that cannot be sent, or not like this; 409 `opted_out` for marketing to somebody who wants none; 404; 503.
pub async fn filled(app: &App, tenant_id: TenantId, id: ConversationId, mut body: PostMessage) -> Answer<PostMessage> {
    let Some(asked) = asked(&mut body)? else { return Ok(body) };
    let wanted = template::find_for(&app.db, tenant_id, id, &asked.choice.name, &asked.choice.language).await?;
    let wanted = wanted.ok_or_else(|| Problem::new(Code::NotFound).detail("no such conversation"))?;
    let Some(templates) = wanted.provider.and_then(registry::find).and_then(Adapter::templates) else {
        if asked.pointer == "/extra" {
            // Of what the provider knows nothing is known here; it is sent as it is, or refused when it is planned.
            let TemplateChoice { name, language, variables } = asked.choice;
            body.extra = Some(MessageExtra::Template { name, language, variables, components: asked.parts });
            return Ok(body);
        }
        return Err(Problem::invalid("/template", "unsupported", "the conversation's channel has no templates"));
    };
    let Filled { extra, text } = fill(templates, &wanted, &asked)?;
    body.extra = Some(extra);
    if body.text.is_none() && body.content.is_none() {
        body.text = Some(text);
    }
    Ok(body)
}

fn asked(body: &mut PostMessage) -> Answer<Option<Asked>> {
    if let Some(choice) = body.template.take() {
        let mut fields = Fields::new();
        let besides = [("/text", body.text.is_some()), ("/content", body.content.is_some()), ("/extra", body.extra.is_some())];
        for (pointer, _) in besides.into_iter().filter(|(_, given)| *given) {
            fields.refuse(pointer, "ambiguous", "must not be sent together with template");
        }
        if body.attachments.as_ref().is_some_and(|files| !files.is_empty()) {
            fields.refuse("/attachments", "ambiguous", "a template's file is named by its variable header.link");
        }
        if body.kind == Some(MessageKind::Note) {
            fields.refuse("/kind", "invalid_value", "a template is said to the contact, and a note is not");
        }
        fields.finish()?;
        return Ok(Some(Asked { choice, parts: None, pointer: "/template" }));
    }
    match body.extra.take() {
        Some(MessageExtra::Template { name, language, variables, components }) => {
            let choice = TemplateChoice { name, language, variables };
            Ok(Some(Asked { choice, parts: components, pointer: "/extra" }))
        }
        other => {
            body.extra = other;
            Ok(None)
        }
    }
}

fn fill(templates: &dyn Templates, wanted: &Wanted, asked: &Asked) -> Answer<Filled> {
    let TemplateChoice { name, language, variables } = &asked.choice;
    let refuse = |field: &str, code, detail: String| Err(Problem::invalid(format!("{}/{field}", asked.pointer), code, detail));
    let Some(template) = &wanted.template else {
        let detail = format!("the account has no template {name} in {language}; if it is new, synchronise the channel's templates");
        return refuse("name", "template_unknown", detail);
    };
    if template.status != Template::APPROVED {
        return refuse("name", "template_not_approved", format!("the provider has the template as {}", template.status));
    }
    if let Some(why) = &template.unsupported {
        return refuse("name", "template_unsupported", why.clone());
    }
    let wants_none = wanted.remote.as_ref().is_some_and(|remote| remote.opted_out_of_marketing);
    if wants_none && template.category == Template::MARKETING {
        return Err(Problem::new(Code::OptedOut).detail("the contact wants no marketing messages, and the template is one"));
    }
    templates.fill(template, variables, asked.parts.as_ref()).map_err(|faults| refused(asked.pointer, &faults))
}

fn refused(pointer: &str, faults: &[VariableFault]) -> Problem {
    faults.iter().fold(Problem::new(Code::ValidationFailed), |problem, fault| {
        // RFC 6901: `~` and `/` are written otherwise within a pointer.
        let key = fault.key.as_deref().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).unwrap_or_default();
        problem.field(format!("{pointer}/variables{key}"), fault.code, fault.detail.clone())
    })
}
