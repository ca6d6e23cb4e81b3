//! How many requests a caller may make, and how many tries a stranger has.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::Clock as _;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::access::Who;

/// How many requests without a good token an address may make in a minute, until it is told to wait.
const TRIES: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// After so many requests, those who have not been heard of for a while are forgotten.
const SWEEP: u32 = 4_096;

/// What was asked of late, by whom.
pub(super) struct Limits {
    callers: Mutex<(NonZeroU32, Arc<DefaultKeyedRateLimiter<Who>>)>,
    strangers: DefaultKeyedRateLimiter<IpAddr>,
    heard: AtomicU32,
}

impl Limits {
    pub(super) fn new() -> Self {
        let all = NonZeroU32::MIN;
        Self {
            callers: Mutex::new((all, Arc::new(RateLimiter::keyed(Quota::per_minute(all))))),
            strangers: RateLimiter::keyed(Quota::per_minute(TRIES)),
            heard: AtomicU32::new(0),
        }
    }

    /// Counts a request of `who`, of which there may be so many in a minute; the error is how many seconds to wait.
    pub(super) fn caller(&self, who: &Who, per_minute: NonZeroU32) -> Result<(), u64> {
        self.sweep();
        counted(&self.callers(per_minute), who)
    }

    /// Counts a request without a good token. A good one is never held up by these: a token has 256 bits, so that
    /// nobody guesses one, and others may share the address.
    pub(super) fn stranger(&self, address: IpAddr) -> Result<(), u64> {
        self.sweep();
        counted(&self.strangers, &network(address))
    }

    /// The count under the limit in force; another limit counts anew.
    fn callers(&self, per_minute: NonZeroU32) -> Arc<DefaultKeyedRateLimiter<Who>> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.0 != per_minute {
            *callers = (per_minute, Arc::new(RateLimiter::keyed(Quota::per_minute(per_minute))));
        }
        Arc::clone(&callers.1)
    }

    fn sweep(&self) {
        if self.heard.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.strangers.retain_recent();
            let callers = Arc::clone(&self.callers.lock().unwrap_or_else(PoisonError::into_inner).1);
            callers.retain_recent();
        }
    }
}

fn counted<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), u64> {
    limiter.check_key(key).map_err(|early| {
        let wait = early.wait_time_from(limiter.clock().now());
        wait.as_secs() + 1
    })
}

/// Whoever has one IPv6 address has the whole /64 around it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_measure_of_their_own() {
        let (limits, three) = (Limits::new(), NonZeroU32::MIN.saturating_add(2));
        let [priya, feed] = [Who::User("priya".to_owned()), Who::Token("priya".to_owned())];
        for _ in 0..3 {
            assert_eq!(limits.caller(&priya, three), Ok(()));
        }
        let wait = limits.caller(&priya, three).expect_err("too many");
        assert!((1..=21).contains(&wait), "{wait}");
        assert_eq!(limits.caller(&feed, three), Ok(()));
        // A reload that allows more is felt at once.
        assert_eq!(limits.caller(&priya, NonZeroU32::MIN.saturating_add(9)), Ok(()));
    }

    #[test]
    fn a_network_shares_the_tries_of_a_stranger() {
        let limits = Limits::new();
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        for last in 0..TRIES.get() {
            assert_eq!(limits.stranger(address(&format!("2001:db8::{last:x}"))), Ok(()));
        }
        assert!(limits.stranger(address("2001:db8::ffff")).is_err());
        assert_eq!(limits.stranger(address("2001:db8:0:1::1")), Ok(()));
        assert_eq!(limits.stranger(address("192.0.2.1")), Ok(()));
    }
}
