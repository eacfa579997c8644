//! Endpoint rule sets and partitions, as const tables.

use proc_macro2::{Literal as Token, TokenStream};
use quote::quote;

use crate::endpoints::{
    AuthScheme, Condition, Expression, Literal, Parameter, Part, Partition, Rule, RuleSet, Source, Step, Then,
};
use crate::output::File;

/// Renders the module with the rule set of a service.
pub fn module(rules: &RuleSet) -> TokenStream {
    let parameters = rules.parameters.iter().map(parameter);
    let rules = rules.rules.iter().map(rule);
    quote! {
        //! The rules by which the endpoint follows from the region and other parameters.

        use awsjson_protocol::endpoint_rules as er;

        pub(crate) static RULES: er::RuleSet = er::RuleSet {
            parameters: &[#(#parameters),*],
            rules: &[#(#rules),*],
        };
    }
}

/// Renders the file of the protocol crate that holds the partitions.
pub fn partitions(partitions: &[Partition]) -> File {
    let partitions = partitions.iter().map(|partition| {
        let Partition {
            name,
            dns_suffix,
            dual_stack_dns_suffix,
            implicit_global_region,
            supports_fips,
            supports_dual_stack,
            regions,
            prefixes,
        } = partition;
        quote! {
            Partition {
                name: #name,
                dns_suffix: #dns_suffix,
                dual_stack_dns_suffix: #dual_stack_dns_suffix,
                implicit_global_region: #implicit_global_region,
                supports_fips: #supports_fips,
                supports_dual_stack: #supports_dual_stack,
                regions: &[#(#regions),*],
                prefixes: &[#(#prefixes),*],
            }
        }
    });
    super::rust(
        "protocol/src/endpoint_rules/partitions.rs",
        quote! {
            //! The partitions of AWS.
            #![cfg_attr(rustfmt, rustfmt_skip)]

            use super::partition::Partition;

            pub(super) static PARTITIONS: &[Partition] = &[#(#partitions),*];
        },
    )
}

fn parameter(parameter: &Parameter) -> TokenStream {
    let (name, required) = (&parameter.name, parameter.required);
    let source = match parameter.source {
        Source::Region => quote!(Region),
        Source::UseFips => quote!(UseFips),
        Source::UseDualStack => quote!(UseDualStack),
        Source::Endpoint => quote!(Endpoint),
        Source::AccountId => quote!(AccountId),
        Source::AccountIdEndpointMode => quote!(AccountIdEndpointMode),
        Source::Operation => quote!(Operation),
    };
    let default = option(parameter.default.as_ref().map(literal));
    quote! {
        er::Parameter { name: #name, source: er::Source::#source, required: #required, default: #default }
    }
}

fn rule(rule: &Rule) -> TokenStream {
    let conditions = rule.conditions.iter().map(condition);
    let then = match &rule.then {
        Then::Rules(rules) => {
            let rules = rules.iter().map(self::rule);
            quote!(er::Then::Rules(&[#(#rules),*]))
        }
        Then::Endpoint { url, auth_schemes } => {
            let (url, auth_schemes) = (expression(url), auth_schemes.iter().map(auth_scheme));
            quote!(er::Then::Endpoint { url: #url, auth_schemes: &[#(#auth_schemes),*] })
        }
        Then::Error(message) => {
            let message = expression(message);
            quote!(er::Then::Error(#message))
        }
    };
    quote!(er::Rule { conditions: &[#(#conditions),*], then: #then })
}

fn condition(condition: &Condition) -> TokenStream {
    let value = expression(&condition.value);
    let assign = option(condition.assign.as_ref().map(|name| quote!(#name)));
    quote!(er::Condition { value: #value, assign: #assign })
}

fn auth_scheme(scheme: &AuthScheme) -> TokenStream {
    let name = &scheme.name;
    let signing_name = option(scheme.signing_name.as_ref().map(expression));
    let signing_region = option(scheme.signing_region.as_ref().map(expression));
    quote! {
        er::AuthSchemeTemplate { name: #name, signing_name: #signing_name, signing_region: #signing_region }
    }
}

fn expression(value: &Expression) -> TokenStream {
    let one = |value: &Expression| {
        let value = expression(value);
        quote!(&#value)
    };
    match value {
        Expression::Literal(value) => {
            let value = literal(value);
            quote!(er::Expression::Literal(#value))
        }
        Expression::Template(parts) => {
            let parts = parts.iter().map(part);
            quote!(er::Expression::Template(&[#(#parts),*]))
        }
        Expression::Reference(name) => quote!(er::Expression::Reference(#name)),
        Expression::Attribute(value, steps) => {
            let (value, steps) = (one(value), steps.iter().map(step));
            quote!(er::Expression::Attribute(#value, &[#(#steps),*]))
        }
        Expression::IsSet(value) => {
            let value = one(value);
            quote!(er::Expression::IsSet(#value))
        }
        Expression::Not(value) => {
            let value = one(value);
            quote!(er::Expression::Not(#value))
        }
        Expression::Equals(left, right) => {
            let (left, right) = (one(left), one(right));
            quote!(er::Expression::Equals(#left, #right))
        }
        Expression::IsValidHostLabel(text, dots) => {
            let (text, dots) = (one(text), one(dots));
            quote!(er::Expression::IsValidHostLabel(#text, #dots))
        }
        Expression::Partition(value) => {
            let value = one(value);
            quote!(er::Expression::Partition(#value))
        }
        Expression::ParseArn(value) => {
            let value = one(value);
            quote!(er::Expression::ParseArn(#value))
        }
        Expression::ParseUrl(value) => {
            let value = one(value);
            quote!(er::Expression::ParseUrl(#value))
        }
        Expression::Substring(value, start, stop, reverse) => {
            let (value, start, stop) = (one(value), number(*start), number(*stop));
            quote!(er::Expression::Substring(#value, #start, #stop, #reverse))
        }
    }
}

fn part(part: &Part) -> TokenStream {
    match part {
        Part::Text(text) => quote!(er::Part::Text(#text)),
        Part::Hole(value) => {
            let value = expression(value);
            quote!(er::Part::Hole(#value))
        }
    }
}

fn step(step: &Step) -> TokenStream {
    match step {
        Step::Name(name) => quote!(er::Step::Name(#name)),
        Step::Index(at) => {
            let at = number(*at);
            quote!(er::Step::Index(#at))
        }
    }
}

fn literal(literal: &Literal) -> TokenStream {
    match literal {
        Literal::String(text) => quote!(er::Literal::String(#text)),
        Literal::Boolean(value) => quote!(er::Literal::Boolean(#value)),
    }
}

fn number(number: usize) -> Token {
    Token::usize_unsuffixed(number)
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(Some(#value)),
        None => quote!(None),
    }
}
