use repower_http::openapi::Examples;
use serde_json::{Value, json};

use super::recorder::Recorder;
use crate::support::{App, PASSWORD, Request, days_from, on_one_day, text};

/// The whole marketplace, from registering to the evaluation, as a client goes
/// through it; each request is an example.
pub(super) fn told() -> Examples {
    played().examples()
}

/// The story, as it was recorded.
pub(crate) fn played() -> Recorder {
    on_one_day(|today| {
        let mut recorder = Recorder::default();
        let (from, until) = (days_from(today, -200), days_from(today, 500));
        recorder.know(&from, "2026-03-01");
        recorder.know(&until, "2028-02-29");
        let mut story = Story::begin(recorder);
        story.accounts();
        story.passport(&from, &until);
        story.team();
        story.jobs();
        story.applications();
        story.chat();
        story.evaluation();
        story.admin();
        story.operation();
        story.recorder
    })
}

struct Story {
    app: App,
    recorder: Recorder,
    technician: String,
    technician_id: String,
    company: String,
    company_id: String,
    job: String,
    application: String,
}

impl Story {
    fn begin(mut recorder: Recorder) -> Self {
        let app = App::start();
        let ana = json!({"email": "ana.ruiz@example.com", "password": PASSWORD, "role": "TECHNICIAN",
            "fullName": "Ana Ruiz", "country": "Spain", "primaryDiscipline": "BLADE_REPAIR"});
        let technician = recorder.record("technician", app.post("/api/auth/register").json(&ana)).data(201);
        let nordwind = json!({"email": "hr@nordwind.example", "password": PASSWORD, "role": "COMPANY_ADMIN",
            "companyName": "Nordwind Service", "country": "DK"});
        let company = recorder.record("company", app.post("/api/auth/register").json(&nordwind)).data(201);
        Self {
            technician: text(&technician["token"]),
            technician_id: text(&technician["profile"]["id"]),
            company: text(&company["token"]),
            company_id: text(&company["company"]["id"]),
            job: String::new(),
            application: String::new(),
            app,
            recorder,
        }
    }

    fn record(&mut self, name: &str, status: u16, request: Request) -> Value {
        let reply = self.recorder.record(name, request);
        assert_eq!(reply.status, status, "{name}: {}", reply.text);
        reply.body()["data"].clone()
    }

    fn ana(&mut self, name: &str, status: u16, request: Request) -> Value {
        let request = request.bearer(&self.technician);
        self.record(name, status, request)
    }

    fn nordwind(&mut self, name: &str, status: u16, request: Request) -> Value {
        let request = request.bearer(&self.company);
        self.record(name, status, request)
    }

    fn accounts(&mut self) {
        let login = |password: &str| json!({"email": "Ana.Ruiz@example.com", "password": password});
        let taken = json!({"email": "ANA.RUIZ@example.com", "password": PASSWORD, "role": "TECHNICIAN",
            "fullName": "Ana Ruiz", "country": "ES"});
        self.record("technician", 200, self.app.post("/api/auth/login").json(&login(PASSWORD)));
        self.record("wrong", 401, self.app.post("/api/auth/login").json(&login("wrong horse")));
        self.record("taken", 409, self.app.post("/api/auth/register").json(&taken));
        let wrong = json!({"email": "ana", "password": "short", "role": "TECHNICIAN", "country": "Atlantis"});
        self.record("wrong", 400, self.app.post("/api/auth/register").json(&wrong));
        self.ana("technician", 200, self.app.get("/api/users/me"));
        self.nordwind("company", 200, self.app.get("/api/users/me"));
        let change = json!({"currentPassword": PASSWORD, "newPassword": "correct horse battery"});
        let changed = self.ana("change", 200, self.app.post("/api/users/me/password").json(&change));
        self.technician = text(&changed["token"]);
    }

