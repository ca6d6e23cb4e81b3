//! The guard before every route: who asks, how often, and whether they may.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio_stream::StreamExt as _;

use super::caller::Caller;
use super::limit::Limits;
use super::origin::Origin;
use crate::access::{Role, Standing, TokenHash, Who};
use crate::api::desk::{Desk, Refusal};
use crate::api::route_info::RouteInfo;

/// How long a client may pause within a body that comes over TCP.
const PAUSE: Duration = Duration::from_secs(30);

/// What the guard remembers.
pub(in crate::api) struct Gate {
    limits: Limits,
}

impl Gate {
    pub(in crate::api) fn new() -> Arc<Self> {
        Arc::new(Self { limits: Limits::new() })
    }
}

/// Lets a request pass to its route, or says why not.
pub(in crate::api) async fn guard(
    State((desk, route)): State<(Desk, RouteInfo)>,
    Extension(origin): Extension<Origin>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match admitted(&desk, &route, &origin, request.headers()) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    if let Origin::Net(_) = origin {
        request = request.map(steady);
    }
    request.extensions_mut().insert(caller.clone());
    let method = request.method().clone();
    let response = next.run(request).await;
    // What is recorded of a case says itself who sent it in; what is ordered is told here.
    if route.role == Role::Admin && method != Method::HEAD {
        let (path, status) = (route.path, response.status().as_u16());
        tracing::info!(caller = %caller, %method, path, status, "an order");
    }
    response
}

/// Who asks, if they may.
fn admitted(desk: &Desk, route: &RouteInfo, origin: &Origin, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let caller = match origin {
        Origin::Local(_) => local(desk, origin),
        Origin::Net(address) => bearer(desk, headers).map_err(|refusal| desk.gate.counted(*address, refusal)),
    }?;
    if !caller.trusted {
        let per_minute = desk.handle.snapshot.borrow().config.settings.access.requests_per_minute;
        desk.gate.limits.caller(&caller.who, per_minute).map_err(|wait| {
            let why = format!(
                "{caller} may make {per_minute} requests a minute ([access] requests_per_minute); \
                 ask again in {wait} seconds"
            );
            too_many(&why, wait)
        })?;
    }
    if caller.may(route.role) {
        return Ok(caller);
    }
    tracing::warn!(caller = %caller, path = route.path, role = %route.role, "refused: not of this role");
    Err(caller.refused(route.role))
}

/// Whoever is at the other end of the socket.
fn local(desk: &Desk, origin: &Origin) -> Result<Caller, Refusal> {
    let Origin::Local(peer) = origin else {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "it is not known who asks"));
    };
    let who = Who::User(peer.name.clone());
    if peer.trusted {
        return Ok(Caller { who, role: Some(Role::Admin), trusted: true });
    }
    let role = desk.handle.snapshot.borrow().config.settings.access.role_of(&peer.name, &peer.groups);
    Ok(Caller { who, role, trusted: false })
}

/// Whoever holds the token that comes along (RFC 6750, section 2.1).
fn bearer(desk: &Desk, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (given.next(), given.next()) else {
        return Err(unauthorized(
            "give a token, and one only: the header \"authorization: Bearer sdt_…\"",
            None,
        ));
    };
    let words = header.to_str().ok().and_then(|text| text.split_once(' '));
    let secret =
        words.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, rest)| rest.trim());
    let Some(secret) = secret else {
        return Err(unauthorized("give a token: the header \"authorization: Bearer sdt_…\"", None));
    };
    let snapshot = desk.handle.snapshot.borrow();
    let zone = snapshot.config.settings.reminders.time_zone;
    let Some(token) = snapshot.records.tokens.find(&TokenHash::of(secret)) else {
        return Err(unauthorized("the token is unknown", Some("the token is unknown")));
    };
    let name = &token.added.name;
    match token.standing(zone.civil_date(desk.handle.clock.now())) {
        Standing::Good => {
            Ok(Caller { who: Who::Token(name.to_string()), role: Some(token.role()), trusted: false })
        }
        Standing::Lapsed(until) => {
            let why =
                format!("the token {name} was good until {until}; an admin can revoke it and add it anew");
            Err(unauthorized(&why, Some("the token has expired")))
        }
        Standing::Revoked(_) => {
            let why = format!("the token {name} was revoked; an admin can add another");
            Err(unauthorized(&why, Some("the token was revoked")))
        }
    }
}

fn unauthorized(why: &str, description: Option<&str>) -> Refusal {
    let challenge = match description {
        // RFC 6750, section 3: no error code where no token came.
        None => "Bearer realm=\"stepdown\"".to_owned(),
        Some(words) => {
            format!("Bearer realm=\"stepdown\", error=\"invalid_token\", error_description=\"{words}\"")
        }
    };
    Refusal::new(StatusCode::UNAUTHORIZED, why).with_header(WWW_AUTHENTICATE, &challenge)
}

fn too_many(why: &str, wait: u64) -> Refusal {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, why).with_header(RETRY_AFTER, &wait.to_string())
}

impl Gate {
    /// A request without a good token: refused, and after many of them told to wait. The journal hears of those that
    /// are counted, so that nobody fills it.
    fn counted(&self, address: SocketAddr, refusal: Refusal) -> Refusal {
        match self.limits.stranger(address.ip()) {
            Ok(()) => {
                tracing::warn!(from = %address.ip(), why = refusal.why(), "refused: no good token");
                refusal
            }
            Err(wait) => {
                let why = format!("too many requests without a good token; ask again in {wait} seconds");
                too_many(&why, wait)
            }
        }
    }
}

/// The body, of which each piece must come in time: nobody holds a connection by a body that never ends.
fn steady(body: Body) -> Body {
    let pieces = body.into_data_stream().timeout(PAUSE);
    Body::from_stream(pieces.map(|piece| match piece {
        Ok(piece) => piece.map_err(io::Error::other),
        Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
    }))
}
