//! What the processes used, as Linux tells it in `/proc`. Elsewhere, or for a server on another machine, nothing is known and nothing is said.

use std::{fs, net::SocketAddr};

use super::http;

/// Ticks a second of the times in `/proc/<pid>/stat` (proc(5), `USER_HZ`): 100 on every machine that Linux still runs on but Alpha.
const TICKS_A_SECOND: u64 = 100;

/// A process of this machine.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    pid: u32,
}

impl Process {
    /// This tool.
    pub fn own() -> Self {
        Self { pid: std::process::id() }
    }

    /// The given process, or the one that listens at the URL's port.
    pub fn server(url: &str, pid: Option<u32>) -> Option<Self> {
        let pid = pid.or_else(|| listener(http::authority(url).ok()?))?;
        Some(Self { pid })
    }

    /// CPU time used so far, in milliseconds.
    pub fn cpu_ms(self) -> Option<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        // The second field is the name in brackets and may hold anything: count from behind it. utime and stime are fields 14 and 15.
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace().skip(11);
        let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
        Some(ticks * 1_000 / TICKS_A_SECOND)
    }

    /// Resident memory, in KiB.
    pub fn memory_kib(self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

fn listener(authority: &str) -> Option<u32> {
    let address: SocketAddr = authority.replace("localhost", "127.0.0.1").parse().ok()?;
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| listening(table, address.port()))?;
    let wanted = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let has_it = |pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|target| target.to_str() == Some(&wanted))
    };
    processes.into_iter().find(has_it)
}

/// The inode of the socket that listens on the port.
fn listening(table: &str, port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let end = format!(":{port:04X}");
    let table = fs::read_to_string(table).ok()?;
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (local, _, state) = (fields.next()?, fields.next()?, fields.next()?);
        (local.ends_with(&end) && state == LISTEN).then(|| fields.nth(5).map(str::to_owned))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_found_by_its_port() {
        let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listening.local_addr().unwrap());
        let server = Process::server(&url, None).unwrap();
        assert_eq!(server.pid, std::process::id());
        assert!(server.memory_kib().unwrap() > 0);
        assert!(server.cpu_ms().is_some());
    }
}
