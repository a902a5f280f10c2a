//! Fetching the files that came with messages: each at once when its message came, and again until it is here or given up.
//!
//! Guarantees: a file is on disk before its row says so, and its row says so before its message is told; of several nodes one fetches a file;
//! at most [`AT_ONCE`] are fetched at a time on a node. What was under way in a crash is begun again when its lease is over.
//!
//! Does not: know how a file is fetched ([`ProviderMedia`] and the adapters do), or keep a message waiting for its files.
//!
//! Start reading at [`Fetcher::run`].

use std::{io, time::Duration};

use actix_web::web;
use actors::{
    conversation::{AskError, Command, Rejection},
    port::StoreError,
};
use entities::{AttachmentRef, Provider, Timestamp, attachment::FILE_BYTES_MAX};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    channels::{adapter::Adapter, call::MediaCall, registry},
    delivery::provider_media::{Fetched, MEDIA_DEADLINE, ProviderMedia, Sink},
    http::{
        App,
        attachments::{
            media,
            storage::{self, Draft},
        },
    },
    observe,
    store::{
        read,
        settings::media_fetch::{self, Bytes, Taken},
    },
};

/// How many files a node fetches at a time.
pub const AT_ONCE: usize = 4;
/// How often is looked for what is due, besides when something was wished.
const EVERY: Duration = Duration::from_secs(1);
/// How long a file is this node's: longer than a fetch can take.
const LEASE_MS: i64 = 2 * MEDIA_DEADLINE.as_millis() as i64;
/// How long after each try that failed comes the next; behind the last the file is given up.
const WAITS_MS: [i64; 4] = [10_000, 60_000, 6 * 60_000, 36 * 60_000];
/// Longest reason that is kept.
const WHY_CHARS_MAX: usize = 500;

/// What fetches files.
pub struct Fetcher {
    app: web::Data<App>,
    media: ProviderMedia,
}

/// Why there is no file.
enum Failure {
    /// It may come later.
    Later(String),
    /// It will not come by itself.
    Never(String),
}

impl Fetcher {
    /// One that keeps what it fetches in this server's attachments.
    #[must_use]
    pub fn new(app: web::Data<App>) -> Self {
        let media = ProviderMedia::new(app.providers.clone(), MEDIA_DEADLINE);
        Self { app, media }
    }

    /// Fetches what is due, for ever; dropped, it leaves what is under way to the next one.
    pub async fn run(self) {
        let mut under_way = JoinSet::new();
        loop {
            self.take_up(&mut under_way).await;
            tokio::select! {
                Some(ended) = under_way.join_next() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "the fetch of a file died and will be tried again");
                    }
                }
                () = self.app.files_wished.notified() => {}
                () = sleep(EVERY) => {}
            }
        }
    }

    async fn take_up(&self, under_way: &mut JoinSet<()>) {
        let room = AT_ONCE.saturating_sub(under_way.len()) as u64;
        if room == 0 {
            return;
        }
        let now = self.app.clock.now();
        match media_fetch::take(&self.app.db, now, now.plus_ms(LEASE_MS), room).await {
            Ok(taken) => {
                for taken in taken {
                    let one = One { app: self.app.clone(), media: self.media.clone(), taken };
                    under_way.spawn_local(one.work());
                }
            }
            Err(error) => tracing::warn!(%error, "the files to be fetched could not be read and are looked for again"),
        }
    }
}

/// One file.
struct One {
    app: web::Data<App>,
    media: ProviderMedia,
    taken: Taken,
}

impl One {
    async fn work(self) {
        let file = if self.taken.stored { Ok(self.taken.shown_as.clone()) } else { self.fetch().await };
        let told = match file {
            Ok(file) => self.tell(file).await,
            Err(failure) => Err(failure),
        };
        let (db, id) = (&self.app.db, self.taken.shown_as.id);
        let noted = match told {
            Ok(()) => media_fetch::finish(db, &self.taken).await,
            Err(failure) => {
                let (due_at, why) = self.next(failure);
                tracing::warn!(attachment.id = %id, tenant.id = %self.taken.tenant_id, tries = self.taken.tries, again_at = ?due_at, why, "a file is not here yet");
                media_fetch::put_off(db, &self.taken, due_at, &why).await
            }
        };
        if let Err(error) = noted {
            tracing::warn!(attachment.id = %id, %error, "what became of a file could not be noted; it is looked at again");
        }
    }

    /// When the next try is, if there is one.
    fn next(&self, failure: Failure) -> (Option<Timestamp>, String) {
        let (due_at, why) = match failure {
            Failure::Never(why) => (None, why),
            Failure::Later(why) => {
                let tried = usize::try_from(self.taken.tries).unwrap_or(usize::MAX).saturating_sub(1);
                (WAITS_MS.get(tried).map(|wait| self.app.clock.now().plus_ms(*wait)), why)
            }
        };
        // Some of it may be the provider's words, as long and as odd as it likes; PostgreSQL keeps no NUL.
        (due_at, why.chars().filter(|letter| !letter.is_control()).take(WHY_CHARS_MAX).collect())
    }

