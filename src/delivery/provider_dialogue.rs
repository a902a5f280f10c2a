//! Going through a dialogue with a provider: some calls, each depending on the answer before.
//!
//! Guarantees: at most [`TURNS_MAX`] calls (of an errand, [`setup::TURNS_MAX`]), and none is begun later than [`DEADLINE`] after the first; a call that is not to be repeated is made
//! once. Does not: know what is asked (the adapter does), or keep what was granted.

use std::time::Duration;

use entities::{Provider, ProviderError};
use tokio::time::Instant;

use super::{provider_body::NoFiles, provider_http::ProviderHttp};
use crate::channels::{
    call::{ProviderCall, ProviderReply},
    oauth::{Dialogue, Failed, Grant, TURNS_MAX, Turn},
    setup::{self, Errand},
};

/// How long after its beginning a dialogue goes on; its last call has its own limit behind that.
pub const DEADLINE: Duration = Duration::from_secs(45);

/// Asks until the dialogue has what it wants.
///
/// # Errors
/// [`Failed`] as the dialogue says it, or if it takes too long.
pub async fn follow(http: &ProviderHttp, provider: Provider, mut dialogue: Box<dyn Dialogue>) -> Result<Vec<Grant>, Failed> {
    let until = Instant::now() + DEADLINE;
    let mut reply = None;
    for _turn in 0..TURNS_MAX {
        match dialogue.turn(reply.as_ref())? {
            Turn::Done(granted) => return Ok(granted),
            Turn::Ask(_) if Instant::now() > until => break,
            Turn::Ask(call) => reply = Some(http.call(provider, &call, &NoFiles).await),
        }
    }
    Err(Failed { error: ProviderError::new("slow", "the provider took too long to answer: begin again"), passing: true })
}

/// Asks until the errand has nothing left to do.
///
/// # Errors
/// [`Failed`] as the errand says it, or if it takes too long.
pub async fn run(http: &ProviderHttp, provider: Provider, mut errand: Box<dyn Errand>) -> Result<(), Failed> {
    let until = Instant::now() + DEADLINE;
    let mut reply = None;
    for _turn in 0..setup::TURNS_MAX {
        match errand.turn(reply.as_ref())? {
            None => return Ok(()),
            Some(_) if Instant::now() > until => break,
            Some(call) => reply = Some(http.call(provider, &call, &NoFiles).await),
        }
    }
    Err(Failed { error: ProviderError::new("slow", "the provider took too long to answer: connect it again"), passing: true })
}

/// Makes one call of a consent.
pub async fn ask(http: &ProviderHttp, provider: Provider, call: &ProviderCall) -> ProviderReply {
    http.call(provider, call, &NoFiles).await
}
