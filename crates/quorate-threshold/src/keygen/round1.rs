//! Before and during round 1: draw the polynomial, commit, wait for everyone's commitment.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::Finish;
use super::opening::Opening;
use super::params::Params;
use super::round2::Openings;
use crate::polynomial::evaluate;
use crate::rounds::{Body, Inbox, Next, Round};
use crate::{Abort, KeyShare};

pub(crate) const COMMITMENT_LEN: usize = 32;

/// Nothing drawn yet.
pub(crate) struct Begin<G> {
    params: Params,
    group: std::marker::PhantomData<G>,
}

impl<G> Begin<G> {
    pub(crate) fn new(params: Params) -> Self {
        Self { params, group: std::marker::PhantomData }
    }
}

impl<G: Finish> Round<KeyShare> for Begin<G> {
    fn finish(self: Box<Self>, _: &Inbox) -> Result<Next<KeyShare>, Abort> {
        self.params.check()?;
        let polynomial: Vec<_> =
            (0..self.params.threshold).map(|_| G::random_scalar()).collect::<Result<_, _>>()?;
        let opening = Opening::<G>::new(&self.params, &polynomial)?.encode();
        let commitment = Opening::<G>::commit(&self.params, self.params.me, &opening);
        let next = Commitments::<G> { params: self.params, polynomial, opening };
        Ok(Next::Round(vec![(None, commitment.to_vec())], Box::new(next)))
    }
}

/// Our commitment is out; waits for the others'.
pub(crate) struct Commitments<G: Finish> {
    params: Params,
    polynomial: Vec<Zeroizing<G::Scalar>>,
    opening: Vec<u8>,
}

impl<G: Finish> Round<KeyShare> for Commitments<G> {
    /// Reveals only now that every commitment is here: nobody's contribution can depend on ours.
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<KeyShare>, Abort> {
        let mut commitments = BTreeMap::new();
        for (from, body) in inbox {
            let commitment: [u8; COMMITMENT_LEN] =
                body.as_slice().try_into().map_err(|_| Abort::blame(*from, "message_decode"))?;
            commitments.insert(*from, commitment);
        }
        let bodies = self.params.others().into_iter().map(|to| self.dealt_to(to)).collect();
        let own_share = evaluate::<G>(&self.polynomial, self.params.me);
        let next = Openings::<G> { params: self.params, own_opening: self.opening, own_share, commitments };
        Ok(Next::Round(bodies, Box::new(next)))
    }
}

impl<G: Finish> Commitments<G> {
    fn dealt_to(&self, to: u8) -> Body {
        let mut body = Vec::with_capacity(self.opening.len() + super::SHARE_LEN);
        body.extend_from_slice(&self.opening);
        let share = Zeroizing::new(G::encode_scalar(&evaluate::<G>(&self.polynomial, to)));
        body.extend_from_slice(share.as_slice());
        (Some(to), body)
    }
}
