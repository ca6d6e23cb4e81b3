//! Every route as every role, over TCP; and what the door does with odd requests.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use stepdown::access::Role;
use stepdown::api::{LONGEST_BODY, routes};

use crate::http::{Asker, said};
use crate::office::office;

#[test]
fn each_role_reaches_its_routes_and_no_other() {
    let office = office("requests_per_minute = 100000");
    let tokens: Vec<_> = Role::ALL.map(|role| (role, office.token(role.name(), role.name()))).into();
    let all = routes();
    assert!(all.len() > 25, "the table has them all");
    for (n, route) in (1..).zip(&all) {
        let nobody = Asker::net(office.port, [127, 0, 3, n], None);
        assert_eq!(nobody.walk(route), 401, "{} {} without a token", route.method, route.path);
    }
    for (held, token) in &tokens {
        let asker = Asker::net(office.port, [127, 0, 2, 1], Some(token));
        for route in &all {
            // A test message, a key change or an erasure would be tried by no stranger either way.
            let status = asker.walk(route);
            let turned_away = matches!(status, 401 | 403);
            assert_eq!(
                turned_away,
                *held < route.role,
                "{} {} as {held}: {status}",
                route.method,
                route.path
            );
            assert!(status < 500, "{} {} as {held}: {status}", route.method, route.path);
        }
        assert_eq!(asker.status("GET", "/v1/nothing"), 404);
        assert_eq!(asker.status("DELETE", "/v1/due"), 405);
    }
}

#[test]
fn whoever_has_no_token_hears_of_nothing() {
    let office = office("");
    let nobody = Asker::net(office.port, [127, 0, 4, 1], None);
    for (method, path) in
        [("GET", "/"), ("GET", "/v1/nothing"), ("DELETE", "/v1/due"), ("OPTIONS", "/v1/due")]
    {
        assert_eq!(nobody.status(method, path), 401, "{method} {path}");
    }
    let response = nobody.request("GET", "/v1/due").send().expect("an answer");
    assert_eq!(response.headers()["www-authenticate"], "Bearer realm=\"stepdown\"");
    let forged =
        Asker::net(office.port, [127, 0, 4, 2], Some("sdt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    let response = forged.request("GET", "/v1/due").send().expect("an answer");
    assert_eq!(response.status(), 401);
    let challenge = response.headers()["www-authenticate"].to_str().expect("a text").to_owned();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    let other = nobody.request("GET", "/v1/due").header("authorization", "Basic cm9vdDo=").send();
    assert_eq!(other.expect("an answer").status(), 401);
    // Two tokens leave open which is meant.
    let reader = office.token("reader", "reader");
    let two = Asker::net(office.port, [127, 0, 4, 3], Some(&reader)).request("GET", "/v1/due");
    let two = two.header("authorization", "Bearer sdt_other").send().expect("an answer");
    assert_eq!(two.status(), 401);
}

#[test]
fn tries_without_a_good_token_are_counted_and_good_ones_pass_all_the_same() {
    let office = office("");
    let reader = office.token("reader", "reader");
    let nobody = Asker::net(office.port, [127, 0, 5, 1], Some("sdt_guess"));
    let tries: Vec<u16> = (0..40).map(|_| nobody.status("GET", "/v1/status")).collect();
    assert!(tries.iter().take(30).all(|status| *status == 401), "{tries:?}");
    assert_eq!(tries.last(), Some(&429));
    assert_eq!(Asker::net(office.port, [127, 0, 5, 1], Some(&reader)).status("GET", "/v1/status"), 200);
    assert_eq!(Asker::net(office.port, [127, 0, 5, 2], None).status("GET", "/v1/status"), 401);
    let refused = office.daemon.journal().matches("no good token").count();
    assert!((30..=33).contains(&refused), "the journal is not to be filled by strangers: {refused}");
}

#[test]
fn a_caller_may_ask_so_often_and_others_still_may() {
    let office = office("requests_per_minute = 5");
    let (one, other) = (office.token("one", "reader"), office.token("other", "reader"));
    let asker = Asker::net(office.port, [127, 0, 6, 1], Some(&one));
    for _ in 0..5 {
        assert_eq!(asker.status("GET", "/v1/status"), 200);
    }
    let response = asker.request("GET", "/v1/status").send().expect("an answer");
    assert_eq!(response.status(), 429);
    let wait: u64 = response.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=13).contains(&wait), "{wait}");
    assert!(said(response).contains("requests_per_minute"));
    assert_eq!(Asker::net(office.port, [127, 0, 6, 1], Some(&other)).status("GET", "/v1/status"), 200);
    // Whoever the daemon itself runs as is not counted: an import may be long.
    let own = Asker::socket(&crate::office::socket(&office.home));
    assert!((0..20).all(|_| own.status("GET", "/v1/status") == 200));
}

