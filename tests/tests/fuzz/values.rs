//! Values that are likely to go far, or to hurt.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A source of numbers, the same ones for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        Self(hasher.finish() | 1)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % bound
    }

    pub(crate) fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len() as u64) as usize]
    }
}

const NAMES: &[&str] = &[
    "enterprises/sungrow",
    "enterprises/nishat-mills",
    "enterprises/a",
    "enterprises/b",
    "enterprises/-",
    "enterprises/a@r1",
    "enterprises/a@r9223372036854775807",
    "enterprises/a/opportunities/x",
    "industries/ai",
    "regionGroups/oic",
    "zones/south-taihu-lake",
    "offices/yangtze-river-delta",
    "offices/headquarters",
    "policies/p",
    "policies/p@r0",
];
const IDS: &[&str] = &["a", "b", "x", "p", "a-b", "", "-", "A", "headquarters"];
const CODES: &[&str] =
    &["PK", "CN", "CN-ZJ", "PK-SD", "XX", "27", "2710", "C", "850760", "8507", "zh", "ur-Latn", "r1", "r0"];
const DAYS: &[&str] = &["2015-01-01", "2026-01-01", "2026-02-30", "0000-00-00", "9999-12-31"];
const FILTERS: &[&str] = &[
    "region_code = PK",
    "NOT (region_code = \"CN\" OR industries:ai) AND isic:27",
    "create_time > \"2026-01-01T00:00:00Z\"",
    "display_name = \"N*\"",
    "state = ACTIVE",
    "founded_year >= 1990 AND founded_year < 2000",
    "((((((((((((((((((((a = b",
    "name = \"*\"",
    "title = 'a' OR kind = BUSINESS_OFFER",
];
const ORDERS: &[&str] = &["name", "display_name desc", "create_time", "update_time desc", "name desc, name", ";"];
const TEXTS: &[&str] = &[
    "",
    "a",
    "浙江丝绸科技有限公司",
    "پاکستان ٹیکسٹائل ملز",
    "\u{202E}abc",
    "a\0b",
    "line\nbreak",
    "%s ' \" ; -- $1 \\",
    "https://example.com/a",
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "0198c5b2-7b6e-7e3a-9d53-7a52a4c1d9f0",
    "00000000-0000-0000-0000-000000000000",
    "*",
];

/// A text for a field of that name: usually of its sort, sometimes of another, sometimes much too long.
pub(crate) fn text(dice: &mut Dice, field: &str) -> String {
    if dice.one_in(40) {
        return "长x".repeat(1 + dice.below(20_000) as usize);
    }
    let sort = if dice.one_in(6) {
        let sorts = [NAMES, IDS, CODES, DAYS, FILTERS, ORDERS, TEXTS];
        sorts[dice.below(sorts.len() as u64) as usize]
    } else {
        match field {
            "filter" => FILTERS,
            "order_by" => ORDERS,
            _ if field.ends_with("_id") => IDS,
            _ if field.ends_with("code") || field.ends_with("codes") => CODES,
            _ if field.ends_with("date") || field == "as_of" => DAYS,
            "name" | "names" | "parent" | "into" | "office" | "zone" | "industry" | "industries" | "enterprise"
            | "enterprises" | "a" | "b" | "region_group" | "focus_industries" | "resource_name" => NAMES,
            "target_regions" | "jurisdictions" | "regions" => CODES,
            _ => TEXTS,
        }
    };
    dice.pick(sort).to_owned()
}

/// A number: usually small, sometimes at the end of what there is.
pub(crate) fn number(dice: &mut Dice) -> i64 {
    const STRANGE: [i64; 8] = [-1, 0, 1_000_000, 1_000_001, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN];
    if dice.one_in(4) { STRANGE[dice.below(STRANGE.len() as u64) as usize] } else { dice.below(6) as i64 }
}
