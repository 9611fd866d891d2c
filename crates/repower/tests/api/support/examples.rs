//! The example requests of the route table, with their placeholders filled.

use repower_domain::accounts::Role;
use repower_http::{Access, Route};
use serde_json::Value;

use super::{
    matrix::Matrix,
    people::{PASSWORD, Person},
    request::Request,
    world::{Resource, World},
};

/// A request to a route about one resource, with the examples of its body.
#[derive(Debug, Clone)]
pub(crate) struct ExampleRequest {
    pub(crate) route: &'static Route,
    pub(crate) path: String,
    /// The bodies, by the names of the examples.
    pub(crate) bodies: Vec<(&'static str, Value)>,
}

impl World {
    /// The example request to a route about a resource in a state of the matrix.
    pub(crate) fn example(&self, route: &'static Route, about: &str) -> ExampleRequest {
        let resource = self.resource(route, about);
        let fill = |body: &str| serde_json::from_str(&self.fill(body, about, &resource)).unwrap();
        let bodies = route.examples.iter().map(|example| (example.name, fill(example.body)));
        ExampleRequest { route, path: route.path.replace("{id}", &resource.id), bodies: bodies.collect() }
    }

    /// The example request with which a route succeeds, and its caller.
    pub(crate) fn successful_example(&self, route: &'static Route) -> (ExampleRequest, Option<&Person>) {
        let (sign, caller) = self.admitted(route);
        let matrix = Matrix::read();
        let column = matrix.callers.iter().position(|caller| *caller == sign).unwrap();
        let entry = matrix.entries.iter().find(|entry| std::ptr::eq(entry.route(), route)).unwrap();
        let row = entry.rows.iter().find(|row| row.statuses[column] < 300).unwrap();
        (self.example(route, &row.about), caller)
    }

    /// Whether the caller has this sign.
    pub(crate) fn is_caller(&self, caller: Option<&Person>, sign: &str) -> bool {
        self.callers.by_sign(sign).map(|person| &person.user_id) == caller.map(|person| &person.user_id)
    }

    /// The sign of a caller that a route admits, and the caller.
    fn admitted(&self, route: &Route) -> (&'static str, Option<&Person>) {
        let permits = |role: Role| match route.access {
            Access::Permitted(permission) => role.permits(permission),
            Access::Public | Access::Optional | Access::Token | Access::Authenticated => true,
        };
        let roles = [(Role::Technician, "T"), (Role::CompanyAdmin, "A"), (Role::SuperAdmin, "S")];
        let sign = match route.access {
            Access::Public | Access::Optional => "-",
            // Whose sessions have ended: the request takes no other caller's.
            Access::Token => "Toff",
            Access::Authenticated | Access::Permitted(_) => {
                roles.into_iter().find(|(role, _)| permits(*role)).map_or("-", |(_, sign)| sign)
            }
        };
        (sign, self.callers.by_sign(sign))
    }

    /// Replaces the placeholders of an example.
    fn fill(&self, body: &str, about: &str, resource: &Resource) -> String {
        let cast = &self.callers.cast;
        let mut filled = body.to_owned();
        let mut replace = |placeholder: &str, value: &dyn Fn() -> String| {
            if filled.contains(placeholder) {
                filled = filled.replace(placeholder, &value());
            }
        };
        replace("{new email}", &|| match about {
            "taken email" => cast.viewer.email.clone(),
            _ => format!("{}@people.example", self.new_name()),
        });
        replace("{email}", &|| cast.viewer.email.clone());
        replace("{password}", &|| if about == "wrong password" { "wrong horse" } else { PASSWORD }.to_owned());
        replace("{token}", &|| Self::unknown(about).unwrap_or_else(|| self.invitation(about).1));
        replace("{company}", &|| cast.admin.id.clone());
        replace("{technician}", &|| cast.technician.id.clone());
        replace("{job}", &|| match (&resource.job, resource.id.is_empty()) {
            (Some(job), _) => job.clone(),
            // An evaluation of an unknown technician is about a job of the company.
            (None, false) => self.engagement("accepted").1,
            (None, true) => self.job_of_thread(about),
        });
        filled
    }
}

impl ExampleRequest {
    /// The body that a caller sends; `None` where the route has none.
    pub(crate) fn body(&self, world: &World, caller: Option<&Person>) -> Option<&Value> {
        let is_sided = self.bodies.len() > 1 && self.route.access != Access::Public;
        let side = if caller.is_some_and(|person| world.is_technician(person)) { "technician" } else { "company" };
        let of_side = self.bodies.iter().find(|(name, _)| is_sided && *name == side);
        of_side.or(self.bodies.first()).map(|(_, body)| body)
    }

    /// The request of a caller.
    pub(crate) fn request(&self, world: &World, caller: Option<&Person>) -> Request {
        let request = self.bare_request(world, caller);
        match self.body(world, caller) {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// The request without a body.
    pub(crate) fn bare_request(&self, world: &World, caller: Option<&Person>) -> Request {
        let path = format!("{}{}", self.path, self.query(world, caller));
        world.app().request(self.route.method.as_str(), &path).by(caller)
    }

    /// The parameters without which the request of a caller is not complete.
    fn query(&self, world: &World, caller: Option<&Person>) -> String {
        let is_of_candidate =
            self.route.path.ends_with("/compliance") && caller.is_some_and(|person| !world.is_technician(person));
        let technician = &world.callers.cast.technician.id;
        if is_of_candidate { format!("?technicianId={technician}") } else { String::new() }
    }
}
