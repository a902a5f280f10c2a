//! The table of spellings: every way to write an address that webhooks may not reach.

use std::sync::Arc;

use switchboard::delivery::{AddressGuard, AddressRefusal};

use super::world::Names;

fn guard(allow: &[&str], insecure: bool) -> AddressGuard {
    let allow: Vec<_> = allow.iter().map(|range| range.parse().unwrap()).collect();
    AddressGuard::new(&allow, insecure, Arc::new(Names::default()))
}

/// What is said of a URL: `ok` and its one spelling, or the range, or the refusal's text.
fn said(guard: &AddressGuard, url: &str) -> String {
    match guard.vet_url(url) {
        Ok(url) => format!("ok {}", url.as_str()),
        Err(AddressRefusal::Special { range, blamed, .. }) => format!("{blamed} in {}/{}", range.network, range.bits),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn every_spelling_of_a_special_address_is_refused() {
    let guard = guard(&[], false);
    for (host, expected) in [
        // Loopback, as no browser would show it.
        ("127.0.0.1", "127.0.0.1 in 127.0.0.0/8"),
        ("127.255.255.254", "127.255.255.254 in 127.0.0.0/8"),
        ("127.1", "127.0.0.1 in 127.0.0.0/8"),
        ("127.0.1", "127.0.0.1 in 127.0.0.0/8"),
        ("2130706433", "127.0.0.1 in 127.0.0.0/8"),
        ("0x7f000001", "127.0.0.1 in 127.0.0.0/8"),
        ("0x7f.0.0.1", "127.0.0.1 in 127.0.0.0/8"),
        ("0X7F.1", "127.0.0.1 in 127.0.0.0/8"),
        ("0177.0.0.1", "127.0.0.1 in 127.0.0.0/8"),
        ("017700000001", "127.0.0.1 in 127.0.0.0/8"),
        ("0177.0x0.1", "127.0.0.1 in 127.0.0.0/8"),
        ("127.0.0.1.", "127.0.0.1 in 127.0.0.0/8"),
        ("%31%32%37.0.0.1", "127.0.0.1 in 127.0.0.0/8"),
        ("１２７.０.０.１", "127.0.0.1 in 127.0.0.0/8"),
        ("127。0。0。1", "127.0.0.1 in 127.0.0.0/8"),
        ("①②⑦.0.0.1", "127.0.0.1 in 127.0.0.0/8"),
        ("0", "0.0.0.0 in 0.0.0.0/8"),
        ("0.0.0.0", "0.0.0.0 in 0.0.0.0/8"),
        ("0x0", "0.0.0.0 in 0.0.0.0/8"),
        ("0.1.2.3", "0.1.2.3 in 0.0.0.0/8"),
        // Private and shared.
        ("10.0.0.1", "10.0.0.1 in 10.0.0.0/8"),
        ("167772161", "10.0.0.1 in 10.0.0.0/8"),
        ("012.0.0.1", "10.0.0.1 in 10.0.0.0/8"),
        ("172.16.0.1", "172.16.0.1 in 172.16.0.0/12"),
        ("172.31.255.255", "172.31.255.255 in 172.16.0.0/12"),
        ("192.168.1.1", "192.168.1.1 in 192.168.0.0/16"),
        ("0xc0a80101", "192.168.1.1 in 192.168.0.0/16"),
        ("192.168.257", "192.168.1.1 in 192.168.0.0/16"),
        ("100.64.0.1", "100.64.0.1 in 100.64.0.0/10"),
        ("100.127.255.255", "100.127.255.255 in 100.64.0.0/10"),
        // Link-local and the clouds' own.
        ("169.254.0.1", "169.254.0.1 in 169.254.0.0/16"),
        ("169.254.169.254", "169.254.169.254 in 169.254.169.254/32"),
        ("2852039166", "169.254.169.254 in 169.254.169.254/32"),
        ("0xa9fea9fe", "169.254.169.254 in 169.254.169.254/32"),
        ("0251.0376.0251.0376", "169.254.169.254 in 169.254.169.254/32"),
        ("169.254.43518", "169.254.169.254 in 169.254.169.254/32"),
        ("100.100.100.200", "100.100.100.200 in 100.100.100.200/32"),
        ("168.63.129.16", "168.63.129.16 in 168.63.129.16/32"),
        // Set aside.
        ("192.0.0.1", "192.0.0.1 in 192.0.0.0/24"),
        ("192.0.2.1", "192.0.2.1 in 192.0.2.0/24"),
        ("192.88.99.1", "192.88.99.1 in 192.88.99.0/24"),
        ("198.18.0.1", "198.18.0.1 in 198.18.0.0/15"),
        ("198.19.255.255", "198.19.255.255 in 198.18.0.0/15"),
        ("198.51.100.1", "198.51.100.1 in 198.51.100.0/24"),
        ("203.0.113.1", "203.0.113.1 in 203.0.113.0/24"),
        ("224.0.0.1", "224.0.0.1 in 224.0.0.0/4"),
        ("239.255.255.250", "239.255.255.250 in 224.0.0.0/4"),
        ("240.0.0.1", "240.0.0.1 in 240.0.0.0/4"),
        ("255.255.255.255", "255.255.255.255 in 255.255.255.255/32"),
        ("4294967295", "255.255.255.255 in 255.255.255.255/32"),
        // IPv6.
        ("[::]", ":: in ::/128"),
        ("[::1]", "::1 in ::1/128"),
        ("[0:0:0:0:0:0:0:1]", "::1 in ::1/128"),
        ("[0000:0000::0001]", "::1 in ::1/128"),
        ("[::ffff:127.0.0.1]", "127.0.0.1 in 127.0.0.0/8"),
        ("[::ffff:7f00:1]", "127.0.0.1 in 127.0.0.0/8"),
        ("[0:0:0:0:0:ffff:a9fe:a9fe]", "169.254.169.254 in 169.254.169.254/32"),
        ("[::127.0.0.1]", "::7f00:1 in ::/96"),
        ("[::8.8.8.8]", "::808:808 in ::/96"),
        ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1 in 64:ff9b::/96"),
        ("[64:ff9b::8.8.8.8]", "64:ff9b::808:808 in 64:ff9b::/96"),
        ("[64:ff9b:1::1]", "64:ff9b:1::1 in 64:ff9b:1::/48"),
        ("[100::1]", "100::1 in 100::/64"),
        ("[2001::1]", "2001::1 in 2001::/32"),
        ("[2001:2::1]", "2001:2::1 in 2001:2::/48"),
        ("[2001:20::1]", "2001:20::1 in 2001::/23"),
        ("[2001:db8::1]", "2001:db8::1 in 2001:db8::/32"),
        ("[2002:7f00:1::]", "2002:7f00:1:: in 2002::/16"),
        ("[2002:808:808::1]", "2002:808:808::1 in 2002::/16"),
        ("[3fff::1]", "3fff::1 in 3fff::/20"),
        ("[4000::1]", "4000::1 in ::/0"),
        ("[5f00::1]", "5f00::1 in ::/0"),
        ("[fc00::1]", "fc00::1 in fc00::/7"),
        ("[fd12:3456::1]", "fd12:3456::1 in fc00::/7"),
        ("[fd00:ec2::254]", "fd00:ec2::254 in fd00:ec2::254/128"),
        ("[fe80::1]", "fe80::1 in fe80::/10"),
        ("[febf::1]", "febf::1 in fe80::/10"),
        ("[fec0::1]", "fec0::1 in fec0::/10"),
        ("[ff02::1]", "ff02::1 in ff00::/8"),
    ] {
        assert_eq!(said(&guard, &format!("https://{host}/x")), expected, "{host}");
        assert_eq!(said(&guard, &format!("https://{host}:8443/x")), expected, "{host} with a port");
    }
}

#[test]
fn this_machine_is_refused_by_name() {
    let guard = guard(&[], false);
    for (host, name) in [
        ("localhost", "localhost"),
        ("LOCALHOST", "localhost"),
        ("a.localhost", "a.localhost"),
        ("A.b.LocalHost", "a.b.localhost"),
        ("%6cocalhost", "localhost"),
        ("ｌｏｃａｌｈｏｓｔ", "localhost"),
    ] {
        let expected = format!(
            "{name} is this machine; an operator allows it with --webhook-allow-cidr 127.0.0.1/32 and --webhook-allow-cidr ::1/128"
        );
        assert_eq!(said(&guard, &format!("https://{host}/")), expected);
    }
}

#[test]
fn urls_that_are_written_to_mislead_are_refused() {
    let guard = guard(&[], false);
    let dot = |name: &str| format!("the URL must name its host without a dot at the end, not as {name}");
    let slashes = "the URL must have exactly two slashes and a host behind its scheme";
    let characters = "the URL must not hold white space, control characters or back-slashes";
    let user = "the URL must not hold a user name or a password; send a header instead";
    for (url, expected) in [
        ("https://example.com./", dot("example.com.")),
        ("https://localhost./", dot("localhost.")),
        ("https:example.com", slashes.to_owned()),
        ("https:/example.com/", slashes.to_owned()),
        ("https:///example.com/", slashes.to_owned()),
        ("https:\\\\example.com\\", characters.to_owned()),
        ("https://example.com\\@127.0.0.1/", characters.to_owned()),
        ("https://exam\tple.com/", characters.to_owned()),
        (" https://example.com/", characters.to_owned()),
        ("https://example.com/ x", characters.to_owned()),
        ("https://example.com/\u{a0}", characters.to_owned()),
        ("https://user@example.com/", user.to_owned()),
        ("https://user:secret@example.com/", user.to_owned()),
        ("https://@example.com/", user.to_owned()),
        ("https://:@example.com/", user.to_owned()),
        ("https://example.com/#x", "the URL must not hold a fragment (#…), which would not be sent".to_owned()),
        ("https://example.com/#", "the URL must not hold a fragment (#…), which would not be sent".to_owned()),
        (
            "http://example.com/",
            "the URL must begin with https://; an operator allows plain http with --allow-insecure-webhooks".to_owned(),
        ),
        ("ftp://example.com/", "the URL must begin with https://, not with ftp:".to_owned()),
        ("javascript:alert(1)", "the URL must begin with https://, not with javascript:".to_owned()),
        ("example.com", "the URL cannot be read: relative URL without a base".to_owned()),
        ("", "the URL cannot be read: relative URL without a base".to_owned()),
        ("https://", "the URL cannot be read: empty host".to_owned()),
        ("https://[fe80::1%25eth0]/", "the URL cannot be read: invalid IPv6 address".to_owned()),
        ("https://127.0.0.1.256/", "the URL cannot be read: invalid IPv4 address".to_owned()),
        ("https://example.com:99999/", "the URL cannot be read: invalid port number".to_owned()),
        ("https://exa%00mple.com/", "the URL cannot be read: invalid international domain name".to_owned()),
    ] {
        assert_eq!(said(&guard, url), expected, "{url:?}");
    }
    let long = format!("https://example.com/{}", "x".repeat(2048));
    assert_eq!(said(&guard, &long), "the URL is longer than 2048 bytes");
}

#[test]
fn of_the_low_ports_only_the_webs_may_be_used() {
    let (strict, lax) = (guard(&[], false), guard(&[], true));
    for port in [0, 1, 22, 25, 79, 81, 442, 444, 1023] {
        assert_eq!(
            said(&strict, &format!("https://example.com:{port}/")),
            format!("port {port} is refused: below 1024 only 443 may be used")
        );
        let lax = said(&lax, &format!("http://example.com:{port}/"));
        assert_eq!(lax, format!("port {port} is refused: below 1024 only 443 may be used (and 80)"));
    }
    assert_eq!(said(&strict, "https://example.com:80/"), "port 80 is refused: below 1024 only 443 may be used");
    assert_eq!(said(&strict, "https://example.com:1024/"), "ok https://example.com:1024/");
    assert_eq!(said(&strict, "https://example.com:443/"), "ok https://example.com/");
    assert_eq!(said(&lax, "http://example.com/"), "ok http://example.com/");
    assert_eq!(said(&lax, "http://example.com:443/"), "ok http://example.com:443/");
    assert_eq!(said(&lax, "https://example.com:80/"), "ok https://example.com:80/");
}

#[test]
fn ordinary_places_are_let_through_in_their_one_spelling() {
    let guard = guard(&[], false);
    for (url, expected) in [
        ("https://example.com", "ok https://example.com/"),
        ("HTTPS://EXAMPLE.com/Path?q=%20", "ok https://example.com/Path?q=%20"),
        ("https://ex%61mple.com/", "ok https://example.com/"),
        ("https://bücher.example/", "ok https://xn--bcher-kva.example/"),
        ("https://localhost.example.com/", "ok https://localhost.example.com/"),
        ("https://notlocalhost/", "ok https://notlocalhost/"),
        ("https://8.8.8.8/", "ok https://8.8.8.8/"),
        ("https://134744072/", "ok https://8.8.8.8/"),
        ("https://[2606:4700:4700::1111]:8443/", "ok https://[2606:4700:4700::1111]:8443/"),
        ("https://[::ffff:8.8.8.8]/", "ok https://[::ffff:808:808]/"),
        ("https://example.com/a@b", "ok https://example.com/a@b"),
    ] {
        assert_eq!(said(&guard, url), expected, "{url}");
    }
}

#[test]
fn an_operator_opens_what_he_names_and_nothing_else() {
    let guard = guard(&["10.1.0.0/16", "64:ff9b::/96", "::1/128"], false);
    for (host, expected) in [
        ("10.1.2.3", "ok https://10.1.2.3/"),
        ("[::ffff:10.1.2.3]", "ok https://[::ffff:a01:203]/"),
        ("10.2.0.1", "10.2.0.1 in 10.0.0.0/8"),
        ("[64:ff9b::8.8.8.8]", "ok https://[64:ff9b::808:808]/"),
        ("[64:ff9b::10.1.2.3]", "ok https://[64:ff9b::a01:203]/"),
        // The translator is open; what lies behind it is not.
        ("[64:ff9b::127.0.0.1]", "127.0.0.1 in 127.0.0.0/8"),
        ("[64:ff9b::169.254.169.254]", "169.254.169.254 in 169.254.169.254/32"),
        ("[::1]", "ok https://[::1]/"),
        ("localhost", "ok https://localhost/"),
        ("127.0.0.1", "127.0.0.1 in 127.0.0.0/8"),
    ] {
        assert_eq!(said(&guard, &format!("https://{host}/")), expected, "{host}");
    }
}
