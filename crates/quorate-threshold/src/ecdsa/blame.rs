//! The crate's aborts as ours.

use dkls23_core::protocols::{Abort as Dkls, AbortKind, AbortReason, PartyIndex};

use crate::Abort;

/// A failed consistency check of the multiplication names and bans the counterparty; other failures name it if there is one.
pub(crate) fn blame(abort: Dkls) -> Abort {
    let check = check(&abort.reason);
    match (abort.kind, culprit(&abort.reason)) {
        (AbortKind::BanCounterparty(culprit), _) => Abort::ban(culprit.as_u8(), check),
        (AbortKind::Recoverable, Some(culprit)) => Abort::blame(culprit.as_u8(), check),
        (AbortKind::Recoverable, None) => Abort::failed(check),
    }
}

fn check(reason: &AbortReason) -> &'static str {
    match reason {
        AbortReason::SessionBindingMismatch { .. } => "session_binding",
        AbortReason::CommitmentMismatch { .. } => "instance_commitment",
        AbortReason::TrivialInstancePoint { .. } => "instance_point",
        AbortReason::MultiplicationVerificationFailed { .. } => "ot_check",
        AbortReason::GammaUInconsistency { .. } => "gamma_u",
        AbortReason::OtConsistencyCheckFailed { .. } => "gamma_v",
        AbortReason::PolynomialInconsistency => "public_share_sum",
        AbortReason::SignatureVerificationFailed | AbortReason::ZeroDenominator => "signature",
        AbortReason::MissingMulState { .. } | AbortReason::InvalidLocalState { .. } => "ot_state",
        _ => "dkls_internal",
    }
}

/// Reasons about our own state name a counterparty too, but do not blame it.
fn culprit(reason: &AbortReason) -> Option<PartyIndex> {
    match reason {
        AbortReason::SessionBindingMismatch { counterparty }
        | AbortReason::CommitmentMismatch { counterparty }
        | AbortReason::TrivialInstancePoint { counterparty } => Some(*counterparty),
        _ => None,
    }
}
