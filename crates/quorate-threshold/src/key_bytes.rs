//! The byte form of a key share, for wrapped storage. Version 1:
//!
//! version (1 byte), curve (1), threshold (1), number of holders (1), their indices, own index (1), public key, chain code (32),
//! public shares in order of index, secret share (32); secp256k1 only: set-up id (32), then for every other holder in order of
//! index the zero-share seed (32) and the two multiplication states, each behind its length (u32, big endian).
//!
//! The multiplication states are the crate's own serialisation, which has no other constructor; it must re-encode to the same
//! bytes.

use std::collections::BTreeMap;

use dkls23_core::utilities::multiplication::{MulReceiver, MulSender};
use quorate_secret::{Secret, SecretBytes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::codec::{Malformed, Reader};
use crate::dkls::{K256, Pair, Setup};
use crate::group::{Ed25519, Group, Secp256k1};
use crate::keygen::curve_code;
use crate::{Abort, Curve, KeyPublic, KeyShare};

const VERSION: u8 = 1;
/// Room for one multiplication state (22 and 30 kB).
const STATE_MAX: usize = 1 << 16;

impl KeyShare {
    /// The whole share, for wrapped storage.
    ///
    /// # Errors
    /// [`Abort::Failed`] with check `share_encoding`, if the state cannot be encoded.
    pub fn to_secret_bytes(&self) -> Result<SecretBytes, Abort> {
        self.encode().map_err(|_| Abort::failed("share_encoding"))
    }

    /// Strict inverse of [`Self::to_secret_bytes`]. The share is checked against the public shares, and those against the
    /// public key.
    ///
    /// # Errors
    /// [`Abort::Failed`] with check `share_encoding`, `parties`, `public_key`, `public_shares` or `share`.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, Abort> {
        let share = Self::decode(bytes).map_err(|_| Abort::failed("share_encoding"))?;
        match share.public.curve {
            Curve::Secp256k1 => share.check_all::<Secp256k1>()?,
            Curve::Ed25519 => share.check_all::<Ed25519>()?,
        }
        Ok(share)
    }

    fn check_all<G: Group>(&self) -> Result<(), Abort> {
        self.public.check::<G>()?;
        self.check_own::<G>()
    }

    fn encode(&self) -> Result<SecretBytes, Malformed> {
        let states = match &self.setup {
            Some(setup) => encode_setup(setup)?,
            None => Zeroizing::new(Vec::new()),
        };
        let public = encode_public(&self.public, self.me);
        let mut bytes = Vec::with_capacity(public.len() + 32 + states.len());
        bytes.extend_from_slice(&public);
        self.secret.expose(|secret| bytes.extend_from_slice(secret));
        bytes.extend_from_slice(&states);
        Ok(SecretBytes::new(bytes))
    }

    fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let (public, me) = read_public(&mut reader)?;
        let secret = Secret::from_slice(reader.take(32)?).map_err(|_| Malformed)?;
        let setup = match public.curve {
            Curve::Secp256k1 => Some(read_setup(&mut reader, &public.parties, me)?),
            Curve::Ed25519 => None,
        };
        reader.finish()?;
        Ok(Self { public, me, secret, setup })
    }
}

fn encode_public(public: &KeyPublic, me: u8) -> Vec<u8> {
    let count = u8::try_from(public.parties.len()).unwrap_or(0);
    let mut bytes = vec![VERSION, curve_code(public.curve), public.threshold, count];
    bytes.extend_from_slice(&public.parties);
    bytes.push(me);
    bytes.extend_from_slice(&public.public_key);
    bytes.extend_from_slice(&public.chain_code);
    public.public_shares.values().for_each(|share| bytes.extend_from_slice(share));
    bytes
}

fn read_public(reader: &mut Reader<'_>) -> Result<(KeyPublic, u8), Malformed> {
    if reader.byte()? != VERSION {
        return Err(Malformed);
    }
    let curve = [Curve::Secp256k1, Curve::Ed25519];
    let code = reader.byte()?;
    let curve = curve.into_iter().find(|curve| curve_code(*curve) == code).ok_or(Malformed)?;
    let point_len = match curve {
        Curve::Secp256k1 => Secp256k1::POINT_LEN,
        Curve::Ed25519 => Ed25519::POINT_LEN,
    };
    let threshold = reader.byte()?;
    let count = reader.byte()?;
    let parties = reader.take(usize::from(count))?.to_vec();
    let me = reader.byte()?;
    let public_key = reader.take(point_len)?.to_vec();
    let chain_code = reader.array()?;
    let mut public_shares = BTreeMap::new();
    for party in &parties {
        public_shares.insert(*party, reader.take(point_len)?.to_vec());
    }
    Ok((KeyPublic { curve, threshold, parties, public_key, chain_code, public_shares }, me))
}

fn encode_setup(setup: &Setup) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(32 + setup.pairs.len() * 2 * STATE_MAX));
    bytes.extend_from_slice(&setup.id);
    for pair in setup.pairs.values() {
        bytes.extend_from_slice(pair.zero_seed.as_slice());
        put_state(&mut bytes, &pair.sender)?;
        put_state(&mut bytes, &pair.receiver)?;
    }
    Ok(bytes)
}

fn read_setup(reader: &mut Reader<'_>, parties: &[u8], me: u8) -> Result<Setup, Malformed> {
    let id = reader.array()?;
    let mut pairs = BTreeMap::new();
    for party in parties.iter().filter(|party| **party != me) {
        let zero_seed = Zeroizing::new(reader.array()?);
        let sender: MulSender<K256> = read_state(reader)?;
        let receiver: MulReceiver<K256> = read_state(reader)?;
        sender.check_state().map_err(|_| Malformed)?;
        receiver.check_state(None).map_err(|_| Malformed)?;
        pairs.insert(*party, Pair { zero_seed, sender, receiver });
    }
    Ok(Setup { id, pairs })
}

fn put_state<T: Serialize>(bytes: &mut Vec<u8>, state: &T) -> Result<(), Malformed> {
    let mut buffer = Zeroizing::new(vec![0; STATE_MAX]);
    let encoded = postcard::to_slice(state, &mut buffer).map_err(|_| Malformed)?;
    let len = u32::try_from(encoded.len()).map_err(|_| Malformed)?;
    bytes.extend_from_slice(&len.to_be_bytes());
    bytes.extend_from_slice(encoded);
    Ok(())
}

fn read_state<T: Serialize + DeserializeOwned>(reader: &mut Reader<'_>) -> Result<T, Malformed> {
    let len = usize::try_from(u32::from_be_bytes(reader.array()?)).map_err(|_| Malformed)?;
    if len > STATE_MAX {
        return Err(Malformed);
    }
    let encoded = reader.take(len)?;
    let state: T = postcard::from_bytes(encoded).map_err(|_| Malformed)?;
    let mut buffer = Zeroizing::new(vec![0; STATE_MAX]);
    let again = postcard::to_slice(&state, &mut buffer).map_err(|_| Malformed)?;
    if again == encoded { Ok(state) } else { Err(Malformed) }
}
