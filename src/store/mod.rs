//! The only SQL. Everything that Switchboard keeps is behind here, in SQLite or in PostgreSQL.
//!
//! Guarantees: nothing is found without its tenant's id, but for the few searches by which a caller's tenant is learnt (a token's hash,
//! an e-mail address at sign-in, a widget's key). Conversations, contacts, tickets, messages and events are changed by [`journal`] alone.
//!
//! Does not: decide. What may be written was decided by an actor or a handler.
//!
//! Start reading at [`connect`], which opens the database, and [`journal`], through which the conversations run.

pub mod backup;
pub mod connect;
mod copy;
pub mod deliveries;
pub mod dialect;
pub mod dispatches;
pub mod journal;
pub mod read;
pub mod routing;
pub mod settings;
pub mod timers;

use std::sync::Arc;

use actors::port::StoreError;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, SqlErr, Statement};

pub use connect::{Database, OpenOptions};
pub use journal::SqlJournal;

/// The lock that keeps two processes from migrating one PostgreSQL database at once; any number that nothing else uses.
const MIGRATION_LOCK: i64 = 0x5357_4244_4d49_4752;

/// What a database error means to who asked: a taken unique value is a conflict, a missing row is not found, all else is unavailable.
pub fn unavailable(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => return StoreError::Conflict("the value is taken"),
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => {
            return StoreError::Conflict("the row it belongs to is missing, or is still used");
        }
        Some(_) | None => {}
    }
    match error {
        DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => StoreError::NotFound,
        other => StoreError::Unavailable(Arc::from(other.to_string())),
    }
}

/// Brings the schema up to this binary's; does nothing where it is already.
///
/// # Errors
/// [`StoreError::Unavailable`] with a sentence that names the unknown step, if the database was migrated by a newer binary, and whatever
/// a step itself answers.
pub async fn migrate(db: &Database) -> Result<(), StoreError> {
    refuse_newer(db).await?;
    if db.backend() == DbBackend::Postgres {
        // The lock lies in the transaction that waits for it; the steps run on other connections meanwhile.
        return db
            .write(async |guard| {
                let lock = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK.into()]);
                guard.execute_raw(lock).await.map_err(unavailable)?;
                Migrator::up(db.read(), None).await.map_err(unavailable)
            })
            .await;
    }
    db.exclusively(async |writer| Migrator::up(writer, None).await.map_err(unavailable)).await
}

/// The steps that this binary knows and the database has not, oldest first.
///
/// # Errors
/// As [`migrate`].
pub async fn pending(db: &Database) -> Result<Vec<String>, StoreError> {
    refuse_newer(db).await?;
    let steps = Migrator::get_pending_migrations_read_only(db.read()).await.map_err(unavailable)?;
    Ok(steps.iter().map(|step| step.name().to_owned()).collect())
}

async fn refuse_newer(db: &Database) -> Result<(), StoreError> {
    let known = Migrator::migrations();
    for applied in dialect::applied_steps(db.read()).await.map_err(unavailable)? {
        if !known.iter().any(|step| step.name() == applied) {
            let text = format!(
                "the database was migrated by a newer Switchboard (step {applied} is unknown here): use that version or a later one"
            );
            return Err(StoreError::Unavailable(Arc::from(text)));
        }
    }
    Ok(())
}
