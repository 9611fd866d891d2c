use repower_application::{
    applications::ApplyError,
    chat::{OpenThread, OutgoingMessage},
    technicians::{EvaluateError, NewEvaluation},
};
use repower_domain::{
    Edit,
    accounts::{Account, Actor, Attachment, Side},
    applications::{
        Application, ApplicationMove,
        ApplicationStatus::{self, Accepted, Offered, Rejected, Shortlisted, Withdrawn},
    },
};
use repower_ports::{PageRequest, chat::Participant};

use super::{
    companies::DemoCompany,
    context::{Demo, Failure, number, parse},
    jobs::{self, DemoJob},
};

/// An application and its later statuses.
struct Engagement {
    /// The index of the technician.
    technician: usize,
    /// The index of the job.
    job: usize,
    steps: &'static [(Side, ApplicationStatus)],
}

use Side::{Company, Technician};

#[rustfmt::skip]
const ENGAGEMENTS: [Engagement; 12] = [
    Engagement { technician: 0, job: 0, steps: &[(Company, Shortlisted), (Company, Offered), (Technician, Accepted)] },
    Engagement { technician: 2, job: 0, steps: &[(Company, Shortlisted)] },
    Engagement { technician: 9, job: 0, steps: &[(Company, Shortlisted), (Company, Offered)] },
    Engagement { technician: 0, job: 1, steps: &[] },
    Engagement { technician: 1, job: 2, steps: &[(Company, Offered)] },
    Engagement { technician: 5, job: 2, steps: &[(Company, Rejected)] },
    Engagement { technician: 6, job: 5, steps: &[(Company, Offered), (Technician, Accepted)] },
    Engagement { technician: 3, job: 7, steps: &[(Company, Shortlisted)] },
    Engagement { technician: 7, job: 7, steps: &[(Technician, Withdrawn)] },
    Engagement { technician: 4, job: 8, steps: &[] },
    Engagement { technician: 5, job: 14, steps: &[(Company, Shortlisted), (Company, Offered), (Technician, Accepted)] },
    Engagement { technician: 2, job: 18, steps: &[(Company, Offered), (Technician, Accepted)] },
];

/// A thread about a job.
struct Chat {
    technician: usize,
    job: usize,
    /// The messages with their senders.
    messages: &'static [(Side, &'static str)],
}

#[rustfmt::skip]
const CHATS: [Chat; 4] = [
    Chat { technician: 0, job: 0, messages: &[
        (Technician, "Hello! Is lodging in Esbjerg included?"),
        (Company, "Hello Ana, yes, a single room close to the harbour."),
        (Technician, "Great, I can start on the first day."),
    ] },
    Chat { technician: 1, job: 2, messages: &[(Company, "Hello Søren, would you lead the rope team?")] },
    Chat { technician: 3, job: 7, messages: &[
        (Technician, "Which drones do you use?"),
        (Company, "Two of the M300 series; bring your own if you prefer."),
    ] },
    Chat { technician: 5, job: 14, messages: &[(Company, "Welcome on board!"), (Technician, "Thank you, see you in Gdynia.")] },
];

/// A company's evaluation of a technician after a job.
struct Evaluation {
    technician: usize,
    job: usize,
    rating: i64,
    comment: &'static str,
}

const EVALUATIONS: [Evaluation; 3] = [
    Evaluation { technician: 0, job: 0, rating: 5, comment: "Clean laminates, and ahead of the weather." },
    Evaluation { technician: 5, job: 14, rating: 4, comment: "Safe on the ropes; the reports came late." },
    Evaluation { technician: 2, job: 18, rating: 4, comment: "Learns fast." },
];

/// Number of applications, chats and evaluations.
pub(super) const COUNT: usize = ENGAGEMENTS.len() + CHATS.len() + EVALUATIONS.len();

/// Loads applications, chats and evaluations, and then closes jobs.
pub(super) fn load(
    demo: &Demo<'_>,
    companies: &[DemoCompany],
    technicians: &[Account],
    loaded: &[DemoJob],
) -> Result<(), Failure> {
    let pair = |technician: usize, job: usize| -> Result<Pair<'_>, Failure> {
        let job = loaded.get(job).ok_or("no such job")?;
        let technician = technicians.get(technician).ok_or("no such technician")?;
        let company = companies.get(job.company).ok_or("no such company")?.admin()?;
        Ok(Pair { demo, technician, company, job })
    };
    for engagement in &ENGAGEMENTS {
        demo.begin_item("applications");
        pair(engagement.technician, engagement.job)?.engage(engagement.steps)?;
    }
    for chat in &CHATS {
        demo.begin_item("chats");
        pair(chat.technician, chat.job)?.chat(chat.messages)?;
    }
    for evaluation in &EVALUATIONS {
        demo.begin_item("evaluations");
        pair(evaluation.technician, evaluation.job)?.evaluate(evaluation)?;
    }
    jobs::close(demo, companies, loaded)
}

