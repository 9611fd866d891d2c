//! `GET /api/technicians`: filters.

use serde_json::{Value, json};

use crate::support::{App, Person, Reply, each, encoded, with};

pub(super) fn search(app: &App, company: &Person, query: &str) -> Reply {
    app.get(&format!("/api/technicians?{query}")).bearer(&company.token).send()
}

/// The names of the technicians that a search finds, in its order.
#[track_caller]
pub(super) fn found(app: &App, company: &Person, query: &str) -> Vec<String> {
    each(&search(app, company, query).data(200), "fullName")
}

/// Technicians with these names and profiles, registered from the last to the first, so
/// that they are listed in this order.
pub(super) fn technicians<const N: usize>(app: &App, profiles: [(&str, Value); N]) -> [Person; N] {
    let mut people = profiles;
    people.reverse();
    let mut number = 0;
    let mut people = people.map(|(name, profile)| {
        number += 1;
        let technician = app.technician(&number.to_string());
        let named = with(&profile, &json!({ "fullName": name }));
        super::patch(app, &technician, &named).data(200);
        technician
    });
    people.reverse();
    people
}

#[track_caller]
fn assert_found(app: &App, company: &Person, table: &[(&str, &[&str])]) {
    for (query, names) in table {
        assert_eq!(found(app, company, query), *names, "{query}");
    }
}

#[test]
fn technicians_are_filtered_by_discipline_country_and_mobility() {
    let app = App::start();
    let company = app.company("vestas");
    technicians(
        &app,
        [
            ("ropes", json!({"primaryDiscipline": "ROPE_ACCESS", "country": "DK", "mobility": "GLOBAL"})),
            ("wires", json!({"primaryDiscipline": "ELECTRICAL", "country": "DE", "mobility": "GLOBAL"})),
            ("blades", json!({"primaryDiscipline": "BLADE_REPAIR", "country": "DE", "mobility": "LOCAL"})),
        ],
    );
    assert_found(
        &app,
        &company,
        &[
            ("", &["ropes", "wires", "blades"]),
            ("discipline=ELECTRICAL", &["wires"]),
            ("discipline=OTHER", &[]),
            ("country=DE", &["wires", "blades"]),
            ("country=deu", &["wires", "blades"]),
            ("country=Germany", &["wires", "blades"]),
            ("country=SE", &[]),
            ("mobility=GLOBAL", &["ropes", "wires"]),
            ("mobility=REGIONAL", &[]),
            ("mobility=GLOBAL&country=DE", &["wires"]),
            ("mobility=LOCAL&discipline=ROPE_ACCESS", &[]),
        ],
    );
}

#[test]
fn technicians_are_filtered_by_their_years_of_experience() {
    let app = App::start();
    let company = app.company("vestas");
    let years = |years| json!({ "yearsExperience": years });
    technicians(&app, [("new", years(0)), ("four", years(4)), ("five", years(5)), ("old", years(70))]);
    assert_found(
        &app,
        &company,
        &[
            ("minYearsExperience=0", &["new", "four", "five", "old"]),
            ("minYearsExperience=5", &["five", "old"]),
            ("minYearsExperience=5.0", &["five", "old"]),
            ("minYearsExperience=6", &["old"]),
            ("minYearsExperience=70", &["old"]),
        ],
    );
}

#[test]
fn a_technician_without_a_first_day_is_available_on_any_day() {
    let app = App::start();
    let company = app.company("vestas");
    let from = |day: Value| json!({ "availabilityFrom": day });
    technicians(
        &app,
        [("at once", from(json!(null))), ("march", from(json!("2027-03-01"))), ("april", from(json!("2027-04-01")))],
    );
    assert_found(
        &app,
        &company,
        &[
            ("availableBy=2027-02-28", &["at once"]),
            ("availableBy=2027-03-01", &["at once", "march"]),
            ("availableBy=2027-03-31T23:30:00-02:00", &["at once", "march", "april"]),
            ("availableBy=2027-03-31T23:30:00Z", &["at once", "march"]),
            ("availableBy=1999-12-31", &["at once"]),
        ],
    );
}

#[test]
fn a_rate_is_compared_in_one_currency() {
    let app = App::start();
    let company = app.company("vestas");
    technicians(
        &app,
        [
            ("no rates", json!({})),
            ("up to 900", json!({"dayRateMax": 900})),
            ("from 400", json!({"dayRateMin": 400})),
            ("401 to 500", json!({"dayRateMin": 401, "dayRateMax": 500})),
            ("crowns", json!({"dayRateMin": 300, "currency": "DKK"})),
            ("crowns, no rates", json!({"currency": "DKK"})),
        ],
    );
    assert_found(
        &app,
        &company,
        &[
            ("dayRateMax=399", &["no rates", "up to 900"]),
            ("dayRateMax=400", &["no rates", "up to 900", "from 400"]),
            ("dayRateMax=10000000", &["no rates", "up to 900", "from 400", "401 to 500"]),
            ("dayRateMax=400&currency=EUR", &["no rates", "up to 900", "from 400"]),
            ("dayRateMax=0&currency=EUR", &["no rates", "up to 900"]),
            ("dayRateMax=300&currency=DKK", &["crowns", "crowns, no rates"]),
            ("dayRateMax=299&currency=DKK", &["crowns, no rates"]),
            ("dayRateMax=10000000&currency=USD", &[]),
            ("currency=DKK", &["crowns", "crowns, no rates"]),
            ("currency=EUR", &["no rates", "up to 900", "from 400", "401 to 500"]),
        ],
    );
}

