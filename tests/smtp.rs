//! A server that falls silent for ten minutes, at each stage, with paused time: milliseconds of ours.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use stepdown::calendar::CivilDate;
use stepdown::config::{SmtpSettings, Tls};
use stepdown::mail::{OffTheRecord, Outcome, Parcel, SmtpCourier};
use stepdown::reminders::{MessageKey, MessageKind, Recipient, Stage};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, DuplexStream, ReadBuf,
};
use tokio::time::Instant;

/// One end of a pipe in memory, as lettre wants a stream.
#[derive(Debug)]
struct Pipe(DuplexStream);

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Pipe {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::from(([127, 0, 0, 1], 25)))
    }
}

/// A server that answers until it hears a line that starts with `silent`, and then never again.
async fn server(pipe: DuplexStream, silent: &'static str) {
    let (input, mut out) = tokio::io::split(pipe);
    let mut lines = BufReader::new(input).lines();
    if silent == "(greeting)" {
        std::future::pending::<()>().await;
    }
    out.write_all(b"220 relay\r\n").await.expect("it listens");
    while let Ok(Some(line)) = lines.next_line().await {
        if line.starts_with(silent) {
            std::future::pending::<()>().await;
        }
        let reply: &[u8] = match line.get(..4) {
            Some("DATA") => b"354 go on\r\n",
            Some("EHLO" | "MAIL" | "RCPT") => b"250 ok\r\n",
            _ if line == "." => b"250 taken\r\n",
            _ => b"",
        };
        out.write_all(reply).await.expect("it listens");
    }
}

const LIMIT: Duration = Duration::from_mins(10);

fn settings() -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port: 25,
        tls: Tls::None,
        username: None,
        password_file: None,
        password_credential: None,
        ca_file: None,
        sessions: 1,
        timeout_seconds: LIMIT,
        final_timeout_seconds: LIMIT,
    }
}

fn parcel() -> Parcel {
    let to = Recipient::address("somebody@example.org", "Somebody");
    Parcel {
        key: MessageKey::of_day("test", CivilDate::default(), &to),
        kind: MessageKind::Admin,
        to: to.email,
        attempt: 1,
        bytes: b"Subject: a test\r\n\r\nText.\r\n".to_vec(),
        message_id: "<test@example.org>".to_owned(),
    }
}

/// What comes of a delivery to a server that falls silent at `silent`, and how long it took.
async fn delivered(silent: &'static str) -> (Outcome, Duration) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(server(theirs, silent));
    let start = Instant::now();
    let courier =
        SmtpCourier::new(settings(), "stepdown@example.org".parse().expect("an address")).expect("a courier");
    let outcome = match courier.over(Box::new(Pipe(ours))).await {
        Ok(mut courier) => courier.deliver(&parcel(), &mut OffTheRecord).await,
        Err(outcome) => outcome,
    };
    (outcome, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_silence_of_ten_minutes_ends_the_attempt_at_its_stage() {
    let stages = [
        ("(greeting)", Stage::Connect),
        ("EHLO", Stage::Connect),
        ("MAIL", Stage::MailFrom),
        ("RCPT", Stage::RcptTo),
        ("DATA", Stage::Data),
    ];
    for (silent, stage) in stages {
        let reason = "no answer within 600 seconds".to_owned();
        assert_eq!(delivered(silent).await, (Outcome::NotSent { stage, reason }, LIMIT), "{silent}");
    }
    let reason = "no answer within 600 seconds".to_owned();
    assert_eq!(delivered(".").await, (Outcome::Ambiguous(reason), LIMIT));
    let (outcome, took) = delivered("(never)").await;
    assert_eq!(outcome, Outcome::Accepted("250 taken".to_owned()));
    assert!(took < Duration::from_secs(1), "{took:?}");
}
