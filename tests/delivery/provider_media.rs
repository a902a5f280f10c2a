//! Files of a provider over real sockets: who gets the token, where it is not gone to, and what ends a fetch.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::StatusCode, web};
use entities::{Provider, attachment::FILE_BYTES_MAX};
use futures_util::stream;
use serde_json::json;
use switchboard::{
    channels::{
        call::{Body, MediaCall, MediaSource, ProviderCall},
        registry,
    },
    delivery::{
        ProviderHttp,
        provider_media::{Fetched, MEDIA_DEADLINE, ProviderMedia, Sink},
    },
    options::ProviderOptions,
};

use super::world::Names;

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR rest of a picture";
const BEARER: &str = "Bearer EAAtoken";

/// What was asked for: the path, and whether the token came along.
type Seen = Arc<Mutex<Vec<(String, bool)>>>;

/// A provider with a file behind each path, and what it was asked.
struct Fake {
    base: String,
    seen: Seen,
}

impl Fake {
    fn start() -> Self {
        let seen = Seen::default();
        let shared = seen.clone();
        let server = HttpServer::new(move || App::new().app_data(web::Data::new(shared.clone())).default_service(web::to(answer)));
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { base, seen }
    }

    fn seen(&self) -> Vec<(String, bool)> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    fn media(&self, deadline: Duration) -> ProviderMedia {
        let options = ProviderOptions { base_urls: vec![format!("whatsapp={}", self.base).parse().unwrap()] };
        let names = Names::leading(&[("files.test", "10.0.0.8"), ("evil.test", "127.0.0.1")]);
        ProviderMedia::new(ProviderHttp::new(&options, None, Arc::new(names), deadline).unwrap(), deadline)
    }

    fn at(&self, path: &str) -> MediaSource {
        source(&format!("{}{path}", self.base))
    }

    async fn fetch(&self, call: MediaCall) -> (Fetched, Vec<u8>) {
        self.fetch_within(MEDIA_DEADLINE, call).await
    }

    async fn fetch_within(&self, deadline: Duration, call: MediaCall) -> (Fetched, Vec<u8>) {
        let mut kept = Kept(Vec::new());
        let fetched = self.media(deadline).fetch(registry::find(Provider::Whatsapp).unwrap(), &call, &mut kept).await;
        (fetched, kept.0)
    }

    async fn direct(&self, path: &str) -> Fetched {
        self.fetch(MediaCall::Direct(self.at(path))).await.0
    }
}

struct Kept(Vec<u8>);

