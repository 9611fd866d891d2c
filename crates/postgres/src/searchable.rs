//! The columns that searches look at: the folds of texts, which the domain makes.
//!
//! A text of several texts has each on lines of its own, so that no word is found across
//! two. That of a technician ends with a part that another statement writes, the skills,
//! after [`PART`].

use diesel::sql_types::{Integer, Text};
use repower_domain::{
    jobs::JobDetails,
    letters::searchable_words,
    technicians::{SkillSet, TechnicianProfile},
    values::{CompanyName, JobDescription},
};

/// Separates the two parts of a text. No fold has it: its white space is blanks.
pub(crate) const PART: &str = "\r";

#[diesel::declare_sql_function]
extern "SQL" {
    /// The part of a text with this number, from 1.
    fn split_part(text: Text, separator: Text, number: Integer) -> Text;
}

/// The texts of a job.
pub(crate) fn job<C>(details: &JobDetails<JobDescription, C>) -> String {
    let project = details.project_name.as_ref().map(repower_domain::values::ProjectName::as_str);
    lines([details.title.as_str(), details.description.as_str(), details.location.as_str(), project.unwrap_or("")])
}

/// The name of a company, which a search of its jobs looks at.
pub(crate) fn company(name: &CompanyName) -> String {
    searchable_words(name.as_str())
}

/// The texts of a technician's profile.
pub(crate) fn technician(profile: &TechnicianProfile) -> String {
    let bio = profile.bio.as_ref().map(repower_domain::values::Bio::as_str);
    lines([profile.full_name.as_str(), bio.unwrap_or("")])
}

/// The names of a technician's skills.
pub(crate) fn skills(set: &SkillSet) -> String {
    lines(set.as_slice().iter().map(|skill| skill.name.as_str()))
}

/// A text of two parts.
pub(crate) fn parts(first: &str, second: &str) -> String {
    [first, second].join(PART)
}

/// A text of several: of a job its title, description, location and project, of a
/// technician the name and the bio, or the skills.
pub(crate) fn lines(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    texts.into_iter().map(|text| searchable_words(text.as_ref())).collect::<Vec<_>>().join("\n")
}
