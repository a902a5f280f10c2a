//! The simulator itself, shared by its HTTP server, its sender and whoever started it.
//!
//! Guarantees: the world changes under one lock, never held while waiting; every change wakes those who wait for one.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::web::Bytes;
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

use super::{
    Pace,
    faults::When,
    provider::{Act, Notice, Provider, Refused, To, Travel},
    signed_sender,
    wire_log::Delivery,
    world::{Customer, File, Message, Phone, Side, Status, World},
};

/// Notifications that wait to be sent.
pub const QUEUE_MAX: usize = 2_000;

/// A running simulator's inside.
pub struct Simulator {
    /// The provider that it plays.
    pub provider: Arc<dyn Provider>,
    /// How quickly things happen.
    pub pace: Pace,
    /// `http://HOST:PORT` where Switchboard listens.
    target: String,
    /// Scheme and host under which the provider knows Switchboard.
    public_url: String,
    world: Mutex<World>,
    version: watch::Sender<u64>,
    queue: mpsc::Sender<Notice>,
}

impl Simulator {
    /// From its parts.
    pub fn new(
        provider: Arc<dyn Provider>,
        pace: Pace,
        target: String,
        public_url: String,
        world: World,
        queue: mpsc::Sender<Notice>,
    ) -> Self {
        Self { provider, pace, target, public_url, world: Mutex::new(world), version: watch::Sender::new(1), queue }
    }

