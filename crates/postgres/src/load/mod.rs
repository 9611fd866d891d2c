//! Loading much data at once, to measure with.
//!
//! Nothing of it is kept in the memory: each row follows from the seed and its
//! number, and goes to the database in one `COPY` after the other. All is one
//! transaction, so that a load that ends half way leaves nothing behind.

mod applications;
mod aside;
mod chats;
mod draws;
mod jobs;
mod people;
mod plan;
mod texts;
mod words;

use diesel::{
    ExecuteCopyFromDsl, PgConnection, QueryDsl, QueryResult, RunQueryDsl, connection::SimpleConnection, dsl::exists,
};
use thiserror::Error;

pub use self::plan::{LoadPlan, Volume};
use self::{
    applications::{ApplicationFacts, Spread},
    aside::Aside,
    chats::Lengths,
    people::Ratings,
};
use crate::{Database, connections, schema};

/// So many rows are in one `COPY`.
const BATCH: usize = 2_000;

/// A build of an index has memory for it.
const SETTINGS: &str = "\
    SET lock_timeout = '5s'; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'";

/// Why nothing was loaded.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The database cannot be reached.
    #[error("the database does not answer")]
    Unavailable(#[from] diesel::ConnectionError),
    /// There are users already.
    #[error("the database has users already: load into an empty one")]
    NotEmpty,
    /// Nobody applies twice for a job, and threads begin with applications.
    #[error("{0}")]
    Impossible(&'static str),
    /// A statement failed; nothing is left of the load.
    #[error("the load failed: {0}")]
    Failed(#[from] diesel::result::Error),
}

/// How far a load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadStep {
    /// The `place`th of `total` parts begins, with so many rows.
    Part {
        /// What it is about.
        name: &'static str,
        /// Its place, from 1.
        place: usize,
        /// How many parts there are.
        total: usize,
        /// How many rows it has.
        rows: u64,
    },
    /// So many more rows are loaded.
    Rows(u64),
}

impl Database {
    /// Loads data into a database that is up to date and has no users. Takes a
    /// connection of its own, on which statements may last. `tell` hears how far
    /// it is.
    pub fn load(&self, plan: &LoadPlan, tell: impl FnMut(LoadStep)) -> Result<(), LoadError> {
        let mut connection = connections::establish(self.url())?;
        connection.batch_execute(SETTINGS)?;
        let survey = Survey::of(plan)?;
        let mut load = Load { connection: &mut connection, tell, parts: 0 };
        load.all(plan, &survey)?;
        load.settle()
    }
}

/// What must be known of all rows before the first is written.
struct Survey {
    spread: Spread,
    lengths: Lengths,
    ratings: Vec<Ratings>,
    skills: u64,
    events: u64,
    evaluations: u64,
}

impl Survey {
    fn of(plan: &LoadPlan) -> Result<Self, LoadError> {
        let Volume { companies, technicians, certifications, jobs, applications, threads, messages } = plan.volume;
        let impossible = |is_so, why| if is_so { Err(LoadError::Impossible(why)) } else { Ok(()) };
        impossible(companies == 0 && jobs > 0, "jobs need a company")?;
        impossible(technicians == 0 && certifications > 0, "certifications need a technician")?;
        impossible(threads > applications, "there is a thread for an application at most: ask for fewer threads")?;
        let ratings = vec![(0, 0); usize::try_from(technicians).unwrap_or(usize::MAX)];
        let (spread, lengths) = (Spread::over_jobs(plan), Lengths::default());
        let mut survey = Self { spread, lengths, ratings, skills: 0, events: 0, evaluations: 0 };
        let mut made = 0;
        let all = applications::applications(plan, spread).inspect(|application| {
            made += 1;
            survey.count(application);
        });
        let mut lengths = Lengths::default();
        chats::threads(plan, all).for_each(|thread| lengths.weigh(plan, &thread));
        impossible(made < applications, "so many applications need more technicians, or more jobs")?;
        impossible(lengths.is_nothing() && messages > 0, "so many messages need more threads")?;
        survey.lengths = lengths;
        survey.skills = people::skills(plan).count() as u64;
        Ok(survey)
    }

    fn count(&mut self, application: &ApplicationFacts) {
        self.events += applications::step_count(application);
        let Some(rating) = application.rating else { return };
        self.evaluations += 1;
        let place = usize::try_from(application.technician).ok();
        if let Some((count, sum)) = place.and_then(|place| self.ratings.get_mut(place)) {
            *count += 1;
            *sum += rating;
        }
    }
}

/// What is loaded one after the other, each before what refers to it.
const PARTS: usize = 14;

/// A load under way.
struct Load<'a, F> {
    connection: &'a mut PgConnection,
    tell: F,
    /// How many parts have begun.
    parts: usize,
}

