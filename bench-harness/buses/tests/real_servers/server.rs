//! Starts and ends servers.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use busbench_buses::{BusKind, Endpoint};
use tempfile::TempDir;

static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// A server of this test, ended when dropped. The floors have none.
pub(crate) struct Server {
    process: Option<Child>,
    port: u16,
    _folder: TempDir,
}

impl Server {
    /// Starts the bus's server; `None` where it is not installed and need not be.
    pub(crate) fn start(bus: BusKind) -> Option<Self> {
        Self::start_with(bus, &[])
    }

    /// The same with further configuration: lines for Mosquitto, arguments for the others.
    pub(crate) fn start_with(bus: BusKind, configuration: &[&str]) -> Option<Self> {
        let folder = TempDir::new().expect("a temporary folder");
        let port = free_port();
        let mut command = match bus {
            BusKind::Null | BusKind::TcpRelay => {
                return Some(Self {
                    process: None,
                    port,
                    _folder: folder,
                });
            }
            BusKind::NatsCore | BusKind::NatsJetstream => {
                let mut command = Command::new("nats-server");
                command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]);
                command.arg(folder.path());
                command.args(configuration);
                command
            }
            BusKind::Mqtt3 | BusKind::Mqtt5 => {
                let file = folder.path().join("mosquitto.conf");
                let lines = format!(
                    "listener {port} 127.0.0.1\nset_tcp_nodelay true\nmax_queued_messages 0\n\
                     allow_anonymous true\n{}\n",
                    configuration.join("\n")
                );
                std::fs::write(&file, lines).expect("a configuration file");
                let mut command = Command::new("mosquitto");
                command.arg("-c").arg(file);
                command
            }
            BusKind::RedisPubsub | BusKind::RedisStreams => {
                let mut command = Command::new("redis-server");
                command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
                command.args(["--save", "", "--appendonly", "no", "--dir"]);
                command.arg(folder.path());
                command.args(configuration);
                command
            }
        };
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = match process {
            Ok(process) => process,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                skip(&format!("{bus}: {command:?} is not installed"));
                return None;
            }
            Err(error) => panic!("{command:?} does not start: {error}"),
        };
        let server = Self {
            process: Some(process),
            port,
            _folder: folder,
        };
        server.wait_until_it_listens();
        Some(server)
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        endpoint(self.port)
    }

    /// Ends the server at once, as a crash would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("a process of ours");
            process.wait().expect("a process of ours");
        }
    }

    fn wait_until_it_listens(&self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "no server listens"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // It may have ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A port on which nothing listens.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

pub(crate) fn endpoint(port: u16) -> Endpoint {
    Endpoint {
        host: "127.0.0.1".to_owned(),
        port,
        credentials: None,
    }
}

fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "{reason}");
    let skipped = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    eprintln!("SKIPPED ({skipped} so far): {reason}");
}
