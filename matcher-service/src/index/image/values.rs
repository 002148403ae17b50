//! Values of the domain as bytes, and back.

use crate::domain::{
    Activity, CountryCode, Date, HsCode, Industry, IndustryDefinition, IsicCode, IsicRevision, Language, Membership,
    Opportunity, OpportunityKind, PartnershipTypes, Reach, Region, RegionGroup, Standing, Term, Work,
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
    OpportunityKind: |kind| *kind as u64, |number| Self::ALL.get(usize::try_from(number).ok()?).copied();
    PartnershipTypes: |types| u64::from(types.bits()), |number| Some(Self::from_bits(number.try_into().ok()?));
    Term: |term| term.hash(), |number| Some(Self::from_hash(number));
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
