//! Agents come and go while conversations arrive and end: what waits is given out in order, and evenly.
//!
//! The story keeps a model of who is there and what waits, does one thing at a time, and hears by an agent's socket what the server made of
//! it. Asserted are the order and the loads, never the times: those are printed, from the moment in which the server had answered what made
//! a conversation due to the moment in which a socket heard whose it is.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    chance::Chance,
    client::Client,
    house::{House, Server},
    http, size,
};

const AGENTS: usize = 4;
const CAPACITY: usize = 3;

/// An agent of the story.
struct Agent {
    id: String,
    token: String,
    /// Open while they are there, or have stepped aside.
    socket: Option<Client>,
    online: bool,
    /// What they have.
    has: Vec<String>,
}

struct Desk<'a> {
    house: &'a House,
    server: &'a Server,
    owner: String,
    /// Hears everything, and takes nothing on.
    ear: Client,
    agents: Vec<Agent>,
    /// What waits, the oldest first.
    waiting: VecDeque<String>,
    arrived: usize,
    chance: Chance,
    took: Vec<Duration>,
}

impl<'a> Desk<'a> {
    async fn open(house: &'a House, server: &'a Server, story: &str) -> Self {
        let owner = server.owner().await;
        let me = server.get(&owner, "/api/auth/me").await.good();
        let me = me["agent"]["id"].as_str().expect("an id").to_owned();
        patch(server, &owner, &format!("agents/{me}"), json!({"capacity": 0})).await;
        let ear = server.agent_socket(&owner, &["inbox", "presence"]).await;
        let mut agents = Vec::new();
        for n in 0..AGENTS {
            let (id, token) = server.agent(&owner, &format!("Agent{n}")).await;
            agents.push(Agent { id, token, socket: None, online: false, has: Vec::new() });
        }
        let (chance, waiting) = (Chance::new(story), VecDeque::new());
        Self { house, server, owner, ear, agents, waiting, arrived: 0, chance, took: Vec::new() }
    }

    async fn set_rules(&self, rules: Value) {
        patch(self.server, &self.owner, "routing", rules).await;
    }

    async fn arrives(&mut self) {
        let session = self.server.visitor(self.house).await;
        self.arrived += 1;
        let (id, _) = self.server.visitor_says(&session, &format!("v-{}", self.arrived), "Hello").await;
        self.waiting.push_back(id);
    }

    async fn ends(&mut self, agent: usize) {
        let count = self.agents[agent].has.len() as u64;
        let id = self.agents[agent].has.swap_remove(self.chance.below(count) as usize);
        patch(self.server, &self.owner, &format!("conversations/{id}"), json!({"status": "resolved"})).await;
    }

    async fn comes(&mut self, agent: usize) {
        let here = &mut self.agents[agent];
        match &mut here.socket {
            Some(socket) => socket.say(&json!({"type": "presence", "status": "online"})).await,
            None => here.socket = Some(self.server.agent_socket(&here.token, &[]).await),
        }
        here.online = true;
    }

    /// Steps aside, or goes: the story goes on when the server has told of it.
    async fn goes(&mut self, agent: usize, for_good: bool) {
        let here = &mut self.agents[agent];
        if for_good {
            here.socket = None;
        } else if let Some(socket) = &mut here.socket {
            socket.say(&json!({"type": "presence", "status": "away"})).await;
        }
        here.online = false;
        let status = if for_good { "offline" } else { "away" };
        loop {
            let told = self.ear.hear_type("presence").await;
            let agents = told["agents"].as_array().expect("a list").clone();
            if agents.iter().any(|told| told["id"] == here.id.as_str() && told["status"] == status) {
                return;
            }
        }
    }

    fn free_places(&self) -> usize {
        self.agents.iter().filter(|agent| agent.online).map(|agent| CAPACITY.saturating_sub(agent.has.len())).sum()
    }

    /// Hears all that must be given out now, and holds it against the model.
    async fn given_out(&mut self) {
        let since = Instant::now();
        let due = self.waiting.len().min(self.free_places());
        let mut oldest: Vec<String> = self.waiting.drain(..due).collect();
        let mut given = BTreeSet::new();
        for _ in 0..due {
            let event = self.ear.hear_event("conversation.assigned").await;
            self.took.push(since.elapsed());
            let (id, to) = (event["data"]["id"].as_str().expect("an id"), event["data"]["assignee_id"].as_str().expect("an agent"));
            let place = oldest.iter().position(|oldest| oldest == id);
            oldest.remove(place.unwrap_or_else(|| panic!("{id} was given out past older ones: {oldest:?}")));
            let agent = self.agents.iter_mut().find(|agent| agent.id == to).expect("an agent of the story");
            assert!(agent.online, "{to} is not there");
            agent.has.push(id.to_owned());
            given.insert(to.to_owned());
        }
        self.assert_even(&given);
    }

    /// By load, of equals: whoever was given something has at most one more than anybody else who is there; and while something waits, all are
    /// full. What ended unevenly is not evened out.
    fn assert_even(&self, given: &BTreeSet<String>) {
        let there = || self.agents.iter().filter(|agent| agent.online);
        let least = there().map(|agent| agent.has.len()).min().unwrap_or(0);
        for agent in there() {
            let load = agent.has.len();
            assert!(load <= CAPACITY && (load <= least + 1 || !given.contains(&agent.id)), "{load} beside {least}");
        }
        assert!(self.waiting.is_empty() || least >= CAPACITY || there().count() == 0, "something waits beside a free place");
    }

