//! A publisher over any command that Redis answers once.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

use busbench_envelope::Stamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, Pipeline, RedisError, RedisResult, Value};
use tokio::task::unconstrained;

use super::RESPONSE_DEADLINE;
use crate::error::Site;
use crate::{BusError, Options, PublishMode, PublishObserver, Publisher, TryPublishError};

/// Commands of one pipeline; a prototype's best (4 pipelines of 100 in flight: 445 000 to
/// 500 000 publishes a second, one at a time: 10 000).
const PIPELINE_COMMANDS: usize = 100;
/// Pipelines in flight.
const PIPELINES: usize = 4;
/// A pipeline with this much is sent though it has room for more commands.
pub(crate) const PIPELINE_BYTES: usize = 256 * 1024;

/// Writes one publish.
pub trait Command: Send + 'static {
    /// Adds name and arguments to an empty command.
    fn write(&mut self, command: &mut Cmd, stamp: &Stamp);

    /// About how many bytes the command has.
    fn wire_bytes(&self) -> usize;

    /// Number of arguments, the name included.
    fn arguments(&self) -> usize;
}

/// How the ack window is divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Commands of one pipeline.
    pub(crate) commands: usize,
    /// Pipelines in flight.
    pub(crate) pipelines: usize,
}

impl Limits {
    /// One command in flight for `edgex`; at most the ack window in all.
    pub(crate) fn new(options: &Options) -> Self {
        let window = options.publish.ack_window().get() as usize;
        let commands = (window / PIPELINES).clamp(1, PIPELINE_COMMANDS);
        Self {
            commands,
            pipelines: (window / commands).min(PIPELINES),
        }
    }
}

/// Sends one kind of command.
///
/// `edgex`: one command, then its reply. `pipelined`: [`Publisher::publish`] gathers commands into
/// pipelines and keeps several in flight; [`Publisher::try_publish`] hands single commands over
/// whose replies the client reads and drops, so that a pacer never waits: what the server refuses
/// is not seen then.
pub struct RedisPublisher<C> {
    connection: MultiplexedConnection,
    command: C,
    site: Site,
    limits: Limits,
    is_direct: bool,
    pipeline: Pipeline,
    pipeline_bytes: usize,
    /// Stamps of the commands in `pipeline`.
    stamps: Vec<Stamp>,
    /// Oldest first: Redis answers one connection's commands in order.
    in_flight: VecDeque<Flight>,
    /// Emptied lists of stamps, to be filled again.
    spare: Vec<Vec<Stamp>>,
}

struct Flight {
    replies: BoxFuture<'static, RedisResult<Vec<Value>>>,
    stamps: Vec<Stamp>,
}

impl<C: Command> RedisPublisher<C> {
    pub(crate) async fn connect(
        options: &Options,
        site: &Site,
        command: C,
    ) -> Result<Self, BusError> {
        let limits = Limits::new(options);
        Ok(Self {
            connection: super::connect(options, site, Some(RESPONSE_DEADLINE)).await?,
            command,
            site: site.clone(),
            limits,
            is_direct: options.publish != PublishMode::Edgex,
            pipeline: Pipeline::with_capacity(limits.commands),
            pipeline_bytes: 0,
            stamps: Vec::with_capacity(limits.commands),
            in_flight: VecDeque::with_capacity(limits.pipelines),
            spare: Vec::with_capacity(limits.pipelines),
        })
    }

    fn gather<O: PublishObserver>(&mut self, stamp: &Stamp, observer: &mut O) {
        let command = self.encode(stamp, observer);
        self.pipeline.add_command(command);
        self.pipeline_bytes += self.command.wire_bytes();
        self.stamps.push(*stamp);
    }

    fn encode<O: PublishObserver>(&mut self, stamp: &Stamp, observer: &mut O) -> Cmd {
        observer.encode(stamp, || {
            let (arguments, wire_bytes) = (self.command.arguments(), self.command.wire_bytes());
            let mut command = Cmd::with_capacity(arguments, wire_bytes);
            self.command.write(&mut command, stamp);
            command
        })
    }

    fn is_gathered(&self) -> bool {
        self.stamps.len() >= self.limits.commands || self.pipeline_bytes >= PIPELINE_BYTES
    }

    /// Hands the gathered pipeline to the client.
    fn send(&mut self, context: &mut Context<'_>) {
        let capacity = self.limits.commands;
        let pipeline = std::mem::replace(&mut self.pipeline, Pipeline::with_capacity(capacity));
        let stamps = self.spare.pop();
        let stamps = stamps.unwrap_or_else(|| Vec::with_capacity(capacity));
        let stamps = std::mem::replace(&mut self.stamps, stamps);
        self.pipeline_bytes = 0;
        let mut connection = self.connection.clone();
        let count = stamps.len();
        let replies = async move { connection.send_packed_commands(&pipeline, 0, count).await };
        // The first poll writes the pipeline into the client's queue, which has room for more
        // requests than are ever in flight. It would not where this task's budget of polls is used
        // up (tokio's cooperative scheduling): the next pipeline, sent with a fresh budget, would
        // overtake this one. So it is polled outside that budget.
        let mut replies = unconstrained(replies).boxed();
        // A future that is ready at once has failed, and must not be polled again.
        if let Poll::Ready(early) = replies.poll_unpin(context) {
            replies = std::future::ready(early).boxed();
        }
        self.in_flight.push_back(Flight { replies, stamps });
    }

