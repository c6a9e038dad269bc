//! Form of the policy's rules. The judge decides by them; see docs/spec/charter.md, "Rules of the policy".

use serde_json::Value;

use super::assets::Names;
use super::{User, ensure_unique, texts};
use crate::canonical::{Members, wrong_type};
use crate::check::{Refusal, ensure};
use crate::identifier::{ensure_id, is_amount};

pub(super) fn check(policy: Value, names: &Names, users: &[User]) -> Result<(), Refusal> {
    let mut members = Members::of(policy, "policy")?;
    let rules = members.array("rules")?.into_iter();
    members.end()?;
    let names: Vec<String> = rules.map(|item| rule(item, names, users)).collect::<Result<_, _>>()?;
    ensure_unique(names.iter().map(String::as_str), "rule names")
}

fn rule(item: Value, names: &Names, users: &[User]) -> Result<String, Refusal> {
    let mut members = Members::of(item, "rule")?;
    let name = members.text("name")?;
    ensure_id(&name, "rule.name")?;
    ensure_listed(&mut members, "requesters", |id| users.iter().any(|u| u.id == id))?;
    ensure_listed(&mut members, "operations", |word| word == "TRANSFER" || word == "RAW")?;
    ensure_listed(&mut members, "sources", is_account)?;
    ensure_listed(&mut members, "destinations", |text| is_destination(text, names))?;
    let assets = ensure_listed(&mut members, "assets", |id| names.assets.contains(id))?;
    let limited = amounts(&mut members)?;
    ensure(
        "charter_form",
        !limited || assets == Some(1),
        "a rule with max_amount or window must name exactly one asset",
    )?;
    if let Some(value) = members.optional("raw_on_asset_path") {
        ensure("wrong_type", value.is_boolean(), "rule.raw_on_asset_path")?;
    }
    let verdict = members.text("verdict")?;
    ensure("charter_form", verdict == "allow" || verdict == "refuse", "verdict is allow or refuse")?;
    members.end()?;
    Ok(name)
}

/// Checks an optional array of known words; returns its length.
fn ensure_listed(
    members: &mut Members,
    name: &'static str,
    known: impl Fn(&str) -> bool,
) -> Result<Option<usize>, Refusal> {
    let Some(value) = members.optional(name) else {
        return Ok(None);
    };
    let Value::Array(items) = value else {
        return Err(wrong_type("rule", name, "an array"));
    };
    let words = texts(items, "rule")?;
    ensure(
        "charter_form",
        words.iter().all(|word| known(word)),
        format_args!("rule.{name} names something unknown"),
    )?;
    ensure_unique(words.iter().map(String::as_str), name)?;
    Ok(Some(words.len()))
}

/// True if the rule has `max_amount` or `window`.
fn amounts(members: &mut Members) -> Result<bool, Refusal> {
    let (max, window) = (members.optional("max_amount"), members.optional("window"));
    let limited = max.is_some() || window.is_some();
    if let Some(max) = max {
        let is_decimal = max.as_str().is_some_and(is_amount);
        ensure("charter_form", is_decimal, "max_amount is not an amount")?;
    }
    if let Some(window) = window {
        let mut window = Members::of(window, "window")?;
        let (seconds, max) = (window.integer("seconds")?, window.text("max")?);
        let per = texts(window.array("per")?, "window")?;
        window.end()?;
        let known = |word: &String| ["requester", "source", "destination"].contains(&word.as_str());
        ensure("charter_form", seconds > 0 && is_amount(&max) && per.iter().all(known), "window")?;
        ensure_unique(per.iter().map(String::as_str), "window.per")?;
    }
    Ok(limited)
}

fn is_account(text: &str) -> bool {
    is_amount(text) && text.parse::<u32>().is_ok_and(|index| index < 1 << 31)
}

fn is_destination(text: &str, names: &Names) -> bool {
    match text.split_once(':') {
        None => ["own_account", "whitelist", "one_time"].contains(&text),
        Some(("whitelist", id)) => names.whitelist.contains(id),
        Some(("own_account", id)) => is_account(id),
        Some(_) => false,
    }
}
