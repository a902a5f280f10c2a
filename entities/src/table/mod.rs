//! Rows as SeaORM sees them: no logic, no `Serialize`, imported by the store alone.
