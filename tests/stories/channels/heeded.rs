//! The customer sees that the business reads and types: at providers that show such things, once, and never in the way of a message.

use serde_json::json;
use switchboard::simulate::{
    Simulated,
    faults::{Injected, When},
    world::{Customer, Status},
};

use super::{Line, Scene, id, until};

#[actix_web::test]
async fn whatsapp_shows_that_an_agent_reads_and_types() {
    heeded(Simulated::Whatsapp).await;
}

#[actix_web::test]
async fn messenger_shows_that_an_agent_reads_and_types() {
    heeded(Simulated::Messenger).await;
}

async fn heeded(provider: Simulated) {
    let scene = Scene::with(provider).await;
    let (server, line) = (scene.server(), scene.line());
    line.writes("hello");
    let last = line.writes("is anybody there?");
    let conversation = line.conversation(server).await;
    let of = id(&conversation);
    let messages = line.messages_when(server, &of, "both messages", |messages| messages.len() == 2).await;
    let mut agent = server.agent_socket(&line.token, &[&format!("conversation:{of}")]).await;
    let (_, other) = server.agent(&line.token, "Ben").await;
    let mut other = server.agent_socket(&other, &[&format!("conversation:{of}")]).await;
    assert_eq!((seen(line, |dana| dana.read_marks), seen(line, |dana| dana.typing_signals)), (0, 0), "nobody has read or typed");

    let read = json!({"type": "read", "conversation_id": of, "seq": messages[1]["seq"]});
    agent.say(&read).await;
    other.say(&read).await;
    agent.say(&read).await;
    until("the messages are read", async || {
        let statuses = seen(line, |dana| dana.messages.iter().map(|message| message.status).collect::<Vec<_>>());
        if statuses == [Status::Read, Status::Read] { Ok(()) } else { Err(format!("{statuses:?}\n{}", line.calls())) }
    })
    .await;

    for _ in 0..3 {
        agent.say(&json!({"type": "typing", "conversation_id": of, "on": true})).await;
    }
    until("somebody types", async || match seen(line, |dana| dana.typing_until_ms) {
        0 => Err(line.calls()),
        _ => Ok(()),
    })
    .await;
    line.answers(server, &of, "yes, here").await;
    line.shows(&["yes, here"]).await;
    assert_eq!(seen(line, |dana| dana.typing_until_ms), 0, "a message ends it");

    // A mark that the provider refuses is lost, and what is said behind it is not.
    line.writes("thank you");
    let messages = line.messages_when(server, &of, "the thanks", |messages| messages.len() == 4).await;
    line.sim().change(|world| world.injected.push_back(Injected { code: refusal(provider).to_owned(), times: 1, when: When::Mark }));
    agent.say(&json!({"type": "read", "conversation_id": of, "seq": messages[3]["seq"]})).await;
    until("the refusal", async || if line.sim().look(|world| world.injected.is_empty()) { Ok(()) } else { Err(line.calls()) }).await;
    line.answers(server, &of, "you are welcome").await;
    line.shows(&["yes, here", "you are welcome"]).await;
    let counts = (seen(line, |dana| dana.read_marks), seen(line, |dana| dana.typing_signals));
    // WhatsApp's typing says that it was read, too.
    assert_eq!(counts, (if provider == Simulated::Whatsapp { 2 } else { 1 }, 1), "each once: {last}\n{}", line.calls());
}

fn refusal(provider: Simulated) -> &'static str {
    if provider == Simulated::Whatsapp { "131009" } else { "551/1545041" }
}

/// What the customer's phone knows.
fn seen<T>(line: &Line, look: impl Fn(&Customer) -> T) -> T {
    line.sim().look(|world| look(&world.customers[0]))
}