/// A technician and the company of a job.
struct Pair<'a> {
    demo: &'a Demo<'a>,
    technician: &'a Account,
    company: Actor,
    job: &'a DemoJob,
}

impl Pair<'_> {
    fn actor(&self, side: Side) -> Actor {
        match side {
            Company => self.company,
            Technician => self.technician.actor(),
        }
    }

    fn engage(&self, steps: &[(Side, ApplicationStatus)]) -> Result<(), Failure> {
        let message = Some(parse("I would like to join this job.")?);
        match self.demo.services.applications.apply(&self.actor(Technician), self.job.id, message) {
            Ok(application) => self.take_steps(&application, steps),
            Err(ApplyError::AlreadyApplied | ApplyError::JobNotOpen) => self.take_missing_steps(steps),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the steps that an earlier load did not take.
    fn take_missing_steps(&self, steps: &[(Side, ApplicationStatus)]) -> Result<(), Failure> {
        let Some(application) = self.own_application()? else { return Ok(()) };
        let done = steps.iter().position(|(_, status)| *status == application.status).map_or(0, |index| index + 1);
        self.take_steps(&application, steps.get(done..).unwrap_or_default())
    }

    fn own_application(&self) -> Result<Option<Application>, Failure> {
        let page = PageRequest { limit: 100, after: None };
        let own = self.demo.services.applications.list_own(&self.actor(Technician), None, page)?;
        Ok(own.items.into_iter().map(|item| item.application).find(|application| application.job_id == self.job.id))
    }

    fn take_steps(&self, application: &Application, steps: &[(Side, ApplicationStatus)]) -> Result<(), Failure> {
        for (side, next) in steps {
            let requested = ApplicationMove::builder()
                .next(*next)
                .message_to_technician(Edit::Leave)
                .accepts_non_compliance(*side == Company)
                .build();
            self.demo.services.applications.move_to(&self.actor(*side), application.id, requested, &Demo::request())?;
        }
        Ok(())
    }

    fn chat(&self, messages: &[(Side, &str)]) -> Result<(), Failure> {
        for (index, (side, text)) in messages.iter().enumerate() {
            let client_message_id = Some(parse(&format!("demo-{index}"))?);
            let message = Some(OutgoingMessage { text: parse(text)?, client_message_id });
            let other = self.other_side(*side)?;
            let thread = OpenThread { with: other, job_id: Some(self.job.id), message };
            let actor = self.actor(*side);
            let opened = self.demo.services.chats.open(&actor, thread)?.record;
            // The sender has read all earlier messages.
            self.demo.services.chats.mark_read(&actor, opened.thread.id, i64::try_from(index)?)?;
        }
        Ok(())
    }

    fn evaluate(&self, evaluation: &Evaluation) -> Result<(), Failure> {
        let (rating, comment) = (number(evaluation.rating)?, Some(parse(evaluation.comment)?));
        let new = NewEvaluation { job_id: self.job.id, rating, comment };
        let Participant::Technician(technician) = self.other_side(Company)? else {
            return Err("a company evaluates technicians".into());
        };
        match self.demo.services.technicians.evaluate(&self.company, technician, new) {
            Ok(_) | Err(EvaluateError::AlreadyEvaluated) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn other_side(&self, side: Side) -> Result<Participant, Failure> {
        match (side, self.company, &self.technician.attachment) {
            (Technician, Actor::Member { company_id, .. }, _) => Ok(Participant::Company(company_id)),
            (Company, _, Attachment::Technician(technician)) => Ok(Participant::Technician(technician.id)),
            _ => Err("an account is not of the expected kind".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_evaluated_technician_was_accepted() {
        for evaluation in &EVALUATIONS {
            let is_accepted = |engagement: &Engagement| {
                (engagement.technician, engagement.job) == (evaluation.technician, evaluation.job)
                    && engagement.steps.last() == Some(&(Technician, Accepted))
            };
            assert!(ENGAGEMENTS.iter().any(is_accepted));
        }
    }

    #[test]
    fn applications_end_in_every_status() {
        for status in ApplicationStatus::ALL {
            let ends = |engagement: &Engagement| {
                engagement.steps.last().map_or(ApplicationStatus::Applied, |(_, status)| *status)
            };
            assert!(ENGAGEMENTS.iter().any(|engagement| ends(engagement) == *status), "{status}");
        }
    }
}
