//! Every field of a record reads back as it was written.

use crate::writing::{bodies, document};
use e2e::on_both_engines;
use e2e::services::Engine;
use registry_service::domain::codes::{HsCode, IsicCode, IsicRevision};
use registry_service::domain::document::Body;
use registry_service::domain::enterprise::{
    Activity, EmployeeBand, Enterprise, NameKind, OtherName, Owner, OwnerName, Product, RevenueBand, State,
    VerificationLevel,
};
use registry_service::domain::identifier::{Identifier, Scheme};
use registry_service::domain::ids::{RegionGroupId, ZoneId};
use registry_service::domain::opportunity::{self, DevelopmentStage, Kind, Opportunity, PartnershipType};
use registry_service::domain::places::{Region, SubdivisionCode};
use registry_service::domain::reference::{Membership, RegionGroup, initial_industries};
use registry_service::domain::time::{Day, Timestamp};
use registry_service::store::ResourceType;
use registry_service::store::Store;
use registry_service::store::sql::SqlStore;

use crate::database::empty_store;
use crate::records::{at, country, enterprise, enterprise_id, industry_id, opportunity};
use crate::writing::{commit, offered, offered_anew, replaced, stored};

on_both_engines!(
    a_full_enterprise_reads_back,
    a_bare_enterprise_reads_back,
    every_value_of_each_enumeration_of_an_enterprise_reads_back,
    a_full_opportunity_reads_back,
    a_bare_opportunity_reads_back,
    every_value_of_each_enumeration_of_an_opportunity_reads_back,
    text_of_every_script_reads_back,
    instants_read_back_to_the_microsecond,
    a_record_of_a_megabyte_reads_back,
    reference_data_reads_back,
);

async fn a_full_enterprise_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    check_enterprise(&store, &full_enterprise()).await;
}

async fn a_bare_enterprise_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    let mut bare = enterprise("a");
    bare.profile.display_name = String::new();
    check_enterprise(&store, &bare).await;
}

async fn every_value_of_each_enumeration_of_an_enterprise_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    let mut record = stored(&store, &full_enterprise()).await;
    let rounds = [State::ALL.len(), NameKind::ALL.len(), EmployeeBand::ALL.len(), RevenueBand::ALL.len()];
    for round in 0..=rounds.into_iter().max().expect("there are some") {
        record.state = State::ALL[round % State::ALL.len()];
        record.profile.other_names[0].kind = NameKind::ALL.get(round).copied();
        record.profile.employee_band = EmployeeBand::ALL.get(round).copied();
        record.profile.revenue_band = RevenueBand::ALL.get(round).copied();
        record.profile.verification_level = VerificationLevel::ALL.get(round).copied();
        let written = replaced(&store, &record).await;
        let read = store.enterprise(&record.id).await.expect("it can be read");
        assert_eq!(read, Some(written.clone()));
        record.revision = written.revision;
        assert_eq!(written, record);
    }
}

async fn a_full_opportunity_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    check_opportunity(&store, &full_opportunity()).await;
}

async fn a_bare_opportunity_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    let mut bare = opportunity("a", "x");
    bare.content.title = String::new();
    check_opportunity(&store, &bare).await;
}

async fn every_value_of_each_enumeration_of_an_opportunity_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    stored(&store, &enterprise("a")).await;
    let mut record = offered(&store, &full_opportunity()).await;
    for round in 0..Kind::ALL.len() {
        record.content.kind = Kind::ALL[round];
        record.state = opportunity::State::ALL[round % opportunity::State::ALL.len()];
        record.content.development_stage = DevelopmentStage::ALL.get(round).copied();
        record.content.partnership_types = PartnershipType::ALL.iter().copied().skip(round).collect();
        let written = offered_anew(&store, &record).await;
        let read = store.opportunity(&record.id).await.expect("it can be read");
        assert_eq!(read, Some(written.clone()));
        record.revision = written.revision;
        assert_eq!(written, record);
    }
}

