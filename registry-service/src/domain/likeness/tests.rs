//! Claims about the likeness of records.

use proptest::prelude::*;

use super::*;
use crate::domain::enterprise::OtherName;

/// A record that says only what is compared.
fn record(name: &str, region: &str) -> Profile {
    Profile::new(name, CountryCode::parse(region).unwrap())
}

fn other_name(value: &str, kind: NameKind) -> OtherName {
    OtherName { value: value.to_owned(), language_code: String::new(), kind: Some(kind) }
}

fn likeness(a: &Profile, b: &Profile) -> Likeness {
    compare(&Features::of(a), &Features::of(b))
}

fn score(a: &Profile, b: &Profile) -> i32 {
    likeness(a, b).score_ppm
}

fn numbered(name: &str, scheme: Scheme, number: &str) -> Profile {
    Profile { identifiers: vec![Identifier::parse(scheme, number).unwrap()], ..record(name, "CN") }
}

const USCC: &str = "914403001922038216";
const OTHER_USCC: &str = "91110000600037341L";

#[test]
fn a_name_alone_never_holds_across_countries() {
    let (here, there) = (record("Nishat Mills", "PK"), record("Nishat Mills", "AE"));
    assert_eq!(score(&here, &there), 750_000);
    let site = "https://nishatmillsltd.com".to_owned();
    let (here, there) = (Profile { website_uri: site.clone(), ..here }, Profile { website_uri: site, ..there });
    assert!(score(&here, &there) < HOLD_PPM);
}

#[test]
fn the_same_name_holds_within_a_country_unless_city_and_home_page_speak_against_it() {
    let plain = record("Al Noor Traders", "PK");
    assert_eq!(score(&plain, &plain), 1_000_000);
    let at = |city: &str, site: &str| Profile {
        city: city.to_owned(),
        website_uri: format!("https://{site}"),
        ..plain.clone()
    };
    let lahore = at("Lahore", "www.alnoor.pk");
    assert!(score(&lahore, &at("LAHORE", "alnoor.com.pk")) >= HOLD_PPM);
    assert!(score(&lahore, &at("Karachi", "alnoor.pk")) >= HOLD_PPM);
    assert_eq!(score(&lahore, &at("Karachi", "noortraders.pk")), 800_000);
}

#[test]
fn cities_are_the_same_in_every_script() {
    let at = |city: &str| Profile { city: city.to_owned(), ..record("Nobody", "CN") };
    for (a, b) in [("杭州", "Hangzhou"), ("杭州市", "HANGZHOU"), ("کراچی", "Karachi"), ("İstanbul", "Istanbul")]
    {
        assert_eq!(score(&at(a), &at(b)), 1_000_000, "{a} and {b}");
    }
}

#[test]
fn a_number_in_common_decides_whatever_else_differs() {
    let one = numbered("Kweichow Moutai", Scheme::CnUscc, USCC);
    let two = numbered("Something else", Scheme::CnUscc, USCC);
    let found = likeness(&one, &two);
    assert!(found.score_ppm >= 950_000, "{found:?}");
    assert_eq!((found.evidence[0].aspect, found.evidence[0].contribution_ppm), (Aspect::Identifier, 950_000));
}

#[test]
fn another_number_of_a_register_that_gives_one_each_speaks_against_it() {
    let one = numbered("Sungrow Power", Scheme::CnUscc, USCC);
    let two = numbered("Sungrow Power", Scheme::CnUscc, OTHER_USCC);
    let found = likeness(&one, &two);
    assert_eq!(found.score_ppm, 500_000);
    assert_eq!(found.evidence[0].contribution_ppm, -500_000);
    // A company has many ISINs, so another one says nothing.
    let (one, two) = (numbered("A", Scheme::Isin, "US0378331005"), numbered("A", Scheme::Isin, "PK0025201010"));
    assert_eq!(score(&one, &two), 1_000_000);
}

