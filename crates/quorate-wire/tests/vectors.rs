//! The worked bytes of docs/spec/vectors.json: every structure that Rust reads or makes, every failure by its code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use quorate_secret::Secret;
use quorate_wire::acknowledgement::Acknowledgement;
use quorate_wire::admission::Admission;
use quorate_wire::canonical;
use quorate_wire::certificate::{KeyCertificate, verify_complete};
use quorate_wire::charter::{AdministratorSignature, Charter, SignedDocument, verify_chain};
use quorate_wire::freeze::{Freeze, FreezeSet, FreezeState};
use quorate_wire::hash::digest;
use quorate_wire::order::Order;
use quorate_wire::peer_state::PeerState;
use quorate_wire::signature::{is_valid, public_key, sign};
use quorate_wire::sshsig::SshKey;
use quorate_wire::tally::TallyEntry;
use quorate_wire::vote::{Vote, item_session};
use quorate_wire::{Refusal, labels};
use serde_json::Value;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/spec/vectors.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(value, name)).unwrap()
}

/// A body: `text` of a JSON structure, or `body` in hexadecimal.
fn body(example: &Value) -> Vec<u8> {
    match example.get("text") {
        Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
        None => bytes(example, "body"),
    }
}

/// Reads every example by `read`; checks hash and signature where there is one, and each code. Returns how many.
fn run(section: &Value, read: impl Fn(&[u8]) -> Result<(), Refusal>) -> (usize, usize) {
    let (valid, invalid) = (section["valid"].as_array().unwrap(), section["invalid"].as_array().unwrap());
    for example in valid {
        let body = body(example);
        read(&body).unwrap_or_else(|refusal| panic!("{}: {refusal}", example["name"]));
        if let Some(label) = section.get("label") {
            let label = label.as_str().unwrap();
            assert_eq!(hex::encode(digest(label, &body)), text(example, "hash"));
            check_signature(example, label, &body);
        }
    }
    for example in invalid {
        let refusal = read(&body(example)).err().unwrap_or_else(|| panic!("accepted: {}", example["name"]));
        assert_eq!(refusal.check, text(example, "code"), "{}: {refusal}", example["name"]);
    }
    (valid.len(), invalid.len())
}

fn check_signature(example: &Value, label: &str, body: &[u8]) {
    let Some(seed) = example.get("seed") else { return };
    let key = Secret::from_slice(&hex::decode(seed.as_str().unwrap()).unwrap()).unwrap();
    let wanted = bytes(example, "signature");
    // RFC 8032 signatures are deterministic.
    assert_eq!(sign(&key, label, body.to_vec()).signature, wanted);
    assert!(is_valid(label, body, &wanted, &public_key(&key)));
}

#[test]
fn canonical_json() {
    let counts = run(&vectors()["canonical"], |body| canonical::decode(body).map(drop));
    assert_eq!(counts, (8, 26));
}

#[test]
fn ssh_signatures() {
    let section = &vectors()["sshsig"];
    let (namespace, body) = (text(section, "namespace"), bytes(section, "body"));
    let verify = |example: &Value| {
        let key = SshKey::parse(text(example, "ssh_key")).expect("a key");
        key.verify("sshsig", namespace, &body, text(example, "armor"))
    };
    let (valid, invalid) = (section["valid"].as_array().unwrap(), section["invalid"].as_array().unwrap());
    for example in valid {
        assert_eq!(verify(example), Ok(()), "{}", example["name"]);
    }
    for example in invalid {
        let refusal = verify(example).err().unwrap_or_else(|| panic!("accepted: {}", example["name"]));
        assert_eq!(refusal.check, text(example, "code"));
    }
    assert_eq!((valid.len(), invalid.len()), (3, 16));
}

/// `changes` of an invalid charter, applied to the example it is made of.
fn changed(of: &Value, changes: &Value) -> Value {
    let mut value: Value = serde_json::from_str(text(of, "text")).unwrap();
    for change in changes.as_array().unwrap() {
        let (path, to) = match change.get("set") {
            Some(path) => (path.as_array().unwrap(), Some(change["to"].clone())),
            None => (change["remove"].as_array().unwrap(), None),
        };
        let (last, parents) = path.split_last().unwrap();
        let parent = parents.iter().fold(&mut value, |value, step| match step {
            Value::String(name) => &mut value[name],
            step => &mut value[usize::try_from(step.as_u64().unwrap()).unwrap()],
        });
        match (last, to) {
            (Value::String(name), Some(to)) => parent[name] = to,
            (Value::String(name), None) => drop(parent.as_object_mut().unwrap().remove(name)),
            (step, Some(to)) => parent[usize::try_from(step.as_u64().unwrap()).unwrap()] = to,
            (step, None) => panic!("cannot remove {step}"),
        }
    }
    value
}

