//! What browsers load: the widget's loader and frame, the console, the sample page.
//!
//! Guarantees: an address that names a bundle's hash never changes its content and may be kept for a year; everything else carries an
//! entity tag and is asked for again; each page comes with a Content-Security-Policy under which no foreign script runs.
//!
//! Does not: read a disk. [`bundle`] holds what is in the binary.

pub mod bundle;

use std::sync::LazyLock;

use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, http::StatusCode, http::header, web, web::Bytes};
use serde::Deserialize;

use self::bundle::{Bundle, CONSOLE, File, WIDGET};
use super::{
    App,
    extract::Query,
    problem::{Answer, Code, Problem},
    widget::{self, origin},
};

/// For addresses that contain the content's hash.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The loader's address never changes, so it is asked for again soon.
const SHORTLY: &str = "public, max-age=300";
/// Pages are asked for each time; the tag makes that cheap.
const EACH_TIME: &str = "no-cache";

const FRAME_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self' ws: wss:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ";
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self' ws: wss:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const DEMO_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The word in a page that becomes the address of its bundle.
const ASSETS_WORD: &str = "__ASSETS__";
/// The word in the sample page that becomes the widget's public key.
const API_KEY_WORD: &str = "__API_KEY__";

static FRAME_PAGE: LazyLock<Option<File>> =
    LazyLock::new(|| page(WIDGET.page("frame/index.html", &[(ASSETS_WORD, &address("/widget/v1/assets", &WIDGET))])?));
static CONSOLE_PAGE: LazyLock<Option<File>> =
    LazyLock::new(|| page(CONSOLE.page("index.html", &[(ASSETS_WORD, &address("/console/assets", &CONSOLE))])?));

/// The widget of the sample page: attached to the server when it was started with `--demo`.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The widget's public key.
    pub api_key: String,
}

/// Mounts everything that browsers load.
pub fn routes(cfg: &mut web::ServiceConfig) {
    for (path, to) in [("/widget/v1/assets/{hash}/{path:.*}", &WIDGET), ("/console/assets/{hash}/{path:.*}", &CONSOLE)] {
        let asset = move |request: HttpRequest, path: web::Path<(String, String)>| async move { asset(&request, to, &path) };
        cfg.service(readable(path, asset));
    }
    cfg.service(readable("/widget/v1/loader.js", loader));
    cfg.service(readable("/widget/v1/frame", frame));
    cfg.service(readable("/", console));
    cfg.service(readable("/demo", demo));
}

/// An address that can be read and nothing else.
fn readable<A, H>(path: &str, handler: H) -> Resource
where
    A: FromRequest + 'static,
    H: Handler<A, Output = Answer>,
{
    let refuse = || async { Err::<HttpResponse, Problem>(Problem::new(Code::MethodNotAllowed).allow("GET, HEAD")) };
    web::resource(path).route(web::get().to(handler.clone())).route(web::head().to(handler)).default_service(web::to(refuse))
}

/// Reads and compresses everything that is not read yet: called at start-up, so that no visitor waits for it.
pub fn prepare() {
    LazyLock::force(&FRAME_PAGE);
    LazyLock::force(&CONSOLE_PAGE);
}

fn asset(request: &HttpRequest, bundle: &Bundle, path: &(String, String)) -> Answer {
    let (hash, path) = path;
    // Another version's address: its content is gone, and this version's must not be remembered under it.
    if *hash != bundle.hash {
        return Err(nothing());
    }
    bundle.find(path).map(|file| send(request, file, FOR_EVER, None)).ok_or_else(nothing)
}

/// The script that sites put into their pages.
async fn loader(request: HttpRequest) -> Answer {
    let file = WIDGET.find("loader.js").ok_or_else(nothing)?;
    let mut response = send(&request, file, SHORTLY, None);
    // Any site's page may load it, also with `crossorigin`; the tag sent to it holds no secret.
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, header::HeaderValue::from_static("*"));
    headers.insert(header::HeaderName::from_static("cross-origin-resource-policy"), header::HeaderValue::from_static("cross-origin"));
    Ok(response)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameQuery {
    api_key: String,
}

