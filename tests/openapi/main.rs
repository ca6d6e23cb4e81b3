//! The OpenAPI document is true: it is OpenAPI 3.1, it has the routes that there are, and a daemon answers as it says.

mod asked;
#[path = "../support/binary.rs"]
mod binary;
mod document;
mod journey;
mod schemas;
