//! Questions take turns. As many as the machine has cores are reckoned at a time, by threads of their own: more would
//! make none of them quicker, hold up what is recorded meanwhile, and each thread keeps memory of its own.
//!
//! A long answer is reckoned in pieces, and nothing waits for a client to take one but this answer itself.

use std::io;
use std::sync::LazyLock;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio_stream::wrappers::ReceiverStream;

use super::desk::Refusal;

/// One thread a core. What panics on one of them is in the journal, and whoever waits for it hears of it.
static THREADS: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    ThreadPoolBuilder::new().thread_name(|_| "question".to_owned()).panic_handler(drop).build().ok()
});

/// How long a piece of an answer is about, in bytes.
const PIECE: usize = 1 << 19;

/// Reckons an answer when it is its turn.
pub(super) async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    turn(work).await.ok_or_else(Refusal::fault)
}

/// Nothing, where it panicked.
async fn turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (answer, answered) = oneshot::channel();
    // Whoever asked may have gone.
    let work = move || drop(answer.send(work()));
    match &*THREADS {
        Some(threads) => threads.spawn_fifo(work),
        None => drop(spawn_blocking(work)),
    }
    answered.await.ok()
}

/// An answer made of many parts, of which `next` gives one after the other until there is none; an error cuts it short,
/// which the client notices.
pub(super) fn in_turns<F>(content_type: &'static str, mut next: F) -> Response
where
    F: FnMut(&mut Vec<u8>) -> io::Result<bool> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let worked = turn(move || {
                let mut bytes = Vec::with_capacity(PIECE / 8);
                let mut more = Ok(true);
                while matches!(more, Ok(true)) && bytes.len() < PIECE {
                    more = next(&mut bytes);
                }
                (next, bytes, more)
            });
            let Some((again, bytes, more)) = worked.await else {
                return drop(sender.send(Err(io::Error::other("this is a fault in stepdown"))).await);
            };
            next = again;
            // A client who went away has nothing to hear.
            let heard = sender.send(Ok(bytes)).await.is_ok();
            match more {
                Ok(true) if heard => {}
                Ok(_) => return,
                Err(error) => return drop(sender.send(Err(error)).await),
            }
        }
    });
    ([("content-type", content_type)], Body::from_stream(ReceiverStream::new(receiver))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    #[tokio::test]
    async fn an_answer_in_turns_is_whole_and_an_error_cuts_it_short() {
        let mut left = 2_000;
        let answer = in_turns("text/plain", move |bytes| {
            bytes.extend_from_slice(&[b'x'; 1_000]);
            left -= 1;
            Ok(left > 0)
        });
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("the whole of it");
        assert_eq!(bytes.len(), 2_000_000);
        let answer = in_turns("text/plain", |_| Err(io::Error::other("damage")));
        assert!(to_bytes(answer.into_body(), usize::MAX).await.is_err());
        let answer = in_turns("text/plain", |_| unreachable!("on purpose"));
        assert!(to_bytes(answer.into_body(), usize::MAX).await.is_err());
    }
}
