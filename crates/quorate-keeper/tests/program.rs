//! The program as a process: seals, hardening, its end, and what can be read in its memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster::{Cluster, Kind, ecdsa_item, ed25519_item};
use k256::elliptic_curve::sec1::ToSec1Point;
use prost::Message;
use quorate_keeper::frame;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_quorate-keeper");

fn inherit(fd: impl AsFd) {
    rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::empty()).unwrap();
}

/// A pipe that gives one line.
fn line(text: &str) -> OwnedFd {
    let (read, write) = rustix::pipe::pipe().unwrap();
    File::from(write).write_all(format!("{text}\n").as_bytes()).unwrap();
    inherit(&read);
    read
}

fn init(passphrase: &str) -> Output {
    let pipe = line(passphrase);
    let fd = pipe.as_raw_fd().to_string();
    let seal = ["--seal", "passphrase", "--passphrase-fd", &fd];
    Command::new(PROGRAM).args(["init", "--signer", "signer-1"]).args(seal).output().unwrap()
}

fn start(passphrase: &str) -> (Child, UnixStream) {
    let pipe = line(passphrase);
    let (ours, theirs) = UnixStream::pair().unwrap();
    inherit(&theirs);
    let child = Command::new(PROGRAM)
        .args(["shares", "--signer", "signer-1"])
        .args(["--judge-fd", &theirs.as_raw_fd().to_string()])
        .args(["--passphrase-fd", &pipe.as_raw_fd().to_string()])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    (child, ours)
}

fn ask(stream: &mut UnixStream, request: Request) -> Reply {
    let message = pb::ToKeeper { id: 1, request: Some(request) }.encode_to_vec();
    frame::write(stream, &message).unwrap();
    let answer = frame::read(stream).unwrap().expect("an answer");
    pb::FromKeeper::decode(answer.as_slice()).unwrap().reply.unwrap()
}

fn load(document: &Value) -> Request {
    let blob = |(name, blob): (&String, &Value)| pb::Blob {
        name: name.clone(),
        content: STANDARD.decode(blob.as_str().unwrap()).unwrap(),
    };
    let blobs = document["blobs"].as_object().unwrap().iter().map(blob).collect();
    Request::Load(pb::Load { blobs, ..pb::Load::default() })
}

#[test]
fn a_passphrase_opens_what_init_made() {
    let output = init("correct horse battery");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&document["seal"], &document["mode"]), (&"passphrase".into(), &"production".into()));
    let (mut wrong, mut stream) = start("wrong horse battery");
    let Reply::Error(error) = ask(&mut stream, load(&document)) else { panic!() };
    assert_eq!(error.code, "unseal");
    let Reply::Error(error) = ask(&mut stream, Request::Status(pb::Status {})) else { panic!() };
    assert_eq!(error.code, "not_loaded");
    drop(stream);
    assert!(wrong.wait().unwrap().success());
    let (mut child, mut stream) = start("correct horse battery");
    let Reply::Loaded(loaded) = ask(&mut stream, load(&document)) else { panic!() };
    assert_eq!((loaded.signer.as_str(), loaded.incarnation), ("signer-1", 1));
    assert_eq!(hex::encode(&loaded.vote_key), document["vote_key"]);
    for name in ["non-dumpable", "no-core", "no-new-privileges"] {
        assert!(loaded.hardening.iter().any(|in_force| in_force == name), "{name}");
    }
    println!("hardening: {:?}", loaded.hardening);
    check_process(child.id());
    // The judge goes: so does the keeper.
    drop(stream);
    assert!(child.wait().unwrap().success());
}

