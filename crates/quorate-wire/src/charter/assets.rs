//! Chains, assets, whitelist and RAW keys: their form and what they refer to. The judge gives them their meaning.

use std::collections::BTreeSet;

use serde_json::Value;

use super::people::ensure_key;
use super::{KeySpec, display_name, ensure_distinct, ensure_distinct_ids, within};
use crate::canonical::{MAX_INTEGER, Members, wrong_type};
use crate::check::{Refusal, ensure};
use crate::identifier::{ensure_name, is_amount, is_evm_address};
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
    contract: Option<String>,
}

pub(super) fn check(charter: &mut Members, keys: &[KeySpec]) -> Result<Names, Refusal> {
    let chains = charter.array("chains")?.into_iter();
    let chains: Vec<Chain> = chains.map(|item| chain(item, keys)).collect::<Result<_, _>>()?;
    let assets = charter.array("assets")?.into_iter();
    let assets: Vec<Asset> = assets.map(asset).collect::<Result<_, _>>()?;
    let whitelist = charter.array("whitelist")?.into_iter();
    let whitelist: Vec<(String, String)> = whitelist.map(entry).collect::<Result<_, _>>()?;
    ensure_distinct_ids(chains.iter().map(|chain| chain.id.as_str()), "chains")?;
    ensure_distinct_ids(assets.iter().map(|asset| asset.id.as_str()), "assets")?;
    ensure_distinct_ids(whitelist.iter().map(|(id, _)| id.as_str()), "whitelist")?;
    ensure_chains_exist(&chains, &assets, &whitelist)?;
    ensure_assets(&chains, &assets)?;
    raw_keys(charter.any("raw_keys")?, keys)?;
    Ok(Names {
        assets: assets.into_iter().map(|asset| asset.id).collect(),
        whitelist: whitelist.into_iter().map(|(id, _)| id).collect(),
    })
}

fn ensure_chains_exist(
    chains: &[Chain],
    assets: &[Asset],
    whitelist: &[(String, String)],
) -> Result<(), Refusal> {
    let named = assets.iter().map(|asset| &asset.chain).chain(whitelist.iter().map(|(_, chain)| chain));
    let unknown = named.into_iter().find(|id| !chains.iter().any(|chain| chain.id == **id));
    ensure("charter_reference", unknown.is_none(), format_args!("there is no chain {unknown:?}"))
}

/// One asset for each (chain, contract); the native asset of a chain is its only one without contract.
fn ensure_assets(chains: &[Chain], assets: &[Asset]) -> Result<(), Refusal> {
    let places: Vec<String> = assets
        .iter()
        .map(|asset| format!("{} {}", asset.chain, asset.contract.as_deref().unwrap_or("native")))
        .collect();
    ensure_distinct("charter_duplicate_asset", places.iter().map(String::as_str), "assets")?;
    let native = |asset: &&Asset| {
        asset.contract.is_none() && chains.iter().any(|c| c.id == asset.chain && c.native_asset == asset.id)
    };
    let without_contract = assets.iter().filter(|asset| asset.contract.is_none()).count();
    let natives = assets.iter().filter(native).count();
    ensure(
        "charter_native_asset",
        natives == chains.len() && without_contract == chains.len(),
        "the native asset of a chain is its one asset without contract",
    )
}

fn chain(item: Value, keys: &[KeySpec]) -> Result<Chain, Refusal> {
    let mut members = Members::of(item, "chain")?;
    let (id, key, family) = (members.text("id")?, members.text("key")?, members.text("family")?);
    let chain_id = within(&mut members, "chain", "chain_id", 1..=MAX_INTEGER)?;
    within(&mut members, "chain", "coin_type", 0..=(1 << 31) - 1)?;
    within(&mut members, "chain", "nonce_window", 1..=1024)?;
    let (fee_cap, native_asset) = (members.text("fee_cap")?, members.text("native_asset")?);
    members.end()?;
    if family != "evm" || id != format!("evm:{chain_id}") {
        return Err(wrong_type("chain", "id", "evm:<chain id>, of family evm"));
    }
    if !is_amount(&fee_cap) || fee_cap == "0" {
        return Err(wrong_type("chain", "fee_cap", "a decimal from 1"));
    }
    ensure_key(keys, &key, Curve::Secp256k1)?;
    Ok(Chain { id, native_asset })
}

fn asset(item: Value) -> Result<Asset, Refusal> {
    let mut members = Members::of(item, "asset")?;
    let (id, chain, contract) =
        (members.text("id")?, members.text("chain")?, members.text_or_null("contract")?);
    within(&mut members, "asset", "decimals", 0..=77)?;
    display_name(&mut members, "asset")?;
    members.end()?;
    ensure_name(&id, "asset.id")?;
    if !contract.as_deref().is_none_or(is_evm_address) {
        return Err(wrong_type("asset", "contract", "an EIP-55 address or null"));
    }
    Ok(Asset { id, chain, contract })
}

fn entry(item: Value) -> Result<(String, String), Refusal> {
    let mut members = Members::of(item, "whitelist entry")?;
    let (id, chain, address) = (members.text("id")?, members.text("chain")?, members.text("address")?);
    display_name(&mut members, "whitelist entry")?;
    members.end()?;
    ensure_name(&id, "whitelist.id")?;
    if !is_evm_address(&address) {
        return Err(wrong_type("whitelist entry", "address", "an EIP-55 address"));
    }
    Ok((id, chain))
}

fn raw_keys(item: Value, keys: &[KeySpec]) -> Result<(), Refusal> {
    let mut members = Members::of(item, "raw_keys")?;
    for (name, curve) in [("ecdsa-secp256k1", Curve::Secp256k1), ("ed25519", Curve::Ed25519)] {
        if let Some(id) = members.text_or_null(name)? {
            ensure_key(keys, &id, curve)?;
        }
    }
    members.end()
}
