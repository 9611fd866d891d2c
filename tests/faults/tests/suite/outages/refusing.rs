//! A database that is there, answers what is asked, and takes nothing.

use serde_json::{Value, json};

use crate::support::{Client, Cluster, Person, Reply, Server, a_job};

/// How large a file may become: what the log of changes is written in.
const ONE_MIB: u64 = 1 << 20;

/// More jobs than fit into a file of that size.
const ENOUGH: u64 = 1_000;

/// A job whose text takes up some room, however well it is compressed.
fn a_long_job(number: u64) -> Value {
    let word = |place: u64| format!("{:016x}", (number << 8 | place).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let text = (0..250).map(word).collect::<Vec<_>>().join(" ");
    let mut job = a_job();
    job["description"] = text.into();
    job
}

fn post(client: &Client, company: &Person, job: &Value) -> Reply {
    client.post("/api/jobs").bearer(&company.token).json(job).send().unwrap()
}

/// What is read goes on, and nobody is told that the server is at fault.
fn reads_go_on(client: &Client, person: &Person) {
    client.get("/api/jobs?q=blade").send().unwrap().data(200);
    client.get("/api/users/me").bearer(&person.token).send().unwrap().data(200);
    assert_eq!(client.get("/health/ready").send().unwrap().status, 200);
}

fn is_told(refused: &Reply) {
    assert_eq!((refused.status, refused.code().as_str()), (503, "database_unavailable"), "{refused:?}");
    assert!(refused.header("Retry-After").is_some(), "{refused:?}");
}

#[test]
fn a_full_disk_of_the_database_is_told_and_survived() {
    let cluster = Cluster::with_segments(1);
    let server = Server::of(&cluster);
    let client = server.client();
    let company = client.company("nordwind");
    cluster.limit_files(Some(ONE_MIB));
    let (mut made, mut refused) = (0, Vec::new());
    for number in 0..ENOUGH {
        let reply = post(&client, &company, &a_long_job(number));
        if reply.is_good() {
            made += 1;
        } else {
            refused.push(reply);
        }
        if refused.len() == 20 {
            break;
        }
    }
    assert_eq!(refused.len(), 20, "{made} jobs were made");
    refused.iter().for_each(is_told);
    reads_go_on(&client, &company);
    cluster.limit_files(None);
    assert_eq!(post(&client, &company, &a_long_job(ENOUGH)).status, 201);
    assert_eq!(cluster.number("SELECT count(*) FROM jobs"), made + 1);
    eprintln!("full disk: {made} jobs were made, {} refused", refused.len());
}

#[test]
fn a_database_that_may_only_be_read_is_told_and_survived() {
    let cluster = Cluster::start();
    let server = Server::of(&cluster);
    let client = server.client();
    let company = client.company("nordwind");
    post(&client, &company, &a_job()).data(201);
    cluster.takes_writes(false);
    let edit = json!({"name": "Nordwind Service"});
    for _ in 0..20 {
        is_told(&post(&client, &company, &a_job()));
        is_told(&client.patch("/api/companies/me").bearer(&company.token).json(&edit).send().unwrap());
        reads_go_on(&client, &company);
    }
    cluster.takes_writes(true);
    post(&client, &company, &a_job()).data(201);
    assert_eq!(cluster.number("SELECT count(*) FROM jobs"), 2);
}
