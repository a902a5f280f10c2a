//! Who may import whom. Each rule says where the thing belongs instead.

use super::sources;

/// Below this folder (`in_`), no line may use these; the sentence says why. Files that are the exception are named.
struct Rule {
    in_: &'static [&'static str],
    not: &'static [&'static str],
    but: &'static [&'static str],
    sentence: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        in_: &["entities/src"],
        not: &["actors::", "switchboard::", "actix", "sqlx::", "tokio::"],
        but: &[],
        sentence: "the nouns know nobody: what uses them lives in actors or src",
    },
    Rule {
        in_: &["entities/src"],
        not: &["sea_orm::"],
        but: &["entities/src/table/"],
        sentence: "SeaORM models are in entities/src/table alone",
    },
    Rule {
        in_: &["migration/src"],
        not: &["entities::", "actors::", "switchboard::"],
        but: &[],
        sentence: "a migration names tables by text, so that it means the same for ever",
    },
    Rule {
        in_: &["actors/src"],
        not: &["actix_web", "sea_orm", "sqlx", "rusqlite", "std::env", "std::fs", "entities::table"],
        but: &[],
        sentence: "actors reach the world through actors::port; the implementation belongs in src",
    },
    Rule {
        in_: &["src"],
        not: &["sea_orm::", "sqlx::", "rusqlite::", "entities::table", "table::"],
        but: &["src/store/"],
        sentence: "SQL and the tables are src/store's alone: add a function to src/store/read or src/store/settings",
    },
    Rule { in_: &["src"], not: &["actix_web_actors::"], but: &["src/ws/"], sentence: "actix-web-actors is confined to src/ws" },
    Rule {
        in_: &["src"],
        not: &["awc::", "reqwest::", "hyper::", "actix_tls::", "tokio::net::lookup_host"],
        but: &["src/delivery/", "src/simulate/signed_sender.rs"],
        sentence: "only src/delivery opens outbound connections; a simulator notifies the server that it was started for",
    },
    Rule {
        in_: &["src/simulate"],
        not: &[
            "crate::channels",
            "crate::delivery",
            "crate::http",
            "crate::store",
            "crate::compose",
            "crate::cli",
            "entities::",
            "actors::",
        ],
        but: &[],
        sentence: "a simulator speaks its provider's wire from the documents alone: shared code would share its errors",
    },
    Rule {
        in_: &["src"],
        not: &["tokio_rustls::"],
        but: &["src/delivery/", "src/loadtest/webhooks/"],
        sentence: "only src/delivery opens outbound connections; the load tool's receiver takes those of the server it measures",
    },
    Rule {
        in_: &["src"],
        not: &["TcpStream::connect"],
        but: &["src/delivery/", "src/loadtest/"],
        sentence: "only src/delivery opens outbound connections; src/loadtest connects to the server it measures",
    },
    Rule {
        in_: &["src/delivery"],
        not: &["crate::store", "crate::http", "crate::ws", "crate::compose", "crate::cli", "actors::runtime"],
        but: &[],
        sentence: "delivery is input and output alone: hand it values, and decide on what it answers elsewhere",
    },
    Rule {
        in_: &["src/store"],
        not: &["crate::http", "crate::ws", "crate::compose", "crate::cli"],
        but: &[],
        sentence: "the store is below HTTP and sockets: hand it values, not requests",
    },
    Rule {
        in_: &["src/crypto"],
        not: &["crate::http", "crate::ws", "crate::store", "crate::compose", "crate::cli"],
        but: &[],
        sentence: "crypto knows secrets and nobody who has them",
    },
    Rule {
        in_: &["src/http", "src/ws"],
        not: &["crate::compose", "crate::cli"],
        but: &[],
        sentence: "composition knows the parts, not the parts composition",
    },
    Rule { in_: &["src"], not: &["maxminddb::"], but: &["src/geoip.rs"], sentence: "only src/geoip.rs reads MMDB files" },
    Rule { in_: &["src"], not: &["actors::testing"], but: &[], sentence: "actors::testing is for tests and benches" },
];

#[test]
fn everybody_imports_only_what_is_below() {
    let mut broken = Vec::new();
    for rule in RULES {
        for (path, text) in sources(rule.in_) {
            if rule.but.iter().any(|exception| path.starts_with(exception)) {
                continue;
            }
            for (number, line) in super::without_tests(&text).lines().enumerate() {
                let code = line.trim_start();
                let uses = !code.starts_with("//") && rule.not.iter().any(|name| mentions(code, name));
                if uses {
                    broken.push(format!("{path}:{}: {} ({})", number + 1, code, rule.sentence));
                }
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// Whether the line names the path, and not a longer one that ends like it.
fn mentions(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}
