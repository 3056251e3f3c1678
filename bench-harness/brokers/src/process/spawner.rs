//! Starts processes that end with this program.
//!
//! Linux sends a child its parent-death signal when the *thread* that started it ends
//! (`PR_SET_PDEATHSIG`, prctl(2)), so servers are started from one thread that ends only with the
//! program: a thread of tokio's blocking pool ends after 10 idle seconds, and a worker becomes one
//! when a task calls `block_in_place`. The signal itself is set by util-linux's `setpriv`, which
//! replaces itself with the server: setting it between fork and exec would need unsafe code.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use crate::affinity::{set_thread_cpus, thread_cpus};
use crate::{BrokerError, Environment};

use super::binary;

/// How children are made to end with this program.
#[derive(Debug, Clone)]
pub(crate) enum ParentDeath {
    /// By `setpriv` at this path.
    Signal(PathBuf),
    /// Not at all, and why. A sweep finds them then.
    None(&'static str),
}

struct Order {
    command: Command,
    /// Cores that the process may use; `None`: those of this program.
    cpus: Option<Vec<u32>>,
    answer: oneshot::Sender<io::Result<Child>>,
}

impl ParentDeath {
    /// Finds what this system offers. Blocks for the time of a short process.
    pub(crate) fn find(environment: &Environment) -> Self {
        if !cfg!(target_os = "linux") {
            return Self::None("only Linux has a parent-death signal");
        }
        let Some(setpriv) = binary::in_path(environment, "setpriv") else {
            return Self::None("setpriv (util-linux) is not installed");
        };
        // BusyBox has a setpriv without this option.
        let works = Command::new(&setpriv)
            .args(["--pdeathsig", "KILL", "--", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if works {
            Self::Signal(setpriv)
        } else {
            Self::None("this setpriv cannot set a parent-death signal")
        }
    }

    /// A command that runs the program.
    pub(crate) fn command(&self, program: &Path) -> Command {
        match self {
            Self::Signal(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(program);
                command
            }
            Self::None(_) => Command::new(program),
        }
    }
}

/// Starts a process from the spawner's thread, on some cores only where they are named. A child
/// whose caller is gone is ended at once.
pub(crate) async fn spawn(
    command: Command,
    cpus: Option<Vec<u32>>,
) -> Result<io::Result<Child>, BrokerError> {
    let gone = BrokerError::KeeperGone {
        action: "start a process",
    };
    let (answer, spawned) = oneshot::channel();
    let order = Order {
        command,
        cpus,
        answer,
    };
    if spawner().send(order).is_err() {
        return Err(gone);
    }
    spawned.await.map_err(|_| gone)
}

fn spawner() -> &'static Sender<Order> {
    static SPAWNER: OnceLock<Sender<Order>> = OnceLock::new();
    SPAWNER.get_or_init(|| {
        let (orders, received) = channel();
        // Without the thread its receiver is gone, which the sender notices.
        let _ = std::thread::Builder::new()
            .name("busbench-spawner".to_owned())
            .spawn(move || serve(&received));
        orders
    })
}

fn serve(orders: &Receiver<Order>) {
    for mut order in orders {
        let spawned = spawn_on(&mut order.command, order.cpus.as_deref());
        if let Err(Ok(mut orphan)) = order.answer.send(spawned) {
            let _ = orphan.kill();
            let _ = orphan.wait();
        }
    }
}

/// A child inherits the cores of the thread that starts it (`sched_setaffinity(2)`), before it
/// runs: so it counts the right number of them from its first instruction on. Where the system refuses,
/// the child runs anywhere, as [`crate::Server::cpus`] then tells.
fn spawn_on(command: &mut Command, cpus: Option<&[u32]>) -> io::Result<Child> {
    let Some(cpus) = cpus else {
        return command.spawn();
    };
    let before = thread_cpus(None);
    let _ = set_thread_cpus(None, cpus);
    let spawned = command.spawn();
    if let Ok(before) = before {
        let _ = set_thread_cpus(None, &before);
    }
    spawned
}
