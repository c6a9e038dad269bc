//! The floor of the benchmark: the real keeper with its threshold step replaced by one local key.
//!
//! **This is no keeper.** Its signers pool their shares in a folder and rebuild the whole key: exactly what Quorate exists to
//! prevent. It runs only on a cluster that a benchmark made for itself and throws away, it accepts a key file as its only seal
//! (which the charter allows under `mode: dev` alone), and it refuses every charter of `mode: production`.
//!
//! Everything but the release is the real keeper, called as a library: identity, charter, start rule, admissions, votes, sealed
//! state. At a release the votes are verified, then a signature by the local key leaves at once.

mod floor;
mod key;
mod pool;

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;
use quorate_keeper::seal::KeyFile;
use quorate_keeper::shares::Keeper;
use quorate_keeper::{frame, hardening, sys};

use crate::floor::Floor;
use crate::pool::Pool;

const WARNING: &str =
    "quorate-bench-floor: BENCHMARK ONLY: this program holds whole keys and protects nothing";
const USAGE: &str = "usage: quorate-bench-floor --judge-fd FD --signer ID --key-file FILE --pool DIR";

struct Options {
    judge: RawFd,
    signer: String,
    key_file: PathBuf,
    pool: PathBuf,
}

fn main() -> ExitCode {
    let _ = writeln!(io::stderr(), "{WARNING}");
    let outcome = parse(std::env::args_os().skip(1)).and_then(|options| run(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "quorate-bench-floor: {message}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, String> {
    let (mut judge, mut signer, mut key_file, mut pool) = (None, None, None, None);
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut read = || -> Result<(), lexopt::Error> {
        while let Some(argument) = parser.next()? {
            match argument {
                Long("judge-fd") => judge = Some(parser.value()?.parse()?),
                Long("signer") => signer = Some(parser.value()?.string()?),
                Long("key-file") => key_file = Some(PathBuf::from(parser.value()?)),
                Long("pool") => pool = Some(PathBuf::from(parser.value()?)),
                other => return Err(other.unexpected()),
            }
        }
        Ok(())
    };
    read().map_err(|error| error.to_string())?;
    let complete = || Some(Options { judge: judge?, signer: signer?, key_file: key_file?, pool: pool? });
    complete().ok_or_else(|| USAGE.to_owned())
}

fn run(options: &Options) -> Result<(), String> {
    sys::close_all_except(&[options.judge]).map_err(|error| error.to_string())?;
    let names = hardening::apply().map_err(|error| error.to_string())?;
    let seal = || KeyFile::open(&options.key_file).map_err(|refusal| refusal.to_string());
    let keeper = Keeper::new(options.signer.clone(), Box::new(seal()?), names).map_err(|r| r.to_string())?;
    let mut floor = Floor::new(keeper, Pool::new(options.signer.clone(), seal()?, options.pool.clone()));
    let mut judge = sys::socket(options.judge);
    while let Some(request) = frame::read(&mut judge).map_err(|error| error.to_string())? {
        let reply = floor.answer(&request)?;
        frame::write(&mut judge, &reply).map_err(|error| error.to_string())?;
    }
    Ok(())
}
