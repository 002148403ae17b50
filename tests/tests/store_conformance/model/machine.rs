//! Random sequences of calls, shrunk to the shortest that fails.

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::reference::{Call, Etag, Model, Operation};
use super::system::{OnPostgres, OnSqlite, System};

/// Few of everything, so that calls meet.
const ENTERPRISES: u8 = 3;
const OFFERS: u8 = 2;
const NAMES: u8 = 2;
const IDENTIFIERS: u8 = 3;
const REQUESTS: u8 = 4;

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Call;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Call> {
        let etag = prop_oneof![4 => Just(Etag::None), 3 => Just(Etag::Present), 1 => Just(Etag::Stale)];
        let request = prop::option::weighted(0.3, 0..REQUESTS);
        let call = (operation(), etag, request, prop::bool::weighted(0.1));
        call.prop_map(|(operation, etag, request, validate_only)| Call { operation, etag, request, validate_only })
            .boxed()
    }

    fn apply(mut state: Self, call: &Call) -> Self {
        state.call(call);
        state
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    let id = 0..ENTERPRISES;
    let record = (0..ENTERPRISES, 0..NAMES, prop::collection::btree_set(0..IDENTIFIERS, 0..3));
    let offer = (0..ENTERPRISES, 0..OFFERS);
    let titled = (0..ENTERPRISES, 0..OFFERS, 0..NAMES);
    prop_oneof![
        6 => record.clone().prop_map(|(id, name, identifiers)| Operation::Create { id, name, identifiers }),
        6 => record.prop_map(|(id, name, identifiers)| Operation::Update { id, name, identifiers }),
        2 => id.clone().prop_map(|id| Operation::Delete { id }),
        2 => id.clone().prop_map(|id| Operation::Undelete { id }),
        1 => id.clone().prop_map(|id| Operation::Submit { id }),
        2 => id.clone().prop_map(|id| Operation::Activate { id }),
        1 => id.clone().prop_map(|id| Operation::Suspend { id }),
        1 => id.prop_map(|id| Operation::Reinstate { id }),
        4 => titled.clone().prop_map(|(id, offer, title)| Operation::Offer { id, offer, title }),
        3 => titled.prop_map(|(id, offer, title)| Operation::Retitle { id, offer, title }),
        1 => offer.prop_map(|(id, offer)| Operation::Withdraw { id, offer }),
    ]
}

/// Makes a test of a kind of system.
macro_rules! machine {
    ($system:ty) => {
        impl StateMachineTest for $system {
            type SystemUnderTest = System;
            type Reference = Model;

            fn init_test(_: &Model) -> System {
                System::begin(<$system>::registry())
            }

            fn apply(system: System, model: &Model, call: Call) -> System {
                system.call(&call, model);
                system
            }

            fn teardown(system: System, model: Model) {
                system.compare(&model);
            }
        }
    };
}

machine!(OnSqlite);
machine!(OnPostgres);

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_registry_does_what_the_model_does_on_sqlite(sequential 1..25 => OnSqlite);

    #[test]
    fn the_registry_does_what_the_model_does_on_postgres(sequential 1..25 => OnPostgres);
}
