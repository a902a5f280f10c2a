//! What stands in a conversation for a message that has no words of its own.

/// For one that says nothing at all.
pub const EMPTY: &str = "(empty message)";
/// For one of a kind that this version does not know.
pub const UNKNOWN: &str = "(a message of a kind that cannot be shown here)";
