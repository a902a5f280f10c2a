//! Asking providers for what they do not tell by themselves: who a contact is, what came while nobody listened, who
//! wants no messages.
//!
//! Guarantees: nothing that comes in waits for it: what is to be asked is noted, and asked behind the answer to the provider. Of several nodes one
//! asks. What is learnt is taken in as a notification would be, so that a repeat changes nothing; a provider that does not answer changes
//! nothing either, and is asked again.
//!
//! Start reading at [`Asker::round`].

use std::{collections::HashMap, time::Duration};

use actix_web::web;
use actors::port::StoreError;
use entities::{Address, AddressKind, ChannelId, ChannelKind, CredentialId, ProviderError, SendOutcome, Timestamp};
use tokio::time::sleep;

use super::{contact, rooms, take::Line};
use crate::{
    channels::{
        adapter::Adapter,
        call::{ProviderCall, ProviderReply},
        credential::Credential,
        registry,
    },
    delivery::provider_body::NoFiles,
    http::App,
    store::{
        read,
        settings::inquiry::{self, Question, Taken},
    },
};

/// How often is looked for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// So many looks apart it is looked for channels that nobody has thought of.
const ADOPT_EVERY: u32 = 30;
/// Inquiries that are answered before it is looked again.
const AT_ONCE: u64 = 8;
/// How long an inquiry is this node's. A node that dies leaves it to others then; where many pages take longer, two ask, which changes nothing.
const LEASE_MS: i64 = 5 * 60_000;
/// How long after each try that failed comes the next; behind the last a contact is asked for again when they write.
const WAITS_MS: [i64; 3] = [10_000, 60_000, 6 * 60_000];
/// How often it is asked what was missed, and how soon again after a failure.
pub(super) const MISSED_EVERY_MS: i64 = 10 * 60_000;
/// How often a provider's list of who does not want to be written to is read, and how soon again after a failure.
const OPT_OUTS_EVERY_MS: i64 = 24 * 60 * 60_000;
const OPT_OUTS_AGAIN_MS: i64 = 60 * 60_000;
/// What is younger may still come by itself, with its files, which lists do not have.
pub(super) const ON_THE_WAY_MS: i64 = 5 * 60_000;
/// How far back is asked at most, and how much of what was asked for before is asked for again.
pub(super) const BACK_MS_MAX: i64 = 7 * 24 * 60 * 60_000;
/// Most pages of one list.
const PAGES_MAX: usize = 100;
/// Longest reason that is kept.
const WHY_CHARS_MAX: usize = 500;

/// What asks.
pub struct Asker {
    app: web::Data<App>,
}

/// Why there is no answer.
pub(super) enum Failure {
    /// There may be one later.
    Later(String),
    /// There is one in so many milliseconds: the provider has said so.
    In(u64, String),
    /// There is none to this question.
    Never(String),
    /// There is nobody to ask.
    Nobody,
}

/// Notes that it is to be asked who a contact is. If it cannot be noted, the contact's next message is another occasion.
pub async fn wonder(line: &Line<'_>, address: &Address) {
    let (app, of) = (line.app, (line.tenant_id, line.channel_id));
    let subject = super::take::thread_key(address);
    if let Err(error) = inquiry::wish(&app.db, of, Question::Profile, &subject, app.clock.now()).await {
        tracing::warn!(%error, channel.id = %line.channel_id, "it could not be noted that a contact has no name yet");
    }
}

impl Asker {
    /// One that asks for this server.
    #[must_use]
    pub const fn new(app: web::Data<App>) -> Self {
        Self { app }
    }

    /// Asks what is due, for ever; dropped, it leaves what is under way to the next one.
    pub async fn run(self) {
        if let Err(error) = inquiry::hasten(&self.app.db, self.app.clock.now()).await {
            tracing::warn!(%error, "what was missed while this server was away is asked for a little later");
        }
        let mut looks: u32 = 0;
        loop {
            let now = self.app.clock.now();
            if looks.is_multiple_of(ADOPT_EVERY) {
                self.adopt(now).await;
            }
            if let Err(error) = self.round(now).await {
                tracing::warn!(%error, "what is to be asked could not be read and is looked for again");
            }
            looks = looks.wrapping_add(1);
            sleep(EVERY).await;
        }
    }

    /// Looks after channels that are new.
    pub async fn adopt(&self, now: Timestamp) {
        for kind in [ChannelKind::Sms, ChannelKind::Dialpad] {
            self.adopt_those_of(kind, None, now).await;
        }
        // What was said in a room before the bot came is not ours: from here on it is known who came when.
        self.adopt_those_of(ChannelKind::Slack, Some(now.plus_ms(-MISSED_EVERY_MS)), now).await;
        if let Err(error) = inquiry::ask_all(&self.app.db, (ChannelKind::Dialpad, Question::OptOuts), None, now).await {
            tracing::warn!(%error, "it could not be noted that new channels have a list of who wants no messages");
        }
    }

