//! Orders (docs/spec/order.md): each runs once, under the charter in force, before it expires.

use quorate_wire::charter::SignedDocument;
use quorate_wire::order::{Kind, Order};
use quorate_wire::{Refusal, ensure};

use super::out::{Out, missing};
use super::unsealed::Unsealed;
use crate::clock;
use crate::proto::keeper as pb;
use crate::proto::keeper::from_keeper::Reply;

/// Most used order ids that are kept. An order lives a day at most, so expired ones make room.
const MAX_ORDERS: usize = 1024;
/// An expired id is kept this much longer, in seconds, against a clock that is set back.
const KEPT_AFTER_EXPIRY: u64 = 7 * 86_400;

impl Unsealed {
    /// Key creation and re-admission are answered by `Done`, the lifting of freezes by an acknowledgement of what is left.
    pub fn order(&mut self, request: pb::Order, out: &mut Out) -> Result<Reply, Refusal> {
        let document: SignedDocument = request.order.ok_or_else(|| missing("order"))?.into();
        // Neither a judge that tells an old time nor a clock that was set back brings an expired order to life.
        let now = request.time_ms.max(clock::now_ms()) / 1000;
        let order = Order::verify(&document, self.charter()?, now)?;
        self.consume(&order, now)?;
        match &order.kind {
            Kind::KeyCreate { key } => self.begin_ceremony(&order, key, out)?,
            Kind::Readmit { signer, incarnation } => self.readmit(signer, *incarnation)?,
            Kind::Unfreeze { freezes } => return self.unfreeze(freezes, out).map(Reply::Acknowledged),
        }
        Ok(Reply::Done(pb::Done {}))
    }

    /// The id is used up by the same reply that starts what it allows.
    fn consume(&mut self, order: &Order, now: u64) -> Result<(), Refusal> {
        let orders = &mut self.state.orders;
        ensure("order_replayed", !orders.contains_key(&order.id), "this order was run before")?;
        if orders.len() >= MAX_ORDERS {
            orders.retain(|_, expires| expires.saturating_add(KEPT_AFTER_EXPIRY) > now);
        }
        ensure("order_limit", orders.len() < MAX_ORDERS, "more than 1024 orders within a week")?;
        orders.insert(order.id, order.expires_at);
        Ok(())
    }
}
