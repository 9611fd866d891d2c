use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{Role, User},
    ids::UserId,
    values::Email,
};

use super::{
    companies::CompanyOutline,
    error::InvalidRow,
    plan::{LoadPlan, REGISTRATION},
    random::Stream,
    technicians::TechnicianOutline,
};

/// All users: technicians, two members of each company, and one super admin.
pub(super) fn users(plan: &LoadPlan) -> impl Iterator<Item = Result<User, InvalidRow>> {
    let technicians = (0..plan.volume.technicians).map(move |number| {
        let TechnicianOutline { user, created_at, .. } = TechnicianOutline::new(plan, number);
        Ok(new_user(user, format!("technician{}@load.example", number + 1).parse()?, Role::Technician, created_at))
    });
    let members = (0..plan.volume.companies).flat_map(move |number| {
        let company = CompanyOutline::new(plan, number);
        company.members().map(|member| Ok(new_user(member.user, member.email?, member.role.into(), company.created_at)))
    });
    let mut random = plan.random(Stream::SuperAdmin, 0);
    let at = plan.spread(0, 1, REGISTRATION, &mut random);
    let id = random.id(at);
    let admin = "admin@load.example".parse().map(|email| new_user(id, email, Role::SuperAdmin, at));
    technicians.chain(members).chain([admin.map_err(InvalidRow::from)])
}

fn new_user(id: UserId, email: Email, role: Role, at: DateTime<Utc>) -> User {
    User::builder().id(id).email(email).role(role).created_at(at).updated_at(at).build()
}
