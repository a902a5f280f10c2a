//! A conversation changes hands only if it still is as whoever decides saw it.

use entities::{AgentId, ChannelKind, ConversationStatus, TeamId};
use uuid::Uuid;

use super::line::{Line, events};
use crate::conversation::{Assign, Command, Update, state::Fact};

/// What happened meanwhile, and how.
type Change = (&'static str, fn(&mut Line));

fn agent(number: u128) -> AgentId {
    AgentId::new(Uuid::from_u128(number))
}

fn to(from: Option<AgentId>, to: Option<AgentId>) -> Command {
    Command::Assign(Assign { from, team_id: None, to })
}

fn update(line: &mut Line, update: Update) {
    line.facts(&Command::Update(Box::new(update)));
}

#[test]
fn what_is_as_it_was_seen_changes_hands_with_its_ticket() {
    let mut line = Line::begun(ChannelKind::Sms);
    let facts = line.facts(&to(None, Some(agent(1))));
    assert_eq!(events(&facts), 3, "updated, assigned, and the ticket");
    let [Fact::Changed { changes, ticket_changes, .. }] = facts.as_slice() else { panic!("one change, got {facts:?}") };
    assert!(changes.keys().eq(["assignee_id"].iter()) && ticket_changes.keys().eq(["assignee_id"].iter()));
    assert_eq!(line.state.row.assignee_id, Some(agent(1)));
    assert_eq!(line.state.ticket.as_ref().and_then(|ticket| ticket.assignee_id), Some(agent(1)));
    line.facts(&to(Some(agent(1)), None));
    assert_eq!(line.state.row.assignee_id, None);
}

#[test]
fn a_repeat_changes_nothing() {
    let mut line = Line::begun(ChannelKind::Sms);
    line.facts(&to(None, Some(agent(1))));
    assert!(line.facts(&to(None, Some(agent(1)))).is_empty());
}

#[test]
fn what_is_no_longer_as_it_was_seen_stays_as_it_is() {
    let changes: [Change; 4] = [
        ("somebody took it", |line| update(line, Update { assignee_id: Some(Some(agent(2))), ..Update::default() })),
        ("it is done", |line| update(line, Update { status: Some(ConversationStatus::Resolved), ..Update::default() })),
        ("it is another team's", |line| {
            update(line, Update { team_id: Some(Some(TeamId::new(Uuid::from_u128(9)))), ..Update::default() });
        }),
        ("it is in a personal inbox", |line| line.state.row.owner_id = Some(agent(2))),
    ];
    for (why, change) in changes {
        let mut line = Line::begun(ChannelKind::Sms);
        change(&mut line);
        let before = line.state.row.clone();
        assert!(line.facts(&to(None, Some(agent(1)))).is_empty(), "{why}");
        assert_eq!(line.state.row, before, "{why}");
    }
}
