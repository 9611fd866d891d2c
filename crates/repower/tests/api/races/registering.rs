use serde_json::{Value, json};

use super::{concurrently, counts, tally};
use crate::support::{App, PASSWORD};

/// The same email, with other capitals for each number.
fn email(number: usize) -> String {
    let capitalize = |(place, letter): (usize, char)| {
        if number >> (place % 5) & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
    };
    "tanja@technicians.example".chars().enumerate().map(capitalize).collect()
}

fn technician(number: usize) -> Value {
    json!({
        "email": email(number), "password": PASSWORD, "role": "TECHNICIAN", "fullName": number.to_string(), "country": "DK",
    })
}

fn company(number: usize) -> Value {
    json!({
        "email": email(number), "password": PASSWORD, "role": "COMPANY_ADMIN", "companyName": number.to_string(),
        "country": "DK",
    })
}

#[test]
fn one_of_thirty_concurrent_registrations_of_an_email_is_stored() {
    for body in [technician, company, |number| if number % 2 == 0 { technician(number) } else { company(number) }] {
        let app = App::start();
        let replies = concurrently(30, |number| app.post("/api/auth/register").json(&body(number)).send());
        assert_eq!(tally(&replies), counts([("201", 1), ("409 email_taken", 29)]));
        let won = replies.iter().find(|reply| reply.status == 201).unwrap().data(201);
        assert_eq!(won["user"]["email"], "tanja@technicians.example");
        let (technicians, companies) = (app.database.rows("technicians"), app.database.rows("companies"));
        assert_eq!((app.database.rows("users"), technicians + companies), (1, 1));
        assert_eq!(app.database.rows("company_members"), companies);
        assert_eq!(technicians == 1, won["user"]["role"] == "TECHNICIAN");
    }
}
