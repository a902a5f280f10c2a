//! Service accounts and their tokens: how programs use the API.
//!
//! Guarantees: a token's text is shown once, when it is made or rotated, and kept as a hash; nobody hands out a permission that they do
//! not have; a revoked token is refused from the next request on.

mod accounts;
mod create;
mod list;
mod revoke;
mod rotate;
pub mod wire;

use entities::{Permission, TokenId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    access::Caller,
    problem::{Answer, Code, Problem},
};
use crate::store::read::service_token::Token;

/// How many of a token's last characters are kept for people to tell it by.
const HINT_CHARS: usize = 4;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_tokens)
        .service(create::create_token)
        .service(rotate::rotate_token)
        .service(revoke::revoke_token)
        .service(accounts::list_service_accounts);
}

/// Which token a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct TokenPath {
    token_id: TokenId,
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("no such token")
}

/// Answers 403 if one of the scopes is not the caller's own.
fn require_own(caller: &Caller, scopes: &[Permission]) -> Answer<()> {
    match scopes.iter().find(|scope| !caller.may(**scope)) {
        Some(scope) => Err(Problem::new(Code::Forbidden).detail(format!("you cannot hand out {scope}, which you do not have"))),
        None => Ok(()),
    }
}

/// The last characters of a token.
fn hint(token: &str) -> String {
    let skip = token.chars().count().saturating_sub(HINT_CHARS);
    token.chars().skip(skip).collect()
}

fn wire(token: Token) -> wire::Token {
    wire::Token {
        id: token.id,
        service_account_id: token.service_account_id,
        name: token.name,
        hint: token.hint,
        scopes: token.scopes,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
        previous_until: token.previous_until,
        last_used_at: token.last_used_at,
        version: token.version,
        created_at: token.created_at,
    }
}