/// The page in which the chat runs; framed by the pages that may use the widget, and by no others.
async fn frame(app: web::Data<App>, request: HttpRequest, query: Query<FrameQuery>) -> Answer {
    let widget = widget::find_widget(&app, &query.0.api_key).await?;
    let file = FRAME_PAGE.as_ref().ok_or_else(nothing)?;
    let policy = format!("{FRAME_POLICY}{}", origin::frame_ancestors(&widget.settings));
    let mut response = send(&request, file, EACH_TIME, Some(&policy));
    let headers = response.headers_mut();
    // A page that isolates itself (COEP) may frame us all the same.
    headers.insert(header::HeaderName::from_static("cross-origin-resource-policy"), header::HeaderValue::from_static("cross-origin"));
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// The agents' console.
async fn console(request: HttpRequest) -> Answer {
    CONSOLE_PAGE.as_ref().map(|file| send(&request, file, EACH_TIME, Some(CONSOLE_POLICY))).ok_or_else(nothing)
}

/// A sample company page with the widget on it.
async fn demo(request: HttpRequest, demo: Option<web::Data<Demo>>) -> Answer {
    let demo = demo.ok_or_else(|| Problem::new(Code::NotFound).detail("the sample page is there when the server runs with --demo"))?;
    let words = [(ASSETS_WORD, address("/widget/v1/assets", &WIDGET)), (API_KEY_WORD, escape(&demo.api_key))];
    let words: Vec<(&str, &str)> = words.iter().map(|(word, value)| (*word, value.as_str())).collect();
    let file = WIDGET.page("demo/index.html", &words).and_then(page).ok_or_else(nothing)?;
    Ok(send(&request, &file, EACH_TIME, Some(DEMO_POLICY)))
}

fn send(request: &HttpRequest, file: &File, cache: &str, policy: Option<&str>) -> HttpResponse {
    let sent = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::ETAG, file.etag.as_str()))
        .insert_header((header::VARY, "Accept-Encoding"))
        // What it may do if opened by itself: nothing. Pages bring a policy of their own.
        .insert_header((header::CONTENT_SECURITY_POLICY, policy.unwrap_or("default-src 'none'; frame-ancestors 'none'")));
    // Weak comparison (RFC 9110, 13.1.2): the tags are the same but for `W/`.
    let plain_tag = file.etag.trim_start_matches("W/");
    if sent(header::IF_NONE_MATCH).split(',').any(|tag| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == plain_tag) {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    response.insert_header((header::CONTENT_TYPE, file.content_type));
    match file.gzip.as_ref().filter(|_| takes_gzip(sent(header::ACCEPT_ENCODING))) {
        Some(gzip) => response.insert_header((header::CONTENT_ENCODING, "gzip")).body(Bytes::clone(gzip)),
        None => response.body(Bytes::clone(&file.plain)),
    }
}

/// Whether the client takes gzip (RFC 9110, 12.5.3): named, or `*`, and not with a weight of zero.
fn takes_gzip(header: &str) -> bool {
    let weight = |name: &str| {
        header.split(',').find_map(|part| {
            let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
            let is_it = coding.trim().eq_ignore_ascii_case(name);
            let zero = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok()) == Some(0.0);
            is_it.then_some(!zero)
        })
    };
    weight("gzip").or_else(|| weight("*")).unwrap_or(false)
}

fn address(prefix: &str, bundle: &Bundle) -> String {
    format!("{prefix}/{}", bundle.hash)
}

fn page(text: String) -> Option<File> {
    (!text.is_empty()).then(|| File::new("text/html; charset=utf-8", text.into_bytes()))
}

/// Keys are base64url, which needs none of this; it keeps the page whole if that ever changes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn nothing() -> Problem {
    Problem::new(Code::NotFound).detail("there is nothing at this address")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (header, taken) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0, *", false),
            ("*;q=0", false),
            ("identity", false),
            ("", false),
            ("gzipped", false),
        ] {
            assert_eq!(takes_gzip(header), taken, "{header}");
        }
    }
}
