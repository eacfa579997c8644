//! Partitions: groups of regions that share a domain.

use super::partitions::PARTITIONS;

/// A group of regions that share a domain.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// Such as `aws-cn`.
    pub name: &'static str,
    /// The domain of endpoints.
    pub dns_suffix: &'static str,
    /// The domain of endpoints that are reached over IPv4 and IPv6.
    pub dual_stack_dns_suffix: &'static str,
    /// The region that global services sign for.
    pub implicit_global_region: &'static str,
    /// Whether there are FIPS endpoints.
    pub supports_fips: bool,
    /// Whether there are dual stack endpoints.
    pub supports_dual_stack: bool,
    /// The regions that are known.
    pub regions: &'static [&'static str],
    /// What the names of regions start with, known or not; a word and a number follow, as in `-west-1`.
    pub prefixes: &'static [&'static str],
}

/// Returns the partition of a region. One that is not known belongs where its name fits, else to the first partition.
pub(super) fn of(region: &str) -> Option<&'static Partition> {
    let mut partitions = PARTITIONS.iter();
    let known = partitions.find(|partition| partition.regions.contains(&region));
    let fitting = || PARTITIONS.iter().find(|partition| partition.fits(region));
    known.or_else(fitting).or(PARTITIONS.first())
}

impl Partition {
    fn fits(&self, region: &str) -> bool {
        let rests = self
            .prefixes
            .iter()
            .filter_map(|prefix| region.strip_prefix(prefix));
        let mut words = rests.filter_map(|rest| rest.strip_prefix('-')?.rsplit_once('-'));
        words.any(|(word, number)| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            !word.is_empty() && word.chars().all(is_word) && is_number
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_that_are_not_known_belong_where_their_name_fits() {
        let name = |region| of(region).map(|partition| partition.name);
        assert_eq!(name("eu-central-1"), Some("aws"));
        assert_eq!(name("eu-nowhere-77"), Some("aws"));
        assert_eq!(name("cn-nowhere-1"), Some("aws-cn"));
        assert_eq!(name("us-gov-nowhere-1"), Some("aws-us-gov"));
        assert_eq!(name("us-iso-nowhere-1"), Some("aws-iso"));
        assert_eq!(name("mars"), Some("aws"));
    }
}
