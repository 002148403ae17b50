//! Registration numbers, with the check digits that prove them.

use super::enumeration;

enumeration! {
    /// Register that gives the number; it decides the format.
    Scheme {
        /// China, unified social credit code, GB 32100-2015.
        CnUscc = 1 => "CN_USCC",
        /// Legal Entity Identifier, ISO 17442.
        Lei = 2 => "LEI",
        /// Securities identification number, ISO 6166.
        Isin = 3 => "ISIN",
        /// Pakistan, company number of the SECP.
        PkCuin = 4 => "PK_CUIN",
        /// Pakistan, tax number of the FBR.
        PkNtn = 5 => "PK_NTN",
    }
}

enumeration! {
    /// How far a number could be checked.
    Check {
        /// The check digits are right.
        Passed = 1 => "PASSED",
        /// Only the format: the scheme has no public check digit.
        FormatOnly = 2 => "FORMAT_ONLY",
    }
}

/// The 31 symbols of GB 32100: digits and capital letters without I, O, S, V and Z.
const USCC_ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// GB 11714: weights of the first eight characters of the organisation code.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A registration number whose format and check digits are right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    scheme: Scheme,
    value: String,
}

impl Identifier {
    /// Reads a number; the error says what is wrong with it.
    pub fn parse(scheme: Scheme, value: &str) -> Result<Self, String> {
        match scheme {
            Scheme::CnUscc => uscc(value)?,
            Scheme::Lei => lei(value)?,
            Scheme::Isin => isin(value)?,
            Scheme::PkCuin => cuin(value)?,
            Scheme::PkNtn => ntn(value)?,
        }
        Ok(Self { scheme, value: value.to_owned() })
    }

    /// The register.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The number.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether both name the same entry of the same register.
    pub fn names_same(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.number() == other.number()
    }

    /// The number without what may be left out.
    pub fn number(&self) -> &str {
        match self.scheme {
            // The digit behind the dash is a check on the seven before it.
            Scheme::PkNtn => self.value.split('-').next().unwrap_or(&self.value),
            Scheme::CnUscc | Scheme::Lei | Scheme::Isin | Scheme::PkCuin => &self.value,
        }
    }

    /// How far the number was checked.
    pub fn check(&self) -> Check {
        match self.scheme {
            Scheme::CnUscc | Scheme::Lei | Scheme::Isin => Check::Passed,
            Scheme::PkCuin | Scheme::PkNtn => Check::FormatOnly,
        }
    }
}

fn uscc(value: &str) -> Result<(), String> {
    let values: Option<Vec<u32>> = value.bytes().map(|byte| position(USCC_ALPHABET, byte)).collect();
    let Some(values) = values.filter(|values| values.len() == 18) else {
        return Err("must be a unified social credit code: 18 characters of `0-9A-Z` without I, O, S, V, Z".to_owned());
    };
    if !value.as_bytes()[2..8].iter().all(u8::is_ascii_digit) {
        return Err("must be a unified social credit code: characters 3 to 8 are digits".to_owned());
    }

    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if values[17] != (31 - sum % 31) % 31 {
        return Err("has a wrong check digit (character 18, GB 32100)".to_owned());
    }

    // The organisation code inside has a check digit of its own, over the 36 ordinary symbols.
    let code = &value.as_bytes()[8..17];
    let sum: u32 = code[..8].iter().zip(ORGANISATION_WEIGHTS).map(|(byte, weight)| ordinary(*byte) * weight).sum();
    let expected = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).expect("1 to 9"),
    };
    if code[8] == expected { Ok(()) } else { Err("has a wrong check digit (character 17, GB 11714)".to_owned()) }
}

fn lei(value: &str) -> Result<(), String> {
    let bytes = value.as_bytes();
    let shaped = bytes.len() == 20
        && bytes.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && bytes[18..].iter().all(u8::is_ascii_digit);
    if !shaped {
        return Err("must be a Legal Entity Identifier: 18 characters of `A-Z0-9` and 2 digits".to_owned());
    }
    let mut remainder = 0;
    for byte in bytes {
        let value = ordinary(*byte);
        remainder = (remainder * if value < 10 { 10 } else { 100 } + value) % 97;
    }
    if remainder == 1 { Ok(()) } else { Err("has wrong check digits (ISO 17442, mod 97)".to_owned()) }
}

fn isin(value: &str) -> Result<(), String> {
    let bytes = value.as_bytes();
    let shaped = bytes.len() == 12
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..11].iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && bytes[11].is_ascii_digit();
    if !shaped {
        return Err("must be an ISIN: 2 letters, 9 characters of `A-Z0-9` and a digit".to_owned());
    }

    let mut digits = Vec::with_capacity(24);
    for byte in bytes {
        let value = ordinary(*byte);
        if value >= 10 {
            digits.push(value / 10);
        }
        digits.push(value % 10);
    }
    let mut sum = 0;
    for (place, digit) in digits.iter().rev().enumerate() {
        let doubled = if place % 2 == 1 { digit * 2 } else { *digit };
        sum += doubled / 10 + doubled % 10;
    }
    if sum % 10 == 0 { Ok(()) } else { Err("has a wrong check digit (ISO 6166, Luhn)".to_owned()) }
}

