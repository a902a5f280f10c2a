//! What browsers load.

use std::io::Read;

use serde_json::json;
use switchboard::http::assets::bundle::{CONSOLE, WIDGET};

use crate::support::{
    api::Api,
    widget::{Page, Raw, call},
};

async fn get(api: &Api, path: &str, headers: &[(&str, &str)]) -> Raw {
    call(api, "GET", path, headers, b"").await
}

#[actix_web::test]
async fn every_file_has_an_address_that_never_changes_its_content() {
    let api = Api::start().await;
    for (bundle, prefix) in [(&*WIDGET, "/widget/v1/assets"), (&*CONSOLE, "/console/assets")] {
        for path in bundle.paths() {
            let address = format!("{prefix}/{}/{path}", bundle.hash);
            let answer = get(&api, &address, &[]).await;
            assert_eq!((answer.status, answer.header("cache-control")), (200, "public, max-age=31536000, immutable"), "{address}");
            let same = get(&api, &address, &[("if-none-match", answer.header("etag"))]).await;
            assert_eq!((same.status, same.body.len()), (304, 0), "{address}");
            let packed = get(&api, &address, &[("accept-encoding", "gzip, br")]).await;
            if packed.header("content-encoding") == "gzip" {
                let mut plain = Vec::new();
                flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut plain).unwrap();
                assert_eq!(plain, answer.body, "{address}");
            }
        }
        for path in [
            "0000000000000000/loader.js",
            &format!("{}/../../Cargo.toml", bundle.hash),
            &format!("{}/%2e%2e/Cargo.toml", bundle.hash),
            &bundle.hash,
        ] {
            assert_eq!(get(&api, &format!("{prefix}/{path}"), &[]).await.refusal(), json!([404, "not_found", []]), "{path}");
        }
    }
}

#[actix_web::test]
async fn the_loader_is_small_and_asked_for_again_soon() {
    let api = Api::start().await;
    let loader = get(&api, "/widget/v1/loader.js", &[]).await;
    assert_eq!((loader.status, loader.header("cache-control")), (200, "public, max-age=300"));
    assert_eq!(loader.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(loader.header("cross-origin-resource-policy"), "cross-origin");
    assert!(loader.body.len() <= 4096);
    let head = call(&api, "HEAD", "/widget/v1/loader.js", &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(call(&api, "POST", "/widget/v1/loader.js", &[], b"").await.refusal(), json!([405, "method_not_allowed", []]));
}

#[actix_web::test]
async fn the_frame_may_be_shown_where_the_widget_may_be_used() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let path = format!("/widget/v1/frame?apiKey={}", page.api_key);
    let open = get(&api, &path, &[]).await;
    assert_eq!(open.status, 200);
    assert!(open.header("content-security-policy").ends_with("frame-ancestors *"), "{open:?}");
    assert!(open.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
    assert_eq!(open.header("x-frame-options"), "");
    let html = String::from_utf8(open.body).unwrap();
    assert!(html.contains(&format!("/widget/v1/assets/{}/", WIDGET.hash)) && !html.contains("__ASSETS__"), "{html}");
    page.set(json!({"allowed_origins": ["https://northwind.example"]})).await;
    let closed = get(&api, &path, &[]).await;
    assert!(closed.header("content-security-policy").ends_with("frame-ancestors 'self' https://northwind.example"), "{closed:?}");
    assert_eq!(get(&api, "/widget/v1/frame?apiKey=wk_x", &[]).await.refusal(), json!([401, "unauthenticated", []]));
}

#[actix_web::test]
async fn the_console_is_framed_by_nobody_and_the_sample_page_is_there_on_request_only() {
    let api = Api::start().await;
    let console = get(&api, "/", &[]).await;
    assert_eq!((console.status, console.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(console.header("content-security-policy").ends_with("form-action 'self'; frame-ancestors 'none'"), "{console:?}");
    assert!(String::from_utf8(console.body).unwrap().contains(&format!("/console/assets/{}/", CONSOLE.hash)));
    assert_eq!(get(&api, "/demo", &[]).await.refusal(), json!([404, "not_found", []]));
}
