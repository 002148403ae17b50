//! What the registry knows, parsed once and valid ever after: no I/O, no async, no clock, no logging.

pub mod codes;
pub mod document;
pub mod enterprise;
pub mod identifier;
pub mod ids;
pub mod likeness;
pub mod naming;
pub mod office;
pub mod opportunity;
pub mod places;
pub mod policy;
pub mod reference;
pub mod time;

/// Declares an enumeration whose numbers are those of the contract.
///
/// The numbers are stored, so they never change; `Unspecified` values are expressed as `Option` and have no variant.
macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal => $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every value, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The number the contract gives it.
            pub fn number(self) -> i32 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// The name the contract gives it, without the prefix.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value with this number, if there is one.
            pub fn from_number(number: i32) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The value with this name (without the prefix).
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}
pub(crate) use enumeration;