#[test]
fn what_cannot_be_read_is_refused_as_everything_else_is() {
    let office = office("");
    let admin = office.token("admin", "admin");
    let asker = Asker::net(office.port, [127, 0, 7, 1], Some(&admin));
    let refused = |request: reqwest::blocking::RequestBuilder| {
        let response = request.send().expect("an answer");
        (response.status().as_u16(), said(response))
    };
    let (status, why) = refused(asker.request("GET", "/v1/due?on=yesterday"));
    assert_eq!((status, why.contains("the query")), (400, true), "{why}");
    let (status, why) = refused(asker.request("GET", "/v1/due?nonsense=1"));
    assert_eq!((status, why.contains("nonsense")), (400, true), "{why}");
    let (status, why) = refused(asker.request("POST", "/v1/silences/seven/end").json(&serde_json::json!({})));
    assert_eq!((status, why.contains("the path")), (400, true), "{why}");
    let (status, why) = refused(asker.request("POST", "/v1/mail/hold").json(&serde_json::json!({})));
    assert_eq!((status, why.contains("reason")), (422, true), "{why}");
    let (status, why) = refused(asker.request("POST", "/v1/mail/hold").body("{}"));
    assert_eq!((status, why.contains("content-type")), (415, true), "{why}");
    let json = |body: String| {
        asker.request("POST", "/v1/mail/hold").header("content-type", "application/json").body(body)
    };
    let (status, _) = refused(json("{\"reason\":".to_owned()));
    assert_eq!(status, 400);
    let (status, why) = refused(json(" ".repeat(LONGEST_BODY + 1)));
    assert_eq!((status, why.contains("too large")), (413, true), "{why}");
    // A history of years is longer than that.
    let (status, why) = refused(asker.request("POST", "/v1/events").body(" ".repeat(LONGEST_BODY + 1)));
    assert_eq!((status, why.contains("not JSON")), (400, true), "{why}");
    let response = asker.request("PUT", "/v1/events").send().expect("an answer");
    let allowed = response.headers()["allow"].to_str().expect("text").to_owned();
    assert_eq!(response.status(), 405);
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
}

#[test]
fn a_head_that_never_ends_is_cut_off_and_others_are_served() {
    let office = office("");
    let reader = office.token("reader", "reader");
    let mut slow: Vec<_> =
        (0..40).map(|_| TcpStream::connect(("127.0.0.1", office.port)).expect("connects")).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /v1/status HTTP/1.1\r\nhost: stepdown\r\nx-slow: ").expect("writes");
    }
    let begun = Instant::now();
    let asker = Asker::net(office.port, [127, 0, 8, 1], Some(&reader));
    let own = Asker::socket(&crate::office::socket(&office.home));
    assert_eq!((asker.status("GET", "/v1/status"), own.status("GET", "/v1/status")), (200, 200));
    assert!(begun.elapsed() < Duration::from_secs(5));
    for stream in &mut slow {
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        let mut answer = Vec::new();
        // The connection ends by itself, be it with an answer or by a reset.
        let ended = stream.read_to_end(&mut answer);
        let timed_out = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!timed_out, "still open after {:?}", begun.elapsed());
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    // Whoever took their time to think meanwhile is answered as before, orders too.
    assert_eq!(own.status("POST", "/v1/mail/release"), 415);
    assert_eq!(asker.status("GET", "/v1/status"), 200);
}
