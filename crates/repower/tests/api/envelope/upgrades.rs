use crate::support::App;

/// What `HttpClient` of Java, `curl --http2` and a browser send.
const UPGRADES: [&str; 3] = [
    "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA",
    "Connection: keep-alive, Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13",
    "Connection: upgrade\nUpgrade: TLS/1.0",
];

#[test]
fn an_upgrade_is_ignored_its_body_is_read_and_its_connection_stays_open() {
    let app = App::start();
    let technician = app.technician("tanja");
    let body = serde_json::json!({"email": technician.email, "password": "wrong horse"}).to_string();
    for upgrade in UPGRADES {
        let login = format!(
            "POST /api/auth/login HTTP/1.1\nHost: localhost\n{upgrade}\nContent-Type: application/json\nContent-Length: {}\n\n",
            body.len()
        );
        let last = "GET /health/live HTTP/1.1\nHost: localhost\nConnection: close\n\n";
        let login = login.replace('\n', "\r\n") + &body;
        let received = app.wire_raw(&[login.as_str(), &login, &last.replace('\n', "\r\n")].concat().into_bytes());
        let statuses: Vec<_> = received.split("HTTP/1.1 ").skip(1).map(|response| response.split_at(3).0).collect();
        assert_eq!(statuses, ["401", "401", "200"], "{upgrade}: {received}");
        assert!(!received.to_lowercase().contains("upgrade"), "{received}");
        assert_eq!(received.matches("connection: close").count(), 1, "{received}");
    }
}
