//! Made-up registries of any size, the same in every run: as uneven as real ones, and filled in more completely.

use proto::registry::v1 as pb;
use proto::registry::v1::change::Resource;

/// A made-up registry.
#[derive(Debug, Clone, Copy)]
pub struct Registry {
    size: usize,
}

const COUNTRIES: [&str; 20] = [
    "CN", "PK", "TR", "MY", "ID", "SA", "AE", "EG", "KZ", "UZ", "BD", "NG", "MA", "IR", "IQ", "QA", "TH", "VN", "LA",
    "KE",
];
const LANGUAGES: [&str; 8] = ["en", "zh", "ur", "ar", "tr", "ms", "ru", "fr"];
const INDUSTRIES: [&str; 15] = [
    "new-energy",
    "ai",
    "biotech",
    "silk",
    "agri",
    "auto",
    "chips",
    "optics",
    "logistics",
    "fintech",
    "mining",
    "water",
    "health",
    "education",
    "media",
];
const CLASSES: [&str; 40] = [
    "4690", "1312", "1410", "2826", "2710", "2720", "6201", "4100", "0111", "1010", "2100", "2610", "2910", "4923",
    "6419", "3510", "2013", "2011", "1311", "1420", "2220", "2410", "2511", "2815", "2822", "2930", "4520", "4711",
    "4752", "5210", "5510", "6110", "6202", "6311", "6810", "7110", "7210", "8010", "8610", "0510",
];
const CERTIFICATIONS: [&str; 4] = ["ISO 9001", "ISO 14001", "ISO 45001", "CE"];

/// A generator of numbers that look random (`SplitMix64`); the seed is the place of the enterprise.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `all`, the first ones far more often: the smaller of two draws, twice.
    fn uneven<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let draws = [self.below(all.len()), self.below(all.len()), self.below(all.len())];
        all[draws.into_iter().min().unwrap_or_default()]
    }

    fn some<'a>(&mut self, all: &[&'a str], most: usize) -> Vec<&'a str> {
        let mut some: Vec<_> = (0..self.below(most + 1)).map(|_| self.uneven(all)).collect();
        some.sort_unstable();
        some.dedup();
        some
    }
}

impl Registry {
    /// A registry of so many enterprises.
    pub fn new(size: usize) -> Self {
        Self { size }
    }

    /// The resource name of the enterprise at a place.
    pub fn name(&self, at: usize) -> String {
        format!("enterprises/made-up-{at:07}")
    }

    /// All of it, as the feed brings a snapshot.
    pub fn changes(self) -> impl Iterator<Item = pb::Change> {
        (0..self.size).flat_map(move |at| {
            let enterprise = self.enterprise(at, 0);
            let opportunities = self.opportunities(at);
            let created = |name: String, resource| pb::Change {
                name,
                kind: pb::ChangeKind::Created.into(),
                resource: Some(resource),
            };
            let own = created(self.name(at), Resource::Enterprise(enterprise));
            let published =
                opportunities.into_iter().map(move |one| created(one.name.clone(), Resource::Opportunity(one)));
            std::iter::once(own).chain(published)
        })
    }

    /// The enterprise at a place, with other facts than before.
    pub fn changed(&self, at: usize) -> pb::Change {
        let resource = Some(Resource::Enterprise(self.enterprise(at, 1)));
        pb::Change { name: self.name(at), kind: pb::ChangeKind::Updated.into(), resource }
    }

    fn enterprise(&self, at: usize, version: u64) -> pb::Enterprise {
        let mut numbers = Numbers((at as u64) << 8 | version);
        let region_code = numbers.uneven(&COUNTRIES).to_owned();
        let mut codes = vec![numbers.uneven(&CLASSES)];
        codes.extend(numbers.some(&CLASSES, 2));
        codes.dedup();
        let activity = |(at, code): (usize, &&str)| pb::Activity {
            isic_code: (*code).to_owned(),
            isic_revision: pb::IsicRevision::Rev4.into(),
            primary: at == 0,
        };
        let owned = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let band = |numbers: &mut Numbers| if numbers.chance(80) { numbers.below(6) as i32 + 1 } else { 0 };
        pb::Enterprise {
            name: self.name(at),
            display_name: format!("Made-up Enterprise {at} Co., Ltd."),
            subdivision_code: format!("{region_code}-{:02}", numbers.below(30)),
            state: pb::EnterpriseState::Active.into(),
            activities: codes.iter().enumerate().map(activity).collect(),
            industries: numbers.some(&INDUSTRIES, 3).into_iter().map(|one| format!("industries/{one}")).collect(),
            employee_band: band(&mut numbers),
            revenue_band: band(&mut numbers),
            founded_year: if numbers.chance(90) { 2025 - numbers.below(60) as i32 } else { 0 },
            language_codes: owned(numbers.some(&LANGUAGES, 3)),
            certifications: owned(numbers.some(&CERTIFICATIONS, 2)),
            target_regions: owned(numbers.some(&COUNTRIES, 3)),
            presence_region_codes: if numbers.chance(10) { owned(numbers.some(&COUNTRIES, 1)) } else { Vec::new() },
            verification_level: numbers.below(5) as i32,
            region_code,
            ..Default::default()
        }
    }

    /// One enterprise in twenty publishes something.
    fn opportunities(&self, at: usize) -> Vec<pb::Opportunity> {
        let mut numbers = Numbers((at as u64) << 8 | 255);
        if !numbers.chance(5) {
            return Vec::new();
        }
        let opportunity = |number: usize, numbers: &mut Numbers| pb::Opportunity {
            name: format!("{}/opportunities/{number}", self.name(at)),
            title: format!("Opportunity {number}"),
            kind: numbers.below(4) as i32 + 1,
            state: pb::OpportunityState::Published.into(),
            isic_codes: vec![numbers.uneven(&CLASSES).to_owned()],
            industries: numbers.some(&INDUSTRIES, 1).into_iter().map(|one| format!("industries/{one}")).collect(),
            keywords: numbers
                .some(&["solar panel", "silk", "rice", "battery"], 2)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            partnership_types: vec![numbers.below(14) as i32 + 1],
            ..Default::default()
        };
        (0..=numbers.below(3)).map(|number| opportunity(number, &mut numbers)).collect()
    }
}
