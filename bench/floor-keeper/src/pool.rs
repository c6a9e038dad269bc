//! The folder in which the floor's signers put their shares together.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use quorate_keeper::blobs::{self, Context};
use quorate_keeper::proto::keeper as pb;
use quorate_keeper::seal::{KeyFile, unwrap};
use quorate_keeper::state::State;
use quorate_secret::Secret;
use quorate_threshold::{KeyPublic, KeyShare};
use quorate_wire::Refusal;

use crate::key::{LocalKey, secret_of};

pub struct Pool {
    signer: String,
    seal: KeyFile,
    folder: PathBuf,
    public: BTreeMap<String, KeyPublic>,
    keys: BTreeMap<String, LocalKey>,
}

impl Pool {
    pub fn new(signer: String, seal: KeyFile, folder: PathBuf) -> Self {
        Self { signer, seal, folder, public: BTreeMap::new(), keys: BTreeMap::new() }
    }

    /// Opens this signer's own shares, as the real keeper does, and puts them into the folder.
    pub fn deposit(&mut self, load: &pb::Load, cluster: &str) -> Result<(), String> {
        for (id, share) in self.own_shares(load, cluster).map_err(|refusal| refusal.to_string())? {
            let path = self.folder.join(format!("{id}.{}", share.me()));
            let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
            let text = hex::encode(secret_of(&share)?);
            written
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .map_err(|error| error.to_string())?;
            self.public.insert(id, share.public().clone());
        }
        Ok(())
    }

    fn own_shares(&self, load: &pb::Load, cluster: &str) -> Result<Vec<(String, KeyShare)>, Refusal> {
        let missing = |what: &str| Refusal::new("floor", format_args!("{what} is missing"));
        let blob = |name: &str| {
            let found = load.blobs.iter().find(|blob| blob.name == name);
            found.map(|blob| blob.content.as_slice()).ok_or_else(|| missing(name))
        };
        let root = unwrap(&self.seal, &self.signer, blob(blobs::SEAL)?)?;
        let context = Context { signer: &self.signer, name: blobs::STATE, cluster: None };
        let state = blobs::open(&root, &context, blob(blobs::STATE)?)?.expose(State::from_bytes)?;
        let pinned = state.charter.ok_or_else(|| missing("the charter"))?;
        let mut shares = Vec::new();
        for (id, record) in state.keys {
            let name = blobs::key_blob_name(&id, record.epoch);
            let context =
                Context { signer: &self.signer, name: &name, cluster: Some((cluster, &pinned.root)) };
            let wrapping = blobs::open(&root, &context, &record.wrapped)?;
            let wrapping = wrapping.expose(Secret::from_slice).map_err(|_| missing("a key"))?;
            let share = blobs::open(&wrapping, &context, blob(&name)?)?;
            let share = share.expose(KeyShare::from_secret_bytes).map_err(|_| missing("a share"))?;
            shares.push((id, share));
        }
        Ok(shares)
    }

    /// The whole key, built from t shares at its first use.
    pub fn key(&mut self, id: &str) -> Result<&LocalKey, String> {
        if !self.keys.contains_key(id) {
            let key = self.rebuild(id)?;
            self.keys.insert(id.to_owned(), key);
        }
        self.keys.get(id).ok_or_else(|| format!("no key {id}"))
    }

    fn rebuild(&self, id: &str) -> Result<LocalKey, String> {
        let public = self.public.get(id).ok_or_else(|| format!("no share of {id}"))?;
        let mut shares = BTreeMap::new();
        for &party in public.parties.iter().take(usize::from(public.threshold)) {
            let text = fs::read_to_string(self.folder.join(format!("{id}.{party}")))
                .map_err(|error| error.to_string())?;
            let mut share = [0; 32];
            hex::decode_to_slice(text, &mut share).map_err(|error| error.to_string())?;
            shares.insert(party, share);
        }
        LocalKey::rebuild(public.clone(), &shares)
    }
}
