//! An SMTP server in this process that does as it is told: with or without TLS and a login, and with a
//! fault of a kind at a place.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crypt {
    Plain,
    /// STARTTLS is offered, and mail is taken only after it.
    Starttls,
    Implicit,
}

/// Where in the conversation the fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Greeting,
    Ehlo,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// In the middle of the message.
    Body,
    /// After the final dot.
    Dot,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The connection is closed.
    HangUp,
    /// The connection is reset.
    Reset,
    /// No answer.
    Silence,
    /// 451.
    Temporary,
    /// 550.
    Permanent,
    /// 421, and the connection is closed.
    Closing,
    /// 554 5.7.1: of access to the relay, though it is said of the recipient or the message.
    Access,
    /// An answer that is no SMTP.
    Garbage,
    /// Two digits, and the connection is closed.
    HalfLine,
    /// A positive answer of another code than the one that is due.
    WrongCode,
    /// An answer whose last line never comes.
    Endless,
    /// A line without an end.
    LongLine,
    /// NUL and bytes that are no UTF-8.
    Binary,
    /// An empty line.
    EmptyLine,
    /// One answer too many.
    Twice,
    /// The right answer, a byte at a time.
    Dribble,
    /// The right answer, on several lines.
    ManyLines,
}

impl Kind {
    pub const ALL: [Self; 17] = [
        Self::HangUp,
        Self::Reset,
        Self::Silence,
        Self::Temporary,
        Self::Permanent,
        Self::Closing,
        Self::Access,
        Self::Garbage,
        Self::HalfLine,
        Self::WrongCode,
        Self::Endless,
        Self::LongLine,
        Self::Binary,
        Self::EmptyLine,
        Self::Twice,
        Self::Dribble,
        Self::ManyLines,
    ];

    /// Whether a server that answers so after the final dot has not taken the message.
    fn declines(self) -> bool {
        matches!(self, Self::Temporary | Self::Permanent | Self::Closing | Self::Access)
    }
}

/// What the server is to do.
#[derive(Debug, Clone)]
pub struct Script {
    pub crypt: Crypt,
    /// The login that is asked for, if one is.
    pub login: Option<(String, String)>,
    pub fault: Option<(Place, Kind)>,
    /// How often the fault strikes before all is well; for ever where `None`.
    pub times: Option<usize>,
}

impl Script {
    pub fn friendly() -> Self {
        Self { crypt: Crypt::Plain, login: None, fault: None, times: None }
    }

    pub fn fault(place: Place, kind: Kind) -> Self {
        Self { fault: Some((place, kind)), ..Self::friendly() }
    }

    pub fn once(self) -> Self {
        Self { times: Some(1), ..self }
    }
}

/// A message as the server took it.
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
        let text = self.text().replace("\r\n ", " ");
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
    script: Script,
    received: Vec<Received>,
    commands: usize,
    struck: usize,
}

/// An authority that signs the relay's certificate, and one that does not.
pub struct Authority {
    pub pem: String,
    server: Arc<ServerConfig>,
}

pub static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| authority(&["localhost", "relay.example.org"]));
pub static STRANGER: LazyLock<Authority> = LazyLock::new(|| authority(&["elsewhere.example.org"]));

fn authority(hosts: &[&str]) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>())
        .expect("parameters");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a server");
    Authority { pem: issuer.pem(), server: Arc::new(server) }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

