//! Prints how many `FindPartners` calls a second a matcher answers over gRPC, how long they take, and how long while a whole
//! pairing is computed beside them.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Parser;
use e2e::grpcurl;
use e2e::made_up::Registry;
use e2e::services::Matcher;
use e2e::{clients, warden};
use matcher_service::yardstick::Yardstick;
use prost::Message;
use proto::matcher::v1::find_partners_request::Subject;
use proto::matcher::v1::{ComputePairingRequest, FindPartnersRequest, PartnerView, Side};
use service_kit::exit;

/// Calls for the 20 best partners with all reasons, posted by h2load (Debian: nghttp2-client) as raw frames.
#[derive(Debug, Parser)]
struct Arguments {
    /// Enterprises of the index.
    #[arg(long, default_value_t = 100_000)]
    enterprises: usize,
    /// Calls in all.
    #[arg(long, default_value_t = 20_000)]
    calls: usize,
    /// Connections at a time.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Calls at a time on each.
    #[arg(long, default_value_t = 4)]
    streams: usize,
    /// Enterprises of each side of the pairing beside.
    #[arg(long, default_value_t = 5_000)]
    side: usize,
    /// Calls by grpcurl, each a process of its own as customers run it.
    #[arg(long, default_value_t = 40)]
    grpcurl_calls: usize,
}

/// Enterprises whose partners are asked for, one after the other.
const SUBJECTS: usize = 10;
const METHOD: &str = "corridor.matcher.v1.MatcherService/FindPartners";
/// Nobody listens there: the matcher answers by its copy on disk.
const NO_REGISTRY: &str = "http://127.0.0.1:9";
/// Processes of grpcurl at a time.
const GRPCURLS: usize = 4;

#[tokio::main]
async fn main() -> ExitCode {
    exit::ended("bench-partners", run(&Arguments::parse()).await)
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let registry = Registry::new(arguments.enterprises);
    let yardstick = Yardstick::load(registry.changes());
    let mut saved = Ok(());
    let matcher = Matcher::start_with_copy(NO_REGISTRY, |path| saved = yardstick.save(path));
    saved?;
    drop(yardstick);
    let subjects: Vec<_> = (0..SUBJECTS).map(|at| registry.name(at * arguments.enterprises / SUBJECTS)).collect();
    let answer = clients::matcher(&matcher.url()).await.find_partners(request(&subjects[0])).await?.into_inner();
    say(&format!("{} partners in {} bytes", answer.partners.len(), answer.encoded_len()));
    if Command::new("h2load").arg("--version").stdout(Stdio::null()).status().is_err() {
        say("h2load is not there (Debian: nghttp2-client), so only grpcurl calls");
    } else {
        let frames = frames(&subjects)?;
        say(&format!("alone: {}", load(arguments, &matcher, &frames)?));
        let stop = Arc::new(AtomicBool::new(false));
        let pairing = tokio::spawn(keep_pairing(matcher.url(), registry, arguments.side, stop.clone()));
        let told = load(arguments, &matcher, &frames)?;
        stop.store(true, Ordering::Relaxed);
        let pairings = pairing.await??;
        say(&format!("beside {pairings} pairings of {0} x {0}: {told}", arguments.side));
    }
    grpcurls(arguments, &matcher, &subjects);
    Ok(())
}

fn request(enterprise: &str) -> FindPartnersRequest {
    FindPartnersRequest {
        subject: Some(Subject::Enterprise(enterprise.to_owned())),
        page_size: 20,
        view: PartnerView::Full.into(),
        ..FindPartnersRequest::default()
    }
}

/// Files with one request each, as it is framed on the wire: a flag, the length, the message.
fn frames(subjects: &[String]) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let folder = warden::guarded_folder("frames-");
    let frame = |(at, subject): (usize, &String)| {
        let message = request(subject).encode_to_vec();
        let mut frame = vec![0];
        frame.extend(u32::try_from(message.len())?.to_be_bytes());
        frame.extend(message);
        let path = folder.join(format!("{at}.frame"));
        fs::write(&path, frame)?;
        Ok(path)
    };
    subjects.iter().enumerate().map(frame).collect()
}

