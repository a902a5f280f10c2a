//! Where an instant lies among a tenant's events.

use entities::{TenantId, Timestamp};
use sea_orm::{ConnectionTrait, Statement};
use switchboard::store::{Database, dialect, read::event_place, unavailable};
use uuid::Uuid;

use crate::support::databases;

const TENANT: TenantId = TenantId::new(Uuid::from_u128(7));
const MINUTE_MS: i64 = 60_000;

/// Of the event at a place: one a minute.
fn at(position: i64) -> Timestamp {
    Timestamp::from_micros(1_774_535_400_000_000).plus_ms(position * MINUTE_MS)
}

async fn places(db: &Database) {
    assert_eq!(event_place::kept(db, TENANT).await.unwrap(), None);
    db.write(async |write| {
        for position in 100..200_i64 {
            let sql =
                "INSERT INTO event (tenant_id, position, id, kind, visitor_visible, at) VALUES ($1, $2, $3, 'ticket.created', $4, $5)";
            let id = Uuid::from_u128(position as u128);
            let when = dialect::micros_value(db.backend(), at(position));
            let values = [TENANT.uuid().into(), position.into(), id.into(), false.into(), when];
            write.execute_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await.map_err(unavailable)?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let kept = event_place::kept(db, TENANT).await.unwrap().unwrap();
    assert_eq!((kept.oldest, kept.newest), (100, 199));
    assert_eq!(event_place::kept(db, TenantId::new(Uuid::from_u128(8))).await.unwrap(), None);
    // The slack is one of these minutes.
    for (instant, from, until) in [(150, 149, 151), (0, 100, 100), (100, 100, 101), (199, 198, 200), (1_000, 200, 200)] {
        let found = (
            event_place::from(db, TENANT, kept, at(instant)).await.unwrap(),
            event_place::until(db, TENANT, kept, at(instant)).await.unwrap(),
        );
        assert_eq!(found, (from, until), "{instant}");
    }
}

#[tokio::test]
async fn an_instant_has_its_place_on_sqlite() {
    places(&databases::sqlite().await.db).await;
}

#[tokio::test]
async fn an_instant_has_its_place_on_postgres() {
    places(&databases::postgres().await.db).await;
}
