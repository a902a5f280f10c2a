//! A recorded day: every notification three times, in any order, receipts and reactions before their messages, and the server killed in
//! between, come to exactly what they come to one by one in their order.
//!
//! Small in the tests; `scripts/drill channels` runs it with 10,000 notifications of each provider on both databases.

use std::{cell::Cell, collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt, stream};
use serde_json::Value;
use switchboard::simulate::{Simulated, provider::Notice};
use tokio::sync::watch;

use super::{
    Relay, Scene, Simulation,
    recorded::{deliver, record},
    simulated,
};
use crate::stories::{chance::Chance, house::House, size};

/// How often each notification comes.
const COPIES: usize = 3;
/// Notifications under way at a time.
const AT_ONCE: usize = 8;

macro_rules! days {
    ($($name:ident, $provider:ident, $house:ident;)+) => {
        $(#[actix_web::test]
        async fn $name() {
            day(Simulated::$provider, || House::$house(), stringify!($name)).await;
        })+
    };
}

days! {
    a_day_of_whatsapp_on_sqlite, Whatsapp, on_sqlite;
    a_day_of_whatsapp_on_postgres, Whatsapp, on_postgres;
    a_day_of_messenger_on_sqlite, Messenger, on_sqlite;
    a_day_of_messenger_on_postgres, Messenger, on_postgres;
    a_day_of_sms_on_sqlite, Sms, on_sqlite;
    a_day_of_sms_on_postgres, Sms, on_postgres;
    a_day_of_slack_on_sqlite, Slack, on_sqlite;
    a_day_of_slack_on_postgres, Slack, on_postgres;
    a_day_of_dialpad_on_sqlite, Dialpad, on_sqlite;
    a_day_of_dialpad_on_postgres, Dialpad, on_postgres;
}

async fn day(provider: Simulated, house: impl Fn() -> House, story: &str) {
    let (count, kills) = (size("SWITCHBOARD_DAY_NOTIFICATIONS", 150), size("SWITCHBOARD_DAY_KILLS", 2));
    let mut chance = Chance::new(story);
    let relay = Arc::new(Relay::open().await);
    let simulation = simulated(provider, &relay, &[]);
    let notices = record(&simulation, count, &mut chance);
    let clean = {
        let scene = Scene::around(house(), Arc::clone(&relay), vec![simulation.clone()]).await;
        for notice in &notices {
            deliver(&relay, &simulation, notice).await;
        }
        people(&scene, provider).await
    };
    let mut scene = Scene::around(house(), Arc::clone(&relay), vec![simulation.clone()]).await;
    let order = shuffled(notices.len(), &mut chance);
    wild(&mut scene, &simulation, &notices, &order, kills).await;
    let found = people(&scene, provider).await;
    assert_eq!(clean.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>(), "{story}: other people");
    for (who, wanted) in &clean {
        for (key, message) in wanted["messages"].as_object().expect("messages") {
            assert_eq!(&found[who]["messages"][key], message, "{story}: {who}: {key}");
        }
        assert_eq!(&found[who], wanted, "{story}: {who}");
    }
    let messages: usize = clean.values().map(|person| person["messages"].as_object().map_or(0, serde_json::Map::len)).sum();
    println!(
        "{story:<32} | notifications {:>6} × {COPIES} | people {:>4} | messages {messages:>6} | kills {kills} | the same as the clean run",
        notices.len(),
        clean.len()
    );
}

/// What everybody has said and is. Who somebody is these providers are asked behind their notifications, at leisure: it is not of the day.
async fn people(scene: &Scene, provider: Simulated) -> BTreeMap<String, Value> {
    let mut people = scene.projection(scene.line()).await;
    if matches!(provider, Simulated::Messenger | Simulated::Slack) {
        for person in people.values_mut() {
            person["name"] = Value::Null;
        }
    }
    people
}

/// Every notification's place so many times, in any order.
fn shuffled(count: usize, chance: &mut Chance) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count * COPIES).map(|place| place % count).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, chance.below(last as u64 + 1) as usize);
    }
    order
}

/// Sends all of it, several at a time, and kills the server when so much of it is done.
async fn wild(scene: &mut Scene, simulation: &Simulation, notices: &[Notice], order: &[usize], kills: usize) {
    let (relay, done) = (Arc::clone(&scene.relay), Cell::new(0));
    let (count, mut counted) = watch::channel(0);
    let sent = stream::iter(order).for_each_concurrent(AT_ONCE, async |place| {
        deliver(&relay, simulation, &notices[*place]).await;
        done.set(done.get() + 1);
        count.send_replace(done.get());
    });
    let killed = async {
        for kill in 1..=kills {
            let enough = order.len() * kill / (kills + 1);
            counted.wait_for(|done| *done >= enough).await.expect("it is counted on");
            scene.kill_and_restart();
        }
    };
    tokio::join!(sent, killed);
}
