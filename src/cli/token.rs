//! `token`: who may ask over TCP.

use comfy_table::Cell;

use super::context::Desk;
use super::mail::Author;
use super::output::{print, print_json, table, talk};
use super::{Context, Failure, Format};
use crate::access::{Role, TokenName};
use crate::api::{NewToken, RevokeQuery, TokenBody, TokenRow, new_secret};
use crate::calendar::CivilDate;
use crate::daemon::TokenOrder;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a token and print it; nobody can show it again
    Add(AddArgs),
    /// List the tokens: name, role, since and until when, by whom
    List {
        /// Those that were revoked, too
        #[arg(long)]
        all: bool,
    },
    /// Take a token no more, from now on
    Revoke {
        /// Its name
        name: TokenName,
        #[command(flatten)]
        author: Author,
    },
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// Its name: who will use it, such as lcs-feed
    name: TokenName,
    /// What its holder may ask: monitor, reader, recorder or admin
    #[arg(long)]
    role: Role,
    /// The last day on which it is taken; it does not lapse, where left out
    #[arg(long, value_name = "DATE")]
    until: Option<CivilDate>,
    #[command(flatten)]
    author: Author,
}

pub fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(args) => add(context, args),
        Command::List { all } => list(context, all),
        Command::Revoke { name, author } => revoke(context, name, author),
    }
}

fn add(context: &Context, AddArgs { name, role, until, author }: AddArgs) -> Result<(), Failure> {
    let author = author.stated();
    let new = match context.desk("stepdown token add")? {
        Desk::Daemon(client) => {
            client.add_token(&TokenBody { name, role, until, author: Some(author.name) })?
        }
        Desk::Log(mut writer) => {
            let secret = new_secret()?;
            let order = TokenOrder::Add { name, role, hash: secret.hash(), until };
            let added = writer.token(order, author, context.now())?;
            writer.commit()?;
            NewToken { token: secret.shown().to_owned(), row: TokenRow::from(&added) }
        }
    };
    if context.format == Format::Json {
        return print_json(&new);
    }
    let NewToken { token, row } = new;
    let until = row.until.map_or_else(|| "until it is revoked".to_owned(), |until| format!("until {until}"));
    // The token alone is data, so that a file made of it holds nothing else.
    print(&format!("{token}\n"))?;
    talk(&format!(
        "This is the token {} for the role {}, {until}. It is kept nowhere and not shown again.\n\
         It goes with each request: authorization: Bearer sdt_…",
        row.name, row.role
    ));
    Ok(())
}

fn revoke(context: &Context, name: TokenName, author: Author) -> Result<(), Failure> {
    let author = author.stated();
    let row = match context.desk("stepdown token revoke")? {
        Desk::Daemon(client) => client.revoke_token(&name, &RevokeQuery { author: Some(author.name) })?,
        Desk::Log(mut writer) => {
            let revoked = writer.token(TokenOrder::Revoke { name }, author, context.now())?;
            writer.commit()?;
            TokenRow::from(&revoked)
        }
    };
    match context.format {
        Format::Json => print_json(&row),
        _ => print(&format!("The token {} is taken no more.\n", row.name)),
    }
}

fn list(context: &Context, all: bool) -> Result<(), Failure> {
    let mut rows: Vec<TokenRow> = match context.desk("stepdown token list")? {
        Desk::Daemon(client) => client.tokens()?,
        Desk::Log(writer) => writer.records().tokens.iter().map(TokenRow::from).collect(),
    };
    rows.retain(|row| all || row.revoked_at.is_none());
    if context.format == Format::Json {
        return print_json(&rows);
    }
    if rows.is_empty() {
        return print("There is no token: nobody can ask over TCP.\n");
    }
    let zone = context.config()?.settings.reminders.time_zone;
    let mut table = table(&["Name", "Role", "Since", "Until", "By", "Revoked"]);
    for row in rows {
        let by = match row.recorded_by {
            Some(who) => format!("{}, recorded by {who}", row.author),
            None => row.author,
        };
        let day = |day: Option<CivilDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let revoked = day(row.revoked_at.map(|at| zone.civil_date(at)));
        let since = zone.civil_date(row.added_at).to_string();
        table.add_row(
            [row.name.to_string(), row.role.to_string(), since, day(row.until), by, revoked].map(Cell::new),
        );
    }
    print(&format!("{table}\n"))
}
