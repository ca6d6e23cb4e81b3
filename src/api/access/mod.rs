//! Who asks, and whether they may: deny by default.
//!
//! On the socket a caller is known by the credentials that the kernel vouches for, over TCP by a bearer token
//! (RFC 6750). What somebody says of themselves counts for nothing.

mod caller;
mod guard;
mod limit;
mod origin;
mod secret;

pub use origin::own_user;
pub use secret::{Secret, new_secret};

pub(super) use caller::Caller;
pub(super) use guard::{Gate, guard};
pub(super) use origin::Seen;
