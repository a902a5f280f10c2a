//! Small MMDB files, written byte by byte as MaxMind's specification of version 2.0 has them: a search tree with records of 24 bits, 16
//! zeros, the data, and the metadata behind their marker.
//!
//! Does not: write nested networks, or more than a few.

use std::{fs, net::IpAddr, path::Path};

/// 2026-11-01, in seconds since 1970.
pub const BUILT_AT_SECS: u64 = 1_793_491_200;

/// What a record of the tree leads to.
#[derive(Clone, Copy)]
enum Slot {
    Nothing,
    Node(usize),
    Data(usize),
}

/// A file in the making.
pub struct Mmdb {
    database_type: String,
    ip_version: u16,
    nodes: Vec<[Slot; 2]>,
    data: Vec<u8>,
}

impl Mmdb {
    /// One for both versions, with IPv4 under `::/96`.
    pub fn new(database_type: &str) -> Self {
        Self { database_type: database_type.to_owned(), ip_version: 6, nodes: vec![[Slot::Nothing; 2]], data: Vec::new() }
    }

    /// One for IPv4 alone.
    pub fn of_ipv4(database_type: &str) -> Self {
        Self { ip_version: 4, ..Self::new(database_type) }
    }

    /// Adds a network, such as `81.2.69.0/24`, whose country has this code.
    pub fn country(self, network: &str, code: &str) -> Self {
        self.record(network, &map(&[("country", map(&[("iso_code", text(code))]))]))
    }

    /// Adds a network with these bytes as its record.
    pub fn record(mut self, network: &str, record: &[u8]) -> Self {
        let (address, length) = network.split_once('/').expect("a network");
        let length: usize = length.parse().expect("a length");
        let (bits, length, width) = match address.parse().expect("an address") {
            IpAddr::V4(v4) if self.ip_version == 6 => (u128::from(v4.to_bits()), length + 96, 128),
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), length, 32),
            IpAddr::V6(v6) => (v6.to_bits(), length, 128),
        };
        let mut at = 0;
        for depth in 0..length {
            let side = (bits >> (width - 1 - depth) & 1) as usize;
            if depth + 1 == length {
                self.nodes[at][side] = Slot::Data(self.data.len());
            } else if let Slot::Node(next) = self.nodes[at][side] {
                at = next;
            } else {
                self.nodes.push([Slot::Nothing; 2]);
                self.nodes[at][side] = Slot::Node(self.nodes.len() - 1);
                at = self.nodes.len() - 1;
            }
        }
        self.data.extend_from_slice(record);
        self
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let count = self.nodes.len();
        let mut bytes = Vec::new();
        for slot in self.nodes.iter().flatten() {
            let value = match slot {
                Slot::Nothing => count,
                Slot::Node(node) => *node,
                Slot::Data(at) => count + 16 + at,
            };
            bytes.extend_from_slice(&(value as u32).to_be_bytes()[1..]);
        }
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(&self.data);
        bytes.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
        bytes.extend(map(&[
            ("binary_format_major_version", number(5, 2)),
            ("binary_format_minor_version", number(5, 0)),
            ("build_epoch", number(9, BUILT_AT_SECS)),
            ("database_type", text(&self.database_type)),
            ("description", map(&[("en", text("For tests"))])),
            ("ip_version", number(5, u64::from(self.ip_version))),
            // An array of nothing.
            ("languages", head(11, 0)),
            ("node_count", number(6, count as u64)),
            ("record_size", number(5, 24)),
        ]));
        bytes
    }

    /// Puts the file in place as an operator should: whole, in one step.
    pub fn write(&self, path: &Path) {
        put(path, &self.bytes());
    }
}

/// Puts bytes in a file's place in one step.
pub fn put(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).expect("write the file");
    fs::rename(&beside, path).expect("put it in place");
}

/// The control bytes of a value: type and size. Types above 7 say so in a byte of their own.
fn head(kind: u8, size: usize) -> Vec<u8> {
    assert!(size < 29, "longer values have a longer head");
    if kind > 7 { vec![size as u8, kind - 7] } else { vec![kind << 5 | size as u8] }
}

fn text(text: &str) -> Vec<u8> {
    [head(2, text.len()), text.as_bytes().to_vec()].concat()
}

fn number(kind: u8, number: u64) -> Vec<u8> {
    let bytes: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    [head(kind, bytes.len()), bytes].concat()
}

fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let members = members.iter().flat_map(|(name, value)| [text(name), value.clone()]);
    [head(7, members.clone().count() / 2), members.flatten().collect()].concat()
}
