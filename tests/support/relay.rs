//! An SMTP server in this process that can be told where to fall silent.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Where the server misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It takes everything.
    Friendly,
    /// It says nothing to `RCPT TO`.
    SilentAtRcpt,
    /// It takes the message and says nothing after the final dot.
    SilentAfterDot,
    /// It takes the message and hangs up after the final dot.
    HangsUpAfterDot,
    /// It refuses every recipient for good.
    RefusesRcpt,
    /// It asks to try again later at `DATA`.
    BusyAtData,
    /// It answers 354 to everything after the final dot.
    OutOfStep,
}

/// A message as the server received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub to: String,
    pub bytes: Vec<u8>,
}

impl Received {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let line = text
            .lines()
            .take_while(|line| !line.is_empty())
            .find(|line| line.starts_with(&format!("{name}: ")))?;
        Some(line[name.len() + 2..].to_owned())
    }
}

#[derive(Clone)]
pub struct Relay {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    mood: Mood,
    received: Vec<Received>,
    commands: usize,
}

impl Relay {
    pub fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State { mood, received: Vec::new(), commands: 0 }));
        let relay = Self { port, state };
        let server = relay.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                thread::spawn(move || server.converse(stream));
            }
        });
        relay
    }

    pub fn set(&self, mood: Mood) {
        self.state.lock().expect("unpoisoned").mood = mood;
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.lock().expect("unpoisoned").received.clone()
    }

    /// How many commands the server has heard, to know that a conversation is under way.
    pub fn commands(&self) -> usize {
        self.state.lock().expect("unpoisoned").commands
    }

    fn mood(&self) -> Mood {
        self.state.lock().expect("unpoisoned").mood
    }

    /// Gives up quietly when the client goes away.
    fn converse(&self, stream: TcpStream) -> Option<()> {
        let mut out = stream.try_clone().ok()?;
        let mut input = BufReader::new(stream);
        let mut say = move |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).ok();
        let mut to = String::new();
        say("220 relay.example.org")?;
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).ok()? == 0 {
                return None;
            }
            self.state.lock().expect("unpoisoned").commands += 1;
            let mood = self.mood();
            let command = line.trim_end().to_owned();
            match command.split([' ', ':']).next().unwrap_or_default() {
                "RCPT" if mood == Mood::SilentAtRcpt => thread::sleep(Duration::from_mins(1)),
                "RCPT" if mood == Mood::RefusesRcpt => say("550 5.1.1 no such person")?,
                "RCPT" => {
                    command.trim_start_matches("RCPT TO:").trim_matches(['<', '>']).clone_into(&mut to);
                    say("250 2.1.5 ok")?;
                }
                "DATA" if mood == Mood::BusyAtData => say("451 4.3.0 try again later")?,
                "DATA" => {
                    say("354 go on")?;
                    let bytes = message(&mut input)?;
                    self.state.lock().expect("unpoisoned").received.push(Received { to: to.clone(), bytes });
                    match mood {
                        Mood::SilentAfterDot => thread::sleep(Duration::from_mins(1)),
                        Mood::HangsUpAfterDot => return None,
                        Mood::OutOfStep => say("354 go on")?,
                        _ => say("250 2.0.0 taken")?,
                    }
                }
                "QUIT" => return say("221 bye"),
                _ => say("250 ok")?,
            }
        }
    }
}

/// Reads up to the final dot.
fn message(input: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            return Some(bytes);
        }
        bytes.extend(line);
    }
}
