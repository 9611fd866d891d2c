//! Actors in memory and kept pages: a change by one server holds on another one within a second,
//! in any state of the connection on which that one hears of changes.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Client, Cluster, Person, ProxyMode, Request, Server, TcpProxy, iterations, until, wait_for};

/// The age that an actor, and the changes that a page lacks, have at most.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The password of all users.
const PASSWORD: &str = "correct horse";

/// Two servers on one database. One changes users; the other hears of it through a proxy.
struct Two {
    proxy: TcpProxy,
    one: Client,
    other: Client,
    /// The token of a `SUPER_ADMIN`.
    root: String,
    _running: [Server; 2],
    _cluster: Cluster,
}

/// A change by one server, and the request to the other one whose status it changes.
struct Change<'a> {
    name: &'static str,
    make: Box<dyn Fn() + 'a>,
    ask: Box<dyn Fn() -> Request<'a> + 'a>,
}

impl Two {
    fn start() -> Self {
        let cluster = Cluster::start();
        let proxy = TcpProxy::new(&cluster.address());
        let config = Server::config(&cluster.url());
        let one = config.start_ready();
        let other = config.clone().set("DATABASE_DIRECT_URL", &proxy.url()).start_ready();
        let arguments = ["create-admin", "--email", "root@actors.example", "--password-stdin"];
        let (code, output) = config.run_with_input(&arguments, PASSWORD);
        assert_eq!(code, Some(0), "{output}");
        let root = text(&one.client().log_in("root@actors.example").data(200)["token"]);
        Self { proxy, one: one.client(), other: other.client(), root, _running: [one, other], _cluster: cluster }
    }

