//! Where a connection comes from: a process on this machine, or an address.

use std::ffi::CString;
use std::net::SocketAddr;
use std::sync::Arc;

use nix::unistd::{Gid, Group, Uid, User, getgrouplist};

use crate::access::Who;
use crate::api::guests::Stranger;

/// What a connection shows at once.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) enum Seen {
    /// The user and the group of the process at the other end of a socket (`SO_PEERCRED`, unix(7)).
    Process(u32, u32),
    /// The address at the other end of a TCP connection.
    Address(SocketAddr),
}

/// The same, looked up.
#[derive(Debug, Clone)]
pub(in crate::api) enum Origin {
    /// A user of this machine.
    Local(Arc<Peer>),
    /// An address, which proves nothing.
    Net(SocketAddr),
}

/// A user of this machine.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::api) struct Peer {
    /// Their name; their number, where they have none.
    pub(super) name: String,
    /// The groups they are in.
    pub(super) groups: Vec<String>,
    /// Whether it is the daemon's own user or root, who can do all that the daemon can.
    pub(super) trusted: bool,
}

impl Seen {
    /// Whether it is somebody other than the daemon's own user and root, and who.
    pub(in crate::api) fn stranger(self) -> Option<Stranger> {
        match self {
            Self::Process(uid, _) => (!is_trusted(Uid::from_raw(uid))).then_some(Stranger::User(uid)),
            Self::Address(address) => Some(Stranger::Address(address.ip())),
        }
    }

    /// Looks names up, which may take as long as the machine's directory of users takes.
    pub(in crate::api) fn look_up(self) -> Origin {
        match self {
            Self::Process(uid, gid) => {
                Origin::Local(Arc::new(Peer::of(Uid::from_raw(uid), Gid::from_raw(gid))))
            }
            Self::Address(address) => Origin::Net(address),
        }
    }
}

impl Peer {
    fn of(uid: Uid, gid: Gid) -> Self {
        let trusted = is_trusted(uid);
        if uid.as_raw() == OVERFLOW && sees_few_users() {
            return Self { name: "unknown".to_owned(), groups: Vec::new(), trusted: false };
        }
        let Ok(Some(user)) = User::from_uid(uid) else {
            return Self { name: uid.to_string(), groups: names(vec![gid]), trusted };
        };
        let listed = CString::new(user.name.as_str()).ok().and_then(|name| getgrouplist(&name, gid).ok());
        Self { groups: names(listed.unwrap_or_else(|| vec![gid])), name: user.name, trusted }
    }
}

fn names(groups: Vec<Gid>) -> Vec<String> {
    let group = |gid| Group::from_gid(gid).ok().flatten().map(|group| group.name);
    groups.into_iter().filter_map(group).collect()
}

/// The user whom the kernel names instead of one that this process cannot see (`user_namespaces(7)`).
const OVERFLOW: u32 = 65_534;

/// Whether this process runs in a user namespace that has only some of the machine's users (`PrivateUsers=`).
fn sees_few_users() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    !map.split_whitespace().eq(["0", "0", "4294967295"])
}

fn is_trusted(uid: Uid) -> bool {
    uid.is_root() || uid == Uid::effective()
}

/// The user whom this process runs as.
#[must_use]
pub fn own_user() -> Who {
    Who::User(Peer::of(Uid::effective(), Gid::effective()).name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_and_this_user_are_trusted_and_nobody_else() {
        let root = Peer::of(Uid::from_raw(0), Gid::from_raw(0));
        assert_eq!((root.name.as_str(), root.trusted), ("root", true));
        assert!(root.groups.contains(&"root".to_owned()));
        let unknown = Peer::of(Uid::from_raw(4_000_000_001), Gid::from_raw(4_000_000_001));
        assert_eq!(unknown, Peer { name: "4000000001".to_owned(), groups: Vec::new(), trusted: false });
        assert_eq!(Seen::Process(4_000_000_001, 0).stranger(), Some(Stranger::User(4_000_000_001)));
        assert_eq!(Seen::Process(Uid::effective().as_raw(), 0).stranger(), None);
    }
}
