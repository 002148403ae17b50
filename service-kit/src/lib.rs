//! What every gRPC process of this project needs and no business: settings, telemetry, limits, health, reflection,
//! drain, and the one form that errors, tokens, pages and filters take. It knows neither enterprises nor pairings.

pub mod door;
pub mod exit;
pub mod filter;
pub mod health;
pub mod identity;
pub mod names;
pub mod order_by;
pub mod page;
pub mod refusal;
pub mod server;
pub mod settings;
pub mod stream;
pub mod telemetry;
pub mod token;
pub mod traditional;
pub mod violations;

pub use identity::Identity;
pub use refusal::Refusal;
pub use token::{Epoch, RevisionToken};
pub use violations::{Violation, Violations};
