//! Enterprises made of their number, the same in every run: nine in ten are in China, one in 500 is certified, half have
//! a registration number, a third a home page.

use proto::registry::v1::{Activity, Enterprise, Identifier, IdentifierScheme, ImportRow, Product};

/// Draws numbers that look random.
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0xBF58_476D_1CE4_E5B9) ^ (self.0 >> 31);
        (self.0 >> 33) % count
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap_or_default()]
    }

    /// A word that hardly any other name has.
    fn word(&mut self) -> String {
        const SYLLABLES: [&str; 24] = [
            "ba", "chen", "dou", "fa", "gul", "hai", "jin", "kor", "lan", "mi", "nor", "pak", "qi", "ras", "shu",
            "tal", "ur", "vor", "wei", "xin", "yar", "zam", "ko", "lim",
        ];
        let mut word: String = (0..3).map(|_| self.of(&SYLLABLES)).collect();
        word[..1].make_ascii_uppercase();
        word
    }
}

/// The row of an enterprise of that number.
pub fn row(number: u32) -> ImportRow {
    // Spreads numbers over all bits, so that neighbors differ.
    let mut draw = Draw(u64::from(number).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    draw.0 ^= draw.0 >> 29;
    let id = draw.0;
    let region = match draw.below(100) {
        0..90 => "CN",
        90..98 => "PK",
        _ => "AE",
    };
    let word = draw.of(&["Silk", "Steel", "Solar", "Spice", "Ship"]);
    let division = ["13", "27", "26", "10", "62"][usize::try_from(draw.below(50).min(4)).unwrap_or_default()];
    let industry = if draw.below(3) == 0 { "industries/ai" } else { "industries/new-energy" };
    let site = draw.word();
    let enterprise = Enterprise {
        display_name: format!("{word} {}{} {} Co., Ltd.", draw.below(10), draw.word(), draw.word()),
        region_code: region.to_owned(),
        subdivision_code: if region == "CN" && draw.below(4) == 0 { "CN-ZJ".to_owned() } else { String::new() },
        city: if draw.below(3) == 0 { format!("City {}", draw.below(300)) } else { String::new() },
        identifiers: if draw.below(2) == 0 { vec![lei(number)] } else { Vec::new() },
        activities: vec![Activity { isic_code: division.to_owned(), primary: true, ..Activity::default() }],
        products: vec![Product {
            hs_code: format!("{:02}{:02}", 1 + draw.below(76), 1 + draw.below(20)),
            ..Product::default()
        }],
        industries: vec![industry.to_owned()],
        founded_year: if draw.below(2) == 0 { 1950 + i32::try_from(draw.below(70)).unwrap_or_default() } else { 0 },
        language_codes: vec!["en".to_owned()],
        certifications: if draw.below(500) == 0 { vec!["ISO 9001".to_owned()] } else { Vec::new() },
        website_uri: if draw.below(3) == 0 { format!("https://www.{site}-{number}.com") } else { String::new() },
        description: "Makes and sells what its name says, at home and abroad. ".repeat(4),
        ..Enterprise::default()
    };
    let enterprise_id = format!("{}-{id:016x}", region.to_ascii_lowercase());
    ImportRow { row: i64::from(number), enterprise_id, enterprise: Some(enterprise) }
}

/// A Legal Entity Identifier with the right check digits (ISO 17442: the remainder by 97 is 1).
fn lei(number: u32) -> Identifier {
    let body = format!("5493{number:014}");
    let remainder = body.bytes().fold(0, |sum, digit| (sum * 10 + u32::from(digit - b'0')) % 97);
    let value = format!("{body}{:02}", 98 - remainder * 100 % 97);
    Identifier { scheme: IdentifierScheme::Lei.into(), value, ..Identifier::default() }
}
