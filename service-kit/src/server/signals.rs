//! The signals that stop a service.

use std::future::Future;
use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

/// Listens from now on; the future completes with the first SIGTERM or SIGINT.
pub(super) fn stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        info!(signal = name, "told to stop");
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{self, Command};

    #[tokio::test]
    async fn both_signals_stop() {
        for signal in ["-TERM", "-INT"] {
            let stop = stop().unwrap();
            assert!(Command::new("kill").args([signal, &process::id().to_string()]).status().unwrap().success());
            stop.await;
        }
    }
}
