//! The page: three files, no build, nothing from elsewhere.

use actix_web::{HttpResponse, http::header, web};

/// Scripts and styles of this page alone; pictures and sound may come from where the business says they lie.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob: http: https:; \
    media-src 'self' http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(async || send("text/html; charset=utf-8", include_str!("index.html"))))
        .route("/simulator.js", web::get().to(async || send("text/javascript; charset=utf-8", include_str!("simulator.js"))))
        .route("/simulator.css", web::get().to(async || send("text/css; charset=utf-8", include_str!("simulator.css"))));
}

fn send(mime: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .content_type(mime)
        .body(text)
}
