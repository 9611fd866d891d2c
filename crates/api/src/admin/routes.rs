//! What is served where.

use actix_web::web::{self, Data};
use repower_application::admin::AdminService;
use repower_domain::{
    accounts::Permission,
    ids::{JobId, UserId},
};

use super::{
    docs,
    dto::{
        AuditEventView, AuditQuery, CloseJobBody, Closed, CompaniesQuery, SetActiveBody, UserRecordView, UsersQuery,
    },
};
use crate::{
    companies::dto::CompanyView,
    http::{Answer, Body, Caller, Paging, PathId, Query, RequestId, Route, Success},
    jobs::dto::JobView,
};

/// The routes of those who run the marketplace.
pub const ROUTES: &[Route] = &[
    Route::get("/api/admin/users", || web::to(users), docs::users),
    Route::patch("/api/admin/users/{id}", || web::to(set_active), docs::set_active),
    Route::get("/api/admin/companies", || web::to(companies), docs::companies),
    Route::patch("/api/admin/jobs/{id}/status", || web::to(close_job), docs::close_job),
    Route::get("/api/admin/audit", || web::to(audit), docs::audit),
];

async fn users(caller: Caller, query: Query<UsersQuery>, admin: Data<AdminService>) -> Answer {
    let work = move |actor: &_| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("users", &filter, limit, cursor)?;
        let page = admin.users(actor, &filter, paging.request())?;
        Ok(Success::page("Users", &paging, page, UserRecordView::from))
    };
    caller.run(Permission::Administer, work).await
}

async fn set_active(
    caller: Caller,
    id: PathId<UserId>,
    request: RequestId,
    body: Body<SetActiveBody>,
    admin: Data<AdminService>,
) -> Answer {
    let work = move |actor: &_| {
        let active = body.parse()?.active.get()?;
        let user = admin.set_active(actor, id.parse()?, active, &request.to_string())?;
        Ok(Success::of("User updated", UserRecordView::from(user)))
    };
    caller.run(Permission::Administer, work).await
}

async fn companies(caller: Caller, query: Query<CompaniesQuery>, admin: Data<AdminService>) -> Answer {
    let work = move |actor: &_| {
        let query = query.parse()?;
        let paging = Paging::new("companies", &(), query.limit.get()?, query.cursor.get()?)?;
        let page = admin.companies(actor, paging.request())?;
        Ok(Success::page("Companies", &paging, page, CompanyView::from))
    };
    caller.run(Permission::Administer, work).await
}

async fn close_job(
    caller: Caller,
    id: PathId<JobId>,
    request: RequestId,
    body: Body<CloseJobBody>,
    admin: Data<AdminService>,
) -> Answer {
    let work = move |actor: &_| {
        let Closed = body.parse()?.status.get()?;
        let job = admin.close_job(actor, id.parse()?, &request.to_string())?;
        Ok(Success::of("Job closed", JobView::from(job)))
    };
    caller.changing_pages().run(Permission::Administer, work).await
}

async fn audit(caller: Caller, query: Query<AuditQuery>, admin: Data<AdminService>) -> Answer {
    let work = move |actor: &_| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("audit", &filter, limit, cursor)?;
        let page = admin.audit(actor, &filter, paging.request())?;
        Ok(Success::page("Audit log", &paging, page, AuditEventView::from))
    };
    caller.run(Permission::Administer, work).await
}