    fn there(&self, online: bool) -> Vec<usize> {
        (0..AGENTS).filter(|n| self.agents[*n].online == online).collect()
    }

    fn busy(&self) -> Vec<usize> {
        (0..AGENTS).filter(|n| !self.agents[*n].has.is_empty()).collect()
    }

    fn pick(&mut self, among: &[usize]) -> Option<usize> {
        (!among.is_empty()).then(|| among[self.chance.below(among.len() as u64) as usize])
    }
}

impl Desk<'_> {
    /// One thing happens, at random, and what follows from it is heard.
    async fn something_happens(&mut self) {
        match self.chance.below(10) {
            0..4 => {
                for _ in 0..=self.chance.below(3) {
                    self.arrives().await;
                    self.given_out().await;
                }
            }
            4..7 => {
                let busy = self.busy();
                if let Some(agent) = self.pick(&busy) {
                    self.ends(agent).await;
                }
            }
            7..9 => {
                let away = self.there(false);
                if let Some(agent) = self.pick(&away) {
                    self.comes(agent).await;
                }
            }
            _ => {
                let here = self.there(true);
                if let Some(agent) = self.pick(&here) {
                    self.goes(agent, false).await;
                }
            }
        }
        self.given_out().await;
    }

    /// Nothing more is told, and the server says of every conversation what the model says.
    async fn close(mut self) {
        let rest = self.ear.settle().await;
        assert!(rest.iter().all(|frame| frame["event"] != "conversation.assigned"), "{rest:?}");
        let waiting = self.waiting.iter().map(|id| (id, Value::Null));
        let held = self.agents.iter().flat_map(|agent| agent.has.iter().map(|id| (id, json!(agent.id))));
        for (id, whose) in waiting.chain(held) {
            let conversation = self.server.get(&self.owner, &format!("/api/v1/conversations/{id}")).await.good();
            assert_eq!(json!([conversation["status"], conversation["assignee_id"]]), json!(["open", whose]));
        }
        self.took.sort_unstable();
        let (count, most) = (self.took.len(), self.took.last().copied().unwrap_or_default());
        let median = self.took.get(count / 2).copied().unwrap_or_default();
        println!("{count} of {} given out: median {median:.1?}, longest {most:.1?}", self.arrived);
    }
}

async fn patch(server: &Server, token: &str, resource: &str, body: Value) {
    let path = format!("/api/v1/{resource}");
    http::request(&server.address, "PATCH", &path, Some(token), Some(&body)).await.expect("the server answers").good();
}

fn by_load() -> Value {
    json!({"mode": "by_load", "capacity": CAPACITY, "when_away": "keep"})
}

async fn coming_and_going(house: House, story: &str) {
    let server = house.start();
    let mut desk = Desk::open(&house, &server, story).await;
    // Nobody is given anything before the workspace wants it so.
    desk.comes(0).await;
    desk.arrives().await;
    desk.arrives().await;
    desk.ear.settle().await;
    desk.set_rules(by_load()).await;
    desk.given_out().await;
    for _ in 0..size("SWITCHBOARD_ROUTING_STEPS", 60) {
        desk.something_happens().await;
    }
    // Whoever's last socket closes is given nothing from then on, and goes on with what was theirs when they come back.
    if desk.there(true).is_empty() {
        desk.comes(0).await;
        desk.given_out().await;
    }
    let leaving = desk.there(true)[0];
    desk.goes(leaving, true).await;
    desk.arrives().await;
    desk.given_out().await;
    desk.comes(leaving).await;
    desk.given_out().await;
    desk.close().await;
}

#[tokio::test]
async fn agents_come_and_go_and_the_oldest_that_waits_is_given_out_evenly() {
    coming_and_going(House::on_sqlite(), "routing on SQLite").await;
}

#[tokio::test]
async fn agents_come_and_go_and_the_oldest_that_waits_is_given_out_evenly_on_postgres() {
    coming_and_going(House::on_postgres(), "routing on PostgreSQL").await;
}

#[tokio::test]
async fn what_waits_at_a_crash_is_given_out_after_it() {
    let house = House::on_sqlite();
    let server = house.start();
    let mut desk = Desk::open(&house, &server, "routing after a crash").await;
    desk.set_rules(by_load()).await;
    desk.comes(0).await;
    for _ in 0..=CAPACITY {
        desk.arrives().await;
        desk.given_out().await;
    }
    let (had, waits, owner) = (desk.agents[0].has.clone(), desk.waiting[0].clone(), desk.owner.clone());
    let tokens = desk.agents.iter().map(|agent| agent.token.clone()).collect::<Vec<_>>();
    server.kill();
    let server = house.start();
    let mut ear = server.agent_socket(&owner, &["inbox"]).await;
    let _first = server.agent_socket(&tokens[0], &[]).await;
    let _second = server.agent_socket(&tokens[1], &[]).await;
    let since = Instant::now();
    let event = ear.hear_event("conversation.assigned").await;
    println!("given out {:.1?} after the agents came back", since.elapsed());
    assert_eq!(event["data"]["id"], waits.as_str(), "the lease was this node's own, so nobody waits for its end");
    for id in had {
        assert_ne!(server.get(&owner, &format!("/api/v1/conversations/{id}")).await.good()["assignee_id"], Value::Null);
    }
}
