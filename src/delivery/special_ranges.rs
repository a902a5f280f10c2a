//! The ranges of addresses that are no ordinary place in the internet, each with the document that says so.
//!
//! Taken from the IANA special-purpose address registries (iana-ipv4-special-registry, iana-ipv6-special-registry) and the documents they
//! name. Of IPv6 only 2000::/3 is handed out as global unicast (RFC 4291 section 2.4 and IANA's ipv6-address-space), so everything outside it is
//! refused as a whole, also what is special one day.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::options::cidr::masked;

/// A range that webhooks may not reach.
#[derive(Debug, PartialEq, Eq)]
pub struct SpecialRange {
    /// The first address.
    pub network: IpAddr,
    /// How many bits of it count.
    pub bits: u8,
    /// What it is for, with its article.
    pub what: &'static str,
    /// The document.
    pub source: &'static str,
}

impl SpecialRange {
    fn contains(&self, address: IpAddr) -> bool {
        masked(address, self.bits) == Some(self.network)
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8, what: &'static str, source: &'static str) -> SpecialRange {
    SpecialRange { network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), bits, what, source }
}

const fn v6(head: [u16; 4], bits: u8, what: &'static str, source: &'static str) -> SpecialRange {
    let [a, b, c, d] = head;
    SpecialRange { network: IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)), bits, what, source }
}

/// Narrower ranges stand before the wider ones that hold them, so that the more telling name is said.
static RANGES_V4: &[SpecialRange] = &[
    v4(169, 254, 169, 254, 32, "a cloud's metadata service", "RFC 3927, and every large cloud's manual"),
    v4(100, 100, 100, 200, 32, "a cloud's metadata service", "Alibaba Cloud, ECS instance metadata"),
    v4(168, 63, 129, 16, 32, "a cloud's platform service", "Microsoft Learn, What is IP address 168.63.129.16, read November 2026"),
    v4(0, 0, 0, 0, 8, "an address of this host on this network", "RFC 791 section 3.2"),
    v4(10, 0, 0, 0, 8, "a private address", "RFC 1918"),
    v4(100, 64, 0, 0, 10, "an address shared behind a carrier's NAT", "RFC 6598"),
    v4(127, 0, 0, 0, 8, "a loopback address", "RFC 1122 section 3.2.1.3"),
    v4(169, 254, 0, 0, 16, "a link-local address", "RFC 3927"),
    v4(172, 16, 0, 0, 12, "a private address", "RFC 1918"),
    v4(192, 0, 0, 0, 24, "an address of the IETF's protocols", "RFC 6890 section 2.1"),
    v4(192, 0, 2, 0, 24, "an address for documentation", "RFC 5737"),
    v4(192, 31, 196, 0, 24, "an AS112 sink", "RFC 7535"),
    v4(192, 52, 193, 0, 24, "an automatic multicast tunnel", "RFC 7450"),
    v4(192, 88, 99, 0, 24, "a 6to4 relay", "RFC 7526"),
    v4(192, 168, 0, 0, 16, "a private address", "RFC 1918"),
    v4(192, 175, 48, 0, 24, "an AS112 sink", "RFC 7534"),
    v4(198, 18, 0, 0, 15, "an address for benchmarks", "RFC 2544"),
    v4(198, 51, 100, 0, 24, "an address for documentation", "RFC 5737"),
    v4(203, 0, 113, 0, 24, "an address for documentation", "RFC 5737"),
    v4(224, 0, 0, 0, 4, "a multicast address", "RFC 5771"),
    v4(255, 255, 255, 255, 32, "the broadcast address", "RFC 919"),
    v4(240, 0, 0, 0, 4, "a reserved address", "RFC 1112 section 4"),
];

static RANGES_V6: &[SpecialRange] = &[
    SpecialRange {
        network: IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        bits: 128,
        what: "the unspecified address",
        source: "RFC 4291 section 2.5.2",
    },
    SpecialRange { network: IpAddr::V6(Ipv6Addr::LOCALHOST), bits: 128, what: "a loopback address", source: "RFC 4291 section 2.5.3" },
    SpecialRange {
        network: IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
        bits: 128,
        what: "a cloud's metadata service",
        source: "Amazon EC2 User Guide, instance metadata",
    },
    v6([0, 0, 0, 0], 96, "an IPv4-compatible address", "RFC 4291 section 2.5.5.1"),
    v6([0x64, 0xff9b, 0, 0], 96, "an address behind NAT64", "RFC 6052"),
    v6([0x64, 0xff9b, 1, 0], 48, "an address behind NAT64", "RFC 8215"),
    v6([0x100, 0, 0, 0], 64, "an address whose packets are discarded", "RFC 6666"),
    v6([0x2001, 0, 0, 0], 32, "a Teredo address", "RFC 4380"),
    v6([0x2001, 2, 0, 0], 48, "an address for benchmarks", "RFC 5180"),
    v6([0x2001, 0, 0, 0], 23, "an address of the IETF's protocols", "RFC 2928"),
    v6([0x2001, 0xdb8, 0, 0], 32, "an address for documentation", "RFC 3849"),
    v6([0x2002, 0, 0, 0], 16, "a 6to4 address", "RFC 3056"),
    v6([0x2620, 0x4f, 0x8000, 0], 48, "an AS112 sink", "RFC 7534"),
    v6([0x3fff, 0, 0, 0], 20, "an address for documentation", "RFC 9637"),
    v6([0xfc00, 0, 0, 0], 7, "a unique local address", "RFC 4193"),
    v6([0xfe80, 0, 0, 0], 10, "a link-local address", "RFC 4291 section 2.5.6"),
    v6([0xfec0, 0, 0, 0], 10, "a site-local address", "RFC 3879"),
    v6([0xff00, 0, 0, 0], 8, "a multicast address", "RFC 4291 section 2.7"),
];

