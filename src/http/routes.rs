//! The API as one table: what is served where.
//!
//! Guarantees: a v1 resource is mounted twice, under `/api/v1/workspaces/{workspace_id}` and under `/api/v1`; a known path with another
//! method answers 405 with `Allow`, an unknown one 404, both as problems.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::Value;
use utoipa_actix_web::{scope, service_config::ServiceConfig};

use super::{
    admin, agents, assets, attachments, audit_log, auth, bulk_jobs, channels, contacts, conversations, credentials, describe, event_types,
    events, extract, health, ingress, installs, invitations, messages, openapi, presets,
    problem::{Code, Problem},
    providers, routing, scheduled_messages, search, teams, tokens, webhooks, widget, workspaces,
};

/// Everything that the API's description describes.
pub fn api(cfg: &mut ServiceConfig) {
    health::routes(cfg);
    auth::routes(cfg);
    invitations::routes(cfg);
    widget::routes(cfg);
    attachments::routes(cfg);
    installs::routes(cfg);
    admin::routes(cfg);
    describe::routes(cfg);
    // The longer prefix first: a scope takes every path that begins with its prefix.
    cfg.service(scope::scope("/api/v1/workspaces/{workspace_id}").configure(resources).configure(workspaces::own));
    cfg.service(scope::scope("/api/v1").configure(resources).configure(workspaces::list));
}

/// The v1 resources. One line each; every one is served in both mounts.
fn resources(cfg: &mut ServiceConfig) {
    cfg.configure(conversations::routes)
        .configure(messages::routes)
        .configure(scheduled_messages::routes)
        .configure(search::routes)
        .configure(attachments::resources)
        .configure(contacts::routes)
        .configure(channels::routes)
        .configure(credentials::routes)
        .configure(providers::routes)
        .configure(installs::resources)
        .configure(agents::routes)
        .configure(routing::routes)
        .configure(invitations::resources)
        .configure(teams::routes)
        .configure(tokens::routes)
        .configure(webhooks::routes)
        .configure(event_types::routes)
        .configure(events::routes)
        .configure(presets::routes)
        .configure(bulk_jobs::routes)
        .configure(audit_log::routes);
}

/// The API, what is beside it, and the answers to everything else.
pub fn all(cfg: &mut web::ServiceConfig, known: &Known) {
    api(&mut ServiceConfig::new(cfg));
    ingress::routes(cfg);
    assets::routes(cfg);
    crate::ws::routes(cfg);
    let known = known.clone();
    cfg.app_data(web::PathConfig::default().error_handler(|error, request| extract::path_problem(&error, request).into()));
    cfg.default_service(web::to(move |request: HttpRequest| {
        let problem = known.refuse(&request);
        async move { Err::<actix_web::HttpResponse, Problem>(problem) }
    }));
}

/// The paths that are served, with their methods.
#[derive(Debug, Clone)]
pub struct Known {
    paths: Arc<[(Vec<String>, String)]>,
}

impl Known {
    /// Reads them from the API's description.
    #[must_use]
    pub fn new(description: &Value) -> Self {
        let split = |path: &str| path.split('/').map(str::to_owned).collect();
        let paths = openapi::methods(description).into_iter().map(|(path, methods)| (split(&path), methods.join(", ")));
        Self { paths: paths.collect() }
    }

    fn refuse(&self, request: &HttpRequest) -> Problem {
        let asked: Vec<&str> = request.path().split('/').collect();
        let fits = |pattern: &[String]| {
            pattern.len() == asked.len()
                && pattern.iter().zip(&asked).all(|(part, asked)| (part.starts_with('{') && !asked.is_empty()) || part == asked)
        };
        match self
            .paths
            .iter()
            .find(|(pattern, methods)| fits(pattern) && !methods.split(", ").any(|method| method == request.method().as_str()))
        {
            Some((_pattern, methods)) => {
                Problem::new(Code::MethodNotAllowed).detail(format!("this path takes {methods}")).allow(methods.clone())
            }
            None => Problem::new(Code::NotFound).detail("there is nothing at this address"),
        }
    }
}
