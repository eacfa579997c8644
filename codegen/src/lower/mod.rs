//! Turns a model into the intermediate representation: shapes become Rust types.

mod companions;
mod facts;
mod input_rules;
mod path;
mod recursion;
mod types;

use crate::ir::{
    Constraint, Docs, Exception, ExceptionReference, MESSAGE_SPELLINGS, Member, MemberReference, Operation,
    Presence, Service, Structure, Support,
};
use crate::model::{self, About, Fault, Model, Problem, Problems, ShapeKind};
use crate::names::{self, Namer};
use crate::overlay::{self, OperationOverlay, Overlay};

use std::collections::{BTreeMap, BTreeSet};

pub use input_rules::rules as shape_rules;
use types::Types;

/// Renders upstream documentation as Markdown.
pub type DocsRenderer = fn(&str) -> String;

/// The settings of a lowering.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// How to render upstream documentation; without it, only facts are documented.
    pub upstream_docs: Option<DocsRenderer>,
}

/// Lowers the model of the service in `folder`; the overlay has been checked against it.
///
/// # Errors
///
/// Returns the things that would share a name.
pub fn lower(
    folder: &str,
    model: &Model,
    overlay: &Overlay,
    settings: Settings,
) -> Result<Service, Vec<Problem>> {
    if let Some(what) = names::service_problem(folder) {
        let place = folder.to_owned();
        return Err(vec![Problem { place, what }]);
    }
    let namer = Namer::new(folder, &overlay.names);
    let lowering = Lowering {
        model,
        settings,
        types: Types::new(model, &namer),
        operation_names: operation_names(model, &namer),
        namer,
        folder,
        problems: Problems::default(),
    };
    let service = &model.service;
    let service = Service {
        folder: folder.to_owned(),
        name: names::service_name(folder),
        full_name: service.full_name.clone(),
        service_id: service.service_id.clone(),
        endpoint_prefix: service.endpoint_prefix.clone(),
        signing_name: service.signing_name.clone(),
        env_suffix: env_suffix(&service.service_id),
        json_version: service.json_version,
        query_compatibility: service.query_compatibility,
        endpoint_rules: None,
        docs: lowering.upstream(service.documentation.as_deref()),
        operations: lowering.operations(overlay),
        types: lowering.type_definitions(),
        exceptions: lowering.exceptions(),
        waiters: lowering.waiters(),
        input_rules: input_rules::of(model),
        hand_written: (overlay.modules.iter())
            .map(|(name, module)| (name.clone(), module.about.clone()))
            .collect(),
    };
    let mut problems = lowering.namer.into_problems();
    problems.extend(lowering.problems.into_sorted());
    match problems {
        problems if problems.is_empty() => Ok(service),
        problems => Err(problems),
    }
}

/// Writes text as a part of a URL's path.
fn path_segment(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let write = |byte: u8| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(write).collect()
}

/// Returns the suffix of a service's endpoint variable, such as `CLOUDWATCH_LOGS`.
pub fn env_suffix(service_id: &str) -> String {
    service_id.replace([' ', '-'], "_").to_uppercase()
}

struct Lowering<'a> {
    model: &'a Model,
    settings: Settings,
    types: Types<'a>,
    /// The names of request and output types, by place.
    operation_names: BTreeMap<String, String>,
    namer: Namer<'a>,
    /// The folder of the service, which problems start with.
    folder: &'a str,
    problems: Problems,
}

/// Names request types after the operation, and output types, by the place `Operation$output`, after these.
///
/// They share a module, so an operation may not be named like the output of another.
fn operation_names(model: &Model, namer: &Namer<'_>) -> BTreeMap<String, String> {
    let outputs: Vec<String> = model.operations.keys().map(|name| output_place(name)).collect();
    let places = || model.operations.keys().chain(&outputs).map(String::as_str);
    let names = namer.name_all(
        places().map(|place| (place.to_owned(), place)),
        |place| match place.strip_suffix("$output") {
            Some(operation) => names::output_name(&names::type_name(operation)),
            None => names::type_name(place),
        },
    );
    let names = names.into_iter().map(|(place, name)| (place.to_owned(), name));
    names.collect()
}

fn output_place(operation: &str) -> String {
    format!("{operation}$output")
}

impl<'a> Lowering<'a> {
    fn operations(&self, overlay: &Overlay) -> Vec<Operation> {
        let operations = self.model.operations.iter();
        operations
            .map(|(name, operation)| {
                let overlay = overlay.operations.get(name).cloned().unwrap_or_default();
                self.operation(name, operation, &overlay)
            })
            .collect()
    }