    async fn adopt_those_of(&self, kind: ChannelKind, since: Option<Timestamp>, now: Timestamp) {
        if let Err(error) = inquiry::adopt(&self.app.db, kind, since, now).await {
            tracing::warn!(%error, %kind, "it could not be noted that new channels may miss something");
        }
    }

    /// Asks once what is due; how many questions that were.
    ///
    /// # Errors
    /// [`StoreError`]: what is left is asked for at the next round.
    pub async fn round(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut asked = 0;
        // Where the provider said that we shall wait: the limit is the channel's and not a room's.
        let mut held: HashMap<ChannelId, Timestamp> = HashMap::new();
        for taken in inquiry::take(&self.app.db, now, now.plus_ms(LEASE_MS), AT_ONCE).await? {
            asked += 1;
            let channel_id = taken.channel_id;
            if let Some(until) = held.get(&channel_id).filter(|_| taken.question == Some(Question::Missed)) {
                inquiry::turn_page(&self.app.db, &taken, taken.page.as_deref(), *until).await?;
                continue;
            }
            if let Some(until) = (One { app: &self.app, taken, now }).work().await? {
                held.insert(channel_id, until);
            }
        }
        Ok(asked)
    }
}

/// One question.
pub(super) struct One<'a> {
    pub(super) app: &'a App,
    pub(super) taken: Taken,
    pub(super) now: Timestamp,
}

/// The way to a channel's provider.
pub(super) struct Way<'a> {
    pub(super) line: Line<'a>,
    /// Our account there.
    pub(super) account: String,
    /// Who speaks with it,
    pub(super) adapter: &'static dyn Adapter,
    /// and with which secrets.
    pub(super) credential: Credential,
    /// When the channel was made.
    pub(super) made_at: Timestamp,
}

