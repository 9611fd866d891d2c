use std::{
    env, fs,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
};

use super::{Client, free_port, until};

/// `HAProxy` in front of several servers, which it asks often whether they are
/// ready. What fails is not tried again: that would hide it.
pub(crate) struct Balancer {
    child: Child,
    config: PathBuf,
    pub(crate) address: String,
    told: Client,
}

impl Balancer {
    /// A balancer of the servers at these addresses; waits until it takes all
    /// of them for ready.
    pub(crate) fn before(servers: &[String]) -> Self {
        let (address, stats) = (format!("127.0.0.1:{}", free_port()), format!("127.0.0.1:{}", free_port()));
        let lines: Vec<_> =
            servers.iter().enumerate().map(|(place, server)| format!("  server s{place} {server} check\n")).collect();
        let text = format!(
            "defaults\n  mode http\n  retries 0\n  timeout connect 2s\n  timeout client 60s\n  timeout server 60s\n  timeout check 2s\n\
             frontend in\n  bind {address}\n  default_backend api\n\
             frontend told\n  bind {stats}\n  stats enable\n  stats uri /\n\
             backend api\n  balance roundrobin\n  option httpchk GET /health/ready\n  http-check expect status 200\n  \
             default-server inter 100ms fall 2 rise 1\n{}",
            lines.concat()
        );
        let config = env::temp_dir().join(format!("repower-faults_{}_{address}.cfg", process::id()));
        fs::write(&config, text).unwrap();
        let child = Command::new("haproxy")
            .arg("-db")
            .arg("-f")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let balancer = Self { child, config, address, told: Client::of(&stats) };
        for place in 0..servers.len() {
            balancer.wait_for(place);
        }
        balancer
    }

    /// Waits until it takes a server for ready that it was told of.
    pub(crate) fn wait_for(&self, place: usize) {
        let beginning = format!("api,s{place},");
        until("the balancer knows the server is ready", || {
            let table = self.told.get("/;csv").send().map(|reply| reply.text).unwrap_or_default();
            table.lines().any(|line| line.starts_with(&beginning) && line.split(',').nth(17) == Some("UP"))
        });
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.config);
    }
}