/// As seen from outside, by the test's own privileges.
fn check_process(pid: u32) {
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap();
    assert!(read("status").contains("NoNewPrivs:\t1"));
    let limits = read("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    let open = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    assert_eq!(open, 4, "stdin, stdout, stderr and the judge");
    let arguments = read("cmdline");
    assert!(!arguments.contains("horse") && !read("environ").contains("horse"));
}

#[test]
fn bad_arguments_and_frames_end_the_program() {
    let run =
        |arguments: &[&str]| Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert_eq!(run(&["shares"]).status.code(), Some(2));
    assert_eq!(run(&["shares", "--signer", "s", "--judge-fd", "99"]).status.code(), Some(1));
    assert_eq!(run(&["shares", "--signer", "s", "--judge-fd", "0"]).status.code(), Some(1));
    assert!(String::from_utf8(run(&["--version"]).stdout).unwrap().starts_with("quorate-keeper 0."));
    let weak = init("short");
    assert_eq!(weak.status.code(), Some(1));
    assert!(weak.stdout.is_empty());
    let (mut child, mut stream) = start("correct horse battery");
    stream.write_all(&[0xff; 4]).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// Between uses nobody reads root key, vote key or shares in the keeper's memory, not even root; what is public is found.
#[test]
fn no_secret_is_readable_between_uses() {
    let mut cluster = Cluster::new(Kind::Child);
    cluster.create_key("main");
    cluster.create_key("edwards");
    for _ in 0..3 {
        cluster.sign("main", vec![ecdsa_item(1)], &[0, 1]);
        cluster.sign("edwards", vec![ed25519_item(b"x")], &[0, 1]);
    }
    let signer = &cluster.signers[0];
    if !signer.loaded.hardening.iter().any(|name| name == "memfd-secret") {
        println!("capability absent: memfd_secret");
        return;
    }
    let name = cluster.draft.value["cluster"].as_str().unwrap();
    let secrets = signer.secrets();
    let mut needles: Vec<(String, Vec<u8>)> = vec![
        ("root key".into(), secrets.root.expose(|key| key.to_vec())),
        ("vote key".into(), secrets.vote.expose(|key| key.to_vec())),
        ("seal".into(), signer.seal_key()),
    ];
    for key in ["main", "edwards"] {
        let bytes = signer.share(key, name).to_secret_bytes().unwrap();
        let public = signer.share(key, name).public().clone();
        let secret = bytes.expose(|bytes| secret_scalar(bytes, &public));
        needles.push((format!("share of {key}"), secret));
    }
    let memory = readable_memory(signer.process_id().unwrap());
    let found = |needle: &[u8]| memory.windows(needle.len()).any(|window| window == needle);
    assert!(found(&signer.loaded.vote_key), "the control: a public key is found");
    let seen: Vec<&str> =
        needles.iter().filter(|(_, needle)| found(needle)).map(|(name, _)| name.as_str()).collect();
    println!("{} MB read; {} needles; found: {seen:?}", memory.len() >> 20, needles.len());
    assert!(seen.is_empty());
}

/// The 32 bytes of a stored share that, times the generator, are the party's public share.
fn secret_scalar(bytes: &[u8], public: &quorate_threshold::KeyPublic) -> Vec<u8> {
    let wanted = &public.public_shares[&1];
    let is_it = |window: &[u8]| match public.curve {
        quorate_threshold::Curve::Secp256k1 => k256::SecretKey::from_slice(window)
            .is_ok_and(|key| key.public_key().to_sec1_point(true).as_bytes() == wanted.as_slice()),
        quorate_threshold::Curve::Ed25519 => {
            let scalar = curve25519_dalek::Scalar::from_canonical_bytes(window.try_into().unwrap());
            Option::<curve25519_dalek::Scalar>::from(scalar).is_some_and(|scalar| {
                curve25519_dalek::EdwardsPoint::mul_base(&scalar).compress().as_bytes() == wanted.as_slice()
            })
        }
    };
    let head = &bytes[..bytes.len().min(1024)];
    head.windows(32).find(|window| is_it(window)).expect("the share is in its stored form").to_vec()
}

/// Everything of a process that can be read through /proc/PID/mem.
fn readable_memory(pid: u32) -> Vec<u8> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut file = File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut all = Vec::new();
    for line in maps.lines() {
        let (range, rest) = line.split_once(' ').unwrap();
        if !rest.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        let mut region = vec![0; usize::try_from(to - from).unwrap()];
        if file.seek(SeekFrom::Start(from)).is_ok() && file.read_exact(&mut region).is_ok() {
            all.extend(region);
        }
    }
    all
}
