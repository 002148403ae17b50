//! The model: what the registry promises of enterprises and opportunities, in as few words as possible.

use std::collections::{BTreeMap, BTreeSet};

/// One call of a use case. Numbers stand for ids, names, identifiers and request ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) operation: Operation,
    /// Version that the caller has seen.
    pub(super) etag: Etag,
    /// The caller's request id.
    pub(super) request: Option<u8>,
    /// Checks only.
    pub(super) validate_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Etag {
    None,
    Present,
    Stale,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create { id: u8, name: u8, identifiers: BTreeSet<u8> },
    Update { id: u8, name: u8, identifiers: BTreeSet<u8> },
    Delete { id: u8 },
    Undelete { id: u8 },
    Submit { id: u8 },
    Activate { id: u8 },
    Suspend { id: u8 },
    Reinstate { id: u8 },
    Offer { id: u8, offer: u8, title: u8 },
    Retitle { id: u8, offer: u8, title: u8 },
    Withdraw { id: u8, offer: u8 },
}

/// What a call is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Enterprise(Enterprise),
    Offer(Offer),
    Refused(Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NotFound,
    Exists,
    Stale,
    IdentifierTaken,
    IllegalTransition,
    RequestReused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Draft,
    InReview,
    Active,
    Suspended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Enterprise {
    pub(super) state: State,
    pub(super) is_live: bool,
    pub(super) name: u8,
    pub(super) identifiers: BTreeSet<u8>,
    /// Revisions since the sequence began; 0 where nothing was stored.
    pub(super) revision: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) title: u8,
    pub(super) revision: i64,
}

/// Everything that the model remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) enterprises: BTreeMap<u8, Enterprise>,
    pub(super) offers: BTreeMap<(u8, u8), Offer>,
    /// Revisions so far.
    pub(super) revision: i64,
    requests: BTreeMap<u8, (Call, Answer)>,
    /// What the last call is answered with.
    pub(super) answer: Option<Answer>,
}

impl Model {
    /// Takes a call in.
    pub(super) fn call(&mut self, call: &Call) {
        self.answer = Some(self.judged(call));
    }

    fn judged(&mut self, call: &Call) -> Answer {
        if let Some((first, answer)) = call.request.and_then(|request| self.requests.get(&request)) {
            return if first == call { answer.clone() } else { Answer::Refused(Refusal::RequestReused) };
        }
        let before = self.clone();
        let answer = match self.tried(call) {
            Ok(answer) => answer,
            Err(refusal) => {
                *self = before;
                return Answer::Refused(refusal);
            }
        };
        if call.validate_only {
            *self = before;
        } else if let Some(request) = call.request {
            self.requests.insert(request, (call.clone(), answer.clone()));
        }
        answer
    }

