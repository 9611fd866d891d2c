use std::{
    env, fs,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
};

use super::{Client, free_port, until};

/// `HAProxy` in front of several servers, with frequent health checks. It does not
/// retry failed requests: retries would hide the failures. Killed on drop.
pub(crate) struct LoadBalancer {
    child: Child,
    config: PathBuf,
    pub(crate) address: String,
    /// A client of the statistics of `HAProxy`.
    stats: Client,
}

impl LoadBalancer {
    /// Starts a load balancer in front of the servers at these addresses; waits until
    /// all of them pass the health check.
    pub(crate) fn start(servers: &[String]) -> Self {
        let (address, stats) = (format!("127.0.0.1:{}", free_port()), format!("127.0.0.1:{}", free_port()));
        let lines: Vec<_> =
            servers.iter().enumerate().map(|(index, server)| format!("  server s{index} {server} check\n")).collect();
        let text = format!(
            "defaults\n  mode http\n  retries 0\n  timeout connect 2s\n  timeout client 60s\n  timeout server 60s\n  timeout check 2s\n\
             frontend in\n  bind {address}\n  default_backend api\n\
             frontend stats\n  bind {stats}\n  stats enable\n  stats uri /\n\
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
        let balancer = Self { child, config, address, stats: Client::new(&stats) };
        for index in 0..servers.len() {
            balancer.wait_until_ready(index);
        }
        balancer
    }

    /// Waits until the server with this index passes the health check.
    pub(crate) fn wait_until_ready(&self, index: usize) {
        let prefix = format!("api,s{index},");
        until("the server passes the health check", || {
            let table = self.stats.get("/;csv").send().map(|response| response.text).unwrap_or_default();
            table.lines().any(|line| line.starts_with(&prefix) && line.split(',').nth(17) == Some("UP"))
        });
    }
}

impl Drop for LoadBalancer {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.config);
    }
}
