use serde_json::json;

use super::{App, Person, Reply};

impl App {
    /// Has a technician accepted for a new job of a company; returns the id of the
    /// job.
    pub(crate) fn engage(&self, company: &Person, technician: &Person) -> String {
        let job = self.open_job(company);
        let application = self.apply(technician, &job);
        for (person, status) in [(company, "OFFERED"), (technician, "ACCEPTED")] {
            self.move_application(person, &application, status).data(200);
        }
        job
    }

    /// Evaluates a technician for a job.
    pub(crate) fn evaluate(&self, member: &Person, technician: &Person, job: &str, rating: u8) -> Reply {
        let path = format!("/api/technicians/{}/evaluations", technician.id);
        self.post(&path).bearer(&member.token).json(&json!({"jobId": job, "rating": rating})).send()
    }

    /// Evaluates a technician with each of the ratings, each for another job.
    pub(crate) fn rate(&self, company: &Person, technician: &Person, ratings: &[u8]) {
        for rating in ratings {
            self.evaluate(company, technician, &self.engage(company, technician), *rating).data(201);
        }
    }
}