    /// A new role of a member.
    fn role(&self, admin: &Person, name: &str) -> Change<'_> {
        let (member, token) = self.member(admin, name);
        let admin = admin.token.clone();
        Change {
            name: "role",
            make: Box::new(move || {
                self.one.patch(&member).bearer(&admin).json(&json!({"role": "VIEWER"})).send().unwrap().data(200);
            }),
            ask: Box::new(move || self.other.post("/api/jobs").bearer(&token).json(&json!({}))),
        }
    }

    /// The removal of a member.
    fn removal(&self, admin: &Person, name: &str) -> Change<'_> {
        let (member, token) = self.member(admin, name);
        let admin = admin.token.clone();
        Change {
            name: "removal",
            make: Box::new(move || {
                self.one.request("DELETE", &member).bearer(&admin).send().unwrap().data(200);
            }),
            ask: Box::new(move || self.account(&token)),
        }
    }

    /// The deactivation of a technician.
    fn deactivation(&self, name: &str) -> Change<'_> {
        let person = self.one.technician(name);
        let user = self.account(&person.token).send().unwrap().data(200)["user"]["id"].clone();
        let path = format!("/api/admin/users/{}", text(&user));
        Change {
            name: "deactivation",
            make: Box::new(move || {
                let deactivate = self.one.patch(&path).bearer(&self.root).json(&json!({"active": false}));
                deactivate.send().unwrap().data(200);
            }),
            ask: Box::new(move || self.account(&person.token)),
        }
    }

    /// A new password of a technician.
    fn password(&self, name: &str) -> Change<'_> {
        let person = self.one.technician(name);
        let token = person.token.clone();
        Change {
            name: "password",
            make: Box::new(move || {
                let body = json!({"currentPassword": PASSWORD, "newPassword": "battery staple"});
                self.one.post("/api/users/me/password").bearer(&token).json(&body).send().unwrap().data(200);
            }),
            ask: Box::new(move || self.account(&person.token)),
        }
    }

    /// A log-out of a technician.
    fn log_out(&self, name: &str) -> Change<'_> {
        let person = self.one.technician(name);
        let token = person.token.clone();
        Change {
            name: "log-out",
            make: Box::new(move || {
                self.one.post("/api/auth/logout").bearer(&token).send().unwrap().data(200);
            }),
            ask: Box::new(move || self.account(&person.token)),
        }
    }

    fn account(&self, token: &str) -> Request<'_> {
        self.other.get("/api/users/me").bearer(token)
    }

    /// A new member; returns the path of the member, and their token.
    fn member(&self, admin: &Person, name: &str) -> (String, String) {
        let invite = json!({"email": format!("{name}@members.example"), "role": "RECRUITER"});
        let invited = self.one.post("/api/companies/me/invitations").bearer(&admin.token).json(&invite).send().unwrap();
        let accept = json!({"token": invited.data(201)["token"], "password": PASSWORD});
        let joined = self.one.post("/api/auth/accept-invitation").json(&accept).send().unwrap().data(201);
        (format!("/api/companies/me/members/{}", text(&joined["membership"]["id"])), text(&joined["token"]))
    }

    /// Gives the other server a new connection, which has lost no byte.
    fn connect_again(&self) {
        self.proxy.set_mode(ProxyMode::Close);
        until("the connection is closed", || !is_live(&self.other));
        self.proxy.set_mode(ProxyMode::Pass);
        until("changes are heard of", || is_live(&self.other));
    }

    /// The time from the response to a change to the first request to the other server that
    /// it holds for.
    fn measure(&self, change: &Change<'_>, mode: ProxyMode) -> Duration {
        let ask = || (change.ask)().send().unwrap().status;
        let before = ask();
        until("the actor is in memory", || {
            let hits = metric(&self.other, HITS);
            ask();
            metric(&self.other, HITS) > hits
        });
        self.proxy.set_mode(mode);
        (change.make)();
        time_until(&format!("{}, {mode:?}", change.name), || ask() != before)
    }

    /// Measures a new title of a job, of which the other server has a page that is older than a
    /// second.
    fn measure_page(&self, company: &Person, mode: ProxyMode) -> Duration {
        let job = format!("/api/jobs/{}", self.one.open_job(company));
        let title = || text(&self.other.get(&job).send().unwrap().data(200)["title"]);
        until("the page is older than a second, and was made once", || {
            title();
            let (since, misses) = (Instant::now(), metric(&self.other, MADE));
            until("the page is older than a second", || {
                title();
                since.elapsed() > MAX_AGE
            });
            metric(&self.other, MADE) == misses
        });
        self.proxy.set_mode(mode);
        let new = json!({"title": "Another title"});
        self.one.patch(&job).bearer(&company.token).json(&new).send().unwrap().data(200);
        time_until(&format!("page, {mode:?}"), || title() == "Another title")
    }

    /// Measures each change several times in a state of the connection, and prints the
    /// times.
    fn assert_holds(&self, state: &str, mode: ProxyMode) {
        let company = self.one.company(state);
        let mut times = Vec::new();
        for round in 0..iterations("FAULT_CHANGES", 5) {
            let name = format!("{state}{round}");
            for change in [
                self.role(&company, &format!("role{name}")),
                self.removal(&company, &format!("gone{name}")),
                self.deactivation(&format!("off{name}")),
                self.password(&format!("new{name}")),
                self.log_out(&format!("out{name}")),
            ] {
                self.connect_again();
                times.push(self.measure(&change, mode));
            }
            self.connect_again();
            times.push(self.measure_page(&company, mode));
        }
        times.sort();
        let [median, longest] = [times[times.len() / 2], times[times.len() - 1]];
        eprintln!("{state}: {} changes held after {median:?} in the median, {longest:?} at most", times.len());
    }
}

/// The time from now until a condition holds, within a second.
fn time_until(change: &str, mut condition: impl FnMut() -> bool) -> Duration {
    let changed = Instant::now();
    wait_for(change, || {
        let begun = changed.elapsed();
        let holds = condition();
        assert!(holds || begun < MAX_AGE, "{change}: not yet after {begun:?}");
        holds.then_some(begun)
    })
}

const MADE: &str = "repower_response_cache_requests_total{result=\"miss\"}";
const HITS: &str = "repower_actor_cache_requests_total{result=\"hit\"}";
const LIVE: &str = "repower_actor_cache_live";

/// The value of a series of a server.
pub(crate) fn metric(client: &Client, series: &str) -> u64 {
    let metrics = client.get("/metrics").send().unwrap();
    let value = metrics.text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {series}: {metrics:?}")).parse().unwrap()
}

/// Whether a server hears of changes of users.
pub(crate) fn is_live(client: &Client) -> bool {
    metric(client, LIVE) == 1
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

#[test]
fn a_change_holds_on_another_server_within_a_second_in_any_state_of_its_connection() {
    let two = Two::start();
    for (state, mode) in [
        ("alive", ProxyMode::Pass),
        ("cut", ProxyMode::Close),
        ("refused", ProxyMode::Refuse),
        ("frozen", ProxyMode::Delay(Duration::from_mins(1))),
        ("lost", ProxyMode::BlackHole),
        ("slow", ProxyMode::Delay(Duration::from_millis(200))),
    ] {
        two.assert_holds(state, mode);
    }
}
