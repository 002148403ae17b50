//! Claims about single criteria, each asked alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{
    Activity, CountryCode, Criterion, Date, EnterpriseId, Fusion, HsCode, Industry, IndustryDefinition, IsicCode,
    IsicRevision, Language, Membership, Opportunity, OpportunityKind, PartnershipTypes, Policy, Profile, Region,
    RegionGroup, RegionGroups, terms_of,
};
use crate::scoring::{Direction, Explained, Scorer};

fn enterprise(id: &str, country: &str) -> Profile {
    Profile::new(EnterpriseId::parse(id).unwrap(), CountryCode::parse(country).unwrap())
}

fn chinese() -> Profile {
    enterprise("a", "CN")
}

fn pakistani() -> Profile {
    enterprise("b", "PK")
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// What a criterion says.
struct Said {
    value: u32,
    texts: Vec<String>,
    receivers: Vec<String>,
}

impl Said {
    /// Forward; none if it is unknown.
    fn of(explained: &Explained, criterion: Criterion) -> Option<Self> {
        let mut told = explained.contributions.iter();
        let one = told.find(|one| one.criterion == criterion && one.direction == Direction::Forward)?;
        let reasons = || explained.reasons.at(&one.reasons);
        (!one.reasons.is_empty()).then(|| Self {
            value: one.value.get(),
            texts: reasons().map(|fact| fact.text.to_owned()).collect(),
            receivers: reasons().map(|fact| fact.receiver.to_owned()).collect(),
        })
    }
}

/// What a criterion says forward, on a day; none if it is unknown.
fn said_on(as_of: &str, criterion: Criterion, policy: &Policy, receiver: &Profile, bringer: &Profile) -> Option<Said> {
    let syria = |start: Option<&str>, end: Option<&str>| Membership {
        country: CountryCode::parse("SY").unwrap(),
        start: start.map(day),
        end: end.map(day),
    };
    let memberships = vec![syria(None, Some("2012-08-15")), syria(Some("2025-03-07"), None)];
    let mut groups = RegionGroups::default();
    groups.put(RegionGroup { id: "oic".into(), display_name: "OIC".to_owned(), memberships });
    Said::of(&Scorer::new(&groups, policy, day(as_of)).explain(receiver, bringer)?, criterion)
}

/// Its value in ppm under a policy of this criterion alone.
fn value(criterion: Criterion, receiver: &Profile, bringer: &Profile) -> Option<u32> {
    let policy = Policy::new(&[(criterion, 1)], Fusion::Harmonic, Vec::new()).unwrap();
    said_on("2026-01-01", criterion, &policy, receiver, bringer).map(|said| said.value)
}

fn text(criterion: Criterion, receiver: &Profile, bringer: &Profile) -> String {
    let policy = Policy::new(&[(criterion, 1)], Fusion::Harmonic, Vec::new()).unwrap();
    said_on("2026-01-01", criterion, &policy, receiver, bringer).unwrap().texts.remove(0)
}

fn doing(mut profile: Profile, codes: &[&str]) -> Profile {
    let activity =
        |(at, code): (usize, &&str)| Activity::new(IsicCode::parse(code, IsicRevision::Rev4).unwrap(), at == 0);
    profile.activities = codes.iter().enumerate().map(activity).collect();
    profile
}

fn opportunity(kind: OpportunityKind, isic: &str, types: &[u32], keywords: &[&str]) -> Opportunity {
    Opportunity {
        name: format!("enterprises/x/opportunities/{isic}"),
        title: format!("about {isic}"),
        kind,
        industries: Vec::new(),
        isic: vec![IsicCode::parse(isic, IsicRevision::Rev4).unwrap()],
        hs: Vec::new(),
        terms: terms_of(keywords.iter().copied()),
        partnership_types: types.iter().copied().collect::<PartnershipTypes>(),
        target_regions: Vec::new(),
        priority: Opportunity::DEFAULT_PRIORITY,
        expires: None,
    }
}

fn publishing(mut profile: Profile, opportunities: Vec<Opportunity>) -> Profile {
    profile.opportunities = opportunities.into_iter().map(Arc::new).collect();
    profile
}

fn request() -> Opportunity {
    opportunity(OpportunityKind::BusinessRequest, "2710", &[1, 4], &["solar panel"])
}

fn offer() -> Opportunity {
    opportunity(OpportunityKind::BusinessOffer, "2710", &[1, 4], &["\u{5149}\u{4F0F}\u{7EC4}\u{4EF6}"])
}

fn met(request: Opportunity, offers: Vec<Opportunity>) -> Option<u32> {
    value(Criterion::RequestsMet, &publishing(chinese(), vec![request]), &publishing(pakistani(), offers))
}

#[test]
fn a_request_is_met_by_the_best_offer_of_its_family() {
    assert_eq!(met(request(), vec![offer()]), Some(1_000_000));
    let other_family = Opportunity { kind: OpportunityKind::TechnologyOffer, ..offer() };
    assert_eq!(met(request(), vec![other_family.clone()]), Some(0));
    assert_eq!(met(request(), vec![other_family, offer()]), Some(1_000_000));
    assert_eq!(met(request(), vec![]), Some(0));
    assert_eq!(met(offer(), vec![offer()]), None, "who asks for nothing cannot be answered");
}

#[test]
fn a_fit_is_made_of_subject_partnership_and_keywords() {
    let group = opportunity(OpportunityKind::BusinessOffer, "2731", &[1, 2], &["solar panel"]);
    let wanted = opportunity(OpportunityKind::BusinessRequest, "2732", &[1, 4], &["solar panel", "rice"]);
    // .60 of .75, .25 of 1 in 3, .15 of 1 in 1.
    assert_eq!(met(wanted, vec![group]), Some(450_000 + 83_333 + 150_000));
}

#[test]
fn goods_compare_by_hs_where_that_is_nearer() {
    let with_hs =
        |opportunity: Opportunity, hs: &str| Opportunity { hs: vec![HsCode::parse(hs).unwrap()], ..opportunity };
    let far = opportunity(OpportunityKind::BusinessOffer, "4610", &[1, 4], &["solar panel"]);
    assert_eq!(met(with_hs(request(), "854143"), vec![with_hs(far, "854142")]), Some(480_000 + 250_000 + 150_000));
}

#[test]
fn requests_weigh_by_priority() {
    let unmet = opportunity(OpportunityKind::TalentRequest, "2710", &[], &[]);
    let receiver =
        publishing(chinese(), vec![Opportunity { priority: 5, ..request() }, Opportunity { priority: 1, ..unmet }]);
    let bringer = publishing(pakistani(), vec![offer()]);
    assert_eq!(value(Criterion::RequestsMet, &receiver, &bringer), Some(833_333));
}

#[test]
fn a_request_is_said_to_be_answered_only_where_it_is() {
    let said = |offer: Opportunity| {
        let (receiver, bringer) = (publishing(chinese(), vec![request()]), publishing(pakistani(), vec![offer]));
        text(Criterion::RequestsMet, &receiver, &bringer)
    };
    assert!(said(offer()).contains("\"about 2710\" is answered by \"about 2710\""), "{}", said(offer()));
    let near = opportunity(OpportunityKind::BusinessOffer, "2710", &[5], &["rice"]);
    assert!(said(near.clone()).contains(" is partly answered by "), "{}", said(near));
    let far = opportunity(OpportunityKind::BusinessOffer, "0111", &[1, 4], &["rice"]);
    assert!(said(far.clone()).contains(" comes nearest to the offer "), "{}", said(far));
}

#[test]
fn what_is_over_or_meant_for_others_does_not_count() {
    let over = Opportunity { expires: Some(day("2026-01-01")), ..offer() };
    assert_eq!(met(request(), vec![over]), Some(0));
    let last_day = Opportunity { expires: Some(day("2026-01-02")), ..offer() };
    assert_eq!(met(request(), vec![last_day]), Some(1_000_000));
    let for_turkey = vec![Region::parse("TR").unwrap()];
    assert_eq!(met(request(), vec![Opportunity { target_regions: for_turkey.clone(), ..offer() }]), Some(0));
    assert_eq!(met(Opportunity { target_regions: for_turkey, ..request() }, vec![offer()]), None);
}

#[test]
fn the_value_chain_reads_in_words() {
    let (electricity, equipment) = (doing(chinese(), &["35"]), doing(pakistani(), &["27"]));
    let read = text(Criterion::ValueChain, &electricity, &equipment);
    assert!(read.contains(" of what electricity and gas supply (division 35, a) buys comes from "), "{read}");
    assert!(read.contains(" electrical equipment (division 27, b), "), "{read}");
    assert!(read.ends_with(" times the average (inter-industry table of China, 2020)"), "{read}");
}

#[test]
fn who_makes_whose_machines_names_both() {
    let weaver = doing(pakistani(), &["1312"]);
    let maker = "a makes machinery (ISIC 2826), which b's industry, textiles (division 13), works with";
    assert_eq!(text(Criterion::ValueChain, &weaver, &doing(chinese(), &["2826"])), maker);
    assert_eq!(text(Criterion::ValueChain, &doing(chinese(), &["2826"]), &weaver), maker, "seen from either side");
    let side = text(Criterion::ValueChain, &weaver, &doing(chinese(), &["97", "2826"]));
    assert!(side.starts_with("a makes machinery (ISIC 2826, a side activity), which b's industry"), "{side}");
    let among = text(Criterion::ValueChain, &doing(chinese(), &["29"]), &doing(pakistani(), &["97", "29"]));
    assert!(among.starts_with("Enterprises of division 29 (Motor vehicles) buy "), "{among}");
    assert!(among.ends_with("(inter-industry table of China, 2020); for b, a side activity"), "{among}");
}

#[test]
fn a_side_activity_weighs_less_than_the_main_one() {
    let main = value(Criterion::ValueChain, &doing(chinese(), &["29"]), &doing(pakistani(), &["29"])).unwrap();
    let side = value(Criterion::ValueChain, &doing(chinese(), &["29"]), &doing(pakistani(), &["97", "29"])).unwrap();
    assert!(side < main);
    assert_eq!(side, main * 3 / 4);
}

#[test]
fn machines_link_where_the_table_of_trade_does_not() {
    let weaver = doing(pakistani(), &["1312"]);
    let known = value(Criterion::ValueChain, &weaver, &doing(chinese(), &["2826"])).unwrap();
    let unknown = value(Criterion::ValueChain, &weaver, &doing(chinese(), &["28"])).unwrap();
    assert!(known > 2 * unknown);
}

#[test]
fn without_a_division_the_value_chain_is_unknown() {
    assert_eq!(value(Criterion::ValueChain, &doing(chinese(), &["C"]), &doing(pakistani(), &["27"])), None);
    assert_eq!(value(Criterion::ValueChain, &chinese(), &doing(pakistani(), &["27"])), None);
}

#[test]
fn industries_weigh_by_priority() {
    let mut receiver = chinese();
    receiver.industries = ["ai", "biotech"].map(Industry::from_id).to_vec();
    let mut bringer = pakistani();
    assert_eq!(value(Criterion::IndustryFocus, &receiver, &bringer), None);
    bringer.industries = vec![Industry::from_id("ai")];
    assert_eq!(value(Criterion::IndustryFocus, &receiver, &bringer), Some(500_000));
    let priorities = vec![(Industry::from_id("ai"), 300), (Industry::from_id("biotech"), 100)];
    let policy = Policy::new(&[], Fusion::Harmonic, priorities).unwrap();
    let said = said_on("2026-01-01", Criterion::IndustryFocus, &policy, &receiver, &bringer).unwrap();
    assert_eq!(said.value, 750_000);
    assert_eq!(said.receivers, ["industries/ai"]);
}

#[test]
fn a_market_in_a_region_group_depends_on_the_day() {
    let mut receiver = chinese();
    receiver.target_regions = vec![Region::parse("regionGroups/oic").unwrap()];
    let policy = Policy::default();
    let on = |as_of| said_on(as_of, Criterion::Market, &policy, &receiver, &enterprise("b", "SY")).unwrap().value;
    assert_eq!(on("2015-01-01"), 0);
    assert_eq!(on("2026-01-01"), 1_000_000);
}

#[test]
fn a_market_is_known_by_wishes_or_by_presence() {
    let mut receiver = chinese();
    assert_eq!(value(Criterion::Market, &receiver, &pakistani()), None);
    receiver.presence = vec![CountryCode::parse("TR").unwrap()];
    assert_eq!(value(Criterion::Market, &receiver, &pakistani()), None, "being elsewhere tells nothing");
    receiver.presence.push(CountryCode::parse("PK").unwrap());
    assert_eq!(value(Criterion::Market, &receiver, &pakistani()), Some(1_000_000));
}

#[test]
fn scale_falls_with_every_band_between() {
    let sized = |mut profile: Profile, employees, revenue| {
        (profile.employee_band, profile.revenue_band) = (employees, revenue);
        profile
    };
    let large = sized(chinese(), Some(6), Some(6));
    assert_eq!(value(Criterion::Scale, &large, &sized(pakistani(), Some(6), None)), Some(1_000_000));
    assert_eq!(value(Criterion::Scale, &large, &sized(pakistani(), Some(4), Some(6))), Some(800_000));
    assert_eq!(value(Criterion::Scale, &large, &sized(pakistani(), Some(1), Some(1))), Some(0));
    assert_eq!(value(Criterion::Scale, &large, &pakistani()), None);
}

#[test]
fn assurance_looks_at_the_bringer_only() {
    let mut proved = pakistani();
    proved.verification = Some(4);
    proved.founded_year = Some(2016);
    assert_eq!(value(Criterion::Assurance, &proved, &chinese()), None);
    // Verified in full, a third of what years can prove, and nothing known of certificates.
    assert_eq!(value(Criterion::Assurance, &chinese(), &proved), Some(500_000 + 99_999 + 60_000));
    proved.certifications = ["ISO 9001", "ISO 14001", "ISO 45001"].map(str::to_owned).to_vec();
    assert_eq!(value(Criterion::Assurance, &chinese(), &proved), Some(500_000 + 99_999 + 200_000));
}

#[test]
fn assurance_names_whom_it_is_about() {
    let said = |founded_year, verification| {
        let mut bringer = pakistani();
        bringer.display_name = "Acme".to_owned();
        (bringer.founded_year, bringer.verification) = (founded_year, verification);
        bringer.has_checked_identifier = true;
        let policy = Policy::new(&[(Criterion::Assurance, 1)], Fusion::Harmonic, Vec::new()).unwrap();
        said_on("2026-01-01", Criterion::Assurance, &policy, &chinese(), &bringer).unwrap().texts
    };
    assert_eq!(
        said(Some(1964), Some(3)),
        ["The record of Acme agrees in part with other sources", "Acme has been in business for 62 years, since 1964"]
    );
    assert_eq!(said(Some(2025), None)[1], "Acme has been in business for 1 year, since 2025");
    assert_eq!(
        said(Some(2027), None),
        ["The check digits of a registration number of Acme are right"],
        "nobody was in business before it was founded"
    );
}

#[test]
fn of_many_certificates_three_are_named() {
    let mut bringer = pakistani();
    bringer.certifications = (1..=50).map(|at| format!("ISO {at}")).collect();
    let read = text(Criterion::Assurance, &chinese(), &bringer);
    assert_eq!(read, "b holds ISO 1, ISO 2, ISO 3 and 47 more");
}

#[test]
fn languages_and_industries_are_called_by_their_names() {
    let speaking = |mut profile: Profile| {
        profile.languages = vec![Language::parse("ur").unwrap()];
        profile.industries = vec![Industry::from_id("new-energy"), Industry::from_id("ai")];
        profile
    };
    let (a, b) = (speaking(chinese()), speaking(pakistani()));
    assert_eq!(text(Criterion::Language, &a, &b), "Both work in Urdu");

    let industry = Industry::from_id("new-energy");
    let display_name = "New energy".to_owned();
    let definition = IndustryDefinition { industry: industry.clone(), display_name, isic: Vec::new(), hs: Vec::new() };
    let (policy, industries) = (Policy::default(), BTreeMap::from([(industry, definition)]));
    let groups = RegionGroups::default();
    let explained = Scorer::new(&groups, &policy, day("2026-01-01")).naming(&industries).explain(&a, &b).unwrap();
    let focus = Said::of(&explained, Criterion::IndustryFocus).unwrap().texts;
    let expected = ["Both work in new energy, 50.0 % of the focus of a", "Both work in ai, 50.0 % of the focus of a"];
    assert_eq!(focus, expected);
}

#[test]
fn of_very_many_facts_the_strongest_are_told() {
    let unmet = opportunity(OpportunityKind::TalentRequest, "2710", &[], &[]);
    let mut requests = vec![unmet; 30];
    requests.push(request());
    let receiver = publishing(chinese(), requests);
    let policy = Policy::default();
    let bringer = publishing(pakistani(), vec![offer()]);
    let said = said_on("2026-01-01", Criterion::RequestsMet, &policy, &receiver, &bringer).unwrap();
    assert_eq!(said.texts.len(), 20);
    assert!(said.texts[0].contains("is answered by"), "{}", said.texts[0]);
}
