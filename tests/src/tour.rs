//! The tour of README.md: the commands marked for it, and what it says they print.

use std::path::Path;
use std::process::{Command, Stdio};

/// One command block of the tour with the output shown after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Line of the document on which the block begins.
    pub line: usize,
    /// The commands.
    pub commands: String,
    /// What the document shows, line by line; `…` stands for whatever is left out, in a line or between lines.
    pub shown: Vec<String>,
}

/// Stands before every block that belongs to the tour.
const MARK: &str = "<!-- tour -->";
/// Stands for what a document leaves out.
const LEFT_OUT: &str = "…";

/// Reads the tour out of a Markdown document: each block of `sh` after the mark, and the block of `json` or `text` that
/// follows it, if one does.
pub fn steps(document: &str) -> Vec<Step> {
    let mut steps = Vec::<Step>::new();
    let mut lines = document.lines().enumerate();
    let mut marked = false;
    let mut expects_output = false;
    while let Some((number, line)) = lines.next() {
        if line == MARK {
            marked = true;
        } else if let Some(language) = line.strip_prefix("```") {
            let block = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect::<Vec<_>>();
            if marked && language == "sh" {
                steps.push(Step { line: number + 1, commands: block.join("\n"), shown: Vec::new() });
                expects_output = true;
            } else if expects_output && (language == "json" || language == "text") {
                let shown = block.into_iter().map(str::to_owned).collect();
                steps.last_mut().expect("a step came before").shown = shown;
                expects_output = false;
            } else {
                expects_output = false;
            }
            marked = false;
        }
    }
    steps
}

/// Runs all steps in one shell, so that later ones see the variables of earlier ones, and answers with what each
/// printed, errors included.
///
/// # Panics
///
/// If the shell cannot be run.
pub fn run(steps: &[Step], folder: &Path, path: &str) -> Vec<String> {
    const SEPARATOR: &str = "\u{1}--- next step ---";
    let commands = steps.iter().map(|step| format!("{}\necho '{SEPARATOR}'\n", step.commands)).collect::<String>();
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{commands}")])
        .current_dir(folder)
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .expect("a shell starts");
    let printed = String::from_utf8(output.stdout).expect("the commands print UTF-8");
    printed.split(SEPARATOR).take(steps.len()).map(|printed| printed.trim().to_owned()).collect()
}

/// Whether `printed` is what the document shows; else the first shown line that was not printed where it should be.
pub fn compare(shown: &[String], printed: &str) -> Result<(), String> {
    let mut rest = printed.lines();
    for line in shown.iter().map(|line| line.trim()).filter(|line| !line.is_empty() && *line != LEFT_OUT) {
        if !rest.any(|candidate| fits(line, candidate.trim())) {
            return Err(line.to_owned());
        }
    }
    Ok(())
}

/// Whether a printed line is the shown one, with `…` for any characters.
fn fits(shown: &str, printed: &str) -> bool {
    let mut pieces = shown.split(LEFT_OUT);
    let first = pieces.next().expect("a split has a first piece");
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(found) = rest.find(piece) else { return false };
        rest = &rest[found + piece.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_blocks_are_steps_and_the_next_block_is_their_output() {
        let document = "# A\n```sh\nnot this\n```\n<!-- tour -->\n```sh\nls\npwd\n```\nprints\n```json\n{\n```\n\
                        <!-- tour -->\n```sh\ntrue\n```\n";
        let ls = Step { line: 6, commands: "ls\npwd".to_owned(), shown: vec!["{".to_owned()] };
        let last = Step { line: 15, commands: "true".to_owned(), shown: Vec::new() };
        assert_eq!(steps(document), [ls, last]);
    }

    #[test]
    fn a_shown_line_must_be_printed_in_its_place() {
        let shown = ["{".to_owned(), "…".to_owned(), "\"token\": \"A…\",".to_owned(), "}".to_owned()];
        assert_eq!(compare(&shown, "{\n  \"a\": 1,\n  \"token\": \"AxY\",\n}"), Ok(()));
        assert_eq!(compare(&shown, "{\n  \"token\": \"BxY\",\n}"), Err("\"token\": \"A…\",".to_owned()));
        assert_eq!(compare(&shown, "}\n  \"token\": \"AxY\",\n{"), Err("\"token\": \"A…\",".to_owned()));
    }
}
