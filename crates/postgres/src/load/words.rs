//! The words that texts are made of. Lists of one kind begin with what is
//! common.

use super::draws::Draws;

/// A town with its country and currency.
type Place = (&'static str, &'static str, &'static str);

pub(super) const PLACES: [Place; 48] = [
    ("Hamburg", "DE", "EUR"),
    ("Esbjerg", "DK", "DKK"),
    ("Bremerhaven", "DE", "EUR"),
    ("Aberdeen", "GB", "GBP"),
    ("Zaragoza", "ES", "EUR"),
    ("Grimsby", "GB", "GBP"),
    ("Cuxhaven", "DE", "EUR"),
    ("Lille", "FR", "EUR"),
    ("Rotterdam", "NL", "EUR"),
    ("Aalborg", "DK", "EUR"),
    ("Gdynia", "PL", "PLN"),
    ("Bergen", "NO", "NOK"),
    ("Eemshaven", "NL", "EUR"),
    ("Albacete", "ES", "EUR"),
    ("Lowestoft", "GB", "GBP"),
    ("Rostock", "DE", "EUR"),
    ("Gothenburg", "SE", "SEK"),
    ("Porto", "PT", "EUR"),
    ("Ostend", "BE", "EUR"),
    ("Cork", "IE", "EUR"),
    ("Foggia", "IT", "EUR"),
    ("Stavanger", "NO", "EUR"),
    ("Saint-Nazaire", "FR", "EUR"),
    ("Husum", "DE", "EUR"),
    ("Kristiansand", "NO", "NOK"),
    ("Burgos", "ES", "EUR"),
    ("Ringkøbing", "DK", "DKK"),
    ("Malmö", "SE", "EUR"),
    ("Vaasa", "FI", "EUR"),
    ("Houston", "US", "USD"),
    ("Szczecin", "PL", "EUR"),
    ("Patras", "GR", "EUR"),
    ("Galway", "IE", "EUR"),
    ("Constanța", "RO", "EUR"),
    ("Palermo", "IT", "EUR"),
    ("Ponta Delgada", "PT", "EUR"),
    ("Bruck an der Leitha", "AT", "EUR"),
    ("Tallinn", "EE", "EUR"),
    ("Klaipėda", "LT", "EUR"),
    ("Izmir", "TR", "EUR"),
    ("Liepāja", "LV", "EUR"),
    ("Rijeka", "HR", "EUR"),
    ("Varna", "BG", "EUR"),
    ("Brno", "CZ", "EUR"),
    ("Boston", "US", "USD"),
    ("Trnava", "SK", "EUR"),
    ("Reykjavík", "IS", "EUR"),
    ("Kaohsiung", "TW", "USD"),
];

const FIRST_NAMES: [&str; 48] = [
    "Anna", "Lars", "Maria", "Jan", "Piotr", "Sofia", "Thomas", "Ana", "Jonas", "Emma", "Miguel", "Katarzyna", "Søren", "Laura",
    "Marek", "Ingrid", "Liam", "Carmen", "Erik", "Julia", "Paulo", "Aoife", "Henrik", "Elena", "Niamh", "Tomasz", "Freja", "Hugo",
    "Inês", "Mateusz", "Camille", "Björn", "Giulia", "Anders", "Marta", "Stefan", "Lucía", "Kasper", "Nora", "Raúl", "Astrid",
    "Declan", "Zofia", "Mikkel", "Beatriz", "Oskar", "Saoirse", "Yannick",
];

const LAST_NAMES: [&str; 60] = [
    "Jensen", "Müller", "García", "Smith", "Nowak", "Nielsen", "Schmidt", "Martínez", "Hansen", "Kowalski", "Weber", "Silva",
    "Murphy", "Johansson", "Rossi", "Pedersen", "Fischer", "López", "Byrne", "Dubois", "Olsen", "Becker", "Wójcik", "Larsen",
    "Kelly", "Andersson", "Carvalho", "Schulz", "Ruiz", "Jones", "Kristensen", "Wagner", "Moreno", "Sørensen", "Hoffmann", "Ferreira",
    "Berg", "de Vries", "Krüger", "Ryan", "Lindqvist", "Zieliński", "Bianchi", "Rasmussen", "Santos", "Laurent", "Vermeulen",
    "Horváth", "Ødegaard", "Navarro", "Petrov", "Kask", "Virtanen", "Papadakis", "Ionescu", "Novák", "Kazlauskas", "Bērziņš",
    "Guðmundsson", "Yılmaz",
];

const BEGINNINGS: [&str; 24] = [
    "Nord", "Vest", "Hav", "Sund", "Bor", "Kal", "Mar", "Ost", "Tor", "Brann", "Fal", "Gren", "Hel", "Lind", "Rav", "Skar", "Stor",
    "Val", "Alm", "Dyr", "Eid", "Fjell", "Hvid", "Ketl",
];
const MIDDLES: [&str; 12] = ["", "e", "en", "er", "in", "mar", "o", "un", "av", "ist", "or", "ey"];
const ENDINGS: [&str; 16] = [
    "hagen", "bank", "sand", "rev", "mark", "feld", "holm", "by", "wick", "moor", "dal", "ness", "strand", "berg", "vik", "gaard",
];

const COMPANIES: [&str; 14] = [
    "Wind Service", "Renewables", "Blade Care", "Energy", "Offshore", "Turbine Services", "Rope Access", "Technicians", "Power",
    "Inspection", "Engineering", "Crew", "Commissioning", "Rotor Works",
];

pub(super) const TURBINES: [&str; 16] = [
    "V112", "V90", "SWT-3.6", "N117", "V164", "E-82", "SG 8.0", "N149", "V150", "E-138", "SG 11.0", "GE 2.5", "Haliade-X", "MM92",
    "V236", "AD 5-135",
];

pub(super) const ROLES: [(&str, &str); 24] = [
    ("Blade repair technician", "BLADE_REPAIR"),
    ("Service technician", "OTHER"),
    ("Rope access technician", "ROPE_ACCESS"),
    ("Blade inspector", "INSPECTION"),
    ("Electrical technician", "ELECTRICAL"),
    ("Commissioning technician", "COMMISSIONING"),
    ("Composite specialist", "BLADE_REPAIR"),
    ("High voltage technician", "ELECTRICAL"),
    ("Leading edge repair team", "BLADE_REPAIR"),
    ("Drone pilot for inspections", "INSPECTION"),
    ("Rope access supervisor", "ROPE_ACCESS"),
    ("Turbine commissioning lead", "COMMISSIONING"),
    ("Retrofit technician", "OTHER"),
    ("Bolt tensioning crew", "OTHER"),
    ("Lightning protection specialist", "ELECTRICAL"),
    ("Tower painter", "ROPE_ACCESS"),
    ("Gearbox inspector", "INSPECTION"),
    ("SCADA engineer", "COMMISSIONING"),
    ("Hydraulics technician", "OTHER"),
    ("Transformer technician", "ELECTRICAL"),
    ("Non-destructive testing inspector", "INSPECTION"),
    ("Site logistics coordinator", "OTHER"),
    ("Cable jointer", "ELECTRICAL"),
    ("Rescue standby team", "ROPE_ACCESS"),
];

const SENTENCES: [&str; 20] = [
    "Travel and lodging are paid.",
    "Two technicians work in a team on each turbine.",
    "Tools and personal protective equipment are on site.",
    "Work goes on in rotations of two weeks.",
    "A valid GWO basic safety training is needed.",
    "The campaign begins when the weather allows it.",
    "Reports are written in English every day.",
    "Repairs follow the manufacturer's instructions.",
    "Transfers to the turbines are by crew transfer vessel.",
    "Experience with composites is welcome.",
    "The site has its own canteen and accommodation.",
    "Waiting days are paid at half the rate.",
    "Work at night may be needed now and then.",
    "A driving licence is needed.",
    "The team speaks English and German.",
    "Findings are photographed and classified.",
    "A safety induction is held on the first day.",
    "The customer's audit takes place in the second week.",
    "Overtime is paid from the ninth hour on.",
    "Helicopter transfers need an additional training.",
];

pub(super) const THINGS: [&str; 40] = [
    "blades", "leading edges", "bolts", "gearbox", "generator", "nacelle", "tower", "pitch system", "yaw drive", "hub", "transformer",
    "converter", "cables", "main bearing", "hydraulics", "brakes", "lightning receptors", "trailing edges", "SCADA", "anemometers",
    "service lift", "switchgear", "foundation", "vortex generators", "cooling system", "slip rings", "couplings", "ladders",
    "transition piece", "coating", "fire suppression", "de-icing", "cathodic protection", "aviation lights", "grease pumps",
    "fall arrest system", "tuned mass damper", "crane pads", "bat detectors", "scour protection",
];

pub(super) const SKILLS: [&str; 36] = [
    "Lamination", "Rope access", "Blade inspection", "Torque and tension", "Hydraulics", "High voltage", "Drone inspection", "Grinding",
    "Painting", "SCADA", "Leading edge protection", "Reporting", "Rope rescue", "Generators", "Converters", "Turbine commissioning",
    "Ultrasonic testing", "Vibration analysis", "Lightning protection", "Gearboxes", "Pitch systems", "Borescope inspection",
    "Cable jointing", "Logistics", "Thermography", "Welding", "Crane operation", "First line maintenance", "Fibre optics",
    "Oil sampling", "Alignment", "Rigging", "Confined spaces", "Diving", "Batteries", "Cathodic protection",
];

pub(super) const CERTIFICATIONS: [(&str, &str); 24] = [
    ("GWO Working at Heights", "Falck Safety"),
    ("GWO First Aid", "RelyOn Nutec"),
    ("GWO Manual Handling", "Maersk Training"),
    ("GWO Fire Awareness", "Falck Safety"),
    ("GWO Sea Survival", "Maersk Training"),
    ("GWO Blade Repair", "Danish Wind Power Academy"),
    ("IRATA L1", "IRATA"),
    ("GWO Basic Technical Training", "RelyOn Nutec"),
    ("GWO Enhanced First Aid", "Falck Safety"),
    ("IRATA L2", "IRATA"),
    ("GWO Advanced Rescue", "Survitec"),
    ("High Voltage Authorised Person", "Siemens Academy"),
    ("IRATA L3", "IRATA"),
    ("GWO Slinger Signaller", "Windhunter Academy"),
    ("BOSIET", "OPITO"),
    ("Ultrasonic Testing Level 2", "PCN"),
    ("GWO Lift User", "Deutsche Windtechnik"),
    ("HUET", "OPITO"),
    ("EASA Drone Operator A2", "EASA"),
    ("SPRAT Level 1", "SPRAT"),
    ("Welder EN ISO 9606", "TÜV Süd"),
    ("SPRAT Level 3", "SPRAT"),
    ("Thermography Level 1", "ITC"),
    ("Confined Space Entry", "City & Guilds"),
];

const REMARKS: [&str; 24] = [
    "Good morning!",
    "Thank you, that suits me.",
    "When does the campaign begin?",
    "We begin as soon as the weather allows it.",
    "Could you send your IRATA logbook?",
    "I am available from next week on.",
    "The rate is as in the advertisement.",
    "Are travel days paid?",
    "Yes, at half the rate.",
    "How long are the rotations?",
    "Two weeks on, two weeks off.",
    "My certificate is in my passport now.",
    "We would like to offer you the job.",
    "Which turbines are they?",
    "Please bring your own harness.",
    "Lodging is near the harbour.",
    "I have worked at that site before.",
    "Could we talk on the phone tomorrow?",
    "I will let you know by Friday.",
    "The vessel leaves at six.",
    "Is a driving licence needed?",
    "Sorry, I am on another project until then.",
    "All clear, see you on site.",
    "Have a safe journey!",
];

const PRAISE: [&str; 6] = [
    "Careful work.", "Always on time.", "Knows these turbines.", "Good reports.", "Safe and calm at heights.", "A pleasure to work with.",
];
const BLAME: [&str; 4] = ["Came late.", "Reports were missing.", "Needs guidance.", "Left before the end."];

pub(super) fn full_name(draws: &mut Draws) -> String {
    format!("{} {}", draws.early(&FIRST_NAMES), draws.early(&LAST_NAMES))
}

/// A name that thousands share among them: of a wind farm, of a company.
pub(super) fn invented(draws: &mut Draws) -> String {
    format!("{}{}{}", draws.one(&BEGINNINGS), draws.one(&MIDDLES), draws.one(&ENDINGS))
}

pub(super) fn company_name(draws: &mut Draws) -> String {
    format!("{} {}", invented(draws), draws.early(&COMPANIES))
}

pub(super) fn sentences(draws: &mut Draws, count: u64) -> String {
    let sentences: Vec<_> = (0..count).map(|_| draws.early(&SENTENCES)).collect();
    sentences.join(" ")
}

pub(super) fn remark(draws: &mut Draws) -> String {
    let remarks: Vec<_> = (0..1 + draws.skewed(4)).map(|_| draws.one(&REMARKS)).collect();
    remarks.join(" ")
}

pub(super) fn comment(draws: &mut Draws, rating: i32) -> String {
    let of: &[_] = if rating > 3 { &PRAISE } else { &BLAME };
    format!("{} {}", draws.one(of), draws.one(of))
}
