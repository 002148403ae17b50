//! The project's files as the tidy test sees them: which there are, their code without comments and texts, their imports.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::programs::project;

/// A file of the project.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path from the project's folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Every file that git tracks or would track, but for those that are not text.
///
/// # Panics
///
/// If this is not a git work tree.
pub fn all() -> Vec<Source> {
    let listing = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let output = Command::new("git").args(listing).current_dir(project()).output().expect("git starts");
    assert!(output.status.success(), "the tidy test reads what git tracks: {output:?}");
    let paths = String::from_utf8(output.stdout).expect("paths are UTF-8");
    let paths = paths.split_terminator('\0').map(str::to_owned);
    paths.filter_map(|path| Some(Source { text: fs::read_to_string(project().join(&path)).ok()?, path })).collect()
}

impl Source {
    /// Whether it is a file of Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// `Some("registry-service")` and the path below its `src/`, if it is there.
    pub fn in_crate(&self) -> Option<(&str, &str)> {
        self.path.split_once("/src/")
    }

    /// The name of the file without its ending.
    pub fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// The module's path inside its crate, like `["store", "sql"]` for `store/sql.rs`; empty for `main.rs` and `lib.rs`.
    pub fn module(&self) -> Vec<&str> {
        let Some((_, below)) = self.in_crate() else { return Vec::new() };
        let module = below.trim_end_matches(".rs").split('/').collect::<Vec<_>>();
        if module == ["main"] || module == ["lib"] { Vec::new() } else { module }
    }

    /// Its code: comments and the insides of texts are blanks, so that words in them are not taken for code.
    pub fn code(&self) -> String {
        code(&self.text)
    }

    /// Names of the crate's own top modules that it imports or mentions by path.
    pub fn imports(&self) -> Vec<String> {
        let code = self.code();
        let mut imports = heads(&code, "crate::");
        // `super` leads to the top from a file one folder deep at most.
        let depth = self.module().len();
        if depth > 0 {
            imports.extend(heads(&code, &"super::".repeat(depth)));
        }
        if let Some((name, below)) = self.in_crate()
            && below == "main.rs"
        {
            imports.extend(heads(&code, &format!("{}::", name.replace('-', "_"))));
        }
        imports.sort();
        imports.dedup();
        imports
    }
}

/// Whether `code` names `path`, like `tokio` or `std::time`, as a whole.
pub fn names(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        !before.is_some_and(is_word) && before != Some(':') && !after.is_some_and(is_word)
    })
}

/// The first segments after `prefix`: of `crate::a::B` it is `a`, of `crate::{a, b::C}` they are `a` and `b`.
fn heads(code: &str, prefix: &str) -> Vec<String> {
    let mut heads = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(is_word) || before == Some(':') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            heads.push(rest.chars().take_while(|character| is_word(*character)).collect());
            continue;
        };
        let mut depth = 0;
        let mut expects_head = true;
        let mut head = String::new();
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    heads.push(std::mem::take(&mut head));
                    expects_head = true;
                }
                _ if depth == 0 && expects_head && is_word(character) => head.push(character),
                _ if !head.is_empty() => expects_head = false,
                _ => {}
            }
        }
        heads.push(head);
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// `text` with comments and the insides of texts as blanks; line breaks stay.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let hidden = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if let Some(length) = raw_text(rest, &code) {
            length
        } else if character == '"' {
            quoted(rest, '"')
        } else if character == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else {
            code.push(character);
            rest = &rest[character.len_utf8()..];
            continue;
        };
        code.extend(rest[..hidden].chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        rest = &rest[hidden..];
    }
    code
}

