use super::{concurrently, counts, tally};
use crate::support::App;

#[test]
fn one_of_twenty_concurrent_evaluations_for_a_job_is_stored() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.engage(&company, &technician);
    let replies =
        concurrently(20, |number| app.evaluate(&company, &technician, &job, if number % 2 == 0 { 1 } else { 5 }));
    assert_eq!(tally(&replies), counts([("201", 1), ("409 already_evaluated", 19)]));
    let stored: Vec<_> = replies.iter().filter(|reply| reply.status == 201).map(|reply| reply.data(201)).collect();
    let passport = app.get("/api/technicians/me/passport").bearer(&technician.token).send().data(200);
    assert_eq!(passport["evaluations"], serde_json::json!(stored));
    assert_eq!(passport["summary"]["averageRating"], stored[0]["rating"].as_f64().unwrap());
}

#[test]
fn the_average_rating_includes_every_concurrent_evaluation() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let jobs: Vec<_> = (0..12).map(|_| app.engage(&company, &technician)).collect();
    let replies = concurrently(jobs.len(), |number| {
        app.evaluate(&company, &technician, &jobs[number], if number < 4 { 1 } else { 5 })
    });
    assert_eq!(tally(&replies), counts([("201", 12)]));
    let shown = app.get("/api/technicians").bearer(&company.token).send().data(200)[0].clone();
    assert_eq!((shown["averageRating"].as_f64(), shown["evaluationCount"].as_i64()), (Some(3.67), Some(12)));
}
