//! A dump is created while a server writes, and restored into another database. The
//! copy violates no invariant, contains all acknowledged writes, and can be served.

use std::process::Command;

use serde_json::json;

use crate::{
    journal::{
        audit::missing_writes,
        writers::{AcknowledgedWrite, Writers},
    },
    support::{Cluster, Server, ServerConfig, until},
};

/// The number of acknowledged writes before the dump, and again after it.
const WRITES: usize = 100;

/// Runs a command and asserts that it succeeds.
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Asserts that `check-data` finds no violations.
fn assert_valid_data(config: &ServerConfig, when: &str) {
    let (code, output) = config.run(&["check-data"]);
    assert_eq!(code, Some(0), "{when}: {output}");
}

/// The email of the first technician with an accepted application.
fn accepted_technician(acknowledged: &[AcknowledgedWrite]) -> Option<String> {
    let accepted = acknowledged.iter().find_map(|write| match write {
        AcknowledgedWrite::StatusChanged { id, to: "ACCEPTED" } => Some(id),
        _ => None,
    })?;
    let applicant = acknowledged.iter().find_map(|write| match write {
        AcknowledgedWrite::Applied { id, technician, .. } if id == accepted => Some(technician),
        _ => None,
    })?;
    acknowledged.iter().find_map(|write| match write {
        AcknowledgedWrite::Registered { email, id } if id == applicant => Some(email.clone()),
        _ => None,
    })
}

#[test]
fn a_dump_under_load_restores_to_complete_and_valid_data() {
    let cluster = Cluster::start();
    let config = Server::config(&cluster.url());
    let server = config.start_ready();
    assert_eq!(config.run(&["demo"]).0, Some(0));
    let technician = server.client().technician("tina");
    let writers = Writers::start(&server.client(), 6);
    until("writes are acknowledged", || {
        writers.acknowledged_count() > WRITES && accepted_technician(&writers.acknowledged()).is_some()
    });

    let acknowledged = writers.acknowledged();
    let dump = cluster.folder().join("dump");
    run(cluster.program("pg_dump").args(["--format=custom", "--file"]).arg(&dump).arg(cluster.url()));
    let dumped = writers.acknowledged_count();
    assert_valid_data(&config, "while a server writes");
    until("the writers continue", || writers.acknowledged_count() > dumped + WRITES);
    let written = writers.stop().acknowledged.len();

    cluster.execute("CREATE DATABASE restored");
    let target = cluster.url_of("restored");
    let mut restore = cluster.program("pg_restore");
    run(restore.args(["--exit-on-error", "--single-transaction", "--dbname", &target]).arg(&dump));
    let restored = Server::config(&target);
    assert_valid_data(&restored, "after the restore");
    let missing = missing_writes(&mut cluster.connect_to("restored"), &acknowledged);
    assert!(missing.is_empty(), "{missing:#?}");
    eprintln!(
        "backup: {} of {written} writes were acknowledged before the dump, none of them is missing",
        acknowledged.len()
    );

    let server = restored.start_ready();
    let client = server.client();
    let path = "/api/technicians/me/certifications";
    let certification =
        json!({"name": "GWO", "provider": "Falck", "validFrom": "2026-01-01", "validUntil": "2028-01-01"});
    // A token from before the dump is still valid.
    client.post(path).bearer(&technician.token).json(&certification).send().unwrap().data(201);
    let login = client.log_in(&accepted_technician(&acknowledged).unwrap()).data(200);
    let token = login["token"].as_str().unwrap();
    let applications = client.get("/api/applications/me").bearer(token).send().unwrap().data(200);
    assert_eq!(applications[0]["status"], "ACCEPTED", "{applications:#}");
}
