//! What is served where.

use actix_web::web::{self, Data};
use repower_application::companies::{CompanyService, MemberService};
use repower_domain::{
    accounts::{Actor, Permission},
    ids::{InvitationId, MemberId},
};
use repower_ports::idempotency::KeptSecret;

use super::{
    docs,
    dto::{CompanyView, EditCompanyBody, MemberView, MembersQuery},
    team::{ChangeRoleBody, DashboardView, InvitationTokenView, InvitationView, InviteBody, NewInvitationView},
};
use crate::http::{Answer, ApiError, Body, Caller, IdempotencyKey, Paging, PathId, Query, Route, Success};

/// The routes of companies.
pub const ROUTES: &[Route] = &[
    Route::get("/api/companies/me", || web::to(own_company), docs::own_company),
    Route::patch("/api/companies/me", || web::to(edit_own_company), docs::edit_own_company),
    Route::get("/api/companies/me/dashboard", || web::to(dashboard), docs::dashboard),
    Route::get("/api/companies/me/members", || web::to(members), docs::members),
    Route::patch("/api/companies/me/members/{id}", || web::to(change_role), docs::change_role),
    Route::delete("/api/companies/me/members/{id}", || web::to(remove), docs::remove),
    Route::post("/api/companies/me/invitations", || web::to(invite), docs::invite),
    Route::get("/api/companies/me/invitations", || web::to(pending_invitations), docs::pending_invitations),
    Route::delete("/api/companies/me/invitations/{id}", || web::to(revoke_invitation), docs::revoke_invitation),
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
    caller.changing_pages().run(Permission::EditCompany, work).await
}

async fn dashboard(caller: Caller, companies: Data<CompanyService>) -> Answer {
    let work =
        move |actor: &_| Ok(Success::of("Your company in numbers", DashboardView::from(companies.dashboard(actor)?)));
    caller.run(Permission::SeeCompany, work).await
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

async fn change_role(
    caller: Caller,
    id: PathId<MemberId>,
    body: Body<ChangeRoleBody>,
    members: Data<MemberService>,
) -> Answer {
    let work = move |actor: &_| {
        let role = body.parse()?.role.get()?;
        let member = members.change_role(actor, id.parse()?, role)?;
        Ok(Success::of("Role changed", MemberView::from(member)))
    };
    caller.run(Permission::ManageMembers, work).await
}

async fn remove(caller: Caller, id: PathId<MemberId>, members: Data<MemberService>) -> Answer {
    let work = move |actor: &_| {
        members.remove(actor, id.parse()?)?;
        Ok(Success::of("Member removed", ()))
    };
    caller.run(Permission::ManageMembers, work).await
}

async fn invite(caller: Caller, key: IdempotencyKey, body: Body<InviteBody>, members: Data<MemberService>) -> Answer {
    let work = move |actor: &Actor| {
        let InviteBody { email, role } = body.parse()?;
        let (email, role) = (email.get()?, role.get()?);
        let invite = || {
            let invited = members.invite(actor, email, role)?;
            let secret = KeptSecret::Invitation(invited.invitation.id);
            Ok((Success::created("Invitation made", NewInvitationView::from(invited)), secret))
        };
        key.once_with_secret(actor, &body, invite, |secret| token_again(&members, secret))
    };
    caller.run(Permission::ManageMembers, work).await
}

async fn pending_invitations(caller: Caller, query: Query<MembersQuery>, members: Data<MemberService>) -> Answer {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let company = actor.company_for_which_may(Permission::ManageMembers)?;
        let paging = Paging::new("invitations", &company, query.limit.get()?, query.cursor.get()?)?;
        let page = members.pending_invitations(actor, paging.request())?;
        Ok(Success::page("Pending invitations", &paging, page, InvitationView::from))
    };
    caller.run(Permission::ManageMembers, work).await
}

async fn revoke_invitation(caller: Caller, id: PathId<InvitationId>, members: Data<MemberService>) -> Answer {
    let work = move |actor: &_| {
        members.revoke_invitation(actor, id.parse()?)?;
        Ok(Success::of("Invitation revoked", ()))
    };
    caller.run(Permission::ManageMembers, work).await
}

/// The secret of an invitation that was made before; the earlier one is good no
/// longer, as it was not kept.
fn token_again(members: &MemberService, secret: KeptSecret) -> Result<Option<InvitationTokenView>, ApiError> {
    match secret {
        KeptSecret::Invitation(id) => Ok(members.renew_secret(id)?.map(InvitationTokenView::from)),
        KeptSecret::SignIn(_) | KeptSecret::None => Ok(None),
    }
}