    fn passport(&mut self, from: &str, until: &str) {
        let profile = json!({"yearsExperience": 6, "mobility": "GLOBAL", "dayRateMin": 350, "dayRateMax": 450,
            "bio": "Rope access and composite repair, on- and offshore"});
        self.ana("profile", 200, self.app.get("/api/technicians/me"));
        self.ana("profile", 200, self.app.patch("/api/technicians/me").json(&profile));
        let skills = json!({"skills": [{"name": "Lamination", "level": "EXPERT"}, {"name": "Rope access", "level": "ADVANCED"}]});
        self.ana("skills", 200, self.app.put("/api/technicians/me/skills").json(&skills));
        let heights = json!({"name": "GWO Working at Heights", "provider": "Falck Safety", "validFrom": from,
            "validUntil": until, "documentUrl": "https://certificates.example/ana/heights.pdf"});
        let path = "/api/technicians/me/certifications";
        self.ana("certification", 201, self.app.post(path).json(&heights));
        let other =
            json!({"name": "GWO Fire Awareness", "provider": "Falck Safety", "validFrom": from, "validUntil": until});
        let removed = text(&self.app.post(path).bearer(&self.technician).json(&other).send().data(201)["id"]);
        self.ana("removed", 200, self.app.delete(&format!("{path}/{removed}")));
        self.ana("gone", 404, self.app.delete(&format!("{path}/{removed}")));
        self.ana("passport", 200, self.app.get("/api/technicians/me/passport"));
    }

    fn team(&mut self) {
        self.nordwind("company", 200, self.app.get("/api/companies/me"));
        let profile = json!({"website": "https://nordwind.example", "description": "Service on 400 turbines"});
        self.nordwind("profile", 200, self.app.patch("/api/companies/me").json(&profile));
        let invite = |email: &str| json!({"email": email, "role": "RECRUITER"});
        let path = "/api/companies/me/invitations";
        let token =
            text(&self.nordwind("recruiter", 201, self.app.post(path).json(&invite("mia@nordwind.example")))["token"]);
        self.nordwind("member", 409, self.app.post(path).json(&invite("hr@nordwind.example")));
        self.nordwind("pending", 200, self.app.get(path));
        let accept = json!({"token": token, "password": PASSWORD});
        let mia = self.record("recruiter", 201, self.app.post("/api/auth/accept-invitation").json(&accept));
        self.record("used", 404, self.app.post("/api/auth/accept-invitation").json(&accept));
        let other = text(
            &self.app.post(path).bearer(&self.company).json(&invite("tom@nordwind.example")).send().data(201)["id"],
        );
        self.nordwind("revoked", 200, self.app.delete(&format!("{path}/{other}")));
        let members = self.nordwind("members", 200, self.app.get("/api/companies/me/members"));
        let own = format!("/api/companies/me/members/{}", text(&members[0]["id"]));
        let other = format!("/api/companies/me/members/{}", text(&mia["membership"]["id"]));
        self.nordwind("manager", 200, self.app.patch(&other).json(&json!({"role": "MANAGER"})));
        self.nordwind("last", 409, self.app.patch(&own).json(&json!({"role": "VIEWER"})));
        self.nordwind("last", 409, self.app.delete(&own));
        self.nordwind("removed", 200, self.app.delete(&other));
    }

    fn jobs(&mut self) {
        let job = json!({"title": "Blade repair, 20 turbines", "description": "Leading edges, from ropes.",
            "location": "Esbjerg", "discipline": "BLADE_REPAIR", "contractType": "DAY_RATE", "dayRateFrom": 380,
            "dayRateTo": 450, "startDate": "2027-03-01", "endDate": "2027-05-31"});
        self.job = text(&self.nordwind("draft", 201, self.app.post("/api/jobs").json(&job))["id"]);
        let wrong = json!({"title": " ", "dayRateFrom": "a lot", "discipline": "COOKING", "tilte": "x"});
        self.nordwind("wrong", 400, self.app.post("/api/jobs").json(&wrong));
        let path = format!("/api/jobs/{}", self.job);
        self.nordwind("edit", 200, self.app.patch(&path).json(&json!({"projectName": "Horns Rev", "dayRateTo": 460})));
        self.nordwind("publish", 200, self.app.patch(&format!("{path}/status")).json(&json!({"status": "OPEN"})));
        self.nordwind("back", 409, self.app.patch(&format!("{path}/status")).json(&json!({"status": "DRAFT"})));
        let second = json!({"title": "Blade inspection", "description": "From drones.", "location": "Hamburg",
            "country": "DE", "discipline": "INSPECTION", "contractType": "FIXED_PRICE", "startDate": "2027-04-01", "status": "OPEN"});
        self.nordwind("open", 201, self.app.post("/api/jobs").json(&second));
        self.record("page", 200, self.app.get("/api/jobs?limit=1"));
        self.record("job", 200, self.app.get(&path));
        self.record("unknown", 404, self.app.get("/api/jobs/019aa8f4-6c20-7000-8000-000000000000"));
        self.nordwind("own", 200, self.app.get("/api/companies/me/jobs?status=OPEN"));
    }