#[test]
fn charters() {
    let section = &vectors()["charter"];
    let valid = section["valid"].as_array().unwrap();
    for example in valid {
        let charter = Charter::parse(&body(example)).unwrap_or_else(|r| panic!("{}: {r}", example["name"]));
        assert_eq!(hex::encode(charter.hash), text(example, "hash"));
    }
    let invalid = section["invalid"].as_array().unwrap();
    let mut judges = 0;
    for example in invalid {
        let of = valid.iter().find(|of| of["name"] == example["of"]).unwrap();
        let body = canonical::encode(&changed(of, &example["changes"]));
        assert_eq!(hex::encode(digest(labels::CHARTER, &body)), text(example, "hash"), "{}", example["name"]);
        if example["found_by"] == "judge" {
            Charter::parse(&body)
                .unwrap_or_else(|r| panic!("not the keeper's business: {}: {r}", example["name"]));
            judges += 1;
            continue;
        }
        let refusal = Charter::parse(&body).err().unwrap_or_else(|| panic!("accepted: {}", example["name"]));
        assert_eq!(refusal.check, text(example, "code"), "{}: {refusal}", example["name"]);
    }
    assert_eq!((valid.len(), invalid.len(), judges), (12, 162, 107));
}

fn document(value: &Value) -> SignedDocument {
    let signature = |s: &Value| AdministratorSignature {
        administrator: text(s, "administrator").into(),
        armor: text(s, "armor").into(),
    };
    let signatures = value["signatures"].as_array().unwrap().iter().map(signature).collect();
    SignedDocument { body: body(value), signatures }
}

#[test]
fn charter_chains() {
    let section = &vectors()["charter-chain"];
    let verify = |example: &Value| {
        let names = example["chain"].as_array().unwrap();
        let documents: Vec<_> =
            names.iter().map(|name| document(&section["documents"][name.as_str().unwrap()])).collect();
        verify_chain(&documents, &bytes(example, "root_hash").try_into().unwrap())
    };
    let (valid, invalid) = (section["valid"].as_array().unwrap(), section["invalid"].as_array().unwrap());
    for example in valid {
        let hashes: Vec<_> = verify(example).unwrap().iter().map(|c| hex::encode(c.hash).into()).collect();
        assert_eq!(Value::Array(hashes), example["hashes"]);
    }
    for example in invalid {
        let refusal = verify(example).err().unwrap_or_else(|| panic!("accepted: {}", example["chain"]));
        assert_eq!(refusal.check, text(example, "code"), "{}: {refusal}", example["chain"]);
    }
    assert_eq!((valid.len(), invalid.len()), (1, 17));
}

#[test]
fn signed_json_structures() {
    let all = vectors();
    let peer_state = run(&all["peer-state"], |body| {
        let state = PeerState::from_bytes(body)?;
        assert_eq!(state.to_bytes(), body);
        Ok(())
    });
    let order = run(&all["order"], |body| Order::parse(body).map(drop));
    let freeze = run(&all["freeze"], |body| Freeze::parse(body).map(drop));
    let certificate = run(&all["key-certificate"], |body| {
        let certificate = KeyCertificate::from_bytes(body)?;
        assert_eq!(certificate.to_bytes(), body);
        Ok(())
    });
    assert_eq!((peer_state, order, freeze, certificate), ((3, 13), (3, 20), (5, 15), (2, 8)));
}

/// The keeper makes these and never reads them: the bytes must be those of the examples.
#[test]
fn structures_that_are_only_made() {
    let all = vectors();
    let mut made = 0;
    for example in all["admission"]["valid"].as_array().unwrap() {
        let v: Value = serde_json::from_str(text(example, "text")).unwrap();
        let admission = Admission {
            cluster: text(&v, "cluster").into(),
            signer: text(&v, "signer").into(),
            incarnation: v["incarnation"].as_u64().unwrap().try_into().unwrap(),
            intent: bytes(&v, "intent").try_into().unwrap(),
            user: text(&v, "user").into(),
            token_nonce: text(&v, "token_nonce").into(),
            external_id: v["external_id"].as_str().map(Into::into),
            time_ms: v["time_ms"].as_u64().unwrap(),
        };
        assert_eq!(admission.to_bytes().unwrap(), body(example));
        check_signature(example, labels::ADMISSION, &body(example));
        made += 1;
    }
    for example in all["acknowledgement"]["valid"].as_array().unwrap() {
        let v: Value = serde_json::from_str(text(example, "text")).unwrap();
        let acknowledgement = Acknowledgement {
            cluster: text(&v, "cluster").into(),
            signer: text(&v, "signer").into(),
            version: v["version"].as_u64().unwrap(),
            charter: bytes(&v, "charter").try_into().unwrap(),
            freezes: FreezeState {
                count: v["freeze_count"].as_u64().unwrap(),
                hash: bytes(&v, "freeze_hash").try_into().unwrap(),
            },
            incarnation: v["incarnation"].as_u64().unwrap().try_into().unwrap(),
            time_ms: v["time_ms"].as_u64().unwrap(),
        };
        assert_eq!(acknowledgement.to_bytes(), body(example));
        check_signature(example, labels::ACKNOWLEDGEMENT, &body(example));
        made += 1;
    }
    assert_eq!(made, 4);
}

