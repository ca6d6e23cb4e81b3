//! What others may know of a route.

use axum::http::Method;

use crate::access::Role;

/// What others may know of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    /// Its method. A route for GET answers HEAD too.
    pub method: Method,
    /// Its path; a part in braces stands for any text.
    pub path: &'static str,
    /// The least role that may ask it.
    pub role: Role,
}