#[test]
fn the_best_pair_of_all_names_counts() {
    let one = Profile { other_names: vec![other_name("Hua Yuan", NameKind::Former)], ..record("New Name", "CN") };
    let two = record("Hua Yuan Co., Ltd", "CN");
    let found = likeness(&one, &two);
    assert_eq!(found.score_ppm, 1_000_000);
    assert_eq!((found.evidence[0].subject_value.as_str(), found.evidence[0].aspect), ("Hua Yuan", Aspect::Name));
}

#[test]
fn names_in_the_script_of_their_language_decide_over_latin_ones() {
    let named = |original: &str| Profile {
        other_names: vec![other_name(original, NameKind::Legal)],
        ..record("Huayuan Technology", "CN")
    };
    assert!(score(&named("华远科技有限公司"), &named("华源科技有限公司")) < HOLD_PPM);
    assert_eq!(score(&named("华远科技有限公司"), &record("Huayuan Technology", "CN")), 1_000_000);
}

#[test]
fn where_both_have_legal_names_a_short_one_in_common_says_nothing() {
    let named = |legal: &str| Profile {
        other_names: vec![other_name(legal, NameKind::Legal), other_name("三维股份", NameKind::Trading)],
        ..record(legal, "CN")
    };
    assert!(score(&named("三维控股集团股份有限公司"), &named("镇江三维输送装备股份有限公司")) < HOLD_PPM);
}

#[test]
fn keys_are_few_and_short_and_what_holds_is_found_by_them() {
    let names = (0..20).map(|number| other_name(&format!("{} {number}", "阿里巴巴".repeat(70)), NameKind::Legal));
    let long = Profile {
        other_names: names.collect(),
        website_uri: format!("https://{}.com", "x".repeat(400)),
        ..record(&"Nishat ".repeat(40), "PK")
    };
    let keys = search_keys(&long);
    assert!(keys.len() <= 6 && keys.iter().all(|key| key.len() <= 40), "{keys:?}");
    assert!(hold_keys(&long).iter().all(|key| keys.contains(key)));
    assert_eq!(search_keys(&record("阿里巴巴集团", "CN")), search_keys(&record("Alibaba Group", "CN")));
    assert_eq!(search_keys(&record("Nishat Mills Limited", "PK")), ["name/mill+nSt", "name/nSt"]);
}

fn records() -> impl Strategy<Value = Profile> {
    let name =
        prop::sample::select(vec!["Nishat Mills", "Nishat Power Ltd", "نشاط ملز", "阿里巴巴", "Alibaba", "!", "Ltd"]);
    let city = prop::sample::select(vec!["", "Lahore", "لاہور", "Hangzhou", "杭州市"]);
    let site = prop::sample::select(vec!["", "https://www.nishat.com.pk", "https://alibaba.cn"]);
    let number = prop::sample::select(vec!["", USCC, OTHER_USCC]);
    let region = prop::sample::select(vec!["PK", "CN"]);
    (name.clone(), name, region, city, site, number).prop_map(|(name, other, region, city, site, number)| Profile {
        other_names: vec![other_name(other, NameKind::Legal)],
        city: city.to_owned(),
        website_uri: site.to_owned(),
        identifiers: Identifier::parse(Scheme::CnUscc, number).into_iter().collect(),
        ..record(name, region)
    })
}

proptest! {
    #[test]
    fn a_record_equals_itself(one in records(), name in "\\PC{1,30}") {
        let one = Profile { display_name: name, ..one };
        prop_assert_eq!(score(&one, &one), 1_000_000);
    }

    #[test]
    fn the_order_of_two_records_does_not_matter(a in records(), b in records()) {
        prop_assert_eq!(score(&a, &b), score(&b, &a));
    }

    #[test]
    fn contributions_add_up_to_a_score_of_at_most_a_million(a in records(), b in records()) {
        let found = likeness(&a, &b);
        let sum: i32 = found.evidence.iter().map(|one| one.contribution_ppm).sum();
        prop_assert_eq!(sum, found.score_ppm);
        prop_assert!((0..=1_000_000).contains(&sum));
    }
}
