//! A simulator and the stand-in that it notifies.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use serde_json::{Value, json};
use switchboard::simulate::{self, Pace, Running, Simulated, SimulatorOptions, faults::Switch, provider::Act, simulator::Simulator};
use tokio::sync::{Mutex as AsyncMutex, mpsc};

/// What the clock shows at the beginning: 2025-10-09T08:53:20Z, in milliseconds.
pub const BEGINNING_MS: i64 = 1_760_000_000_000;
/// Nothing in these tests takes so long; what does will never come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request that the stand-in heard.
#[derive(Debug, Clone)]
pub struct Heard {
    pub method: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Bytes,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    pub fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[derive(Clone)]
struct Ear {
    heard: mpsc::Sender<Heard>,
    /// Statuses of the next answers; 200 when there are none left.
    answers: Arc<Mutex<VecDeque<u16>>>,
}

async fn hear(ear: Data<Ear>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let heard = Heard { method: request.method().to_string(), url: request.uri().to_string(), headers: headers.collect(), body };
    let challenge = url::form_urlencoded::parse(request.query_string().as_bytes()).find(|(name, _)| name == "hub.challenge");
    let said = serde_json::from_slice::<Value>(&heard.body).ok().and_then(|body| Some(body.get("challenge")?.as_str()?.to_owned()));
    let echoed = challenge.map(|(_, challenge)| challenge.into_owned()).or(said).unwrap_or_default();
    // Redelivery may outlast the test that would listen.
    drop(ear.heard.send(heard).await);
    let status = ear.answers.lock().unwrap().pop_front().unwrap_or(200);
    if request.path().starts_with("/files/") {
        return HttpResponse::build(StatusCode::from_u16(status).unwrap()).content_type("image/png").body("a picture");
    }
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).body(echoed)
}

/// A simulator, its clock, and its listener.
pub struct Stage {
    pub running: Running,
    pub now_ms: Arc<AtomicI64>,
    heard: AsyncMutex<mpsc::Receiver<Heard>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
    target: ServerHandle,
    pub client: awc::Client,
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.target.stop(false));
    }
}

impl Stage {
    pub async fn new(provider: Simulated) -> Self {
        Self::with(provider, &[]).await
    }

    /// With other credentials than the usual ones.
    pub async fn with(provider: Simulated, credentials: &[(&str, &str)]) -> Self {
        let (sender, heard) = mpsc::channel(5_000);
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let ear = Data::new(Ear { heard: sender, answers: Arc::clone(&answers) });
        let server = HttpServer::new(move || App::new().app_data(ear.clone()).default_service(web::to(hear)));
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let target = server.handle();
        actix_web::rt::spawn(server);
        let now_ms = Arc::new(AtomicI64::new(BEGINNING_MS));
        let clock = Arc::clone(&now_ms);
        let mut options = SimulatorOptions::new(provider, &url, Arc::new(move || clock.load(Ordering::SeqCst)));
        options.pace = Pace::AT_ONCE;
        options.credentials = credentials.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let running = simulate::start(options).unwrap();
        let client = awc::ClientBuilder::new().timeout(PATIENCE).disable_redirects().finish();
        Self { running, now_ms, heard: AsyncMutex::new(heard), answers, target, client }
    }

    pub fn sim(&self) -> &Arc<Simulator> {
        self.running.simulator()
    }

    /// The key of the customer who is there from the beginning.
    pub fn dana(&self) -> String {
        self.sim().look(|world| world.customers[0].key.clone())
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }

    pub fn switch(&self, switch: Switch, on: bool) {
        self.sim().change(|world| if on { world.switches.insert(switch) } else { world.switches.remove(&switch) });
    }

    /// The statuses with which the stand-in answers next.
    pub fn answer_next(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// The next request that the stand-in hears.
    pub async fn heard(&self) -> Heard {
        let next = tokio::time::timeout(PATIENCE, async { self.heard.lock().await.recv().await });
        next.await.expect("nothing was heard").unwrap()
    }

    /// What the stand-in has heard and nobody has asked for yet, once every notification was tried.
    pub async fn rest(&self) -> Vec<Heard> {
        self.sim().flushed().await;
        let mut heard = self.heard.lock().await;
        std::iter::from_fn(|| heard.try_recv().ok()).collect()
    }

    /// The customer who is there from the beginning writes.
    pub async fn writes(&self, text: &str) -> (String, Heard) {
        let act = Act::Write { text: text.to_owned(), file_id: None, reply_to: None };
        let id = self.sim().act(&self.dana(), &act).unwrap().unwrap();
        (id, self.heard().await)
    }

    /// A customer's act by its JSON, through the control API.
    pub async fn acts(&self, act: Value) -> Value {
        let path = format!("/simulator/customers/{}/acts", self.dana());
        let (status, answer) = self.call("POST", &path, None, &act).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// A call with a JSON body; the answer's status and JSON.
    pub async fn call(&self, method: &str, path: &str, bearer: Option<&str>, body: &Value) -> (u16, Value) {
        let mut request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.running.url));
        if let Some(bearer) = bearer {
            request = request.insert_header(("authorization", format!("Bearer {bearer}")));
        }
        let mut response = if body.is_null() { request.send().await } else { request.send_json(body).await }.expect("an answer");
        let bytes = response.body().await.expect("a whole answer");
        (response.status().as_u16(), serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))))
    }

    /// The status of one of the business's messages, once it is as wanted.
    pub async fn until_status(&self, id: &str, wanted: simulate::world::Status) {
        let found = self.sim().until(|world| {
            let mut messages = world.customers.iter().flat_map(|customer| &customer.messages);
            messages.find(|message| message.id == id && message.status == wanted).map(|_| ())
        });
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("{id} never became {wanted:?}"));
    }
}

/// A multipart body with plain fields and one file.
pub fn multipart(fields: &[(&str, &str)], file: (&str, &str, &str, &[u8])) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    let (field, name, mime, bytes) = file;
    let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n");
    body.extend(head.bytes());
    body.extend(bytes);
    body.extend(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}
