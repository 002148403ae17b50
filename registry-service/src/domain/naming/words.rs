//! Words that many companies have in their names, in the languages of the programme, by what they tell of a company.
//!
//! A row is one meaning with its spellings; words of one row are the same word, whatever their language. The first
//! spelling stands for all. Latin spellings are without accents, in lower case, each one token.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::script;

/// What a word tells of a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// An article or conjunction: never part of the folded name.
    Stop,
    /// A legal form: not part of the folded name at its ends.
    Form,
    /// Says nothing: `Group`, `International`.
    Void,
    /// Says little: `Technology`, `Industries`.
    Broad,
    /// Where: `Pakistan`, `Zhejiang`.
    Place,
    /// What it does: `Textile`, `Bank`.
    Sector,
    /// Everything else: the name proper.
    Distinct,
}

impl Kind {
    /// How much the word counts when names are compared; the name proper is 1,000.
    pub(super) fn weight(self) -> u32 {
        match self {
            Self::Stop | Self::Form => 50,
            Self::Void => 100,
            Self::Broad => 200,
            Self::Place => 300,
            Self::Sector => 600,
            Self::Distinct => 1_000,
        }
    }
}

/// A known word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// What it tells.
    pub(super) kind: Kind,
    /// The spelling that stands for all of its meaning.
    pub(super) meaning: &'static str,
}

static BY_SPELLING: LazyLock<HashMap<String, Word>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for (kind, rows) in ROWS {
        for row in *rows {
            let meaning = row.split(' ').next().unwrap_or_default();
            for spelling in row.split(' ') {
                words.insert(script::plain(spelling), Word { kind: *kind, meaning });
            }
        }
    }
    words
});

/// Longest spelling in Han characters.
pub(super) static HAN_CHARS_MAX: LazyLock<usize> = LazyLock::new(|| {
    let han = BY_SPELLING.keys().filter(|spelling| spelling.chars().all(script::is_han));
    han.map(|spelling| spelling.chars().count()).max().unwrap_or(1)
});

/// The word that a plain token is.
pub(super) fn find(token: &str) -> Option<Word> {
    BY_SPELLING.get(token).copied()
}

/// Every row, for the claims about them.
#[cfg(test)]
pub(super) fn rows() -> impl Iterator<Item = &'static str> {
    ROWS.iter().flat_map(|(_, rows)| rows.iter().copied())
}

const ROWS: &[(Kind, &[&str])] = &[
    (Kind::Stop, &["the and of for und et de des du la le les y ve al el ul و"]),
    (Kind::Form, FORMS),
    (Kind::Void, VOID),
    (Kind::Broad, BROAD),
    (Kind::Place, super::places::PLACES),
    (Kind::Sector, SECTORS),
];

const FORMS: &[&str] = &[
    "limited ltd ltda ltee lmt لمیٹڈ لیمیٹڈ لمٹڈ لميتد محدودة المحدودة محدود 有限 有限责任 有限責任",
    "company co cos companies cie sirketi sirket sti کمپنی کمپنیز شركة شركه شرکت 公司 总公司 總公司 分公司",
    "gongsi 有限公司 有限责任公司 有限責任公司 股份有限公司 股份有限责任公司 股份公司",
    "partnership 合伙企业 有限合伙 普通合伙 有限合伙企业 llp lp",
    "corporation corp کارپوریشن",
    "incorporated inc",
    "private pvt pte pty sdn پرائیویٹ پرائيويٹ خاص",
    "public العامة عامة عمومی",
    "berhad bhd",
    "llc wll fze fzc fzco fzllc dmcc ذمم شذمم",
    "plc",
    "joint stock liability jsc pjsc ojsc cjsc psc qpsc qsc ksc kscp bsc bscc saog saoc sao sae sal saa مساهمة المساهمة شمم شمع شمك شمق شمخ شمب",
    "anonim as ao oao ooo zao pao",
    "gmbh mbh ag kg kgaa ohg ug se ev",
    "sa sas sarl sasu snc eurl scs",
    "spa srl",
    "bv nv",
    "oy oyj ab asa aps",
    "tbk pt persero cv",
];

const VOID: &[&str] = &[
    "group groups grp grup grubu gruppe groupe گروپ مجموعة مجموعه 集团 集團",
    "holding holdings hldg hldgs ہولڈنگ ہولڈنگز قابضة 控股",
    "enterprise enterprises انٹرپرائز انٹرپرائزز 企业 企業",
    "international intl internationale uluslararasi انٹرنیشنل دولية دولي 国际 國際",
    "global worldwide world گلوبل عالمية 全球 环球",
    "national milli ulusal نیشنل وطنية وطني 国家",
    "general umum عام جنرل 通用",
    "formerly",
];

