//! `quorate-keeper`: see [`quorate_keeper`].

use std::io::{self, Write};
use std::process::ExitCode;

use quorate_keeper::cli::{self, Command, Source};
use quorate_keeper::seal::{KeyFile, Passphrase, SealBackend};
use quorate_keeper::shares::{self, Keeper};
use quorate_keeper::{hardening, init, sys};
use quorate_wire::{Refusal, Whose};

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => return fail(&format!("usage: {message}"), 2),
    };
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            let hint = if refusal.hint.is_empty() { String::new() } else { format!(" ({})", refusal.hint) };
            fail(&format!("{refusal}{hint}"), 1)
        }
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "quorate-keeper: {message}");
    ExitCode::from(code)
}

fn run(command: Command) -> Result<(), Refusal> {
    match command {
        Command::Version => print(&format!("quorate-keeper {}", env!("CARGO_PKG_VERSION"))),
        Command::Help => print(cli::USAGE),
        Command::Init { signer, mode, source } => {
            harden(&[], &source)?;
            let backend = new_seal(&signer, source)?;
            print(&init::init(backend.as_ref(), &signer, mode)?.to_string())
        }
        Command::Shares { judge, signer, source } => {
            let names = harden(&[judge], &source)?;
            let backend = open_seal(&signer, source)?;
            let mut keeper = Keeper::new(signer, backend, names)?;
            shares::serve(&mut keeper, &mut sys::socket(judge)).map_err(|error| machine(&error))
        }
    }
}

fn print(text: &str) -> Result<(), Refusal> {
    writeln!(io::stdout(), "{text}").map_err(|error| machine(&error))
}

fn machine(error: &io::Error) -> Refusal {
    Refusal::new("machine", error).whose(Whose::Bug)
}

fn harden(keep: &[i32], source: &Source) -> Result<Vec<&'static str>, Refusal> {
    let mut keep = keep.to_vec();
    if let Source::Descriptor(fd) = source {
        keep.push(*fd);
    }
    sys::close_all_except(&keep).map_err(|error| machine(&error))?;
    hardening::apply().map_err(|error| machine(&error))
}

fn new_seal(signer: &str, source: Source) -> Result<Box<dyn SealBackend>, Refusal> {
    let passphrase = match source {
        Source::KeyFile(path) => return Ok(Box::new(KeyFile::create(&path)?)),
        Source::Terminal => Passphrase::ask(signer, true)?,
        Source::Descriptor(fd) => Passphrase::read_from(sys::file(fd))?,
    };
    passphrase.ensure_strong()?;
    Ok(Box::new(passphrase))
}

fn open_seal(signer: &str, source: Source) -> Result<Box<dyn SealBackend>, Refusal> {
    Ok(match source {
        Source::KeyFile(path) => Box::new(KeyFile::open(&path)?),
        Source::Terminal => Box::new(Passphrase::ask(signer, false)?),
        Source::Descriptor(fd) => Box::new(Passphrase::read_from(sys::file(fd))?),
    })
}
