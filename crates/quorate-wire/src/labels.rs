//! Domain separation labels; one label, one structure (docs/spec/README.md).

pub const ADMISSION: &str = "quorate/admission/v1";
pub const ACKNOWLEDGEMENT: &str = "quorate/acknowledgement/v1";
pub const CHARTER: &str = "quorate/charter/v1";
pub const FREEZE: &str = "quorate/freeze/v1";
pub const ORDER: &str = "quorate/order/v1";
pub const VOTE: &str = "quorate/vote/v1";
pub const SESSION: &str = "quorate/session/v1";
pub const ITEM: &str = "quorate/item/v1";
pub const TALLY: &str = "quorate/tally/v1";
pub const KEY: &str = "quorate/key/v1";
pub const PEER_STATE: &str = "quorate/peer-state/v1";
pub const LOG_LEAF: &str = "quorate/log-leaf/v1";

/// Prologue of the Noise channels between keepers.
pub const CHANNEL: &str = "quorate/channel/v1";
/// Session id of a key ceremony: the labelled hash of the order's hash.
pub const CEREMONY: &str = "quorate/ceremony/v1";
