//! Files in both directions.

use entities::{AttachmentId, Happening, MediaAuth, MessageType, outbound::OutboundMedia};
use serde_json::json;
use switchboard::channels::{
    adapter::Adapter,
    call::{Body, MediaCall},
    slack::Slack,
};

use super::{answered, changed, credential, fixture, message, outbound, parsed};

fn file(name: &str, size: u64) -> OutboundMedia {
    OutboundMedia {
        id: AttachmentId::new(uuid::Uuid::from_u128(7)),
        filename: name.to_owned(),
        mime: "application/pdf".to_owned(),
        size,
        url: "https://desk.example.org/f/7".to_owned(),
    }
}

// checklist 9: a file; checklist 16
#[test]
fn a_file_comes_with_its_message_and_the_token_goes_to_slack_alone() {
    let message = message(fixture!("file_share"));
    assert_eq!((message.kind, message.text.as_str()), (MessageType::Image, "see screenshot"));
    let media = &message.media[0];
    assert_eq!(media.id.as_deref(), Some("F0EXAMPLE01"));
    assert_eq!((media.kind, media.mime.as_deref(), media.filename.as_deref()), (MessageType::Image, Some("image/png"), Some("shot.png")));
    assert_eq!((media.size, media.auth), (Some(92_582), MediaAuth::Bearer));
    let Ok(MediaCall::Direct(source)) = Slack.media(&credential(), media) else { panic!("it lies at an address") };
    assert_eq!(source.url, "https://files.slack.com/files-pri/T0EXAMPLE01-F0EXAMPLE01/download/shot.png");
    assert_eq!(source.headers, [("authorization", "Bearer xoxb-EXAMPLE".to_owned())]);
    assert_eq!(source.trusted_hosts, ["files.slack.com", "*.slack.com"]);
    assert!(source.html_means_unauthorised);
}

// checklist 16
#[test]
fn html_is_a_refusal_unless_the_file_is_html() {
    let page = changed(fixture!("file_share"), &[("/event/files/0/mimetype", json!("text/html"))]);
    let Ok(MediaCall::Direct(source)) = Slack.media(&credential(), &message(&page).media[0]) else { panic!("it lies at an address") };
    assert!(!source.html_means_unauthorised);
}

// checklist 16
#[test]
fn a_file_without_details_is_asked_for_first() {
    let message = message(fixture!("file_share_without_details"));
    assert_eq!((message.kind, message.text.as_str()), (MessageType::Document, ""));
    let Ok(MediaCall::Located { call, url, mime, source, .. }) = Slack.media(&credential(), &message.media[0]) else { panic!("two steps") };
    assert_eq!((call.method, call.path.as_str(), call.sends), ("POST", "/api/files.info", false));
    assert!(call.body == Body::Form(vec![("file".to_owned(), "F0EXAMPLE02".to_owned())]));
    assert_eq!((url, mime), ("/file/url_private", Some("/file/mimetype")));
    assert_eq!((source.url.as_str(), source.trusted_hosts), ("", &["files.slack.com", "*.slack.com"][..]));
}

// checklist 16
#[test]
fn a_file_that_is_gone_or_elsewhere_is_a_line_of_text() {
    let with = |changes: &[(&str, serde_json::Value)]| message(&changed(fixture!("file_share"), changes));
    for mode in ["tombstone", "hidden_by_limit"] {
        let message = with(&[("/event/files/0/mode", json!(mode))]);
        assert!(message.media.is_empty());
        assert!(message.text.starts_with("see screenshot\n[a file that"), "{mode}: {}", message.text);
    }
    let elsewhere =
        with(&[("/event/files/0/mode", json!("external")), ("/event/files/0/url_private", json!("https://docs.example.org/1"))]);
    assert_eq!(elsewhere.text, "see screenshot\nshot.png (https://docs.example.org/1)");
    assert!(elsewhere.media.is_empty());
}

#[test]
fn several_files_are_one_message_and_their_number_is_bounded() {
    let files: Vec<serde_json::Value> = (0..30)
        .map(|number| json!({ "id": format!("F{number}"), "mode": "hosted", "mimetype": "audio/mp4", "subtype": "slack_audio" }))
        .collect();
    let message = message(&changed(fixture!("file_share"), &[("/event/files", json!(files))]));
    assert_eq!(message.media.len(), 20);
    assert_eq!(message.kind, MessageType::Voice);
    assert_eq!(message.text, "see screenshot\n[10 more files]");
}

#[test]
fn an_odd_file_does_not_cost_its_neighbours() {
    let files = json!([7, null, { "mode": "hosted" }, { "id": "F1" }]);
    let message = message(&changed(fixture!("file_share"), &[("/event/files", files)]));
    assert_eq!(message.media.len(), 1);
}

