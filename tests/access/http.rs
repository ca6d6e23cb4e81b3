//! Asking over TCP and on a socket.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder, RequestBuilder, Response};
use serde_json::Value;
use stepdown::api::RouteInfo;

/// Which place to ask, from where, with which token.
pub struct Asker {
    client: Client,
    base: String,
    token: Option<String>,
}

fn builder() -> ClientBuilder {
    Client::builder().timeout(Duration::from_mins(1))
}

impl Asker {
    /// Over TCP; each test asks from an address of its own, since strangers are counted by address.
    pub fn net(port: u16, from: [u8; 4], token: Option<&str>) -> Self {
        let client = builder().local_address(IpAddr::from(from)).build().expect("a client");
        Self { client, base: format!("http://127.0.0.1:{port}"), token: token.map(str::to_owned) }
    }

    pub fn socket(socket: &Path) -> Self {
        let client = builder().unix_socket(socket).build().expect("a client");
        Self { client, base: "http://stepdown".to_owned(), token: None }
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub fn status(&self, method: &str, path: &str) -> u16 {
        self.request(method, path).send().expect("an answer").status().as_u16()
    }

    pub fn get(&self, path: &str) -> Value {
        let response = self.request("GET", path).send().expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().expect("JSON")
    }

    /// What the route answers to an empty object; what changes something has something missing.
    pub fn walk(&self, route: &RouteInfo) -> u16 {
        let path = place(route);
        let request = self.request(route.method.as_str(), &path);
        let request = if route.method == "GET" { request } else { request.json(&serde_json::json!({})) };
        let response = request.send().expect("an answer");
        let status = response.status();
        if !status.is_success() {
            let error = said(response);
            assert!(!error.is_empty(), "{} {path}: {status}", route.method);
        }
        status.as_u16()
    }
}

/// The path with something in place of each name in braces.
pub fn place(route: &RouteInfo) -> String {
    let part = |part: &str| match part {
        "{case}" => "SD-1".to_owned(),
        name if name.starts_with('{') => "1".to_owned(),
        plain => plain.to_owned(),
    };
    route.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The error that an answer tells, in the form of all errors.
pub fn said(response: Response) -> String {
    let body: Value = response.json().expect("errors are JSON");
    body["error"].as_str().expect("a text").to_owned()
}
