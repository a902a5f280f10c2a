//! The store, on both databases.

mod backup;
mod deliveries;
mod dispatch_plans;
mod dispatches;
mod event_place;
mod journal;
mod migrations;
mod outages;
mod outgoing;
mod plans;
mod webhook_plans;
