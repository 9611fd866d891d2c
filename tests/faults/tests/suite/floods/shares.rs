//! Attacks on the number and the memory of connections, from one client address that is no
//! trusted proxy.

use std::{
    cell::OnceCell,
    net::{IpAddr, Ipv4Addr},
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};

use super::{attacks::longest_texts, connections::metric, default_settings, flood, no_data, queries::insert_jobs};
use crate::support::{Cluster, RawConnection, Server, ServerConfig, wait_for};

const ATTACKER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

/// The duration of an attack, in seconds.
const DURATION: Duration = Duration::from_secs(8);

/// The maximum memory of a server whose client does not read its large responses, in KiB:
/// 130 MiB. It needs 99 to 111 on two cores, and 140 without the bound of requests that are read ahead.
const MAX_UNREAD_MEMORY: u64 = 130 * 1024;

const EVICTED: &str = r#"repower_connections_closed_total{reason="evicted"}"#;

/// Whether the attacker reads its responses, and then sends its input again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Responses {
    Read,
    Unread,
}

/// Keeps `count` connections open that send `input`: each that the server closes is
/// opened again. Returns how many the server has evicted.
fn attack(server: &Server, count: usize, input: &[u8], responses: Responses) -> u64 {
    let started = Instant::now();
    let mut connections: Vec<(RawConnection, usize)> = Vec::new();
    let mut opened = 0;
    wait_for("the end of the attack", || {
        connections.retain_mut(|(connection, sent)| {
            *sent += connection.send(&input[*sent..]);
            if responses == Responses::Read && *sent == input.len() && connection.discard_received() > 0 {
                *sent = 0;
            }
            *sent < input.len() || !connection.is_closed_without_reading()
        });
        while connections.len() < count {
            connections.push((RawConnection::open_from(ATTACKER, &server.address), 0));
            opened += 1;
        }
        (started.elapsed() > DURATION).then_some(())
    });
    let evicted = metric(server, EVICTED);
    eprintln!("{opened} connections were opened, {evicted} evicted, {:?}", server.usage());
    evicted
}

#[test]
fn busy_connections_of_one_client_leave_room_to_the_new_ones_of_others() {
    let few = |config: ServerConfig| config.set("MAX_CONNECTIONS", "100");
    flood("busy connections", few, insert_jobs, |server| {
        let searches = "GET /api/jobs?location=an HTTP/1.1\r\nHost: x\r\n\r\n".repeat(8);
        thread::scope(|scope| {
            let attack = scope.spawn(|| attack(server, 130, searches.as_bytes(), Responses::Read));
            let (mut served, mut closed) = (0, 0);
            while !attack.is_finished() {
                let mut other = RawConnection::open_from(OTHER, &server.address);
                other.send_all("GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                wait_for("the connection is closed", || other.is_closed().then_some(()));
                let count = if other.status() == Some(200) { &mut served } else { &mut closed };
                *count += 1;
            }
            eprintln!("busy connections: {served} of others were served, {closed} closed");
            assert!(served > 30 && closed == 0, "{served} {closed}");
            attack.join().unwrap();
        });
    });
}

#[test]
fn unread_large_responses_of_one_client_leave_memory_to_others() {
    let database = OnceCell::new();
    let keep_address = |cluster: &Cluster| database.set(cluster.url()).unwrap();
    flood("unread large responses", default_settings, keep_address, |server| {
        let (technician, company) = (server.client().technician("attacker"), server.client().company("attacker"));
        let mut connection = PgConnection::establish(database.get().unwrap()).unwrap();
        connection.batch_execute(&longest_texts(&technician.id, &company.id)).unwrap();
        let request = format!(
            "GET /api/companies/me/jobs?limit=100 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
            company.token
        );
        let evicted = attack(server, 400, request.repeat(8).as_bytes(), Responses::Unread);
        assert!(evicted > 0);
        let usage = server.usage();
        assert!(usage.peak <= MAX_UNREAD_MEMORY, "{usage:?}");
    });
}

#[test]
fn incomplete_heads_of_one_client_leave_memory_to_others() {
    for kib in [31, 126] {
        flood(&format!("incomplete heads of {kib} KiB"), default_settings, no_data, |server| {
            let start = "GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: ";
            let head = [start.as_bytes(), &vec![b'a'; kib * 1024]].concat();
            let evicted = attack(server, 2_500, &head, Responses::Unread);
            assert!(kib > 32 || evicted > 1_000, "{evicted}");
        });
    }
}