#[test]
fn freezes_are_signed_by_the_one_administrator_they_name() {
    let all = vectors();
    let charter = Charter::parse(&body(&all["charter"]["valid"][0])).unwrap();
    let section = &all["freeze-document"];
    let (valid, invalid) = (section["valid"].as_array().unwrap(), section["invalid"].as_array().unwrap());
    for example in valid {
        assert_eq!(Freeze::verify(&document(example), &charter).unwrap().by, "alice");
    }
    for example in invalid {
        let refusal = Freeze::verify(&document(example), &charter).unwrap_err();
        assert_eq!(refusal.check, text(example, "code"), "{}: {refusal}", example["name"]);
    }
    assert_eq!((valid.len(), invalid.len()), (1, 8));
}

#[test]
fn freeze_states() {
    let all = vectors();
    let states = all["freeze-state"].as_array().unwrap();
    for example in states {
        let mut set = FreezeSet::default();
        for freeze in example["in_force"].as_array().unwrap() {
            set.add(Freeze::parse(freeze.as_str().unwrap().as_bytes()).unwrap()).unwrap();
        }
        let id = |id: &Value| canonical::parse_hex(id.as_str().unwrap()).unwrap();
        set.lift(&example["lifted"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()).unwrap();
        let hash = bytes(example, "hash").try_into().unwrap();
        assert_eq!(set.state(), FreezeState { count: example["count"].as_u64().unwrap(), hash });
    }
    assert_eq!(states.len(), 5);
}

#[test]
fn complete_certificates() {
    let all = vectors();
    let chain = [Charter::parse(&body(&all["charter"]["valid"][0])).unwrap()];
    let section = &all["certificates"];
    let verify = |example: &Value| {
        let signatures: BTreeMap<String, Vec<u8>> = example["signatures"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, signature)| (id.clone(), hex::decode(signature.as_str().unwrap()).unwrap()))
            .collect();
        verify_complete(&body(example), &signatures, &chain)
    };
    let (valid, invalid) = (section["valid"].as_array().unwrap(), section["invalid"].as_array().unwrap());
    for example in valid {
        verify(example).unwrap();
    }
    for example in invalid {
        let refusal = verify(example).err().unwrap_or_else(|| panic!("accepted: {}", example["name"]));
        assert_eq!(refusal.check, text(example, "code"), "{}: {refusal}", example["name"]);
    }
    assert_eq!((valid.len(), invalid.len()), (2, 9));
}

#[test]
fn votes() {
    let all = vectors();
    let counts = run(&all["vote"], |body| {
        let vote = Vote::from_bytes(body)?;
        assert_eq!(vote.to_bytes(), body);
        Ok(())
    });
    for example in all["vote"]["valid"].as_array().unwrap() {
        let vote = Vote::from_bytes(&body(example)).unwrap();
        assert_eq!(vote.shared.to_bytes(), bytes(example, "shared"));
        assert_eq!(hex::encode(vote.shared.session_id()), text(example, "session_id"));
    }
    let sessions = all["item-session"].as_array().unwrap();
    for example in sessions {
        let votes: Vec<Vec<u8>> = example["votes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|vote| hex::decode(vote.as_str().unwrap()).unwrap())
            .collect();
        let k = example["k"].as_u64().unwrap().try_into().unwrap();
        let session = item_session(&bytes(example, "session_id").try_into().unwrap(), k, &votes);
        assert_eq!(hex::encode(session), text(example, "hash"));
    }
    assert_eq!((counts, sessions.len()), ((4, 24), 2));
}

#[test]
fn tally_entries() {
    let all = vectors();
    let counts = run(&all["tally"], |body| {
        let entry = TallyEntry::from_bytes(body)?;
        assert_eq!(entry.to_bytes(), body);
        Ok(())
    });
    for example in all["tally"]["valid"].as_array().unwrap() {
        let entry = TallyEntry::from_bytes(&body(example)).unwrap();
        assert_eq!(hex::encode(entry.head()), text(example, "head"));
    }
    assert_eq!(counts, (2, 10));
}

/// A new section or key in the vectors must be tested here, or be named as one that Rust neither reads nor makes.
#[test]
fn no_section_is_forgotten() {
    let tested = [
        "acknowledgement",
        "admission",
        "canonical",
        "certificates",
        "charter",
        "charter-chain",
        "freeze",
        "freeze-document",
        "freeze-state",
        "item-session",
        "key-certificate",
        "order",
        "peer-state",
        "sshsig",
        "tally",
        "vote",
    ];
    let judges_only = [
        "about",
        "attempt",
        "intent",
        "keys",
        "log-leaf",
        "request-id",
        "statement",
        "statement-signed",
        "veto",
        "veto-document",
    ];
    for section in vectors().as_object().unwrap().keys() {
        assert!(tested.contains(&section.as_str()) || judges_only.contains(&section.as_str()), "{section}");
    }
}
