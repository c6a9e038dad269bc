//! Form of the policy's rules. The judge decides by them; see docs/spec/charter.md, "Rules of the policy".

use serde_json::Value;

use super::assets::Names;
use super::{User, ensure_distinct_ids, texts, within};
use crate::canonical::{Members, wrong_type};
use crate::check::{Refusal, ensure};
use crate::identifier::{ensure_id, is_account, is_amount};

/// Longest window: 366 days.
const MAX_WINDOW: u64 = 31_622_400;

pub(super) fn check(policy: Value, names: &Names, users: &[User]) -> Result<(), Refusal> {
    let mut members = Members::of(policy, "policy")?;
    let rules = members.array("rules")?.into_iter();
    members.end()?;
    let names: Vec<String> = rules.map(|item| rule(item, names, users)).collect::<Result<_, _>>()?;
    ensure_distinct_ids(names.iter().map(String::as_str), "rules")
}

fn rule(item: Value, names: &Names, users: &[User]) -> Result<String, Refusal> {
    let mut members = Members::of(item, "rule")?;
    let (name, verdict) = (members.text("name")?, members.text("verdict")?);
    let requesters = list(&mut members, "requesters")?;
    let operations = list(&mut members, "operations")?;
    let sources = list(&mut members, "sources")?;
    let destinations = list(&mut members, "destinations")?;
    let assets = list(&mut members, "assets")?;
    let limited = amounts(&mut members)?;
    if members.optional("raw_on_asset_path").is_some_and(|value| !value.is_boolean()) {
        return Err(wrong_type("rule", "raw_on_asset_path", "true or false"));
    }
    members.end()?;
    ensure_id(&name, "rule.name")?;
    if !["allow", "refuse"].contains(&verdict.as_str()) {
        return Err(wrong_type("rule", "verdict", "allow or refuse"));
    }
    let known = |word: &String| ["TRANSFER", "RAW"].contains(&word.as_str());
    if !operations.iter().flatten().all(known) {
        return Err(wrong_type("rule", "operations", "TRANSFER or RAW"));
    }
    let accounts = sources.iter().flatten().all(|source| is_account(source));
    ensure("identifier", accounts, "rule.sources are vault account ids")?;
    destinations.iter().flatten().try_for_each(|text| destination(text, names))?;
    let known = requesters.iter().flatten().all(|id| users.iter().any(|user| user.id == *id))
        && assets.iter().flatten().all(|id| names.assets.contains(id));
    ensure("charter_reference", known, format_args!("rule {name} names an unknown user or asset"))?;
    ensure(
        "charter_rule_asset",
        !limited || assets.is_some_and(|assets| assets.len() == 1),
        format_args!("rule {name} limits an amount and must name exactly one asset"),
    )?;
    Ok(name)
}

/// An optional array of texts, which is not empty and names nothing twice.
fn list(members: &mut Members, name: &'static str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = members.optional(name) else { return Ok(None) };
    let Value::Array(items) = value else { return Err(wrong_type("rule", name, "an array")) };
    let words = texts(items, "rule")?;
    let mut sorted = words.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if words.is_empty() || sorted.len() != words.len() {
        return Err(wrong_type("rule", name, "a list of different words, not empty"));
    }
    Ok(Some(words))
}

/// True if the rule has `max_amount` or `window`.
fn amounts(members: &mut Members) -> Result<bool, Refusal> {
    let (max, window) = (members.optional("max_amount"), members.optional("window"));
    let limited = max.is_some() || window.is_some();
    if max.is_some_and(|max| !max.as_str().is_some_and(is_amount)) {
        return Err(wrong_type("rule", "max_amount", "a decimal"));
    }
    if let Some(item) = window {
        let mut window = Members::of(item, "window")?;
        let (max, per) = (window.text("max")?, texts(window.array("per")?, "window")?);
        within(&mut window, "window", "seconds", 1..=MAX_WINDOW)?;
        window.end()?;
        let known = |word: &String| ["requester", "source", "destination"].contains(&word.as_str());
        let distinct = per.iter().enumerate().all(|(at, word)| !per.iter().take(at).any(|w| w == word));
        if !is_amount(&max) || !per.iter().all(known) || !distinct {
            return Err(wrong_type("rule", "window", "a decimal per requester, source or destination"));
        }
    }
    Ok(limited)
}

fn destination(text: &str, names: &Names) -> Result<(), Refusal> {
    match text.split_once(':') {
        None if ["own_account", "whitelist", "one_time"].contains(&text) => Ok(()),
        Some(("whitelist", id)) => ensure(
            "charter_reference",
            names.whitelist.contains(id),
            format_args!("there is no whitelist entry {id}"),
        ),
        Some(("own_account", id)) => ensure("identifier", is_account(id), "own_account:<vault account id>"),
        _ => Err(wrong_type("rule", "destinations", "a kind of destination")),
    }
}
