//! What is served where.

use actix_web::web::{self, Data};
use repower_application::companies::CompanyService;
use repower_domain::accounts::{Actor, Permission};

use super::dto::{CompanyView, EditCompanyBody, MemberView, MembersQuery};
use crate::http::{Answer, Body, Caller, Paging, Query, Route, Success};

/// The routes of companies.
pub const ROUTES: &[Route] = &[
    Route::get("/api/companies/me", || web::to(own_company)),
    Route::patch("/api/companies/me", || web::to(edit_own_company)),
    Route::get("/api/companies/me/members", || web::to(members)),
];

async fn own_company(caller: Caller, companies: Data<CompanyService>) -> Answer {
    let work = move |actor: &_| Ok(Success::of("Your company", CompanyView::from(companies.own_company(actor)?)));
    caller.run(Permission::SeeCompany, work).await
}

async fn edit_own_company(caller: Caller, body: Body<EditCompanyBody>, companies: Data<CompanyService>) -> Answer {
    let work = move |actor: &_| {
        let edited = companies.edit_own_company(actor, body.parse()?.try_into()?)?;
        Ok(Success::of("Company updated", CompanyView::from(edited)))
    };
    caller.run(Permission::EditCompany, work).await
}

async fn members(caller: Caller, query: Query<MembersQuery>, companies: Data<CompanyService>) -> Answer {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let company = actor.company_for_which_may(Permission::SeeCompany)?;
        let paging = Paging::new("members", &company, query.limit.get()?, query.cursor.get()?)?;
        let page = companies.members(actor, paging.request())?;
        Ok(Success::page("Your company's members", &paging, page, MemberView::from))
    };
    caller.run(Permission::SeeCompany, work).await
}
