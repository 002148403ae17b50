//! Values of the domain as bytes, and back.

use crate::domain::{
    Activity, CountryCode, Criterion, Date, Fusion, HsCode, Industry, IndustryDefinition, IsicCode, IsicRevision,
    Language, Membership, Opportunity, OpportunityKind, PairingBounds, PartnershipTypes, Policy, PolicyId, Ppm, Reach,
    Region, RegionGroup, RegisteredPolicy, Standing, Term, Work,
};

use super::super::bytes::{Reader, Write};

/// What can be written and read.
pub(super) trait Value: Sized {
    /// Appends it.
    fn write(&self, bytes: &mut Vec<u8>);
    /// Reads it; none if that is not what stands there.
    fn read(reader: &mut Reader<'_>) -> Option<Self>;
}

/// Values that have a text which parses.
macro_rules! as_text {
    ($($kind:ty: $text:expr, $parse:expr;)*) => {$(
        impl Value for $kind {
            fn write(&self, bytes: &mut Vec<u8>) {
                let text: fn(&Self) -> String = $text;
                bytes.text(&text(self));
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(reader.text()?)
            }
        }
    )*};
}

as_text! {
    String: Self::clone, |text| Some(text.to_owned());
    CountryCode: |country| country.to_string(), |text| Self::parse(text).ok();
    Date: |date| date.to_string(), |text| text.parse().ok();
    HsCode: |code| code.to_string(), |text| Self::parse(text).ok();
    Industry: |industry| industry.to_string(), |text| Some(Self::from_id(text));
    Language: |language| language.to_string(), |text| Self::parse(text).ok();
    PolicyId: |id| id.as_str().to_owned(), |text| Self::parse(text).ok();
    Region: |region| region.to_string(), |text| Self::parse(text).ok();
}

/// Values that are numbers.
macro_rules! as_number {
    ($($kind:ty: $number:expr, $from:expr;)*) => {$(
        impl Value for $kind {
            fn write(&self, bytes: &mut Vec<u8>) {
                let number: fn(&Self) -> u64 = $number;
                bytes.number(number(self));
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                let from: fn(u64) -> Option<Self> = $from;
                from(reader.number()?)
            }
        }
    )*};
}

as_number! {
    bool: |is_so| u64::from(*is_so), |number| Some(number > 0);
    u8: |number| u64::from(*number), |number| number.try_into().ok();
    u16: |number| u64::from(*number), |number| number.try_into().ok();
    u32: |number| u64::from(*number), |number| number.try_into().ok();
    u64: |number| *number, Some;
    Ppm: |share| u64::from(share.get()), |number| Some(Self::new(number.try_into().ok()?));
    Fusion: |fusion| *fusion as u64, |number| Self::ALL.get(usize::try_from(number).ok()?).copied();
    OpportunityKind: |kind| *kind as u64, |number| Self::ALL.get(usize::try_from(number).ok()?).copied();
    PartnershipTypes: |types| u64::from(types.bits()), |number| Some(Self::from_bits(number.try_into().ok()?));
    Term: |term| u64::from(term.number()), |number| Some(Self::from_number(number.try_into().ok()?));
}

/// Values that are their parts, one after the other.
macro_rules! as_parts {
    ($($kind:ident { $($part:ident),* })*) => {$(
        impl Value for $kind {
            fn write(&self, bytes: &mut Vec<u8>) {
                $(self.$part.write(bytes);)*
            }

            fn read(reader: &mut Reader<'_>) -> Option<Self> {
                Some(Self { $($part: Value::read(reader)?),* })
            }
        }
    )*};
}

as_parts! {
    Work { activities, is_implied }
    Reach { target_regions, presence }
    Standing { verification, has_checked_identifier, founded_year, certificates }
    Membership { country, start, end }
    PairingBounds { min_score, min_partners, max_partners }
    RegisteredPolicy { id, version, policy }
    RegionGroup { id, display_name, memberships }
    IndustryDefinition { industry, display_name, isic, hs }
    Opportunity {
        name, title, kind, industries, isic, hs, terms, partnership_types, target_regions, priority, expires
    }
}

impl Value for std::sync::Arc<str> {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.text(self);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.text().map(Self::from)
    }
}

impl Value for IsicCode {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.number(match self.revision() {
            IsicRevision::Rev4 => 4,
            IsicRevision::Rev5 => 5,
        });
        bytes.text(self.as_str());
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let revision = match reader.number()? {
            4 => IsicRevision::Rev4,
            5 => IsicRevision::Rev5,
            _ => return None,
        };
        Self::parse(reader.text()?, revision).ok()
    }
}

impl Value for Activity {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.code().write(bytes);
        self.is_primary().write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self::new(Value::read(reader)?, Value::read(reader)?))
    }
}

impl Value for Policy {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.weights().iter().for_each(|share| share.write(bytes));
        self.fusion().write(bytes);
        bytes.number(self.industry_priorities().len() as u64);
        for (industry, priority) in self.industry_priorities() {
            industry.write(bytes);
            priority.write(bytes);
        }
        self.bounds().write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut weights = Vec::with_capacity(Criterion::COUNT);
        for criterion in Criterion::ALL {
            weights.push((criterion, Value::read(reader)?));
        }
        let fusion = Value::read(reader)?;
        let priorities = reader.list(|reader| Some((Value::read(reader)?, Value::read(reader)?)))?;
        Some(Self::new(&weights, fusion, priorities).ok()?.with_bounds(Value::read(reader)?))
    }
}

impl<T: Value> Value for Option<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.is_some().write(bytes);
        if let Some(value) = self {
            value.write(bytes);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if bool::read(reader)? { T::read(reader).map(Some) } else { Some(None) }
    }
}

impl<T: Value> Value for Vec<T> {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.number(self.len() as u64);
        self.iter().for_each(|value| value.write(bytes));
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.list(T::read)
    }
}

impl<T: Value> Value for Box<[T]> {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.number(self.len() as u64);
        self.iter().for_each(|value| value.write(bytes));
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        reader.list(T::read).map(Vec::into_boxed_slice)
    }
}