impl One<'_> {
    /// Asks, and notes what came of it; until when the channel's provider is not to be asked, if it said so.
    async fn work(self) -> Result<Option<Timestamp>, StoreError> {
        if self.taken.question == Some(Question::Missed)
            && let Ok(way) = self.way().await
            && let Some(histories) = way.adapter.histories()
        {
            return rooms::Room { one: &self, way, histories }.work().await;
        }
        self.answer().await.map(|()| None)
    }

    async fn answer(&self) -> Result<(), StoreError> {
        let (db, taken) = (&self.app.db, &self.taken);
        let answered = match taken.question {
            Some(Question::Profile) => self.profile().await.map(|()| None),
            Some(Question::Missed) => self.missed().await.map(Some),
            Some(Question::OptOuts) => self.opt_outs().await.map(Some),
            None => Err(Failure::Never("this version does not know the question".to_owned())),
        };
        // How soon it is asked again what is asked for ever: after an answer, and after a failure.
        let (next, again) = match taken.question {
            Some(Question::OptOuts) => (OPT_OUTS_EVERY_MS, Some(OPT_OUTS_AGAIN_MS)),
            Some(Question::Missed) => (MISSED_EVERY_MS, Some(MISSED_EVERY_MS)),
            Some(Question::Profile) | None => (MISSED_EVERY_MS, None),
        };
        let (due_at, why) = match (answered, again) {
            (Ok(None) | Err(Failure::Nobody), _) => return inquiry::finish(db, taken).await,
            (Ok(Some(since)), _) => return inquiry::go_on(db, taken, since, self.now.plus_ms(next)).await,
            (Err(Failure::Later(why) | Failure::In(_, why) | Failure::Never(why)), Some(again)) => (Some(self.now.plus_ms(again)), why),
            (Err(Failure::Never(why)), None) => (None, why),
            (Err(Failure::Later(why) | Failure::In(_, why)), None) => {
                let tried = usize::try_from(taken.tries).unwrap_or(usize::MAX).saturating_sub(1);
                (WAITS_MS.get(tried).map(|wait| self.now.plus_ms(*wait)), why)
            }
        };
        tracing::info!(channel.id = %taken.channel_id, tries = taken.tries, again_at = ?due_at, why, "a provider did not say what it was asked");
        inquiry::put_off(db, taken, due_at, &said(&why)).await
    }

    async fn way(&self) -> Result<Way<'_>, Failure> {
        let (app, taken) = (self.app, &self.taken);
        let channel = read::channel::find(&app.db, taken.tenant_id, taken.channel_id).await.map_err(unread)?.ok_or(Failure::Nobody)?;
        let credential_id = channel.credential_id.ok_or(Failure::Nobody)?;
        let opened = read::credential::open(&app.db, &app.keys, taken.tenant_id, CredentialId::new(credential_id)).await.map_err(unread)?;
        let opened = opened.ok_or(Failure::Nobody)?;
        let adapter = registry::find(opened.provider).ok_or(Failure::Nobody)?;
        let mut credential = opened.credential;
        credential.public_url.clone_from(&app.public_url);
        let line = Line { app, tenant_id: taken.tenant_id, channel_id: taken.channel_id, kind: channel.kind };
        Ok(Way { line, account: channel.address.unwrap_or_default(), adapter, credential, made_at: channel.created_at })
    }

    async fn profile(&self) -> Result<(), Failure> {
        let Way { line, adapter, credential, .. } = self.way().await?;
        let address = address_of(&self.taken.subject).ok_or(Failure::Nobody)?;
        let call = adapter.profile(&credential, &address).ok_or(Failure::Nobody)?;
        let later = |why: String| Failure::Later(why);
        let Some(contact_id) = contact::nameless(&line, &address).await.map_err(later)? else { return Ok(()) };
        let reply = self.ask(adapter, &call).await?;
        let party = adapter.judge_profile(&address, &reply).ok_or_else(|| Failure::Never("the provider tells no name".to_owned()))?;
        contact::learn(&line, contact_id, &party.also, party.name.as_deref()).await.map_err(later)
    }

    /// Takes in what the provider lists and we do not have; up to when that is everything.
    async fn missed(&self) -> Result<Timestamp, Failure> {
        let Way { line, account, adapter, credential, made_at } = self.way().await?;
        let earliest = made_at.max(self.now.plus_ms(-BACK_MS_MAX));
        let since = self.taken.since.map_or(earliest, |since| since.max(earliest));
        let until = self.now.plus_ms(-ON_THE_WAY_MS);
        let mut next = adapter.missed(&credential, &account, since);
        for _page in 0..PAGES_MAX {
            let Some(call) = next.take() else { return Ok(until.max(since)) };
            let reply = self.ask(adapter, &call).await?;
            let missed = adapter.read_missed(&credential, &account, since, &reply);
            for item in missed.items {
                if item.at.is_some_and(|at| at >= earliest && at < until) {
                    line.take(item).await.map_err(Failure::Later)?;
                }
            }
            next = missed.next;
        }
        Err(Failure::Later("the provider's list has no end".to_owned()))
    }

    /// Takes in who does not want to be written to, or wants to again, by the provider's own list; when it was read.
    async fn opt_outs(&self) -> Result<Timestamp, Failure> {
        let Way { line, account, adapter, credential, .. } = self.way().await?;
        let mut next = Some(adapter.opt_outs(&credential).ok_or(Failure::Nobody)?);
        for _page in 0..PAGES_MAX {
            let Some(call) = next.take() else { return Ok(self.now) };
            let reply = self.ask(adapter, &call).await?;
            let read = adapter.read_opt_outs(&credential, &account, &call, &reply).map_err(|unreadable| Failure::Never(unreadable.0))?;
            for item in read.items {
                line.take(item).await.map_err(Failure::Later)?;
            }
            next = read.next;
        }
        Err(Failure::Later("the provider's list has no end".to_owned()))
    }

    pub(super) async fn ask(&self, adapter: &dyn Adapter, call: &ProviderCall) -> Result<ProviderReply, Failure> {
        let reply = self.app.providers.call(adapter.provider(), call, &NoFiles).await;
        let words = |error: ProviderError| error.to_string();
        match adapter.classify(call, &reply) {
            SendOutcome::Accepted { .. } => Ok(reply),
            SendOutcome::Retry { error, after_ms: Some(after_ms), .. } => Err(Failure::In(after_ms, words(error))),
            SendOutcome::Retry { error, .. } | SendOutcome::Unknown { error } => Err(Failure::Later(words(error))),
            SendOutcome::Refused { error, .. } | SendOutcome::Halted { error, .. } => Err(Failure::Never(words(error))),
        }
    }
}

/// A reason as it is kept.
pub(super) fn said(why: &str) -> String {
    why.chars().filter(|letter| !letter.is_control()).take(WHY_CHARS_MAX).collect()
}

fn unread(error: StoreError) -> Failure {
    Failure::Later(error.to_string())
}

/// The address that an inquiry's subject names.
fn address_of(subject: &str) -> Option<Address> {
    let (kind, value) = subject.split_once(':')?;
    Some(Address { kind: AddressKind::parse(kind)?, value: value.to_owned() })
}
