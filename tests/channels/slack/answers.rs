//! What Slack's answers mean.

use entities::{Consequence, Holds, SendOutcome};
use serde_json::json;
use switchboard::channels::{
    adapter::{Account, Adapter},
    call::{Body, ProviderCall, ProviderReply},
    slack::Slack,
};

use super::{answered, credential, fixture, outbound};

fn post() -> ProviderCall {
    outbound::planned(outbound::message("Hello")).remove(0)
}

fn judged(reply: &ProviderReply) -> SendOutcome {
    Slack.classify(&post(), reply)
}

fn error(code: &str) -> SendOutcome {
    judged(&answered(200, &[], &json!({ "ok": false, "error": code }).to_string()))
}

#[test]
fn an_accepted_message_is_delivered_and_known_by_its_channel_and_ts() {
    assert_eq!(judged(&answered(200, &[], fixture!("post_message_answer"))), outbound::accepted(Some("C0SUPPORT01:1760000230.001600")));
}

// checklist 19
#[test]
fn an_error_in_an_answer_of_200_is_an_error_with_slacks_own_words() {
    let SendOutcome::Halted { error, remedy } = judged(&answered(200, &[], fixture!("missing_scope_answer"))) else { panic!("not halted") };
    assert_eq!(error.code, "missing_scope");
    assert_eq!(error.detail.as_deref(), Some("needed: chat:write; provided: channels:history; [ERROR] example"));
    assert!(remedy.contains("scope"));
}

// checklist 19
#[test]
fn each_class_of_error_has_its_consequence() {
    for code in [
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "org_login_required",
        "team_access_not_granted",
    ] {
        assert!(matches!(error(code), SendOutcome::Halted { .. }), "{code}");
    }
    for code in ["missing_scope", "not_allowed_token_type", "no_permission", "access_denied", "ekm_access_denied"] {
        assert!(matches!(error(code), SendOutcome::Halted { .. }), "{code}");
    }
    let permanent = [
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "channel_is_archived",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "no_text",
        "too_many_attachments",
        "restricted_action",
        "restricted_action_read_only_channel",
        "thread_locked",
        "cannot_reply_to_message",
        "message_limit_exceeded",
        "message_not_found",
        "cant_update_message",
        "cant_delete_message",
        "edit_window_closed",
        "compliance_exports_prevent_deletion",
        "invalid_arguments",
        "invalid_json",
        "brand_new_error",
    ];
    for code in permanent {
        let SendOutcome::Refused { error, consequence: Consequence::None } = error(code) else { panic!("not refused: {code}") };
        assert_eq!(error.code, code);
    }
    for code in ["user_not_found", "user_disabled", "cannot_dm_bot", "messages_tab_disabled"] {
        assert!(matches!(error(code), SendOutcome::Refused { consequence: Consequence::AddressUnusable, .. }), "{code}");
    }
    for code in ["internal_error", "fatal_error", "service_unavailable", "request_timeout"] {
        assert!(matches!(error(code), SendOutcome::Retry { holds: Holds::Message, .. }), "{code}");
    }
    for code in ["already_reacted", "no_reaction", "already_in_channel"] {
        assert!(matches!(error(code), SendOutcome::Accepted { .. }), "{code}");
    }
}

