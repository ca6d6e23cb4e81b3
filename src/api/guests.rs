//! How many connections a stranger has: nobody takes all the places of the socket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections to the socket one user may have who is neither the daemon's own nor root.
const EACH: usize = 32;

/// Who is connected, and how often.
#[derive(Default)]
pub(super) struct Guests(Mutex<HashMap<u32, usize>>);

/// A connection that is counted while this lives.
pub(super) struct Guest {
    guests: Arc<Guests>,
    of: Option<u32>,
}

impl Guests {
    /// Counts a connection of the user `of`, who has not too many already; one of nobody in particular is not counted.
    pub(super) fn welcome(self: &Arc<Self>, of: Option<u32>) -> Option<Guest> {
        if let Some(user) = of {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(user).or_default();
            if *count >= EACH {
                return None;
            }
            *count += 1;
        }
        Some(Guest { guests: Arc::clone(self), of })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(user) = self.of else { return };
        let mut counts = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_has_so_many_places_and_others_have_theirs() {
        let guests = Arc::new(Guests::default());
        let mut all: Vec<_> = (0..EACH).map(|_| guests.welcome(Some(7)).expect("a place")).collect();
        assert!(guests.welcome(Some(7)).is_none());
        assert!(guests.welcome(Some(8)).is_some() && guests.welcome(None).is_some());
        all.pop();
        assert!(guests.welcome(Some(7)).is_some());
        drop(all);
        assert!(guests.0.lock().expect("not poisoned").is_empty());
    }
}
