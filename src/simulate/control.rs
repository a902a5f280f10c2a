//! The control API, `/simulator/…`: what the page and tests drive a simulator with. JSON both ways.
//!
//! Does not: ask who is calling. Simulators listen on this machine alone unless told otherwise; pages of other sites are refused by their
//! `Origin`.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    guard::{self, GuardContext},
    http::header,
    web::{self, Bytes, Data, Json, Path, Query},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    faults::{Injected, Switch},
    provider::{Act, Notice, Refused},
    signed_sender,
    simulator::Simulator,
    world::{Customer, Phone, Status, World},
};

/// The longest that a request for the state waits for news.
const WAIT_SECS_MAX: u64 = 25;
/// Failures that may be waiting.
const INJECTED_MAX: usize = 100;
/// The shown part of each log.
const SHOWN_MAX: usize = 60;

/// The routes.
pub fn routes(config: &mut web::ServiceConfig) {
    let scope = web::scope("/simulator")
        .guard(guard::fn_guard(of_this_page))
        .route("/state", web::get().to(state))
        .route("/credentials", web::get().to(credentials))
        .route("/customers", web::post().to(add_customer))
        .route("/customers/{customer}/acts", web::post().to(act))
        .route("/customers/{customer}/phone", web::post().to(phone))
        .route("/customers/{customer}/age", web::post().to(age))
        .route("/files", web::post().to(add_file))
        .route("/files/{file}", web::get().to(file))
        .route("/switches", web::patch().to(switches))
        .route("/failures", web::post().to(inject))
        .route("/failures", web::delete().to(clear))
        .route("/receipts", web::post().to(receipt))
        .route("/notifications", web::post().to(raw))
        .route("/handshake", web::post().to(handshake));
    config.service(scope);
}

/// A page of another site may not drive the simulator of whoever looks at it.
fn of_this_page(context: &GuardContext<'_>) -> bool {
    let headers = &context.head().headers;
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(header::ORIGIN) {
        None => true,
        Some(origin) => origin.split_once("://").map(|(_, host)| host) == text(header::HOST),
    }
}

fn refused(refused: &Refused) -> HttpResponse {
    let body = json!({"error": refused.to_string()});
    match refused {
        Refused::NoCustomer(_) | Refused::NoMessage(_) | Refused::Nothing(_) => HttpResponse::NotFound().json(body),
        Refused::Unknown(_) | Refused::Full => HttpResponse::UnprocessableEntity().json(body),
    }
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    after: u64,
    #[serde(default)]
    wait: u64,
    customer: Option<String>,
}

/// Everything that the page shows; waits for news behind the version `after` for at most `wait` seconds.
async fn state(sim: Data<Simulator>, wanted: Query<Wanted>) -> HttpResponse {
    let mut versions = sim.versions();
    let wait = Duration::from_secs(wanted.wait.min(WAIT_SECS_MAX));
    // No news in time is an answer like any other: the state as it is.
    drop(timeout(wait, versions.wait_for(|version| *version > wanted.after)).await);
    let version = *versions.borrow();
    let mut shown = sim.look(|world| show(world, wanted.customer.as_deref()));
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("version".to_owned(), version.into());
        shown.insert("profile".to_owned(), json!(sim.provider.profile()));
        shown.insert("account".to_owned(), sim.provider.account().into());
        shown.insert("credentials".to_owned(), pairs(&sim));
        shown.insert("books".to_owned(), sim.provider.books());
    }
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(shown)
}

fn show(world: &World, selected: Option<&str>) -> Value {
    let row = |customer: &Customer| {
        let last = customer.messages.back();
        json!({
            "key": customer.key, "name": customer.name, "address": customer.address, "also": customer.also, "phone": customer.phone,
            "last_wrote_ms": customer.last_wrote_ms, "opted_out": customer.opted_out, "typing_until_ms": customer.typing_until_ms,
            "read_marks": customer.read_marks, "typing_signals": customer.typing_signals,
            "last_text": last.map(|message| message.text.chars().take(80).collect::<String>()), "last_ms": last.map(|message| message.at_ms),
        })
    };
    let customers: Vec<Value> = world.customers.iter().map(row).collect();
    let found = selected.and_then(|key| world.customer(key)).or_else(|| world.customers.first());
    let newest = |max: usize, len: usize| len.saturating_sub(max);
    json!({
        "now_ms": world.now_ms(),
        "own_url": world.own_url,
        "hook_url": world.hook_url,
        "customers": customers,
        "customer": found.map(|customer| customer.key.clone()),
        "messages": found.map(|customer| &customer.messages),
        "switches": world.switches,
        "failures": world.injected,
        "pending": world.pending,
        "deliveries": world.deliveries.iter().skip(newest(SHOWN_MAX, world.deliveries.len())).collect::<Vec<_>>(),
        "calls": world.calls.iter().skip(newest(SHOWN_MAX, world.calls.len())).collect::<Vec<_>>(),
    })
}