    fn tried(&mut self, call: &Call) -> Result<Answer, Refusal> {
        match &call.operation {
            Operation::Create { id, name, identifiers } => {
                if self.enterprises.contains_key(id) {
                    return Err(Refusal::Exists);
                }
                let (name, identifiers) = (*name, identifiers.clone());
                let new = Enterprise { state: State::Draft, is_live: true, name, identifiers, revision: 0 };
                self.put(*id, new, call)
            }
            Operation::Update { id, name, identifiers } => {
                let known = self.live(*id, call)?;
                let changed = Enterprise { name: *name, identifiers: identifiers.clone(), ..known };
                if changed == known && call.request.is_none() {
                    return Ok(Answer::Enterprise(known));
                }
                self.put(*id, changed, call)
            }
            Operation::Delete { id } => {
                let known = self.known(*id, call)?;
                if !known.is_live {
                    return Err(Refusal::NotFound);
                }
                self.put(*id, Enterprise { is_live: false, ..known }, call)
            }
            Operation::Undelete { id } => {
                let known = self.known(*id, call)?;
                if known.is_live {
                    return Err(Refusal::Exists);
                }
                self.put(*id, Enterprise { is_live: true, ..known }, call)
            }
            Operation::Submit { id } => self.moved(*id, call, &[State::Draft], State::InReview),
            Operation::Activate { id } => self.moved(*id, call, &[State::Draft, State::InReview], State::Active),
            Operation::Suspend { id } => self.moved(*id, call, &[State::Active], State::Suspended),
            Operation::Reinstate { id } => self.moved(*id, call, &[State::Suspended], State::Active),
            Operation::Offer { id, offer, title } => {
                self.require_open(*id)?;
                if self.offers.contains_key(&(*id, *offer)) {
                    return Err(Refusal::Exists);
                }
                self.put_offer(*id, *offer, *title, call)
            }
            Operation::Retitle { id, offer, title } => {
                let known = self.offer(*id, *offer, call)?;
                self.require_open(*id)?;
                if known.title == *title && call.request.is_none() {
                    return Ok(Answer::Offer(known));
                }
                self.put_offer(*id, *offer, *title, call)
            }
            Operation::Withdraw { id, offer } => {
                let known = self.offer(*id, *offer, call)?;
                self.require_open(*id)?;
                self.offers.remove(&(*id, *offer));
                Ok(Answer::Offer(Offer { revision: self.next_revision(call), ..known }))
            }
        }
    }

    /// The enterprise, in the version that the caller has seen.
    fn known(&self, id: u8, call: &Call) -> Result<Enterprise, Refusal> {
        let known = self.enterprises.get(&id).cloned().ok_or(Refusal::NotFound)?;
        if call.etag == Etag::Stale { Err(Refusal::Stale) } else { Ok(known) }
    }

    fn live(&self, id: u8, call: &Call) -> Result<Enterprise, Refusal> {
        let known = self.known(id, call)?;
        if known.is_live { Ok(known) } else { Err(Refusal::IllegalTransition) }
    }

    fn offer(&self, id: u8, offer: u8, call: &Call) -> Result<Offer, Refusal> {
        let known = self.offers.get(&(id, offer)).cloned().ok_or(Refusal::NotFound)?;
        if call.etag == Etag::Stale { Err(Refusal::Stale) } else { Ok(known) }
    }

    /// Offers of an enterprise that is deleted cannot change.
    fn require_open(&self, id: u8) -> Result<(), Refusal> {
        let parent = self.enterprises.get(&id).ok_or(Refusal::NotFound)?;
        if parent.is_live { Ok(()) } else { Err(Refusal::IllegalTransition) }
    }

    fn moved(&mut self, id: u8, call: &Call, from: &[State], to: State) -> Result<Answer, Refusal> {
        let known = self.live(id, call)?;
        if !from.contains(&known.state) {
            return Err(Refusal::IllegalTransition);
        }
        self.put(id, Enterprise { state: to, ..known }, call)
    }

    fn put(&mut self, id: u8, mut enterprise: Enterprise, call: &Call) -> Result<Answer, Refusal> {
        let is_held = |identifier: &u8| {
            let holds =
                |(other, one): (&u8, &Enterprise)| *other != id && one.is_live && one.identifiers.contains(identifier);
            self.enterprises.iter().any(holds)
        };
        if enterprise.is_live && enterprise.identifiers.iter().any(is_held) {
            return Err(Refusal::IdentifierTaken);
        }
        enterprise.revision = self.next_revision(call);
        self.enterprises.insert(id, enterprise.clone());
        Ok(Answer::Enterprise(enterprise))
    }

    fn put_offer(&mut self, id: u8, offer: u8, title: u8, call: &Call) -> Result<Answer, Refusal> {
        let stored = Offer { title, revision: self.next_revision(call) };
        self.offers.insert((id, offer), stored.clone());
        Ok(Answer::Offer(stored))
    }

    fn next_revision(&mut self, call: &Call) -> i64 {
        if call.validate_only {
            return 0;
        }
        self.revision += 1;
        self.revision
    }
}
