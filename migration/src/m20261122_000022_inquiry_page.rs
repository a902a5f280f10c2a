//! Where an inquiry goes on whose answer has more pages than are asked for at once: in words of whoever asks.

crate::sql::step!("m20261122_000022_inquiry_page", STATEMENTS);

const STATEMENTS: &[&str] = &["ALTER TABLE inquiry ADD COLUMN page TEXT"];
