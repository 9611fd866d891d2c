use crate::support::{App, Person};

const STATUSES: [&str; 6] = ["APPLIED", "SHORTLISTED", "REJECTED", "OFFERED", "ACCEPTED", "WITHDRAWN"];

/// The transitions of the contract: a status, the statuses to which the company can
/// move it, and those to which the technician can.
const TABLE: [(&str, &[&str], &[&str]); 6] = [
    ("APPLIED", &["SHORTLISTED", "REJECTED", "OFFERED"], &["WITHDRAWN"]),
    ("SHORTLISTED", &["REJECTED", "OFFERED"], &["WITHDRAWN"]),
    ("OFFERED", &["ACCEPTED", "REJECTED"], &["ACCEPTED", "WITHDRAWN"]),
    ("REJECTED", &[], &[]),
    ("ACCEPTED", &[], &[]),
    ("WITHDRAWN", &[], &[]),
];

/// Tries every transition, and compares the results with the table.
fn assert_moves(app: &App, person: &Person, application: &str, allowed: impl Fn(&str) -> &'static [&'static str]) {
    for from in STATUSES {
        for to in STATUSES {
            app.database.run(&format!("UPDATE applications SET status = '{from}', confirmed_at = NULL, booked = NULL"));
            let steps = app.database.rows("application_events");
            let reply = app.move_application(person, application, to);
            let (now, written) = if allowed(from).contains(&to) {
                assert_eq!(reply.data(200)["status"], to, "{from} > {to}");
                (to, 1)
            } else {
                assert_eq!(reply.code(409), "invalid_transition", "{from} > {to}");
                (from, 0)
            };
            assert_eq!(app.database.texts("SELECT status FROM applications"), [now], "{from} > {to}");
            assert_eq!(app.database.rows("application_events") - steps, written, "{from} > {to}");
        }
    }
}

#[test]
fn the_company_can_make_exactly_the_transitions_of_the_table() {
    let app = App::start();
    let company = app.company("vestas");
    let application = app.apply(&app.technician("tanja"), &app.open_job(&company));
    let allowed = |from: &str| TABLE.iter().find(|(status, ..)| *status == from).unwrap().1;
    assert_moves(&app, &company, &application, allowed);
}

#[test]
fn the_technician_can_make_exactly_the_transitions_of_the_table() {
    let app = App::start();
    let technician = app.technician("tanja");
    let application = app.apply(&technician, &app.open_job(&app.company("vestas")));
    let allowed = |from: &str| TABLE.iter().find(|(status, ..)| *status == from).unwrap().2;
    assert_moves(&app, &technician, &application, allowed);
}

#[test]
fn the_history_stores_each_transition_with_its_side() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let application = app.apply(&technician, &app.open_job(&company));
    for (person, status) in [(&company, "SHORTLISTED"), (&company, "OFFERED"), (&technician, "ACCEPTED")] {
        app.move_application(person, &application, status).data(200);
    }
    let history = app.database.texts(
        "SELECT position || ' ' || coalesce(from_status, '-') || ' ' || to_status || ' ' || side
         || CASE actor_user_id WHEN (SELECT user_id FROM technicians) THEN ' tanja' ELSE ' vestas' END
         FROM application_events ORDER BY position",
    );
    let expected = [
        "1 - APPLIED TECHNICIAN tanja",
        "2 APPLIED SHORTLISTED COMPANY vestas",
        "3 SHORTLISTED OFFERED COMPANY vestas",
        "4 OFFERED ACCEPTED TECHNICIAN tanja",
    ];
    assert_eq!(history, expected);
}
