//! A database that serves reads and rejects writes.

use serde_json::{Value, json};

use crate::support::{Client, Cluster, Person, Response, Server, a_job};

/// The maximum size of a file, in bytes: that of a segment of the write-ahead log.
const MAX_FILE_SIZE: u64 = 1 << 20;

/// The number of jobs, which exceed a file of that size.
const JOBS: u64 = 1_000;

/// A job with a long description that compresses badly.
fn a_large_job(number: u64) -> Value {
    let word = |index: u64| format!("{:016x}", (number << 8 | index).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let text = (0..250).map(word).collect::<Vec<_>>().join(" ");
    let mut job = a_job();
    job["description"] = text.into();
    job
}

fn post(client: &Client, company: &Person, job: &Value) -> Response {
    client.post("/api/jobs").bearer(&company.token).json(job).send().unwrap()
}

/// Asserts that reads succeed and that the server is ready.
fn assert_serves_reads(client: &Client, person: &Person) {
    client.get("/api/jobs?q=blade").send().unwrap().data(200);
    client.get("/api/users/me").bearer(&person.token).send().unwrap().data(200);
    assert_eq!(client.get("/health/ready").send().unwrap().status, 200);
}

/// Asserts that a response is a 503 with `Retry-After`.
fn assert_unavailable(response: &Response) {
    assert_eq!((response.status, response.code().as_str()), (503, "database_unavailable"), "{response:?}");
    assert!(response.header("Retry-After").is_some(), "{response:?}");
}

#[test]
fn the_server_survives_a_full_disk_of_the_database() {
    let cluster = Cluster::with_wal_segment_size(1);
    let server = Server::start_on(&cluster);
    let client = server.client();
    let company = client.company("nordwind");
    cluster.limit_file_size(Some(MAX_FILE_SIZE));
    let (mut created, mut rejected) = (0, Vec::new());
    for number in 0..JOBS {
        let response = post(&client, &company, &a_large_job(number));
        if response.is_success() {
            created += 1;
        } else {
            rejected.push(response);
        }
        if rejected.len() == 20 {
            break;
        }
    }
    assert_eq!(rejected.len(), 20, "{created} jobs were created");
    rejected.iter().for_each(assert_unavailable);
    assert_serves_reads(&client, &company);
    cluster.limit_file_size(None);
    assert_eq!(post(&client, &company, &a_large_job(JOBS)).status, 201);
    assert_eq!(cluster.number("SELECT count(*) FROM jobs"), created + 1);
    eprintln!("full disk: {created} jobs were created, {} rejected", rejected.len());
}

#[test]
fn the_server_survives_a_read_only_database() {
    let cluster = Cluster::start();
    let server = Server::start_on(&cluster);
    let client = server.client();
    let company = client.company("nordwind");
    post(&client, &company, &a_job()).data(201);
    cluster.set_read_only(true);
    let edit = json!({"name": "Nordwind Service"});
    for _ in 0..20 {
        assert_unavailable(&post(&client, &company, &a_job()));
        assert_unavailable(&client.patch("/api/companies/me").bearer(&company.token).json(&edit).send().unwrap());
        assert_serves_reads(&client, &company);
    }
    cluster.set_read_only(false);
    post(&client, &company, &a_job()).data(201);
    assert_eq!(cluster.number("SELECT count(*) FROM jobs"), 2);
}