impl Sink for Kept {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn source(url: &str) -> MediaSource {
    MediaSource {
        url: url.to_owned(),
        headers: vec![("authorization", BEARER.to_owned())],
        trusted_hosts: &["files.test"],
        follow_redirects: true,
        html_means_unauthorised: true,
    }
}

fn located(path: &'static str, token: &str) -> MediaCall {
    let call = ProviderCall::asking("GET", "https://graph.facebook.com", path, Body::None, "media").header("authorization", token);
    MediaCall::Located { call, url: "/url", mime: Some("/mime_type"), sha256: Some("/sha256"), source: source("") }
}

async fn answer(request: HttpRequest, seen: web::Data<Seen>) -> HttpResponse {
    let trusted = request.headers().get("authorization").is_some_and(|value| value == BEARER);
    seen.lock().unwrap().push((request.path().to_owned(), trusted));
    let here = format!("http://{}", request.connection_info().host());
    let moved = |to: &str| HttpResponse::Found().insert_header(("location", to)).finish();
    let found = |path: &str| HttpResponse::Ok().json(json!({"url": format!("{here}{path}"), "mime_type": "image/png", "sha256": "AB12"}));
    let denied = || HttpResponse::Unauthorized().json(json!({"error": {"message": "Bad token", "type": "OAuthException", "code": 190}}));
    match request.path() {
        "/v1/file" | "/v1/expired" | "/file" if !trusted => denied(),
        "/v1/file" => found("/file"),
        "/v1/expired" => found("/gone"),
        "/bare" if trusted => HttpResponse::Forbidden().finish(),
        "/file" | "/open" | "/bare" => HttpResponse::Ok().content_type("image/png").body(PICTURE),
        "/moved" => moved("file#here"),
        "/login" => moved("/page"),
        "/page" => HttpResponse::Ok().content_type("text/html; charset=utf-8").body("<html>Sign in</html>"),
        "/round" => moved("/round"),
        "/nowhere" => HttpResponse::Found().finish(),
        "/to-plain" => moved("http://evil.test:8080/x"),
        "/to-private" => moved("https://files.test/x"),
        "/to-literal" => moved("https://169.254.169.254/latest"),
        "/busy" => HttpResponse::ServiceUnavailable().finish(),
        "/announced" => HttpResponse::Ok().no_chunking(FILE_BYTES_MAX + 1).streaming(flood()),
        "/endless" => HttpResponse::Ok().streaming(flood()),
        "/silent" => HttpResponse::Ok().streaming(stream::pending::<Result<web::Bytes, io::Error>>()),
        _ => HttpResponse::build(StatusCode::NOT_FOUND).finish(),
    }
}

fn flood() -> impl futures_util::Stream<Item = Result<web::Bytes, io::Error>> {
    stream::repeat_with(|| Ok(web::Bytes::from(vec![7; 64 * 1024])))
}

fn gone(why: &str) -> Fetched {
    Fetched::Gone { why: why.to_owned() }
}

fn unauthorised(why: &str) -> Fetched {
    Fetched::Unauthorised { why: why.to_owned() }
}

fn seen(paths: &[(&str, bool)]) -> Vec<(String, bool)> {
    paths.iter().map(|(path, trusted)| ((*path).to_owned(), *trusted)).collect()
}

#[actix_web::test]
async fn a_file_is_found_and_fetched_with_the_token_at_both_steps() {
    let fake = Fake::start();
    let (fetched, bytes) = fake.fetch(located("/v1/file", BEARER)).await;
    let whole = Fetched::Whole { size: PICTURE.len() as u64, mime: Some("image/png".to_owned()), sha256: Some("ab12".to_owned()) };
    assert_eq!((fetched, bytes.as_slice()), (whole, PICTURE));
    assert_eq!(fake.seen(), seen(&[("/v1/file", true), ("/file", true)]));
}

#[actix_web::test]
async fn a_token_that_is_refused_is_told_from_a_file_that_is_gone() {
    let fake = Fake::start();
    let (fetched, bytes) = fake.fetch(located("/v1/file", "Bearer other")).await;
    assert!(matches!(&fetched, Fetched::Unauthorised { why } if why.contains("Bad token")), "{fetched:?}");
    assert!(bytes.is_empty());
    let other = MediaSource { headers: vec![("authorization", "Bearer other".to_owned())], ..fake.at("/file") };
    assert_eq!(fake.fetch(MediaCall::Direct(other)).await.0, unauthorised("the provider answered 401"));
    assert_eq!(fake.direct("/missing").await, gone("the provider answered 404"));
    assert_eq!(fake.direct("/busy").await, Fetched::Again { why: "the provider answered 503".to_owned() });
    let signed = MediaSource { headers: Vec::new(), ..fake.at("/file") };
    assert_eq!(fake.fetch(MediaCall::Direct(signed)).await.0, gone("the provider answered 401: the file's address has expired"));
}

#[actix_web::test]
async fn an_address_that_was_just_given_and_has_expired_is_asked_for_again() {
    let fake = Fake::start();
    let (fetched, _) = fake.fetch(located("/v1/expired", BEARER)).await;
    assert_eq!(fetched, Fetched::Again { why: "the provider answered 404".to_owned() });
}

#[actix_web::test]
async fn a_host_that_refuses_the_token_is_asked_once_without() {
    let fake = Fake::start();
    assert!(matches!(fake.direct("/bare").await, Fetched::Whole { .. }));
    assert_eq!(fake.seen(), seen(&[("/bare", true), ("/bare", false)]));
}

#[actix_web::test]
async fn redirects_are_followed_a_few_times_and_never_to_where_the_guard_says_no() {
    let fake = Fake::start();
    assert!(matches!(fake.direct("/moved").await, Fetched::Whole { .. }));
    assert_eq!(fake.seen(), seen(&[("/moved", true), ("/file", true)]));
    assert_eq!(fake.direct("/round").await, gone("the file's address leads on more than 3 times"));
    assert_eq!(fake.seen().len(), 4);
    assert_eq!(fake.direct("/nowhere").await, gone("the file's address leads elsewhere and does not say where"));
    assert_eq!(fake.direct("/to-plain").await, gone("the address does not begin with https://"));
    for path in ["/to-private", "/to-literal"] {
        let fetched = fake.direct(path).await;
        assert!(matches!(&fetched, Fetched::Gone { why } if why.contains("--provider-base-url")), "{path}: {fetched:?}");
    }
    let fetched = fake.fetch(MediaCall::Direct(source("https://files.test/x"))).await.0;
    assert!(matches!(&fetched, Fetched::Gone { why } if why.contains("files.test leads to 10.0.0.8")), "{fetched:?}");
    let stays = MediaSource { follow_redirects: false, ..fake.at("/moved") };
    assert_eq!(fake.fetch(MediaCall::Direct(stays)).await.0, gone("the file's address leads elsewhere, where it is not looked for"));
}

#[actix_web::test]
async fn a_page_instead_of_a_file_means_that_the_token_was_refused() {
    let fake = Fake::start();
    let refused = unauthorised("the provider answered with a page instead of the file: the token was refused");
    assert_eq!(fake.direct("/page").await, refused);
    assert_eq!(fake.direct("/login").await, refused);
    let meant = MediaSource { html_means_unauthorised: false, ..fake.at("/page") };
    assert!(matches!(fake.fetch(MediaCall::Direct(meant)).await.0, Fetched::Whole { size: 20, .. }));
}

#[actix_web::test]
async fn a_file_that_is_too_large_is_broken_off_whether_it_says_so_or_not() {
    let fake = Fake::start();
    let (fetched, bytes) = fake.fetch(MediaCall::Direct(fake.at("/announced"))).await;
    assert_eq!((fetched, bytes.len()), (Fetched::TooLarge, 0));
    let (fetched, bytes) = fake.fetch(MediaCall::Direct(fake.at("/endless"))).await;
    assert_eq!(fetched, Fetched::TooLarge);
    assert!(bytes.len() as u64 <= FILE_BYTES_MAX);
}

#[actix_web::test]
async fn a_fetch_ends_at_its_deadline() {
    let fake = Fake::start();
    let (fetched, _) = fake.fetch_within(Duration::from_millis(300), MediaCall::Direct(fake.at("/silent"))).await;
    assert_eq!(fetched, Fetched::Again { why: "the file was not whole within 0.3 s".to_owned() });
}
