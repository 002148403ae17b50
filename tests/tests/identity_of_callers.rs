//! Who calls: proved by a token, noted with every revision, and required where the settings say so.

use e2e::clients::{enterprise, refused_with};
use e2e::process::run;
use e2e::services::{Engine, Matcher, Registry, sample_files};
use e2e::tokens::Issuer;
use e2e::warden::guarded_folder;
use proto::matcher::v1::GetIndexRequest;
use proto::matcher::v1::matcher_service_client::MatcherServiceClient;
use proto::registry::v1::enterprise_service_client::EnterpriseServiceClient;
use proto::registry::v1::{CreateEnterpriseRequest, Enterprise, ErrorReason, ListEnterprisesRequest};
use service_kit::identity::{Bearer, Caller};
use sqlx::{Connection, Row, SqliteConnection};
use tonic::{Code, Status};

/// The issuer that the services trust, and another.
const TRUSTED: u8 = 1;
const OTHER: u8 = 2;

#[tokio::test]
async fn a_token_names_who_wrote_and_one_that_proves_nothing_writes_nothing() {
    let trusted = Issuer::new(TRUSTED);
    let registry = Registry::start_with(Engine::Sqlite, trusting("REGISTRY", &trusted, false));
    create(&registry, "by-officer", &trusted.token("officer@huzhou")).await.expect("the token proves it");
    create(&registry, "by-nobody", "").await.expect("nobody needs a token");

    let forged = Issuer::new(OTHER).token("officer@huzhou");
    let altered = trusted.token("officer@huzhou").replacen('.', ".e", 1);
    for token in [forged, altered, trusted.expired_token("officer@huzhou"), trusted.token("registry")] {
        let status = refused_with(
            create(&registry, "by-forger", &token).await,
            Code::Unauthenticated,
            ErrorReason::Unauthenticated,
        );
        let signature = token.rsplit('.').next().expect("a token has parts");
        assert!(!status.message().contains(signature), "{}", status.message());
        assert!(!registry.process().log().contains(signature));
    }
    let expected = [("officer@huzhou", "CreateEnterprise"), ("anonymous", "CreateEnterprise")];
    assert_eq!(written_by(&registry).await, expected.map(|(who, what)| (who.to_owned(), what.to_owned())));
}

#[tokio::test]
async fn where_a_token_is_required_whoever_has_one_is_served() {
    let trusted = Issuer::new(TRUSTED);
    let registry = Registry::start_with(Engine::Sqlite, trusting("REGISTRY", &trusted, true));
    refused_with(create(&registry, "x", "").await, Code::Unauthenticated, ErrorReason::Unauthenticated);
    let mut nobody = enterprises(&registry, "").await;
    let listed = nobody.list_enterprises(ListEnterprisesRequest::default()).await;
    refused_with(listed, Code::Unauthenticated, ErrorReason::Unauthenticated);

    // The import that shows a token goes in, and tells who it was.
    let token_file = trusted.token_file("importer");
    let token_file = token_file.to_str().expect("a plain name");
    for file in sample_files() {
        let url = registry.url();
        let import = ["import", file.to_str().expect("a plain name"), "--address", &url];
        assert!(!run("registry-service", &import).status.success(), "no token was shown");
        let shown = run("registry-service", &[&import[..], &["--token-file", token_file]].concat());
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    }
    assert!(written_by(&registry).await.iter().all(|(actor, _)| actor == "importer"));

    // What went in comes out, to whoever shows a token.
    let (folder, url) = (guarded_folder("export-"), registry.url());
    let file = folder.join("all.binpb").display().to_string();
    let export = ["export", &file, "--address", &url];
    assert!(!run("registry-service", &export).status.success(), "no token was shown");
    let shown = run("registry-service", &[&export[..], &["--token-file", token_file]].concat());
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));

    // The matcher that shows a token follows, and asks for one itself.
    let mut environment = trusting("MATCHER", &trusted, true);
    let matchers_token = trusted.token_file("matcher").display().to_string();
    environment.push(("MATCHER__REGISTRY__TOKEN_FILE", matchers_token));
    let matcher = Matcher::start_with(&registry.url(), environment);
    let index = |token: String| {
        let url = matcher.url();
        async move { MatcherServiceClient::new(caller(&url, &token).await).get_index(GetIndexRequest {}).await }
    };
    refused_with(index(String::new()).await, Code::Unauthenticated, ErrorReason::Unauthenticated);
    assert!(index(trusted.token("officer")).await.expect("the token proves it").into_inner().enterprises > 0);

    let url = matcher.url();
    let pair = ["pair", "--address", &url, "--a-regions", "CN", "--b-regions", "PK", "--max-pairs", "3"];
    assert!(!run("matcher-service", &pair).status.success(), "no token was shown");
    let shown = run("matcher-service", &[&pair[..], &["--token-file", token_file]].concat());
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
}

/// The settings of a service that trusts an issuer.
fn trusting(prefix: &str, issuer: &Issuer, required: bool) -> Vec<(&'static str, String)> {
    let file = issuer.public_key_file().display().to_string();
    let [key, must] = match prefix {
        "REGISTRY" => ["REGISTRY__IDENTITY__PUBLIC_KEY_FILE", "REGISTRY__IDENTITY__REQUIRED"],
        _ => ["MATCHER__IDENTITY__PUBLIC_KEY_FILE", "MATCHER__IDENTITY__REQUIRED"],
    };
    vec![(key, file), (must, required.to_string())]
}

async fn caller(url: &str, token: &str) -> Caller {
    Bearer::new(token).expect("a token").over(e2e::clients::channel(url).await)
}

async fn enterprises(registry: &Registry, token: &str) -> EnterpriseServiceClient<Caller> {
    EnterpriseServiceClient::new(caller(&registry.url(), token).await)
}

async fn create(registry: &Registry, id: &str, token: &str) -> Result<Enterprise, Status> {
    let enterprise = Some(enterprise("A spinning mill", "PK", "13"));
    let request = CreateEnterpriseRequest { enterprise, enterprise_id: id.to_owned(), ..Default::default() };
    Ok(enterprises(registry, token).await.create_enterprise(request).await?.into_inner())
}

/// Who wrote what, revision by revision, after what the registry wrote by itself.
async fn written_by(registry: &Registry) -> Vec<(String, String)> {
    let mut database = SqliteConnection::connect(registry.database_url()).await.expect("the file can be read");
    let rows = sqlx::query("SELECT actor, method FROM revisions WHERE actor != 'registry' ORDER BY revision");
    let rows = rows.fetch_all(&mut database).await.expect("there are revisions");
    rows.iter().map(|row| (row.get("actor"), row.get("method"))).collect()
}
