//! Command line. No secret is ever an argument.

use std::os::fd::RawFd;
use std::path::PathBuf;

use lexopt::prelude::*;
use quorate_wire::charter::Mode;

pub const USAGE: &str = "\
usage: quorate-keeper shares --judge-fd FD --signer ID [--passphrase-fd FD | --key-file FILE]
       quorate-keeper init --signer ID --seal passphrase|key-file [--mode dev|production]
                           [--passphrase-fd FD | --key-file FILE]
       quorate-keeper --version

Without --passphrase-fd or --key-file the passphrase is asked for on the terminal. init creates the key file.
Mode: a key file seals signers of mode dev only; a passphrase seals signers of mode production unless --mode dev is given.";

/// Where the seal's secret comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    Terminal,
    Descriptor(RawFd),
    KeyFile(PathBuf),
}

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Version,
    Help,
    Shares { judge: RawFd, signer: String, source: Source },
    Init { signer: String, mode: Mode, source: Source },
}

#[derive(Default)]
struct Options {
    role: Option<String>,
    judge: Option<RawFd>,
    signer: Option<String>,
    seal: Option<String>,
    mode: Option<String>,
    passphrase: Option<RawFd>,
    key_file: Option<PathBuf>,
}

/// Parses the arguments (without the program's name).
///
/// # Errors
/// One line for the operator.
pub fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Command, String> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut options = Options::default();
    options.read(&mut parser).map_err(|error| error.to_string())?;
    options.command()
}

impl Options {
    fn read(&mut self, parser: &mut lexopt::Parser) -> Result<(), lexopt::Error> {
        while let Some(argument) = parser.next()? {
            match argument {
                Long("version") => self.role = Some("--version".into()),
                Long("help") | Short('h') => self.role = Some("--help".into()),
                Value(role) if self.role.is_none() => self.role = Some(role.string()?),
                Long("judge-fd") => self.judge = Some(parser.value()?.parse()?),
                Long("signer") => self.signer = Some(parser.value()?.string()?),
                Long("seal") => self.seal = Some(parser.value()?.string()?),
                Long("mode") => self.mode = Some(parser.value()?.string()?),
                Long("passphrase-fd") => self.passphrase = Some(parser.value()?.parse()?),
                Long("key-file") => self.key_file = Some(parser.value()?.into()),
                other => return Err(other.unexpected()),
            }
        }
        Ok(())
    }

    fn command(self) -> Result<Command, String> {
        let source = match (self.passphrase, self.key_file) {
            (None, None) => Source::Terminal,
            (Some(fd), None) => Source::Descriptor(fd),
            (None, Some(path)) => Source::KeyFile(path),
            (Some(_), Some(_)) => return Err("give --passphrase-fd or --key-file, not both".into()),
        };
        let signer = self.signer.ok_or("--signer is missing");
        match self.role.as_deref() {
            Some("--version") => Ok(Command::Version),
            Some("--help") => Ok(Command::Help),
            Some("shares") if self.seal.is_none() && self.mode.is_none() => Ok(Command::Shares {
                judge: self.judge.ok_or("--judge-fd is missing")?,
                signer: signer?,
                source,
            }),
            Some("init") if self.judge.is_none() => {
                let mode = mode(self.seal.as_deref(), self.mode.as_deref(), &source)?;
                Ok(Command::Init { signer: signer?, mode, source })
            }
            Some("shares" | "init") => Err("an option of the other role".into()),
            Some(role) => Err(format!("there is no role {role}; see --help")),
            None => Err("the role is missing: shares or init; see --help".into()),
        }
    }
}

fn mode(seal: Option<&str>, mode: Option<&str>, source: &Source) -> Result<Mode, String> {
    let key_file = matches!(source, Source::KeyFile(_));
    match (seal, key_file) {
        (Some("passphrase"), false) | (Some("key-file"), true) => (),
        (Some("key-file"), false) => return Err("--seal key-file needs --key-file FILE".into()),
        (Some("passphrase"), true) => return Err("--key-file does not belong to --seal passphrase".into()),
        _ => return Err("--seal passphrase or --seal key-file is missing".into()),
    }
    match mode {
        None if key_file => Ok(Mode::Dev),
        None | Some("production") => Ok(Mode::Production),
        Some("dev") => Ok(Mode::Dev),
        Some(_) => Err("--mode is dev or production".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(Into::into))
    }

    #[test]
    fn good_lines() {
        let shares = parsed("shares --judge-fd 3 --signer signer-1 --passphrase-fd 4").unwrap();
        let source = Source::Descriptor(4);
        assert_eq!(shares, Command::Shares { judge: 3, signer: "signer-1".into(), source });
        let init = parsed("init --signer s --seal key-file --key-file /k").unwrap();
        let source = Source::KeyFile("/k".into());
        assert_eq!(init, Command::Init { signer: "s".into(), mode: Mode::Dev, source });
        let init = parsed("init --signer s --seal passphrase").unwrap();
        let source = Source::Terminal;
        assert_eq!(init, Command::Init { signer: "s".into(), mode: Mode::Production, source });
        assert_eq!(parsed("--version").unwrap(), Command::Version);
    }

    #[test]
    fn bad_lines() {
        for line in [
            "",
            "gate --signer s",
            "shares --signer s",
            "shares --judge-fd x --signer s",
            "shares --judge-fd 3",
            "shares --judge-fd 3 --signer s --seal passphrase",
            "shares --judge-fd 3 --signer s --passphrase-fd 4 --key-file f",
            "init --signer s",
            "init --signer s --seal key-file",
            "init --signer s --seal passphrase --key-file f",
            "init --signer s --seal passphrase --mode test",
            "init --signer s --seal passphrase --passphrase secret",
            "init --signer s --seal passphrase --judge-fd 3",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
