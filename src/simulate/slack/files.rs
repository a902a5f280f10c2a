//! Files both ways (specification `slack` 9).

use serde_json::{Value, json};

use super::{BOT_USER, Slack, api, told};
use crate::simulate::{
    multipart,
    provider::{ApiRequest, Reply, text},
    world::{File, FileRef, World},
};

/// Uploads that are announced and not yet shared.
const UPLOADS_MAX: usize = 100;

/// A file's id at Slack.
fn id_of(file: &File) -> String {
    format!("F{}", file.id)
}

/// A file as events and `files.info` describe it.
pub fn described(world: &World, team: &str, user: &str, file: &File) -> Value {
    let (id, name) = (id_of(file), if file.name.is_empty() { "file" } else { &file.name });
    let place: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let kind = name.rsplit_once('.').map_or("binary", |(_, ending)| ending);
    json!({
        "id": id, "created": world.now_ms() / 1_000, "timestamp": world.now_ms() / 1_000, "name": name, "title": name, "mimetype": file.mime,
        "filetype": kind, "pretty_type": kind.to_uppercase(), "user": user, "size": file.bytes.len(), "mode": "hosted", "is_external": false,
        "is_public": false, "url_private": format!("{}/files-pri/{team}-{id}/{place}", world.own_url),
        "url_private_download": format!("{}/files-pri/{team}-{id}/download/{place}", world.own_url),
        "permalink": format!("https://example.slack.com/files/{user}/{id}/{place}"),
    })
}

/// A file as the page shows it.
pub fn shown(file: &File) -> FileRef {
    let kind = match file.mime.split('/').next().unwrap_or_default() {
        kind @ ("image" | "audio" | "video") => kind,
        _ => "document",
    };
    FileRef { kind: kind.to_owned(), mime: file.mime.clone(), name: file.name.clone(), file_id: Some(file.id.clone()), link: None }
}

impl Slack {
    /// A private file: with the token its bytes, without it the page to sign in, as Slack does it.
    pub(super) fn download(&self, world: &World, call: &ApiRequest, place: &str) -> Reply {
        let id = place.rsplit_once("-F").map(|(_, id)| id).unwrap_or_default();
        let right = call.bearer().is_some_and(|token| self.note(|books| books.tokens.contains(token)));
        match world.file(id) {
            Some(file) if right => Reply::bytes(&file.mime, file.bytes.clone()),
            _ => Reply::bytes("text/html; charset=utf-8", "<html><body>Sign in to Slack</body></html>".into()),
        }
    }

    /// The first step: an address for the bytes.
    pub(super) fn upload_address(&self, world: &mut World, given: &Value) -> Reply {
        let length = given.get("length").and_then(|length| length.as_u64().or_else(|| length.as_str()?.parse().ok())).unwrap_or(0);
        let name = text(given, "/filename");
        if length == 0 || name.is_empty() {
            return api::failed("invalid_arguments");
        }
        let number = world.next_id().to_string();
        let room = self.note(|books| {
            let room = books.uploads.len() < UPLOADS_MAX;
            if room {
                books.uploads.push((number.clone(), name.to_owned(), length as usize));
            }
            room
        });
        if !room {
            return api::failed("internal_error");
        }
        Reply::json(
            200,
            json!({"ok": true, "upload_url": format!("{}/upload/v1/{number}", world.own_url), "file_id": format!("F{number}")}),
        )
    }

    /// The second: the bytes, raw or as a form's file, as many as announced.
    pub(super) fn take_bytes(&self, world: &mut World, call: &ApiRequest, number: &str) -> Reply {
        let announced = self.note(|books| books.uploads.iter().find(|(id, ..)| id == number).cloned());
        let parts = multipart::parts(call);
        let sent = multipart::named(&parts, "file").or(parts.first());
        let bytes = sent.map_or_else(|| call.body.clone(), |part| part.bytes.clone());
        let refusal = |status, words: &str| Reply { status, ..Reply::bytes("text/plain", words.to_owned().into()) };
        let Some((id, name, length)) = announced else { return refusal(404, "not found") };
        if bytes.len() != length {
            return refusal(400, "the length is not the announced one");
        }
        let mime = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("png") => "image/png",
            Some("jpg" | "jpeg") => "image/jpeg",
            Some("gif") => "image/gif",
            Some("webp") => "image/webp",
            Some("pdf") => "application/pdf",
            Some("txt") => "text/plain",
            _ => "application/octet-stream",
        };
        world.add_file(File { id, mime: mime.to_owned(), name, bytes });
        Reply::bytes("text/plain", format!("OK - {length}").into())
    }

    /// The third: the files become one message of the bot.
    pub(super) fn complete(&self, world: &mut World, given: &Value) -> Reply {
        let wanted = match given.get("files") {
            Some(Value::String(listed)) => serde_json::from_str(listed).unwrap_or(Value::Null),
            Some(listed) => listed.clone(),
            None => Value::Null,
        };
        let ids: Vec<&str> = wanted.as_array().into_iter().flatten().map(|file| text(file, "/id").trim_start_matches('F')).collect();
        let files: Option<Vec<File>> = ids.iter().map(|id| world.file(id).cloned()).collect();
        let Some(files) = files.filter(|files| !files.is_empty()) else { return api::failed("file_not_found") };
        self.note(|books| books.uploads.retain(|(id, ..)| !ids.contains(&id.as_str())));
        let listed: Vec<Value> = files.iter().map(|file| json!({"id": id_of(file), "title": file.name})).collect();
        let (channel, root) = (text(given, "/channel_id"), text(given, "/thread_ts"));
        if channel.is_empty() {
            return Reply::json(200, json!({"ok": true, "files": listed}));
        }
        let ts = told::fresh_ts(world);
        let comment = text(given, "/initial_comment");
        let described: Vec<Value> = files.iter().map(|file| described(world, &self.team_id, BOT_USER, file)).collect();
        let fields = json!({"subtype": "file_share", "files": described, "upload": true});
        let refs = files.iter().map(shown).collect();
        match self.put(world, (channel, root, &ts), comment, fields, |message| message.files = refs) {
            // Sharing takes its time: the answer names no message, the event does (9).
            Ok(reply) => Reply { answer: Reply::json(200, json!({"ok": true, "files": listed})).answer, ..reply },
            Err(error) => api::failed(error),
        }
    }

    /// What `files.info` says.
    pub(super) fn file_info(&self, world: &World, given: &Value) -> Reply {
        let id = text(given, "/file");
        if id == "F0EXAMPLE02" {
            let file = File {
                id: "0EXAMPLE02".to_owned(),
                mime: "text/plain".to_owned(),
                name: "partner.txt".to_owned(),
                bytes: Vec::new().into(),
            };
            return Reply::json(200, json!({"ok": true, "file": described(world, &self.team_id, "U0PARTNER01", &file)}));
        }
        match world.file(id.trim_start_matches('F')) {
            Some(file) => Reply::json(200, json!({"ok": true, "file": described(world, &self.team_id, BOT_USER, file)})),
            None => api::failed("file_not_found"),
        }
    }
}
