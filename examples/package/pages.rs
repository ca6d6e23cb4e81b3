//! Man pages and completions, made of the command line's own definition.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use clap_mangen::Man;
use stepdown::cli::Cli;

use super::{Fault, changelog};

/// What the main page says besides the commands, in roff (man(7)).
const MORE: &str = r#".SH "EXIT STATUS"
.TP
.B 0
Done.
.TP
.B 1
It was rightly asked and failed, or what was looked at is not as it should be.
.TP
.B 2
What was given was refused: the input, the configuration, or a data directory of another format. Nothing was changed.
.SH FILES
.TP
.I /etc/stepdown
The packaged configuration: settings (\fBstepdown.toml\fR(5)), who is who, programmes, event types, mail templates, bank holidays.
.TP
.I /etc/stepdown/wrapping\-key
The key that seals the keys of all cases. Without it nothing can be read: keep a copy apart from the backups.
.TP
.I /var/lib/stepdown
The data of the service. Neither an upgrade nor a removal nor a purge of the package removes it.
.TP
.I /usr/share/doc/stepdown
What to read, with the licences of all that was built in, and the bill of materials (CycloneDX).
.SH "SEE ALSO"
.BR stepdown.toml (5),
.BR systemctl (1),
.BR journalctl (1)
"#;

const ABOUT_SETTINGS: &str = r#".SH NAME
stepdown.toml \- settings of stepdown
.SH DESCRIPTION
The settings of
.BR stepdown (1)
stand in the file
.I stepdown.toml
of the configuration directory, in TOML. Below is the whole file as it comes with this version: a line that is a note shows what
holds where nothing else is said, or an example. An unknown key is refused, with its place.
.BR "stepdown check" ,
with
.B \-\-config
.IR DIR ,
shows every mistake at once;
.B systemctl reload stepdown
has a changed file taken.
.SH "THE FILE"
"#;

/// Writes all under `share`.
pub fn write(share: &Path) -> Result<(), Fault> {
    let man = share.join("man/man1");
    fs::create_dir_all(&man)?;
    let mut built = command();
    built.build();
    command_pages(&built, &man)?;
    let settings = share.join("man/man5");
    fs::create_dir_all(&settings)?;
    fs::write(settings.join("stepdown.toml.5"), settings_page()?)?;
    for (shell, place) in [
        (Shell::Bash, "bash-completion/completions/stepdown"),
        (Shell::Zsh, "zsh/vendor-completions/_stepdown"),
        (Shell::Fish, "fish/vendor_completions.d/stepdown.fish"),
    ] {
        let place = share.join(place);
        fs::create_dir_all(place.parent().ok_or("a place in a directory")?)?;
        clap_complete::generate(shell, &mut command(), "stepdown", &mut fs::File::create(place)?);
    }
    Ok(())
}

/// The command line without `help`, which is no page of its own.
fn command() -> Command {
    Cli::command().name("stepdown").disable_help_subcommand(true)
}

/// The page of a command, and those of all below it.
fn command_pages(command: &Command, dir: &Path) -> Result<(), Fault> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .date(changelog::newest()?.to_string())
        .source(concat!("stepdown ", env!("CARGO_PKG_VERSION")))
        .manual("stepdown");
    let mut page = Vec::new();
    if name == "stepdown" {
        man.render_title(&mut page)?;
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        man.render_subcommands_section(&mut page)?;
        page.write_all(MORE.as_bytes())?;
    } else {
        man.render(&mut page)?;
    }
    // clap_mangen leaves blanks at the ends of lines, and breaks beside those that an empty line makes.
    let lines = String::from_utf8(page)?;
    let page: String =
        lines.lines().filter(|line| *line != ".br").flat_map(|line| [line.trim_end(), "\n"]).collect();
    fs::write(dir.join(format!("{name}.1")), page)?;
    command.get_subcommands().try_for_each(|below| command_pages(below, dir))
}

/// The page of the settings: the starter's file, which is its own reference.
fn settings_page() -> Result<String, Fault> {
    let (version, day) = (env!("CARGO_PKG_VERSION"), changelog::newest()?);
    let mut page =
        format!(".TH STEPDOWN.TOML 5 \"{day}\" \"stepdown {version}\" \"stepdown\"\n{ABOUT_SETTINGS}.nf\n");
    for line in include_str!("../../config/stepdown.toml").lines() {
        let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
        // A full stop at the start would be a request to roff.
        page.push_str(if line.starts_with('.') { "\\&" } else { "" });
        page.push_str(&line);
        page.push('\n');
    }
    Ok(page + ".fi\n")
}
