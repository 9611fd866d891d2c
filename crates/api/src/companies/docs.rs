//! What the document says of the routes.

use repower_domain::accounts::Permission;

use super::{
    dto::{CompanyView, EditCompanyBody, MemberView, MembersQuery},
    team::{ChangeRoleBody, DashboardView, InvitationView, InviteBody, NewInvitationView},
};
use crate::{
    http::Code,
    openapi::{Operation, Tag},
};

const TAG: Tag = Tag::Companies;

pub(super) fn own_company() -> Operation {
    Operation::new(TAG, "getOwnCompany", "The own company", "")
        .by(Permission::SeeCompany)
        .answers::<CompanyView>(200, "The company.")
}

pub(super) fn edit_own_company() -> Operation {
    Operation::new(
        TAG,
        "editOwnCompany",
        "Edit the own company",
        "What is absent stays; null clears `website` and `description`.",
    )
    .by(Permission::EditCompany)
    .takes::<EditCompanyBody>()
    .answers::<CompanyView>(200, "The company as it is now.")
    .refuses(Code::Conflict, "it was edited at the same moment elsewhere")
}

pub(super) fn dashboard() -> Operation {
    Operation::new(TAG, "getDashboard", "The own company in numbers", "Correct at the moment of the call.")
        .by(Permission::SeeCompany)
        .answers::<DashboardView>(200, "The numbers.")
}

pub(super) fn members() -> Operation {
    Operation::new(TAG, "listMembers", "The members of the own company", "Oldest first.")
        .by(Permission::SeeCompany)
        .reads::<MembersQuery>()
        .lists::<MemberView>("Members.")
}

pub(super) fn change_role() -> Operation {
    Operation::new(TAG, "changeMemberRole", "Give a member another role", "It holds from their next request on.")
        .by(Permission::ManageMembers)
        .takes::<ChangeRoleBody>()
        .answers::<MemberView>(200, "The member as it is now.")
        .refuses(Code::LastAdmin, "a company keeps at least one ADMIN")
        .refuses(Code::Conflict, "somebody else changed the member at the same moment")
}

pub(super) fn remove() -> Operation {
    Operation::new(
        TAG,
        "removeMember",
        "Remove a member",
        "The user is shut out from their next request on, and the email stays taken.",
    )
    .by(Permission::ManageMembers)
    .answers::<()>(200, "Removed.")
    .refuses(Code::LastAdmin, "a company keeps at least one ADMIN")
    .refuses(Code::Conflict, "somebody else changed the member at the same moment")
}

pub(super) fn invite() -> Operation {
    Operation::new(
        TAG,
        "invite",
        "Invite somebody into the own company",
        "`token` is shown this once and holds for 7 days. It replaces a pending invitation of the same email.",
    )
    .by(Permission::ManageMembers)
    .takes::<InviteBody>()
    .repeatable()
    .answers::<NewInvitationView>(201, "Invited.")
    .refuses(Code::AlreadyMember, "the email has an account already")
}

pub(super) fn pending_invitations() -> Operation {
    Operation::new(TAG, "listInvitations", "The pending invitations of the own company", "Oldest first.")
        .by(Permission::ManageMembers)
        .reads::<MembersQuery>()
        .lists::<InvitationView>("Pending invitations, without their tokens.")
}

pub(super) fn revoke_invitation() -> Operation {
    Operation::new(TAG, "revokeInvitation", "Revoke an invitation", "")
        .by(Permission::ManageMembers)
        .answers::<()>(200, "Revoked.")
}
