//! A private PostgreSQL for the tests: its own folder, its own socket, durability on as in earnest.
//!
//! One server is started for a test process, the first time that a test asks; each test makes a database of its own in it. The server
//! ends with the process, even if that is killed: it is told by the kernel (`PDEATHSIG`) when the thread that started it is gone.
//! Folders of processes that are no more are removed by the next one.
//!
//! Where PostgreSQL is not installed, the test fails and says so: nothing is skipped.

use std::{
    fs,
    io::Read as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// Where Debian and its kin keep PostgreSQL, one folder a version.
const HOME: &str = "/usr/lib/postgresql";
/// The oldest version that Switchboard works with.
const VERSION_MIN: u32 = 15;
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// A server that belongs to this process.
pub struct Server {
    folder: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// Makes a cluster in a fresh folder and starts a server on it.
    pub fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let base = std::env::temp_dir().join("switchboard-pg");
        sweep(&base);
        let folder = base.join(format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).expect("make a folder for PostgreSQL");
        if is_root() {
            for path in [&base, &folder] {
                fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("open the folder to user postgres");
            }
        }
        let data = folder.join("data");
        let done = as_server_user("initdb")
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .output()
            .expect("run initdb");
        assert!(done.status.success(), "initdb failed: {}", String::from_utf8_lossy(&done.stderr));
        let mut server = Self { folder, child: None };
        server.restart();
        server
    }

    /// Starts the server again after [`Self::kill`], and waits until it answers.
    pub fn restart(&mut self) {
        assert!(self.child.is_none(), "the server runs already");
        let mut command = as_server_user("postgres");
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        for setting in ["listen_addresses=", "fsync=on", "shared_buffers=64MB", "max_connections=100", "logging_collector=off"] {
            command.arg("-c").arg(setting);
        }
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("start postgres");
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let ready = Command::new(program("pg_isready")).arg("-q").arg("-h").arg(&self.folder).status().expect("run pg_isready");
            if ready.success() {
                break;
            }
            if child.try_wait().expect("ask after postgres").is_some() || Instant::now() > deadline {
                let mut text = String::new();
                child.kill().ok();
                child.stderr.take().expect("stderr is piped").read_to_string(&mut text).ok();
                // Killed processes hold the memory that they shared until the kernel has buried the last of them.
                let still_dying = text.contains("is still in use") && Instant::now() < deadline;
                assert!(still_dying, "PostgreSQL did not start: {text}");
                child = command.spawn().expect("start postgres");
            }
            thread::yield_now();
        }
        // What it writes from now on is read and dropped, or it would stop when the pipe is full.
        let mut stderr = child.stderr.take().expect("stderr is piped");
        thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        self.child = Some(child);
    }

    /// Kills every process of the server at once (`kill -9`), as a crash would.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        let children = children_of(child.id());
        child.kill().expect("kill postgres");
        child.wait().expect("wait for postgres");
        for pid in children {
            Command::new("kill").arg("-9").arg(pid.to_string()).stderr(Stdio::null()).status().expect("run kill");
        }
    }

    /// Makes a fresh database and answers its address.
    pub fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let done =
            Command::new(program("createdb")).arg("-h").arg(&self.folder).args(["-U", "postgres", &name]).output().expect("run createdb");
        assert!(done.status.success(), "createdb failed: {}", String::from_utf8_lossy(&done.stderr));
        format!("postgres://postgres@localhost/{name}?host={}", self.folder.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// Makes a fresh database in the process's one server and answers its address.
pub fn database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER
        .get_or_init(|| {
            let (send, receive) = mpsc::sync_channel(1);
            // The server lives as long as this thread, and this thread as long as the process.
            thread::spawn(move || {
                send.send(Server::start()).expect("hand the server over");
                loop {
                    thread::park();
                }
            });
            receive.recv().expect("the server starts")
        })
        .database()
}

/// The path of one of PostgreSQL's programs, of the newest version that is installed.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir(HOME).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let newest = versions.filter(|version| *version >= VERSION_MIN && Path::new(HOME).join(format!("{version}/bin/initdb")).exists()).max();
    let version = newest.unwrap_or_else(|| panic!("PostgreSQL {VERSION_MIN} or later is needed below {HOME}: apt-get install postgresql"));
    Path::new(HOME).join(format!("{version}/bin/{name}"))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").expect("read /proc/self").uid() == 0
}

/// A command of PostgreSQL's: it refuses to be root, so root runs it as user postgres. It ends with the thread that starts it.
fn as_server_user(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(["--pdeathsig", "QUIT", "--"]).arg(self::program(program)).current_dir("/");
    command
}

fn children_of(parent: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    listed.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Removes what processes that are no more have left behind.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.split_once('-')).map(|(pid, _)| format!("/proc/{pid}"));
        if owner.is_some_and(|owner| !Path::new(&owner).exists()) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
