use serde_json::json;

use super::ON;
use crate::support::App;

/// Starts a server that rejects the second failure from a client address.
fn strict(proxies: &[(&str, &str)]) -> App {
    let strict = [ON, ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1"), ("RATE_LIMIT_LOGIN_ADDRESS", "1000")];
    App::start_with(&[&strict, proxies].concat())
}

fn behind_proxies() -> App {
    strict(&[("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8, 2001:db8:ffff::/48")])
}

/// Whether two requests with these `X-Forwarded-For` headers count as one client, for
/// an account without failures.
fn is_same(app: &App, account: &str, [one, other]: [&[&str]; 2]) -> bool {
    let status = |hops: &[&str]| {
        let body = json!({"email": format!("{account}@technicians.example"), "password": "wrong horse"});
        let request = app.post("/api/auth/login").json(&body);
        hops.iter().fold(request, |request, hop| request.header("X-Forwarded-For", hop)).send().status.as_u16()
    };
    assert_eq!(status(one), 401, "{account}");
    match status(other) {
        429 => true,
        401 => false,
        status => panic!("{status}"),
    }
}

fn assert_each(app: &App, expected: bool, pairs: &[[&[&str]; 2]]) {
    for (number, pair) in pairs.iter().enumerate() {
        let account = format!("{expected}{number}");
        assert_eq!(is_same(app, &account, *pair), expected, "{pair:?}");
    }
}

#[test]
fn without_trusted_proxies_x_forwarded_for_is_ignored() {
    for app in [strict(&[]), strict(&[("TRUSTED_PROXIES", "10.0.0.0/8, ::1")])] {
        let headers: [&[&str]; 5] =
            [&["198.51.100.8"], &["198.51.100.8, 10.0.0.1"], &["2001:db8::1"], &["garbage"], &["127.0.0.1"]];
        assert_each(&app, true, &headers.map(|other| [&["198.51.100.7"] as &[&str], other]));
        assert_each(&strict(&[]), true, &headers.map(|other| [&[], other]));
    }
}

#[test]
fn clients_behind_a_trusted_proxy_are_distinguished() {
    let app = behind_proxies();
    let different: [[&[&str]; 2]; 6] = [
        [&["198.51.100.7"], &["198.51.100.8"]],
        [&["198.51.100.7"], &[]],
        [&["2001:db8:0:1::7"], &["2001:db8:0:2::7"]],
        [&["2001:db8::7"], &["198.51.100.7"]],
        [&["198.51.100.7, 10.1.2.3"], &["198.51.100.8, 10.1.2.3"]],
        [&["10.0.0.3, 10.0.0.2"], &["10.0.0.4, 10.0.0.2"]],
    ];
    assert_each(&app, false, &different);
}

#[test]
fn the_rightmost_hop_that_is_not_trusted_is_the_client() {
    let app = behind_proxies();
    let same: [[&[&str]; 2]; 7] = [
        [&["198.51.100.7"], &["198.51.100.7, 10.1.2.3"]],
        [&["198.51.100.7"], &["198.51.100.7, 10.1.2.3, 2001:db8:ffff::1,10.9.9.9"]],
        [&["1.1.1.1, 198.51.100.7"], &["2.2.2.2, 198.51.100.7"]],
        [&["198.51.100.7"], &["10.0.0.5, 198.51.100.7, 10.1.2.3"]],
        [&["198.51.100.7"], &["1.1.1.1", "198.51.100.7"]],
        [&["198.51.100.7"], &["2.2.2.2, 198.51.100.7", "10.1.2.3"]],
        [&["10.0.0.3, 10.0.0.2"], &["10.0.0.3"]],
    ];
    assert_each(&app, true, &same);
}

#[test]
fn all_spellings_of_a_client_address_are_equal() {
    let app = behind_proxies();
    let forms =
        ["198.51.100.7:4711", "::ffff:198.51.100.7", " 198.51.100.7 ", "198.51.100.7,", "[::ffff:c633:6407]:80"];
    for (number, form) in forms.into_iter().enumerate() {
        assert!(is_same(&app, &format!("v4-{number}"), [&["198.51.100.7"], &[form]]), "{form}");
    }
    for (number, form) in
        ["2001:DB8::7", "2001:db8:0:0:0:0:0:7", "[2001:db8::7]", "[2001:db8::7]:443"].iter().enumerate()
    {
        assert!(is_same(&app, &format!("v6-{number}"), [&["2001:db8::7"], &[form]]), "{form}");
    }
}

/// A customer of a provider has a /64, and may use all of its addresses.
#[test]
fn all_client_addresses_of_an_ipv6_subnet_are_one_client() {
    let app = behind_proxies();
    let same: [[&[&str]; 2]; 3] = [
        [&["2001:db8::7"], &["2001:db8::8"]],
        [&["2001:db8:0:0:ffff::"], &["2001:db8:0:0:0:ffff:ffff:ffff"]],
        [&["2001:db8::7, 10.1.2.3"], &["[2001:db8::8]:443"]],
    ];
    assert_each(&app, true, &same);
}

#[test]
fn with_an_invalid_hop_the_proxy_that_sent_it_is_the_client() {
    let app = behind_proxies();
    let garbage = ["unknown", "_hidden", "198.51.100.7.8", "300.1.1.1", "198.51.100.7:x", "<script>", "", ",,"];
    for (number, hop) in garbage.iter().enumerate() {
        assert!(is_same(&app, &number.to_string(), [&[], &[hop]]), "{hop}");
    }
    assert!(is_same(&app, "left", [&["10.0.0.2"], &["198.51.100.7, unknown, 10.0.0.2"]]));
}
