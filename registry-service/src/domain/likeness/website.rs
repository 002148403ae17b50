//! The domain that a company has registered for its home page.

/// Second labels below which countries register names.
const SHARED_LABELS: [&str; 16] =
    ["ac", "biz", "co", "com", "edu", "gen", "go", "gob", "gov", "info", "mil", "ne", "net", "or", "org", "web"];

/// Hosts of pages of many companies; a page there says nothing of who it belongs to.
const PLATFORMS: [&str; 34] = [
    "1688.com",
    "alibaba.com",
    "behance.net",
    "bit.ly",
    "blogspot.com",
    "business.site",
    "daraz.pk",
    "ec21.com",
    "exportersindia.com",
    "facebook.com",
    "fb.com",
    "github.com",
    "github.io",
    "globalsources.com",
    "godaddysites.com",
    "google.com",
    "indiamart.com",
    "instagram.com",
    "linkedin.com",
    "linktr.ee",
    "made-in-china.com",
    "myshopify.com",
    "qq.com",
    "t.me",
    "taobao.com",
    "tmall.com",
    "tradekey.com",
    "twitter.com",
    "wa.me",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "x.com",
    "youtube.com",
];

/// The registered domain of a web address, like `nishatmills.com.pk`; none for an address on a platform.
pub(super) fn domain(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?.trim_end_matches('.').to_lowercase();
    let labels: Vec<&str> = host.split('.').collect();
    let is_address = labels.iter().all(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if labels.len() < 2 || labels.iter().any(|label| label.is_empty()) || is_address {
        return None;
    }
    let is_country = labels[labels.len() - 1].len() == 2;
    let is_shared = is_country && SHARED_LABELS.contains(&labels[labels.len() - 2]);
    let count = if is_shared { 3 } else { 2 };
    let domain = labels[labels.len().saturating_sub(count)..].join(".");
    (!PLATFORMS.contains(&domain.as_str())).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::domain;

    #[test]
    fn a_domain_is_what_was_registered_whatever_stands_before_or_behind() {
        for (uri, registered) in [
            ("http://www.sungrowpower.com", "sungrowpower.com"),
            ("HTTPS://Shop.Nishatmills.COM.PK:8443/a?b#c", "nishatmills.com.pk"),
            ("https://systemsltd.com/", "systemsltd.com"),
            ("https://ir.example.co.uk", "example.co.uk"),
            ("https://例子.中国/", "例子.中国"),
        ] {
            assert_eq!(domain(uri).as_deref(), Some(registered), "{uri}");
        }
    }

    #[test]
    fn pages_on_platforms_and_addresses_of_machines_are_nobodys() {
        for uri in ["", "https://www.linkedin.com/company/x", "https://shop.blogspot.com", "http://192.0.2.7:80/"] {
            assert_eq!(domain(uri), None, "{uri}");
        }
    }
}
