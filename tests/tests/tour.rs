//! The tour of README.md, run as written with the real grpcurl against the real pair.

use std::env;

use e2e::grpcurl::{path, printed, refusal};
use e2e::programs::project;
use e2e::services::{Engine, Pair};
use e2e::shared::SharedPairs;
use e2e::tour::{compare, run, steps};

/// As `make up` leaves them.
static PAIRS: SharedPairs =
    SharedPairs::new(|| Pair::start_with_samples(Engine::Sqlite), || Pair::start_with_samples(Engine::Postgres));

/// Where README.md says the services are.
const USUAL_REGISTRY: &str = "127.0.0.1:50051";
const USUAL_MATCHER: &str = "127.0.0.1:50052";

#[test]
fn every_command_of_the_tour_prints_what_readme_md_says() {
    let pair = Pair::start_with_samples(Engine::Sqlite);
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let readme = readme.replace(USUAL_REGISTRY, pair.registry.address()).replace(USUAL_MATCHER, pair.matcher.address());
    let steps = steps(&readme);
    assert!(steps.len() >= 8, "the tour has {} steps only", steps.len());

    let tools = path().parent().unwrap().to_owned();
    let search = format!("{}:{}", tools.display(), env::var("PATH").unwrap());
    let printed = run(&steps, project(), &search);
    assert_eq!(printed.len(), steps.len(), "the tour broke off");
    for (step, printed) in steps.iter().zip(printed) {
        assert!(!step.shown.is_empty(), "README.md does not show what the step on line {} prints", step.line);
        if let Err(missing) = compare(&step.shown, &printed) {
            panic!("README.md, line {}: `{missing}` is not printed where it should be, but\n{printed}", step.line);
        }
    }
}

#[test]
fn every_service_of_the_contract_is_listed_and_described_with_its_comments() {
    let pair = PAIRS.on(Engine::Sqlite);
    let registry = ["ChangeFeedService", "EnterpriseService", "OpportunityService", "ReferenceService"];
    let registry = registry.map(|service| format!("corridor.registry.v1.{service}"));
    let matcher = "corridor.matcher.v1.MatcherService".to_owned();
    let health = "grpc.health.v1.Health".to_owned();
    for (address, own) in [(pair.registry.address(), &registry[..]), (pair.matcher.address(), &[matcher])] {
        let listing = printed(&[address, "list"]);
        let listed = listing.lines().collect::<Vec<_>>();
        for service in own.iter().chain([&health]) {
            assert!(listed.contains(&service.as_str()), "{service} is not among {listed:?}");
        }
        for service in own {
            let described = printed(&[address, "describe", service]);
            let methods = described.lines().filter(|line| line.trim_start().starts_with("rpc ")).count();
            let comments = described.lines().filter(|line| line.trim_start().starts_with("// ")).count();
            assert!(methods > 0 && comments >= methods, "{described}");
        }
    }
}

#[test]
fn every_message_of_the_contract_is_described_field_by_field() {
    let pair = PAIRS.on(Engine::Sqlite);
    let described = printed(&[pair.registry.address(), "describe", "corridor.registry.v1.Enterprise"]);
    assert!(
        described.contains("// Country or territory of the headquarters, ISO 3166-1 alpha-2, like `PK`."),
        "{described}"
    );
    assert!(described.contains("string region_code = 5"), "{described}");
}

#[test]
fn an_error_shows_its_details_decoded() {
    let pair = PAIRS.on(Engine::Sqlite);
    let create = "corridor.registry.v1.EnterpriseService/CreateEnterprise";
    let said = refusal(&["-d", r#"{"enterprise": {}}"#, pair.registry.address(), create]);
    for part in
        ["InvalidArgument", "google.rpc.ErrorInfo", "INVALID_FIELDS", "google.rpc.BadRequest", "enterprise.region_code"]
    {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    let find = "corridor.matcher.v1.MatcherService/FindPartners";
    let said = refusal(&["-d", r#"{"enterprise": "enterprises/nobody"}"#, pair.matcher.address(), find]);
    for part in ["NotFound", "google.rpc.ErrorInfo", "RESOURCE_NOT_FOUND"] {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
}

#[test]
fn both_services_say_that_they_serve() {
    let pair = PAIRS.on(Engine::Postgres);
    for address in [pair.registry.address(), pair.matcher.address()] {
        let said = printed(&[address, "grpc.health.v1.Health/Check"]);
        assert!(said.contains("\"SERVING\""), "{said}");
    }
}