    fn applications(&mut self) {
        let apply = json!({"messageToCompany": "I can start on the first day."});
        let path = format!("/api/jobs/{}/applications", self.job);
        self.application = text(&self.ana("apply", 201, self.app.post(&path).json(&apply))["id"]);
        self.ana("twice", 409, self.app.post(&path).json(&apply));
        let mounted = format!("/api/applications{path}").replace("/api/applications/api", "/api/applications");
        let second = self.app.get("/api/jobs?discipline=INSPECTION").send().data(200);
        let elsewhere = mounted.replace(&self.job, second[0]["id"].as_str().unwrap());
        self.ana("apply", 201, self.app.post(&elsewhere).json(&apply));
        self.nordwind("applicants", 200, self.app.get(&path));
        self.nordwind("applicants", 200, self.app.get(&mounted));
        self.nordwind(
            "candidates",
            200,
            self.app.get("/api/technicians?discipline=BLADE_REPAIR&certification=heights"),
        );
        self.nordwind("passport", 200, self.app.get(&format!("/api/technicians/{}/passport", self.technician_id)));
        let path = format!("/api/applications/{}", self.application);
        let status = format!("{path}/status");
        self.nordwind("shortlist", 200, self.app.patch(&status).json(&json!({"status": "SHORTLISTED"})));
        let offer = json!({"status": "OFFERED", "messageToTechnician": "Welcome on board"});
        self.nordwind("offer", 200, self.app.patch(&status).json(&offer));
        self.ana("accept", 200, self.app.patch(&status).json(&json!({"status": "ACCEPTED"})));
        self.ana("late", 409, self.app.patch(&status).json(&json!({"status": "WITHDRAWN"})));
        self.ana("own", 200, self.app.get("/api/applications/me"));
        self.ana("details", 200, self.app.get(&path));
    }

    fn chat(&mut self) {
        let threads = "/api/chat/threads";
        let open = json!({"companyId": self.company_id, "jobId": self.job, "text": "Is lodging included?"});
        let thread = text(&self.ana("technician", 201, self.app.post(threads).json(&open))["id"]);
        let again = json!({"technicianId": self.technician_id, "jobId": self.job});
        self.nordwind("company", 200, self.app.post(threads).json(&again));
        self.nordwind("threads", 200, self.app.get(threads));
        let messages = format!("{threads}/{thread}/messages");
        let answer = json!({"text": "Yes, in Esbjerg.", "clientMessageId": "m-1"});
        self.nordwind("message", 201, self.app.post(&messages).json(&answer));
        self.nordwind("repeated", 200, self.app.post(&messages).json(&answer));
        self.ana("news", 200, self.app.get(&format!("{messages}?after=0")));
        self.ana("read", 200, self.app.post(&format!("{threads}/{thread}/read")).json(&json!({"seq": 2})));
    }

    fn evaluation(&mut self) {
        let path = format!("/api/technicians/{}/evaluations", self.technician_id);
        let evaluation = json!({"jobId": self.job, "rating": 5, "comment": "Ahead of the weather"});
        self.nordwind("evaluation", 201, self.app.post(&path).json(&evaluation));
        self.nordwind("twice", 409, self.app.post(&path).json(&evaluation));
        self.ana("evaluated", 200, self.app.get("/api/technicians/me/passport"));
        self.nordwind("dashboard", 200, self.app.get("/api/companies/me/dashboard"));
        self.ana("role", 403, self.app.get("/api/companies/me/dashboard"));
    }

    fn admin(&mut self) {
        let root = self.app.super_admin().token;
        let users = self.record("users", 200, self.app.get("/api/admin/users?q=ana").bearer(&root));
        let user = format!("/api/admin/users/{}", text(&users[0]["id"]));
        self.record("companies", 200, self.app.get("/api/admin/companies").bearer(&root));
        self.record(
            "close",
            200,
            self.app
                .patch(&format!("/api/admin/jobs/{}/status", self.job))
                .bearer(&root)
                .json(&json!({"status": "CLOSED"})),
        );
        self.record("shut out", 200, self.app.patch(&user).bearer(&root).json(&json!({"active": false})));
        self.record("audit", 200, self.app.get("/api/admin/audit").bearer(&root));
    }

    fn operation(&mut self) {
        self.record("up", 200, self.app.get("/health/live"));
        self.record("ready", 200, self.app.get("/health/ready"));
    }
}
