use serde_json::json;

use super::{EMAIL, a_technician, log_in, register};
use crate::support::{App, with};

#[test]
fn a_password_has_8_characters_at_least_and_72_bytes_at_most() {
    let app = App::start();
    for (number, (password, outcome)) in [
        ("1234567".to_owned(), Err("too_short")),
        ("12344678".to_owned(), Ok(())),
        ("æøåæøåæ".to_owned(), Err("too_short")),
        ("æøåæøåæø".to_owned(), Ok(())),
        ("x".repeat(71), Ok(())),
        ("x".repeat(72), Ok(())),
        ("x".repeat(73), Err("too_long")),
        ("é".repeat(36), Ok(())),
        ("é".repeat(36) + "x", Err("too_long")),
        ("🌬".repeat(18), Ok(())),
        ("🌬".repeat(19), Err("too_long")),
        ("with\u{0}nul-byte".to_owned(), Err("invalid_format")),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("tanja{number}@technicians.example");
        let reply = register(&app, &with(&a_technician(), &json!({"email": email, "password": password})));
        if let Err(code) = outcome {
            assert_eq!(reply.fields(), [format!("password: {code}")], "{password}");
            assert_eq!(app.database.rows(&format!("users WHERE email = '{email}'")), 0);
        } else {
            reply.data(201);
            log_in(&app, &email, &password).data(200);
        }
    }
}

#[test]
fn the_last_of_72_bytes_is_significant() {
    let app = App::start();
    let password = "é".repeat(36);
    register(&app, &with(&a_technician(), &json!({"password": password}))).data(201);
    let almost = "é".repeat(35) + "è";
    for wrong in [almost, "é".repeat(35), password.clone() + "x", password.clone() + " "] {
        assert_eq!(log_in(&app, EMAIL, &wrong).code(401), "invalid_credentials", "{wrong}");
    }
    log_in(&app, EMAIL, &password).data(200);
}

#[test]
fn blanks_around_a_password_are_part_of_it() {
    let app = App::start();
    register(&app, &with(&a_technician(), &json!({"password": "  123456"}))).data(201);
    for wrong in ["123456", "  123456 ", "123456  ", " 123456"] {
        assert_eq!(log_in(&app, EMAIL, wrong).code(401), "invalid_credentials", "{wrong:?}");
    }
    log_in(&app, EMAIL, "  123456").data(200);
    let blank = with(&a_technician(), &json!({"email": "blank@technicians.example", "password": "        "}));
    register(&app, &blank).data(201);
}