#[test]
fn all_filters_together_find_the_technicians_that_match_each() {
    let app = App::start();
    let company = app.company("vestas");
    let matching = json!({
        "primaryDiscipline": "ROPE_ACCESS", "country": "NO", "mobility": "REGIONAL", "yearsExperience": 7,
        "bio": "Blades and towers", "availabilityFrom": "2027-05-01", "dayRateMin": 450, "currency": "NOK",
    });
    let except = |field: &str, value: Value| {
        let mut profile = matching.clone();
        profile[field] = value;
        profile
    };
    let people = technicians(
        &app,
        [
            ("matching", matching.clone()),
            ("other discipline", except("primaryDiscipline", json!("OTHER"))),
            ("other country", except("country", json!("SE"))),
            ("less mobile", except("mobility", json!("LOCAL"))),
            ("less experienced", except("yearsExperience", json!(6))),
            ("other bio", except("bio", json!("Blades and ropes"))),
            ("too late", except("availabilityFrom", json!("2027-05-02"))),
            ("too dear", except("dayRateMin", json!(451))),
            ("other currency", except("currency", json!("SEK"))),
            ("badly rated", matching.clone()),
            ("without certification", matching.clone()),
        ],
    );
    let [certified @ .., _] = &people;
    for technician in certified {
        super::add_certification(&app, technician, &super::a_certification()).data(201);
    }
    let [well_rated @ .., badly_rated, without_certification] = &people;
    for technician in well_rated.iter().chain([without_certification]) {
        app.rate(&company, technician, &[4]);
    }
    app.rate(&company, badly_rated, &[4, 3]);
    let query = "discipline=ROPE_ACCESS&country=NO&mobility=REGIONAL&minYearsExperience=7&q=tower+BLADE\
                 &availableBy=2027-05-01&dayRateMax=450&currency=NOK&minRating=4&certification=heights&limit=100";
    assert_eq!(found(&app, &company, query), ["matching"]);
    assert_eq!(found(&app, &company, "").len(), 11);
}

#[test]
fn a_parameter_without_a_value_counts_as_absent() {
    let app = App::start();
    let company = app.company("vestas");
    app.technician("tanja");
    let empty = "q=&discipline=&country=&mobility=&minYearsExperience=&availableBy=&dayRateMax=&currency=\
                 &certification=&minRating=&limit=&cursor=";
    assert_eq!(found(&app, &company, empty), ["tanja"]);
    assert_eq!(found(&app, &company, "q=%20&certification=+&minRating=%20"), ["tanja"]);
}

#[test]
fn all_invalid_parameters_are_reported_at_once() {
    let app = App::start();
    let company = app.company("vestas");
    let query = "q=%00&discipline=climbing&country=Atlantis&mobility=global&minYearsExperience=71&availableBy=tomorrow\
                 &dayRateMax=5.5&currency=EURO&certification=%00&minRating=5.01&limit=101&page=2";
    let expected = [
        "q: invalid_format",
        "discipline: not_allowed",
        "country: not_allowed",
        "mobility: not_allowed",
        "minYearsExperience: out_of_range",
        "availableBy: invalid_format",
        "dayRateMax: wrong_type",
        "currency: not_allowed",
        "certification: invalid_format",
        "minRating: out_of_range",
        "limit: out_of_range",
        "page: unknown_field",
    ];
    assert_eq!(search(&app, &company, query).fields(), expected);
}

#[test]
fn an_out_of_range_repeated_or_unknown_parameter_is_rejected() {
    let app = App::start();
    let company = app.company("vestas");
    let long = format!("q={}", encoded(&"ø".repeat(201)));
    for (query, expected) in [
        ("country=DK&country=DE", "country: duplicate"),
        ("primaryDiscipline=OTHER", "primaryDiscipline: unknown_field"),
        ("dayRateMin=1", "dayRateMin: unknown_field"),
        ("minYearsExperience=-1", "minYearsExperience: out_of_range"),
        ("minYearsExperience=some", "minYearsExperience: wrong_type"),
        ("dayRateMax=-1", "dayRateMax: out_of_range"),
        ("dayRateMax=10000001", "dayRateMax: out_of_range"),
        ("limit=0", "limit: out_of_range"),
        (&long, "q: too_long"),
        ("cursor=x&country=DK", ""),
    ] {
        let reply = search(&app, &company, query);
        if expected.is_empty() {
            assert_eq!(reply.code(400), "invalid_cursor", "{query}");
        } else {
            assert_eq!(reply.fields(), [expected], "{query}");
        }
    }
}
