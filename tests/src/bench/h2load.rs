//! Single reads under the load of `h2load`, which is written in C like `pgbench`: on a machine that generator and server
//! share, a client of tonic would take more of it than the server.

use std::error::Error;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use prost::Message;
use proto::registry::v1::GetEnterpriseRequest;

use super::rows::row;
use crate::warden::guarded_folder;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Processes that callers share: one connection each, over which one record is read again and again.
const CONNECTIONS: usize = 4;

/// Gets a second of so many callers, each of which asks again when it is answered, among the first `rows` rows.
///
/// # Errors
///
/// If `h2load` is not installed, or a call failed.
pub fn gets(url: &str, callers: usize, rows: u32, time: Duration) -> Outcome<f64> {
    let folder = guarded_folder("h2load-");
    let address = format!("{url}/corridor.registry.v1.EnterpriseService/GetEnterprise");
    let mut running: Vec<Child> = Vec::new();
    for number in (0..rows).step_by(rows as usize / CONNECTIONS).take(CONNECTIONS) {
        let name = format!("enterprises/{}", row(number).enterprise_id);
        let message = GetEnterpriseRequest { name, ..GetEnterpriseRequest::default() }.encode_to_vec();
        let frame = folder.join(number.to_string());
        // Not compressed, and how long it is.
        let head = [&[0], u32::try_from(message.len())?.to_be_bytes().as_slice()].concat();
        std::fs::write(&frame, [head, message].concat())?;
        let load = Command::new("h2load")
            .args(["-t", "1", "-c", "1", "-m", &(callers / CONNECTIONS).to_string()])
            .args(["-D", &time.as_secs().to_string(), "-d"])
            .arg(frame)
            .args(["-H", "content-type: application/grpc", "-H", "te: trailers", &address])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|_| "h2load is not installed")?;
        running.push(load);
    }
    let mut rate = 0.0;
    for load in running {
        rate += calls_a_second(&String::from_utf8(load.wait_with_output()?.stdout)?)?;
    }
    Ok(rate)
}

/// The figure among what `h2load` says.
fn calls_a_second(said: &str) -> Outcome<f64> {
    if !said.contains(" 0 failed, 0 errored, 0 timeout") {
        return Err(format!("a call failed: {said}").into());
    }
    let figure = said.lines().find_map(|line| line.strip_prefix("finished in ")?.split(", ").nth(1)?.split(' ').next());
    Ok(figure.ok_or("h2load told no figure")?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_is_read_unless_a_call_failed() {
        let said = |failed: u32| {
            format!(
                "finished in 4.00s, 43256.25 req/s, 13.86MB/s\n\
                 requests: 9 total, 9 started, 9 done, 9 succeeded, {failed} failed, 0 errored, 0 timeout\n"
            )
        };
        assert_eq!(calls_a_second(&said(0)).ok(), Some(43_256.25));
        assert!(calls_a_second(&said(1)).is_err());
        assert!(calls_a_second("").is_err());
    }
}
