//! Every route there is: its method, its path, who may ask it, and what answers. The router is built of this table,
//! and tests walk it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{self, MethodRouter};

use super::access::guard;
use super::desk::{Desk, Refusal};
use super::panics;
use super::route_info::RouteInfo;
use super::{
    backup_routes, case_routes, due_routes, erase_routes, event_routes, extract, limit_routes, mail_routes,
    openapi, replay_routes, report, service_routes, token_routes, verify_routes, watch_routes,
};
use crate::access::Role;

/// The longest body of a request that is neither events nor an extract, in bytes: a configuration with all its
/// templates is a hundredth of it.
pub const LONGEST_BODY: usize = 8 << 20;

/// The longest body that holds events or an extract, in bytes: four million events. It is held in memory.
pub const LONGEST_IMPORT: usize = 1 << 30;

/// Every route there is.
#[must_use]
pub fn routes() -> Vec<RouteInfo> {
    table().into_iter().map(|route| route.info).collect()
}

/// A route with what answers it.
struct Route {
    info: RouteInfo,
    /// How long its body may be, in bytes.
    longest: usize,
    answer: MethodRouter<Desk>,
}

/// Questions are for readers, what is recorded comes from recorders, orders from admins. The whole log is for admins:
/// it has every case at once, and what stepdown wrote to whom.
fn table() -> Vec<Route> {
    use Role::{Admin, Monitor, Reader, Recorder};
    vec![
        get("/metrics", Monitor, watch_routes::metrics),
        get("/healthz", Monitor, watch_routes::healthz),
        get("/readyz", Monitor, watch_routes::readyz),
        get("/v1/events", Admin, event_routes::export),
        post("/v1/events", Recorder, event_routes::append).of_many(),
        post("/v1/extract", Recorder, extract::import).of_many(),
        post("/v1/mend", Recorder, event_routes::mend),
        get("/v1/due", Reader, due_routes::due),
        get("/v1/explain", Reader, due_routes::explain),
        get("/v1/explain/rule", Reader, due_routes::explain_rule),
        get("/v1/limits", Reader, limit_routes::limits),
        get("/v1/cases", Reader, case_routes::cases),
        get("/v1/cases/{case}", Reader, case_routes::case),
        post("/v1/cases/{case}/erase", Admin, erase_routes::erase),
        get("/v1/backup", Admin, backup_routes::backup),
        get("/v1/keys", Admin, erase_routes::keys),
        post("/v1/keys/rotate", Admin, erase_routes::rotate),
        get("/v1/tokens", Admin, token_routes::tokens),
        post("/v1/tokens", Admin, token_routes::add),
        delete("/v1/tokens/{name}", Admin, token_routes::revoke),
        get("/openapi.json", Reader, openapi::served),
        get("/v1/status", Reader, service_routes::status),
        post("/v1/reload", Admin, service_routes::take_anew),
        get("/v1/replay", Reader, replay_routes::replayed),
        post("/v1/replay", Reader, replay_routes::compared),
        get("/v1/verify", Reader, verify_routes::verified),
        get("/v1/checkpoint", Reader, verify_routes::signed),
        get("/v1/reminders/plan", Reader, mail_routes::plan),
        get("/v1/reminders/sent", Reader, mail_routes::sent),
        get("/v1/reminders/preview", Reader, mail_routes::preview),
        get("/v1/report", Reader, report::reported),
        post("/v1/simulate", Reader, mail_routes::simulate),
        post("/v1/mail/test", Admin, mail_routes::test),
        post("/v1/mail/hold", Admin, mail_routes::hold),
        post("/v1/mail/release", Admin, mail_routes::release),
        get("/v1/silences", Reader, mail_routes::silences),
        post("/v1/silences", Admin, mail_routes::silence),
        post("/v1/silences/{id}/end", Admin, mail_routes::end_silence),
    ]
}

/// The router of the whole table, with the guard before each route. Whoever has no role hears of none.
pub(super) fn router(desk: &Desk) -> Router {
    let guarded = |info: RouteInfo| from_fn_with_state((desk.clone(), info), guard);
    let nowhere = |method| guarded(RouteInfo { method, path: "unknown", role: Role::Monitor });
    let mut router = Router::new();
    for Route { info, longest, answer } in table() {
        router = router.route(info.path, answer.layer(DefaultBodyLimit::max(longest)).layer(guarded(info)));
    }
    let router = router
        .fallback(unknown.layer(nowhere(Method::GET)))
        .method_not_allowed_fallback(wrong_method.layer(nowhere(Method::GET)));
    panics::caught(router).with_state(desk.clone())
}

fn get<H: Handler<T, Desk>, T: 'static>(path: &'static str, role: Role, handler: H) -> Route {
    Route::new(Method::GET, path, role, routing::get(handler))
}

fn post<H: Handler<T, Desk>, T: 'static>(path: &'static str, role: Role, handler: H) -> Route {
    Route::new(Method::POST, path, role, routing::post(handler))
}

fn delete<H: Handler<T, Desk>, T: 'static>(path: &'static str, role: Role, handler: H) -> Route {
    Route::new(Method::DELETE, path, role, routing::delete(handler))
}

impl Route {
    const fn new(method: Method, path: &'static str, role: Role, answer: MethodRouter<Desk>) -> Self {
        Self { info: RouteInfo { method, path, role }, longest: LONGEST_BODY, answer }
    }

    /// A history of years comes in one request, all or nothing.
    fn of_many(self) -> Self {
        Self { longest: LONGEST_IMPORT, ..self }
    }
}

async fn unknown(uri: Uri) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, &format!("there is nothing at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let why = format!("{} does not take {method}; the header \"allow\" has what it takes", uri.path());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, &why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_is_for_recorders_and_admins() {
        // Questions that are too long for an address come in a body.
        let questions = ["/v1/replay", "/v1/simulate"];
        for info in routes().iter().filter(|info| info.method != Method::GET) {
            let least = if questions.contains(&info.path) { Role::Reader } else { Role::Recorder };
            assert!(info.role >= least, "{info:?}");
        }
        let health = ["/metrics", "/healthz", "/readyz"];
        for info in routes() {
            assert_eq!(info.role == Role::Monitor, health.contains(&info.path), "{info:?}");
        }
    }

    #[test]
    fn no_route_is_there_twice() {
        let mut all: Vec<_> = routes().into_iter().map(|info| (info.path, info.method.to_string())).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
