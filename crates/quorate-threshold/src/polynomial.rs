//! Shamir's polynomials, in the field and in the exponent.

use zeroize::Zeroizing;

use crate::group::Group;

/// f(x) by Horner's rule; coefficients from the constant term upwards.
pub(crate) fn evaluate<G: Group>(coefficients: &[Zeroizing<G::Scalar>], x: u8) -> Zeroizing<G::Scalar> {
    let x = G::small(x);
    let mut value = Zeroizing::new(G::small(0));
    for coefficient in coefficients.iter().rev() {
        *value = *value * x + **coefficient;
    }
    value
}

/// F(x) = f(x)·G from the coefficients times G.
pub(crate) fn evaluate_in_exponent<G: Group>(coefficients: &[G::Point], x: u8) -> G::Point {
    let x = G::small(x);
    coefficients.iter().rev().fold(G::identity(), |value, coefficient| G::mul(&value, &x) + *coefficient)
}

/// lambda of party `me` in the set `parties` for interpolation at `x`; `None` if an index repeats or `me` is absent.
pub(crate) fn lagrange<G: Group>(parties: &[u8], me: u8, x: u8) -> Option<G::Scalar> {
    if !parties.contains(&me) {
        return None;
    }
    let difference = |left: u8, right: u8| G::small(left) + G::negate(&G::small(right));
    let (mut numerator, mut denominator) = (G::small(1), G::small(1));
    for other in parties.iter().filter(|other| **other != me) {
        numerator = numerator * difference(x, *other);
        denominator = denominator * difference(me, *other);
    }
    Some(numerator * G::invert(&denominator)?)
}

/// F(x) interpolated from `points` (index, F(index)); indices distinct.
pub(crate) fn interpolate<G: Group>(points: &[(u8, G::Point)], x: u8) -> Option<G::Point> {
    let parties: Vec<u8> = points.iter().map(|(index, _)| *index).collect();
    let mut sum = G::identity();
    for (index, point) in points {
        sum = sum + G::mul(point, &lagrange::<G>(&parties, *index, x)?);
    }
    Some(sum)
}
