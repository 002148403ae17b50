//! The 88 divisions of ISIC Rev. 4, with the section each belongs to and a short title of our own to show.

/// A division of ISIC Rev. 4, as its place in the table of divisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Division(u8);

/// How many divisions Rev. 4 has.
pub(crate) const DIVISION_COUNT: usize = 88;

impl Division {
    /// The division with these two ASCII digits, if it exists.
    pub(crate) fn from_digits(digits: [u8; 2]) -> Option<Self> {
        let place = |digit: u8| digit.is_ascii_digit().then(|| usize::from(digit - b'0'));
        PLACES[place(digits[0])?][place(digits[1])?]
    }

    /// Every division, in the order of the codes.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..DIVISION_COUNT).map(|place| Self(place as u8))
    }

    /// Place in the table, below [`DIVISION_COUNT`].
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Letter of its section.
    pub(crate) fn section(self) -> u8 {
        DIVISIONS[self.index()].0
    }

    /// Its two digits.
    pub(crate) fn code(self) -> &'static str {
        DIVISIONS[self.index()].1
    }

    /// A short title to show.
    pub(crate) fn title(self) -> &'static str {
        DIVISIONS[self.index()].2
    }
}

/// The division of each two digits.
const PLACES: [[Option<Division>; 10]; 10] = {
    let mut places = [[None; 10]; 10];
    let mut at = 0;
    while at < DIVISION_COUNT {
        let [tens, ones] = *DIVISIONS[at].1.as_bytes() else { panic!("a division has two digits") };
        places[(tens - b'0') as usize][(ones - b'0') as usize] = Some(Division(at as u8));
        at += 1;
    }
    places
};

/// Section letter, digits and title, in the order of the digits.
const DIVISIONS: [(u8, &str, &str); DIVISION_COUNT] = [
    (b'A', "01", "Crops and livestock"),
    (b'A', "02", "Forestry"),
    (b'A', "03", "Fishing and aquaculture"),
    (b'B', "05", "Coal mining"),
    (b'B', "06", "Crude oil and natural gas"),
    (b'B', "07", "Metal ores"),
    (b'B', "08", "Other mining and quarrying"),
    (b'B', "09", "Mining support"),
    (b'C', "10", "Food products"),
    (b'C', "11", "Beverages"),
    (b'C', "12", "Tobacco products"),
    (b'C', "13", "Textiles"),
    (b'C', "14", "Clothing"),
    (b'C', "15", "Leather and footwear"),
    (b'C', "16", "Wood products"),
    (b'C', "17", "Paper"),
    (b'C', "18", "Printing"),
    (b'C', "19", "Coke and refined petroleum"),
    (b'C', "20", "Chemicals"),
    (b'C', "21", "Pharmaceuticals"),
    (b'C', "22", "Rubber and plastics"),
    (b'C', "23", "Cement, glass and ceramics"),
    (b'C', "24", "Basic metals"),
    (b'C', "25", "Metal products"),
    (b'C', "26", "Electronics and optics"),
    (b'C', "27", "Electrical equipment"),
    (b'C', "28", "Machinery"),
    (b'C', "29", "Motor vehicles"),
    (b'C', "30", "Other transport equipment"),
    (b'C', "31", "Furniture"),
    (b'C', "32", "Other manufacturing"),
    (b'C', "33", "Repair and installation of machinery"),
    (b'D', "35", "Electricity and gas supply"),
    (b'E', "36", "Water supply"),
    (b'E', "37", "Sewerage"),
    (b'E', "38", "Waste and recycling"),
    (b'E', "39", "Remediation"),
    (b'F', "41", "Construction of buildings"),
    (b'F', "42", "Civil engineering"),
    (b'F', "43", "Specialized construction"),
    (b'G', "45", "Trade and repair of motor vehicles"),
    (b'G', "46", "Wholesale trade"),
    (b'G', "47", "Retail trade"),
    (b'H', "49", "Land transport and pipelines"),
    (b'H', "50", "Water transport"),
    (b'H', "51", "Air transport"),
    (b'H', "52", "Warehousing and transport support"),
    (b'H', "53", "Post and couriers"),
    (b'I', "55", "Accommodation"),
    (b'I', "56", "Food service"),
    (b'J', "58", "Publishing"),
    (b'J', "59", "Film, video and music"),
    (b'J', "60", "Broadcasting"),
    (b'J', "61", "Telecommunications"),
    (b'J', "62", "Software and IT services"),
    (b'J', "63", "Information services"),
    (b'K', "64", "Banking and finance"),
    (b'K', "65", "Insurance and pensions"),
    (b'K', "66", "Financial support services"),
    (b'L', "68", "Real estate"),
    (b'M', "69", "Legal and accounting services"),
    (b'M', "70", "Head offices and consultancy"),
    (b'M', "71", "Architecture, engineering and testing"),
    (b'M', "72", "Research and development"),
    (b'M', "73", "Advertising and market research"),
    (b'M', "74", "Other professional services"),
    (b'M', "75", "Veterinary services"),
    (b'N', "77", "Rental and leasing"),
    (b'N', "78", "Employment services"),
    (b'N', "79", "Travel services"),
    (b'N', "80", "Security services"),
    (b'N', "81", "Building and landscape services"),
    (b'N', "82", "Office support services"),
    (b'O', "84", "Public administration"),
    (b'P', "85", "Education"),
    (b'Q', "86", "Human health"),
    (b'Q', "87", "Residential care"),
    (b'Q', "88", "Social work"),
    (b'R', "90", "Arts and entertainment"),
    (b'R', "91", "Libraries and museums"),
    (b'R', "92", "Gambling"),
    (b'R', "93", "Sports and recreation"),
    (b'S', "94", "Membership organizations"),
    (b'S', "95", "Repair of household goods"),
    (b'S', "96", "Other personal services"),
    (b'T', "97", "Households as employers"),
    (b'T', "98", "Households producing for own use"),
    (b'U', "99", "Extraterritorial organizations"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_are_in_order_so_that_the_search_finds_them() {
        assert!(DIVISIONS.is_sorted_by(|one, next| one.1 < next.1));
        for division in Division::all() {
            let digits = division.code().as_bytes().try_into().unwrap();
            assert_eq!(Division::from_digits(digits), Some(division));
        }
    }

    #[test]
    fn numbers_that_were_never_given_to_a_division_are_not_found() {
        for digits in [*b"00", *b"04", *b"34", *b"57", *b"67"] {
            assert_eq!(Division::from_digits(digits), None);
        }
    }
}