async fn text_of_every_script_reads_back(engine: Engine) {
    const TEXTS: [&str; 10] = [
        "浙江丝绸科技有限公司",
        "پاکستان ٹیکسٹائل ملز",
        "Zürich – “quotes” ‘and’ 'plain' \"double\"",
        "e\u{301} and é are not the same bytes",
        "\u{202E}right to left",
        "🧵🪡👩🏽\u{200D}🔬",
        "line\nbreak\ttab\r\n",
        "\\x00 \\u0000 %s $1 ? ' -- ;",
        "\u{FEFF}\u{10FFFF}\u{1}",
        "a\0b",
    ];
    let store = empty_store(engine).await;
    for (number, text) in TEXTS.into_iter().enumerate() {
        let mut record = enterprise(&format!("e{number}"));
        record.profile.display_name = text.to_owned();
        record.profile.city = text.to_owned();
        record.profile.description = text.repeat(100);
        record.profile.certifications = vec![text.to_owned(); 3];
        check_enterprise(&store, &record).await;
    }
}

async fn instants_read_back_to_the_microsecond(engine: Engine) {
    let store = empty_store(engine).await;
    let first = Timestamp::from_parts(-62_135_596_800, 0).expect("the first");
    let last = Timestamp::from_parts(253_402_300_799, 999_999_000).expect("the last");
    let instants = [first, Timestamp::from_micros(-1), Timestamp::from_micros(0), Timestamp::from_micros(1), last];
    for (number, instant) in instants.into_iter().enumerate() {
        let mut record = enterprise(&format!("e{number}"));
        (record.create_time, record.update_time, record.delete_time) = (instant, instant, Some(instant));
        check_enterprise(&store, &record).await;
    }
}

async fn a_record_of_a_megabyte_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    let mut record = full_enterprise();
    record.profile.description = "織 ".repeat(260_000);
    check_enterprise(&store, &record).await;
}

async fn reference_data_reads_back(engine: Engine) {
    let store = empty_store(engine).await;
    let day = |text| Some(Day::parse(text).expect("a day"));
    let membership = |code, start, end| Membership { country: country(code), start, end };
    let group = RegionGroup {
        id: RegionGroupId::new("oic").expect("an id"),
        display_name: "منظمة التعاون الإسلامي".to_owned(),
        memberships: vec![
            membership("SY", None, day("2012-08-15")),
            membership("PK", None, None),
            membership("SY", day("2025-03-07"), None),
            membership("AE", day("1972-02-29"), day("9999-12-31")),
        ],
    };
    let empty = RegionGroup {
        id: RegionGroupId::new("nobody").expect("an id"),
        display_name: String::new(),
        memberships: Vec::new(),
    };
    let industries = initial_industries();
    let puts = industries.iter().cloned().map(|one| document(Body::Industry(one))).collect::<Vec<_>>();
    commit(&store, puts).await.expect("the write is good");
    let puts = vec![document(Body::RegionGroup(group.clone())), document(Body::RegionGroup(empty.clone()))];
    commit(&store, puts).await.expect("the write is good");
    let industries = industries.into_iter().map(Body::Industry).collect::<Vec<_>>();
    assert_eq!(bodies(&store, ResourceType::Industry).await, industries);
    let groups = [Body::RegionGroup(empty), Body::RegionGroup(group)];
    assert_eq!(bodies(&store, ResourceType::RegionGroup).await, groups);
}

