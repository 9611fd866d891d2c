use std::collections::BTreeSet;

use repower_domain::accounts::{Permission, Role};
use repower_http::{Access, Route};
use serde_json::{Value, json};

use crate::support::{App, Cast, Person, Request, UNKNOWN_ID, all_routes, told};

/// How many fields are told of in one answer.
const MOST_TOLD: usize = 100;

/// A route that takes a body, with one that is right.
struct Taking {
    route: &'static Route,
    access: Access,
    body: Value,
    /// The fields that the body may have.
    declared: BTreeSet<String>,
}

/// Every route whose operation has a body, by the document: a new one is tried
/// without being named here.
fn all_taking() -> Vec<Taking> {
    let document: Value = serde_json::from_str(repower_api::json()).unwrap();
    let taking = |route: &'static Route| {
        let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        let content = &operation["requestBody"]["content"]["application/json"];
        let examples = content["examples"].as_object()?;
        let body = examples.values().next().unwrap()["value"].clone();
        let mut declared = BTreeSet::new();
        properties(&document, &content["schema"], &mut declared);
        Some(Taking { route, access: route.access, body, declared })
    };
    all_routes().iter().filter_map(taking).collect()
}

/// The names of all properties, in whatever form of the schema.
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

impl Taking {
    fn request(&self, app: &App, cast: &Cast, body: &Value) -> Request {
        let path = self.route.path.replace("{id}", UNKNOWN_ID);
        app.request(self.route.method.as_str(), &path).by(self.caller(cast)).json(body)
    }

    /// Somebody whom the route lets in.
    fn caller<'a>(&self, cast: &'a Cast) -> Option<&'a Person> {
        match self.access {
            Access::Public | Access::Optional => None,
            Access::Authenticated => Some(&cast.technician),
            Access::Permitted(permission) => Some(holder(cast, permission)),
        }
    }

    fn line(&self) -> String {
        format!("{} {}", self.route.method, self.route.path)
    }
}

fn holder(cast: &Cast, permission: Permission) -> &Person {
    let people = [
        (Role::Technician, &cast.technician),
        (Role::CompanyAdmin, &cast.admin),
        (Role::SuperAdmin, &cast.super_admin),
    ];
    people.into_iter().find(|(role, _)| role.permits(permission)).unwrap().1
}

/// The names of all columns of all tables, as they are and as clients write.
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

/// What an attacker would like a column to be.
fn wish(column: &str) -> Value {
    match column {
        name if name.ends_with("id") || name.ends_with("Id") => json!(UNKNOWN_ID),
        name if name.ends_with("at") || name.ends_with("At") => json!("2000-01-01T00:00:00.000Z"),
        "is_active" | "isActive" | "active" => json!(true),
        name if name.contains("rating") || name.contains("unread") || name == "revision" => json!(5),
        _ => json!("SUPER_ADMIN"),
    }
}

#[test]
fn no_body_sets_a_column_that_is_not_its_own() {
    let app = App::start();
    let (cast, columns, routes) = (Cast::of(&app), columns(&app), all_taking());
    assert!(routes.len() >= 20, "{}", routes.len());
    let before = app.database.contents();
    for taking in &routes {
        let foreign: Vec<_> = columns.iter().filter(|column| !taking.declared.contains(*column)).collect();
        assert!(foreign.len() > MOST_TOLD, "{}", taking.line());
        for some in foreign.chunks(MOST_TOLD / 2) {
            let mut body = taking.body.clone();
            for column in some {
                body[column.as_str()] = wish(column);
            }
            let refused: BTreeSet<_> = taking.request(&app, &cast, &body).send().fields().into_iter().collect();
            let names: Vec<_> = some.iter().map(|column| column.as_str()).collect();
            let expected = told(&names, "unknown_field");
            // The example may be one for other callers, and lack something for this one.
            let taken: Vec<_> = expected.iter().filter(|field| !refused.contains(*field)).collect();
            assert!(taken.is_empty(), "{} takes {taken:?}", taking.line());
        }
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn nor_does_what_stands_within_a_body() {
    let app = App::start();
    let (cast, columns) = (Cast::of(&app), columns(&app));
    let before = app.database.contents();
    let mut lists = 0;
    for taking in all_taking() {
        let is_list = |(_, value): &(&String, &Value)| value[0].is_object();
        let Some((list, items)) = taking.body.as_object().unwrap().iter().find(is_list) else { continue };
        lists += 1;
        let foreign: Vec<_> = columns.iter().filter(|column| !taking.declared.contains(*column)).collect();
        for some in foreign.chunks(MOST_TOLD / 2) {
            let (mut body, mut item) = (taking.body.clone(), items[0].clone());
            for column in some {
                item[column.as_str()] = wish(column);
            }
            body[list.as_str()][0] = item;
            let refused: BTreeSet<_> = taking.request(&app, &cast, &body).send().fields().into_iter().collect();
            let expected = some.iter().map(|column| format!("{list}[0].{column}: unknown_field")).collect();
            assert_eq!(refused, expected, "{}", taking.line());
        }
    }
    assert!(lists > 0);
    assert_eq!(app.database.contents(), before);
}

/// A field that is there for some is not for all: nobody makes themselves what
/// they are not.
#[test]
fn nobody_registers_in_a_role_that_is_not_open_to_all() {
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

/// Objects that would reach into the machinery of other languages are names
/// like any other here.
#[test]
fn special_names_are_unknown_ones() {
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

/// Otherwise a small request would make a large answer.
#[test]
fn of_very_many_fields_the_first_hundred_are_told() {
    let app = App::start();
    let technician = app.technician("tanja");
    let names: Vec<_> = (0..20_000).map(|number| format!("f{number}")).collect();
    let body = format!(r#"{{"country":5,"{}":0}}"#, names.join(r#"":0,""#));
    let reply = app.patch("/api/technicians/me").bearer(&technician.token).raw(&body).send();
    let mut expected = vec!["country: wrong_type".to_owned()];
    expected.extend(names.iter().take(MOST_TOLD - 1).map(|name| format!("{name}: unknown_field")));
    assert_eq!(reply.fields(), expected);
    let query: Vec<_> = (0..1_000).map(|number| format!("q{number}=1")).collect();
    let reply = app.get(&format!("/api/jobs?{}", query.join("&"))).send();
    assert_eq!(reply.fields().len(), MOST_TOLD);
}
