//! A dump that is made while a server writes is restored into another database.
//! The copy breaks no rule, has all acknowledged writes, and can be served.

use std::process::Command;

use serde_json::json;

use crate::{
    journal::{
        audit::compare,
        writers::{Promise, Writers},
    },
    support::{Cluster, Server, Setup, until},
};

/// The number of acknowledged writes before the dump, and again after it.
const ENOUGH: usize = 100;

fn succeeds(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn has_no_violations(setup: &Setup, when: &str) {
    let (code, told) = setup.run(&["check-data"]);
    assert_eq!(code, Some(0), "{when}: {told}");
}

/// The email of the first technician with an accepted application.
fn accepted(promises: &[Promise]) -> Option<String> {
    let moved = promises.iter().find_map(|promise| match promise {
        Promise::Moved { id, to: "ACCEPTED" } => Some(id),
        _ => None,
    })?;
    let applicant = promises.iter().find_map(|promise| match promise {
        Promise::Applied { id, technician, .. } if id == moved => Some(technician),
        _ => None,
    })?;
    promises.iter().find_map(|promise| match promise {
        Promise::Registered { email, id } if id == applicant => Some(email.clone()),
        _ => None,
    })
}

#[test]
fn a_dump_under_load_restores_to_data_that_is_whole_and_served() {
    let cluster = Cluster::start();
    let setup = Server::on(&cluster.url());
    let server = setup.serve();
    assert_eq!(setup.run(&["demo"]).0, Some(0));
    let technician = server.client().technician("tina");
    let writers = Writers::begin(&server.client(), 6);
    until("writes are acknowledged", || writers.count() > ENOUGH && accepted(&writers.promises()).is_some());

    let promises = writers.promises();
    let dump = cluster.folder().join("dump");
    succeeds(cluster.program("pg_dump").args(["--format=custom", "--file"]).arg(&dump).arg(cluster.url()));
    let dumped = writers.count();
    has_no_violations(&setup, "while a server writes");
    until("the writers go on", || writers.count() > dumped + ENOUGH);
    let written = writers.end().promises.len();

    cluster.execute("CREATE DATABASE restored");
    let target = cluster.url_of("restored");
    let mut restore = cluster.program("pg_restore");
    succeeds(restore.args(["--exit-on-error", "--single-transaction", "--dbname", &target]).arg(&dump));
    let restored = Server::on(&target);
    has_no_violations(&restored, "restored");
    let lost = compare(&mut cluster.connect_to("restored"), &promises);
    assert!(lost.is_empty(), "{lost:#?}");
    eprintln!("backup: {} of {written} writes were acknowledged before the dump, none of them is lost", promises.len());

    let server = restored.serve();
    let client = server.client();
    let path = "/api/technicians/me/certifications";
    let certification =
        json!({"name": "GWO", "provider": "Falck", "validFrom": "2026-01-01", "validUntil": "2028-01-01"});
    // A login from before the dump goes on.
    client.post(path).bearer(&technician.token).json(&certification).send().unwrap().data(201);
    let login = client.log_in(&accepted(&promises).unwrap()).data(200);
    let token = login["token"].as_str().unwrap();
    let applications = client.get("/api/applications/me").bearer(token).send().unwrap().data(200);
    assert_eq!(applications[0]["status"], "ACCEPTED", "{applications:#}");
}
