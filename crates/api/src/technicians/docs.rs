//! What the document says of the routes.

use repower_domain::accounts::Permission;

use super::{
    candidates::{EvaluateBody, SearchTechniciansQuery},
    dto::{
        AddCertificationBody, CertificationView, EditTechnicianBody, EvaluationView, PassportView, RatedTechnicianView,
        ReplaceSkillsBody, SkillView, TechnicianView,
    },
};
use crate::{
    http::Code,
    openapi::{Operation, Tag},
};

const TAG: Tag = Tag::Technicians;

pub(super) fn own_profile() -> Operation {
    Operation::new(TAG, "getOwnTechnician", "The own profile", "")
        .by(Permission::OwnPassport)
        .answers::<TechnicianView>(200, "The technician.")
}

pub(super) fn edit_own_profile() -> Operation {
    Operation::new(
        TAG,
        "editOwnTechnician",
        "Edit the own profile",
        "What is absent stays; null clears what may be null. `dayRateMin` ≤ `dayRateMax` must hold once merged.",
    )
    .by(Permission::OwnPassport)
    .takes::<EditTechnicianBody>()
    .answers::<TechnicianView>(200, "The technician as it is now.")
    .refuses(Code::Conflict, "it was edited at the same moment elsewhere")
}

pub(super) fn own_passport() -> Operation {
    Operation::new(TAG, "getOwnPassport", "The own passport", "With the newest 50 evaluations.")
        .by(Permission::OwnPassport)
        .answers::<PassportView>(200, "The passport.")
}

pub(super) fn add_certification() -> Operation {
    Operation::new(TAG, "addCertification", "Add a certification to the own passport", "`validFrom` ≤ `validUntil`.")
        .by(Permission::OwnPassport)
        .takes::<AddCertificationBody>()
        .repeatable()
        .answers::<CertificationView>(201, "Added.")
}

pub(super) fn remove_certification() -> Operation {
    Operation::new(TAG, "removeCertification", "Remove a certification from the own passport", "")
        .by(Permission::OwnPassport)
        .answers::<()>(200, "Removed.")
}

pub(super) fn replace_skills() -> Operation {
    Operation::new(
        TAG,
        "replaceSkills",
        "Replace the own skills",
        "A name may be there once, in whatever case; the later of two is refused as `duplicate`.",
    )
    .by(Permission::OwnPassport)
    .takes::<ReplaceSkillsBody>()
    .answers::<Vec<SkillView>>(200, "The skills, by name.")
}

pub(super) fn search() -> Operation {
    Operation::new(TAG, "searchTechnicians", "Search for candidates", "Newest first. All filters can be combined.")
        .by(Permission::ViewCandidates)
        .reads::<SearchTechniciansQuery>()
        .lists::<RatedTechnicianView>("Technicians.")
}

pub(super) fn passport_of() -> Operation {
    Operation::new(TAG, "getPassport", "A technician's passport", "With the newest 50 evaluations.")
        .by(Permission::ViewCandidates)
        .answers::<PassportView>(200, "The passport.")
}

pub(super) fn evaluate() -> Operation {
    Operation::new(
        TAG,
        "evaluateTechnician",
        "Evaluate a technician",
        "For a job of the own company on which this technician was accepted, once per job.",
    )
    .by(Permission::LeaveEvaluations)
    .takes::<EvaluateBody>()
    .repeatable()
    .answers::<EvaluationView>(201, "Evaluated.")
    .refuses(Code::NotEngaged, "the technician was not accepted on this job")
    .refuses(Code::AlreadyEvaluated, "the technician was evaluated for this job already")
}
