//! Claims about folded names: what is left of a name, which names meet and which do not.

use proptest::prelude::*;

use super::*;

fn folded(name: &str) -> String {
    FoldedName::of(name).text()
}

fn alike(a: &str, b: &str) -> u32 {
    similarity(&FoldedName::of(a), &FoldedName::of(b))
}

#[test]
fn legal_forms_of_every_language_and_spelling_are_folded_away() {
    for (name, text) in [
        ("Samsung Electronics Co., Ltd", "samsung electronics"),
        ("SAMSUNG ELECTRONICS CO.,LTD.", "samsung electronics"),
        ("Samsung Electronics Company Limited", "samsung electronics"),
        ("1LINK (Pvt.) Limited", "1link"),
        ("Systems (Private) Ltd.", "systems"),
        ("Interloop Limited", "interloop"),
        ("阿里巴巴集团控股有限公司", "阿里巴巴 集团 控股"),
        ("盛美半导体设备(上海)股份有限公司", "盛美 半导体 设备 上海"),
        ("盛美半导体设备（上海）股份有限公司", "盛美 半导体 设备 上海"),
        ("华为技术有限责任公司", "华为 技术"),
        ("نشاط ملز لمیٹڈ", "نشاط ملز"),
        ("سسٹمز (پرائیویٹ) لمیٹڈ", "سسٹمز"),
        ("شركة الراجحي المحدودة", "راجحي"),
        ("دار الأركان ش.م.ع", "دار اركان"),
        ("Koç Holding A.Ş.", "koc holding"),
        ("KOÇ HOLDİNG ANONİM ŞİRKETİ", "koc holding"),
        ("Arçelik San. ve Tic. A.Ş.", "arcelik san tic"),
        ("Vestel Ltd. Şti.", "vestel"),
        ("Siemens AG", "siemens"),
        ("Robert Bosch GmbH & Co. KG", "robert bosch"),
        ("Danone S.A.", "danone"),
        ("Emaar Properties P.J.S.C.", "emaar properties"),
        ("PT Astra International Tbk", "astra international"),
    ] {
        assert_eq!(folded(name), script_plain(text), "{name}");
    }
}

/// The text as its letters are folded: Urdu and Arabic letters that look alike become one.
fn script_plain(text: &str) -> String {
    script::plain(text)
}

#[test]
fn a_name_is_never_folded_away() {
    for (name, text) in [
        ("Limited", "limited"),
        ("The Company Limited", "the company limited"),
        ("有限公司", "有限公司"),
        ("شركة", "شركه"),
        ("A.Ş.", "as"),
        ("& Co.", "co"),
        ("!!!", "!!!"),
        ("🏭", "🏭"),
    ] {
        assert_eq!(folded(name), text, "{name}");
    }
}

/// Names of one company: above what two records of one country need to be held for their names alone.
#[test]
fn names_of_one_company_meet() {
    for (a, b) in [
        ("阿里巴巴集团控股有限公司", "阿里巴巴集团控股有限公司"),
        ("阿里巴巴集团控股有限公司", "Alibaba Group Holding Limited"),
        ("阿里巴巴", "Ali Baba"),
        ("华为技术有限公司", "Huawei Technologies Co., Ltd"),
        ("華為技術有限公司", "华为技术有限公司"),
        ("浙江大华技术股份有限公司", "Zhejiang Dahua Technology Co., Ltd."),
        ("重庆长安汽车股份有限公司", "Chongqing Changan Automobile Company Limited"),
        ("نشاط ملز", "Nishat Mills"),
        ("نشاط ٹیکسٹائل ملز لمیٹڈ", "Nishat Textile Mills Limited"),
        ("اینگرو فرٹیلائزرز لمیٹڈ", "Engro Fertilizers Limited"),
        ("حبیب بینک لمیٹڈ", "Habib Bank Limited"),
        ("بنك الراجحي", "Rajhi Bank"),
        ("شركة اسمنت اليمامة", "Yamama Cement Company"),
        ("Türk Telekom A.Ş.", "Turk Telekom"),
        ("TÜRK TELEKOMÜNİKASYON ANONİM ŞİRKETİ", "Turk Telekomunikasyon A.S."),
        ("Çimsa Çimento Sanayi ve Ticaret A.Ş.", "Cimsa Cimento Sanayi ve Ticaret Anonim Sirketi"),
        ("Nishat Mills Limited", "NISHAT MILLS LTD."),
        ("Nishaat Mills", "Nishat Mills"),
        ("Far East Knitting & Dyeing Ltd", "Far East Knitting and Dyeing Industries Limited"),
        ("Reckitt Benkiser", "Reckitt Benckiser"),
        ("S. P. Setia Berhad", "SP Setia Bhd"),
    ] {
        assert!(alike(a, b) >= 813_334, "{a} and {b}: {}", alike(a, b));
    }
}

