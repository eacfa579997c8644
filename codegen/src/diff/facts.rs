//! What a model says that shows in no signature: the wire, documentation, and what clients do by themselves.

use std::collections::BTreeMap;

use crate::ir::{Service, Structure, TypeDefinition};
use crate::lower;
use crate::model::{Model, ShapeKind};

use super::Class;

/// Facts by what they are about, such as `member logEvents of PutLogEvents`.
pub type Facts = BTreeMap<String, Fact>;

/// A fact, and what it means that it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub value: String,
    pub class: Class,
    pub reason: &'static str,
    /// What it is about, where it counts also when it appears or vanishes: the name of a shape or an operation that both versions
    /// have, or nothing for the service.
    pub alone: Option<String>,
}

/// Collects the facts of a service.
pub fn of(model: &Model, service: &Service) -> Facts {
    let mut facts = Facts::new();
    let mut collector = Collector { facts: &mut facts };
    collector.service(service);
    for operation in &service.operations {
        collector.operation(operation);
    }
    for definition in &service.types {
        collector.definition(definition);
    }
    for exception in &service.exceptions {
        collector.members(&exception.structure);
    }
    for waiter in &service.waiters {
        let value = format!("{} {} {:?}", waiter.delay, waiter.max_attempts, waiter.acceptors);
        let what = format!("waiter {}", waiter.name);
        collector.grow(what, value, "what is waited for changes");
    }
    collector.shapes(model);
    facts
}

struct Collector<'a> {
    facts: &'a mut Facts,
}

const WIRE: &str = "requests or answers change on the wire";

impl Collector<'_> {
    fn add(&mut self, what: String, value: String, class: Class, reason: &'static str, alone: Option<&str>) {
        let fact = Fact {
            value,
            class,
            reason,
            alone: alone.map(str::to_owned),
        };
        self.facts.insert(what, fact);
    }

    /// A fact whose change changes what goes over the wire.
    fn wire(&mut self, what: String, value: impl ToString) {
        self.add(what, value.to_string(), Class::Breaking, WIRE, None);
    }

    /// A fact whose change breaks nobody.
    fn grow(&mut self, what: String, value: impl ToString, reason: &'static str) {
        self.add(what, value.to_string(), Class::Additive, reason, None);
    }

    /// A fact that only documentation shows, also where it appears or vanishes.
    fn document(&mut self, about: &str, what: String, value: impl ToString, reason: &'static str) {
        self.add(what, value.to_string(), Class::Documentation, reason, Some(about));
    }

    fn service(&mut self, service: &Service) {
        self.wire(
            "version of the protocol".to_owned(),
            format!("{:?}", service.json_version),
        );
        self.wire("signing name".to_owned(), &service.signing_name);
        self.wire(
            "compatibility with the query protocol".to_owned(),
            format!("{:?}", service.query_compatibility),
        );
        let moves = "requests may go to other endpoints";
        self.grow("endpoint prefix".to_owned(), &service.endpoint_prefix, moves);
        self.add(
            "endpoint rules".to_owned(),
            format!("{:?}", service.endpoint_rules),
            Class::Additive,
            moves,
            Some(""),
        );
        self.grow(
            "service id".to_owned(),
            &service.service_id,
            "environment variables and profiles are named after it",
        );
        self.document(
            "",
            "name of the service".to_owned(),
            &service.full_name,
            "documentation names it",
        );
    }

    fn operation(&mut self, operation: &crate::ir::Operation) {
        let of = |what: &str| format!("{what} of {}", operation.wire_name);
        self.wire(of("target"), &operation.target);
        self.wire(of("authentication"), format!("{:?}", operation.auth));
        self.wire(of("host prefix"), format!("{:?}", operation.host_prefix));
        self.grow(
            of("compression"),
            operation.gzip,
            "request bodies are compressed, or no longer",
        );
        self.grow(
            of("endpoint parameters"),
            format!("{:?} {:?}", operation.static_context, operation.context_paths),
            "requests may go to other endpoints",
        );
        self.grow(
            of("paginator"),
            format!("{:?}", operation.paginator),
            "pages are asked for in another way",
        );
        self.grow(
            of("rules between members"),
            format!("{:?}", operation.constraints),
            "inputs are checked by other rules",
        );
        for exception in &operation.exceptions {
            self.document(
                &operation.wire_name,
                format!("exception {} of {}", exception.code, operation.wire_name),
                "listed",
                "documentation lists it; the exception map holds it either way",
            );
        }
        self.members(&operation.request);
        if let Some(output) = &operation.output {
            self.members(output);
        }
    }

    fn definition(&mut self, definition: &TypeDefinition) {
        match definition {
            TypeDefinition::Structure(structure)
            | TypeDefinition::Union(structure)
            | TypeDefinition::Events(structure) => self.members(structure),
            TypeDefinition::Enumeration(enumeration) => {
                for value in &enumeration.values {
                    self.wire(
                        format!("value of {}::{}", enumeration.name, value.name),
                        &value.value,
                    );
                }
            }
        }
    }

    fn members(&mut self, structure: &Structure) {
        for member in &structure.members {
            let of = |what: &str| format!("{what} of {}.{}", structure.name, member.name);
            self.wire(of("wire name"), &member.wire_name);
            self.grow(
                of("sensitivity"),
                member.sensitive,
                "Debug shows it, or no longer",
            );
            self.grow(
                of("idempotency token"),
                member.idempotency_token,
                "the client fills it, or no longer",
            );
        }
    }

    fn shapes(&mut self, model: &Model) {
        let limits = "documentation, and clients that check inputs, follow it";
        for (name, shape) in &model.shapes {
            let rules = lower::shape_rules(model, name);
            for (what, value) in [
                ("characters", &rules.characters),
                ("bytes", &rules.bytes),
                ("entries", &rules.entries),
                ("range", &rules.range),
            ] {
                if let Some(value) = value {
                    let bound = |bound: &Option<serde_json::Number>| {
                        bound
                            .as_ref()
                            .map_or_else(|| "any".to_owned(), ToString::to_string)
                    };
                    let value = format!("{} to {}", bound(&value[0]), bound(&value[1]));
                    self.document(name, format!("{what} of {name}"), value, limits);
                }
            }
            if let Some(pattern) = rules.pattern {
                self.document(name, format!("pattern of {name}"), pattern, limits);
            }
            if let ShapeKind::Exception(_, traits) = &shape.kind {
                self.grow(
                    format!("status and fault of {name}"),
                    format!("{:?} {:?}", traits.status, traits.fault),
                    "fakes answer with it",
                );
                self.grow(
                    format!("retries of {name}"),
                    format!("{:?}", traits.retry),
                    "it is tried again, or no longer",
                );
                self.wire(format!("code of {name}"), format!("{:?}", traits.query_code));
            }
        }
    }
}
