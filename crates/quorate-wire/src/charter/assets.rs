//! Form of chains, assets, whitelist and RAW keys. The judge gives them their meaning.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{KeySpec, ensure_unique};
use crate::canonical::Members;
use crate::check::{Refusal, ensure};
use crate::identifier::{ensure_id, ensure_printable, is_amount};
use crate::path::Curve;

/// Ids that the policy may refer to.
pub(super) struct Names {
    pub assets: BTreeSet<String>,
    pub whitelist: BTreeSet<String>,
}

struct Chain {
    id: String,
    native_asset: String,
}

struct Asset {
    id: String,
    chain: String,
}

pub(super) fn check(charter: &mut Members, keys: &[KeySpec]) -> Result<Names, Refusal> {
    let chains = charter.array("chains")?.into_iter();
    let chains: Vec<Chain> = chains.map(|item| chain(item, keys)).collect::<Result<_, _>>()?;
    let assets = charter.array("assets")?.into_iter();
    let assets: Vec<Asset> = assets.map(asset).collect::<Result<_, _>>()?;
    let whitelist = charter.array("whitelist")?.into_iter();
    let whitelist: Vec<(String, String)> = whitelist.map(entry).collect::<Result<_, _>>()?;
    ensure_unique(chains.iter().map(|chain| chain.id.as_str()), "chain ids")?;
    ensure_unique(assets.iter().map(|asset| asset.id.as_str()), "asset ids")?;
    ensure_unique(whitelist.iter().map(|(id, _)| id.as_str()), "whitelist ids")?;
    ensure_references(&chains, &assets, &whitelist)?;
    raw_keys(charter.any("raw_keys")?, keys)?;
    Ok(Names {
        assets: assets.into_iter().map(|asset| asset.id).collect(),
        whitelist: whitelist.into_iter().map(|(id, _)| id).collect(),
    })
}

fn ensure_references(
    chains: &[Chain],
    assets: &[Asset],
    whitelist: &[(String, String)],
) -> Result<(), Refusal> {
    let chain_exists = |id: &str| chains.iter().any(|chain| chain.id == id);
    let native_exists =
        |chain: &Chain| assets.iter().any(|asset| asset.id == chain.native_asset && asset.chain == chain.id);
    let sound = chains.iter().all(native_exists)
        && assets.iter().all(|asset| chain_exists(&asset.chain))
        && whitelist.iter().all(|(_, chain)| chain_exists(chain));
    ensure("charter_form", sound, "a chain, asset or whitelist entry refers to something that is not there")
}

fn chain(item: Value, keys: &[KeySpec]) -> Result<Chain, Refusal> {
    let mut members = Members::of(item, "chain")?;
    let (id, key) = (members.text("id")?, members.text("key")?);
    let (family, chain_id) = (members.text("family")?, members.integer("chain_id")?);
    let (coin_type, fee_cap) = (members.integer("coin_type")?, members.text("fee_cap")?);
    let native_asset = members.text("native_asset")?;
    members.integer("nonce_window")?;
    members.end()?;
    ensure_printable(&id, "chain.id")?;
    let key_fits = keys.iter().any(|spec| spec.id == key && spec.curve == Curve::Secp256k1);
    ensure(
        "charter_form",
        family == "evm" && id == format!("evm:{chain_id}") && coin_type < 1 << 31 && key_fits,
        "a chain is of family evm, named evm:<chain id>, with a secp256k1 key of the charter",
    )?;
    ensure("charter_form", is_amount(&fee_cap), "fee_cap is not an amount")?;
    Ok(Chain { id, native_asset })
}

fn asset(item: Value) -> Result<Asset, Refusal> {
    let mut members = Members::of(item, "asset")?;
    let (id, chain) = (members.text("id")?, members.text("chain")?);
    let (contract, decimals) = (members.text_or_null("contract")?, members.integer("decimals")?);
    members.text("name")?;
    members.end()?;
    ensure_printable(&id, "asset.id")?;
    ensure(
        "charter_form",
        contract.as_deref().is_none_or(is_evm_address) && decimals <= 77,
        "contract is an EVM address or null, decimals at most 77",
    )?;
    Ok(Asset { id, chain })
}

fn entry(item: Value) -> Result<(String, String), Refusal> {
    let mut members = Members::of(item, "whitelist entry")?;
    let (id, chain, address) = (members.text("id")?, members.text("chain")?, members.text("address")?);
    members.text("name")?;
    members.end()?;
    ensure_id(&id, "whitelist.id")?;
    ensure("charter_form", is_evm_address(&address), "address is not an EVM address")?;
    Ok((id, chain))
}

fn raw_keys(item: Value, keys: &[KeySpec]) -> Result<(), Refusal> {
    let mut members = Members::of(item, "raw_keys")?;
    for (name, curve) in [("ecdsa-secp256k1", Curve::Secp256k1), ("ed25519", Curve::Ed25519)] {
        let id = members.text_or_null(name)?;
        let fits = |id: &String| keys.iter().any(|key| key.id == *id && key.curve == curve);
        ensure("charter_form", id.as_ref().is_none_or(fits), "raw_keys names no key of that curve")?;
    }
    members.end()
}

/// `0x` and 40 hexadecimal digits. The judge checks the EIP-55 capitals.
fn is_evm_address(text: &str) -> bool {
    text.strip_prefix("0x")
        .is_some_and(|digits| digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