/// Names of two companies: below it.
#[test]
fn names_of_two_companies_do_not_meet() {
    for (a, b) in [
        ("Samsung Electronics Co., Ltd", "Hyundai Motor Co., Ltd"),
        ("Nishat Mills", "Nishat Power"),
        ("Nishat Mills", "Nishat Chunian"),
        ("نشاط ملز", "نشاط پاور"),
        ("نشاط ملز", "Nishat Power"),
        ("Engro Corporation", "Engro Fertilizers Limited"),
        ("Lucky Cement", "Lucky Textile Mills"),
        ("Khyber Textile Mills Limited", "Brothers Textile Mills Limited"),
        ("Bank of Punjab", "Bank of Khyber"),
        ("Habib Bank Limited", "Bank Al Habib Limited"),
        ("China Construction Bank", "China Merchants Bank"),
        ("China Southern Airlines", "China Eastern Airlines"),
        ("阿里巴巴集团控股有限公司", "腾讯控股有限公司"),
        ("阿里巴巴集团", "阿里健康信息技术有限公司"),
        ("华为技术有限公司", "华威技术有限公司"),
        ("上海医药集团股份有限公司", "广州医药集团有限公司"),
        ("بنك الرياض", "بنك الراجحي"),
        ("Türk Telekom A.Ş.", "Türk Hava Yolları A.Ş."),
        ("Akbank T.A.Ş.", "Garanti Bankası A.Ş."),
        ("Zhejiang Xinghua Technology", "Zhejiang Xinghui Technology"),
        ("Unit 1 Textile", "Unit 2 Textile"),
    ] {
        assert!(alike(a, b) < 813_334, "{a} and {b}: {}", alike(a, b));
    }
}

#[test]
fn names_that_meet_have_a_sound_in_common() {
    for (a, b) in [
        ("阿里巴巴集团控股有限公司", "Alibaba Group"),
        ("华为技术有限公司", "Huawei Technologies"),
        ("نشاط ملز لمیٹڈ", "Nishat Mills"),
        ("Türk Telekom A.Ş.", "Turk Telekom"),
    ] {
        assert_eq!(FoldedName::of(a).sounds(), FoldedName::of(b).sounds(), "{a} and {b}");
    }
}

#[test]
fn no_word_is_known_twice() {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for row in words::rows() {
        for spelling in row.split(' ') {
            let plain = script::plain(spelling);
            let other = rows.iter().find(|(known, text)| *text == plain && *known != row);
            assert!(other.is_none(), "{spelling} is in two rows: {row} and {other:?}");
            rows.push((row, plain));
        }
    }
}

/// Names as they occur: words of every kind and script, and whatever else somebody may type.
fn names() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Co.",
        "Ltd",
        "the",
        "and",
        "S.",
        "A.",
        "A.Ş.",
        "(Pvt.)",
        "Nishat",
        "Mills",
        "Xinghua",
        "Unit",
        "1",
        "of",
        "Group",
        "Pakistan",
        "有限公司",
        "阿里巴巴",
        "北京市",
        "集团",
        "科技",
        "نشاط",
        "ملز",
        "شركة",
        "ال",
        "الماس",
        "لمیٹڈ",
        "Türk",
        "İş",
        "-",
        "&",
        "и",
        "株式会社",
        "ko-op",
    ]);
    let made = prop::collection::vec((word, prop::sample::select(vec!["", " ", ", "])), 1..8)
        .prop_map(|words| words.into_iter().map(|(word, gap)| format!("{word}{gap}")).collect());
    prop_oneof![3 => made, 1 => any::<String>(), 1 => "\\PC{1,40}"]
}

proptest! {
    #[test]
    fn a_name_equals_itself(name in names()) {
        prop_assert_eq!(alike(&name, &name), 1_000_000);
    }

    #[test]
    fn the_order_of_two_names_does_not_matter(a in names(), b in names()) {
        prop_assert_eq!(alike(&a, &b), alike(&b, &a));
    }

    #[test]
    fn a_similarity_is_at_most_a_million(a in names(), b in names()) {
        prop_assert!(alike(&a, &b) <= 1_000_000);
    }

    #[test]
    fn folding_what_was_folded_changes_nothing(name in names()) {
        let once = FoldedName::of(&name);
        prop_assert_eq!(FoldedName::of(&once.text()), once);
    }
}
