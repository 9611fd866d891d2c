use std::collections::BTreeSet;

use repower_http::Route;
use serde_json::{Value, json};

use crate::support::{App, ExampleRequest, Person, UNKNOWN_ID, World, feature_routes};

/// The maximum number of errors of fields in a response.
const MAX_REPORTED: usize = 100;

/// A route with a body: its example, and the fields that the document has.
struct WithBody {
    example: ExampleRequest,
    caller: Option<Person>,
    body: Value,
    declared: BTreeSet<String>,
}

/// Every route with a body, from the route table.
fn routes_with_body(world: &World) -> Vec<WithBody> {
    let document: Value = serde_json::from_str(repower_api::json()).unwrap();
    let with_body = |route: &'static Route| {
        let (example, caller) = world.successful_example(route);
        let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        let mut declared = BTreeSet::new();
        properties(&document, &operation["requestBody"]["content"]["application/json"]["schema"], &mut declared);
        WithBody { body: example.body(world, caller).unwrap().clone(), caller: caller.cloned(), example, declared }
    };
    feature_routes().filter(|route| route.signature.body.is_some()).map(with_body).collect()
}

/// Collects the names of all properties of a schema.
fn properties(document: &Value, schema: &Value, names: &mut BTreeSet<String>) {
    if let Some(pointer) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        properties(document, document.pointer(pointer).unwrap(), names);
    }
    for form in ["oneOf", "anyOf", "allOf"] {
        schema[form].as_array().into_iter().flatten().for_each(|schema| properties(document, schema, names));
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        names.insert(name.clone());
        properties(document, &schema["items"], names);
    }
}

impl WithBody {
    fn send(&self, world: &World, body: &Value) -> BTreeSet<String> {
        let request = self.example.bare_request(world, self.caller.as_ref()).json(body);
        request.send().fields().into_iter().collect()
    }

    fn line(&self) -> String {
        format!("{} {}", self.example.route.method, self.example.route.path)
    }
}

/// The names of all columns, in snake case and in camel case.
fn columns(app: &App) -> BTreeSet<String> {
    let query =
        "SELECT DISTINCT column_name::text FROM information_schema.columns WHERE table_schema = current_schema()";
    let columns = app.database.texts(query);
    assert!(columns.len() > 60, "{columns:?}");
    columns.into_iter().flat_map(|column| [camel_case(&column), column]).collect()
}

fn camel_case(column: &str) -> String {
    let mut words = column.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// The value that an attacker would send for a column.
fn forged_value(column: &str) -> Value {
    match column {
        name if name.ends_with("id") || name.ends_with("Id") => json!(UNKNOWN_ID),
        name if name.ends_with("at") || name.ends_with("At") => json!("2000-01-01T00:00:00.000Z"),
        "is_active" | "isActive" | "active" => json!(true),
        name if name.contains("rating") || name.contains("unread") || name == "revision" => json!(5),
        _ => json!("SUPER_ADMIN"),
    }
}

#[test]
fn a_body_with_the_name_of_a_column_is_rejected() {
    let world = World::new();
    let (columns, routes) = (columns(world.app()), routes_with_body(&world));
    assert!(routes.len() >= 20, "{}", routes.len());
    let before = world.app().database.contents();
    for route in &routes {
        let foreign: Vec<_> = columns.iter().filter(|column| !route.declared.contains(*column)).collect();
        assert!(foreign.len() > MAX_REPORTED, "{}", route.line());
        for some in foreign.chunks(MAX_REPORTED / 2) {
            let mut body = route.body.clone();
            for column in some {
                body[column.as_str()] = forged_value(column);
            }
            let rejected = route.send(&world, &body);
            let expected: BTreeSet<_> = some.iter().map(|column| format!("{column}: unknown_field")).collect();
            assert_eq!(rejected, expected, "{}", route.line());
        }
    }
    assert_eq!(world.app().database.contents(), before);
}

#[test]
fn an_entry_of_a_list_with_the_name_of_a_column_is_rejected() {
    let world = World::new();
    let columns = columns(world.app());
    let mut lists = 0;
    for route in routes_with_body(&world) {
        let is_list = |(_, value): &(&String, &Value)| value[0].is_object();
        let Some((list, items)) = route.body.as_object().unwrap().iter().find(is_list) else { continue };
        lists += 1;
        let before = world.app().database.contents();
        let foreign: Vec<_> = columns.iter().filter(|column| !route.declared.contains(*column)).collect();
        for some in foreign.chunks(MAX_REPORTED / 2) {
            let (mut body, mut item) = (route.body.clone(), items[0].clone());
            for column in some {
                item[column.as_str()] = forged_value(column);
            }
            body[list.as_str()][0] = item;
            let expected = some.iter().map(|column| format!("{list}[0].{column}: unknown_field")).collect();
            assert_eq!(route.send(&world, &body), expected, "{}", route.line());
        }
        assert_eq!(world.app().database.contents(), before);
    }
    assert!(lists > 0);
}

#[test]
fn a_registration_in_another_role_is_rejected() {
    let app = App::start();
    let before = app.database.contents();
    for role in ["SUPER_ADMIN", "COMPANY_MANAGER", "COMPANY_RECRUITER", "COMPANY_VIEWER", "ADMIN", "super_admin"] {
        let body = json!({
            "email": "eve@evil.example", "password": "correct horse", "role": role, "fullName": "Eve", "country": "DK",
        });
        let fields = app.post("/api/auth/register").json(&body).send().fields();
        assert!(fields.iter().any(|field| field.starts_with("role: ")), "{role}: {fields:?}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn names_that_are_special_in_other_languages_are_unknown_fields() {
    let app = App::start();
    let technician = app.technician("tanja");
    for name in
        ["__proto__", "constructor", "prototype", "$where", "$set", "@type", "_id", "class", "", " bio", "BIO", "bio\0"]
    {
        let body = json!({"bio": "Ropes", name: {"role": "SUPER_ADMIN"}});
        let fields = app.patch("/api/technicians/me").bearer(&technician.token).json(&body).send().fields();
        assert_eq!(fields, [format!("{name}: unknown_field")]);
    }
}

/// Otherwise a small request would get a large response.
#[test]
fn a_response_has_at_most_a_hundred_errors_of_fields() {
    let app = App::start();
    let technician = app.technician("tanja");
    let names: Vec<_> = (0..16_000).map(|number| format!("f{number}")).collect();
    let body = format!(r#"{{"country":5,"{}":0}}"#, names.join(r#"":0,""#));
    let reply = app.patch("/api/technicians/me").bearer(&technician.token).raw(&body).send();
    let mut expected = vec!["country: wrong_type".to_owned()];
    expected.extend(names.iter().take(MAX_REPORTED - 1).map(|name| format!("{name}: unknown_field")));
    assert_eq!(reply.fields(), expected);
    let query: Vec<_> = (0..1_000).map(|number| format!("q{number}=1")).collect();
    let reply = app.get(&format!("/api/jobs?{}", query.join("&"))).send();
    assert_eq!(reply.fields().len(), MAX_REPORTED);
}
