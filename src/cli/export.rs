//! `export`: the log as lines.

use std::io::Read as _;

use super::context::Desk;
use super::output::print_bytes;
use super::{Context, Failure};
use crate::case::Interner;

pub fn run(context: &Context) -> Result<(), Failure> {
    match context.desk("stepdown export")? {
        Desk::Daemon(client) => {
            let mut response = client.export()?;
            let mut chunk = vec![0; 1 << 16];
            loop {
                let length = response
                    .read(&mut chunk)
                    .map_err(|error| Failure::failed(&format!("the daemon: {error}")))?;
                if length == 0 {
                    return Ok(());
                }
                print_bytes(chunk.get(..length).unwrap_or_default())?;
            }
        }
        Desk::Log(writer) => {
            let mut printed = Ok(());
            let (mut lines, mut words) = (Vec::new(), Interner::default());
            writer.log().reader().replay(|stored| {
                stored.write_line(&mut words, &mut lines);
                if lines.len() > 1 << 16 && printed.is_ok() {
                    printed = print_bytes(&lines);
                    lines.clear();
                }
            })?;
            printed?;
            print_bytes(&lines)
        }
    }
}
