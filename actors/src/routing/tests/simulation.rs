//! Agents come and go, conversations arrive, end, come back and change hands by hand, hints are lost: at random, in virtual time.
//!
//! What is held at every tenth of a second: of what somebody who is there has a place for, the oldest never waits for longer than a second; what an
//! agent has left behind is given back in time; nothing that the routers gave went to somebody who was not there or was full, or past an older
//! one, or to somebody with more to do than another of the same capacity. And at the end nothing is lost.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::atomic::Ordering,
    time::Duration,
};

use entities::{
    AgentId, Conversation, ConversationId, ConversationStatus, EventKind, Presence, RoutingMode, RoutingRules, TeamId, Timestamp, WhenAway,
};
use proptest::prelude::*;

use super::stage::{Stage, story};
use crate::{port::ConversationRow, sweep::Sweep};

/// How often the promises are looked at.
const TICK: Duration = Duration::from_millis(100);
/// How often the sweep comes.
const SWEEP: Duration = Duration::from_millis(400);
/// What may pass before something is given out, with a tick for not having seen when it began.
const WAIT_MS_MAX: i64 = 1_000;
const AWAY_MS: i64 = 3_000;
const TEAMS: usize = 2;

#[derive(Debug, Clone)]
enum Deed {
    Arrives {
        team: Option<usize>,
    },
    Ends {
        pick: usize,
        status: ConversationStatus,
    },
    WritesAgain {
        pick: usize,
    },
    IsAnswered {
        pick: usize,
    },
    Comes {
        agent: usize,
    },
    Goes {
        agent: usize,
        presence: Presence,
    },
    ByHand {
        pick: usize,
        to: Option<usize>,
    },
    /// Hints are lost, or heard again.
    Mute(bool),
}

fn a_deed() -> impl Strategy<Value = Deed> {
    use ConversationStatus::{Pending, Resolved, Snoozed};
    let (pick, agent) = (0..1_000_usize, 0..5_usize);
    let status = prop_oneof![4 => Just(Resolved), 1 => Just(Pending), 1 => Just(Snoozed)];
    let gone = prop_oneof![Just(Presence::Away), Just(Presence::Offline)];
    prop_oneof![
        8 => proptest::option::of(0..TEAMS).prop_map(|team| Deed::Arrives { team }),
        5 => (pick.clone(), status).prop_map(|(pick, status)| Deed::Ends { pick, status }),
        1 => pick.clone().prop_map(|pick| Deed::WritesAgain { pick }),
        1 => pick.clone().prop_map(|pick| Deed::IsAnswered { pick }),
        3 => agent.clone().prop_map(|agent| Deed::Comes { agent }),
        2 => (agent.clone(), gone).prop_map(|(agent, presence)| Deed::Goes { agent, presence }),
        2 => (pick, proptest::option::of(agent)).prop_map(|(pick, to)| Deed::ByHand { pick, to }),
        1 => any::<bool>().prop_map(Deed::Mute),
    ]
}

prop_compose! {
    fn a_day()(
        by_load in proptest::bool::weighted(0.7),
        when_away in prop_oneof![Just(WhenAway::Keep), Just(WhenAway::GiveBackUnanswered), Just(WhenAway::GiveBack)],
        agents in proptest::collection::vec((prop_oneof![3 => Just(2_u32), 1 => 0..4_u32], proptest::collection::vec(any::<bool>(), TEAMS)), 5),
        deeds in proptest::collection::vec((prop_oneof![1 => Just(0_u64), 3 => 0..400_u64, 1 => 400..7_000_u64], a_deed()), 10..70),
    ) -> Day {
        let mode = if by_load { RoutingMode::ByLoad } else { RoutingMode::RoundRobin };
        Day { rules: RoutingRules { mode, when_away, away_after_ms: AWAY_MS as u32 }, agents, deeds }
    }
}

#[derive(Debug, Clone)]
struct Day {
    rules: RoutingRules,
    /// Capacity, and which teams.
    agents: Vec<(u32, Vec<bool>)>,
    deeds: Vec<(u64, Deed)>,
}

