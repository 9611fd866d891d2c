use repower_application::accounts::Registrant;
use repower_domain::{
    Edit,
    accounts::{Account, Actor},
    availability::{Availability, AvailabilityKind, Period},
    certification_types::PrintedCode,
    ids::CertificationId,
    technicians::{
        Discipline::{self, BladeRepair, Commissioning, Electrical, Inspection, Other, RopeAccess},
        Mobility::{self, Global, Local, Regional},
        NewCertification, Skill,
        SkillLevel::{self, Advanced, Beginner, Expert, Intermediate},
        SkillSet, TechnicianChanges, TechnicianProfile, Trust, Visibility,
    },
    trust,
    values::{Amount, CertificationName, Currency, DayRateRange},
};

use super::context::{Demo, Failure, number, parse};

struct Technician {
    name: &'static str,
    local: &'static str,
    country: &'static str,
    discipline: Discipline,
    years: i64,
    mobility: Mobility,
    rates: (i64, i64),
    skills: &'static [(&'static str, SkillLevel)],
    certifications: &'static [Certification],
}

/// Type, name, provider, and the day of completion in days after today. The end is that of the type.
type Certification = (&'static str, &'static str, &'static str, i64);

const HEIGHTS: Certification = ("GWO_WAH", "GWO Working at Heights", "Falck Safety", -300);
const HEIGHTS_ENDING: Certification = ("GWO_WAH", "GWO Working at Heights", "RelyOn Nutec", -690);
const HEIGHTS_ENDED: Certification = ("GWO_WAH", "GWO Working at Heights", "Falck Safety", -800);
const FIRST_AID: Certification = ("GWO_FA", "GWO First Aid", "RelyOn Nutec", -100);
const FIRST_AID_TO_COME: Certification = ("GWO_FA", "GWO First Aid", "Falck Safety", 20);
const MANUAL_HANDLING: Certification = ("GWO_MH", "GWO Manual Handling", "Maersk Training", -500);
const FIRE: Certification = ("GWO_FAW", "GWO Fire Awareness", "Maersk Training", -710);
const SEA_SURVIVAL: Certification = ("GWO_SS", "GWO Sea Survival", "Maersk Training", -200);
const ROPE_ONE: Certification = ("IRATA_L1", "IRATA L1", "IRATA", -400);
const ROPE_TWO: Certification = ("IRATA_L2", "IRATA L2", "IRATA", -1_050);
const ROPE_THREE: Certification = ("IRATA_L3", "IRATA L3", "IRATA", -1_200);
const BLADES: Certification = ("GWO_BR", "GWO Blade Repair", "Danish Wind Power Academy", -365);

/// A technician, the type of the certification, and the verdict on it with its note.
type Verdict = (&'static str, &'static str, Trust, &'static str);

const VERDICTS: [Verdict; 4] = [
    ("ana.ruiz", "GWO_WAH", Trust::Verified, "Found in WINDA"),
    ("soren.odegaard", "GWO_WAH", Trust::Verified, "Found in WINDA"),
    ("soren.odegaard", "IRATA_L3", Trust::Verified, "Found at IRATA"),
    ("erik.lindqvist", "GWO_FAW", Trust::Rejected, "The record in WINDA ends a year before"),
];

/// A technician, the first and the last day of a period as days after today, and its kind.
const PERIODS: [(&str, i64, i64, AvailabilityKind); 4] = [
    ("maria.jensen", 0, 30, AvailabilityKind::Free),
    ("maria.jensen", 31, 75, AvailabilityKind::Busy),
    ("liam.byrne", 0, 400, AvailabilityKind::Free),
    ("thomas.dubois", 40, 60, AvailabilityKind::Busy),
];

#[rustfmt::skip]
const TECHNICIANS: [Technician; 12] = [
    Technician { name: "Ana Ruiz", local: "ana.ruiz", country: "ES", discipline: BladeRepair, years: 8, mobility: Global, rates: (360, 450),
        skills: &[("Leading edge protection", Expert), ("Lamination", Expert), ("Rope access", Advanced)], certifications: &[HEIGHTS, FIRST_AID, BLADES, ROPE_TWO] },
    Technician { name: "Søren Ødegaard", local: "soren.odegaard", country: "DK", discipline: RopeAccess, years: 12, mobility: Global, rates: (420, 520),
        skills: &[("Rope rescue", Expert), ("Blade inspection", Advanced)], certifications: &[HEIGHTS, ROPE_THREE, SEA_SURVIVAL, FIRST_AID] },
    Technician { name: "Piotr Nowak", local: "piotr.nowak", country: "PL", discipline: BladeRepair, years: 3, mobility: Regional, rates: (260, 320),
        skills: &[("Lamination", Intermediate), ("Grinding", Advanced)], certifications: &[HEIGHTS_ENDING, BLADES] },
    Technician { name: "Maria Jensen", local: "maria.jensen", country: "DK", discipline: Inspection, years: 6, mobility: Global, rates: (340, 400),
        skills: &[("Drone inspection", Expert), ("Ultrasonic testing", Advanced)], certifications: &[HEIGHTS, FIRST_AID, MANUAL_HANDLING] },
    Technician { name: "Liam Byrne", local: "liam.byrne", country: "IE", discipline: Electrical, years: 10, mobility: Global, rates: (390, 480),
        skills: &[("High voltage", Expert), ("SCADA", Advanced), ("Converters", Advanced)], certifications: &[HEIGHTS, FIRE, FIRST_AID] },
    Technician { name: "Katarzyna Wójcik", local: "katarzyna.wojcik", country: "PL", discipline: RopeAccess, years: 5, mobility: Regional, rates: (300, 360),
        skills: &[("Rope access", Advanced), ("Painting", Intermediate)], certifications: &[ROPE_ONE, HEIGHTS_ENDED] },
    Technician { name: "Jonas Weber", local: "jonas.weber", country: "DE", discipline: Commissioning, years: 9, mobility: Global, rates: (410, 500),
        skills: &[("Turbine commissioning", Expert), ("Hydraulics", Advanced)], certifications: &[HEIGHTS, MANUAL_HANDLING, SEA_SURVIVAL, FIRE] },
    Technician { name: "Inês Carvalho", local: "ines.carvalho", country: "PT", discipline: Inspection, years: 2, mobility: Local, rates: (220, 280),
        skills: &[("Blade inspection", Beginner), ("Reporting", Advanced)], certifications: &[HEIGHTS_ENDING, FIRST_AID_TO_COME] },
    Technician { name: "Erik Lindqvist", local: "erik.lindqvist", country: "SE", discipline: Electrical, years: 15, mobility: Regional, rates: (450, 540),
        skills: &[("Generators", Expert), ("Vibration analysis", Expert)], certifications: &[HEIGHTS_ENDED, FIRE] },
    Technician { name: "Thomas Dubois", local: "thomas.dubois", country: "FR", discipline: BladeRepair, years: 7, mobility: Global, rates: (350, 430),
        skills: &[("Lightning protection", Advanced), ("Lamination", Advanced)], certifications: &[HEIGHTS, BLADES, SEA_SURVIVAL] },
    Technician { name: "Aoife Kelly", local: "aoife.kelly", country: "IE", discipline: Commissioning, years: 4, mobility: Global, rates: (310, 380),
        skills: &[("Torque and tension", Advanced), ("Hydraulics", Intermediate)], certifications: &[HEIGHTS, MANUAL_HANDLING] },
    Technician { name: "Marek Horváth", local: "marek.horvath", country: "SK", discipline: Other, years: 1, mobility: Regional, rates: (180, 230),
        skills: &[("Logistics", Intermediate)], certifications: &[FIRST_AID_TO_COME] },
];

/// Number of technicians.
pub(super) const COUNT: usize = TECHNICIANS.len();

/// Loads the technicians with their passports.
pub(super) fn load(demo: &Demo<'_>) -> Result<Vec<Account>, Failure> {
    TECHNICIANS.iter().map(|technician| load_technician(demo, technician)).collect()
}

fn load_technician(demo: &Demo<'_>, technician: &Technician) -> Result<Account, Failure> {
    demo.begin_item(technician.name);
    let account = demo.account(&format!("{}@technicians.example", technician.local), |credentials| {
        let profile = minimal_profile(technician)?;
        let registrant = Registrant::Technician(credentials.email, profile);
        demo.register(registrant, credentials.password)
    })?;
    let actor = account.actor();
    complete_profile(demo, technician, &actor)?;
    add_missing_certifications(demo, technician, &actor)?;
    replace_periods(demo, technician, &actor)?;
    Ok(account)
}

/// The profile at registration.
fn minimal_profile(technician: &Technician) -> Result<TechnicianProfile, Failure> {
    Ok(TechnicianProfile::builder()
        .full_name(parse(technician.name)?)
        .country(parse(technician.country)?)
        .primary_discipline(technician.discipline)
        .years_experience(number(technician.years)?)
        .bio(None)
        .mobility(technician.mobility)
        .visibility(Visibility::Companies)
        .day_rate(DayRateRange::unknown(Currency::default()))
        .availability_from(None)
        .build())
}

fn complete_profile(demo: &Demo<'_>, technician: &Technician, actor: &Actor) -> Result<(), Failure> {
    let skills =
        technician.skills.iter().map(|(name, level)| Ok(Skill::builder().name(parse(name)?).level(*level).build()));
    let skills = skills.collect::<Result<_, Failure>>()?;
    demo.services.technicians.replace_skills(actor, SkillSet::new(skills)?)?;
    let rate = |rate| number::<Amount>(rate).map(Edit::Set);
    let bio = format!("{} years in wind; {} first of all.", technician.years, technician.discipline);
    let changes = TechnicianChanges::builder()
        .bio(Edit::Set(parse(&bio)?))
        .day_rate_min(rate(technician.rates.0)?)
        .day_rate_max(rate(technician.rates.1)?)
        .availability_from(Edit::Set(demo.day(14)?))
        .build();
    demo.services.technicians.edit_own_profile(actor, changes)?;
    Ok(())
}

fn add_missing_certifications(demo: &Demo<'_>, technician: &Technician, actor: &Actor) -> Result<(), Failure> {
    let passport = demo.services.technicians.own_passport(actor)?;
    let exists = |name: &CertificationName| passport.certifications.iter().any(|own| own.certification.name == *name);
    for (code, name, provider, from) in technician.certifications {
        let name = parse(name)?;
        if exists(&name) {
            continue;
        }
        let new = NewCertification::builder()
            .name(name)
            .provider(parse(provider)?)
            .classification(Some(parse::<PrintedCode>(code)?.classify(None)))
            .valid_from(demo.day(*from)?)
            .document_url(Some(parse(&format!("https://certificates.example/{}", technician.local))?))
            .build();
        let added = demo.services.technicians.add_certification(actor, new)?;
        judge(demo, technician, code, added.certification.id)?;
    }
    Ok(())
}

fn replace_periods(demo: &Demo<'_>, technician: &Technician, actor: &Actor) -> Result<(), Failure> {
    let own = PERIODS.iter().filter(|(name, ..)| *name == technician.local);
    let period = |(_, first, last, kind): &(_, i64, i64, _)| {
        Ok::<_, Failure>(Period::new(demo.day(*first)?, demo.day(*last)?, *kind)?)
    };
    let periods = Availability::new(own.map(period).collect::<Result<_, _>>()?)?;
    demo.services.availability.replace_own(actor, periods)?;
    Ok(())
}

/// Judges a certification, if there is a verdict on it.
fn judge(demo: &Demo<'_>, technician: &Technician, code: &str, id: CertificationId) -> Result<(), Failure> {
    let is_of = |verdict: &&Verdict| (verdict.0, verdict.1) == (technician.local, code);
    let Some((.., trust, note)) = VERDICTS.iter().find(is_of) else { return Ok(()) };
    let verdict = trust::Verdict::new(*trust, Edit::Set(parse(note)?), Edit::Leave)?;
    Ok(demo.services.trust.judge_unlogged(id, verdict)?)
}