fn pairs(sim: &Simulator) -> Value {
    sim.provider.credentials().into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

async fn credentials(sim: Data<Simulator>) -> HttpResponse {
    let secrets: BTreeMap<_, _> = sim.provider.credentials().into_iter().collect();
    let profile = sim.provider.profile();
    let account = sim.provider.account();
    HttpResponse::Ok().json(json!({"provider": profile.name, "vendor": profile.vendor, "account": account, "secrets": secrets}))
}

#[derive(Deserialize)]
struct NewCustomer {
    name: String,
    address: Option<String>,
}

async fn add_customer(sim: Data<Simulator>, body: Json<NewCustomer>) -> HttpResponse {
    let address = body.address.as_deref().filter(|address| !address.is_empty());
    match sim.add_customer(&body.name, address) {
        Ok(customer) => HttpResponse::Created().json(customer),
        Err(refusal) => refused(&refusal),
    }
}

async fn act(sim: Data<Simulator>, customer: Path<String>, act: Json<Act>) -> HttpResponse {
    match sim.act(&customer, &act) {
        Ok(message_id) => HttpResponse::Ok().json(json!({"message_id": message_id})),
        Err(refusal) => refused(&refusal),
    }
}

#[derive(Deserialize)]
struct NewPhone {
    phone: Phone,
}

async fn phone(sim: Data<Simulator>, customer: Path<String>, body: Json<NewPhone>) -> HttpResponse {
    match sim.set_phone(&customer, body.phone) {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(refusal) => refused(&refusal),
    }
}

#[derive(Deserialize)]
struct Age {
    seconds: i64,
}

/// Makes it longer ago that the customer last wrote, as if time had passed.
async fn age(sim: Data<Simulator>, customer: Path<String>, body: Json<Age>) -> HttpResponse {
    let aged = sim.change(|world| {
        let customer = world.customer_mut(&customer)?;
        customer.last_wrote_ms = customer.last_wrote_ms.map(|at| at.saturating_sub(body.seconds.saturating_mul(1_000)));
        Some(())
    });
    match aged {
        Some(()) => HttpResponse::NoContent().finish(),
        None => refused(&Refused::NoCustomer(customer.into_inner())),
    }
}

#[derive(Deserialize)]
struct FileName {
    #[serde(default)]
    name: String,
}

async fn add_file(sim: Data<Simulator>, request: HttpRequest, named: Query<FileName>, body: Bytes) -> HttpResponse {
    let mime = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/octet-stream");
    let id = sim.add_file(mime, &named.name, body);
    HttpResponse::Created().json(json!({"file_id": id}))
}

/// A file as the page shows it. Nothing in it can run: only pictures, sound and video are shown in place.
async fn file(sim: Data<Simulator>, id: Path<String>) -> HttpResponse {
    let Some(file) = sim.look(|world| world.file(&id).cloned()) else { return refused(&Refused::Nothing(format!("file {id}"))) };
    let harmless = ["image/png", "image/jpeg", "image/webp", "image/gif"].contains(&file.mime.as_str())
        || file.mime.starts_with("audio/")
        || file.mime.starts_with("video/");
    let mime = if harmless { file.mime } else { "application/octet-stream".to_owned() };
    let mut response = HttpResponse::Ok();
    if !harmless {
        response.insert_header((header::CONTENT_DISPOSITION, "attachment"));
    }
    response
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .content_type(mime)
        .body(file.bytes)
}

async fn switches(sim: Data<Simulator>, body: Json<BTreeMap<Switch, bool>>) -> HttpResponse {
    let switches = sim.change(|world| {
        for (switch, on) in body.into_inner() {
            if on {
                world.switches.insert(switch)
            } else {
                world.switches.remove(&switch)
            };
        }
        world.switches.clone()
    });
    HttpResponse::Ok().json(switches)
}

async fn inject(sim: Data<Simulator>, body: Json<Injected>) -> HttpResponse {
    let full = sim.change(|world| {
        let full = world.injected.len() >= INJECTED_MAX || body.times == 0;
        if !full {
            world.injected.push_back(body.into_inner());
        }
        full
    });
    if full { refused(&Refused::Full) } else { HttpResponse::NoContent().finish() }
}

async fn clear(sim: Data<Simulator>) -> HttpResponse {
    sim.change(|world| world.injected.clear());
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct NewReceipt {
    message_id: String,
    status: Status,
    code: Option<String>,
}

/// Tells the business of a status, also one that the message is past.
async fn receipt(sim: Data<Simulator>, body: Json<NewReceipt>) -> HttpResponse {
    let owner = sim.change(|world| world.customer_of_message(&body.message_id).map(|customer| customer.key.clone()));
    let Some(customer) = owner else { return refused(&Refused::NoMessage(body.message_id.clone())) };
    sim.advance(&customer, &body.message_id, body.status, body.code.as_deref(), true);
    HttpResponse::NoContent().finish()
}

/// Signs any JSON and sends it.
async fn raw(sim: Data<Simulator>, body: Json<Value>) -> HttpResponse {
    sim.change_and_tell(|_| ((), vec![Notice::json(body.into_inner(), "as given")]));
    HttpResponse::Accepted().finish()
}

/// Asks Switchboard whether the address is its own, as the provider does when a webhook is entered.
async fn handshake(sim: Data<Simulator>) -> HttpResponse {
    let (hook_url, now_ms) = sim.look(|world| (world.hook_url.clone(), world.now_ms()));
    let Some((sealed, wanted)) = sim.provider.handshake(&hook_url, now_ms) else {
        return refused(&Refused::Unknown(sim.provider.profile().title));
    };
    let said = match signed_sender::post(&sim, &signed_sender::client(), &sealed).await {
        Ok(answered) => {
            let verified = answered.status == 200 && answered.text.trim() == wanted;
            json!({"verified": verified, "status": answered.status, "answer": answered.text})
        }
        Err(nothing) => json!({"verified": false, "status": null, "answer": nothing.why}),
    };
    HttpResponse::Ok().json(said)
}
