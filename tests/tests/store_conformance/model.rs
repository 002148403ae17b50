//! The registry against a model of it: random sequences of use cases, each step judged by both, on both engines.

mod machine;
mod reference;
mod system;