/// An enterprise with every field filled, lists with more than one entry, and their order not the sorted one.
fn full_enterprise() -> Enterprise {
    let mut full = enterprise("full");
    let identifier = |scheme, value| Identifier::parse(scheme, value).expect("a published number");
    let name = |value: &str, language: &str, kind| OtherName {
        value: value.to_owned(),
        language_code: language.to_owned(),
        kind,
    };
    let activity = |code, revision, primary| Activity {
        isic: IsicCode::parse(code, revision).expect("a code"),
        revision,
        primary,
    };
    let product = |code, title: &str| Product { hs: HsCode::parse(code).expect("a code"), title: title.to_owned() };
    let group = RegionGroupId::new("oic").expect("an id");

    full.profile.display_name = "Hangzhou Silk & Power".to_owned();
    full.profile.other_names = vec![name("杭州丝绸电力", "zh", Some(NameKind::Legal)), name("HSP", "", None)];
    full.profile.subdivision = Some(SubdivisionCode::parse("CN-ZJ", country("CN")).expect("a province"));
    full.profile.city = "Hangzhou".to_owned();
    full.profile.zone = Some(ZoneId::new("xiaoshan").expect("an id"));
    full.profile.identifiers = vec![
        identifier(Scheme::Lei, "5493001KJTIIGC8Y1R12"),
        identifier(Scheme::CnUscc, "914403001922038216"),
        identifier(Scheme::Isin, "CNE1000018M7"),
        identifier(Scheme::PkNtn, "1234567-8"),
        identifier(Scheme::PkCuin, "0337422"),
    ];
    full.profile.activities = vec![
        activity("2710", IsicRevision::Rev4, true),
        activity("V", IsicRevision::Rev5, false),
        activity("13", IsicRevision::Rev4, false),
    ];
    full.profile.products = vec![product("854143", "Panels"), product("50", "")];
    full.profile.industries = vec![industry_id("silk-textile"), industry_id("new-energy")];
    full.profile.employee_band = Some(EmployeeBand::From1000);
    full.profile.revenue_band = Some(RevenueBand::From250M);
    full.profile.founded_year = Some(1912);
    full.profile.language_codes = vec!["zh".to_owned(), "en".to_owned()];
    full.profile.certifications = vec!["ISO 9001".to_owned(), "OEKO-TEX".to_owned()];
    full.profile.target_regions = vec![Region::Group(group), Region::Country(country("PK"))];
    full.profile.presence_regions = vec![country("PK"), country("AE")];
    full.profile.owners = vec![
        Owner { who: OwnerName::Enterprise(enterprise_id("parent")), share_ppm: 510_000 },
        Owner { who: OwnerName::Other("A family".to_owned()), share_ppm: 0 },
    ];
    full.profile.website_uri = "https://example.com/silk?a=1&b=2".to_owned();
    full.profile.description = "Spins by day,\nshines by night.".to_owned();
    full.profile.verification_level = Some(VerificationLevel::FullyCorroborated);
    full.state = State::Suspended;
    (full.update_time, full.delete_time) = (at(5), Some(at(4)));
    full
}

fn full_opportunity() -> Opportunity {
    let mut full = opportunity("a", "full");
    let isic = |code| IsicCode::parse(code, IsicRevision::Rev4).expect("a code");
    full.content.kind = Kind::TechnologyRequest;
    full.content.title = "Wanted: looms".to_owned();
    full.content.summary = "Fast ones.\n快速织机".to_owned();
    full.content.industries = vec![industry_id("silk-textile"), industry_id("ai")];
    full.content.isic_codes = vec![isic("2826"), isic("13"), isic("C")];
    full.content.hs_codes = ["844630", "8446", "84"].map(|code| HsCode::parse(code).expect("a code")).into();
    full.content.keywords = vec!["loom".to_owned(), "air jet".to_owned()];
    full.content.partnership_types = vec![PartnershipType::License, PartnershipType::Distribution];
    full.content.target_regions = vec![Region::Country(country("PK"))];
    full.content.development_stage = Some(DevelopmentStage::FieldTested);
    full.content.priority = Some(5);
    full.content.expire_time = Some(at(1_000));
    full.state = opportunity::State::OnHold;
    full.update_time = at(5);
    full
}

/// Stores a record; what it was answered and what is read is what was given, but for its revision.
async fn check_enterprise(store: &SqlStore, given: &Enterprise) {
    let mut expected = given.clone();
    let answered = stored(store, given).await;
    expected.revision = answered.revision;
    assert_eq!(answered, expected);
    assert_eq!(store.enterprise(&given.id).await.expect("it can be read"), Some(expected));
}

async fn check_opportunity(store: &SqlStore, given: &Opportunity) {
    stored(store, &enterprise("a")).await;
    let mut expected = given.clone();
    let answered = offered(store, given).await;
    expected.revision = answered.revision;
    assert_eq!(answered, expected);
    assert_eq!(store.opportunity(&given.id).await.expect("it can be read"), Some(expected));
}