/// What is handed out; the only range here whose addresses may be reached.
static GLOBAL_UNICAST_V6: SpecialRange = v6([0x2000, 0, 0, 0], 3, "a global unicast address", "RFC 4291 section 2.4");
/// All the rest of IPv6.
static OUTSIDE_GLOBAL_UNICAST_V6: SpecialRange = v6([0, 0, 0, 0], 0, "no global unicast address", "RFC 4291 section 2.4");

/// The special range that holds the address; `None` for an ordinary place in the internet. An address that only wraps an IPv4 address
/// (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2) is judged as that one.
#[must_use]
pub fn special_range(address: IpAddr) -> Option<&'static SpecialRange> {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => RANGES_V4.iter().find(|range| range.contains(v4)),
        v6 @ IpAddr::V6(_) => RANGES_V6
            .iter()
            .find(|range| range.contains(v6))
            .or_else(|| (!GLOBAL_UNICAST_V6.contains(v6)).then_some(&OUTSIDE_GLOBAL_UNICAST_V6)),
    }
}

/// The IPv4 address that a translator or tunnel would send the packet on to, if the address is of such a kind: IPv4-compatible, NAT64
/// (RFC 6052 section 2.2), 6to4 (RFC 3056 section 2).
#[must_use]
pub fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let last = Ipv4Addr::from_bits(bits as u32);
    let begins = |head: u128, length: u32| bits >> (128 - length) == head;
    if begins(0, 96) {
        // `::` and `::1` are addresses of their own.
        return (bits > 0xffff).then_some(last);
    }
    if begins(0x64_ff9b_0000_0000_0000_0000, 96) {
        return Some(last);
    }
    if begins(0x64_ff9b_0001, 48) {
        // A prefix of 48 bits: bits 48 to 63 hold the first half, 64 to 71 are zero, 72 to 87 hold the second, and nothing stands behind.
        // Otherwise a network of ours has taken a prefix of 96 bits out of that range.
        let halves = (bits >> 64 & 0xffff) << 16 | (bits >> 40 & 0xffff);
        return Some(if bits.trailing_zeros() >= 40 { Ipv4Addr::from_bits(halves as u32) } else { last });
    }
    begins(0x2002, 16).then(|| Ipv4Addr::from_bits((bits >> 80) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_begins_where_it_says() {
        for range in RANGES_V4.iter().chain(RANGES_V6) {
            assert_eq!(masked(range.network, range.bits), Some(range.network), "{range:?}");
            assert!(special_range(range.network).is_some(), "{range:?}");
        }
    }

    #[test]
    fn ordinary_addresses_are_in_no_range() {
        for ordinary in
            ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "198.17.255.255"]
        {
            assert_eq!(special_range(ordinary.parse().unwrap()), None, "{ordinary}");
        }
        for ordinary in ["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:200::1", "2003::1", "::ffff:8.8.8.8"] {
            assert_eq!(special_range(ordinary.parse().unwrap()), None, "{ordinary}");
        }
    }

    #[test]
    fn the_address_inside_an_address_is_found() {
        let inside = |text: &str| embedded_v4(text.parse().unwrap()).map(|v4| v4.to_string());
        assert_eq!(inside("64:ff9b::a01:203").as_deref(), Some("10.1.2.3"));
        // RFC 6052 section 2.4 shows 192.0.2.33 behind a prefix of 48 bits as …:c000:2:2100::
        assert_eq!(inside("64:ff9b:1:c000:2:2100::").as_deref(), Some("192.0.2.33"));
        assert_eq!(inside("64:ff9b:1::a01:203").as_deref(), Some("10.1.2.3"));
        assert_eq!(inside("2002:7f00:1::").as_deref(), Some("127.0.0.1"));
        assert_eq!(inside("::169.254.169.254").as_deref(), Some("169.254.169.254"));
        for whole in ["2606:4700::1111", "::", "::1"] {
            assert_eq!(inside(whole), None, "{whole}");
        }
    }
}
