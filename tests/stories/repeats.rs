//! Each send fired five times at once, on five sockets or five connections: one row, five equal answers.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::house::{House, Server};

const TIMES: usize = 5;
const ROUNDS: usize = 20;

#[tokio::test]
async fn a_send_fired_five_times_at_once_is_one_message_on_sqlite() {
    five_times(House::on_sqlite()).await;
}

#[tokio::test]
async fn a_send_fired_five_times_at_once_is_one_message_on_postgres() {
    five_times(House::on_postgres()).await;
}

async fn five_times(house: House) {
    let server = house.start();
    let owner = server.owner().await;
    let session = server.visitor(&house).await;
    let conversation = visitor_sockets(&server, &session).await;
    agent_sockets(&server, &owner, &conversation).await;
    visitor_requests(&server, &session).await;
    agent_requests(&server, &owner, &conversation).await;
    keyed_requests(&server, &house.api_token, &conversation).await;
    let messages = server.messages(&owner, &conversation).await;
    let mut texts: Vec<&str> = messages.iter().map(|message| message["content_text"].as_str().unwrap()).collect();
    assert_eq!(texts.len(), 5 * ROUNDS);
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 5 * ROUNDS, "a message is there twice");
    // Everything that happened has its number, and nothing has two.
    let seqs: Vec<u64> = messages.iter().map(|message| message["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|before, after| before < after));
}

async fn visitor_sockets(server: &Server, session: &str) -> String {
    let mut sockets = Vec::new();
    for _ in 0..TIMES {
        sockets.push(server.visitor_socket(session).await);
    }
    let mut conversation = String::new();
    for round in 0..ROUNDS {
        let (key, text) = (format!("vs-{round}"), format!("visitor, socket {round}"));
        let answers = join_all(sockets.iter_mut().map(|socket| socket.send_text(None, &key, &text))).await;
        conversation = all_equal(&answers)["conversation_id"].as_str().expect("acknowledged").to_owned();
    }
    conversation
}

async fn agent_sockets(server: &Server, token: &str, conversation: &str) {
    let mut sockets = Vec::new();
    for _ in 0..TIMES {
        sockets.push(server.agent_socket(token, &[]).await);
    }
    for round in 0..ROUNDS {
        let (key, text) = (format!("as-{round}"), format!("agent, socket {round}"));
        let answers = join_all(sockets.iter_mut().map(|socket| socket.send_text(Some(conversation), &key, &text))).await;
        assert_eq!(all_equal(&answers)["type"], "ack");
    }
}

async fn visitor_requests(server: &Server, session: &str) {
    for round in 0..ROUNDS {
        let body = json!({"sessionToken": session, "message": format!("visitor, HTTP {round}"), "clientId": format!("vh-{round}")});
        let answers = join_all((0..TIMES).map(|_| server.post(None, "/api/widget/message", &body))).await;
        let answers: Vec<Value> = answers.into_iter().map(super::http::Answer::good).collect();
        assert!(all_equal(&answers)["messageId"].is_string());
    }
}

async fn agent_requests(server: &Server, token: &str, conversation: &str) {
    let path = format!("/api/v1/conversations/{conversation}/messages");
    for round in 0..ROUNDS {
        let body = json!({"text": format!("agent, HTTP {round}"), "client_id": format!("ah-{round}")});
        let answers = join_all((0..TIMES).map(|_| server.post(Some(token), &path, &body))).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert!(made <= 1, "{made} answers say that the message was made");
        let answers: Vec<Value> = answers.into_iter().map(super::http::Answer::good).collect();
        assert!(all_equal(&answers)["id"].is_string());
    }
}

/// With `Idempotency-Key` and no `client_id`.
async fn keyed_requests(server: &Server, token: &str, conversation: &str) {
    let path = format!("/api/v1/conversations/{conversation}/messages");
    for round in 0..ROUNDS {
        let body = json!({"text": format!("service, HTTP {round}")});
        let key = format!("key-{round}");
        let answers = join_all((0..TIMES).map(|_| keyed(server, token, &path, &key, &body))).await;
        assert!(all_equal(&answers)["id"].is_string());
    }
}

/// Posts with a key; one that is told to wait for its twin comes back as it was told.
async fn keyed(server: &Server, token: &str, path: &str, key: &str, body: &Value) -> Value {
    loop {
        let answer = super::http::keyed(&server.address, path, token, key, body).await.expect("the server answers");
        if answer.status == 409 && answer.body["code"] == "idempotency_in_progress" {
            tokio::time::sleep(std::time::Duration::from_millis(answer.retry_after_ms().unwrap_or(1_000))).await;
            continue;
        }
        return answer.good();
    }
}

fn all_equal(answers: &[Value]) -> &Value {
    let first = &answers[0];
    assert!(answers.iter().all(|answer| answer == first), "answers differ: {answers:#?}");
    first
}
