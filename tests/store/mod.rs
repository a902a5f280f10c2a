//! The store, on both databases.

mod backup;
mod channel_change;
mod deliveries;
mod dispatch_plans;
mod dispatches;
mod event_place;
mod inquiries;
mod journal;
mod media_fetch;
mod migrations;
mod outages;
mod outgoing;
mod plans;
mod routing;
mod routing_plans;
mod search;
mod templates;
mod webhook_plans;
