//! Who may ask what: every route as every role, over TCP and on the socket; and who is said to have done it.

#[path = "../support/binary.rs"]
mod binary;
mod http;
mod office;
mod others;
mod recorded;
mod routes;
mod secrets;