#[derive(Clone)]
struct Agent {
    id: AgentId,
    capacity: u32,
    teams: Vec<TeamId>,
    online: bool,
    changed_at: Timestamp,
}

/// A conversation as the events tell it.
#[derive(Clone)]
struct Seen {
    now: Conversation,
    opened_at: Timestamp,
    /// When anybody but the routers last moved it.
    touched_at: Option<Timestamp>,
}

struct Simulation {
    stage: Stage,
    rules: RoutingRules,
    teams: Vec<TeamId>,
    agents: Vec<Agent>,
    /// Changes by hand: those events are nobody's fault.
    by_hand: HashSet<(ConversationId, Timestamp)>,
    seen: BTreeMap<ConversationId, Seen>,
    read_until: u64,
    /// The oldest that somebody has a place for, and since when that is so.
    oldest: Option<(ConversationId, Timestamp)>,
    /// What those who are away have, and since when that is so while somebody is there.
    left_behind: HashMap<ConversationId, (AgentId, Timestamp)>,
    arrived: usize,
}

impl Agent {
    fn is_of(&self, team_id: Option<TeamId>) -> bool {
        team_id.is_none_or(|team_id| self.teams.contains(&team_id))
    }
}

impl Simulation {
    fn set(day: &Day) -> Self {
        let stage = Stage::set(day.rules);
        let teams: Vec<TeamId> = (0..TEAMS).map(|_| stage.team()).collect();
        let agents = day.agents.iter().map(|(capacity, of)| {
            let teams: Vec<TeamId> = teams.iter().zip(of).filter(|(_, of)| **of).map(|(team_id, _)| *team_id).collect();
            Agent { id: stage.agent(*capacity, &teams), capacity: *capacity, teams, online: false, changed_at: stage.now() }
        });
        let agents = agents.collect();
        Self {
            rules: day.rules,
            teams,
            agents,
            by_hand: HashSet::new(),
            seen: BTreeMap::new(),
            read_until: 0,
            oldest: None,
            left_behind: HashMap::new(),
            arrived: 0,
            stage,
        }
    }

    fn pick(&self, pick: usize, wanted: impl Fn(&ConversationRow) -> bool) -> Option<ConversationId> {
        let ids: Vec<ConversationId> = self.stage.rows().iter().filter(|row| wanted(row)).map(|row| row.id).collect();
        ids.get(pick.checked_rem(ids.len())?).copied()
    }

    fn is_present(&mut self, agent: usize, presence: Presence) {
        let online = presence == Presence::Online;
        let agent = &mut self.agents[agent];
        if agent.online != online {
            (agent.online, agent.changed_at) = (online, self.stage.now());
        }
        self.stage.presence(agent.id, presence);
    }

    async fn does(&mut self, deed: &Deed) {
        let is_open = |row: &ConversationRow| row.status == ConversationStatus::Open;
        match *deed {
            Deed::Arrives { team } => {
                self.arrived += 1;
                match team {
                    Some(team) => self.stage.arrives_for(self.teams[team]).await,
                    None => self.stage.arrives().await,
                };
            }
            Deed::Ends { pick, status } => {
                if let Some(id) = self.pick(pick, |row| is_open(row) && row.assignee_id.is_some()) {
                    self.stage.becomes(id, status).await;
                }
            }
            Deed::WritesAgain { pick } => {
                if let Some(id) = self.pick(pick, |_| true) {
                    self.stage.writes_again(id).await;
                }
            }
            Deed::IsAnswered { pick } => {
                if let Some(id) = self.pick(pick, is_open) {
                    self.stage.answers(id, self.agents[0].id).await;
                }
            }
            Deed::ByHand { pick, to } => {
                if let Some(id) = self.pick(pick, is_open) {
                    self.stage.by_hand(id, to.map(|to| self.agents[to].id)).await;
                    self.by_hand.insert((id, self.stage.now()));
                }
            }
            Deed::Comes { agent } => self.is_present(agent, Presence::Online),
            Deed::Goes { agent, presence } => self.is_present(agent, presence),
            Deed::Mute(muted) => self.stage.bus.muted.store(muted, Ordering::SeqCst),
        }
    }

