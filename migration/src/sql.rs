//! A step's statements, written once, in each database's own words.
//!
//! A step writes `{uuid}`, `{time}`, … where the databases differ; [`for_backend`] puts in what each of them says.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// What each token becomes: on SQLite, and on PostgreSQL.
const TOKENS: &[(&str, &str, &str)] = &[
    ("{uuid}", "BLOB", "uuid"),
    ("{bytes}", "BLOB", "bytea"),
    ("{int}", "INTEGER", "bigint"),
    ("{bool}", "INTEGER", "boolean"),
    ("{time}", "TEXT", "timestamptz"),
    // Of the two tables that take most rows.
    ("{micros}", "INTEGER", "timestamptz"),
    ("{json}", "TEXT", "text"),
    ("{false}", "0", "false"),
    ("{is_true}", "= 1", "= true"),
    // Behind the closing parenthesis of a table: found by its primary key alone, or by a number of its own as well.
    ("{clustered}", "STRICT, WITHOUT ROWID", ""),
    ("{plain}", "STRICT", ""),
    // Clustered, and updated so often that a page keeps room for the next version of a row.
    ("{busy}", "STRICT, WITHOUT ROWID", "WITH (fillfactor = 70)"),
    // A number from 0 to 4,294,967,295, as text.
    ("{random}", "CAST(random() & 4294967295 AS TEXT)", "floor(random() * 4294967296)::bigint::text"),
];

/// The statement as this database says it.
#[must_use]
pub fn for_backend(backend: DbBackend, statement: &str) -> String {
    TOKENS.iter().fold(statement.to_owned(), |text, (token, sqlite, postgres)| {
        text.replace(token, if backend == DbBackend::Postgres { postgres } else { sqlite })
    })
}

/// Runs the statements in order.
///
/// # Errors
/// The first that fails.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let db = manager.get_connection();
    for statement in statements {
        db.execute_unprepared(&for_backend(manager.get_database_backend(), statement)).await?;
    }
    Ok(())
}

/// Declares a step: its name, which is its place in the order, and its statements.
macro_rules! step {
    ($name:literal, $statements:ident) => {
        /// The step.
        pub struct Step;

        impl sea_orm_migration::MigrationName for Step {
            fn name(&self) -> &str {
                $name
            }
        }

        #[sea_orm_migration::async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Step {
            async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm_migration::DbErr> {
                crate::sql::run(manager, $statements).await
            }

            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }
        }
    };
}
pub(crate) use step;
