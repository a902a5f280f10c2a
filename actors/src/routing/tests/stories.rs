//! What agents and contacts see of it.

use std::{sync::atomic::Ordering, time::Duration};

use entities::{AgentId, AgentSummary, ConversationStatus, Presence, RoutingMode, RoutingRules, SessionId, WhenAway};

use super::stage::{Stage, by_load, story};
use crate::{
    conversation::Update,
    port::Clock,
    routing::state::LOOK_MS,
    runtime::shard::Shards,
    tenant::{GRACE, News, Tenants},
};

/// Long enough for what is told of to be done.
const HEARD: Duration = Duration::from_millis(150);
/// Long enough for what is not told of.
const UNHEARD: Duration = Duration::from_millis(LOOK_MS as u64 + 150);

#[test]
fn what_waits_is_given_out_when_an_agent_comes_the_oldest_first() {
    story(async {
        let stage = Stage::set(by_load());
        let first = stage.arrives().await;
        stage.pass(HEARD).await;
        let second = stage.arrives().await;
        stage.pass(HEARD).await;
        let third = stage.arrives().await;
        let ann = stage.agent(2, &[]);
        stage.pass(UNHEARD).await;
        assert_eq!(stage.load(ann), 0, "she is not there");
        stage.presence(ann, Presence::Online);
        stage.pass(HEARD).await;
        assert_eq!([first, second, third].map(|id| stage.whose(id)), [Some(ann), Some(ann), None]);
    });
}

#[test]
fn a_place_that_comes_free_is_filled_at_once() {
    story(async {
        let stage = Stage::set(by_load());
        let (ann, bob) = (stage.agent_online(1, &[]), stage.agent(0, &[]));
        let mut had = stage.arrives().await;
        stage.pass(HEARD).await;
        assert_eq!(stage.whose(had), Some(ann));
        for status in [ConversationStatus::Resolved, ConversationStatus::Snoozed, ConversationStatus::Pending] {
            let next = stage.arrives().await;
            stage.pass(HEARD).await;
            assert_eq!(stage.whose(next), None, "she is full");
            stage.becomes(had, status).await;
            stage.pass(HEARD).await;
            assert_eq!(stage.whose(next), Some(ann), "the one before is {status}");
            had = next;
        }
        let next = stage.arrives().await;
        stage.by_hand(had, Some(bob)).await;
        stage.pass(HEARD).await;
        assert_eq!(stage.whose(next), Some(ann), "the one before is another's");
    });
}

#[test]
fn a_hint_that_is_lost_delays_and_no_more() {
    story(async {
        let stage = Stage::set(by_load());
        let ann = stage.agent_online(1, &[]);
        stage.pass(HEARD).await;
        stage.bus.muted.store(true, Ordering::SeqCst);
        let (first, second) = (stage.arrives().await, stage.arrives().await);
        stage.pass(UNHEARD).await;
        assert_eq!(stage.whose(first), Some(ann));
        stage.becomes(first, ConversationStatus::Resolved).await;
        stage.pass(UNHEARD).await;
        assert_eq!(stage.whose(second), Some(ann));
        let bob = stage.agent(1, &[]);
        let third = stage.arrives().await;
        stage.presence(bob, Presence::Online);
        stage.pass(UNHEARD).await;
        assert_eq!(stage.whose(third), Some(bob));
    });
}

#[test]
fn the_sweep_finds_a_tenant_of_which_nobody_was_told() {
    story(async {
        let stage = Stage::set(by_load());
        stage.bus.muted.store(true, Ordering::SeqCst);
        let ann = stage.agent_online(1, &[]);
        let id = stage.arrives().await;
        stage.pass(UNHEARD).await;
        assert_eq!((stage.whose(id), stage.node.observe().awake), (None, 0));
        stage.sweep().await;
        stage.pass(HEARD).await;
        assert_eq!(stage.whose(id), Some(ann));
    });
}

#[test]
fn only_members_of_its_team_are_given_what_is_a_team_s() {
    story(async {
        let stage = Stage::set(by_load());
        let (red, blue) = (stage.team(), stage.team());
        let ann = stage.agent_online(1, &[red]);
        stage.pass(HEARD).await;
        let mut of_blue = Vec::new();
        for _ in 0..200 {
            of_blue.push(stage.arrives_for(blue).await);
        }
        let (of_red, of_none) = (stage.arrives_for(red).await, stage.arrives().await);
        stage.pass(UNHEARD).await;
        assert_eq!((stage.whose(of_red), stage.whose(of_none)), (Some(ann), None), "hundreds that nobody may take hold up none");
        let bob = stage.agent_online(201, &[blue]);
        stage.pass(UNHEARD).await;
        assert_eq!((stage.whose(of_blue[0]), stage.whose(of_blue[199]), stage.load(bob)), (Some(bob), Some(bob), 201));
    });
}

#[test]
fn away_and_offline_agents_are_given_nothing() {
    story(async {
        let stage = Stage::set(by_load());
        let (ann, bob) = (stage.agent_online(5, &[]), stage.agent_online(5, &[]));
        stage.presence(ann, Presence::Away);
        for _ in 0..4 {
            stage.arrives().await;
        }
        stage.pass(UNHEARD).await;
        assert_eq!((stage.load(ann), stage.load(bob)), (0, 4));
        stage.presence(bob, Presence::Offline);
        stage.presence(ann, Presence::Online);
        stage.arrives().await;
        stage.pass(UNHEARD).await;
        assert_eq!((stage.load(ann), stage.load(bob)), (1, 4), "his stay his: so the rules say");
    });
}

