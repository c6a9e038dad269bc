//! One signer: a keeper, in this process or as a child, and a judge that keeps what it is told to keep.

use std::collections::BTreeMap;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use quorate_keeper::blobs::{self, Context};
use quorate_keeper::frame;
use quorate_keeper::init::init;
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::proto::keeper::from_keeper::Reply;
use quorate_keeper::proto::keeper::to_keeper::Request;
use quorate_keeper::seal::{KeyFile, unwrap};
use quorate_keeper::shares::Keeper;
use quorate_keeper::state::State;
use quorate_secret::Secret;
use quorate_threshold::KeyShare;
use quorate_wire::charter::Mode;
use serde_json::{Value, json};

/// How the keeper runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    InProcess,
    Child,
}

enum Running {
    No,
    Here(Box<Keeper>),
    Child(Child, UnixStream),
}

pub struct Secrets {
    pub root: Secret<32>,
    pub vote: Secret<32>,
    pub envelope: Secret<32>,
}

pub struct Signer {
    pub id: String,
    pub kind: Kind,
    seal: Vec<u8>,
    public: Value,
    pub blobs: BTreeMap<String, Vec<u8>>,
    pub loaded: pb::Loaded,
    head: (u64, Vec<u8>),
    running: Running,
    requests: u64,
}

impl Signer {
    /// `quorate-keeper init` with a key-file seal.
    pub fn init(id: &str, kind: Kind) -> Self {
        let seal = quorate_secret::random::<32>().unwrap().to_vec();
        let public = init(&key_file(&seal), id, Mode::Dev).unwrap();
        let decode = |(name, blob): (&String, &Value)| {
            (name.clone(), STANDARD.decode(blob.as_str().unwrap()).unwrap())
        };
        let blobs = public["blobs"].as_object().unwrap().iter().map(decode).collect();
        Self {
            id: id.into(),
            kind,
            seal,
            public,
            blobs,
            loaded: pb::Loaded::default(),
            head: (0, vec![0; 32]),
            running: Running::No,
            requests: 0,
        }
    }

    /// Its entry in a charter.
    pub fn entry(&self, at: usize, example: &Value) -> Value {
        json!({
            "id": self.id, "index": at + 1, "vote_key": self.public["vote_key"], "log_key": self.public["log_key"],
            "envelope_key": self.public["envelope_key"], "link_certificate": example["link_certificate"],
        })
    }

    pub fn start(&mut self) {
        self.running = match self.kind {
            Kind::InProcess => {
                let keeper = Keeper::new(self.id.clone(), Box::new(key_file(&self.seal)), vec![]);
                Running::Here(Box::new(keeper.unwrap()))
            }
            Kind::Child => self.spawn(),
        };
    }

