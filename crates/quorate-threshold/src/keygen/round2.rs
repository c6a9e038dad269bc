//! Round 2: check every dealer's opening and share, add them up, echo.

use std::collections::BTreeMap;

use quorate_secret::Secret;
use zeroize::Zeroizing;

use super::Finish;
use super::opening::{Dealt, Opening, decode_opening};
use super::params::Params;
use super::round3::Echoes;
use crate::key::KeyPublic;
use crate::polynomial::evaluate_in_exponent;
use crate::rounds::{Body, Inbox, Next, Round};
use crate::transcript::Transcript;
use crate::{Abort, KeyShare};

/// Our opening is out; waits for the others'.
pub(crate) struct Openings<G: Finish> {
    pub(crate) params: Params,
    pub(crate) own_opening: Vec<u8>,
    /// f_me(me).
    pub(crate) own_share: Zeroizing<G::Scalar>,
    pub(crate) commitments: BTreeMap<u8, [u8; 32]>,
}

/// Sums over the dealers so far.
struct Sum<G: Finish> {
    coefficients: Vec<G::Point>,
    share: Zeroizing<G::Scalar>,
    chain_parts: BTreeMap<u8, [u8; 32]>,
    echo: BTreeMap<u8, [u8; 32]>,
}

impl<G: Finish> Round<KeyShare> for Openings<G> {
    fn finish(self: Box<Self>, inbox: &Inbox) -> Result<Next<KeyShare>, Abort> {
        let mut sum = self.own()?;
        for (from, body) in inbox {
            let dealt = decode_opening::<G>(body).map_err(|_| Abort::blame(*from, "message_decode"))?;
            self.check(*from, &dealt)?;
            sum.add(&self.params, *from, &dealt);
        }
        let share = sum.key_share(&self.params)?;
        let (extra, extra_bytes) = G::begin(&self.params)?;
        let bodies = echo_bodies(&self.params, &sum.echo, extra_bytes);
        let next = Echoes::<G> { params: self.params, share, echo: sum.echo, extra };
        Ok(Next::Round(bodies, Box::new(next)))
    }
}

impl<G: Finish> Openings<G> {
    /// Our own contribution, read back from the bytes that the others see.
    fn own(&self) -> Result<Sum<G>, Abort> {
        let mut body = Zeroizing::new(self.own_opening.clone());
        body.extend_from_slice(&G::encode_scalar(&self.own_share));
        let dealt = decode_opening::<G>(&body).map_err(|_| Abort::failed("own_opening"))?;
        let mut sum = Sum {
            coefficients: vec![G::identity(); usize::from(self.params.threshold)],
            share: Zeroizing::new(G::small(0)),
            chain_parts: BTreeMap::new(),
            echo: BTreeMap::new(),
        };
        sum.add(&self.params, self.params.me, &dealt);
        Ok(sum)
    }

    fn check(&self, from: u8, dealt: &Dealt<'_, G>) -> Result<(), Abort> {
        let commitment = Opening::<G>::commit(&self.params, from, dealt.encoded);
        if self.commitments.get(&from) != Some(&commitment) {
            return Err(Abort::blame(from, "commitment"));
        }
        if dealt.opening.coefficients.len() != usize::from(self.params.threshold) {
            return Err(Abort::blame(from, "degree"));
        }
        if !dealt.opening.possession_proven(&self.params, from) {
            return Err(Abort::blame(from, "proof_of_possession"));
        }
        let expected = evaluate_in_exponent::<G>(&dealt.opening.coefficients, self.params.me);
        if G::mul_generator(&dealt.share) != expected {
            return Err(Abort::blame(from, "share"));
        }
        Ok(())
    }
}

impl<G: Finish> Sum<G> {
    fn add(&mut self, params: &Params, from: u8, dealt: &Dealt<'_, G>) {
        for (sum, coefficient) in self.coefficients.iter_mut().zip(&dealt.opening.coefficients) {
            *sum = *sum + *coefficient;
        }
        *self.share = *self.share + *dealt.share;
        self.chain_parts.insert(from, dealt.opening.chain_part);
        self.echo.insert(from, Opening::<G>::echo(params, from, dealt.encoded));
    }

    /// x_me = sum of f_i(me); X = sum of A_i0; X_j = F(j).
    fn key_share(&self, params: &Params) -> Result<KeyShare, Abort> {
        let point_of = |index: u8| evaluate_in_exponent::<G>(&self.coefficients, index);
        let encode = |point: G::Point| match point == G::identity() {
            true => Err(Abort::failed("public_key")),
            false => Ok(G::encode_point(&point)),
        };
        let mut chain = Transcript::new("quorate/dkg/chain-code/v1").field(&params.context);
        for part in self.chain_parts.values() {
            chain = chain.field(part);
        }
        let public = KeyPublic {
            curve: params.curve,
            threshold: params.threshold,
            parties: params.parties.clone(),
            public_key: encode(point_of(0))?,
            chain_code: chain.digest(),
            public_shares: params
                .parties
                .iter()
                .map(|party| Ok((*party, encode(point_of(*party))?)))
                .collect::<Result<_, Abort>>()?,
        };
        let secret = Secret::take(&mut G::encode_scalar(&self.share));
        let share = KeyShare { public, me: params.me, secret, setup: None };
        share.check_own::<G>()?;
        Ok(share)
    }
}

/// The echo in order of index, then the bytes for each receiver.
fn echo_bodies(
    params: &Params,
    echo: &BTreeMap<u8, [u8; 32]>,
    mut extra: BTreeMap<u8, Vec<u8>>,
) -> Vec<Body> {
    let echo: Vec<u8> = echo.values().flatten().copied().collect();
    let body = |to: u8| {
        let mut body = echo.clone();
        body.extend(extra.remove(&to).unwrap_or_default());
        (Some(to), body)
    };
    params.others().into_iter().map(body).collect()
}