    /// Fetches the file and keeps it.
    async fn fetch(&self) -> Result<AttachmentRef, Failure> {
        let taken = &self.taken;
        let (adapter, call) = self.call().await?;
        let unwritten = |error: io::Error| Failure::Later(format!("the file could not be written: {error}"));
        let mut draft = Draft::begin(storage::root(&self.app)).await.map_err(unwritten)?;
        let fetched = self.media.fetch(adapter, &call, &mut draft).await;
        observe::fetched(adapter.provider(), word(&fetched));
        let (mime, sha256) = judged(adapter.provider(), fetched)?;
        let claimed = taken.media.as_ref().and_then(|media| media.sha256.clone());
        let is = hex::encode(draft.sha256());
        if sha256.or(claimed).is_some_and(|claimed| claimed != is) {
            // It may have been changed on purpose (a picture made smaller); what is here is what the provider gives out.
            observe::fetched(adapter.provider(), "other_sha256");
            tracing::warn!(attachment.id = %taken.shown_as.id, tenant.id = %taken.tenant_id, "a file does not have the SHA-256 that its provider told; it is kept");
        }
        let (head, whole) = draft.head();
        let claimed = mime.as_deref().unwrap_or(&taken.shown_as.media_type);
        let media_type = media::sniff(head, whole, Some(claimed)).to_owned();
        let size = draft.size();
        let written = draft.keep().await.map_err(unwritten)?;
        let bytes = Bytes { size, media_type: media_type.clone(), sha256: written.sha256, storage_key: written.storage_key };
        if !media_fetch::store(&self.app.db, taken, &bytes).await.map_err(unnoted)? {
            // Another node was quicker, and its file is the one that the row names; the message is told what that row says.
            storage::forget(&self.app, &bytes.storage_key).await;
            let kept = read::attachment::find(&self.app.db, taken.tenant_id, taken.shown_as.id).await.map_err(unnoted)?;
            return kept.map(|kept| kept.shown_as).ok_or_else(|| Failure::Never("the file's row is gone".to_owned()));
        }
        Ok(AttachmentRef { size, media_type, ..taken.shown_as.clone() })
    }

    /// How the file is fetched, with the secrets of its channel's credential.
    async fn call(&self) -> Result<(&'static dyn Adapter, MediaCall), Failure> {
        let (app, taken) = (&self.app, &self.taken);
        let never = |why: &str| Failure::Never(why.to_owned());
        let media = taken.media.as_ref().ok_or_else(|| never("what was noted of the file cannot be read"))?;
        if media.size.is_some_and(|size| size > FILE_BYTES_MAX) {
            return Err(too_large());
        }
        let channel = read::channel::find(&app.db, taken.tenant_id, taken.channel_id).await.map_err(unnoted)?;
        let id = channel.and_then(|channel| channel.credential_id).ok_or_else(|| never("the channel is no longer connected"))?;
        let opened = read::credential::open(&app.db, &app.keys, taken.tenant_id, entities::CredentialId::new(id)).await.map_err(unnoted)?;
        let opened = opened.ok_or_else(|| never("the channel's credential is gone"))?;
        let adapter = registry::find(opened.provider).ok_or_else(|| never("this server does not speak with the channel's provider"))?;
        let mut credential = opened.credential;
        credential.public_url.clone_from(&app.public_url);
        adapter.media(&credential, media).map(|call| (adapter, call)).map_err(|unsupported| Failure::Never(unsupported.title))
    }

    /// Tells the file's message. One that has not come yet is told later; if it never comes, that ends with the tries.
    async fn tell(&self, file: AttachmentRef) -> Result<(), Failure> {
        let (app, taken) = (&self.app, &self.taken);
        let place = read::provider::find_place(&app.db, taken.tenant_id, taken.channel_id, &taken.provider_id).await.map_err(unnoted)?;
        let Some((conversation_id, seq)) = place else {
            return Err(Failure::Later("the file is here, and its message is not".to_owned()));
        };
        match app.directory.ask(taken.tenant_id, conversation_id, Command::FileFetched { seq, file }).await {
            // A message that is gone needs to know nothing.
            Ok(_) | Err(AskError::Rejected(Rejection::NotFound)) => Ok(()),
            Err(error) => Err(Failure::Later(format!("the file is here, and its message could not be told: {error}"))),
        }
    }
}

impl Sink for Draft {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        Self::write(self, bytes).await
    }
}

/// The type and the SHA-256 that the provider told on the way, of a file that came.
fn judged(provider: Provider, fetched: Fetched) -> Result<(Option<String>, Option<String>), Failure> {
    match fetched {
        Fetched::Whole { mime, sha256, .. } => Ok((mime, sha256)),
        Fetched::Again { why } => Err(Failure::Later(why)),
        // A token may be replaced, and then it works.
        Fetched::Unauthorised { why } => Err(Failure::Later(format!("{} does not take the token: {why}", provider.as_str()))),
        Fetched::Gone { why } => Err(Failure::Never(why)),
        Fetched::TooLarge => Err(too_large()),
    }
}

fn too_large() -> Failure {
    Failure::Never(format!("the file is larger than {} MB", FILE_BYTES_MAX / (1024 * 1024)))
}

fn unnoted(error: StoreError) -> Failure {
    Failure::Later(error.to_string())
}

/// What came of a fetch, for the counters.
const fn word(fetched: &Fetched) -> &'static str {
    match fetched {
        Fetched::Whole { .. } => "fetched",
        Fetched::Again { .. } => "again",
        Fetched::Unauthorised { .. } => "unauthorised",
        Fetched::Gone { .. } => "gone",
        Fetched::TooLarge => "too_large",
    }
}