// checklist 19
#[test]
fn a_missing_scope_for_a_reaction_stops_that_reaction_alone() {
    let react = entities::Action::React { target: "D1:1760000190.001200".to_owned(), emoji: Some("👍".to_owned()), previous: None };
    let mut wanted = outbound::to_thread(outbound::message("x"));
    wanted.what = react;
    let call = Slack.plan(&credential(), &wanted).unwrap().remove(0);
    let outcome = Slack.classify(&call, &answered(200, &[], r#"{"ok":false,"error":"missing_scope","needed":"reactions:write"}"#));
    let SendOutcome::Refused { error, .. } = outcome else { panic!("not refused") };
    assert_eq!(error.detail.as_deref(), Some("needed: reactions:write"));
    assert_eq!(Slack.classify(&call, &answered(200, &[], r#"{"ok":true}"#)), outbound::accepted(None));
}

// checklist 20
#[test]
fn slack_is_given_the_time_that_it_asks_for() {
    let SendOutcome::Retry { after_ms, holds, .. } = judged(&answered(429, &[("retry-after", "30")], "")) else { panic!("no retry") };
    assert_eq!((after_ms, holds), (Some(30_000), Holds::Contact));
    let in_body = judged(&answered(200, &[("retry-after", "7")], r#"{"ok":false,"error":"ratelimited"}"#));
    assert!(matches!(in_body, SendOutcome::Retry { after_ms: Some(7_000), .. }));
    assert!(matches!(judged(&answered(429, &[], "")), SendOutcome::Retry { after_ms: None, .. }));
    assert!(matches!(judged(&answered(429, &[("retry-after", "soon")], "")), SendOutcome::Retry { after_ms: None, .. }));
    assert!(matches!(judged(&answered(429, &[("retry-after", "99999999")], "")), SendOutcome::Retry { after_ms: Some(3_600_000), .. }));
}

#[test]
fn an_unknown_outcome_is_never_tried_again_blindly() {
    let silent = ProviderReply::Silent { why: "timed out".to_owned() };
    assert!(matches!(judged(&silent), SendOutcome::Unknown { .. }));
    assert!(matches!(judged(&answered(200, &[], "<html>")), SendOutcome::Unknown { .. }));
    assert!(matches!(judged(&ProviderReply::Unreachable { why: "no route".to_owned() }), SendOutcome::Retry { .. }));
    for status in [500, 502, 503] {
        assert!(matches!(judged(&answered(status, &[], "oops")), SendOutcome::Retry { .. }), "{status}");
    }
    assert!(
        matches!(Slack.classify(&Slack.check(&credential()), &silent), SendOutcome::Retry { .. }),
        "what makes no message may be asked again"
    );
}

// checklist 21
#[test]
fn a_public_channel_is_joined_once_and_a_private_one_says_that_somebody_must_invite_us() {
    let refused = answered(200, &[], r#"{"ok":false,"error":"not_in_channel"}"#);
    let join = Slack.cure(&credential(), &post(), &refused).expect("something helps");
    assert_eq!((join.path.as_str(), join.sends), ("/api/conversations.join", false));
    assert!(join.body == Body::Json(json!({ "channel": "C0SUPPORT01" })));
    assert_eq!(Slack.classify(&join, &answered(200, &[], r#"{"ok":true,"channel":{"id":"C0SUPPORT01"}}"#)), outbound::accepted(None));
    assert_eq!(Slack.classify(&join, &answered(200, &[], r#"{"ok":true,"warning":"already_in_channel"}"#)), outbound::accepted(None));
    let private = Slack.classify(&join, &answered(200, &[], r#"{"ok":false,"error":"method_not_supported_for_channel_type"}"#));
    assert!(matches!(private, SendOutcome::Refused { error, .. } if error.title.contains("invite")));
    assert!(matches!(error("not_in_channel"), SendOutcome::Refused { error, .. } if error.title.contains("invite")));

    for (channel, code) in [("G0PRIVATE01", "not_in_channel"), ("C0SUPPORT01", "channel_not_found")] {
        let mut call = post();
        call.body = Body::Json(json!({ "channel": channel }));
        assert_eq!(
            Slack.cure(&credential(), &call, &answered(200, &[], &json!({ "ok": false, "error": code }).to_string())),
            None,
            "{channel} {code}"
        );
    }
    assert_eq!(Slack.cure(&credential(), &post(), &answered(200, &[], fixture!("post_message_answer"))), None);
}

fn checked(headers: &[(&str, &str)], body: &serde_json::Value) -> Result<Vec<Account>, entities::ProviderError> {
    Slack.judge_check(&credential(), &answered(200, headers, &body.to_string()))
}

#[test]
fn a_good_token_names_the_workspace_that_can_be_connected() {
    let call = Slack.check(&credential());
    assert_eq!((call.path.as_str(), call.sends), ("/api/auth.test", false));
    assert_eq!(call.headers, [("authorization", "Bearer xoxb-EXAMPLE".to_owned())]);
    let mut answer = json!({ "ok": true, "url": "https://example.slack.com/", "team": "Example", "user": "desk", "team_id": "T0EXAMPLE01", "user_id": "U0OURBOT001", "bot_id": "B0OURBOT001" });
    let account = |address: &str| vec![Account { address: address.to_owned(), name: "Example".to_owned() }];
    assert_eq!(checked(&[("x-oauth-scopes", "im:history, chat:write,files:read")], &answer), Ok(account("T0EXAMPLE01")));
    assert_eq!(checked(&[], &answer), Ok(account("T0EXAMPLE01")));
    assert_eq!(checked(&[("x-oauth-scopes", "im:history,chat:write.public")], &answer).unwrap_err().code, "missing_scope");
    answer["is_enterprise_install"] = json!(true);
    answer["enterprise_id"] = json!("E0EXAMPLE01");
    assert_eq!(checked(&[], &answer), Ok(account("E0EXAMPLE01")));
}

#[test]
fn a_bad_token_is_refused_in_words() {
    let refused = checked(&[], &json!({ "ok": false, "error": "invalid_auth" })).unwrap_err();
    assert_eq!(refused.code, "invalid_auth");
    assert!(refused.title.contains("token"));
    let person = json!({ "ok": true, "team": "Example", "team_id": "T0EXAMPLE01", "user_id": "U1" });
    assert_eq!(checked(&[], &person).unwrap_err().code, "not_allowed_token_type");
    assert_eq!(checked(&[], &json!({ "ok": true, "bot_id": "B1" })).unwrap_err().code, "no_team");
    let silent = Slack.judge_check(&credential(), &ProviderReply::Silent { why: "timed out".to_owned() });
    assert_eq!(silent.unwrap_err().code, "unreachable");
}

#[test]
fn a_credential_asks_for_two_secrets() {
    let fields = Slack.fields(None);
    let required: Vec<_> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    assert_eq!(required, ["signing_secret", "bot_token"]);
    let verifying: Vec<_> = fields.iter().filter(|field| field.verifies).map(|field| field.name).collect();
    assert_eq!(verifying, ["signing_secret"]);
    assert!(fields.iter().all(|field| field.secret == field.required), "what is asked for besides is no secret");
}

#[test]
fn who_somebody_is_is_asked_and_the_email_is_no_address_of_theirs() {
    let contact = entities::Address { kind: entities::AddressKind::Slack, value: "T0PARTNER01/U0CUSTOMER1".to_owned() };
    let call = Slack.profile(&credential(), &contact).unwrap();
    assert_eq!((call.path.as_str(), call.sends), ("/api/users.info", false));
    assert!(call.body == Body::Form(vec![("user".to_owned(), "U0CUSTOMER1".to_owned())]));
    let told = json!({ "ok": true, "user": { "id": "U0CUSTOMER1", "name": "dana", "profile": {
        "display_name": "", "real_name_normalized": "Dana Field", "email": "victim@example.org", "image_192": "https://avatars.example/d.png",
    }}});
    let party = Slack.judge_profile(&contact, &answered(200, &[], &told.to_string())).unwrap();
    assert_eq!((party.name.as_deref(), party.avatar_url.as_deref()), (Some("Dana Field"), Some("https://avatars.example/d.png")));
    assert_eq!((party.address, party.also), (contact.clone(), Vec::new()));
    assert_eq!(Slack.judge_profile(&contact, &answered(200, &[], r#"{"ok":false,"error":"user_not_found"}"#)), None);
    let bot = entities::Address { value: "T0EXAMPLE01/B0OTHER0001".to_owned(), ..contact };
    assert_eq!(Slack.profile(&credential(), &bot), None);
}
