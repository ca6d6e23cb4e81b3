//! `mail`: the way mail leaves; all of it held and released.

use super::context::Desk;
use super::output::{print, print_json};
use super::{Context, Failure, Format};
use crate::access;
use crate::api::{MailTestAnswer, MailTestBody, own_user};
use crate::daemon::{Order, post};
use crate::mail::{Courier, probe};
use crate::reminders::MailFact;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Send a test message to an address, at once, and tell how far it came
    Test {
        /// The address
        address: String,
    },
    /// Send nothing until it is released
    Hold {
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        author: Author,
    },
    /// Send again, what the breaker held back included
    Release {
        #[command(flatten)]
        author: Author,
    },
}

/// Who orders something: it is recorded.
#[derive(Debug, clap::Args)]
pub struct Author {
    /// By whose word; yours, where left out. That you gave it is recorded anyway
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

impl Author {
    /// The author, with who runs this where that is somebody else.
    pub fn stated(self) -> access::Author {
        access::Author::stated(self.author, &own_user())
    }
}

pub fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Test { address } => test(context, &address),
        Command::Hold { reason, author } => {
            order(context, Order::Hold { reason }, author)?;
            said(
                context,
                "Mail is held. What falls due meanwhile goes when it is released, as its ladders say.\n",
            )
        }
        Command::Release { author } => {
            order(context, Order::Release, author)?;
            said(context, "Mail is released.\n")
        }
    }
}

/// Has an order followed, by the daemon or in the log itself.
pub fn order(context: &Context, order: Order, author: Author) -> Result<MailFact, Failure> {
    let author = author.stated();
    match context.desk("stepdown mail")? {
        Desk::Daemon(client) => Ok(client.order(order, author.name)?),
        Desk::Log(mut writer) => {
            let now = context.now();
            let behind = now < writer.newest();
            let fact = writer.order(order, author, behind, now)?;
            writer.commit()?;
            Ok(fact)
        }
    }
}

fn said(context: &Context, words: &str) -> Result<(), Failure> {
    match context.format {
        Format::Json => print_json(&serde_json::json!({ "done": true })),
        _ => print(words),
    }
}

fn test(context: &Context, to: &str) -> Result<(), Failure> {
    let answer = if let Some(client) = context.daemon()? {
        client.mail_test(&MailTestBody { to: to.to_owned() })?
    } else {
        let config = context.config()?;
        let post = post(&config)?;
        let mut courier = Courier::new(&config.settings.mail, &context.data()?)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::failed(&format!("the runtime cannot be started: {error}")))?;
        runtime.block_on(probe(&post, &mut courier, to, context.now()))?.into()
    };
    let MailTestAnswer { accepted, stage, words } = &answer;
    if *accepted {
        return match context.format {
            Format::Json => print_json(&answer),
            _ => print(&format!("A test message to {to} was taken over: {words}\n")),
        };
    }
    let stage = stage.as_deref().unwrap_or("start");
    Err(Failure::failed(&format!("the test message to {to} was not taken over; at {stage}: {words}")))
}
