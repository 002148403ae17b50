//! Reads the project's own files and holds them to the rules that no compiler checks.

use std::path::Path;

use e2e::sources::{Source, all, folders, names, names_folder, test_files};

/// Modules of each service from left to right; those of one group do not import each other. A file imports only to its
/// right. `main` is the file without a module.
const LAYERS: [(&str, &[&[&str]]); 2] = [
    ("registry-service", &[&["server"], &["export", "grpc", "import"], &["registry"], &["store"], &["domain"]]),
    (
        "matcher-service",
        &[
            &["server"],
            &["evaluate", "yardstick"],
            &["feed", "grpc", "pair"],
            &["wire"],
            &["matcher"],
            &["index", "pairing", "scoring"],
            &["domain"],
        ],
    ),
];

/// Modules that speak gRPC; `main` does too.
const GRPC_MODULES: [&str; 7] = ["evaluate", "export", "feed", "grpc", "import", "pair", "server"];

/// A file that needs more is two files.
const LINES_MAX: usize = 400;

/// Files that may be longer, each with its reason.
const LONGER: [(&str, &str); 0] = [];

#[test]
fn a_file_imports_only_names_to_its_right() {
    check(services(), |source| {
        let (service, _) = source.in_crate()?;
        let (_, layers) = LAYERS.iter().find(|(name, _)| *name == service)?;
        let rank = |module: &str| layers.iter().position(|layer| layer.contains(&module));
        let module = source.module();
        let own = module.first()?;
        let Some(own_rank) = rank(own) else {
            return Some(format!("module `{own}` has no place in the layers; give it one here and in ARCHITECTURE.md"));
        };
        let leftward = source.imports().into_iter().find(|import| {
            rank(import).is_some_and(|other| other < own_rank || (other == own_rank && import != own))
        })?;
        Some(format!("imports `{leftward}`, which is not to its right"))
    });
}

#[test]
fn the_database_library_is_named_only_under_store_sql() {
    check(services(), |source| {
        let inside = source.module().starts_with(&["store", "sql"]);
        let code = source.code();
        let named = ["sea_orm", "sea_orm_migration", "sqlx"].into_iter().find(|library| names(&code, library))?;
        (!inside).then(|| format!("names `{named}`"))
    });
}

#[test]
fn grpc_is_spoken_only_at_the_left_edge() {
    check(services(), |source| {
        let module = source.module();
        let at_the_edge = module.first().is_none_or(|first| GRPC_MODULES.contains(first));
        (!at_the_edge && names(&source.code(), "tonic")).then(|| "names `tonic`".to_owned())
    });
}

#[test]
fn the_domain_does_no_io_and_knows_no_clock_no_protobuf_and_no_sql() {
    const FOREIGN: [&str; 14] = [
        "async",
        "tokio",
        "tracing",
        "std::time",
        "std::fs",
        "std::net",
        "std::env",
        "SystemTime",
        "Utc::now",
        "sea_orm",
        "sqlx",
        "tonic",
        "proto",
        "prost",
    ];
    check(services(), |source| {
        if source.module().first() != Some(&"domain") {
            return None;
        }
        let code = source.code();
        let named = FOREIGN.into_iter().find(|foreign| names(&code, foreign))?;
        Some(format!("names `{named}`"))
    });
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for (path, reason) in LONGER {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path).is_file(), "{path} ({reason}) is gone");
    }
    check(rust(), |source| {
        let lines = source.text.lines().count();
        let excused = LONGER.iter().any(|(path, _)| *path == source.path);
        (lines > LINES_MAX && !excused).then(|| format!("has {lines} lines"))
    });
}

#[test]
fn every_file_opens_with_a_sentence_that_says_what_it_is_for() {
    check(rust(), |source| {
        let opening = source.text.lines().take_while(|line| line.starts_with("//! ")).collect::<Vec<_>>();
        let sentence = opening.last().is_some_and(|line| line.ends_with('.'));
        (!sentence).then(|| "does not open with a `//!` sentence".to_owned())
    });
}

#[test]
fn no_file_is_named_after_nothing_in_particular() {
    const NOTHING: [&str; 7] = ["common", "helper", "helpers", "misc", "mod", "util", "utils"];
    check(rust(), |source| NOTHING.contains(&source.stem()).then(|| "says nothing by its name".to_owned()));
}

#[test]
fn nothing_is_left_undone_and_nothing_unwraps_outside_tests() {
    let sources = rust();
    let test_files = test_files(&sources);
    check(sources, |source| {
        let code = source.code();
        for undone in ["todo!", "unimplemented!", "dbg!"] {
            if code.contains(undone) {
                return Some(format!("has `{undone}`"));
            }
        }
        let is_test = source.path.starts_with("tests/")
            || (source.in_crate().is_none() && source.path.contains("/tests/"))
            || test_files.contains(&source.path);
        let before_tests = code.split("#[cfg(test)]").next().unwrap_or_default();
        (!is_test && before_tests.contains(".unwrap()")).then(|| "unwraps outside of tests".to_owned())
    });
}

#[test]
fn no_file_holds_a_path_of_somebodys_machine() {
    check(all(), |source| {
        for folder in ["home", "root", "work", "tmp"] {
            let path = format!("/{folder}/");
            for (at, _) in source.text.match_indices(&path) {
                let before = source.text[..at].chars().next_back();
                let inside_a_path = before.is_some_and(|before| before.is_alphanumeric() || "._-}".contains(before));
                if !inside_a_path {
                    return Some(format!("holds `{path}`"));
                }
            }
        }
        None
    });
}

#[test]
fn architecture_md_names_every_folder() {
    let sources = all();
    let architecture = sources.iter().find(|source| source.path == "ARCHITECTURE.md").expect("there is one");
    let mut missing = folders(&sources);
    missing.retain(|folder| !names_folder(&architecture.text, folder));
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
}

/// Files of Rust below `src/` of the two services.
fn services() -> Vec<Source> {
    let is_service =
        |source: &Source| source.in_crate().is_some_and(|(name, _)| LAYERS.iter().any(|(service, _)| *service == name));
    rust().into_iter().filter(is_service).collect()
}

fn rust() -> Vec<Source> {
    all().into_iter().filter(Source::is_rust).collect()
}

/// Reports every file for which `complaint` has one.
#[track_caller]
fn check(sources: Vec<Source>, complaint: impl Fn(&Source) -> Option<String>) {
    assert!(!sources.is_empty(), "there are files to check");
    let complaints = sources.iter().filter_map(|source| Some(format!("{} {}", source.path, complaint(source)?)));
    let complaints = complaints.collect::<Vec<_>>();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
