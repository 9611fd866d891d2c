use std::cell::Cell;

use repower_application::accounts::NewCredentials;
use repower_domain::{
    RequestIds,
    accounts::{Actor, CompanyRole},
    trust::RevocationTerms,
    values::DateRange,
};
use repower_http::Route;
use serde_json::{Value, json};

use super::{
    app::App,
    callers::{Callers, join},
    people::{PASSWORD, Person},
    reading::text,
    routes::UNKNOWN_ID,
};

/// The callers, and new resources in the states that the matrix names.
pub(crate) struct World {
    pub(crate) callers: Callers,
    names: Cell<u32>,
}

/// A resource that a path names, with the job that a body names.
pub(crate) struct Resource {
    pub(crate) id: String,
    pub(crate) job: Option<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { callers: Callers::register(), names: Cell::new(0) }
    }

    pub(crate) fn app(&self) -> &App {
        &self.callers.app
    }

    /// Whether a caller is a technician.
    pub(crate) fn is_technician(&self, person: &Person) -> bool {
        let cast = &self.callers.cast;
        [&cast.technician, &cast.another_technician].iter().any(|technician| technician.id == person.id)
    }

    /// A new name.
    pub(crate) fn new_name(&self) -> String {
        self.names.set(self.names.get() + 1);
        format!("new-{}", self.names.get())
    }

    /// The company of a resource, and its state.
    fn owner<'a>(&self, about: &'a str) -> (&Person, &'a str) {
        let cast = &self.callers.cast;
        match about.strip_prefix("another company's ") {
            Some(rest) => (&cast.other_admin, rest),
            None => (&cast.admin, about),
        }
    }

    /// The id of a resource that does not exist; `None` for one that does.
    pub(crate) fn unknown(about: &str) -> Option<String> {
        match about {
            "unknown" => Some(UNKNOWN_ID.to_owned()),
            "no id" => Some("no-uuid".to_owned()),
            "an encoded NUL" => Some("%00".to_owned()),
            _ => None,
        }
    }

    /// The resource in a state that the path of a route names.
    pub(crate) fn resource(&self, route: &Route, about: &str) -> Resource {
        let found = |id: String| Resource { id, job: None };
        if let Some(id) = Self::unknown(about) {
            return found(id);
        }
        match route.signature.path_id {
            None => found(String::new()),
            Some("TechnicianId") if route.name == "evaluateTechnician" => {
                let (id, job) = self.engagement(about);
                Resource { id, job: Some(job) }
            }
            Some("TechnicianId") => found(self.technician(about)),
            Some("CompanyId") => found(self.app().company(&self.new_name()).id),
            Some("CertificationId") => found(self.certification(about)),
            Some("EvaluationId") => found(self.evaluation(about)),
            Some("MemberId") => found(self.member(about)),
            Some("RevocationId") => found(self.revocation(about)),
            Some("InvitationId") => found(self.invitation(about).0),
            Some("UserId") => found(self.user(about)),
            Some("ApplicationId") => found(self.application(about).0),
            Some("ThreadId") => found(self.thread(about)),
            Some("JobId") => found(self.job(about)),
            Some(other) => panic!("no resource has a {other}"),
        }
    }

    /// A job in a state.
    pub(crate) fn job(&self, about: &str) -> String {
        let (company, state) = self.owner(about);
        let status =
            if matches!(state, "draft" | "closed, never open" | "closed, then opened") { "DRAFT" } else { "OPEN" };
        let job = text(&self.app().post_job(company, &json!({ "status": status }))["id"]);
        if state.starts_with("closed") {
            self.move_job(company, &job, "CLOSED");
        }
        if state.ends_with("then opened") {
            self.move_job(company, &job, "OPEN");
        }
        if state == "applied for" {
            for technician in [&self.callers.cast.technician, &self.callers.cast.another_technician] {
                self.app().apply(technician, &job);
            }
        }
        job
    }

    fn move_job(&self, company: &Person, job: &str, status: &str) {
        let path = format!("/api/jobs/{job}/status");
        self.app().patch(&path).bearer(&company.token).json(&json!({ "status": status })).send().data(200);
    }

    /// An application in a state, and its job; one of others is offered.
    pub(crate) fn application(&self, about: &str) -> (String, String) {
        let cast = &self.callers.cast;
        let company = if about == "another company's" { &cast.other_admin } else { &cast.admin };
        let applicant = if about == "another technician's" { &cast.another_technician } else { &cast.technician };
        let job = self.app().open_job(company);
        let application = self.app().apply(applicant, &job);
        let statuses: &[_] = match about {
            "applied" => &[],
            "rejected" => &["REJECTED"],
            "accepted" => &["OFFERED", "ACCEPTED"],
            _ => &["OFFERED"],
        };
        for status in statuses {
            // The technician's own act: only then the company may evaluate.
            let by = if *status == "ACCEPTED" { applicant } else { company };
            self.app().move_application(by, &application, status).data(200);
        }
        if about.ends_with("its job closed") {
            self.move_job(company, &job, "CLOSED");
        }
        (application, job)
    }

    /// A technician and a job that a company evaluates the technician for.
    pub(crate) fn engagement(&self, about: &str) -> (String, String) {
        let cast = &self.callers.cast;
        let (technician, another) = (cast.technician.id.clone(), cast.another_technician.id.clone());
        match about {
            "offered" => (technician, self.application("offered").1),
            "another technician" => (another, self.application("accepted").1),
            "unknown job" => (technician, UNKNOWN_ID.to_owned()),
            "another company's job" => {
                let (application, job) = self.application("another company's");
                self.app().move_application(&cast.technician, &application, "ACCEPTED").data(200);
                (technician, job)
            }
            "evaluated" => {
                let (technician, job) = self.engagement("accepted");
                let path = format!("/api/technicians/{technician}/evaluations");
                let evaluation = json!({"jobId": job, "rating": 4});
                self.app().post(&path).bearer(&cast.admin.token).json(&evaluation).send().data(201);
                (technician, job)
            }
            _ => (technician, self.application("accepted").1),
        }
    }

    /// An evaluation.
    pub(crate) fn evaluation(&self, about: &str) -> String {
        let (app, cast) = (self.app(), &self.callers.cast);
        let technician = if about == "another technician's" { &cast.another_technician } else { &cast.technician };
        let job = app.engage(&cast.admin, technician);
        let id = text(&app.evaluate(&cast.admin, technician, &job, 4).data(201)["id"]);
        let change = |path: String, person: &Person, body: Value| {
            app.patch(&path).bearer(&person.token).json(&body).send().data(200);
        };
        match about {
            "answered" => change(format!("/api/evaluations/{id}/answer"), technician, json!({"text": "Thanks"})),
            "hidden" => change(format!("/api/admin/evaluations/{id}"), &cast.super_admin, json!({"hidden": true})),
            _ => {}
        }
        id
    }

    /// A certification.
    pub(crate) fn certification(&self, about: &str) -> String {
        let cast = &self.callers.cast;
        let holder = if about == "another technician's" { &cast.another_technician } else { &cast.technician };
        let path = "/api/technicians/me/certifications";
        let certification =
            json!({"name": "GWO", "provider": "Falck Safety", "validFrom": "2024-01-31", "validUntil": "2034-01-30"});
        let id = text(&self.app().post(path).bearer(&holder.token).json(&certification).send().data(201)["id"]);
        if matches!(about, "rejected" | "revoked") {
            let verdict = json!({"trust": about.to_uppercase(), "note": "Not in WINDA"});
            let path = format!("/api/admin/certifications/{id}");
            self.app().patch(&path).bearer(&cast.super_admin.token).json(&verdict).send().data(200);
        }
        id
    }

    /// A revocation.
    pub(crate) fn revocation(&self, about: &str) -> String {
        if about == "by another SUPER_ADMIN" {
            let actor = Actor::SuperAdmin { user_id: self.user("another SUPER_ADMIN").parse().unwrap() };
            let issued = DateRange::new("2025-01-01".parse().unwrap(), "2025-06-30".parse().ok()).unwrap();
            let terms = RevocationTerms::builder()
                .provider(self.new_name().parse().unwrap())
                .issued(issued)
                .reason("Invented records".parse().unwrap())
                .build();
            let request = RequestIds::builder().own("r".to_owned()).caller(None).build();
            return self.app().services.trust.revoke(&actor, terms, &request).unwrap().id.to_string();
        }
        let (path, root) = ("/api/admin/revocations", &self.callers.cast.super_admin.token);
        let terms = json!({
            "provider": self.new_name(), "issuedFrom": "2025-01-01", "issuedUntil": "2025-06-30",
            "reason": "Invented records",
        });
        let id = text(&self.app().post(path).bearer(root).json(&terms).send().data(201)["id"]);
        if about == "undone" {
            self.app().delete(&format!("{path}/{id}")).bearer(root).send().data(200);
        }
        id
    }

    /// A member.
    pub(crate) fn member(&self, about: &str) -> String {
        let cast = &self.callers.cast;
        let company = if about == "of another company" { &cast.other_admin } else { &cast.admin };
        let path = if about == "the last ADMIN" {
            self.app().membership(company)
        } else {
            self.app().membership(&join(self.app(), company, CompanyRole::Recruiter, &self.new_name()))
        };
        if about == "removed" {
            self.app().delete(&path).bearer(&company.token).send().data(200);
        }
        path.rsplit('/').take(1).collect()
    }

    /// An invitation, and its token.
    pub(crate) fn invitation(&self, about: &str) -> (String, String) {
        let cast = &self.callers.cast;
        let company = if about == "of another company" { &cast.other_admin } else { &cast.admin };
        let body = json!({"email": format!("{}@invited.example", self.new_name()), "role": "VIEWER"});
        let path = "/api/companies/me/invitations";
        let made = self.app().post(path).bearer(&company.token).json(&body).send().data(201);
        let (id, token) = (text(&made["id"]), text(&made["token"]));
        if about == "revoked" {
            self.app().delete(&format!("{path}/{id}")).bearer(&company.token).send().data(200);
        }
        (id, token)
    }

    /// A thread.
    pub(crate) fn thread(&self, about: &str) -> String {
        let cast = &self.callers.cast;
        let company = if about == "another company's" { &cast.other_admin } else { &cast.admin };
        let technician = if about == "another technician's" { &cast.another_technician } else { &cast.technician };
        self.chat(technician, &json!({"companyId": company.id}))
    }

    /// The job of a thread.
    pub(crate) fn job_of_thread(&self, about: &str) -> String {
        let cast = &self.callers.cast;
        match about {
            "about a draft" => self.job("draft"),
            "about a closed job" => self.job("closed"),
            "about a closed, never open job" => self.job("closed, never open"),
            "about another company's job" => self.job("another company's open"),
            "about an unknown job" => UNKNOWN_ID.to_owned(),
            "existing" => {
                let job = self.job("open");
                self.chat(&cast.technician, &json!({"companyId": cast.admin.id, "jobId": job}));
                job
            }
            _ => self.job("open"),
        }
    }

    fn chat(&self, technician: &Person, body: &Value) -> String {
        let opened = self.app().post("/api/chat/threads").bearer(&technician.token).json(body).send();
        text(&opened.body()["data"]["id"])
    }

    /// A technician.
    pub(crate) fn technician(&self, about: &str) -> String {
        let cast = &self.callers.cast;
        if about == "another technician's" { cast.another_technician.id.clone() } else { cast.technician.id.clone() }
    }

    /// A user.
    pub(crate) fn user(&self, about: &str) -> String {
        match about {
            "own user" => self.callers.cast.super_admin.user_id.clone(),
            "the only member of a company" => self.app().company(&self.new_name()).user_id,
            "another SUPER_ADMIN" => {
                let email = format!("{}@repower.example", self.new_name());
                let credentials = NewCredentials { email: email.parse().unwrap(), password: PASSWORD.parse().unwrap() };
                let registered = self.app().services.accounts.register_super_admin(credentials).unwrap();
                registered.user.id.to_string()
            }
            _ => self.app().technician(&self.new_name()).user_id,
        }
    }
}
