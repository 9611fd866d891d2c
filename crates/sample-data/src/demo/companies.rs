use repower_application::accounts::Registrant;
use repower_domain::{
    Edit,
    accounts::{Account, Actor, CompanyRole},
    companies::{CompanyChanges, CompanyProfile},
};

use super::context::{Demo, Failure, parse};

/// A loaded company.
pub(super) struct DemoCompany {
    /// The accounts of its members: ADMIN, MANAGER, RECRUITER, VIEWER.
    pub(super) members: Vec<Account>,
}

struct Company {
    name: &'static str,
    country: &'static str,
    domain: &'static str,
    /// The names of the ADMIN and the staff.
    people: [&'static str; 4],
    description: &'static str,
}

const COMPANIES: [Company; 3] = [
    Company {
        name: "Nordwind Service",
        country: "Denmark",
        domain: "nordwind.example",
        people: ["Hanne Rask", "Mads Bruun", "Freja Dahl", "Villads Krog"],
        description: "Blade and tower service for offshore parks in the North Sea.",
    },
    Company {
        name: "Alta Turbinas",
        country: "Spain",
        domain: "alta-turbinas.example",
        people: ["Inés Calvo", "Mateo Vidal", "Lucía Prieto", "Hugo Serrano"],
        description: "Inspection and electrical maintenance of onshore parks in Iberia.",
    },
    Company {
        name: "Baltic Blade Care",
        country: "Poland",
        domain: "baltic-blades.example",
        people: ["Zofia Wrona", "Paweł Gajda", "Ewa Lis", "Jan Kos"],
        description: "Rope teams for blades around the Baltic Sea.",
    },
];

/// The members besides the ADMIN: local part of the email, and role.
const STAFF: [(&str, CompanyRole); 3] =
    [("manager", CompanyRole::Manager), ("recruiter", CompanyRole::Recruiter), ("viewer", CompanyRole::Viewer)];

impl DemoCompany {
    /// The ADMIN of the company.
    pub(super) fn admin(&self) -> Result<Actor, Failure> {
        Ok(self.members.first().ok_or("the company has no members")?.actor())
    }
}

/// Number of companies.
pub(super) const COUNT: usize = COMPANIES.len();

/// Loads the companies with their members.
pub(super) fn load(demo: &Demo<'_>) -> Result<Vec<DemoCompany>, Failure> {
    COMPANIES.iter().map(|company| load_company(demo, company)).collect()
}

fn load_company(demo: &Demo<'_>, company: &Company) -> Result<DemoCompany, Failure> {
    demo.begin_item(company.name);
    let [admin_name, staff_names @ ..] = company.people;
    let admin = demo.account(&format!("admin@{}", company.domain), |credentials| {
        let (name, country) = (parse(company.name)?, parse(company.country)?);
        let profile = CompanyProfile::builder().name(name).country(country).website(None).description(None).build();
        let registrant = Registrant::Company(credentials.email, Some(parse(admin_name)?), profile);
        demo.register(registrant, credentials.password)
    })?;
    describe(demo, company, &admin)?;
    let actor = admin.actor();
    demo.services.admin.vouch_for(actor.company()?)?;
    let mut members = vec![admin];
    for ((local, role), full_name) in STAFF.into_iter().zip(staff_names) {
        members.push(demo.account(&format!("{local}@{}", company.domain), |credentials| {
            let secret = demo.services.members.invite(&actor, credentials.email, role, &Demo::request())?.secret.text;
            let accounts = &demo.services.accounts;
            let full_name = parse(full_name)?;
            let password = accounts.check_invitation(&secret, Some(&full_name), credentials.password)?;
            let hash = accounts.hash(&password)?;
            let accepted = accounts.accept_invitation(&secret, Some(full_name), hash, Demo::client(), &Demo::request());
            Ok(accepted?.account)
        })?);
    }
    Ok(DemoCompany { members })
}

fn describe(demo: &Demo<'_>, company: &Company, admin: &Account) -> Result<(), Failure> {
    let changes = CompanyChanges::builder()
        .website(Edit::Set(parse(&format!("https://{}", company.domain))?))
        .description(Edit::Set(parse(company.description)?))
        .build();
    demo.services.companies.edit_own_company(&admin.actor(), changes, &Demo::request())?;
    Ok(())
}
