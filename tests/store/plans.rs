//! Every hot query is served by an index: SQLite says so itself.

use actors::port::Timer;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use switchboard::store::{
    journal::read,
    read::{preset, provider::THREADS, trash},
    timers::due_sql,
};

use crate::support::databases;

/// A query of the journal's, and the index that must serve it. The text is that of `src/store/journal`, with the values left open.
const HOT: &[(&str, &str)] = &[
    ("SELECT id, tenant_id, seq, labels, assignee_id FROM conversation WHERE id IN (?, ?)", "SEARCH conversation USING PRIMARY KEY (id=?)"),
    ("SELECT id, tenant_id, version FROM contact WHERE id IN (?, ?)", "SEARCH contact USING PRIMARY KEY (id=?)"),
    (
        "SELECT m.id FROM (VALUES (?, ?), (?, ?)) AS k CROSS JOIN message AS m \
         ON m.conversation_id = k.column1 AND m.client_id = k.column2 AND m.client_id IS NOT NULL",
        "SEARCH m USING INDEX message_by_client_id (conversation_id=? AND client_id=?)",
    ),
    ("UPDATE tenant SET position = position + ?2 WHERE id = ?1", "SEARCH tenant USING PRIMARY KEY (id=?)"),
    (
        "SELECT * FROM message m WHERE m.conversation_id = ?1 AND m.seq < ?2 AND m.tenant_id = ?3 ORDER BY m.seq DESC LIMIT ?4",
        "SEARCH m USING PRIMARY KEY (conversation_id=? AND seq<?)",
    ),
    (
        "SELECT e.id, m.id FROM event e LEFT JOIN message m ON e.data IS NULL AND m.conversation_id = e.conversation_id \
         AND m.seq = e.seq - CASE WHEN e.kind = 'ticket.message_created' THEN 1 ELSE 0 END \
         WHERE e.tenant_id = ?1 AND e.position > ?2 ORDER BY e.position LIMIT ?3",
        "SEARCH e USING PRIMARY KEY (tenant_id=? AND position>?)",
    ),
    (
        "SELECT e.id, m.id FROM event e LEFT JOIN message m ON e.data IS NULL AND m.conversation_id = e.conversation_id \
         AND m.seq = e.seq - CASE WHEN e.kind = 'ticket.message_created' THEN 1 ELSE 0 END WHERE e.tenant_id = ?1 AND e.position > ?2",
        "SEARCH m USING PRIMARY KEY (conversation_id=? AND seq=?)",
    ),
    ("SELECT position FROM event WHERE tenant_id = ?1 ORDER BY position LIMIT 1", "SEARCH event USING PRIMARY KEY (tenant_id=?)"),
    (
        "SELECT id FROM conversation WHERE tenant_id = ?1 ORDER BY updated_at DESC, id DESC LIMIT ?2",
        "SEARCH conversation USING COVERING INDEX conversation_by_change (tenant_id=?)",
    ),
    (
        "SELECT id FROM conversation WHERE tenant_id = ?1 AND status = ?2 ORDER BY updated_at DESC, id DESC LIMIT ?3",
        "SEARCH conversation USING COVERING INDEX conversation_by_status (tenant_id=? AND status=?)",
    ),
    (
        "SELECT id FROM conversation WHERE tenant_id = ?1 AND assignee_id = ?2 ORDER BY updated_at DESC, id DESC LIMIT ?3",
        "SEARCH conversation USING COVERING INDEX conversation_by_assignee (tenant_id=? AND assignee_id=?)",
    ),
    (
        "SELECT id FROM conversation WHERE tenant_id = ?1 AND team_id = ?2 ORDER BY updated_at DESC, id DESC LIMIT ?3",
        "SEARCH conversation USING COVERING INDEX conversation_by_team (tenant_id=? AND team_id=?)",
    ),
    (THREADS, "SEARCH c USING INDEX conversation_by_change (tenant_id=? AND updated_at>?)"),
    (
        "SELECT kind, value FROM contact_address WHERE tenant_id = ?1 AND contact_id = ?2 ORDER BY place",
        "SEARCH contact_address USING COVERING INDEX contact_address_by_contact (tenant_id=? AND contact_id=?)",
    ),
    (
        "DELETE FROM contact_address WHERE (tenant_id, contact_id) IN (VALUES (?, ?), (?, ?))",
        "SEARCH contact_address USING COVERING INDEX contact_address_by_contact (tenant_id=? AND contact_id=?)",
    ),
    (
        "SELECT message FROM scheduled_message WHERE tenant_id = ?1 AND conversation_id = ?2 ORDER BY id",
        "SEARCH scheduled_message USING PRIMARY KEY (tenant_id=? AND conversation_id=?)",
    ),
    (
        "DELETE FROM conversation_label WHERE (tenant_id, label, conversation_id) IN (VALUES (?, ?, ?))",
        "SEARCH conversation_label USING PRIMARY KEY (tenant_id=? AND label=? AND conversation_id=?)",
    ),
];

#[tokio::test]
async fn every_hot_query_uses_its_index() {
    let fresh = databases::sqlite().await;
    let visitors = read::visitor_events_sql(DbBackend::Sqlite);
    let visitor = [
        (trash::LAIN, "SEARCH conversation USING INDEX conversation_by_trash ("),
        (preset::LIST, "SEARCH preset USING INDEX preset_by_age (tenant_id=? AND kind=?"),
        (visitors.as_str(), "SEARCH m USING PRIMARY KEY (conversation_id=? AND seq>?)"),
        (visitors.as_str(), "SEARCH e USING PRIMARY KEY (tenant_id=? AND position=?)"),
        (visitors.as_str(), "SEARCH e USING INDEX event_for_visitor (conversation_id=? AND seq>?)"),
    ];
    let due = [Timer::Snooze, Timer::Message].map(|timer| [false, true].map(|goes_on| due_sql(timer, goes_on)));
    let [[snoozes, more_snoozes], [messages, more_messages]] = &due;
    let timers = [
        (snoozes.as_str(), "SEARCH c USING INDEX conversation_by_snooze (snoozed_until<?)"),
        (more_snoozes.as_str(), "SEARCH c USING INDEX conversation_by_snooze ("),
        (messages.as_str(), "SEARCH s USING COVERING INDEX scheduled_message_by_due (due_at<?)"),
        (more_messages.as_str(), "SEARCH s USING COVERING INDEX scheduled_message_by_due ("),
    ];
    for (sql, wanted) in HOT.iter().copied().chain(visitor).chain(timers) {
        let explain = Statement::from_string(fresh.db.backend(), format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = fresh.db.read().query_all_raw(explain).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a line")).collect();
        let said = plan.join("\n");
        assert!(plan.iter().any(|line| line.starts_with(wanted)), "{sql}\nis served by\n{said}\nand not by\n{wanted}");
        // Joining two sorted halves of at most a page may take a sort of its own.
        assert!(sql.contains("UNION ALL") || !said.contains("TEMP B-TREE"), "{sql}\nsorts by itself:\n{said}");
    }
}
