//! The wrapping key: where it lies, who can read it, and whether it opens the keyring.

use std::path::Path;

use super::Check;
use super::permissions::private;
use crate::config::Config;
use crate::log::Log;

pub fn checks(data: &Path, config: &Config) -> Vec<Check> {
    let records = &config.settings.records;
    let key = records.wrapping_key(data);
    let mut checks = Vec::new();
    // What systemd hands over has the mode that systemd gives it.
    if records.wrapping_key_credential.is_none() {
        checks.push(private("wrapping-key", &key, 0o600));
    }
    let resolved = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    checks.push(if resolved(&key).starts_with(resolved(data)) {
        Check::warn(
            "wrapping-key-place",
            "the wrapping key lies in the data directory, beside what it seals: a copy of this directory opens itself",
            "move the key, and name it in stepdown.toml: [records] wrapping_key_file or wrapping_key_credential",
        )
    } else {
        Check::ok("wrapping-key-place", "the wrapping key lies apart from what it seals")
    });
    checks.push(keyring(data, &key, records.wrapping_key_credential.as_deref()));
    checks
}

fn keyring(data: &Path, key: &Path, credential: Option<&str>) -> Check {
    const CHECK: &str = "keyring";
    // systemd.exec(5): only what systemd started has this variable.
    if let Some(name) = credential.filter(|_| std::env::var_os("CREDENTIALS_DIRECTORY").is_none()) {
        let says = format!("the wrapping key is the credential {name}, which only the service is handed");
        return Check {
            remedy: Some(
                "stepdown keys show asks the running service; see that a copy is kept apart".to_owned(),
            ),
            ..Check::ok(CHECK, says)
        };
    }
    match Log::try_keys(data, key) {
        Ok(fingerprint) => Check {
            remedy: Some(
                "see that a copy of the key is kept apart, on paper or in a safe: lost keys are lost records"
                    .to_owned(),
            ),
            ..Check::ok(CHECK, format!("it opens with the wrapping key {fingerprint}"))
        },
        Err(error) => Check::fail(
            CHECK,
            error.to_string(),
            "put the wrapping key back from its copy; without it nothing in the log can be read",
        ),
    }
}
