//! Numbers that cannot be computed with: too long for any program, with a product that is, or a divisor of zero.

use fastrand::Rng;

use super::Stage;
use super::chain::Link;
use super::family::Family;
use super::quantity::Quantity;
use super::slots::{Filling, Fillings};

/// Puts a number that is likely to make a program fail into a few questions of plain arithmetic. Whether it did.
pub(super) fn spoil(family: &Family, fillings: &mut Fillings, rng: &mut Rng) -> bool {
    let (Stage::Arithmetic, Some(plan)) = (family.stage, &family.plan) else { return false };
    match rng.u32(..1000) {
        0..20 => {
            let digits = match rng.u32(..20) {
                0 => rng.u16(41..=400),
                _ => rng.u16(16..=40),
            };
            let mut places: Vec<&mut Quantity> = fillings
                .iter_mut()
                .filter(|(name, _)| family.shows(name))
                .flat_map(|(_, filling)| quantities(filling))
                .collect();
            let place = rng.usize(..places.len().max(1));
            let Some(place) = places.get_mut(place) else { return false };
            **place = Quantity::long(rng, digits);
            true
        }
        20..26 => factors(plan, fillings, rng),
        26..32 => divisors(plan, fillings, rng),
        _ => false,
    }
}

fn quantities(filling: &mut Filling) -> Vec<&mut Quantity> {
    match filling {
        Filling::Number(quantity) => vec![quantity],
        Filling::List(quantities) => quantities.iter_mut().collect(),
        Filling::Chain(chain) => chain
            .links
            .iter_mut()
            .filter_map(|link| match link {
                Link::Number(quantity) => Some(quantity),
                _ => None,
            })
            .collect(),
        Filling::Text(_) => Vec::new(),
    }
}

/// Factors of 10 to 15 digits on both sides of a multiplication, or as the base of a power.
fn factors(plan: &str, fillings: &mut Fillings, rng: &mut Rng) -> bool {
    let mut found = false;
    let mut put = |quantity: &mut Quantity, rng: &mut Rng| {
        let digits = rng.u16(10..=15);
        *quantity = Quantity::long(rng, digits);
        found = true;
    };
    for (name, filling) in fillings.iter_mut() {
        match filling {
            Filling::Number(quantity) => {
                let slot = format!("{{{name}}}");
                let joined = [format!("{slot} *"), format!("* {slot}"), format!("{slot} ^")];
                if joined.iter().any(|joined| plan.contains(joined)) {
                    put(quantity, rng);
                }
            }
            Filling::Chain(chain) => {
                for index in 0..chain.links.len() {
                    if chain.links.get(index) != Some(&Link::Operator('*')) {
                        continue;
                    }
                    for beside in [index.wrapping_sub(1), index + 1] {
                        if let Some(Link::Number(quantity)) = chain.links.get_mut(beside) {
                            put(quantity, rng);
                        }
                    }
                }
            }
            Filling::List(_) | Filling::Text(_) => {}
        }
    }
    found
}

/// Zero behind a division.
fn divisors(plan: &str, fillings: &mut Fillings, rng: &mut Rng) -> bool {
    let mut places: Vec<&mut Quantity> = Vec::new();
    for (name, filling) in fillings.iter_mut() {
        match filling {
            Filling::Number(quantity) => {
                let behind = [format!("/ {{{name}}}"), format!("% {{{name}}}"), format!(", {{{name}}})")];
                let divides = |text: &String| plan.contains(text.as_str());
                if behind.iter().take(2).any(divides)
                    || (plan.starts_with("quotient(") && behind.iter().any(divides))
                {
                    places.push(quantity);
                }
            }
            Filling::Chain(chain) => {
                let mut divides = false;
                for link in &mut chain.links {
                    let behind = std::mem::replace(&mut divides, *link == Link::Operator('/'));
                    if let (Link::Number(quantity), true) = (link, behind) {
                        places.push(quantity);
                    }
                }
            }
            Filling::List(_) | Filling::Text(_) => {}
        }
    }
    let place = rng.usize(..places.len().max(1));
    let Some(place) = places.get_mut(place) else { return false };
    **place = Quantity::integer(0);
    true
}
