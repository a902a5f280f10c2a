//! Pages of lists by age: where one ended, and how the next begins.

use entities::Timestamp;
use sea_orm::{
    IntoSimpleExpr,
    prelude::DateTimeUtc,
    sea_query::{Expr, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a page of a list by age ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The instant, in microseconds.
    at: i64,
    /// The row.
    id: Uuid,
}

impl Place {
    /// Behind this row.
    pub(super) fn of(at: DateTimeUtc, id: Uuid) -> Self {
        Self { at: Timestamp::new(at).micros(), id }
    }

    /// Behind this row of a table whose instants are microseconds.
    pub(super) const fn of_micros(at: i64, id: Uuid) -> Self {
        Self { at, id }
    }

    /// The instant in microseconds and the row, for a statement that compares them itself.
    pub(super) const fn parts(self) -> (i64, Uuid) {
        (self.at, self.id)
    }

    /// As [`Place::values`], for such a table.
    pub(super) fn micros_values(self) -> SimpleExpr {
        Expr::tuple([Expr::value(self.at), Expr::value(self.id)])
    }

    /// The values, to compare with the two columns by which the list is ordered.
    pub(super) fn values(self) -> SimpleExpr {
        Expr::tuple([Expr::value(Timestamp::from_micros(self.at).utc()), Expr::value(self.id)])
    }
}

/// One page of a list.
#[derive(Debug)]
pub struct Listed<T, P = Place> {
    /// What is on it.
    pub data: Vec<T>,
    /// Where the next page begins; `None` if this is the last.
    pub next: Option<P>,
}

/// Two columns as one value, in the order in which an index has them.
pub(super) fn key(at: impl IntoSimpleExpr, id: impl IntoSimpleExpr) -> SimpleExpr {
    Expr::tuple([at.into_simple_expr(), id.into_simple_expr()])
}

/// Cuts the row that shows that there is another page, and says where this one ended.
pub(super) fn cut<M, P>(rows: &mut Vec<M>, limit: u64, place: impl Fn(&M) -> P) -> Option<P> {
    if rows.len() as u64 <= limit {
        return None;
    }
    rows.truncate(limit as usize);
    rows.last().map(place)
}