/// What h2load saw.
struct Seen {
    calls: usize,
    seconds: f64,
    /// Sorted.
    micros: Vec<u64>,
}

impl std::fmt::Display for Seen {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |share: usize| self.micros.get(self.micros.len() * share / 100).copied().unwrap_or_default();
        let rate = self.calls as f64 / self.seconds;
        write!(formatter, "{} calls, {rate:.0} calls/s, p50 {} us, p99 {} us", self.calls, at(50), at(99))
    }
}

/// Posts the frames, some calls for each.
fn load(arguments: &Arguments, matcher: &Matcher, frames: &[PathBuf]) -> Result<Seen, Box<dyn Error>> {
    let mut seen = Seen { calls: 0, seconds: 0.0, micros: Vec::new() };
    for frame in frames {
        let log = frame.with_extension("log");
        let _ = fs::remove_file(&log);
        let begun = Instant::now();
        post(arguments, matcher, frame, &log)?;
        seen.seconds += begun.elapsed().as_secs_f64();
        for line in fs::read_to_string(&log)?.lines() {
            // When it began, the status, and how long it took.
            let mut columns = line.split('\t').skip(1);
            if columns.next() != Some("200") {
                return Err(format!("a call failed: {line}").into());
            }
            seen.micros.push(columns.next().ok_or("a line of the log is short")?.parse()?);
        }
    }
    seen.calls = seen.micros.len();
    seen.micros.sort_unstable();
    Ok(seen)
}

fn post(arguments: &Arguments, matcher: &Matcher, frame: &Path, log: &Path) -> Result<(), Box<dyn Error>> {
    let calls = arguments.calls / SUBJECTS;
    let output = Command::new("h2load")
        .args(["-n", &calls.to_string(), "-c", &arguments.connections.to_string()])
        .args(["-m", &arguments.streams.to_string(), "-H", "content-type: application/grpc", "-H", "te: trailers"])
        .arg("-d")
        .arg(frame)
        .arg("--log-file")
        .arg(log)
        .arg(format!("{}/{METHOD}", matcher.url()))
        .output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned().into()) }
}

/// Computes whole pairings, one after the other, until it is told to stop; how many were begun.
async fn keep_pairing(
    url: String,
    registry: Registry,
    side: usize,
    stop: Arc<AtomicBool>,
) -> Result<usize, tonic::Status> {
    let names = |from: usize| {
        Some(Side { enterprises: (0..side).map(|at| registry.name(from + at)).collect(), ..Side::default() })
    };
    let mut client = clients::matcher(&url).await;
    let mut begun = 0;
    while !stop.load(Ordering::Relaxed) {
        begun += 1;
        let request = ComputePairingRequest { a: names(0), b: names(side), ..ComputePairingRequest::default() };
        let mut steps = client.compute_pairing(request).await?.into_inner();
        while !stop.load(Ordering::Relaxed) && steps.message().await?.is_some() {}
    }
    Ok(begun)
}

fn grpcurls(arguments: &Arguments, matcher: &Matcher, subjects: &[String]) {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for worker in 0..GRPCURLS {
            scope.spawn(move || {
                for call in (worker..arguments.grpcurl_calls).step_by(GRPCURLS) {
                    let body =
                        format!("{{\"enterprise\":\"{}\",\"view\":\"PARTNER_VIEW_FULL\"}}", subjects[call % SUBJECTS]);
                    grpcurl::printed(&["-d", &body, matcher.address(), METHOD]);
                }
            });
        }
    });
    let calls = arguments.grpcurl_calls as f64;
    say(&format!("grpcurl, {GRPCURLS} at a time: {:.0} calls/s", calls / begun.elapsed().as_secs_f64()));
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
