//! Everything that is made, in the place that it takes in the package.

#[path = "changelog.rs"]
mod changelog;
#[path = "configuration.rs"]
mod configuration;
#[path = "copyright.rs"]
mod copyright;
#[path = "pages.rs"]
mod pages;

use std::error::Error;
use std::fs;
use std::path::Path;

/// Why something could not be made.
pub type Fault = Box<dyn Error>;

/// Makes `to/root`, which the package has from `/` on, `to/copyright` and `to/changelog`; what was there before is
/// removed.
pub fn package(to: &Path) -> Result<(), Fault> {
    let root = to.join("root");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    configuration::write(&root.join("etc/stepdown"))?;
    pages::write(&root.join("usr/share"))?;
    copyright::write(to)?;
    fs::write(to.join("changelog"), changelog::debian()?)?;
    Ok(())
}