    async fn send_when_there_is_room<O: PublishObserver>(
        &mut self,
        observer: &mut O,
    ) -> Result<(), BusError> {
        self.wait_for_at_most(self.limits.pipelines - 1, observer)
            .await?;
        poll_fn(|context| {
            self.send(context);
            Poll::Ready(())
        })
        .await;
        let sent = self.in_flight.back();
        for stamp in sent.iter().flat_map(|flight| &flight.stamps) {
            observer.handed_over(stamp);
        }
        Ok(())
    }

    async fn wait_for_at_most<O: PublishObserver>(
        &mut self,
        in_flight: usize,
        observer: &mut O,
    ) -> Result<(), BusError> {
        while self.in_flight.len() > in_flight {
            self.acknowledgements(observer).await?;
        }
        Ok(())
    }

    /// Tells the observer of all replies that have come; ready when a pipeline's have.
    fn poll_acknowledgements<O: PublishObserver>(
        &mut self,
        context: &mut Context<'_>,
        observer: &mut O,
    ) -> Poll<Result<(), BusError>> {
        let mut settled = false;
        while let Some(flight) = self.in_flight.front_mut() {
            let Poll::Ready(replies) = flight.replies.poll_unpin(context) else {
                break;
            };
            let Some(mut flight) = self.in_flight.pop_front() else {
                break;
            };
            settled = true;
            if let Err(error) = settle(&self.site, &flight.stamps, replies, observer) {
                return Poll::Ready(Err(error));
            }
            flight.stamps.clear();
            self.spare.push(flight.stamps);
        }
        if settled {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }
}

fn settle<O: PublishObserver>(
    site: &Site,
    stamps: &[Stamp],
    replies: RedisResult<Vec<Value>>,
    observer: &mut O,
) -> Result<(), BusError> {
    match replies {
        Ok(replies) => {
            for (stamp, reply) in stamps.iter().zip(replies) {
                match reply.extract_error() {
                    Ok(_) => observer.acked(stamp),
                    Err(error) => observer.failed(stamp, &site.failed("publish", error)),
                }
            }
            Ok(())
        }
        Err(error) if error.is_timeout() => {
            let error = site.timed_out("reply to a publish", RESPONSE_DEADLINE);
            for stamp in stamps {
                observer.failed(stamp, &error);
            }
            Ok(())
        }
        Err(error) => Err(site.failed("publish", error)),
    }
}

impl<C: Command> Publisher for RedisPublisher<C> {
    fn is_direct(&self) -> bool {
        self.is_direct
    }

    fn effective_ack_window(&self) -> Option<usize> {
        Some(self.limits.commands * self.limits.pipelines)
    }

    fn try_publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), TryPublishError> {
        if !self.is_direct {
            if !self.in_flight.is_empty() {
                return Err(TryPublishError::Full);
            }
            self.gather(stamp, observer);
            self.send(&mut Context::from_waker(Waker::noop()));
            return Ok(());
        }
        if !self.stamps.is_empty() {
            // What was gathered before goes first.
            self.send(&mut Context::from_waker(Waker::noop()));
        }
        let mut command = self.encode(stamp, observer);
        command.set_no_response(true);
        // Without a reply to wait for, the future is ready as soon as the request is in the
        // client's queue; dropped before that, it has sent nothing (redis-rs 1.8,
        // `aio/multiplexed_connection.rs`, `Pipeline::send_recv`).
        match self.connection.send_packed_command(&command).now_or_never() {
            None => Err(TryPublishError::Full),
            Some(sent) => {
                let failed = |error: RedisError| self.site.failed("publish", error);
                sent.map_err(failed)?;
                Ok(())
            }
        }
    }

    async fn publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), BusError> {
        self.gather(stamp, observer);
        if self.is_gathered() {
            self.send_when_there_is_room(observer).await?;
        }
        if !self.is_direct {
            self.wait_for_at_most(0, observer).await?;
        }
        Ok(())
    }

    async fn flush<O: PublishObserver>(&mut self, observer: &mut O) -> Result<(), BusError> {
        if self.stamps.is_empty() {
            return Ok(());
        }
        self.send_when_there_is_room(observer).await
    }

    async fn acknowledgements<O: PublishObserver>(
        &mut self,
        observer: &mut O,
    ) -> Result<(), BusError> {
        poll_fn(|context| self.poll_acknowledgements(context, observer)).await
    }

    async fn close<O: PublishObserver>(mut self, observer: &mut O) -> Result<(), BusError> {
        self.flush(observer).await?;
        self.wait_for_at_most(0, observer).await?;
        // Commands whose replies nobody waits for have been executed when a later one is answered.
        let ping = redis::cmd("PING");
        let answered = self.connection.send_packed_command(&ping).await;
        let answered = answered.and_then(Value::extract_error);
        answered.map_err(|error| self.site.failed("wait for what was sent", error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::Limits;
    use crate::{Options, PublishMode};

    #[test]
    fn pipelines_never_hold_more_than_the_ack_window() {
        for (window, commands, pipelines) in [
            (1, 1, 1),
            (2, 1, 2),
            (7, 1, 4),
            (8, 2, 4),
            (400, 100, 4),
            (100_000, 100, 4),
        ] {
            let ack_window = NonZeroU32::new(window).expect("not zero");
            let publish = PublishMode::Pipelined { ack_window };
            let limits = Limits::new(&Options::for_tests(publish));
            assert_eq!((limits.commands, limits.pipelines), (commands, pipelines));
            assert!(limits.commands * limits.pipelines <= window as usize);
        }
        let limits = Limits::new(&Options::for_tests(PublishMode::Edgex));
        assert_eq!((limits.commands, limits.pipelines), (1, 1));
    }
}
