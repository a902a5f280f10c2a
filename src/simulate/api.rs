//! The provider's own interface: reads a call, lets the provider answer it, notes both, and fails in the ways that need no provider.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::StatusCode,
    web::{Bytes, Data},
};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::time::sleep;

use super::{
    faults::Switch,
    provider::{Answer, ApiRequest, Reply},
    simulator::Simulator,
    wire_log::{ApiCall, preview},
};

/// Query parameters whose values are not noted.
const SECRET_PARAMETERS: &[&str] =
    &["access_token", "input_token", "client_secret", "appsecret_proof", "code", "fb_exchange_token", "state"];

/// Answers any path that is not the page's or the control API's.
pub async fn call(sim: Data<Simulator>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let sim = sim.into_inner();
    let call = read(&request, body);
    let (reply, slow, lost, first) = sim.change_and_tell(|world| {
        let mut reply = sim.provider.api(world, &call);
        world.log_call(noted(&call, &reply, world.now_ms()));
        let notices = std::mem::take(&mut reply.notices);
        let switches = (reply, world.is_on(Switch::Slow), world.is_on(Switch::LostAnswers), world.is_on(Switch::ReceiptsFirst));
        (switches, notices)
    });
    let Reply { status, headers, answer, accepted, notices: _ } = reply;
    for travel in accepted {
        if first {
            sim.travel(travel).await;
            sim.flushed().await;
        } else {
            let sim = Arc::clone(&sim);
            drop(actix_web::rt::spawn(async move { sim.travel(travel).await }));
        }
    }
    if slow {
        sleep(sim.pace.slow).await;
    }
    respond(status, headers, answer, lost)
}

/// The answer; cut off in the middle where it is to be lost.
fn respond(status: u16, headers: Vec<(&'static str, String)>, answer: Answer, lost: bool) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in headers {
        response.insert_header((name, value));
    }
    let (mime, bytes) = match answer {
        Answer::Json(Value::Null) => return response.finish(),
        Answer::Json(value) => ("application/json; charset=UTF-8".to_owned(), Bytes::from(value.to_string())),
        Answer::Bytes(mime, bytes) => (mime, bytes),
    };
    response.content_type(mime);
    if !lost {
        return response.body(bytes);
    }
    let whole = bytes.len() as u64;
    let half = bytes.slice(..bytes.len() / 2);
    let broken = Err(std::io::Error::other("the answer is lost, as was asked for"));
    response.body(SizedStream::new(whole, stream::iter([Ok(half), broken]).boxed_local()))
}

fn read(request: &HttpRequest, body: Bytes) -> ApiRequest {
    let parts = request.uri().path().split('/').filter(|part| !part.is_empty());
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    ApiRequest {
        method: request.method().to_string(),
        path: parts.map(decode).collect(),
        query: url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect(),
        headers: request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect(),
        body,
    }
}

/// A path's part without percent signs.
fn decode(part: &str) -> String {
    // These are themselves in a path, and something else to the form's reader that undoes the rest.
    let whole = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(whole.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn noted(call: &ApiRequest, reply: &Reply, at_ms: i64) -> ApiCall {
    let hidden = |(name, value): &(String, String)| {
        let value = if SECRET_PARAMETERS.contains(&name.as_str()) { "…" } else { value };
        format!("{name}={value}")
    };
    let query: Vec<_> = call.query.iter().map(hidden).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let answer = match &reply.answer {
        Answer::Json(value) => preview(value.to_string().as_bytes()),
        Answer::Bytes(mime, bytes) if mime.starts_with("text/") => preview(bytes),
        Answer::Bytes(mime, bytes) => format!("({}, {} bytes)", mime, bytes.len()),
    };
    ApiCall {
        at_ms,
        method: call.method.clone(),
        path: format!("/{}{query}", call.path.join("/")),
        body: preview(&call.body),
        status: reply.status,
        answer,
    }
}
