use repower_application::accounts::{Registrant, RegistrationAttempt};
use repower_domain::{
    accounts::{Account, Actor, CompanyRole},
    companies::{CompanyChanges, CompanyProfile},
};

use super::{Demo, Failure, parse};

/// A company of the demo, its members in the order ADMIN, MANAGER, RECRUITER,
/// VIEWER.
pub(super) struct DemoCompany {
    pub(super) members: Vec<Account>,
}

struct Company {
    name: &'static str,
    country: &'static str,
    domain: &'static str,
    description: &'static str,
}

const COMPANIES: [Company; 3] = [
    Company {
        name: "Nordwind Service",
        country: "Denmark",
        domain: "nordwind.example",
        description: "Blade and tower service for offshore parks in the North Sea.",
    },
    Company {
        name: "Alta Turbinas",
        country: "Spain",
        domain: "alta-turbinas.example",
        description: "Inspection and electrical maintenance of onshore parks in Iberia.",
    },
    Company {
        name: "Baltic Blade Care",
        country: "Poland",
        domain: "baltic-blades.example",
        description: "Rope teams for blades around the Baltic Sea.",
    },
];

const STAFF: [(&str, CompanyRole); 3] =
    [("manager", CompanyRole::Manager), ("recruiter", CompanyRole::Recruiter), ("viewer", CompanyRole::Viewer)];

impl DemoCompany {
    /// The administrator, who may do everything for the company.
    pub(super) fn admin(&self) -> Result<Actor, Failure> {
        Ok(self.members.first().ok_or("a company without members")?.actor())
    }
}

/// How many there are.
pub(super) const COUNT: usize = COMPANIES.len();

pub(super) fn load(demo: &Demo) -> Result<Vec<DemoCompany>, Failure> {
    COMPANIES.iter().map(|company| load_one(demo, company)).collect()
}

fn load_one(demo: &Demo, company: &Company) -> Result<DemoCompany, Failure> {
    demo.progress.next(company.name);
    let admin = demo.account(&format!("admin@{}", company.domain), |credentials| {
        let (name, country) = (parse(company.name)?, parse(company.country)?);
        let profile = CompanyProfile { name, country, website: None, description: None };
        Ok(demo
            .services
            .accounts
            .register(&RegistrationAttempt::default(), Registrant::Company(credentials, profile))?
            .account)
    })?;
    describe(demo, company, &admin)?;
    let founder = admin.actor();
    let mut members = vec![admin];
    for (local, role) in STAFF {
        members.push(demo.account(&format!("{local}@{}", company.domain), |credentials| {
            let invited = demo.services.members.invite(&founder, credentials.email, role)?;
            let secret = &invited.secret.text;
            Ok(demo
                .services
                .accounts
                .accept_invitation(&RegistrationAttempt::default(), secret, credentials.password)?
                .account)
        })?);
    }
    Ok(DemoCompany { members })
}

fn describe(demo: &Demo, company: &Company, admin: &Account) -> Result<(), Failure> {
    let changes = CompanyChanges {
        website: Some(Some(parse(&format!("https://{}", company.domain))?)),
        description: Some(Some(parse(company.description)?)),
        ..CompanyChanges::default()
    };
    demo.services.companies.edit_own_company(&admin.actor(), changes)?;
    Ok(())
}
