//! What is of the moment: who is there, who writes, who looks at what.

use serde_json::json;

use super::house::House;

#[tokio::test]
async fn agents_are_told_who_comes_steps_aside_and_goes_and_nothing_else() {
    let house = House::on_sqlite();
    let server = house.start();
    let owner = server.owner().await;
    let (ben_id, ben) = server.agent(&owner, "Ben").await;
    let mut maya = server.agent_socket(&owner, &["presence"]).await;
    let mut ben = server.agent_socket(&ben, &[]).await;
    let of_ben = |status: &str| json!([{"id": ben_id, "status": status}]);
    assert_eq!(told_of(&mut maya, &ben_id).await, of_ben("online"));
    ben.say(&json!({"type": "presence", "status": "away"})).await;
    assert_eq!(told_of(&mut maya, &ben_id).await, of_ben("away"));
    ben.say(&json!({"type": "presence", "status": "online"})).await;
    assert_eq!(told_of(&mut maya, &ben_id).await, of_ben("online"));
    drop(ben);
    assert_eq!(told_of(&mut maya, &ben_id).await, of_ben("offline"));
}

/// The next presence frame that names this agent.
async fn told_of(client: &mut super::client::Client, id: &str) -> serde_json::Value {
    loop {
        let agents = client.hear_type("presence").await["agents"].clone();
        if agents.as_array().expect("a list").iter().any(|agent| agent["id"] == id) {
            return agents;
        }
    }
}

#[tokio::test]
async fn typing_reaches_the_other_side_and_never_its_author() {
    let house = House::on_sqlite();
    let server = house.start();
    let owner = server.owner().await;
    let (ben_id, ben) = server.agent(&owner, "Ben").await;
    let session = server.visitor(&house).await;
    let (conversation, _) = server.visitor_says(&session, "v-1", "Hello").await;
    let topic = format!("conversation:{conversation}");
    let mut visitor = server.visitor_socket(&session).await;
    let mut maya = server.agent_socket(&owner, &[&topic]).await;
    let mut ben = server.agent_socket(&ben, &[&topic]).await;
    let typing = |on: bool| json!({"type": "typing", "conversation_id": conversation, "on": on});

    visitor.say(&typing(true)).await;
    for agent in [&mut maya, &mut ben] {
        let heard = agent.hear_type("typing").await;
        assert_eq!((&heard["on"], &heard["author"]["type"]), (&json!(true), &json!("visitor")));
    }
    visitor.say(&typing(false)).await;
    assert_eq!(maya.hear_type("typing").await["on"], false);
    assert_eq!(ben.hear_type("typing").await["on"], false);

    ben.say(&typing(true)).await;
    for listener in [&mut visitor, &mut maya] {
        let heard = listener.hear_type("typing").await;
        assert_eq!((&heard["author"]["type"], &heard["author"]["id"]), (&json!("agent"), &json!(ben_id)));
    }
    // Had Ben been told of himself, it would be before what Maya writes now.
    maya.say(&typing(true)).await;
    assert_ne!(ben.hear_type("typing").await["author"]["id"], *ben_id);
    let heard = visitor.hear_type("typing").await;
    assert_eq!(heard["author"]["type"], "agent");
}

#[tokio::test]
async fn agents_see_who_else_looks_at_a_conversation() {
    let house = House::on_sqlite();
    let server = house.start();
    let owner = server.owner().await;
    let (ben_id, ben) = server.agent(&owner, "Ben").await;
    let session = server.visitor(&house).await;
    let (conversation, _) = server.visitor_says(&session, "v-1", "Hello").await;
    let topic = format!("conversation:{conversation}");
    let mut maya = server.agent_socket(&owner, &[&topic]).await;
    let mut ben = server.agent_socket(&ben, &[&topic]).await;

    ben.say(&json!({"type": "viewing", "conversation_id": conversation})).await;
    let viewers = maya.hear_type("viewers").await;
    assert_eq!((&viewers["conversation_id"], &viewers["agents"]), (&json!(conversation), &json!([{"id": ben_id, "name": "Ben"}])));
    maya.say(&json!({"type": "viewing", "conversation_id": conversation})).await;
    assert_eq!(maya.hear_type("viewers").await["agents"].as_array().unwrap().len(), 2);
    ben.say(&json!({"type": "viewing", "conversation_id": null})).await;
    assert_eq!(maya.hear_type("viewers").await["agents"].as_array().unwrap().len(), 1);
}
