//! How many connections a stranger has: nobody takes all the places.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Whom a connection counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stranger {
    /// A user of this machine who is neither the daemon's own nor root.
    User(u32),
    /// An address; a proxy has all its connections from one.
    Address(IpAddr),
}

impl Stranger {
    /// How many connections it may have.
    const fn places(self) -> usize {
        match self {
            Self::User(_) => 32,
            Self::Address(_) => 192,
        }
    }
}

/// Who is connected, and how often.
#[derive(Default)]
pub(super) struct Guests(Mutex<HashMap<Stranger, usize>>);

/// A connection that is counted while this lives.
pub(super) struct Guest {
    guests: Arc<Guests>,
    of: Option<Stranger>,
}

impl Guests {
    /// Counts a connection of `of`, who has not too many already; one of nobody in particular is not counted.
    pub(super) fn welcome(self: &Arc<Self>, of: Option<Stranger>) -> Option<Guest> {
        if let Some(stranger) = of {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(stranger).or_default();
            if *count >= stranger.places() {
                return None;
            }
            *count += 1;
        }
        Some(Guest { guests: Arc::clone(self), of })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(stranger) = self.of else { return };
        let mut counts = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&stranger) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&stranger);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_has_so_many_places_and_others_have_theirs() {
        let guests = Arc::new(Guests::default());
        let proxy = Stranger::Address([127, 0, 0, 1].into());
        let mut all = Vec::new();
        for (stranger, other) in [(Stranger::User(7), Stranger::User(8)), (proxy, Stranger::User(9))] {
            all.extend((0..stranger.places()).map(|_| guests.welcome(Some(stranger)).expect("a place")));
            assert!(guests.welcome(Some(stranger)).is_none());
            assert!(guests.welcome(Some(other)).is_some() && guests.welcome(None).is_some());
            all.pop();
            assert!(guests.welcome(Some(stranger)).is_some());
        }
        drop(all);
        assert!(guests.0.lock().expect("not poisoned").is_empty());
    }
}
