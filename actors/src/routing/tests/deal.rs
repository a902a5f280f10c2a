//! The deal, on anything at all: its promises as properties.

use std::collections::HashMap;

use entities::{AgentId, ConversationId, Presence, RoutingMode, RoutingRules, TeamId, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use crate::{
    port::{Member, Survey, Waiting},
    routing::deal::{Floor, Move},
};

fn agent(number: usize) -> AgentId {
    AgentId::new(Uuid::from_u128(number as u128))
}

fn team(number: u8) -> TeamId {
    TeamId::new(Uuid::from_u128(u128::from(number)))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(1_760_000_000_000_000).plus_ms(second * 1_000)
}

prop_compose! {
    fn a_member()(
        takes in proptest::bool::weighted(0.9),
        capacity in 0..5_u32,
        teams in proptest::collection::btree_set(0..3_u8, 0..3),
        load in 0..6_u32,
        given_at in proptest::option::of(0..100_i64),
        presence in prop_oneof![4 => Just(Presence::Online), 1 => Just(Presence::Away), 1 => Just(Presence::Offline)],
    ) -> (Member, Presence) {
        let teams = teams.into_iter().map(team).collect();
        (Member { agent_id: agent(0), takes, capacity, teams, load, given_at: given_at.map(at) }, presence)
    }
}

fn numbered(members: Vec<(Member, Presence)>) -> (Vec<Member>, Vec<(AgentId, Presence)>) {
    let numbered = members.into_iter().enumerate().map(|(number, (member, presence))| {
        let agent_id = agent(number);
        (Member { agent_id, ..member }, (agent_id, presence))
    });
    numbered.unzip()
}

fn queue(teams: &[Option<u8>]) -> Vec<Waiting> {
    let waiting = teams.iter().enumerate().map(|(number, of)| Waiting {
        id: ConversationId::new(Uuid::from_u128(number as u128)),
        team_id: of.map(team),
        opened_at: at(number as i64),
    });
    waiting.collect()
}

fn survey(mode: RoutingMode, members: Vec<Member>) -> Survey {
    Survey { rules: RoutingRules { mode, ..RoutingRules::default() }, members }
}

/// The loads as they were before each move, and after all.
fn played(members: &[Member], moves: &[Move]) -> (Vec<HashMap<AgentId, u32>>, HashMap<AgentId, u32>) {
    let mut loads: HashMap<AgentId, u32> = members.iter().map(|member| (member.agent_id, member.load)).collect();
    let mut before = Vec::new();
    for dealt in moves {
        before.push(loads.clone());
        *loads.get_mut(&dealt.assign.to.expect("to somebody")).expect("a member") += 1;
    }
    (before, loads)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deal_keeps_its_promises(
        by_load in any::<bool>(),
        members in proptest::collection::vec(a_member(), 0..8),
        teams in proptest::collection::vec(proptest::option::of(0..3_u8), 0..40),
    ) {
        let mode = if by_load { RoutingMode::ByLoad } else { RoutingMode::RoundRobin };
        let (members, present) = numbered(members);
        let (survey, waiting) = (survey(mode, members.clone()), queue(&teams));
        let moves = Floor::of(&survey, &present).deal(&waiting);
        let (before, after) = played(&members, &moves);
        let could = |member: &Member, load: u32, of: Option<TeamId>| {
            let online = present.contains(&(member.agent_id, Presence::Online));
            online && member.takes && load < member.capacity && of.is_none_or(|of| member.teams.contains(&of))
        };
        for (dealt, loads) in moves.iter().zip(&before) {
            let conversation = waiting.iter().find(|waiting| waiting.id == dealt.id).expect("it waited");
            let to = members.iter().find(|member| Some(member.agent_id) == dealt.assign.to).expect("a member");
            prop_assert!(could(to, loads[&to.agent_id], conversation.team_id), "given to somebody who could not be given it");
            prop_assert_eq!((dealt.assign.from, dealt.assign.team_id), (None, conversation.team_id));
            for other in members.iter().filter(|other| by_load && other.capacity == to.capacity) {
                let fair = loads[&to.agent_id] <= loads[&other.agent_id];
                prop_assert!(fair || !could(other, loads[&other.agent_id], conversation.team_id), "somebody had less to do");
            }
        }
        // Nothing older is left for which whoever got something, or anybody, still has a place.
        for left in waiting.iter().filter(|waiting| moves.iter().all(|dealt| dealt.id != waiting.id)) {
            prop_assert!(members.iter().all(|member| !could(member, after[&member.agent_id], left.team_id)), "somebody has a place");
            for dealt in moves.iter().filter(|dealt| dealt.id > left.id) {
                let to = members.iter().find(|member| Some(member.agent_id) == dealt.assign.to).expect("a member");
                prop_assert!(left.team_id.is_some_and(|of| !to.teams.contains(&of)), "a younger one was given out before it");
            }
        }
    }

    #[test]
    fn loads_that_are_within_one_stay_so(capacity in 1..6_u32, loads in proptest::collection::vec(0..2_u32, 1..8), arrive in 0..40_usize) {
        let members = loads.iter().enumerate().map(|(number, load)| Member {
            agent_id: agent(number), takes: true, capacity, teams: Vec::new(), load: (*load).min(capacity), given_at: None,
        });
        let members: Vec<Member> = members.collect();
        let present: Vec<_> = members.iter().map(|member| (member.agent_id, Presence::Online)).collect();
        let survey = survey(RoutingMode::ByLoad, members.clone());
        let moves = Floor::of(&survey, &present).deal(&queue(&vec![None; arrive]));
        let (_, after) = played(&members, &moves);
        prop_assert!(after.values().max().expect("somebody") - after.values().min().expect("somebody") <= 1);
    }

    #[test]
    fn in_turn_everybody_is_given_as_many_within_one(
        given in proptest::collection::vec(proptest::option::of(0..100_i64), 1..8),
        arrive in 0..40_usize,
    ) {
        let members = given.iter().enumerate().map(|(number, given_at)| Member {
            agent_id: agent(number), takes: true, capacity: 100, teams: Vec::new(), load: number as u32, given_at: given_at.map(at),
        });
        let members: Vec<Member> = members.collect();
        let present: Vec<_> = members.iter().map(|member| (member.agent_id, Presence::Online)).collect();
        let survey = survey(RoutingMode::RoundRobin, members.clone());
        let moves = Floor::of(&survey, &present).deal(&queue(&vec![None; arrive]));
        prop_assert_eq!(moves.len(), arrive);
        let (_, after) = played(&members, &moves);
        let got: Vec<u32> = members.iter().map(|member| after[&member.agent_id] - member.load).collect();
        prop_assert!(got.iter().max().expect("somebody") - got.iter().min().expect("somebody") <= 1);
        // Whoever was given nothing for the longest is first.
        let first = members.iter().min_by_key(|member| (member.given_at, member.agent_id)).expect("somebody");
        prop_assert!(moves.first().is_none_or(|dealt| dealt.assign.to == Some(first.agent_id)));
    }
}

#[test]
fn loads_are_measured_by_what_one_can_take_on() {
    let member = |number, capacity| Member { agent_id: agent(number), takes: true, capacity, teams: Vec::new(), load: 0, given_at: None };
    let survey = survey(RoutingMode::ByLoad, vec![member(0, 2), member(1, 6)]);
    let present = [(agent(0), Presence::Online), (agent(1), Presence::Online)];
    let moves = Floor::of(&survey, &present).deal(&queue(&[None; 4]));
    let to: Vec<AgentId> = moves.iter().filter_map(|dealt| dealt.assign.to).collect();
    assert_eq!(to, [agent(1), agent(1), agent(0), agent(1)]);
}
