//! How alike two records are: a score in parts per million, and what it is made of.
//!
//! Aspects that both records have are weighed: the name 600, the country 200, the domain of the home page 120, the city
//! 80. The score is their weighted mean, so what one of them lacks says nothing. Then the registration numbers speak:
//!
//! - a number in common decides: the score is 950,000 and a twentieth of what the rest says;
//! - another number in a register that gives each company one number halves what the rest says.
//!
//! Names alone never reach [`HOLD_PPM`] across countries: (600 · 1 + 200 · 0) / 800 is 750,000.

use super::enterprise::{NameKind, Profile};
use super::enumeration;
use super::identifier::{Identifier, Scheme};
use super::naming::{FoldedName, similarity};
use super::places::CountryCode;

mod keys;
mod website;

#[cfg(test)]
mod tests;

pub use keys::{hold_keys, search_keys};

/// A new record that is so alike an existing one is held for review: what two records of one country reach with the same
/// name up to its generic words and nothing that speaks against it. Measured on real companies, see the tests.
pub const HOLD_PPM: i32 = 860_000;

const WHOLE_PPM: i64 = 1_000_000;
const NAME_WEIGHT: i64 = 600;
const REGION_WEIGHT: i64 = 200;
const WEBSITE_WEIGHT: i64 = 120;
const CITY_WEIGHT: i64 = 80;
/// What a registration number in common is worth by itself.
const SAME_NUMBER_PPM: i64 = 950_000;
/// Cities less alike than this are two cities.
const CITY_MIN_PPM: i64 = 700_000;
/// Registers that give a company one number in its life.
const ONE_NUMBER_EACH: [Scheme; 3] = [Scheme::CnUscc, Scheme::Lei, Scheme::PkCuin];

/// What of a record is compared, folded once.
#[derive(Clone, Debug)]
pub struct Features<'a> {
    names: Vec<Name<'a>>,
    region: CountryCode,
    city: Option<(&'a str, FoldedName)>,
    website: Option<String>,
    identifiers: &'a [Identifier],
}

/// A name, and whether it is the one in the register, or was.
#[derive(Clone, Debug)]
struct Name<'a> {
    text: &'a str,
    folded: FoldedName,
    kind: Option<NameKind>,
}

impl<'a> Features<'a> {
    /// The features of a record.
    pub fn of(profile: &'a Profile) -> Self {
        let display = Name { text: &profile.display_name, folded: FoldedName::of(&profile.display_name), kind: None };
        let mut names = vec![display];
        for other in &profile.other_names {
            let folded = FoldedName::of(&other.value);
            if names.iter().all(|known| known.folded != folded || known.kind != other.kind) {
                names.push(Name { text: &other.value, folded, kind: other.kind });
            }
        }
        let city = Some(profile.city.as_str()).filter(|city| !city.is_empty());
        Self {
            names,
            region: profile.region,
            city: city.map(|city| (city, FoldedName::of(city))),
            website: website::domain(&profile.website_uri),
            identifiers: &profile.identifiers,
        }
    }
}

fn names_of(profile: &Profile) -> impl Iterator<Item = &str> {
    std::iter::once(profile.display_name.as_str()).chain(profile.other_names.iter().map(|name| name.value.as_str()))
}

/// How alike two records are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// 0 to 1,000,000; a record equals itself.
    pub score_ppm: i32,
    /// What it is made of.
    pub evidence: Vec<Evidence>,
}

/// One thing that two records have, or do not have, in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What was compared.
    pub aspect: Aspect,
    /// The value of the first record.
    pub subject_value: String,
    /// The value of the other.
    pub other_value: String,
    /// How alike the two values are, ppm.
    pub similarity_ppm: i32,
    /// What it adds to the score; negative where it speaks against the rest.
    pub contribution_ppm: i32,
}

enumeration! {
    /// What is compared.
    Aspect {
        /// A registration number.
        Identifier = 1 => "IDENTIFIER",
        /// Names, folded.
        Name = 2 => "NAME",
        /// The country.
        Region = 3 => "REGION",
        /// The city.
        City = 4 => "CITY",
        /// The domain of the home page.
        Website = 5 => "WEBSITE",
    }
}

/// An aspect that both records have.
struct Compared {
    aspect: Aspect,
    values: (String, String),
    similarity: i64,
    weight: i64,
}