    async fn passes(&mut self, time: Duration) {
        let end = self.stage.now().plus_ms(time.as_millis() as i64);
        while self.stage.now() < end {
            let left = Duration::from_millis(end.ms_since(self.stage.now()).unsigned_abs().max(1));
            self.stage.pass(TICK.min(left)).await;
            self.reads();
            self.holds();
        }
    }

    /// Reads what happened, instant by instant.
    fn reads(&mut self) {
        let events = self.stage.journal.events(self.stage.tenant_id, self.read_until);
        self.read_until += events.len() as u64;
        let mut instants: BTreeMap<Timestamp, Vec<Conversation>> = BTreeMap::new();
        for event in &events {
            if matches!(event.kind, EventKind::ConversationCreated | EventKind::ConversationUpdated) {
                instants.entry(event.at).or_default().push(serde_json::from_str(event.data.get()).expect("a conversation"));
            }
        }
        for (at, changes) in instants {
            let mut given = Vec::new();
            for change in changes {
                if self.is_given(&change, at) {
                    given.push(change.clone());
                }
                self.sees(change, at);
            }
            for conversation in &given {
                self.judges(conversation, at);
            }
        }
    }

    /// Whether the routers gave it to somebody.
    fn is_given(&self, change: &Conversation, at: Timestamp) -> bool {
        let before = self.seen.get(&change.id).and_then(|seen| seen.now.assignee_id);
        change.assignee_id.is_some() && change.assignee_id != before && !self.by_hand.contains(&(change.id, at))
    }

    fn sees(&mut self, change: Conversation, at: Timestamp) {
        let before = self.seen.get(&change.id);
        let opens = change.status == ConversationStatus::Open && before.is_none_or(|seen| seen.now.status != ConversationStatus::Open);
        let opened_at = before.filter(|_| !opens).map_or(at, |seen| seen.opened_at);
        let touched = self.by_hand.contains(&(change.id, at)) || before.is_some_and(|seen| seen.now.status != change.status);
        let touched_at = if touched { Some(at) } else { before.and_then(|seen| seen.touched_at) };
        self.seen.insert(change.id, Seen { now: change, opened_at, touched_at });
    }

    fn load(&self, agent: &Agent) -> u32 {
        let has = |seen: &&Seen| seen.now.status == ConversationStatus::Open && seen.now.assignee_id == Some(agent.id);
        self.seen.values().filter(has).count() as u32
    }

    /// What the routers gave at an instant, as it is after it.
    fn judges(&self, given: &Conversation, at: Timestamp) {
        let to = self.agents.iter().find(|agent| Some(agent.id) == given.assignee_id).expect("given to an agent");
        assert!(to.online || to.changed_at >= at, "given to somebody who is not there");
        assert!(to.is_of(given.team_id), "given to somebody who may not see it");
        // What people did in that very instant may have come before or after.
        if to.changed_at == at || self.seen.values().any(|seen| seen.touched_at == Some(at)) {
            return;
        }
        assert!(self.load(to) <= to.capacity, "given to somebody who was full");
        let opened_at = self.seen[&given.id].opened_at;
        for older in self.seen.values().filter(|seen| seen.opened_at < opened_at) {
            let is_left_alone = older.touched_at.is_some_and(|touched_at| at.ms_since(touched_at) < WAIT_MS_MAX);
            let waits = older.now.status == ConversationStatus::Open && older.now.assignee_id.is_none();
            assert!(!waits || is_left_alone || !to.is_of(older.now.team_id), "given before an older one");
        }
        let could = |agent: &&Agent| agent.online && agent.changed_at < at && agent.is_of(given.team_id) && agent.capacity == to.capacity;
        for other in self.agents.iter().filter(could).filter(|_| self.rules.mode == RoutingMode::ByLoad) {
            // Of several that were given at once this may not have been the last: what came after it may be for a team that `other` is not of.
            let later = self.seen.values().filter(|seen| {
                let comes_after = (seen.opened_at, seen.now.id) > (opened_at, given.id);
                seen.now.assignee_id == Some(to.id) && seen.now.updated_at == at && comes_after
            });
            let load = self.load(to) - later.count() as u32;
            assert!(load <= self.load(other) + 1, "somebody had less to do: {} and {}", load, self.load(other));
        }
    }