    /// Looks at the world.
    pub fn look<T>(&self, at: impl FnOnce(&World) -> T) -> T {
        at(&self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the world, and wakes those who wait for that.
    pub fn change<T>(&self, by: impl FnOnce(&mut World) -> T) -> T {
        let answer = by(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner));
        self.version.send_modify(|version| *version += 1);
        answer
    }

    /// Rises with every change.
    pub fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Waits until the world is as wanted, and answers with what was found in it.
    pub async fn until<T>(&self, mut wanted: impl FnMut(&World) -> Option<T>) -> T {
        let mut versions = self.versions();
        loop {
            versions.borrow_and_update();
            if let Some(found) = self.look(&mut wanted) {
                return found;
            }
            if versions.changed().await.is_err() {
                // The sender is in `self`, which outlives this; were it gone, nothing would change any more.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Changes the world, and tells of it: from the moment of the change its notifications are [`pending`](World::pending).
    /// What finds no room is noted as lost.
    pub fn change_and_tell<T>(self: &Arc<Self>, by: impl FnOnce(&mut World) -> (T, Vec<Notice>)) -> T {
        let (answer, notices) = self.change(|world| {
            let (answer, notices) = by(world);
            world.pending += notices.len();
            (answer, notices)
        });
        for notice in notices {
            let wait = self.pace.tick * notice.after;
            if wait.is_zero() {
                self.queue_up(notice);
            } else {
                let sim = Arc::clone(self);
                drop(actix_web::rt::spawn(async move {
                    sleep(wait).await;
                    sim.queue_up(notice);
                }));
            }
        }
        answer
    }

    fn queue_up(&self, notice: Notice) {
        let Err(full) = self.queue.try_send(notice) else { return };
        self.change(|world| {
            world.pending = world.pending.saturating_sub(1);
            let notice = full.into_inner();
            let delivery = Delivery {
                attempt: 1,
                at_ms: world.now_ms(),
                about: notice.about,
                url: String::new(),
                status: None,
                answer: "not sent: too many notifications are waiting".to_owned(),
                took_ms: 0,
                body: String::new(),
                again_in_ms: None,
            };
            world.log_delivery(delivery);
        });
    }

    /// Waits until every notification was tried once.
    pub async fn flushed(&self) {
        self.until(|world| (world.pending == 0).then_some(())).await;
    }

    /// The address that a notification is for, as the provider knows it.
    pub fn url_of(&self, to: &To) -> String {
        match to {
            To::Hook(suffix) => self.look(|world| format!("{}{suffix}", world.hook_url)),
            To::Url(url) => url.clone(),
        }
    }

    /// Where to connect for an address: the target in place of the public scheme and host.
    pub fn reachable(&self, url: &str) -> String {
        match url.strip_prefix(&self.public_url) {
            Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']) => format!("{}{rest}", self.target),
            _ => url.to_owned(),
        }
    }

    /// Somebody new.
    ///
    /// # Errors
    /// [`Refused::Full`] where there are too many, or that address is somebody's.
    pub fn add_customer(&self, name: &str, address: Option<&str>) -> Result<Customer, Refused> {
        self.change(|world| {
            let customer = self.provider.customer(world, name, address);
            let added = world.add_customer(customer.clone());
            if added { Ok(customer) } else { Err(Refused::Full) }
        })
    }

    /// The customer does something; answers with the id of what was said, if anything was.
    ///
    /// # Errors
    /// [`Refused`] if it cannot be done.
    pub fn act(self: &Arc<Self>, customer: &str, act: &Act) -> Result<Option<String>, Refused> {
        self.change_and_tell(|world| {
            if world.customer(customer).is_none() {
                return (Err(Refused::NoCustomer(customer.to_owned())), Vec::new());
            }
            match self.provider.act(world, customer, act) {
                Ok(acted) => (Ok(acted.message_id), acted.notices),
                Err(refused) => (Err(refused), Vec::new()),
            }
        })
    }

    /// Keeps a file that a customer may send; answers with its id.
    pub fn add_file(&self, mime: &str, name: &str, bytes: Bytes) -> String {
        self.change(|world| {
            let id = world.next_id().to_string();
            world.add_file(File { id: id.clone(), mime: mime.to_owned(), name: name.to_owned(), bytes });
            id
        })
    }

    /// Brings a message of the business to a status and tells the business. A status that is not further is left out unless it is forced.
    pub fn advance(self: &Arc<Self>, customer: &str, id: &str, status: Status, code: Option<&str>, forced: bool) {
        self.change_and_tell(|world| {
            let Some(message) = world.customer_mut(customer).and_then(|customer| customer.message_mut(id)) else { return ((), Vec::new()) };
            if message.status >= status && !forced {
                return ((), Vec::new());
            }
            message.status = message.status.max(status);
            message.error = code.map(str::to_owned).or_else(|| message.error.take());
            let message = message.clone();
            ((), self.provider.receipt(world, customer, &message, status, code))
        });
    }

    /// What the phone does with a message that was taken: sent, delivered, read, as far as its state goes.
    pub async fn travel(self: &Arc<Self>, travel: Travel) {
        let Travel { customer, id, fails } = travel;
        self.wait().await;
        let unfetched = self.fetch_files(&customer, &id).await.err();
        if let Some(code) = fails.or(unfetched).or_else(|| self.change(|world| world.take_injected(When::Status))) {
            return self.advance(&customer, &id, Status::Failed, Some(&code), false);
        }
        self.advance(&customer, &id, Status::Sent, None, false);
        self.wait().await;
        let phone = || self.look(|world| world.customer(&customer).map_or(Phone::Off, |customer| customer.phone));
        if phone() == Phone::Off {
            return;
        }
        self.advance(&customer, &id, Status::Delivered, None, false);
        self.wait().await;
        if phone() == Phone::Reading && self.provider.profile().can.read {
            self.advance(&customer, &id, Status::Read, None, false);
        }
    }

    /// Fetches the files of a message that lie at plain HTTP addresses (there is no TLS here: others are only shown by their address).
    ///
    /// # Errors
    /// The code with which the message fails.
    async fn fetch_files(&self, customer: &str, id: &str) -> Result<(), String> {
        let links: Vec<String> = self.look(|world| {
            let message = world.customer(customer).and_then(|customer| customer.message(id));
            let links = message.into_iter().flat_map(|message| message.files.iter().filter_map(|file| file.link.clone()));
            links.filter(|link| link.starts_with("http://")).collect()
        });
        for link in links {
            let fetched = signed_sender::fetch(self, &link).await;
            let (mime, bytes) = fetched.map_err(|_why| self.provider.profile().unfetched.to_owned())?;
            let name = link.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
            let file_id = self.add_file(&mime, &name, bytes);
            self.change(|world| {
                let message = world.customer_mut(customer).and_then(|customer| customer.message_mut(id));
                if let Some(file) = message.and_then(|message| message.files.iter_mut().find(|file| file.link.as_deref() == Some(&link))) {
                    (file.mime, file.file_id) = (mime, Some(file_id));
                }
            });
        }
        Ok(())
    }

    async fn wait(&self) {
        if !self.pace.tick.is_zero() {
            sleep(self.pace.tick).await;
        }
    }

    /// The phone is taken out, put away or switched off; what waited for that is delivered or read.
    ///
    /// # Errors
    /// [`Refused::NoCustomer`].
    pub fn set_phone(self: &Arc<Self>, customer: &str, phone: Phone) -> Result<(), Refused> {
        let waiting: Vec<String> = self.change(|world| {
            let customer = world.customer_mut(customer).ok_or_else(|| Refused::NoCustomer(customer.to_owned()))?;
            customer.phone = phone;
            let waits = |message: &&Message| message.from == Side::Business && (Status::Sent..Status::Read).contains(&message.status);
            Ok(customer.messages.iter().filter(waits).map(|message| message.id.clone()).collect())
        })?;
        for id in waiting {
            if phone != Phone::Off {
                self.advance(customer, &id, Status::Delivered, None, false);
            }
            if phone == Phone::Reading && self.provider.profile().can.read {
                self.advance(customer, &id, Status::Read, None, false);
            }
        }
        Ok(())
    }
}
