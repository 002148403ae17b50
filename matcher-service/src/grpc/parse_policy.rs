//! Which policy a request wants: one of its own, a registered one by name, or the default one.

use proto::registry::v1 as registry;
use service_kit::Violations;
use tonic::Status;

use super::status;
use crate::domain::{Policy, PolicyName};
use crate::index::Snapshot;
use crate::wire;

/// The policy that a request wants; what it says is known once there is a snapshot.
#[derive(Debug, Clone)]
pub(super) enum WantedPolicy {
    /// As the request says, or the default one.
    Inline(Policy),
    /// As the registry says.
    Registered(PolicyName),
}

/// The policy that a question is answered by.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    /// What it says.
    pub(super) policy: Policy,
    /// The name of the registered version; empty for an inline or default policy.
    pub(super) name: String,
}

/// Parses the policy of a request; the default one if it is left out.
pub(super) fn wanted_policy(
    message: Option<&registry::Policy>,
    field: &str,
    violations: &mut Violations,
) -> Option<WantedPolicy> {
    let Some(message) = message else { return Some(WantedPolicy::Inline(Policy::default())) };
    if message.name.is_empty() {
        return wire::policy(message, field, violations).map(WantedPolicy::Inline);
    }
    // Whether the one or the other was meant cannot be known, and they score differently.
    if *message != (registry::Policy { name: message.name.clone(), ..Default::default() }) {
        violations.add(
            format!("{field}.name"),
            "must stand alone, for the registered policy, or be absent, for what the others say",
        );
        return None;
    }
    let name = PolicyName::parse(&message.name);
    let refused = "must be a resource name like `policies/green`, or a version like `policies/green@r12`";
    name.map(WantedPolicy::Registered).map_err(|_| violations.add(format!("{field}.name"), refused)).ok()
}

impl WantedPolicy {
    /// What it is as of a snapshot; `field` is where the request has it.
    ///
    /// # Errors
    /// `NOT_FOUND` for a name that the snapshot does not have, and for a version that is not the one of the snapshot:
    /// a replica knows what was registered at a revision, not what was before.
    pub(super) fn of(&self, snapshot: &Snapshot, field: &str) -> Result<Chosen, Status> {
        let name = match self {
            Self::Inline(policy) => return Ok(Chosen { policy: policy.clone(), name: String::new() }),
            Self::Registered(name) => name,
        };
        let field = format!("{field}.name");
        let revision = snapshot.stamp().revision;
        match snapshot.policy(&name.id) {
            None => Err(status::unknown_policy(field, format!("`{name}` does not exist at revision {revision}"))),
            Some(found) if name.version.is_some_and(|version| version != found.version) => {
                let present = found.name();
                let text = format!(
                    "`{name}` is not the version of revision {revision}, which is `{present}`; read it from the registry \
                     and send it inline"
                );
                Err(status::unknown_policy(field, text))
            }
            Some(found) => Ok(Chosen { policy: found.policy.clone(), name: found.name().to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic_types::StatusExt;

    use super::*;
    use crate::domain::{Date, Fusion, PolicyId, RegisteredPolicy};
    use crate::index::{Builder, Stamp};

    fn named(name: &str) -> registry::Policy {
        registry::Policy { name: name.to_owned(), ..Default::default() }
    }

    fn snapshot() -> Snapshot {
        let mut builder = Builder::default();
        let policy = Policy::new(&[], Fusion::Min, Vec::new()).unwrap();
        builder.put_policy(RegisteredPolicy { id: PolicyId::parse("p").unwrap(), version: 12, policy });
        let committed_on = Date::new(2026, 1, 1).unwrap();
        builder.publish(Stamp { epoch: service_kit::Epoch([7; 16]), revision: 15, committed_on })
    }

    fn chosen(name: &str) -> Result<Chosen, Status> {
        let mut violations = Violations::default();
        let wanted = wanted_policy(Some(&named(name)), "policy", &mut violations).unwrap();
        wanted.of(&snapshot(), "request.policy")
    }

    #[test]
    fn a_name_is_the_version_of_the_snapshot_and_the_answer_says_which() {
        for name in ["policies/p", "policies/p@r12"] {
            let chosen = chosen(name).unwrap();
            assert_eq!((chosen.policy.fusion(), chosen.name.as_str()), (Fusion::Min, "policies/p@r12"));
        }
        let default = WantedPolicy::Inline(Policy::default()).of(&snapshot(), "policy").unwrap();
        assert_eq!((default.policy, default.name.as_str()), (Policy::default(), ""));
    }

    #[test]
    fn a_name_or_version_that_is_not_there_is_not_found_and_the_field_is_told() {
        for (name, told) in [
            ("policies/q", "`policies/q` does not exist at revision 15"),
            ("policies/p@r11", "which is `policies/p@r12`"),
        ] {
            let status = chosen(name).unwrap_err();
            assert_eq!(status.code(), Code::NotFound);
            assert!(status.message().contains(told), "{}", status.message());
            assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "request.policy.name");
        }
    }

    #[test]
    fn a_name_and_a_body_together_are_refused() {
        let mut violations = Violations::default();
        let both = registry::Policy { fusion: registry::Fusion::Min.into(), ..named("policies/p") };
        assert!(wanted_policy(Some(&both), "policy", &mut violations).is_none());
        assert!(wanted_policy(Some(&named("green")), "policy", &mut violations).is_none());
        let fields: Vec<_> = violations.into_vec().into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["policy.name", "policy.name"]);
    }
}