    fn operation(&self, name: &str, operation: &model::Operation, overlay: &OperationOverlay) -> Operation {
        let mut request = self.request(name, operation);
        request.docs = self.docs(&operation.about);
        request.docs.summary.clone_from(&overlay.summary);
        let service = &self.model.service;
        let events = self.events(name, operation);
        let support = match self.model.event_stream(operation.input.as_ref()) {
            None => Support::Full,
            Some(_) => Support::InputEventStreamNotYet,
        };
        Operation {
            wire_name: name.to_owned(),
            output: match events {
                None => self.output(name, operation),
                Some(_) => None,
            },
            events,
            target: format!("{}.{name}", service.target_prefix),
            exceptions: operation
                .errors
                .iter()
                .map(|shape| self.exception_reference(shape))
                .collect(),
            auth: operation.auth,
            host_prefix: operation.host_prefix.clone(),
            gzip: operation.gzip,
            static_context: operation.static_context.clone().into_iter().collect(),
            context_paths: self.context_paths(name, operation),
            paginator: self.paginator(name, operation, overlay),
            constraints: overlay
                .constraints
                .iter()
                .map(|constraint| self.constraint(constraint, &request))
                .collect(),
            support,
            reference: format!(
                "https://docs.aws.amazon.com/goto/WebAPI/{}/{}",
                path_segment(&service.uid),
                path_segment(name)
            ),
            request,
        }
    }

    fn request(&self, name: &str, operation: &model::Operation) -> Structure {
        let type_name = self.operation_names[name].clone();
        match &operation.input {
            Some(shape) => self.structure_of(shape, type_name),
            None => empty_structure(name, type_name),
        }
    }

    fn output(&self, name: &str, operation: &model::Operation) -> Option<Structure> {
        let shape = operation.output.as_ref()?;
        let type_name = self.operation_names[&output_place(name)].clone();
        let mut output = self.structure_of(shape, type_name);
        output
            .module
            .clone_from(&names::module_name(&self.operation_names[name]));
        Some(output)
    }

    /// Names the union of the events that an operation answers with.
    fn events(&self, name: &str, operation: &model::Operation) -> Option<String> {
        let stream = self.model.event_stream(operation.output.as_ref())?;
        let output = operation.output.as_ref()?;
        let problem = |what: String| self.problem(name, what);
        if self.types.members(output).len() > 1 {
            problem("members beside an event stream are not implemented".to_owned());
        }
        for member in self.types.members(stream) {
            let is_exception = matches!(self.model.shape(&member.shape).kind, ShapeKind::Exception(..));
            if is_exception && member.name != member.shape {
                problem(format!(
                    "the exception `{}` of an event stream is named unlike its shape `{}`, which is not implemented",
                    member.name, member.shape
                ));
            }
        }
        match self.types.of(stream) {
            crate::ir::Type::Structure(events) => Some(events),
            _ => None,
        }
    }

    fn structure_of(&self, shape: &str, type_name: String) -> Structure {
        let definition = self.model.shape(shape);
        let (ShapeKind::Structure(structure)
        | ShapeKind::Union(structure)
        | ShapeKind::EventStream(structure)
        | ShapeKind::Exception(structure, _)) = &definition.kind
        else {
            return empty_structure(shape, type_name);
        };
        let is_stream = matches!(definition.kind, ShapeKind::EventStream(_));
        let is_member = |member: &&model::Member| match self.model.shape(&member.shape).kind {
            ShapeKind::EventStream(_) => false,
            ShapeKind::Exception(..) => !is_stream,
            _ => true,
        };
        let member_names = self.types.member_names(shape);
        let required: BTreeSet<&str> = structure.required.iter().map(String::as_str).collect();
        let members: Vec<Member> = structure
            .members
            .iter()
            .filter(is_member)
            .map(|member| {
                let presence = match required.contains(member.name.as_str()) {
                    true => Presence::Required,
                    false => Presence::Optional,
                };
                let mut lowered = self.member(shape, member, presence);
                lowered.name.clone_from(&member_names[member.name.as_str()]);
                lowered.sensitive |= definition.sensitive;
                lowered
            })
            .collect();
        let places = members.iter().enumerate();
        let places: BTreeMap<&str, usize> = places
            .map(|(at, member)| (member.wire_name.as_str(), at))
            .collect();
        let required = structure.required.iter();
        let required = required
            .filter_map(|name| places.get(name.as_str()).copied())
            .collect();
        Structure {
            module: names::module_name(&type_name),
            name: type_name,
            shape: shape.to_owned(),
            members,
            required,
            docs: self.docs(&definition.about),
        }
    }