const BROAD: &[&str] = &[
    "technology technologies tech techs technological technologie teknoloji teknolojileri teknolojiler ٹیکنالوجی ٹیکنالوجیز تكنولوجيا تقنية تقنيات 技术 技術 科技",
    "science sciences scientific sci bilim سائنس علوم 科学",
    "industry industries industrial ind inds sanayi sanayii san endustri endustrisi industrie انڈسٹری انڈسٹریز صناعة صناعات صناعية صناعي 工业 工業 产业 產業 实业 實業",
    "trading trade traders trader tic ticaret ticari handel ٹریڈنگ ٹریڈرز تجارة تجارية 贸易 貿易 商贸 经贸",
    "manufacturing manufacturer manufacturers mfg mfrs uretim imalat مینوفیکچرنگ تصنيع 制造 製造",
    "services service hizmetleri hizmet hizm سروس سروسز خدمات 服务 服務",
    "development kalkinma gelistirme تنمية تطوير 发展 發展 开发 開發",
    "investment investments invest investors yatirim yatirimlari انویسٹمنٹ استثمار استثمارات 投资 投資",
    "solution solutions cozumleri سولیوشنز حلول 解决方案",
    "system systems sistem sistemleri سسٹم سسٹمز انظمة 系统 系統",
    "product products urunleri urun پروڈکٹس منتجات 产品 用品 制品",
    "equipment equipments ekipman معدات 设备 設備 装备",
    "import export impex ithalat ihracat 进出口",
    "factory factories works plant fabrika fabrikasi fabrikalari مصنع مصانع 工厂 总厂 制造厂",
    "management yonetim ادارة 管理",
    "consulting consultants consultancy consultant danismanlik 咨询",
    "associates associated partners brothers sons bros",
    "innovation innovations innovative 创新",
    "advanced modern 先进",
];

