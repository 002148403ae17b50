//! Logs: one subscriber for the whole process, one line an event, panics included.

use std::backtrace::Backtrace;
use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};

use tracing::error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::settings::{LogFormat, Telemetry};

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter is not one; [`Telemetry::validate`] finds this earlier, with the setting's path.
    #[error("the log filter cannot be read")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Something else set up logging in this process already.
    #[error("logging is set up twice")]
    Twice(#[from] TryInitError),
}

/// Sends events to standard error, so that standard output belongs to what a subcommand prints, and logs panics as
/// events. Call it once, first thing in `main`.
pub fn init(settings: &Telemetry) -> Result<(), Error> {
    subscriber(settings, io::stderr, io::stderr().is_terminal())?.try_init()?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn subscriber<W>(settings: &Telemetry, writer: W, with_colors: bool) -> Result<impl SubscriberInitExt + use<W>, Error>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let (json, text) = match settings.format {
        LogFormat::Json => {
            let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
            (Some(lines.with_writer(writer)), None)
        }
        LogFormat::Text => (None, Some(fmt::layer().with_ansi(with_colors).with_writer(writer))),
    };
    // One filter for everything that may be layered on top: else h2 alone makes hundreds of spans a call.
    Ok(tracing_subscriber::registry().with(EnvFilter::try_new(&settings.filter)?).with(json).with(text))
}

/// The default hook prints several lines of text between the JSON lines.
fn log_panic(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string).unwrap_or_default();
    let message = message_of(info.payload());
    // Empty unless RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    error!(panic.message = message, panic.location = location, panic.backtrace = %backtrace, "a thread panicked");
}

fn message_of(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tracing::{debug, info, info_span};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What `log` writes, line by line.
    fn logged(format: LogFormat, log: impl FnOnce()) -> Vec<String> {
        let lines = Lines::default();
        let writer = lines.clone();
        let settings = Telemetry { filter: "info".to_owned(), format };
        let subscriber = subscriber(&settings, move || writer.clone(), false).unwrap();
        let guard = subscriber.set_default();
        log();
        drop(guard);
        let bytes = lines.0.lock().unwrap();
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }

    #[test]
    fn json_is_one_object_a_line_with_its_span() {
        let lines = logged(LogFormat::Json, || {
            let _span = info_span!("call", method = "/a/B").entered();
            info!(count = 3, "two\nlines");
            debug!("filtered out");
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
        for part in [r#""count":3"#, r#""message":"two\nlines""#, r#""method":"/a/B""#, r#""level":"INFO""#] {
            assert!(lines[0].contains(part), "{} lacks {part}", lines[0]);
        }
    }

    #[test]
    fn text_is_for_people() {
        let lines = logged(LogFormat::Text, || info!(count = 3, "serving"));
        assert!(lines[0].ends_with("serving count=3"), "{lines:?}");
    }

    #[test]
    fn a_panic_is_one_line() {
        let before = panic::take_hook();
        panic::set_hook(Box::new(log_panic));
        let lines = logged(LogFormat::Json, || {
            let number = 7;
            let _ = panic::catch_unwind(|| panic!("broken {number}"));
        });
        panic::set_hook(before);
        assert_eq!(lines.len(), 1, "{lines:?}");
        for part in [r#""panic.message":"broken 7""#, "telemetry.rs:", r#""level":"ERROR""#] {
            assert!(lines[0].contains(part), "{} lacks {part}", lines[0]);
        }
    }
}