    fn member(&self, shape: &str, member: &model::Member, presence: Presence) -> Member {
        let mut docs = self.docs(&member.about);
        docs.facts = facts::of(self.model, &member.shape);
        Member {
            name: String::new(),
            wire_name: member.name.clone(),
            ty: self.types.of(&member.shape),
            presence,
            boxed: self.types.is_boxed(shape, &member.shape),
            sensitive: self.types.is_sensitive(&member.shape),
            idempotency_token: member.idempotency_token,
            host_label: member.host_label,
            context_param: member.context_param.clone(),
            is_message: false,
            docs,
        }
    }

    fn exceptions(&self) -> Vec<Exception> {
        let mut exceptions: Vec<Exception> = self
            .model
            .shapes
            .iter()
            .filter_map(|(name, shape)| match &shape.kind {
                ShapeKind::Exception(_, traits) => Some(self.exception(name, traits)),
                _ => None,
            })
            .collect();
        exceptions.sort_by(|a, b| a.code.cmp(&b.code));
        exceptions
    }

    fn exception(&self, shape: &str, traits: &model::ExceptionTraits) -> Exception {
        let mut structure = self.structure_of(shape, self.types.exception_name(shape));
        add_message(&mut structure);
        let default_status = match traits.fault {
            Fault::Client => 400,
            Fault::Server => 500,
        };
        Exception {
            structure,
            code: shape.to_owned(),
            query_code: traits.query_code.clone(),
            status: traits.status.unwrap_or(default_status),
            fault: traits.fault,
            retry: traits.retry,
        }
    }

    fn exception_reference(&self, shape: &str) -> ExceptionReference {
        ExceptionReference {
            name: self.types.exception_name(shape),
            code: shape.to_owned(),
        }
    }

    fn constraint(&self, constraint: &overlay::Constraint, request: &Structure) -> Constraint {
        let member = |wire_name: &String| MemberReference {
            wire_name: wire_name.clone(),
            name: request
                .members
                .iter()
                .find(|member| &member.wire_name == wire_name)
                .expect("the overlay was checked against the model")
                .name
                .clone(),
        };
        let all = |names: &Vec<String>| names.iter().map(member).collect();
        match constraint {
            overlay::Constraint::ExactlyOneOf(names) => Constraint::ExactlyOneOf(all(names)),
            overlay::Constraint::AtMostOneOf(names) => Constraint::AtMostOneOf(all(names)),
            overlay::Constraint::AtLeastOneOf(names) => Constraint::AtLeastOneOf(all(names)),
            overlay::Constraint::Requires { member: first, needs } => {
                Constraint::Requires(member(first), all(needs))
            }
        }
    }

    fn docs(&self, about: &About) -> Docs {
        Docs {
            upstream: self.upstream(about.documentation.as_deref()),
            deprecated: about
                .deprecated
                .as_ref()
                .map(|deprecation| deprecation.since.clone()),
            ..Docs::default()
        }
    }

    fn upstream(&self, html: Option<&str>) -> Option<String> {
        let text = self.settings.upstream_docs?(html?);
        (!text.is_empty()).then_some(text)
    }
}

/// Marks the member that holds an exception's message, or adds one: every service sends a message,
/// though many models leave it out.
fn add_message(structure: &mut Structure) {
    let found = MESSAGE_SPELLINGS.iter().find_map(|spelling| {
        let members = &structure.members;
        members
            .iter()
            .position(|member| member.wire_name == *spelling && member.ty == crate::ir::Type::String)
    });
    if let Some(at) = found {
        structure.members[at].is_message = true;
        structure.members[at].presence = Presence::Optional;
        structure.required.retain(|&required| required != at);
        return;
    }
    if structure.members.iter().any(|member| member.name == "message") {
        return;
    }
    structure.members.push(Member {
        name: "message".to_owned(),
        wire_name: "message".to_owned(),
        ty: crate::ir::Type::String,
        presence: Presence::Optional,
        boxed: false,
        sensitive: false,
        idempotency_token: false,
        host_label: false,
        context_param: None,
        is_message: true,
        docs: Docs::default(),
    });
}

fn empty_structure(shape: &str, type_name: String) -> Structure {
    Structure {
        module: names::module_name(&type_name),
        name: type_name,
        shape: shape.to_owned(),
        members: Vec::new(),
        required: Vec::new(),
        docs: Docs::default(),
    }
}
