//! The examples of the document: the example requests of all routes with the
//! responses of a server, and the errors of the permission matrix.

use repower_http::Route;

use serde_json::{Value, json};

use super::recorder::Recorder;
use crate::support::{Matrix, World, all_routes, feature_routes};

/// Records the examples of all operations.
pub(crate) fn recorded() -> Recorder {
    let (world, mut recorder) = (World::new(), Recorder::default());
    // Reads come last, so that they show what the writes created.
    let mut routes: Vec<_> = feature_routes().collect();
    // A changed password invalidates the token of the technician.
    routes.sort_by_key(|route| (route.name == "changePassword", route.method == "GET"));
    for route in routes {
        // Before the successes, of which a new password ends the caller's token.
        record_invalid(&world, &mut recorder, route);
        record_errors(&world, &mut recorder, route);
        record_successes(&world, &mut recorder, route);
    }
    for route in all_routes().iter().filter(|route| route.path.starts_with("/health/")) {
        recorder.record("example", world.app().get(route.path));
    }
    let others = all_routes().iter().filter(|route| !route.name.is_empty() && !route.path.starts_with("/api/"));
    for route in others.chain(all_routes().iter().filter(|route| route.name == "getDocument")) {
        recorder.record("example", world.app().get(&format!("{}?page=2", route.path)));
    }
    recorder
}

/// Records each example of a route, by the caller of its name.
fn record_successes(world: &World, recorder: &mut Recorder, route: &'static Route) {
    let (example, caller) = world.successful_example(route);
    if example.bodies.is_empty() {
        let page = if route.reply.is_page { "?limit=2" } else { "" };
        let path = example.path.clone() + page;
        recorder.record("example", world.app().request(route.method.as_str(), &path).by(caller));
    }
    for (name, body) in &example.bodies {
        let cast = &world.callers.cast;
        let caller = match (caller, *name) {
            (Some(_), "company") => Some(&cast.admin),
            (caller, _) => caller,
        };
        // Some routes respond with 200 when the resource exists already.
        for _ in route.reply.statuses {
            let reply = recorder.record(name, example.bare_request(world, caller).json(body));
            assert!(reply.status.is_success(), "{} {name}: {}", route.name, reply.text);
        }
    }
}

/// Records the errors that the matrix has for a caller who is admitted, and one
/// without a token.
fn record_errors(world: &World, recorder: &mut Recorder, route: &'static Route) {
    let (example, caller) = world.successful_example(route);
    let matrix = Matrix::read();
    let column = matrix.callers.iter().position(|sign| world.is_caller(caller, sign)).unwrap();
    let entry = matrix.entries.iter().find(|entry| std::ptr::eq(entry.route(), route)).unwrap();
    for row in entry.rows.iter().filter(|row| row.statuses[column] >= 400) {
        let reply = recorder.record("example", world.example(route, &row.about).request(world, caller));
        assert_eq!(reply.status, row.statuses[column], "{} {}: {}", route.name, row.about, reply.text);
    }
    if route.name == "getMe" {
        recorder.record("example", example.request(world, None));
    }
}

/// Records the errors of two invalid fields of a body, or of an invalid parameter.
fn record_invalid(world: &World, recorder: &mut Recorder, route: &'static Route) {
    let (example, caller) = world.successful_example(route);
    let send = |recorder: &mut Recorder, parameter: &str| {
        let path = format!("{}?{parameter}", example.path);
        let reply = recorder.record("example", world.app().request(route.method.as_str(), &path).by(caller));
        assert_eq!(reply.status, 400, "{} {parameter}: {}", route.name, reply.text);
    };
    match example.body(world, caller) {
        Some(body) => {
            let request = example.bare_request(world, caller).json(&invalid(body));
            let reply = recorder.record("example", request);
            assert_eq!(reply.status, 400, "{}: {}", route.name, reply.text);
        }
        None if route.reply.is_page => {
            send(recorder, "limit=0");
            send(recorder, "cursor=x");
        }
        None => send(recorder, "page=2"),
    }
}

/// The body with two values of which no field takes any, or a field that no route has.
fn invalid(body: &Value) -> Value {
    let mut fields = body.as_object().unwrap().clone();
    // The role decides which fields a registration has, and stays where there are others.
    let is_alone = fields.len() == 1;
    for (_, value) in fields.iter_mut().filter(|(name, _)| is_alone || *name != "role").take(2) {
        *value = match value {
            Value::Number(_) => json!(-1),
            Value::Bool(_) => json!("yes"),
            _ => json!(false),
        };
    }
    if fields.is_empty() {
        fields.insert("note".to_owned(), json!("I can start on Monday."));
    }
    fields.into()
}
