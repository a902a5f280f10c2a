//! Names that lead where webhooks may not go.

use super::world::{NAME, Setting, Told, World, url};
use crate::support::receiver::{Manner, Receiver, answer};

fn private(name: &str, address: &str) -> String {
    format!("address_refused: {name} leads to {address} is a private address")
}

#[actix_web::test]
async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
    for (address, what) in [
        ("10.0.0.1", "a private address (10.0.0.0/8, RFC 1918); an operator allows it with --webhook-allow-cidr 10.0.0.1/32"),
        (
            "169.254.169.254",
            "a cloud's metadata service (169.254.169.254/32, RFC 3927, and every large cloud's manual); an operator allows it with \
             --webhook-allow-cidr 169.254.169.254/32",
        ),
        ("::1", "a loopback address (::1/128, RFC 4291 section 2.5.3); an operator allows it with --webhook-allow-cidr ::1/128"),
        (
            "fd00:ec2::254",
            "a cloud's metadata service (fd00:ec2::254/128, Amazon EC2 User Guide, instance metadata); an operator allows it with --webhook-allow-cidr fd00:ec2::254/128",
        ),
        ("::ffff:10.0.0.1", "a private address (10.0.0.0/8, RFC 1918); an operator allows it with --webhook-allow-cidr 10.0.0.1/32"),
    ] {
        let world = World::new(Setting { names: &[(NAME, &[&[address]])], ..Setting::default() });
        let told = world.deliver(&format!("https://{NAME}/")).await;
        assert_eq!(told, Told::failed(&format!("address_refused: {NAME} leads to {address} is {what}"), "", None), "{address}");
    }
}

#[actix_web::test]
async fn one_bad_address_among_good_ones_refuses_them_all() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    let world = World::new(Setting { names: &[(NAME, &[&["127.0.0.1", "192.168.0.1"]])], ..Setting::default() });
    let told = world.deliver_to(&receiver).await;
    assert!(told.error.unwrap().starts_with(&private(NAME, "192.168.0.1")));
    assert_eq!(receiver.tally().opened, 0);
}

#[actix_web::test]
async fn a_name_that_changes_is_judged_on_every_connect_and_looked_up_once_for_it() {
    let receiver = Receiver::plain(Manner::AnswerAndClose(answer("200 OK", &["connection: close"], ""))).await;
    let world = World::new(Setting { names: &[(NAME, &[&["127.0.0.1"], &["172.16.0.1"]])], ..Setting::default() });
    assert_eq!(world.deliver_to(&receiver).await.verdict, "delivered 200");
    // What was connected to is what was vetted: the second answer of the resolver was not even asked for.
    assert_eq!(world.names.lookups(), [NAME]);
    let told = world.deliver_to(&receiver).await;
    assert!(told.error.unwrap().starts_with(&private(NAME, "172.16.0.1")));
    assert_eq!((world.names.lookups().len(), receiver.received().len()), (2, 1));
}

#[actix_web::test]
async fn the_next_address_is_tried_where_nobody_answers() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    // The receiver listens at 127.0.0.1 alone.
    let world = World::new(Setting { names: &[(NAME, &[&["127.0.0.2", "127.0.0.1"]])], ..Setting::default() });
    assert_eq!(world.deliver_to(&receiver).await, Told::answered("delivered 200", "content-length: 0", ""));
}

#[actix_web::test]
async fn a_name_that_nobody_knows_is_recorded() {
    let world = World::new(Setting { names: &[("empty.test", &[&[]])], ..Setting::default() });
    let told = world.deliver("https://nobody.test/").await;
    assert_eq!(told, Told::failed("dns: nobody.test cannot be looked up: no such name", "", None));
    let told = world.deliver("https://empty.test/").await;
    assert_eq!(told, Told::failed("dns: empty.test has no address", "", None));
}

#[actix_web::test]
async fn a_literal_address_is_judged_before_anything_is_opened() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    let world = World::new(Setting { allow: &[], ..Setting::default() });
    let port = receiver.address.port();
    for spelling in ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "localhost", "a.localhost"] {
        let told = world.deliver(&format!("http://{spelling}:{port}/")).await;
        assert!(told.error.as_deref().is_some_and(|error| error.starts_with("address_refused: ")), "{told:?}");
        assert_eq!(told, Told::failed(told.error.as_deref().unwrap(), "", None));
    }
    assert_eq!((receiver.tally().opened, world.names.lookups().len()), (0, 0));
}

#[actix_web::test]
async fn a_url_that_was_let_through_once_is_judged_again_on_delivery() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    let told = World::new(Setting { insecure: false, ..Setting::default() }).deliver(&url("http", &receiver)).await;
    let sentence = "address_refused: the URL must begin with https://; an operator allows plain http with --allow-insecure-webhooks";
    assert_eq!(told, Told::failed(sentence, "", None));
    assert_eq!(receiver.tally().opened, 0);
}
