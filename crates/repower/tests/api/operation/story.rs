use serde_json::{Value, json};

use crate::support::{Person, Reply, Request, a_job, text, with};

const PASSWORD: &str = "canary password";
const NEW_PASSWORD: &str = "new canary password";
const TECHNICIAN: &str = "ana@canary.example";
const COMPANY: &str = "admin@canary.example";

/// The requests of a technician and a company, from the registration to the chat, with
/// errors. Every text of them has the word `canary`.
pub(super) struct Story<'a> {
    address: &'a str,
    /// The tokens of the responses.
    pub(super) secrets: Vec<String>,
}

impl<'a> Story<'a> {
    /// Sends the requests to the server at a socket address.
    pub(super) fn play(address: &'a str) -> Self {
        let mut story = Self { address, secrets: Vec::new() };
        let (technician, company) = story.register_both_sides();
        story.log_in();
        let technician = story.change_password(technician);
        story.invite(&company);
        let job = story.engage(&technician, &company);
        story.talk(&technician, &company, &job);
        story.send_errors(&technician, &company);
        story
    }

    /// Sends requests during an outage of the database.
    pub(super) fn play_without_database(&self) {
        let body = json!({"email": COMPANY, "password": PASSWORD});
        assert_eq!(self.request("POST", "/api/auth/login").json(&body).send().code(503), "database_unavailable");
        let jobs = self.request("GET", "/api/jobs?q=canary").send();
        assert_eq!(jobs.code(503), "database_unavailable");
        assert_eq!(self.request("GET", "/health/ready").send().code(503), "database_unavailable");
    }

    fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, format!("http://{}{path}", self.address))
    }

    fn post(&self, path: &str, person: &Person, body: &Value) -> Reply {
        self.request("POST", path).bearer(&person.token).json(body).send()
    }

    /// Creates a resource twice with the same key; returns it.
    fn post_twice(&self, path: &str, person: &Person, body: &Value) -> Value {
        let key = "canary-key".to_owned() + &path.replace('/', "-");
        let send =
            || self.request("POST", path).bearer(&person.token).header("Idempotency-Key", &key).json(body).send();
        let created = send().data(201);
        assert_eq!(send().header("Idempotency-Replayed"), Some("true"));
        created
    }

    fn person(&mut self, data: &Value, id: &Value) -> Person {
        let token = text(&data["token"]);
        self.secrets.push(token.clone());
        Person { token, email: text(&data["user"]["email"]), user_id: text(&data["user"]["id"]), id: text(id) }
    }

    fn register_both_sides(&mut self) -> (Person, Person) {
        let register = |body: Value| self.request("POST", "/api/auth/register").json(&body).send();
        let technician = json!({
            "email": TECHNICIAN, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Ana Canary", "country": "DK",
        });
        let company = json!({
            "email": COMPANY, "password": PASSWORD, "role": "COMPANY_ADMIN", "companyName": "Canary", "country": "DK",
        });
        let (ana, admin) = (register(technician.clone()).data(201), register(company).data(201));
        assert_eq!(register(technician).code(409), "email_taken");
        (self.person(&ana, &ana["profile"]["id"]), self.person(&admin, &admin["company"]["id"]))
    }

    fn log_in(&mut self) {
        let send = |email: &str, password: &str| {
            self.request("POST", "/api/auth/login").json(&json!({"email": email, "password": password})).send()
        };
        assert_eq!(send(TECHNICIAN, "wrong canary").code(401), "invalid_credentials");
        assert_eq!(send("nobody@canary.example", PASSWORD).code(401), "invalid_credentials");
        let data = send(TECHNICIAN, PASSWORD).data(200);
        self.secrets.push(text(&data["token"]));
    }

    fn change_password(&mut self, technician: Person) -> Person {
        let path = "/api/users/me/password";
        let wrong = json!({"currentPassword": "wrong canary", "newPassword": NEW_PASSWORD});
        assert!(self.post(path, &technician, &wrong).status.is_client_error());
        let right = json!({"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD});
        let token = text(&self.post(path, &technician, &right).data(200)["token"]);
        self.secrets.push(token.clone());
        Person { token, ..technician }
    }

    fn invite(&mut self, company: &Person) {
        let body = json!({"email": "recruiter@canary.example", "role": "RECRUITER"});
        let invitation = text(&self.post("/api/companies/me/invitations", company, &body).data(201)["token"]);
        let accept = |token: &str| {
            let body = json!({"token": token, "password": PASSWORD});
            self.request("POST", "/api/auth/accept-invitation").json(&body).send()
        };
        let joined = accept(&invitation).data(201);
        assert_eq!(accept("canary").code(404), "not_found");
        self.secrets.extend([invitation, text(&joined["token"])]);
    }

    /// Posts a job and applies for it; returns its id.
    fn engage(&self, technician: &Person, company: &Person) -> String {
        let changes = json!({"title": "Canary", "description": "A canary in a nacelle", "status": "OPEN"});
        let job = text(&self.post_twice("/api/jobs", company, &with(&a_job(), &changes))["id"]);
        let message = json!({"messageToCompany": "This canary can start at once"});
        self.post_twice(&format!("/api/jobs/{job}/applications"), technician, &message);
        let edit = json!({"bio": "Canary of the ropes", "phone": "+45 canary"});
        self.request("PATCH", "/api/technicians/me").bearer(&technician.token).json(&edit).send();
        self.request("GET", "/api/technicians?q=canary").bearer(&company.token).send().data(200);
        job
    }

    fn talk(&self, technician: &Person, company: &Person, job: &str) {
        let opening = json!({"companyId": company.id, "jobId": job, "text": "Does the canary get lodging?"});
        let thread = text(&self.post_twice("/api/chat/threads", technician, &opening)["id"]);
        let messages = format!("/api/chat/threads/{thread}/messages");
        self.post_twice(&messages, company, &json!({"text": "The canary sleeps in Esbjerg"}));
        self.request("GET", &messages).bearer(&technician.token).send().data(200);
    }

    /// Sends requests with one error each.
    fn send_errors(&self, technician: &Person, company: &Person) {
        let status = |request: Request| request.send().status.as_u16();
        let patch = || self.request("PATCH", "/api/technicians/me").bearer(&technician.token);
        assert_eq!(status(patch().raw(r#"{"bio": "canary"#)), 400);
        assert_eq!(status(patch().raw(r#"{"canary": "canary", "country": "canary"}"#)), 400);
        assert_eq!(status(patch().bytes("canary")), 415);
        assert_eq!(status(patch().raw("canary ".repeat(64 * 1024))), 413);
        assert_eq!(status(self.request("PUT", "/api/technicians/me").raw("canary")), 405);
        assert_eq!(status(self.request("CANARY", "/api/technicians/me")), 405);
        assert_eq!(status(self.request("GET", "/canary/of/no/route?token=canary")), 404);
        assert_eq!(status(self.request("GET", "/api/jobs/canary")), 404);
        assert_eq!(status(self.request("GET", "/api/jobs?email=canary%40canary.example&cursor=canary")), 400);
        assert_eq!(status(self.request("GET", "/api/users/me").bearer("canary.canary.canary")), 401);
        assert_eq!(status(self.request("GET", "/api/users/me").header("Authorization", "Basic canary")), 401);
        assert_eq!(status(self.request("GET", "/api/companies/me").bearer(&technician.token)), 403);
        let key = self.request("POST", "/api/jobs").bearer(&company.token).header("Idempotency-Key", "canary key");
        assert_eq!(status(key.json(&a_job())), 400);
    }
}
