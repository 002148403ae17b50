//! Every method of both services, called with messages made at random: no fault of theirs, no loss of the process, no
//! memory without bound.

mod messages;
mod values;

use std::time::Duration;

use e2e::clients::channel;
use e2e::on_both_engines;
use e2e::raw;
use e2e::services::{Engine, Pair};
use messages::Maker;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use tonic::{Code, Status};

on_both_engines!(random_messages_to_every_method_are_answered_or_refused);

/// Messages to each method; more are a matter of patience, see [`ROUNDS_VARIABLE`].
const ROUNDS: u64 = 60;
/// Environment variable that says how many messages to send to each method instead.
const ROUNDS_VARIABLE: &str = "FUZZ_ROUNDS";
/// Messages of one call to a method that takes a stream.
const STREAMED: u64 = 5;
/// Answers read of a method that streams.
const ANSWERS: usize = 3;
/// Longest wait for them: a watch is silent for ever where nothing happens.
const SILENCE: Duration = Duration::from_millis(300);
/// Resident memory beyond which something must be growing; at rest the services need a tenth of it.
const MEMORY_MAX_KIB: u64 = 400 * 1024;

async fn random_messages_to_every_method_are_answered_or_refused(engine: Engine) {
    let pair = Pair::start_with_samples(engine);
    let pool = DescriptorPool::decode(proto::FILE_DESCRIPTOR_SET).expect("the descriptors are whole");
    let rounds = std::env::var(ROUNDS_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut methods = 0;
    for service in pool.services().filter(|service| service.package_name().starts_with("corridor.")) {
        let is_registry = service.package_name() == "corridor.registry.v1";
        let process = if is_registry { pair.registry.process() } else { pair.matcher.process() };
        let channel = channel(&format!("http://{}", process.address())).await;
        for method in service.methods() {
            methods += 1;
            for round in 0..rounds {
                let messages = messages_of(&method, round);
                let path = format!("/{}/{}", service.full_name(), method.name());
                let outcome = raw::exchange(channel.clone(), &path, messages.clone(), ANSWERS, SILENCE).await;
                if let Err(status) = outcome {
                    assert!(is_a_refusal(&status), "{path}, round {round}, {messages:02x?}: {status:?}");
                }
            }
        }
    }
    assert!(methods > 40, "both services are known, and not just {methods} methods");
    for process in [pair.registry.process(), pair.matcher.process()] {
        let resident = process.resident_kib();
        assert!(resident < MEMORY_MAX_KIB, "{resident} KiB are resident");
    }
}

fn messages_of(method: &MethodDescriptor, round: u64) -> Vec<Vec<u8>> {
    let mut maker = Maker::new(&format!("{}/{round}", method.full_name()));
    let count = if method.is_client_streaming() { STREAMED } else { 1 };
    (0..count).map(|_| maker.bytes(&method.input())).collect()
}

/// Whether a status is about the call, not about a fault.
fn is_a_refusal(status: &Status) -> bool {
    !matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss | Code::Unimplemented)
}
