use std::collections::BTreeSet;

use crate::support::{App, Reply, UNKNOWN_ID, all_routes, text};

/// One response of each status.
fn replies(app: &App) -> Vec<Reply> {
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    let me = "/api/technicians/me";
    let patch = || app.patch(me).bearer(&technician.token);
    let replies = vec![
        app.get(me).bearer(&technician.token).send(),
        app.post(&format!("{me}/certifications"))
            .bearer(&technician.token)
            .json(&serde_json::json!({
                "name": "GWO", "provider": "Falck", "validFrom": "2026-01-01", "validUntil": "2027-01-01",
            }))
            .send(),
        patch().raw("{").send(),
        app.get(me).send(),
        app.get(me).bearer(&company.token).send(),
        app.get("/nowhere").send(),
        app.delete(me).send(),
        app.post("/api/auth/register")
            .json(&serde_json::json!({
                "email": technician.email, "password": "correct horse", "role": "TECHNICIAN", "fullName": "x",
                "country": "DK",
            }))
            .send(),
        patch().raw(" ".repeat(256 * 1024 + 1)).send(),
        patch().bytes("x").send(),
        app.get("/health/live").send(),
    ];
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    assert_eq!(statuses, [200, 201, 400, 401, 403, 404, 405, 409, 413, 415, 200]);
    replies
}

#[test]
fn every_response_is_json_with_nosniff_and_no_store() {
    let app = App::start();
    for reply in replies(&app) {
        let headers = ["Content-Type", "X-Content-Type-Options", "Cache-Control"].map(|name| reply.header(name));
        assert_eq!(headers, [Some("application/json"), Some("nosniff"), Some("no-store")], "{reply:?}");
        assert_eq!(reply.body()["success"], reply.status.is_success());
    }
}

#[test]
fn every_response_has_a_unique_request_id() {
    let app = App::start();
    let mut ids: Vec<_> = replies(&app).iter().map(|reply| reply.header("X-Request-Id").unwrap().to_owned()).collect();
    let is_id = |id: &String| (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!(ids.iter().all(is_id), "{ids:?}");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn a_valid_request_id_of_the_client_is_returned() {
    let app = App::start();
    let longest = "x".repeat(128);
    for path in ["/health/live", "/nowhere", "/api/technicians/me"] {
        let returned_id = |id: &str| {
            let reply = app.wire(&format!("GET {path} HTTP/1.1\nX-Request-Id: {id}"), b"");
            reply.header("X-Request-Id").unwrap().to_owned()
        };
        for id in ["a", "Ab-1_2.3:4", &longest] {
            assert_eq!(returned_id(id), id, "{path}");
        }
        let too_long = format!("{longest}x");
        for id in ["", "a b", "a,b", "a/b", "a\"b", "æ", "<script>", &too_long] {
            let returned = returned_id(id);
            assert!(returned != id && (1..=128).contains(&returned.len()), "{path} {id}: {returned}");
        }
    }
}

#[test]
fn only_a_401_has_a_www_authenticate_header() {
    let app = App::start();
    for reply in replies(&app) {
        let challenge = (reply.status == 401).then_some("Bearer");
        assert_eq!(reply.header("WWW-Authenticate"), challenge, "{reply:?}");
        assert_eq!(reply.header("Allow").is_some(), reply.status == 405, "{reply:?}");
    }
}

#[test]
fn a_201_has_the_path_of_what_was_created_or_of_its_list() {
    let replies = crate::openapi::recorded().replies;
    let mut created = BTreeSet::new();
    for (name, reply) in replies.iter().filter(|(_, reply)| reply.status == 201) {
        let route = all_routes().iter().find(|route| route.name == *name).unwrap();
        let location = reply.header("Location").unwrap_or_else(|| panic!("{name} has no Location"));
        if route.location.contains("{created}") {
            assert!(location.ends_with(&format!("/{}", text(&reply.body()["data"]["id"]))), "{name}: {location}");
        }
        assert!(all_routes().iter().any(|route| serves(route.path, location)), "{name}: no route has {location}");
        created.insert(route.path);
    }
    let creating = all_routes().iter().filter(|route| route.reply.statuses.iter().any(|(status, _)| *status == 201));
    let creating: BTreeSet<_> = creating.map(|route| route.path).collect();
    assert_eq!(creating.difference(&created).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(replies.iter().all(|(_, reply)| (reply.status == 201) == reply.header("Location").is_some()));
}

/// Whether a path of the table of routes is this one.
fn serves(path: &str, location: &str) -> bool {
    let (parts, segments): (Vec<_>, Vec<_>) = (path.split('/').collect(), location.split('/').collect());
    let is_same =
        |(part, segment): (&&str, &&str)| part == segment || (*part == "{id}" && segment.len() == UNKNOWN_ID.len());
    parts.len() == segments.len() && parts.iter().zip(&segments).all(is_same)
}
