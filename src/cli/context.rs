//! What every subcommand needs: the configuration, the data directory, and who answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use etcetera::{BaseStrategy as _, choose_base_strategy};

use super::when::KnownAt;
use super::{Failure, Format};
use crate::api::Client;
use crate::api::answer::Answers;
use crate::calendar::Instant;
use crate::config::{AccessSettings, Config, Source};
use crate::daemon::{Clock, Writer};
use crate::log::{Log, LogError};

/// What the daemon calls itself where it holds the data directory.
pub const DAEMON: &str = "stepdown run";
/// How long, and how often, a command waits for another one to end: ten seconds in all.
const TURN: Duration = Duration::from_millis(50);
const TURNS: u32 = 200;

/// The global options, settled.
pub struct Context {
    source: Source,
    data: Option<PathBuf>,
    socket: Option<PathBuf>,
    clock: Clock,
    /// How to print.
    pub format: Format,
}

/// Who answers: the running daemon, or the log itself.
pub enum Desk {
    /// A daemon serves the data directory.
    Daemon(Client),
    /// Nobody does: the log is opened here, for as long as the command runs.
    Log(Box<Writer>),
}

/// Who reads the log as it is stored: the running daemon, or this command.
pub enum Door {
    /// A daemon serves the data directory.
    Daemon(Client),
    /// Nobody does: the log is open here.
    Log(Box<Log>, Arc<Config>),
}

/// What questions are answered from where no daemon runs.
pub fn answers(writer: &Writer, now: Instant) -> Answers<'_> {
    Answers { records: writer.records(), config: writer.config(), now }
}

impl Context {
    /// Settles the global options.
    pub fn new(
        config: Option<PathBuf>,
        data: Option<PathBuf>,
        socket: Option<PathBuf>,
        format: Format,
    ) -> Self {
        let source = config.map_or(Source::Starter, Source::Directory);
        Self { source, data, socket, clock: Clock::System, format }
    }

    /// The configuration.
    pub fn config(&self) -> Result<Arc<Config>, Failure> {
        Ok(Arc::new(Config::load(&self.source)?))
    }

    /// Where the configuration comes from.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// The moment meant by `--known-at`, a day of which is one of the configuration's zone.
    pub fn known_at(&self, given: Option<KnownAt>) -> Result<Option<Instant>, Failure> {
        match given {
            None => Ok(None),
            Some(KnownAt::Instant(at)) => Ok(Some(at)),
            Some(day) => Ok(Some(day.instant(self.config()?.settings.reminders.time_zone))),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The data directory.
    pub fn data(&self) -> Result<PathBuf, Failure> {
        if let Some(data) = &self.data {
            return Ok(data.clone());
        }
        choose_base_strategy().map(|strategy| strategy.data_dir().join("stepdown")).map_err(|_| {
            Failure::refused("there is no home directory to keep data in", "name one with --data DIR")
        })
    }

    /// Whether the wrapping key is a credential that this command was not handed.
    pub fn lacks_credential(&self) -> bool {
        let is_credential = |config: Arc<Config>| config.settings.records.wrapping_key_credential.is_some();
        self.config().is_ok_and(is_credential) && std::env::var_os("CREDENTIALS_DIRECTORY").is_none()
    }

    /// The daemon that is to be asked: the one at the socket that was named, which must answer, or the one that serves
    /// the data directory, if one does.
    pub fn daemon(&self) -> Result<Option<Client>, Failure> {
        match &self.socket {
            Some(socket) => {
                Client::connect(socket).map(Some).map_err(|error| Failure::socket(socket, &error))
            }
            None => Ok(Client::find(&AccessSettings::socket_by(&self.source, &self.data()?))),
        }
    }

    /// Who answers questions; there must be a log.
    pub fn desk(&self, purpose: &str) -> Result<Desk, Failure> {
        self.open(purpose, Log::open_existing)
    }

    /// Who takes events; a log is made where there is none.
    pub fn desk_to_append(&self, purpose: &str) -> Result<Desk, Failure> {
        self.open(purpose, Log::open)
    }

    /// Who judges events and takes none; nobody where there is no log, and none is made.
    pub fn desk_to_rehearse(&self, purpose: &str) -> Result<Option<Desk>, Failure> {
        if self.daemon()?.is_none() && Log::is_absent(&self.data()?) {
            return Ok(None);
        }
        self.desk(purpose).map(Some)
    }

    /// Who reads the log, of which nothing is made yet; there must be one.
    pub fn door(&self, purpose: &str) -> Result<Door, Failure> {
        self.reach(purpose, Log::open_existing)
    }

    fn open(
        &self,
        purpose: &str,
        open: impl Fn(&Path, &Path, &str) -> Result<Log, LogError>,
    ) -> Result<Desk, Failure> {
        match self.reach(purpose, open)? {
            Door::Daemon(client) => Ok(Desk::Daemon(client)),
            Door::Log(log, config) => Ok(Desk::Log(Box::new(Writer::new(*log, config)?))),
        }
    }

    fn reach(
        &self,
        purpose: &str,
        open: impl Fn(&Path, &Path, &str) -> Result<Log, LogError>,
    ) -> Result<Door, Failure> {
        // A daemon answers by the configuration it has taken; the one on disk may be half edited.
        if let Some(client) = self.daemon()? {
            return Ok(Door::Daemon(client));
        }
        let data = self.data()?;
        let config = self.config()?;
        let key = config.settings.records.wrapping_key(&data);
        for turn in 1.. {
            if let Some(client) = self.daemon()? {
                return Ok(Door::Daemon(client));
            }
            match open(&data, &key, purpose) {
                // Another command is soon done; a daemon that does not answer is not.
                Err(LogError::InUse { holder, .. }) if !holder.is(DAEMON) && turn < TURNS => sleep(TURN),
                log => return Ok(Door::Log(Box::new(log?), config)),
            }
        }
        Err(Failure::failed("the data directory was in use for too long"))
    }
}
