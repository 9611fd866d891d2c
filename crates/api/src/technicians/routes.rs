//! What is served where.

use actix_web::web::{self, Data};
use repower_application::technicians::TechnicianService;
use repower_domain::{
    accounts::{Actor, Permission},
    ids::{CertificationId, TechnicianId},
};

use super::{
    candidates::{EvaluateBody, SearchTechniciansQuery},
    docs,
    dto::{
        AddCertificationBody, CertificationView, EditTechnicianBody, EvaluationView, PassportView, RatedTechnicianView,
        ReplaceSkillsBody, SkillView, TechnicianView,
    },
};
use crate::http::{Answer, Body, Caller, IdempotencyKey, Paging, PathId, Query, Route, Success};

/// The routes of technicians.
pub const ROUTES: &[Route] = &[
    Route::get("/api/technicians/me", || web::to(own_profile), docs::own_profile),
    Route::patch("/api/technicians/me", || web::to(edit_own_profile), docs::edit_own_profile),
    Route::get("/api/technicians/me/passport", || web::to(own_passport), docs::own_passport),
    Route::post("/api/technicians/me/certifications", || web::to(add_certification), docs::add_certification),
    Route::delete(
        "/api/technicians/me/certifications/{id}",
        || web::to(remove_certification),
        docs::remove_certification,
    ),
    Route::put("/api/technicians/me/skills", || web::to(replace_skills), docs::replace_skills),
    Route::get("/api/technicians", || web::to(search), docs::search),
    Route::get("/api/technicians/{id}/passport", || web::to(passport_of), docs::passport_of),
    Route::post("/api/technicians/{id}/evaluations", || web::to(evaluate), docs::evaluate),
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
    key: IdempotencyKey,
    body: Body<AddCertificationBody>,
    technicians: Data<TechnicianService>,
) -> Answer {
    let work = move |actor: &_| {
        let new = body.parse()?.try_into()?;
        key.once(actor, &body, || {
            let added = technicians.add_certification(actor, new)?;
            Ok(Success::created("Certification added", CertificationView::from(added)))
        })
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

async fn search(caller: Caller, query: Query<SearchTechniciansQuery>, technicians: Data<TechnicianService>) -> Answer {
    let work = move |actor: &_| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("technicians", &filter, limit, cursor)?;
        let page = technicians.search(actor, &filter, paging.request())?;
        Ok(Success::page("Technicians", &paging, page, RatedTechnicianView::from))
    };
    caller.run(Permission::ViewCandidates, work).await
}

async fn passport_of(caller: Caller, id: PathId<TechnicianId>, technicians: Data<TechnicianService>) -> Answer {
    let work = move |actor: &_| {
        let passport = technicians.passport_of(actor, id.parse()?)?;
        Ok(Success::of("The technician's passport", PassportView::from(passport)))
    };
    caller.run(Permission::ViewCandidates, work).await
}

async fn evaluate(
    caller: Caller,
    id: PathId<TechnicianId>,
    key: IdempotencyKey,
    body: Body<EvaluateBody>,
    technicians: Data<TechnicianService>,
) -> Answer {
    let work = move |actor: &Actor| {
        let new = body.parse()?.try_into()?;
        key.once(actor, &body, || {
            let evaluation = technicians.evaluate(actor, id.parse()?, new)?;
            Ok(Success::created("Evaluation left", EvaluationView::from(evaluation)))
        })
    };
    caller.run(Permission::LeaveEvaluations, work).await
}
