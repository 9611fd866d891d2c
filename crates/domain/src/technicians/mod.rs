//! Technicians and their passports: skills, certifications, evaluations.

mod certification;
mod evaluation;
mod passport;
mod skills;
mod technician;

pub use certification::{Certification, CertificationStatus};
pub use evaluation::Evaluation;
pub use passport::{CertificationCounts, PassportSummary};
pub use skills::{InvalidSkills, Skill, SkillLevel, SkillSet};
pub use technician::{Discipline, Mobility, Technician, TechnicianChanges, TechnicianProfile};
