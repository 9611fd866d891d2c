use actix_web::web::Data;
use repower_application::{
    admin::AdminService,
    companies::{CompanyService, MemberService},
};
use repower_domain::{
    accounts::{
        Actor,
        Permission::{EditCompany, ManageMembers, SeeCompany},
    },
    ids::{CompanyId, InvitationId, MemberId},
};
use repower_http::{
    Access, Body, Caller, Code, Created, IdempotencyKey, IfNoneMatch, Listed, PageQuery, Paging, PathId, Public, Query,
    RequestId, Route, SecretKind, Success,
};
use uuid::Uuid;

use super::{
    dto::{CompanyView, EditCompanyBody, MemberView, PublicCompanyView},
    errors::{ALREADY_MEMBER, TOO_MANY_INVITATIONS, TOO_MANY_PENDING},
    team::{ChangeRoleBody, DashboardView, InvitationTokenView, InvitationView, InviteBody, NewInvitationView},
};
use crate::{
    admin::dto::{AuditEventView, AuditQuery},
    error::{LAST_ADMIN, RouteResult},
};

/// The secret of an invitation, which no stored response has.
const INVITATION: SecretKind = SecretKind { name: "INVITATION", fields: &["token"] };

/// The routes of companies.
pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/api/companies/me", SeeCompany, own_company).named("getOwnCompany", "The own company"),
        Route::patch("/api/companies/me", EditCompany, edit_own_company)
            .named("editOwnCompany", "Edit the own company")
            .about("Absent fields stay; null clears `website` and `description`. A new `name` or `country` ends a verification.")
            .errors([Code::CONFLICT])
            .example("edit", r#"{"description": "Service on 400 turbines"}"#)
            .invalidates_cache()
            // A new name is written to the search text of each job.
            .slow(),
        Route::get("/api/companies/{id}", Access::Public, find).named("getCompany", "A company"),
        Route::get("/api/companies/me/dashboard", SeeCompany, dashboard)
            .named("getDashboard", "The numbers of the own company")
            .about("Correct at the moment of the call."),
    ];
    routes.extend(team_routes());
    routes
}

