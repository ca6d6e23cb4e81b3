//! Who may ask what, and who did it.
//!
//! Pure: who somebody is (by the credentials of a socket, by a token) is found out in `api/access/`.

mod role;

pub use role::{Role, UnknownRole};
