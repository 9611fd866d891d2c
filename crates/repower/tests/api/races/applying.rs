use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{concurrently, counts, outcome, tally};
use crate::support::{App, Person, Reply};

fn apply(app: &App, technician: &Person, job: &str) -> Reply {
    app.post(&format!("/api/jobs/{job}/applications")).bearer(&technician.token).json(&json!({})).send()
}

#[test]
fn one_of_thirty_concurrent_applications_of_a_technician_is_stored() {
    let app = App::start();
    let technician = app.technician("tanja");
    let job = app.open_job(&app.company("vestas"));
    let replies = concurrently(30, |_| apply(&app, &technician, &job));
    assert_eq!(tally(&replies), counts([("201", 1), ("409 already_applied", 29)]));
    assert_eq!((app.database.rows("applications"), app.database.rows("application_events")), (1, 1));
}

#[test]
fn concurrent_applications_of_many_technicians_are_all_stored() {
    let app = App::start();
    let job = app.open_job(&app.company("vestas"));
    let technicians: Vec<_> = (0..20).map(|number| app.technician(&number.to_string())).collect();
    let replies = concurrently(technicians.len(), |number| apply(&app, &technicians[number], &job));
    assert_eq!(tally(&replies), counts([("201", 20)]));
    assert_eq!(app.database.rows("applications"), 20);
}

/// A request that starts after the response to the closing is rejected. Of the others,
/// those with a 201 are stored.
#[test]
fn no_application_is_accepted_after_its_job_was_closed() {
    let app = App::start();
    let company = app.company("vestas");
    let technicians: Vec<_> = (0..12).map(|number| app.technician(&number.to_string())).collect();
    for round in 0..10 {
        let job = app.open_job(&company);
        let closed = AtomicBool::new(false);
        let close = || {
            let path = format!("/api/jobs/{job}/status");
            app.patch(&path).bearer(&company.token).json(&json!({"status": "CLOSED"})).send().data(200);
            closed.store(true, Ordering::SeqCst);
        };
        // In each round another thread closes the job.
        let results = concurrently(technicians.len() + 1, |number| {
            if number == round {
                close();
                return None;
            }
            let is_late = closed.load(Ordering::SeqCst);
            Some((is_late, outcome(&apply(&app, &technicians[number - usize::from(number > round)], &job))))
        });
        let mut made = 0;
        for (is_late, outcome) in results.into_iter().flatten() {
            assert!(outcome == "201" || outcome == "409 job_not_open", "{outcome}");
            assert!(!is_late || outcome != "201", "an application after the closing was accepted");
            made += i64::from(outcome == "201");
        }
        assert_eq!(app.database.rows(&format!("applications WHERE job_id = '{job}'")), made);
    }
}