fn team_routes() -> [Route; 7] {
    [
        Route::get("/api/companies/me/members", SeeCompany, members)
            .named("listMembers", "The members of the own company")
            .about("Oldest first."),
        Route::patch("/api/companies/me/members/{id}", ManageMembers, change_role)
            .named("changeMemberRole", "Change the role of a member")
            .about("It applies from the member's next request on.")
            .errors([LAST_ADMIN, Code::CONFLICT])
            .example("role", r#"{"role": "VIEWER"}"#),
        Route::delete("/api/companies/me/members/{id}", ManageMembers, remove)
            .named("removeMember", "Remove a member")
            .about("The user is locked out from the next request on, and the email stays taken.")
            .errors([LAST_ADMIN, Code::CONFLICT]),
        Route::post("/api/companies/me/invitations", ManageMembers, invite)
            .creates("/api/companies/me/invitations/{created}")
            .named("invite", "Invite a person into the own company")
            .about("`token` is shown once and valid for 7 days. It replaces a pending invitation of the same email.")
            .errors([ALREADY_MEMBER, TOO_MANY_PENDING, TOO_MANY_INVITATIONS])
            .example("invitation", r#"{"email": "{new email}", "role": "VIEWER"}"#)
            .logs_client(),
        Route::get("/api/companies/me/invitations", ManageMembers, pending_invitations)
            .named("listInvitations", "The pending invitations of the own company")
            .about("Oldest first, without their tokens."),
        Route::delete("/api/companies/me/invitations/{id}", ManageMembers, revoke_invitation)
            .named("revokeInvitation", "Revoke an invitation"),
        Route::get("/api/companies/me/audit", ManageMembers, audit)
            .named("listOwnAuditEvents", "The audit log of the own company")
            .about(
                "What members did with members, invitations, the company and acceptances, and what an administrator \
                    of the marketplace did with its members and jobs. Newest first.",
            ),
    ]
}

async fn own_company(caller: Caller, companies: Data<CompanyService>) -> RouteResult<Success<CompanyView>> {
    caller.run(move |actor| Ok(Success::new("Your company", companies.own_company(actor)?))).await
}

async fn find(
    public: Public,
    id: PathId<CompanyId>,
    known: IfNoneMatch,
    companies: Data<CompanyService>,
) -> RouteResult<Success<PublicCompanyView>> {
    public.cached(&known, move || Ok(Success::new("Company", companies.find(id.parse()?)?))).await
}

async fn edit_own_company(
    caller: Caller,
    request: RequestId,
    body: Body<EditCompanyBody>,
    companies: Data<CompanyService>,
) -> RouteResult<Success<CompanyView>> {
    let work = move |actor: &Actor| {
        let edited = companies.edit_own_company(actor, body.parse()?.try_into()?, request.ids())?;
        Ok(Success::new("Company updated", edited))
    };
    caller.run(work).await
}

async fn dashboard(caller: Caller, companies: Data<CompanyService>) -> RouteResult<Success<DashboardView>> {
    caller.run(move |actor| Ok(Success::new("Your company in numbers", companies.dashboard(actor)?))).await
}

async fn members(
    caller: Caller,
    query: Query<PageQuery>,
    companies: Data<CompanyService>,
) -> RouteResult<Listed<MemberView>> {
    let work = move |actor: &Actor| {
        let PageQuery { limit, cursor } = query.parse()?;
        let paging = Paging::new("members", &actor.company()?, limit, cursor)?;
        let page = companies.members(actor, paging.request())?;
        Ok(Listed::new("Your company's members", &paging, page))
    };
    caller.run(work).await
}

async fn change_role(
    caller: Caller,
    id: PathId<MemberId>,
    request: RequestId,
    body: Body<ChangeRoleBody>,
    members: Data<MemberService>,
) -> RouteResult<Success<MemberView>> {
    let work = move |actor: &Actor| {
        let role = body.parse()?.role.get()?;
        Ok(Success::new("Role changed", members.change_role(actor, id.parse()?, role, request.ids())?))
    };
    caller.run(work).await
}

async fn remove(
    caller: Caller,
    id: PathId<MemberId>,
    request: RequestId,
    members: Data<MemberService>,
) -> RouteResult<Success<()>> {
    let work = move |actor: &Actor| {
        members.remove(actor, id.parse()?, request.ids())?;
        Ok(Success::new("Member removed", ()))
    };
    caller.run(work).await
}

async fn invite(
    caller: Caller,
    key: IdempotencyKey,
    request: RequestId,
    body: Body<InviteBody>,
    members: Data<MemberService>,
) -> RouteResult<Created<NewInvitationView>> {
    let work = move |actor: &Actor| {
        let InviteBody { email, role } = body.parse()?;
        let (email, role) = (email.get()?, role.get()?);
        let invite = || {
            let invited = members.invite(actor, email, role, request.ids())?;
            let id = invited.invitation.id.uuid();
            Ok((Created::new("Invitation created", invited), id))
        };
        // The first secret was not stored; a replay has a new one, which replaces it.
        let renew = |id: Uuid| Ok(members.renew_secret(id.into())?.map(InvitationTokenView::from));
        key.with_secret(&actor.into(), body.bytes(), INVITATION)?.once(invite, renew)
    };
    caller.run(work).await
}

async fn pending_invitations(
    caller: Caller,
    query: Query<PageQuery>,
    members: Data<MemberService>,
) -> RouteResult<Listed<InvitationView>> {
    let work = move |actor: &Actor| {
        let PageQuery { limit, cursor } = query.parse()?;
        let paging = Paging::new("invitations", &actor.company()?, limit, cursor)?;
        let page = members.pending_invitations(actor, paging.request())?;
        Ok(Listed::new("Pending invitations", &paging, page))
    };
    caller.run(work).await
}

async fn revoke_invitation(
    caller: Caller,
    id: PathId<InvitationId>,
    request: RequestId,
    members: Data<MemberService>,
) -> RouteResult<Success<()>> {
    let work = move |actor: &Actor| {
        members.revoke_invitation(actor, id.parse()?, request.ids())?;
        Ok(Success::new("Invitation revoked", ()))
    };
    caller.run(work).await
}

async fn audit(
    caller: Caller,
    query: Query<AuditQuery>,
    admin: Data<AdminService>,
) -> RouteResult<Listed<AuditEventView>> {
    let work = move |actor: &Actor| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("own audit", &(actor.company()?, filter), limit, cursor)?;
        let page = admin.own_audit(actor, &filter, paging.request())?;
        Ok(Listed::new("Your company's audit log", &paging, page))
    };
    caller.run(work).await
}
