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

    /// The process of this number.
    pub const fn numbered(pid: u32) -> Self {
        Self { pid }
    }

    /// CPU time used so far, in milliseconds.
    pub fn cpu_ms(self) -> Option<u64> {
        Some(Stat::of(self.pid)?.own * 1_000 / TICKS_A_SECOND)
    }

    /// CPU time that it and its children have used so far, in milliseconds, also children that have ended: PostgreSQL has a process a connection.
    pub fn family_cpu_ms(self) -> Option<u64> {
        let first = Stat::of(self.pid)?;
        let children = processes().filter_map(Stat::of).filter(|stat| stat.parent == self.pid);
        let ticks = first.own + first.ended_children + children.map(|child| child.own + child.ended_children).sum::<u64>();
        Some(ticks * 1_000 / TICKS_A_SECOND)
    }

    /// Resident memory, in KiB.
    pub fn memory_kib(self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

/// What `/proc/<pid>/stat` says.
struct Stat {
    parent: u32,
    /// Ticks of its own, and of children that have ended.
    own: u64,
    ended_children: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the name in brackets and may hold anything: count from behind it. The parent is field 4; utime, stime and the
        // same of children are fields 14 to 17.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        let parent = fields.get(1)?.parse().ok()?;
        Some(Self { parent, own: ticks(14)? + ticks(15)?, ended_children: ticks(16)? + ticks(17)? })
    }
}

fn processes() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn listener(authority: &str) -> Option<u32> {
    let address: SocketAddr = authority.replace("localhost", "127.0.0.1").parse().ok()?;
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| listening(table, address.port()))?;
    let wanted = format!("socket:[{inode}]");
    let has_it = |pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|target| target.to_str() == Some(&wanted))
    };
    processes().find(has_it)
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
        // Its own first: it goes on working.
        let own = server.cpu_ms();
        assert!(own.is_some() && server.family_cpu_ms() >= own);
    }
}
