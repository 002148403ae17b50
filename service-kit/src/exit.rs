//! How a command line ends when something is wrong.

use std::error::Error;
use std::process::ExitCode;

/// Tells the user of `program` on standard error why it ended, with every cause that says something new.
#[expect(clippy::print_stderr, reason = "a command line tells its user why it ended")]
pub fn failed(program: &str, error: &dyn Error) -> ExitCode {
    for line in lines(program, error) {
        eprintln!("{line}");
    }
    ExitCode::FAILURE
}

/// How `program` ends, after it told its user what was wrong if anything was.
pub fn ended(program: &str, outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(program, &*error),
    }
}

fn lines(program: &str, error: &dyn Error) -> Vec<String> {
    let mut said = error.to_string();
    let mut lines = vec![format!("{program}: {said}")];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Many errors print their cause themselves.
        if !said.contains(&text) {
            lines.push(format!("  because: {text}"));
        }
        said = text;
        source = cause.source();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no door")]
    struct Inner;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("cannot enter: {0}")]
        Told(#[source] Inner),
        #[error("cannot enter")]
        Silent(#[source] Inner),
    }

    #[test]
    fn a_cause_is_told_once() {
        assert_eq!(lines("p", &Outer::Told(Inner)), ["p: cannot enter: no door"]);
        assert_eq!(lines("p", &Outer::Silent(Inner)), ["p: cannot enter", "  because: no door"]);
    }
}