impl Stream {
    fn secured(self) -> Option<Self> {
        match self {
            Self::Plain(stream) => {
                let connection = ServerConnection::new(Arc::clone(&AUTHORITY.server)).ok()?;
                Some(Self::Tls(Box::new(StreamOwned::new(connection, stream))))
            }
            tls @ Self::Tls(_) => Some(tls),
        }
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

impl Relay {
    pub fn start(script: Script) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").expect("a free port"), script)
    }

    pub fn listen(listener: TcpListener, script: Script) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let state = State { script, received: Vec::new(), commands: 0, struck: 0 };
        let relay = Self { port, state: Arc::new(Mutex::new(state)) };
        let server = relay.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                thread::spawn(move || server.converse(stream));
            }
        });
        relay
    }

    pub fn set(&self, script: Script) {
        self.state.lock().expect("unpoisoned").script = script;
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.lock().expect("unpoisoned").received.clone()
    }

    /// How many commands the server has heard, to know that a conversation is under way.
    pub fn commands(&self) -> usize {
        self.state.lock().expect("unpoisoned").commands
    }

    /// How often the fault has struck.
    pub fn struck(&self) -> usize {
        self.state.lock().expect("unpoisoned").struck
    }

    /// The fault at `place`, if it strikes there now.
    fn strikes(&self, place: Place) -> Option<Kind> {
        let mut state = self.state.lock().expect("unpoisoned");
        let (_, kind) = state.script.fault.filter(|(at, _)| *at == place)?;
        if state.script.times == Some(0) {
            return None;
        }
        state.script.times = state.script.times.map(|times| times - 1);
        state.struck += 1;
        Some(kind)
    }

    /// Gives up quietly when the client goes away.
    fn converse(&self, stream: TcpStream) -> Option<()> {
        let script = self.state.lock().expect("unpoisoned").script.clone();
        let mut stream = Stream::Plain(stream);
        if script.crypt == Crypt::Implicit {
            stream = stream.secured()?;
        }
        let mut input = BufReader::new(stream);
        self.answer(&mut input, Place::Greeting, "220 relay.example.org")?;
        let (mut secured, mut logged_in) = (script.crypt != Crypt::Starttls, script.login.is_none());
        let mut to = String::new();
        loop {
            let mut line = String::new();
            if input.read_line(&mut line).ok()? == 0 {
                return None;
            }
            self.state.lock().expect("unpoisoned").commands += 1;
            let command = line.trim_end().to_owned();
            match command.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
                "EHLO" => {
                    let tls = if secured { "" } else { "250-STARTTLS\r\n" };
                    let login = if logged_in { "" } else { "250-AUTH PLAIN\r\n" };
                    self.answer(&mut input, Place::Ehlo, &format!("250-relay\r\n{tls}{login}250 8BITMIME"))?;
                }
                "STARTTLS" => {
                    self.answer(&mut input, Place::Starttls, "220 go ahead")?;
                    input = BufReader::new(input.into_inner().secured()?);
                    secured = true;
                }
                "AUTH" => {
                    let right = script.login.as_ref().is_some_and(|(user, password)| {
                        command.ends_with(&base64(format!("\0{user}\0{password}").as_bytes()))
                    });
                    let reply = if right { "235 2.7.0 welcome" } else { "535 5.7.8 wrong password" };
                    self.answer(&mut input, Place::Auth, reply)?;
                    logged_in = right;
                }
                "MAIL" if !secured || !logged_in => {
                    say(&mut input, "530 5.7.0 not like this")?;
                }
                "MAIL" => {
                    self.answer(&mut input, Place::Mail, "250 2.1.0 ok")?;
                }
                "RCPT" => {
                    command.trim_start_matches("RCPT TO:").trim_matches(['<', '>']).clone_into(&mut to);
                    self.answer(&mut input, Place::Rcpt, "250 2.1.5 ok")?;
                }
                "DATA" => {
                    if self.answer(&mut input, Place::Data, "354 go on")? {
                        self.take(&mut input, &to)?;
                    }
                }
                "QUIT" => return say(&mut input, "221 bye").map(drop),
                _ => {
                    say(&mut input, "250 ok")?;
                }
            }
        }
    }

    /// Takes a message, or not, and answers.
    fn take(&self, input: &mut BufReader<Stream>, to: &str) -> Option<()> {
        let mut bytes = Vec::new();
        let early = self.strikes(Place::Body);
        loop {
            let mut line = Vec::new();
            if input.read_until(b'\n', &mut line).ok()? == 0 {
                return None;
            }
            if let Some(kind) = early.filter(|_| bytes.len() > 200 || line == b".\r\n") {
                fail(input, kind, "451 4.3.0 in the middle of it")?;
                // What was said in the middle is the answer; the message is not taken.
                while line != b".\r\n" {
                    line.clear();
                    if input.read_until(b'\n', &mut line).ok()? == 0 {
                        return None;
                    }
                }
                return Some(());
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend(line);
        }
        let fault = self.strikes(Place::Dot);
        if !fault.is_some_and(Kind::declines) {
            self.state.lock().expect("unpoisoned").received.push(Received { to: to.to_owned(), bytes });
        }
        match fault {
            Some(kind) => fail(input, kind, "250 2.0.0 taken"),
            None => say(input, "250 2.0.0 taken").map(drop),
        }
    }

    /// Answers, or fails to. Whether what was asked for is granted.
    fn answer(&self, input: &mut BufReader<Stream>, place: Place, reply: &str) -> Option<bool> {
        match self.strikes(place) {
            Some(kind) => {
                fail(input, kind, reply)?;
                Some(matches!(kind, Kind::Dribble | Kind::ManyLines | Kind::Twice))
            }
            None => say(input, reply),
        }
    }
}