    /// What is so at this moment.
    fn holds(&mut self) {
        let (rows, now) = (self.stage.rows(), self.stage.now());
        let has_place = |agent: &&Agent| agent.online && self.load(agent) < agent.capacity;
        let free: Vec<&Agent> = self.agents.iter().filter(has_place).collect();
        let waits = |row: &&ConversationRow| row.status == ConversationStatus::Open && row.assignee_id.is_none();
        let servable = rows.iter().filter(waits).filter(|row| free.iter().any(|agent| agent.is_of(row.team_id)));
        let oldest = servable.min_by_key(|row| (self.seen[&row.id].opened_at, row.id)).map(|row| row.id);
        self.oldest = oldest.map(|id| (id, self.oldest.filter(|(before, _)| *before == id).map_or(now, |(_, since)| since)));
        if let Some((id, since)) = self.oldest {
            assert!(now.ms_since(since) < WAIT_MS_MAX, "{id} has been waiting since {since}, and somebody has a place");
        }
        let mut left_behind = HashMap::new();
        for row in rows.iter().filter(|row| row.status == ConversationStatus::Open && self.rules.when_away == WhenAway::GiveBack) {
            let Some(agent_id) = row.assignee_id else { continue };
            let is_gone = self.agents.iter().any(|agent| agent.id == agent_id && !agent.online);
            if is_gone && self.agents.iter().any(|agent| agent.online && agent.is_of(row.team_id)) {
                let before = self.left_behind.get(&row.id).filter(|(whose, _)| *whose == agent_id);
                let since = before.map_or(now, |(_, since)| *since);
                assert!(now.ms_since(since) < AWAY_MS + WAIT_MS_MAX, "{} is still theirs who went away", row.id);
                left_behind.insert(row.id, (agent_id, since));
            }
        }
        self.left_behind = left_behind;
    }

    /// Everybody's work is taken over: then nothing may be left.
    async fn ends(&mut self) {
        let teams = self.teams.clone();
        let last = self.stage.agent(10_000, &teams);
        self.agents.push(Agent { id: last, capacity: 10_000, teams, online: false, changed_at: self.stage.now() });
        self.is_present(self.agents.len() - 1, Presence::Online);
        self.passes(Duration::from_secs(1)).await;
        let rows = self.stage.rows();
        assert_eq!(rows.len(), self.arrived, "none is lost");
        let waiting = rows.iter().filter(|row| row.status == ConversationStatus::Open && row.assignee_id.is_none()).count();
        assert_eq!(waiting, 0, "none waits while there are places");
        assert_eq!(self.stage.node.observe().deaths, 0);
        assert!(self.stage.node.drain(Duration::from_secs(5)).await);
        assert_eq!(self.stage.routing.lease(self.stage.tenant_id), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_what_waits_finds_somebody(day in a_day()) {
        story(async {
            let mut simulation = Simulation::set(&day);
            let _sweep = Sweep::start(
                vec![Box::new(simulation.stage.node.clone())],
                simulation.stage.clock.clone(),
                SWEEP,
                std::sync::Arc::new(|_, _| {}),
            );
            for (wait_ms, deed) in &day.deeds {
                simulation.passes(Duration::from_millis(*wait_ms)).await;
                simulation.does(deed).await;
                simulation.reads();
            }
            simulation.passes(Duration::from_secs(8)).await;
            simulation.ends().await;
        });
    }
}