/// Compares two records. The score is the same from both sides.
pub fn compare(subject: &Features<'_>, other: &Features<'_>) -> Likeness {
    let mut compared = vec![names(subject, other), regions(subject, other)];
    compared.extend(cities(subject, other));
    compared.extend(websites(subject, other));
    let weights: i64 = compared.iter().map(|one| one.weight).sum();
    let total: i64 = compared.iter().map(|one| one.weight * one.similarity).sum();
    let mean = total / weights;

    let (number, rest) = match numbers(subject, other) {
        Some((pair, true)) => {
            (Some((pair, WHOLE_PPM, SAME_NUMBER_PPM)), mean * (WHOLE_PPM - SAME_NUMBER_PPM) / WHOLE_PPM)
        }
        Some((pair, false)) => (Some((pair, 0, -(mean - mean / 2))), mean),
        None => (None, mean),
    };
    let mut evidence = Vec::with_capacity(compared.len() + 1);
    if let Some((values, similarity, contribution)) = number {
        let aspect = Aspect::Identifier;
        evidence.push(found(&Compared { aspect, values, similarity, weight: 0 }, contribution));
    }
    // Parts of a whole number, so that they add up to it: each ends where the next begins.
    let (mut sum, mut told) = (0, 0);
    for one in &compared {
        sum += one.weight * one.similarity;
        let until = if total == 0 { 0 } else { (i128::from(rest) * i128::from(sum) / i128::from(total)) as i64 };
        evidence.push(found(one, until - told));
        told = until;
    }
    let score_ppm = evidence.iter().map(|one| one.contribution_ppm).sum();
    Likeness { score_ppm, evidence }
}

fn found(compared: &Compared, contribution: i64) -> Evidence {
    let ppm = |value: i64| i32::try_from(value).expect("parts of a million fit");
    Evidence {
        aspect: compared.aspect,
        subject_value: compared.values.0.clone(),
        other_value: compared.values.1.clone(),
        similarity_ppm: ppm(compared.similarity),
        contribution_ppm: ppm(contribution),
    }
}

/// The names that are most alike, of all that the two have, but the more original a name, the more it decides. If both
/// have names in the script of their language, only these are compared: `华远` and `华源` are both Huayuan in Latin
/// letters. If both have legal names in it, only legal and former ones: many companies are `长城科技` for short.
fn names(subject: &Features<'_>, other: &Features<'_>) -> Compared {
    let pairs = || subject.names.iter().flat_map(|one| other.names.iter().map(move |two| (one, two)));
    let is_original = |(one, two): &(&Name<'_>, &Name<'_>)| one.folded.shares_original_script(&two.folded);
    let are_legal =
        |(one, two): &(&Name<'_>, &Name<'_>)| one.kind == Some(NameKind::Legal) && two.kind == Some(NameKind::Legal);
    let is_registered = |name: &Name<'_>| matches!(name.kind, Some(NameKind::Legal | NameKind::Former));
    let have_originals = pairs().any(|pair| is_original(&pair));
    let have_legal = pairs().any(|pair| is_original(&pair) && are_legal(&pair));
    let counts = |pair: &(&Name<'_>, &Name<'_>)| {
        (!have_originals || is_original(pair)) && (!have_legal || (is_registered(pair.0) && is_registered(pair.1)))
    };
    let mut best = (0, &subject.names[0], &other.names[0]);
    for (one, two) in pairs().filter(counts) {
        let alike = similarity(&one.folded, &two.folded);
        if alike > best.0 {
            best = (alike, one, two);
        }
    }
    let (alike, one, two) = best;
    let values = (one.text.to_owned(), two.text.to_owned());
    Compared { aspect: Aspect::Name, values, similarity: i64::from(alike), weight: NAME_WEIGHT }
}

fn regions(subject: &Features<'_>, other: &Features<'_>) -> Compared {
    let similarity = if subject.region == other.region { WHOLE_PPM } else { 0 };
    let values = (subject.region.to_string(), other.region.to_string());
    Compared { aspect: Aspect::Region, values, similarity, weight: REGION_WEIGHT }
}

fn cities(subject: &Features<'_>, other: &Features<'_>) -> Option<Compared> {
    let ((one, one_folded), (two, two_folded)) = (subject.city.as_ref()?, other.city.as_ref()?);
    let alike = i64::from(similarity(one_folded, two_folded));
    let similarity = if alike < CITY_MIN_PPM { 0 } else { alike };
    let values = ((*one).to_owned(), (*two).to_owned());
    Some(Compared { aspect: Aspect::City, values, similarity, weight: CITY_WEIGHT })
}

fn websites(subject: &Features<'_>, other: &Features<'_>) -> Option<Compared> {
    let (one, two) = (subject.website.as_ref()?, other.website.as_ref()?);
    let similarity = if one == two { WHOLE_PPM } else { 0 };
    Some(Compared { aspect: Aspect::Website, values: (one.clone(), two.clone()), similarity, weight: WEBSITE_WEIGHT })
}

/// The registration numbers that decide, and whether they are the same; none if they say nothing.
fn numbers(subject: &Features<'_>, other: &Features<'_>) -> Option<((String, String), bool)> {
    let text = |identifier: &Identifier| format!("{} {}", identifier.scheme().name(), identifier.value());
    let pairs = || subject.identifiers.iter().flat_map(|one| other.identifiers.iter().map(move |two| (one, two)));
    if let Some((one, two)) = pairs().find(|(one, two)| one.names_same(two)) {
        return Some(((text(one), text(two)), true));
    }
    let differ = |(one, two): &(&Identifier, &Identifier)| {
        one.scheme() == two.scheme() && ONE_NUMBER_EACH.contains(&one.scheme())
    };
    pairs().find(differ).map(|(one, two)| ((text(one), text(two)), false))
}