#[test]
fn manual_means_that_nothing_is_given_to_anybody() {
    story(async {
        let stage = Stage::set(RoutingRules::default());
        let ann = stage.agent_online(5, &[]);
        let id = stage.arrives().await;
        stage.sweep().await;
        stage.pass(UNHEARD).await;
        assert_eq!((stage.whose(id), stage.node.observe().awake), (None, 0));
        stage.routing.set_rules(stage.tenant_id, by_load());
        stage.node.wake(stage.tenant_id);
        stage.pass(HEARD).await;
        assert_eq!(stage.whose(id), Some(ann));
        stage.routing.set_rules(stage.tenant_id, RoutingRules::default());
        stage.node.wake(stage.tenant_id);
        stage.pass(HEARD).await;
        assert_eq!((stage.node.observe().awake, stage.routing.lease(stage.tenant_id)), (0, None));
    });
}

#[test]
fn round_robin_goes_by_turns_whatever_has_ended() {
    story(async {
        let stage = Stage::set(RoutingRules { mode: RoutingMode::RoundRobin, ..by_load() });
        let agents = [stage.agent_online(9, &[]), stage.agent_online(9, &[]), stage.agent_online(9, &[])];
        let mut got = Vec::new();
        for _ in 0..6 {
            let id = stage.arrives().await;
            stage.pass(HEARD).await;
            got.extend(stage.whose(id));
            stage.becomes(id, ConversationStatus::Resolved).await;
        }
        assert_eq!(got, [agents, agents].concat());
    });
}

async fn absent_with_three(rules: RoutingRules) -> (Stage, AgentId, AgentId, [entities::ConversationId; 3]) {
    let stage = Stage::set(rules);
    let ann = stage.agent_online(5, &[]);
    let ids = [stage.arrives().await, stage.arrives().await, stage.arrives().await];
    stage.pass(HEARD).await;
    stage.answers(ids[0], ann).await;
    stage.presence(ann, Presence::Offline);
    let bob = stage.agent_online(5, &[]);
    (stage, ann, bob, ids)
}

#[test]
fn what_an_agent_leaves_behind_is_kept_or_given_back_by_the_rules() {
    story(async {
        for (when_away, given_back) in [(WhenAway::Keep, 0), (WhenAway::GiveBackUnanswered, 2), (WhenAway::GiveBack, 3)] {
            let (stage, ann, bob, ids) = absent_with_three(RoutingRules { when_away, ..by_load() }).await;
            stage.pass(Duration::from_secs(59)).await;
            assert_eq!((stage.load(ann), stage.load(bob)), (3, 0), "{when_away}: not yet");
            stage.pass(Duration::from_secs(2)).await;
            assert_eq!((stage.load(ann), stage.load(bob)), (3 - given_back, given_back), "{when_away}");
            if when_away == WhenAway::GiveBackUnanswered {
                assert_eq!(stage.whose(ids[0]), Some(ann), "she has answered it");
            }
        }
    });
}

#[test]
fn who_comes_back_in_time_keeps_everything() {
    story(async {
        let (stage, ann, bob, _) = absent_with_three(RoutingRules { when_away: WhenAway::GiveBack, ..by_load() }).await;
        stage.pass(Duration::from_secs(50)).await;
        stage.presence(ann, Presence::Online);
        stage.pass(Duration::from_secs(20)).await;
        stage.presence(ann, Presence::Away);
        stage.pass(Duration::from_secs(50)).await;
        assert_eq!((stage.load(ann), stage.load(bob)), (3, 0));
    });
}

#[test]
fn nothing_is_given_back_while_nobody_is_there() {
    story(async {
        let (stage, ann, bob, _) = absent_with_three(RoutingRules { when_away: WhenAway::GiveBack, ..by_load() }).await;
        stage.presence(bob, Presence::Offline);
        stage.pass(Duration::from_hours(10)).await;
        assert_eq!((stage.load(ann), stage.node.observe().awake), (3, 0));
        assert_eq!(stage.routing.lease(stage.tenant_id), None);
    });
}

#[test]
fn a_router_costs_little_while_nothing_happens() {
    story(async {
        let stage = Stage::set(by_load());
        stage.agent_online(1, &[]);
        stage.arrives().await;
        stage.pass(Duration::from_secs(1)).await;
        let before = stage.routing.surveys();
        stage.pass(Duration::from_secs(50)).await;
        let surveys = stage.routing.surveys() - before;
        assert!((8..=10).contains(&surveys), "everything is looked at every five seconds, not {surveys} times");
    });
}

#[test]
fn presence_that_the_tenants_actor_knows_is_enough() {
    story(async {
        let stage = Stage::set(by_load());
        let tenants = Tenants::start(stage.bus.clone(), std::sync::Arc::new(Shards::here()));
        stage.attend_by(std::sync::Arc::new(tenants.clone()));
        let ann = AgentSummary { id: stage.agent(1, &[]), name: "Ann".to_owned() };
        let session = SessionId::new(stage.clock.new_id());
        let (first, second) = (stage.arrives().await, stage.arrives().await);
        tenants.tell(stage.tenant_id, session, News::Here { agent: ann.clone() }).await;
        stage.pass(HEARD).await;
        assert_eq!((stage.whose(first), stage.whose(second)), (Some(ann.id), None));
        tenants.tell(stage.tenant_id, session, News::Gone).await;
        stage.pass(GRACE + UNHEARD).await;
        stage.update(first, Update { status: Some(ConversationStatus::Resolved), ..Update::default() }).await;
        stage.pass(UNHEARD).await;
        assert_eq!(stage.whose(second), None, "her last socket has closed");
    });
}