fn cuin(value: &str) -> Result<(), String> {
    if value.len() == 7 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err("must be a company number of the SECP: 7 digits with leading zeros, like `0337422`".to_owned())
}

fn ntn(value: &str) -> Result<(), String> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let good = match value.split_once('-') {
        Some((number, check)) => digits(number, 7) && digits(check, 1),
        None => digits(value, 7),
    };
    if good {
        return Ok(());
    }
    // Thirteen digits are a CNIC: the number of a person, which has no place here.
    let person = value.bytes().filter(u8::is_ascii_digit).count() == 13;
    Err(if person {
        "looks like a CNIC, the number of a person; give the tax number of the company, like `1234567-8`".to_owned()
    } else {
        "must be a tax number of the FBR: 7 digits, optionally `-` and one digit, like `1234567-8`".to_owned()
    })
}

/// Value of an ordinary symbol: 0 to 9, then A = 10 to Z = 35.
fn ordinary(byte: u8) -> u32 {
    if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') + 10 }
}

fn position(alphabet: &[u8], byte: u8) -> Option<u32> {
    let index = alphabet.iter().position(|symbol| *symbol == byte)?;
    u32::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_numbers_pass() {
        let codes = [
            "914403001922038216",
            "91110000600037341L",
            "9144030071526726XG",
            "91310115MA1K3BTP2B",
            "91340600MA2PBM9HXD",
            "121200004013590816",
        ];
        for code in codes {
            assert_eq!(Identifier::parse(Scheme::CnUscc, code).map(|id| id.check()), Ok(Check::Passed), "{code}");
        }
        for code in ["5493001KJTIIGC8Y1R12", "HWUPKR0MPOU8FGXBT394", "636700STJZG4U8W2I596", "213800KUD8LAJWSQ9D15"] {
            assert!(Identifier::parse(Scheme::Lei, code).is_ok(), "{code}");
        }
        for code in ["US0378331005", "CNE1000018M7", "PK0025201010"] {
            assert!(Identifier::parse(Scheme::Isin, code).is_ok(), "{code}");
        }
        assert_eq!(Identifier::parse(Scheme::PkCuin, "0337422").map(|id| id.check()), Ok(Check::FormatOnly));
        assert!(Identifier::parse(Scheme::PkNtn, "1234567-8").is_ok());
    }

    #[test]
    fn wrong_numbers_are_refused_with_their_reason() {
        let refusal = |scheme, value| Identifier::parse(scheme, value).expect_err("a wrong number");
        assert!(refusal(Scheme::CnUscc, "91110000600037341N").contains("character 18"));
        assert!(refusal(Scheme::CnUscc, "91110000600037341O").contains("without I, O"));
        assert!(refusal(Scheme::Lei, "213800KUD8LXJWSQ9D15").contains("mod 97"));
        assert!(refusal(Scheme::Isin, "US0378331006").contains("Luhn"));
        assert!(refusal(Scheme::PkNtn, "35202-1234567-1").contains("CNIC"));
        assert!(refusal(Scheme::PkCuin, "337422").contains("leading zeros"));
    }

    #[test]
    fn the_second_check_digit_of_a_credit_code_counts_by_itself() {
        // Character 17 changed, character 18 made right for it: only GB 11714 can see it.
        let mut bytes = b"91110000600037342".to_vec();
        let (mut weight, mut sum) = (1, 0);
        for byte in &bytes {
            sum += position(USCC_ALPHABET, *byte).expect("a symbol") * weight;
            weight = weight * 3 % 31;
        }
        bytes.push(USCC_ALPHABET[((31 - sum % 31) % 31) as usize]);
        let value = String::from_utf8(bytes).expect("ASCII");
        assert!(Identifier::parse(Scheme::CnUscc, &value).expect_err("a wrong number").contains("character 17"));
    }

    #[test]
    fn a_tax_number_is_the_same_with_and_without_its_check_digit() {
        let number = |value| Identifier::parse(Scheme::PkNtn, value).expect("a tax number").number().to_owned();
        assert_eq!(number("1234567-8"), number("1234567"));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(value in "\\PC{0,30}") {
            for scheme in Scheme::ALL {
                let _ = Identifier::parse(*scheme, &value);
            }
        }

        #[test]
        fn changing_one_digit_is_always_noticed(place in 0..18_usize, other in 0..10_u8) {
            let mut bytes = b"HWUPKR0MPOU8FGXBT394".to_vec();
            if bytes[place].is_ascii_digit() && bytes[place] != b'0' + other {
                bytes[place] = b'0' + other;
                let value = String::from_utf8(bytes).expect("ASCII");
                prop_assert!(Identifier::parse(Scheme::Lei, &value).is_err());
            }
        }
    }
}
