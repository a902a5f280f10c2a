//! Dialpad's errors (specification `dialpad` 5.5 and 10): HTTP statuses in answers, delivery results in statuses.

use crate::simulate::faults::Fault;

const fn fault(code: &'static str, http: u16, title: &'static str) -> Fault {
    Fault { code, http, title }
}

/// Both tables.
pub const FAULTS: &[Fault] = &[
    fault("400", 400, "Bad request"),
    fault("401", 401, "Invalid credentials"),
    fault("403", 403, "Missing scope, or texts are not enabled for this line"),
    fault("404", 404, "Not found"),
    fault("409", 409, "Already exists"),
    fault("429", 429, "Rate limit exceeded"),
    fault("500", 500, "Internal error"),
    fault("503", 503, "Service unavailable"),
    fault("internal_error", 500, "as a status: an internal error"),
    fault("time_out", 500, "as a status: the carrier did not answer"),
    fault("invalid_destination", 400, "as a status: the number is not valid"),
    fault("no_route", 400, "as a status: there is no way to the number"),
    fault("not_supported", 400, "as a status: the number takes no texts"),
    fault("invalid_source", 400, "as a status: the sender is not valid"),
    fault("rejected", 400, "as a status: refused by the carrier"),
    fault("rejected_spam", 400, "as a status: refused as spam"),
];

/// The row of a code; for one that is not in the tables, a row that says only that.
pub fn row(code: &str) -> Fault {
    FAULTS.iter().find(|fault| fault.code == code).copied().unwrap_or(Fault { code: "", http: 400, title: "Bad request" })
}
