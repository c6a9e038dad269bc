//! Charters and orders as an administrator makes them.

use quorate_keeper::proto::keeper as pb;
use quorate_wire::canonical;
use quorate_wire::hash::digest;
use serde_json::{Value, json};
use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey, SshSig};

use super::Signer;

pub struct Administrator {
    pub id: String,
    pub key: PrivateKey,
}

impl Administrator {
    pub fn new(number: u8) -> Self {
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&[number; 32]));
        Self { id: format!("admin-{number}"), key }
    }

    pub fn public(&self) -> String {
        self.key.public_key().to_openssh().unwrap()
    }

    pub fn sign(&self, namespace: &str, body: &[u8]) -> pb::SshSignature {
        let signature = SshSig::sign(&self.key, namespace, HashAlg::Sha512, body).unwrap();
        let armor = signature.to_pem(LineEnding::LF).unwrap();
        pb::SshSignature { administrator: self.id.clone(), armor }
    }
}

pub fn sign(body: &Value, label: &str, administrators: &[Administrator]) -> pb::SignedDocument {
    let body = canonical::encode(body);
    let signatures = administrators.iter().map(|a| a.sign(label, &body)).collect();
    pb::SignedDocument { body, signatures }
}

/// A charter version before it is signed.
#[derive(Clone)]
pub struct Draft {
    pub value: Value,
}

/// Certificates and RSA keys of the example charter in docs/spec/vectors.json: nobody here holds the secrets.
fn example() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/vectors.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = vectors["charter"]["valid"][0]["text"].as_str().unwrap();
    serde_json::from_str(text).unwrap()
}

impl Draft {
    pub fn new(administrators: &[Administrator], signers: &[Signer]) -> Self {
        let example = example();
        let members: Vec<_> =
            administrators.iter().map(|a| json!({"id": a.id, "ssh_key": a.public()})).collect();
        let signers: Vec<_> = signers
            .iter()
            .enumerate()
            .map(|(at, signer)| signer.entry(at, &example["signers"][at]))
            .collect();
        let value = json!({
            "cluster": hex::encode(quorate_secret::random::<16>().unwrap()),
            "version": 1, "previous": null, "mode": "dev", "created_at": 1_700_000_000, "threshold": 2,
            "signers": signers,
            "server": example["server"],
            "administrators": {"quorum": 2, "members": members},
            "users": [
                {"id": "user-1", "name": "One", "role": "requester", "rsa_public_key": example["users"][0]["rsa_public_key"]},
                {"id": "user-2", "name": "Two", "role": "viewer", "rsa_public_key": example["users"][1]["rsa_public_key"]},
            ],
            "keys": [
                {"id": "main", "curve": "secp256k1", "engine": "dkls23-core-0.6.2"},
                {"id": "edwards", "curve": "ed25519", "engine": "frost-ed25519-3"},
            ],
            "chains": [{
                "id": "evm:31337", "family": "evm", "chain_id": 31337, "key": "main", "coin_type": 60,
                "native_asset": "ETH_DEV", "fee_cap": "1000000000000000000", "nonce_window": 16,
            }],
            "assets": [
                {"id": "ETH_DEV", "name": "Ether", "chain": "evm:31337", "contract": null, "decimals": 18},
                {
                    "id": "USD", "name": "Token", "chain": "evm:31337",
                    "contract": "0x5FbDB2315678afecb367f032d93F642f64180aa3", "decimals": 6,
                },
            ],
            "whitelist": [{
                "id": "cold", "name": "Cold", "chain": "evm:31337",
                "address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            }],
            "raw_keys": {"ecdsa-secp256k1": "main", "ed25519": "edwards"},
            "policy": {"rules": [
                {
                    "name": "small", "requesters": ["user-1"], "operations": ["TRANSFER"], "sources": ["0"],
                    "destinations": ["whitelist:cold", "own_account", "own_account:3"], "assets": ["ETH_DEV"],
                    "max_amount": "1000", "window": {"seconds": 3600, "max": "5000", "per": ["requester"]},
                    "verdict": "allow",
                },
                {"name": "raw", "operations": ["RAW"], "raw_on_asset_path": false, "verdict": "allow"},
            ]},
            "request_lifetime": 3600, "skew": 5,
        });
        Self { value }
    }

    pub fn body(&self) -> Vec<u8> {
        canonical::encode(&self.value)
    }

    pub fn hash(&self) -> [u8; 32] {
        digest("quorate/charter/v1", &self.body())
    }

    pub fn sign(&self, administrators: &[Administrator]) -> pb::SignedDocument {
        sign(&self.value, "quorate/charter/v1", administrators)
    }

    /// A change of this version.
    pub fn with(&self, change: impl FnOnce(&mut Value)) -> Self {
        let mut value = self.value.clone();
        change(&mut value);
        Self { value }
    }

    /// The version after this one.
    pub fn next(&self, change: impl FnOnce(&mut Value)) -> Self {
        let mut value = self.value.clone();
        value["version"] = (value["version"].as_u64().unwrap() + 1).into();
        value["previous"] = hex::encode(self.hash()).into();
        change(&mut value);
        Self { value }
    }
}
