//! A fault of the program in one request is told as such, and the others are answered.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};

use super::desk::Refusal;

/// The router, answering where a handler panics.
pub(super) fn caught<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(from_fn(catching))
}

async fn catching(request: Request, next: Next) -> Response {
    let mut answer = Box::pin(next.run(request));
    // Nothing is shared with the handler that a panic could leave half done: the state is the writer's alone.
    let polled = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    // What the panic says is in the journal already, and may tell of a case.
    polled.await.unwrap_or_else(|_| {
        tracing::error!("a request was given up: this is a fault in stepdown");
        Refusal::fault().into_response()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_panic_is_an_answer_and_the_next_request_is_answered() {
        let router = Router::new()
            .route(
                "/bad",
                get(|| async {
                    if true {
                        unreachable!("on purpose")
                    }
                }),
            )
            .route("/good", get(|| async { "good" }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move { axum::serve(listener, caught(router)).await });
        for (path, expected) in [("/bad", "500"), ("/good", "200")] {
            let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
            let request = format!("GET {path} HTTP/1.1\r\nhost: stepdown\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("writes");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("reads");
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{answer}");
        }
        server.abort();
    }
}