/// Copies rows into a table.
macro_rules! into {
    ($table:ident) => {
        |connection, rows| diesel::copy_from(schema::$table::table).from_insertable(rows).execute(connection)
    };
}

impl<F: FnMut(LoadStep)> Load<'_, F> {
    /// Loads everything, or nothing.
    fn all(&mut self, plan: &LoadPlan, survey: &Survey) -> Result<(), LoadError> {
        self.connection.batch_execute("BEGIN")?;
        let is_used = diesel::select(exists(schema::users::table.select(schema::users::id)));
        if is_used.get_result(self.connection)? {
            return Err(LoadError::NotEmpty);
        }
        let aside = Aside::put(self.connection)?;
        self.people(plan, survey)?;
        self.work(plan, survey)?;
        self.chats(plan, survey)?;
        self.bring_back(&aside)?;
        Ok(self.connection.batch_execute("COMMIT")?)
    }

    fn people(&mut self, plan: &LoadPlan, survey: &Survey) -> QueryResult<()> {
        let Volume { companies, technicians, certifications, .. } = plan.volume;
        self.part("users", technicians + 2 * companies + 1, people::users(plan), into!(users))?;
        self.part("companies", companies, people::companies(plan), into!(companies))?;
        self.part("members", 2 * companies, people::members(plan), into!(company_members))?;
        self.part("technicians", technicians, people::technicians(plan, &survey.ratings), into!(technicians))?;
        self.part("skills", survey.skills, people::skills(plan), into!(skills))?;
        self.part("certifications", certifications, people::certifications(plan), into!(certifications))
    }

    fn work(&mut self, plan: &LoadPlan, survey: &Survey) -> QueryResult<()> {
        let Volume { jobs, applications, .. } = plan.volume;
        let all = || applications::applications(plan, survey.spread);
        self.part("jobs", jobs, jobs::jobs(plan), into!(jobs))?;
        let rows = all().map(|application| applications::application_row(plan, &application));
        self.part("applications", applications, rows, into!(applications))?;
        let rows = all().flat_map(|application| applications::event_rows(plan, application));
        self.part("histories", survey.events, rows, into!(application_events))?;
        let rows = all().filter_map(|application| applications::evaluation_row(plan, &application));
        self.part("evaluations", survey.evaluations, rows, into!(evaluations))
    }

    fn chats(&mut self, plan: &LoadPlan, survey: &Survey) -> QueryResult<()> {
        let Volume { threads, messages, .. } = plan.volume;
        let all = || {
            let applications = applications::applications(plan, survey.spread);
            chats::talks(plan, survey.lengths, chats::threads(plan, applications))
        };
        self.part("threads", threads, all().map(|talk| chats::thread_row(plan, &talk)), into!(threads))?;
        self.part("messages", messages, all().flat_map(|talk| chats::message_rows(plan, talk)), into!(messages))
    }

    fn bring_back(&mut self, aside: &[Aside]) -> QueryResult<()> {
        self.begin("indexes and references", aside.len() as u64);
        for one in aside {
            one.bring_back(self.connection)?;
            (self.tell)(LoadStep::Rows(1));
        }
        Ok(())
    }

    /// Copies the rows of one part.
    fn part<R>(
        &mut self,
        name: &'static str,
        rows: u64,
        mut all: impl Iterator<Item = R>,
        copy: impl Fn(&mut PgConnection, &[R]) -> QueryResult<usize>,
    ) -> QueryResult<()> {
        self.begin(name, rows);
        loop {
            let batch: Vec<_> = all.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            copy(self.connection, &batch)?;
            (self.tell)(LoadStep::Rows(batch.len() as u64));
        }
    }

    fn begin(&mut self, name: &'static str, rows: u64) {
        self.parts += 1;
        (self.tell)(LoadStep::Part { name, place: self.parts, total: PARTS, rows });
    }

    /// Statistics for the planner, and what lets the indexes alone answer.
    fn settle(&mut self) -> Result<(), LoadError> {
        const TABLES: [&str; 12] = [
            "users",
            "companies",
            "company_members",
            "technicians",
            "skills",
            "certifications",
            "jobs",
            "applications",
            "application_events",
            "evaluations",
            "threads",
            "messages",
        ];
        self.begin("statistics", TABLES.len() as u64);
        for table in TABLES {
            self.connection.batch_execute(&format!("VACUUM (ANALYZE) {table}"))?;
            (self.tell)(LoadStep::Rows(1));
        }
        Ok(())
    }
}
