//! What is served where.

use actix_web::web::{self, Data};
use repower_application::technicians::TechnicianService;
use repower_domain::{accounts::Permission, ids::CertificationId};

use super::dto::{
    AddCertificationBody, CertificationView, EditTechnicianBody, PassportView, ReplaceSkillsBody, SkillView,
    TechnicianView,
};
use crate::http::{Answer, Body, Caller, PathId, Route, Success};

/// The routes of technicians.
pub const ROUTES: &[Route] = &[
    Route::get("/api/technicians/me", || web::to(own_profile)),
    Route::patch("/api/technicians/me", || web::to(edit_own_profile)),
    Route::get("/api/technicians/me/passport", || web::to(own_passport)),
    Route::post("/api/technicians/me/certifications", || web::to(add_certification)),
    Route::delete("/api/technicians/me/certifications/{id}", || web::to(remove_certification)),
    Route::put("/api/technicians/me/skills", || web::to(replace_skills)),
];

async fn own_profile(caller: Caller, technicians: Data<TechnicianService>) -> Answer {
    let work = move |actor: &_| Ok(Success::of("Your profile", TechnicianView::from(technicians.own_profile(actor)?)));
    caller.run(Permission::OwnPassport, work).await
}

async fn edit_own_profile(
    caller: Caller,
    body: Body<EditTechnicianBody>,
    technicians: Data<TechnicianService>,
) -> Answer {
    let work = move |actor: &_| {
        let edited = technicians.edit_own_profile(actor, body.parse()?.try_into()?)?;
        Ok(Success::of("Profile updated", TechnicianView::from(edited)))
    };
    caller.run(Permission::OwnPassport, work).await
}

async fn own_passport(caller: Caller, technicians: Data<TechnicianService>) -> Answer {
    let work = move |actor: &_| Ok(Success::of("Your passport", PassportView::from(technicians.own_passport(actor)?)));
    caller.run(Permission::OwnPassport, work).await
}

async fn add_certification(
    caller: Caller,
    body: Body<AddCertificationBody>,
    technicians: Data<TechnicianService>,
) -> Answer {
    let work = move |actor: &_| {
        let added = technicians.add_certification(actor, body.parse()?.try_into()?)?;
        Ok(Success::created("Certification added", CertificationView::from(added)))
    };
    caller.run(Permission::OwnPassport, work).await
}

async fn remove_certification(
    caller: Caller,
    id: PathId<CertificationId>,
    technicians: Data<TechnicianService>,
) -> Answer {
    let work = move |actor: &_| {
        technicians.remove_certification(actor, id.parse()?)?;
        Ok(Success::of("Certification removed", ()))
    };
    caller.run(Permission::OwnPassport, work).await
}

async fn replace_skills(caller: Caller, body: Body<ReplaceSkillsBody>, technicians: Data<TechnicianService>) -> Answer {
    let work = move |actor: &_| {
        let skills = technicians.replace_skills(actor, body.parse()?.try_into()?)?;
        let views: Vec<_> = skills.as_slice().iter().map(SkillView::from).collect();
        Ok(Success::of("Skills replaced", views))
    };
    caller.run(Permission::OwnPassport, work).await
}