const SECTORS: &[&str] = &[
    "textile textiles tekstil mensucat ٹیکسٹائل ٹیکسٹائلز نسيج منسوجات 纺织 紡織",
    "mill mills ملز مل",
    "spinning iplik سپننگ غزل 纺纱",
    "weaving dokuma ویونگ 织造",
    "silk ipek سلک حرير 丝绸 絲綢",
    "cotton pamuk کاٹن قطن 棉业",
    "garment garments apparel clothing giyim گارمنٹس ملابس 服装 服飾 服饰",
    "leather deri لیدر جلود 皮革",
    "energy energies enerji انرجی طاقة 能源",
    "new-energy 新能源",
    "power پاور 电力 電力",
    "electric electrical electricals elektrik الیکٹرک كهرباء كهربائية 电气 電氣 电器 電器",
    "electronics electronic elektronik الیکٹرانکس الكترونيات 电子 電子",
    "semiconductor semiconductors microelectronics 半导体 微电子",
    "optical optics optoelectronics optoelectronic optik 光电 光学 光電",
    "photovoltaic solar pv سولر شمسية 光伏 太阳能",
    "battery batteries aku 电池",
    "lithium 锂业 锂电",
    "pharmaceutical pharmaceuticals pharma pharm pharmacy ilac فارما فارماسیوٹیکل فارماسیوٹیکلز ادوية دوائية 医药 制药 药业 醫藥",
    "biotechnology biotech bio biological biyoteknoloji 生物",
    "medical medicine medikal tibbi طبية میڈیکل 医疗 醫療",
    "health healthcare saglik ہیلتھ صحة صحية 健康",
    "hospital hospitals hastanesi ہسپتال مستشفى 医院",
    "bank banks banking bankasi bankacilik بینک بنك مصرف 银行 銀行",
    "insurance assurance takaful sigorta انشورنس تامين تکافل 保险 保險",
    "finance financial finans مالية فنانس تمويل 金融 财务",
    "securities menkul 证券 證券",
    "capital 资本",
    "leasing modaraba مضاربہ 租赁",
    "cement cements cimento سیمنٹ اسمنت 水泥",
    "steel steels celik سٹیل اسٹیل فولاد صلب 钢铁 鋼鐵",
    "iron demir حديد",
    "metal metals metallurgy metalurji معادن 金属 冶金 有色",
    "aluminum aluminium alu 铝业",
    "copper bakir 铜业",
    "chemical chemicals chem kimya kimyevi کیمیکل کیمیکلز كيماويات كيميائية 化工 化学 化學",
    "petrochemical petrochemicals petrokimya بتروكيماويات 石化",
    "petroleum petrol petroleums پیٹرولیم بترول نفط 石油",
    "oil oils yag آئل 油业",
    "gas gaz غاز گیس 燃气 天然气",
    "refinery refineries ریفائنری مصفاة 炼油",
    "coal komur کول 煤业 煤炭",
    "mining mines mineral minerals maden madencilik تعدين 矿业 礦業",
    "gold altin ذهب 黄金",
    "food foods gida فوڈ فوڈز اغذية غذائية 食品",
    "beverage beverages icecek 饮料",
    "dairy sut ڈیری البان 乳业",
    "sugar seker شوگر سكر 糖业",
    "rice 米业",
    "fertilizer fertilizers fertiliser fertilisers gubre فرٹیلائزر فرٹیلائزرز اسمدة 化肥 肥业",
    "agriculture agricultural agro agri tarim زراعية ایگرو 农业 農業",
    "seed seeds tohum 种业",
    "automobile automobiles automotive auto motor motors otomotiv otomobil موٹر موٹرز آٹو سيارات 汽车 汽車",
    "parts 零部件 部件 配件",
    "tire tires tyre tyres lastik 轮胎",
    "telecommunication telecommunications telecom telecoms communication communications telekomunikasyon iletisim haberlesme اتصالات 通信 通讯 电信 通訊",
    "software softwares yazilim سافٹ برمجيات 软件 軟件",
    "information bilgi bilisim معلومات 信息 資訊",
    "network networks 网络 網絡",
    "digital dijital ڈیجیٹل رقمية 数字 数码",
    "intelligent intelligence smart akilli ذكية 智能 智慧",
    "data veri ڈیٹا بيانات 数据",
    "cloud 云计算",
    "robot robots robotics robotik 机器人",
    "automation otomasyon 自动化",
    "control controls 控制",
    "construction constructions insaat yapi کنسٹرکشن انشاءات مقاولات 建设 建筑 建工 建築",
    "engineering engineers engineer muhendislik انجینئرنگ هندسة هندسية 工程",
    "material materials malzeme 材料",
    "new-material 新材料",
    "machinery machine machines machinebuilding makina makine آلات 机械 機械",
    "tools tool aletleri 工具",
    "heavy 重工",
    "plastic plastics plastik پلاسٹک بلاستيك 塑料 塑胶",
    "rubber kaucuk ربڑ 橡胶",
    "paper board kagit پیپر ورق 纸业 造纸",
    "packaging packages ambalaj پیکجز تغليف 包装",
    "printing matbaa 印刷 印务",
    "glass گلاس زجاج 玻璃",
    "ceramic ceramics seramik سيراميك 陶瓷",
    "furniture mobilya اثاث 家具",
    "home 家居",
    "sports sport spor سپورٹس رياضية 体育",
    "logistics lojistik لاجسٹکس 物流",
    "shipping denizcilik شپنگ ملاحة 航运 海运",
    "port ports liman ميناء 港口 港务",
    "transport transportation nakliyat tasimacilik نقل 运输 交通",
    "airline airlines airways aviation aerospace havayollari havacilik ایئرلائنز طيران 航空 航天",
    "railway railways rail demiryolu 铁路 轨道",
    "expressway highway motorway 高速 公路",
    "estate estates realty property properties real gayrimenkul عقارات عقارية 房地产 地产 置业",
    "reit reits gyo",
    "media medya ميڈيا 传媒 文化",
    "education educational egitim تعليم ایجوکیشن 教育",
    "hotel hotels otel otelcilik فنادق ہوٹل 酒店",
    "tourism travel turizm سياحة 旅游",
    "retail stores store supermarket magazacilik 百货 商业 超市",
    "fund funds fonu fon صندوق فنڈ 基金",
    "trust 信托",
    "environment environmental cevre بيئة 环境 环保",
    "water مياه 水务",
    "optic fiber cable cables wire wires kablo کیبلز كابلات 电缆 线缆 光纤",
    "research institute 研究院 研究所",
    "university universitesi یونیورسٹی جامعة 大学",
    "school okulu 学校",
    "jewelry jewellery mucevher مجوهرات 珠宝",
    "tobacco tutun ٹوبیکو 烟草",
    "exchange borsasi 交易所",
    "fisheries fishery 水产 渔业",
    "payment payments odeme 支付",
    "game games gaming oyun 游戏",
    "security guvenlik امن 安全 安防",
];