    fn spawn(&self) -> Running {
        let path = std::env::temp_dir().join(format!(
            "quorate-seal-{}-{}",
            std::process::id(),
            hex::encode(&self.seal[..8])
        ));
        std::fs::write(&path, hex::encode(&self.seal)).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        rustix::io::fcntl_setfd(&theirs, rustix::io::FdFlags::empty()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_quorate-keeper"))
            .args(["shares", "--signer", &self.id, "--judge-fd", &theirs.as_raw_fd().to_string()])
            .arg("--key-file")
            .arg(&path)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Running::Child(child, ours)
    }

    /// SIGKILL, or the like.
    pub fn stop(&mut self) {
        if let Running::Child(child, _) = &mut self.running {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        self.running = Running::No;
    }

    pub fn is_running(&self) -> bool {
        !matches!(self.running, Running::No)
    }

    pub fn process_id(&self) -> Option<u32> {
        match &self.running {
            Running::Child(child, _) => Some(child.id()),
            _ => None,
        }
    }

    /// One request; what must be durable is, before anybody sees the rest.
    pub fn ask(&mut self, request: Request) -> pb::FromKeeper {
        self.requests += 1;
        let message = pb::ToKeeper { id: self.requests, request: Some(request) }.encode_to_vec();
        let answer = match &mut self.running {
            Running::No => panic!("{} does not run", self.id),
            Running::Here(keeper) => keeper.answer(&message),
            Running::Child(_, stream) => {
                frame::write(stream, &message).unwrap();
                frame::read(stream).unwrap().expect("the keeper has ended")
            }
        };
        let answer = pb::FromKeeper::decode(answer.as_slice()).unwrap();
        assert_eq!(answer.id, self.requests, "answered once and in order");
        self.persist(&answer);
        answer
    }

    fn persist(&mut self, answer: &pb::FromKeeper) {
        for blob in &answer.persist {
            if blob.content.is_empty() {
                self.blobs.remove(&blob.name);
            } else {
                self.blobs.insert(blob.name.clone(), blob.content.clone());
            }
        }
        if let Some(Reply::Voted(pb::Voted { tally_entry: Some(entry), .. })) = &answer.reply {
            let entry = quorate_wire::tally::TallyEntry::from_bytes(&entry.body).unwrap();
            self.head = (entry.count, entry.head().to_vec());
        }
    }

    pub fn load_request(
        &self,
        charters: &[pb::SignedDocument],
        certificates: &[pb::Certificate],
    ) -> pb::Load {
        let blob =
            |(name, content): (&String, &Vec<u8>)| pb::Blob { name: name.clone(), content: content.clone() };
        pb::Load {
            blobs: self.blobs.iter().map(blob).collect(),
            charters: charters.to_vec(),
            certificates: certificates.to_vec(),
        }
    }

    pub fn load(&mut self, charters: &[pb::SignedDocument], certificates: &[pb::Certificate]) {
        let request = self.load_request(charters, certificates);
        self.loaded = match self.ask(Request::Load(request)).reply.unwrap() {
            Reply::Loaded(loaded) => loaded,
            other => panic!("{}: {other:?}", self.id),
        };
    }

    pub fn accept(&mut self, charter: pb::SignedDocument, hash: &[u8]) -> pb::CharterAccepted {
        let request = pb::AcceptCharter { charter: Some(charter), operator_hash: hash.to_vec() };
        match self.ask(Request::AcceptCharter(request)).reply.unwrap() {
            Reply::CharterAccepted(accepted) => accepted,
            other => panic!("{}: {other:?}", self.id),
        }
    }

    pub fn status(&mut self) -> pb::StatusReply {
        match self.ask(Request::Status(pb::Status {})).reply.unwrap() {
            Reply::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }

    /// What only the keeper should know: for tests in which a peer itself has turned.
    pub fn secrets(&self) -> Secrets {
        let root = unwrap(&key_file(&self.seal), &self.id, &self.blobs["seal"]).unwrap();
        let context = Context { signer: &self.id, name: "identity", cluster: None };
        let identity = blobs::open(&root, &context, &self.blobs["identity"]).unwrap();
        let key = |at: usize| identity.expose(|bytes| Secret::from_slice(&bytes[at..at + 32]).unwrap());
        Secrets { root, vote: key(1), envelope: key(65) }
    }

    pub fn seal_key(&self) -> Vec<u8> {
        self.seal.clone()
    }

    /// The sealed state, opened.
    pub fn state(&self) -> State {
        let context = Context { signer: &self.id, name: "state", cluster: None };
        let state = blobs::open(&self.secrets().root, &context, &self.blobs["state"]).unwrap();
        state.expose(State::from_bytes).unwrap()
    }

    /// A key share, opened as nobody outside a keeper can.
    pub fn share(&self, key: &str, cluster: &str) -> KeyShare {
        let (state, name) = (self.state(), format!("key/{key}/1"));
        let root = state.charter.unwrap().root;
        let context = Context { signer: &self.id, name: &name, cluster: Some((cluster, &root)) };
        let wrapping = blobs::open(&self.secrets().root, &context, &state.keys[key].wrapped).unwrap();
        let wrapping = wrapping.expose(|key| Secret::from_slice(key).unwrap());
        let share = blobs::open(&wrapping, &context, &self.blobs[&name]).unwrap();
        share.expose(KeyShare::from_secret_bytes).unwrap()
    }

    pub fn head(&self) -> pb::Head {
        pb::Head { signer: self.id.clone(), count: self.head.0, head: self.head.1.clone() }
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn key_file(seal: &[u8]) -> KeyFile {
    KeyFile::from_key(Secret::from_slice(seal).unwrap())
}