/// Length of the raw text that `rest` begins with, `r"…"` or `r#"…"#`.
fn raw_text(rest: &str, before: &str) -> Option<usize> {
    if before.ends_with(is_word) && !before.ends_with('b') {
        return None;
    }
    let marks = rest.strip_prefix('r')?.chars().take_while(|mark| *mark == '#').count();
    let inside = rest[1 + marks..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    Some(inside.find(&end).map_or(rest.len(), |at| 2 + marks + at + end.len()))
}

/// Length of the quoted text that `rest` begins with.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether an apostrophe begins a character and not a lifetime.
fn is_character(rest: &str) -> bool {
    let mut characters = rest.chars().skip(1);
    characters.next() == Some('\\') || characters.next() == Some('\'')
}

/// Paths of the files that are built for tests only: what follows `#[cfg(test)] mod`, and everything below it.
pub fn test_files(sources: &[Source]) -> Vec<String> {
    let mut modules = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let code = source.code();
        for (at, attribute) in code.match_indices("#[cfg(test)]") {
            let Some(rest) = code[at + attribute.len()..].trim_start().strip_prefix("mod ") else { continue };
            let (name, end) = rest.split_at(rest.find(|character| !is_word(character)).unwrap_or(rest.len()));
            if end.starts_with(';') {
                let folder = source.path.trim_end_matches(".rs").trim_end_matches("/lib").trim_end_matches("/main");
                modules.push(format!("{folder}/{name}"));
            }
        }
    }
    let is_test = |path: &str| {
        modules
            .iter()
            .any(|module| path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/')))
    };
    sources.iter().map(|source| source.path.clone()).filter(|path| is_test(path)).collect()
}

/// Every folder that a reader meets: the top ones, and those with modules by their path below `src/`, like `store/sql`;
/// not those that hold nothing but tests.
pub fn folders(sources: &[Source]) -> BTreeSet<String> {
    let test_files = test_files(sources);
    let top = sources.iter().filter_map(|source| source.path.split_once('/')).map(|(folder, _)| folder);
    let rust = sources.iter().filter(|source| source.is_rust() && !test_files.contains(&source.path));
    let modules = rust.filter_map(|source| source.in_crate()?.1.rsplit_once('/')).map(|(folder, _)| folder);
    top.chain(modules).map(str::to_owned).collect()
}

/// Whether a document names a folder between backticks, alone, below `src`, or with a file or folder in it.
pub fn names_folder(document: &str, folder: &str) -> bool {
    let quoted = document.split('`').skip(1).step_by(2);
    let mut paths = quoted.map(|quoted| quoted.strip_prefix("src/").unwrap_or(quoted));
    paths.any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn comments_and_texts_are_not_code() {
        let text = "a(\"tonic // \\\" x\", 'x', '\\'', r#\"sqlx \" \"#); // tokio\n/* sea_orm\n */ fn b<'a>() {}";
        let code = code(text);
        for hidden in ["tonic", "sqlx", "tokio", "sea_orm"] {
            assert!(!code.contains(hidden), "{code}");
        }
        assert!(code.contains("fn b<'a>() {}"), "{code}");
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn a_name_counts_only_as_a_whole() {
        assert!(names("use tokio::time;", "tokio"));
        assert!(!names("use tokio_stream::X; my_tokio(); x::tokio", "tokio"));
        assert!(names("std::time::Duration", "std::time"));
    }

    #[test]
    fn folders_are_named_between_backticks() {
        let sources = [source(".ci/run", ""), source("a/src/store/sql/x.rs", ""), source("a/src/main.rs", "")];
        assert_eq!(folders(&sources), [".ci", "a", "store/sql"].map(str::to_owned).into());
        let document = "`.ci/run` and `src/store/sql`, but a only in passing";
        assert!(names_folder(document, ".ci") && names_folder(document, "store/sql"));
        assert!(!names_folder(document, "a") && !names_folder(document, "sql"));
    }

    #[test]
    fn files_of_test_modules_are_test_files() {
        let sources = [
            source("a/src/pairing.rs", "#[cfg(test)]\nmod oracle;\n#[cfg(test)]\nmod inline { }\nmod real;"),
            source("a/src/pairing/oracle.rs", ""),
            source("a/src/pairing/oracle/slow.rs", ""),
            source("a/src/pairing/real.rs", ""),
            source("a/src/pairing/inline.rs", ""),
        ];
        assert_eq!(test_files(&sources), ["a/src/pairing/oracle.rs", "a/src/pairing/oracle/slow.rs"]);
    }

    #[test]
    fn imports_are_read_from_paths_groups_and_supers() {
        let text = "use crate::grpc::status;\nuse crate::{domain::{Id, B}, store};\nfn f() -> crate::server::X";
        let file = source("registry-service/src/registry/enterprises.rs", text);
        assert_eq!(file.imports(), ["domain", "grpc", "server", "store"]);
        assert_eq!(source("a/src/store.rs", "use super::registry::X;").imports(), ["registry"]);
        assert_eq!(source("a/src/store/sql.rs", "use super::entity;").imports(), Vec::<String>::new());
        assert_eq!(source("a/src/store/sql.rs", "use super::super::grpc;").imports(), ["grpc"]);
        assert_eq!(source("a-b/src/main.rs", "use a_b::server;").imports(), ["server"]);
    }
}
