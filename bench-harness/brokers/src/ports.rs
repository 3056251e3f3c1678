//! Ports that the system gives, and who listens on one.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// How often a server gets another port because somebody took its own first.
pub(crate) const ATTEMPTS: u32 = 5;

/// A port that was free a moment ago. Somebody may take it before the server does.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// Whether a server's output says that its port was taken: the system's own words for
/// `EADDRINUSE`, which all servers pass on.
pub(crate) fn says_port_taken(output: &str) -> bool {
    output.to_lowercase().contains("address already in use")
}

/// Whether one of the processes listens on the port; `None` where this cannot be known.
///
/// A handshake alone does not tell: whoever took the port may speak the same protocol.
pub(crate) fn listens(process_ids: &[u32], port: u16) -> Option<bool> {
    #[cfg(target_os = "linux")]
    {
        use procfs::net::TcpState;
        use procfs::process::{FDTarget, Process};

        let listeners: Vec<u64> = procfs::net::tcp()
            .ok()?
            .into_iter()
            .filter(|entry| entry.state == TcpState::Listen && entry.local_address.port() == port)
            .map(|entry| entry.inode)
            .collect();
        for &process_id in process_ids {
            let process = Process::new(i32::try_from(process_id).ok()?).ok()?;
            let own = process.fd().ok()?.flatten().any(
                |fd| matches!(fd.target, FDTarget::Socket(inode) if listeners.contains(&inode)),
            );
            if own {
                return Some(true);
            }
        }
        Some(false)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (process_ids, port);
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_told_from_a_process_that_does_not_listen() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(listens(&[std::process::id()], port), Some(true));
        let mut other = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        assert_eq!(listens(&[other.id()], port), Some(false));
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
