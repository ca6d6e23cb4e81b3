//! `[access]` of `stepdown.toml`: where the daemon listens, and who may ask what.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use nix::unistd::{Group, User};
use serde::{Deserialize, Deserializer, de};

use super::Source;
use crate::access::{Principal, Role};

/// `[access]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessSettings {
    /// The daemon's socket; in the data directory, unless absolute.
    pub socket: PathBuf,
    /// Who may ask whether it is well.
    pub monitors: Vec<Principal>,
    /// Who may ask questions.
    pub readers: Vec<Principal>,
    /// Who may record what happened.
    pub recorders: Vec<Principal>,
    /// Who may give orders; the daemon's own user and root always may.
    pub admins: Vec<Principal>,
    /// Where it listens for HTTP with tokens besides; nowhere, where left out.
    #[serde(deserialize_with = "address")]
    pub listen: Option<SocketAddr>,
    /// Whether a proxy that speaks TLS stands before `listen`, which then need not be a loopback address.
    pub behind_proxy: bool,
    /// How many requests a caller may make in a minute, 1 to 1000000.
    #[serde(deserialize_with = "per_minute")]
    pub requests_per_minute: NonZeroU32,
}

/// As many as 100 a second.
const PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(5_999);

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            socket: PathBuf::from(Self::SOCKET),
            monitors: Vec::new(),
            readers: Vec::new(),
            recorders: Vec::new(),
            admins: Vec::new(),
            listen: None,
            behind_proxy: false,
            requests_per_minute: PER_MINUTE,
        }
    }
}

impl AccessSettings {
    const SOCKET: &str = "stepdown.sock";

    /// The socket of the daemon that serves `data`.
    #[must_use]
    pub fn socket_of(&self, data: &Path) -> PathBuf {
        data.join(&self.socket)
    }

    /// The same by the settings at `source`, as far as they can be read: a running daemon is to be found even while
    /// its configuration is being edited.
    #[must_use]
    pub fn socket_by(source: &Source, data: &Path) -> PathBuf {
        let named = source.settings().and_then(|text| {
            let settings: toml::Table = text.parse().ok()?;
            Some(settings.get("access")?.get("socket")?.as_str()?.to_owned())
        });
        data.join(named.as_deref().unwrap_or(Self::SOCKET))
    }

    /// Whether anybody is listed.
    #[must_use]
    pub fn lists_anybody(&self) -> bool {
        self.lists().any(|(_, list)| !list.is_empty())
    }

    /// Who has which role at least.
    fn lists(&self) -> impl Iterator<Item = (Role, &Vec<Principal>)> {
        [
            (Role::Monitor, &self.monitors),
            (Role::Reader, &self.readers),
            (Role::Recorder, &self.recorders),
            (Role::Admin, &self.admins),
        ]
        .into_iter()
    }

    /// The highest role of the user `name` who is in `groups`; none where nobody listed them.
    #[must_use]
    pub fn role_of(&self, name: &str, groups: &[String]) -> Option<Role> {
        let is_meant = |principal: &Principal| match principal {
            Principal::User(user) => user == name,
            Principal::Group(group) => groups.contains(group),
        };
        let held = self.lists().filter(|(_, list)| list.iter().any(is_meant));
        held.map(|(role, _)| role).max()
    }

    /// Those who are listed and whom this machine does not know.
    pub(super) fn strangers(&self) -> Vec<&Principal> {
        let is_known = |principal: &Principal| match principal {
            Principal::User(name) => User::from_name(name).is_ok_and(|user| user.is_some()),
            Principal::Group(name) => Group::from_name(name).is_ok_and(|group| group.is_some()),
        };
        self.lists().flat_map(|(_, list)| list).filter(|principal| !is_known(principal)).collect()
    }

    /// What contradicts itself: the key it is about, and why.
    pub(super) fn contradictions(&self) -> Option<(&'static str, String)> {
        let listen = self.listen.filter(|listen| !listen.ip().is_loopback() && !self.behind_proxy)?;
        let why = format!(
            "{listen} can be reached from other machines, and tokens and records would go there as plain text: \
             listen on 127.0.0.1, with a proxy that speaks TLS before it; or, where the proxy is on another machine \
             and the way between is private, say behind_proxy = true"
        );
        Some(("listen", why))
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let not_one =
        |_| de::Error::custom(format!("\"{text}\" is not an address and a port, such as \"127.0.0.1:8410\""));
    text.parse().map(Some).map_err(not_one)
}

fn per_minute<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NonZeroU32, D::Error> {
    let count = u32::deserialize(deserializer)?;
    let fits = NonZeroU32::new(count).filter(|count| count.get() <= 1_000_000);
    fits.ok_or_else(|| de::Error::custom(format!("{count} is not between 1 and 1000000")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> AccessSettings {
        toml::from_str(text).expect("settings")
    }

    #[test]
    fn whoever_is_not_listed_has_no_role_and_whoever_is_has_the_highest() {
        let access = read(
            "monitors = [\"user:prometheus\"]\nreaders = [\"group:care\"]\nadmins = [\"user:priya\", \"group:ops\"]",
        );
        let role = |name: &str, groups: &[&str]| {
            access.role_of(name, &groups.iter().map(|group| (*group).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(role("nobody", &["nogroup"]), None);
        assert_eq!(role("care", &[]), None, "a group is no user");
        assert_eq!(role("prometheus", &[]), Some(Role::Monitor));
        assert_eq!(role("sam", &["care"]), Some(Role::Reader));
        assert_eq!(role("priya", &["care"]), Some(Role::Admin));
        assert_eq!(role("sam", &["care", "ops"]), Some(Role::Admin));
        assert!(access.lists_anybody() && !AccessSettings::default().lists_anybody());
    }

    #[test]
    fn plain_http_stays_on_the_machine_unless_a_proxy_is_vouched_for() {
        for listen in ["127.0.0.1:8410", "[::1]:8410"] {
            assert_eq!(read(&format!("listen = \"{listen}\"")).contradictions(), None);
        }
        for listen in ["0.0.0.0:8410", "[::]:8410", "192.0.2.7:80"] {
            let open = format!("listen = \"{listen}\"");
            assert!(read(&open).contradictions().is_some(), "{listen}");
            assert_eq!(read(&format!("{open}\nbehind_proxy = true")).contradictions(), None);
        }
    }

    #[test]
    fn the_socket_is_found_in_settings_that_are_half_edited() {
        let files = |text: &str| [("stepdown.toml".to_owned(), text.to_owned())].into_iter().collect();
        let socket = |text: &str| {
            AccessSettings::socket_by(&Source::Given("here".to_owned(), files(text)), Path::new("/data"))
        };
        assert_eq!(socket("[access]\nsocket = \"/run/s.sock\"\nreaders = 7"), Path::new("/run/s.sock"));
        assert_eq!(socket("[access"), Path::new("/data/stepdown.sock"));
        assert_eq!(socket(""), Path::new("/data/stepdown.sock"));
    }
}
