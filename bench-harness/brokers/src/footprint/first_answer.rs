//! When a server that is being started first answers its protocol.
//!
//! A thread of its own asks again and again, from before the start is ordered: tokio's timers tick in
//! milliseconds, which is a good part of what a start takes, and the order to start a container returns
//! long after the server in it has begun. What it asks for is the least that is an answer: NATS's `PONG`,
//! MQTT's `CONNACK`, Redis's `PONG`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::kind::Program;

/// A server that accepts a connection answers in milliseconds, unless it is still busy starting.
const PATIENCE: Duration = Duration::from_secs(3);
/// Most that a server may say before its answer: NATS's `INFO` takes some hundred bytes.
const LONGEST_BYTES: u64 = 1 << 16;

/// A thread that waits for a server's first answer; it ends with this handle.
#[derive(Debug)]
pub(crate) struct FirstAnswer {
    given_up: Arc<AtomicBool>,
    answered: oneshot::Receiver<Instant>,
}

impl FirstAnswer {
    /// Begins to ask `program` at `host` and `port`, and again so long after each time that it does not
    /// answer. `None` where the system gives no thread.
    pub(crate) fn watch(program: Program, host: &str, port: u16, each: Duration) -> Option<Self> {
        let given_up = Arc::new(AtomicBool::new(false));
        let (answer, answered) = oneshot::channel();
        let (host, stop) = (host.to_owned(), Arc::clone(&given_up));
        let ask_on = move || {
            while !stop.load(Ordering::Relaxed) {
                if ask(program, &host, port).is_ok() {
                    // Nobody may want to know any more.
                    let _ = answer.send(Instant::now());
                    return;
                }
                std::thread::sleep(each);
            }
        };
        std::thread::Builder::new()
            .name("busbench-asker".to_owned())
            .spawn(ask_on)
            .ok()?;
        Some(Self { given_up, answered })
    }

    /// From an instant to the first answer of a server that has answered by now; `None` where nobody
    /// asked.
    pub(crate) async fn after(began: Instant, asker: Option<Self>) -> Option<Duration> {
        let answered = asker?.at().await?;
        Some(answered.saturating_duration_since(began))
    }

    /// When the server answered. Of one that has answered somebody else by now, and so answers this
    /// thread too, within a moment.
    async fn at(mut self) -> Option<Instant> {
        let answered = tokio::time::timeout(PATIENCE, &mut self.answered);
        answered.await.ok()?.ok()
    }
}

impl Drop for FirstAnswer {
    fn drop(&mut self) {
        // The thread sees it at its next turn; nobody waits for that.
        self.given_up.store(true, Ordering::Relaxed);
    }
}

/// Asks once; `Ok` is an answer.
fn ask(program: Program, host: &str, port: u16) -> io::Result<()> {
    let address = (host, port)
        .to_socket_addrs()?
        .next()
        .ok_or(io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?).take(LONGEST_BYTES);
    match program {
        Program::Nats => {
            // It greets first.
            expect_line(&mut reader, "INFO ")?;
            stream.write_all(
                b"CONNECT {\"verbose\":false,\"name\":\"busbench first answer\"}\r\nPING\r\n",
            )?;
            expect_line(&mut reader, "PONG")
        }
        Program::Mosquitto => {
            // MQTT 3.1.1, clean session, keep-alive of 10 s, no client id.
            stream.write_all(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00")?;
            let mut answer = [0; 4];
            reader.read_exact(&mut answer)?;
            stream.write_all(b"\xe0\x00")?;
            accepted(answer == [0x20, 2, 0, 0])
        }
        Program::Redis => {
            // An error, such as `-LOADING`, is no answer yet.
            stream.write_all(b"*1\r\n$4\r\nPING\r\n")?;
            expect_line(&mut reader, "+PONG")
        }
    }
}

fn expect_line(reader: &mut impl BufRead, start: &str) -> io::Result<()> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    accepted(line.starts_with(start))
}

fn accepted(is_answer: bool) -> io::Result<()> {
    if is_answer {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}
