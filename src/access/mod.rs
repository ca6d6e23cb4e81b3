//! Who may ask what, and who did it.
//!
//! Pure: who somebody is (by the credentials of a socket, by a token) is found out in `api/access/`.

mod principal;
mod role;
mod token;
mod tokens;
mod who;

pub use principal::{Principal, UnknownPrincipal};
pub use role::{Role, UnknownRole};
pub use token::{BadTokenName, TokenAdded, TokenHash, TokenName, TokenRevoked};
pub use tokens::{Standing, Token, Tokens};
pub use who::{Author, Who};
