use serde_json::{Value, json};

use super::{Two, company, register, request, technician};
use crate::support::{PASSWORD, Person, Reply, Served, a_job, each, text, until, with};

fn post_job(server: &Served, company: &Person, title: &str) -> Value {
    let job = with(&a_job(), &json!({"title": title, "status": "OPEN"}));
    request(server, "POST", "/api/jobs").bearer(&company.token).json(&job).send().data(201)
}

fn keyed(server: &Served, person: &Person, key: &str, title: &str) -> Reply {
    let job = with(&a_job(), &json!({"title": title}));
    request(server, "POST", "/api/jobs").bearer(&person.token).header("Idempotency-Key", key).json(&job).send()
}

#[test]
fn a_request_that_is_repeated_on_the_other_server_is_executed_once() {
    let two = Two::start();
    let company = company(&two.one, "vestas");
    for (round, (here, there)) in two.both_ways().into_iter().enumerate() {
        let key = format!("{}-{round}", two.database.name());
        let first = keyed(here, &company, &key, "Blades");
        let again = keyed(there, &company, &key, "Blades");
        assert_eq!((first.header("Idempotency-Replayed"), again.header("Idempotency-Replayed")), (None, Some("true")));
        assert_eq!(again.data(201), first.data(201));
        assert_eq!(keyed(there, &company, &key, "Towers").code(409), "idempotency_mismatch");
    }
    assert_eq!(two.database.rows("jobs"), 2);
}

#[test]
fn a_registration_that_is_repeated_on_the_other_server_returns_the_same_user() {
    let two = Two::start();
    let body = json!({
        "email": "ana@technicians.example", "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Ana", "country": "DK",
    });
    let send = |server: &Served| {
        request(server, "POST", "/api/auth/register")
            .header("Idempotency-Key", two.database.name())
            .json(&body)
            .send()
            .data(201)
    };
    let (first, again) = (send(&two.one), send(&two.other));
    assert_eq!(first["user"], again["user"]);
    request(&two.one, "GET", "/api/users/me").bearer(&text(&again["token"])).send().data(200);
    assert_eq!(register(&two.one, &body).code(409), "email_taken");
    assert_eq!(two.database.rows("users"), 1);
}

#[test]
fn a_response_has_the_same_etag_on_both_servers() {
    let two = Two::start();
    let (company, technician) = (company(&two.one, "vestas"), technician(&two.other, "tanja"));
    let job = text(&post_job(&two.one, &company, "Blades")["id"]);
    let open = json!({"companyId": company.id, "jobId": job, "text": "Hello"});
    let thread = request(&two.one, "POST", "/api/chat/threads").bearer(&technician.token).json(&open).send().data(201);
    let messages = format!("/api/chat/threads/{}/messages?after=0", text(&thread["id"]));
    let job = format!("/api/jobs/{job}");
    for (here, there) in two.both_ways() {
        for (path, token) in [("/api/jobs", None), (&job, None), (&messages, Some(&technician.token))] {
            let get = |server: &Served| {
                let get = request(server, "GET", path);
                token.map_or_else(|| request(server, "GET", path), |token| get.bearer(token))
            };
            let tag = get(here).send().header("ETag").unwrap().to_owned();
            assert_eq!(get(there).send().header("ETag"), Some(tag.as_str()), "{path}");
            assert_eq!(get(there).header("If-None-Match", &tag).send().status, 304, "{path}");
        }
    }
    let tag = request(&two.one, "GET", &job).send().header("ETag").unwrap().to_owned();
    let edit = json!({"title": "Towers"});
    request(&two.other, "PATCH", &job).bearer(&company.token).json(&edit).send().data(200);
    let get_again = || request(&two.one, "GET", &job).header("If-None-Match", &tag).send();
    until(|| get_again().status == 200);
    assert_eq!(get_again().data(200)["title"], "Towers");
}

#[test]
fn a_cursor_of_one_server_is_valid_on_the_other() {
    let two = Two::start();
    let company = company(&two.one, "vestas");
    let both = [&two.one, &two.other];
    let mut posted: Vec<_> =
        (0..7).map(|number| text(&post_job(both[number % 2], &company, &format!("Job {number}"))["id"])).collect();
    posted.reverse();
    let (mut seen, mut path, mut turn) = (Vec::new(), "/api/jobs?limit=2".to_owned(), 0);
    loop {
        let page = request(both[turn % 2], "GET", &path).send();
        seen.extend(each(&page.data(200), "id"));
        turn += 1;
        match page.body()["meta"]["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/jobs?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!((turn, seen), (4, posted));
}

#[test]
fn messages_sent_on_one_server_are_read_on_the_other_without_gaps() {
    let two = Two::start();
    let (company, technician) = (company(&two.one, "vestas"), technician(&two.other, "tanja"));
    let open = json!({"companyId": company.id});
    let thread = request(&two.one, "POST", "/api/chat/threads").bearer(&technician.token).json(&open).send().data(201);
    let path = format!("/api/chat/threads/{}/messages", text(&thread["id"]));
    for number in 1..=10 {
        let (here, there) = two.both_ways()[number % 2];
        let body = json!({"text": number.to_string(), "clientMessageId": number.to_string()});
        let send = |server: &Served| request(server, "POST", &path).bearer(&technician.token).json(&body).send();
        assert_eq!(send(here).data(201)["seq"], number);
        // Sent again to the other server, as after a lost response.
        assert_eq!(send(there).data(200)["seq"], number);
        let news = format!("{path}?after={}", number - 1);
        let received = request(there, "GET", &news).bearer(&company.token).send().data(200);
        assert_eq!(each(&received, "text"), [number.to_string()]);
    }
}

#[test]
fn one_server_continues_when_the_other_is_killed() {
    let two = Two::start();
    let company = company(&two.one, "vestas");
    let key = two.database.name().to_owned();
    let made = keyed(&two.one, &company, &key, "Blades").data(201);
    two.one.signal("KILL");
    let again = keyed(&two.other, &company, &key, "Blades");
    assert_eq!((again.header("Idempotency-Replayed"), again.data(201)), (Some("true"), made));
    post_job(&two.other, &company, "Towers");
}
