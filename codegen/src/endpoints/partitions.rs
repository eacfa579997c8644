//! Reads `partitions.json`.

use serde_json::Value;

use crate::model::{Object, Problem, Problems};

/// A group of regions that share a domain.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Such as `aws-cn`.
    pub name: String,
    /// The domain of endpoints.
    pub dns_suffix: String,
    /// The domain of dual stack endpoints.
    pub dual_stack_dns_suffix: String,
    /// The region that global services sign for.
    pub implicit_global_region: String,
    /// Whether there are FIPS endpoints.
    pub supports_fips: bool,
    /// Whether there are dual stack endpoints.
    pub supports_dual_stack: bool,
    /// The regions that are known, sorted.
    pub regions: Vec<String>,
    /// What the names of its regions start with.
    pub prefixes: Vec<String>,
}

/// Reads the partitions.
///
/// # Errors
///
/// Returns every pattern of region names that has no prefix form, and what is missing.
pub fn read_partitions(json: &Value) -> Result<Vec<Partition>, Vec<Problem>> {
    let problems = Problems::default();
    let partitions = json.get("partitions").and_then(Value::as_array);
    let partitions = partitions.map(Vec::as_slice).unwrap_or_default();
    let read = partitions.iter().filter_map(|partition| {
        let partition = Object::new("partitions".to_owned(), partition, &problems)?;
        let outputs = partition.object("outputs")?;
        let pattern = partition.required_string("regionRegex");
        let prefixes = prefixes(&pattern).unwrap_or_else(|| {
            partition.problem(format!("the pattern {pattern} has no prefix form"));
            Vec::new()
        });
        let regions = partition.entries("regions").into_iter();
        Some(Partition {
            name: outputs.required_string("name"),
            dns_suffix: outputs.required_string("dnsSuffix"),
            dual_stack_dns_suffix: outputs.required_string("dualStackDnsSuffix"),
            implicit_global_region: outputs.required_string("implicitGlobalRegion"),
            supports_fips: outputs.flag("supportsFIPS"),
            supports_dual_stack: outputs.flag("supportsDualStack"),
            // A name such as `aws-global` is no region that anybody is in, but rules know it.
            regions: regions.map(|(region, _)| region.to_owned()).collect(),
            prefixes,
        })
    });
    let read: Vec<Partition> = read.collect();
    match problems.into_sorted() {
        problems if problems.is_empty() => Ok(read),
        problems => Err(problems),
    }
}

/// Turns a pattern such as `^(us|eu)\-\w+\-\d+$` into what region names start with.
fn prefixes(pattern: &str) -> Option<Vec<String>> {
    let start = pattern
        .strip_prefix('^')?
        .strip_suffix(r"\-\w+\-\d+$")?
        .replace(r"\-", "-");
    let (before, choices, after) = match start.split_once('(') {
        Some((before, rest)) => {
            let (choices, after) = rest.split_once(')')?;
            (before, choices, after)
        }
        None => ("", start.as_str(), ""),
    };
    let prefixes: Vec<String> = choices
        .split('|')
        .map(|choice| format!("{before}{choice}{after}"))
        .collect();
    let is_plain = |prefix: &String| prefix.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    prefixes.iter().all(is_plain).then_some(prefixes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_prefixes() {
        assert_eq!(
            prefixes(r"^(us|eu)\-\w+\-\d+$"),
            Some(vec!["us".to_owned(), "eu".to_owned()])
        );
        assert_eq!(prefixes(r"^us\-gov\-\w+\-\d+$"), Some(vec!["us-gov".to_owned()]));
        assert_eq!(
            prefixes(r"^eusc\-(de)\-\w+\-\d+$"),
            Some(vec!["eusc-de".to_owned()])
        );
        assert_eq!(prefixes(r"^us\-.*$"), None);
        assert_eq!(prefixes(r"^u[sx]\-\w+\-\d+$"), None);
    }
}
