//! Members of a charter that only the judge interprets: chains, assets, whitelist, RAW keys, policy, and who approves.
//!
//! The keeper knows their names and outer types, so that a misspelt member is refused, and nothing of what is inside: a change of
//! the policy language is then a change in one place. They are signed by the administrators with the rest of the bytes.

use serde_json::Value;

use crate::canonical::{Members, wrong_type};
use crate::check::Refusal;

const ARRAYS: [&str; 3] = ["chains", "assets", "whitelist"];
const OBJECTS: [&str; 2] = ["raw_keys", "policy"];
const OPTIONAL_ARRAYS: [&str; 3] = ["approvers", "groups", "annotations"];
const OPTIONAL_OBJECTS: [&str; 1] = ["rpc_sources"];
const OPTIONAL_INTEGERS: [&str; 1] = ["timelock"];

/// Takes all of them out.
///
/// # Errors
/// `missing_member`, `wrong_type`.
pub(super) fn take(charter: &mut Members) -> Result<(), Refusal> {
    for name in ARRAYS {
        charter.array(name)?;
    }
    for name in OBJECTS {
        if !charter.any(name)?.is_object() {
            return Err(wrong_type("charter", name, "an object"));
        }
    }
    for name in OPTIONAL_ARRAYS {
        optional(charter, name, Value::is_array, "an array")?;
    }
    for name in OPTIONAL_OBJECTS {
        optional(charter, name, Value::is_object, "an object")?;
    }
    for name in OPTIONAL_INTEGERS {
        optional(charter, name, Value::is_u64, "a non-negative integer")?;
    }
    Ok(())
}

fn optional(
    charter: &mut Members,
    name: &'static str,
    has_type: fn(&Value) -> bool,
    wanted: &str,
) -> Result<(), Refusal> {
    match charter.optional(name) {
        Some(value) if !has_type(&value) => Err(wrong_type("charter", name, wanted)),
        _ => Ok(()),
    }
}
