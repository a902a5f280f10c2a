//! The two doors: from an HTTP request to a socket.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use actix_web_actors::ws;

use super::{
    frame::FRAME_BYTES_MAX,
    socket::{Door, Socket, Upgrade},
};
use crate::http::{
    App, access,
    middleware::context,
    problem::{Answer, Code, Problem},
};

/// Mounts both doors.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/ws/visitor", web::get().to(visitor)).route("/ws/agent", web::get().to(agent));
}

async fn visitor(request: HttpRequest, payload: web::Payload, app: web::Data<App>) -> Answer {
    open(&request, payload, app, Door::Visitor)
}

async fn agent(request: HttpRequest, payload: web::Payload, app: web::Data<App>) -> Answer {
    open(&request, payload, app, Door::Agent)
}

fn open(request: &HttpRequest, payload: web::Payload, app: web::Data<App>, door: Door) -> Answer<HttpResponse> {
    let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let cookie = match door {
        Door::Visitor => None,
        Door::Agent => access::session_cookie(request),
    };
    let own_origin = access::is_own_origin(&app, request);
    let upgrade = Upgrade { origin, own_origin, address: context::current().address, cookie };
    ws::WsResponseBuilder::new(Socket::new(app, door, upgrade), request, payload)
        .frame_size(FRAME_BYTES_MAX)
        .start()
        .map_err(|error| Problem::new(Code::InvalidRequest).detail(format!("this address speaks WebSocket only: {error}")))
}