// checklist 17
#[test]
fn a_file_is_uploaded_in_three_steps_and_shared_in_the_thread() {
    let mut wanted = outbound::message("");
    wanted.media = vec![file("invoice.pdf", 1_234)];
    let calls = outbound::planned(wanted);
    let steps: Vec<_> = calls.iter().map(|call| (call.path.as_str(), call.sends)).collect();
    assert_eq!(
        steps,
        [("/api/files.getUploadURLExternal", false), ("{slack-upload-1}", false), ("/api/files.completeUploadExternal", true)]
    );
    let [ask, put, complete] = &calls[..] else { panic!("three steps") };
    let form = vec![("filename".to_owned(), "invoice.pdf".to_owned()), ("length".to_owned(), "1234".to_owned())];
    assert!(ask.body == Body::Form(form));
    let captured: Vec<_> = ask.captures.iter().map(|capture| (capture.name, capture.pointer)).collect();
    assert_eq!(captured, [("slack-upload-1", "/upload_url"), ("slack-file-1", "/file_id")]);
    let answer: serde_json::Value = serde_json::from_str(fixture!("upload_url_answer")).unwrap();
    assert!(captured.iter().all(|(_, pointer)| answer.pointer(pointer).is_some()));
    assert!(put.body == Body::File(AttachmentId::new(uuid::Uuid::from_u128(7))));
    assert!(put.headers.is_empty(), "the address is the permission: no token");
    let body = json!({
        "files": [{ "id": "{slack-file-1}", "title": "invoice.pdf" }], "channel_id": "C0SUPPORT01", "thread_ts": "1760000000.000100",
    });
    assert!(complete.body == Body::Json(body));
}

// checklist 17
#[test]
fn text_goes_first_and_several_files_are_one_message() {
    let mut wanted = outbound::message("Both attached");
    wanted.media = vec![file("a.pdf", 1), file("b.pdf", 2)];
    let calls = outbound::planned(wanted);
    let paths: Vec<_> = calls.iter().map(|call| call.purpose).collect();
    let upload = ["files.getUploadURLExternal", "upload"];
    assert_eq!(paths, ["chat.postMessage", upload[0], upload[1], upload[0], upload[1], "files.completeUploadExternal"]);
    let Body::Json(body) = &calls[5].body else { panic!("JSON") };
    assert_eq!(body["files"], json!([{ "id": "{slack-file-1}", "title": "a.pdf" }, { "id": "{slack-file-2}", "title": "b.pdf" }]));
    assert_eq!(outbound::body(&calls[0])["metadata"]["event_payload"]["parts"], json!(2), "the files are the second part");
}

// checklist 17
#[test]
fn an_empty_file_and_too_many_are_refused_before_anything_is_sent() {
    let refused = |media| {
        let mut wanted = outbound::message("x");
        wanted.media = media;
        Slack.plan(&credential(), &outbound::to_thread(wanted)).unwrap_err().code
    };
    assert_eq!(refused(vec![file("a.pdf", 1), file("b.pdf", 0)]), "file_empty");
    assert_eq!(refused(vec![file("a.pdf", 1); 11]), "too_many_files");
}

#[test]
fn a_files_name_is_never_taken_for_a_captured_piece() {
    let mut wanted = outbound::message("");
    wanted.media = vec![file("{slack-upload-1}\u{0}.pdf", 1)];
    let calls = outbound::planned(wanted);
    assert_eq!(outbound::body(&calls[2])["files"][0]["title"], json!("(slack-upload-1) .pdf"));
}

// checklist 17
#[test]
fn a_shared_file_is_known_by_its_id_and_a_failed_step_is_said() {
    let mut wanted = outbound::message("");
    wanted.media = vec![file("invoice.pdf", 1_234)];
    let calls = outbound::planned(wanted);
    let shared = answered(200, &[], r#"{"ok":true,"files":[{"id":"F0NEW000001","title":"invoice.pdf"}]}"#);
    assert_eq!(Slack.classify(&calls[2], &shared), outbound::accepted(Some("F0NEW000001")));
    assert_eq!(Slack.classify(&calls[0], &answered(200, &[], fixture!("upload_url_answer"))), outbound::accepted(None));
    assert_eq!(Slack.classify(&calls[1], &answered(200, &[], "anything")), outbound::accepted(None), "only the status counts");
    for (call, reply) in
        [(&calls[1], answered(413, &[], "too large")), (&calls[2], answered(200, &[], r#"{"ok":false,"error":"invalid_arguments"}"#))]
    {
        let outcome = Slack.classify(call, &reply);
        assert!(matches!(outcome, entities::SendOutcome::Refused { .. }), "{outcome:?}");
    }
}

#[test]
fn a_customers_file_is_a_message_and_no_receipt() {
    assert!(matches!(parsed(fixture!("file_share")).what, Happening::Message(_)));
}
