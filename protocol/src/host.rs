//! Hosts: which texts name one, which of them are this machine, and which only this machine reaches.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Tells whether `text` may be a label of a host name, and nothing else.
pub(crate) fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Says what keeps the host of a URL from being a name or an address.
pub(crate) fn problem(host: &str) -> Option<&'static str> {
    if address(host).is_some() {
        return None;
    }
    if host.starts_with('[') {
        return Some("must name an IPv6 address between the brackets");
    }
    if is_other_address(host) {
        // Whoever checks the text would see a name, and the system's resolver an address.
        return Some("must write an IPv4 address as four decimal numbers");
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    // Underscores are not for host names, but containers have them.
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_part = |part: &str| (1..=63).contains(&part.len()) && part.bytes().all(is_part);
    match name.len() <= 253 && name.split('.').all(is_part) {
        true => None,
        false => Some("must name a host"),
    }
}

/// Tells whether plaintext to a host stays on this machine.
///
/// A name below `localhost` does not count: not every resolver answers it by itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    match address(host) {
        Some(address) => address.is_loopback(),
        None => name(host) == "localhost",
    }
}

/// Tells whether a host is an address, or a name of this machine; nothing can stand before it.
pub(crate) fn is_address_or_local(host: &str) -> bool {
    address(host).is_some() || is_local_name(host)
}

/// Tells whether a host is this machine, or a service that only this machine reaches: no proxy does.
pub(crate) fn is_never_proxied(host: &str) -> bool {
    match address(host) {
        Some(IpAddr::V4(address)) => {
            address.is_loopback() || address.is_link_local() || address.is_unspecified()
        }
        // The last is where instances of EC2 ask for credentials over IPv6.
        Some(IpAddr::V6(address)) => {
            address.is_loopback()
                || address.is_unicast_link_local()
                || address.is_unspecified()
                || address.segments()[..2] == [0xfd00, 0x0ec2]
        }
        None => is_local_name(host) || is_other_address(host) || host.starts_with('['),
    }
}

/// Returns the address that a host is. An IPv4 address in the clothes of an IPv6 one is taken for what it is.
fn address(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[') {
        Some(host) => {
            let address: Ipv6Addr = host.strip_suffix(']')?.parse().ok()?;
            Some(IpAddr::V6(address).to_canonical())
        }
        None => host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

fn is_local_name(host: &str) -> bool {
    let name = name(host);
    name == "localhost" || name.ends_with(".localhost")
}

/// Returns a host name as it is compared: in small letters, without the dot of the root.
fn name(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Tells whether a host ends with a number, so that resolvers may take it for an IPv4 address, such as `127.1`, `0x7f000001`, or
/// `2130706433`. The usual form of an address is for [`address`].
fn is_other_address(host: &str) -> bool {
    let name = name(host);
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_decimal = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let is_hexadecimal = last
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_decimal || is_hexadecimal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_in_every_form() {
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::FFFF:7f00:1]",
            "localhost",
            "LocalHost.",
        ] {
            assert!(is_loopback(host) && is_never_proxied(host), "{host}");
            assert_eq!(problem(host), None, "{host}");
        }
        for host in [
            "169.254.169.254",
            "169.254.170.2",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[fe80::1]",
            "[fd00:ec2::254]",
            "[fd00:ec2::23]",
            "0.0.0.0",
            "[::]",
            "app.localhost",
        ] {
            assert!(is_never_proxied(host) && !is_loopback(host), "{host}");
            assert_eq!(problem(host), None, "{host}");
        }
    }

    #[test]
    fn an_address_in_disguise_is_no_host_and_goes_through_no_proxy() {
        for host in [
            "2130706433",
            "0x7f000001",
            "0X7F.1",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "example.1",
            "2852039166",
            "0xa9fea9fe",
            "169.254.0xa9fe",
            "[::1",
            "[fe80::1%25eth0]",
            "[127.0.0.1]",
        ] {
            assert!(problem(host).is_some(), "{host}");
            assert!(is_never_proxied(host), "{host}");
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn names_are_names() {
        for host in [
            "example.com",
            "a-b.example.",
            "my_service",
            "xn--bcher-kva.example",
            "1a",
            "10.example",
        ] {
            assert_eq!(problem(host), None, "{host}");
            assert!(!is_never_proxied(host) && !is_loopback(host), "{host}");
        }
        let long = "a".repeat(64);
        for host in ["", ".", "a..b", ".a", "a%41", "a b", "b\u{fc}cher", "a:b", &long] {
            assert!(problem(host).is_some(), "{host}");
        }
    }
}