fn say(input: &mut BufReader<Stream>, reply: &str) -> Option<bool> {
    input.get_mut().write_all(format!("{reply}\r\n").as_bytes()).ok()?;
    input.get_mut().flush().ok().map(|()| true)
}

/// Answers as the fault has it; `None` where the conversation is over.
fn fail(input: &mut BufReader<Stream>, kind: Kind, right: &str) -> Option<()> {
    let mut send = |bytes: &[u8]| {
        input.get_mut().write_all(bytes).ok()?;
        input.get_mut().flush().ok()
    };
    let (code, text) = right.split_once([' ', '-'])?;
    match kind {
        Kind::HangUp => None,
        Kind::Reset => {
            socket2::SockRef::from(input.get_ref().socket()).set_linger(Some(Duration::ZERO)).ok()?;
            None
        }
        Kind::Silence => {
            thread::sleep(Duration::from_secs(20));
            None
        }
        Kind::Temporary => send(b"451 4.3.0 try again later\r\n"),
        Kind::Permanent => send(b"550 5.1.1 no such person\r\n"),
        Kind::Closing => {
            send(b"421 4.3.2 shutting down\r\n")?;
            None
        }
        Kind::Access => send(b"554 5.7.1 Relay access denied\r\n"),
        Kind::Garbage => send(b"hello, I am no server\r\n"),
        Kind::HalfLine => {
            send(b"25")?;
            None
        }
        Kind::WrongCode => send(if code == "354" { b"250 ok\r\n" } else { b"354 go on\r\n" }),
        Kind::Endless => {
            for _ in 0..200 {
                send(format!("{code}-{text} {}\r\n", "and on ".repeat(120)).as_bytes())?;
            }
            thread::sleep(Duration::from_secs(20));
            None
        }
        Kind::LongLine => {
            send(code.as_bytes())?;
            send(&vec![b'x'; 1 << 20])?;
            None
        }
        Kind::Binary => send(b"\0\xff\xfe\0\r\n"),
        Kind::EmptyLine => send(b"\r\n"),
        Kind::Twice => send(format!("{right}\r\n{right}\r\n").as_bytes()),
        Kind::Dribble => {
            for byte in format!("{right}\r\n").bytes() {
                send(&[byte])?;
                thread::sleep(Duration::from_millis(10));
            }
            Some(())
        }
        Kind::ManyLines => send(format!("{code}-first\r\n{code}-second\r\n{right}\r\n").as_bytes()),
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * n)) as usize & 63];
            text.push(if n <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
