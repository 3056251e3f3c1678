//! A publisher over either version.

use busbench_envelope::Stamp;
use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::answers::{PacketIds, Unanswered};
use super::{Progress, Session, SessionError};
use crate::error::Site;
use crate::outgoing::Outgoing;
use crate::{BusError, Options, PublishMode, PublishObserver, Publisher, TryPublishError};

/// The sending half of rumqttc, with the topic and QoS that it sends with.
pub trait Client: Send + Sync + 'static {
    type Session: Session;

    /// Waits for room in the client's channel. `false` where the event loop has ended.
    fn send<O: PublishObserver>(
        &self,
        outgoing: &mut Outgoing,
        stamp: &Stamp,
        observer: &mut O,
    ) -> impl Future<Output = bool> + Send;

    /// `false` where the channel is full or the event loop has ended; nothing was sent then.
    fn try_send<O: PublishObserver>(
        &self,
        outgoing: &mut Outgoing,
        stamp: &Stamp,
        observer: &mut O,
    ) -> bool;

    /// Waits for room in the client's channel. `false` where the event loop has ended.
    fn disconnect(&self) -> impl Future<Output = bool> + Send;
}

/// What became of the publish with this number: taken, or the reason why not.
type Answer = (u64, Result<(), String>);

/// Publishes to one topic.
pub struct MqttPublisher<C> {
    client: C,
    outgoing: Outgoing,
    site: Site,
    event_loop: Option<JoinHandle<Result<(), SessionError>>>,
    acks: Option<Acks>,
    waits_for_each: bool,
}

/// The acknowledged case.
struct Acks {
    window: usize,
    unanswered: Unanswered,
    answers: mpsc::Receiver<Answer>,
}

impl<C: Client> MqttPublisher<C> {
    /// Takes a connected session. `window` is what client and server allow.
    pub(crate) fn start(
        options: &Options,
        client: C,
        session: C::Session,
        outgoing: Outgoing,
        site: Site,
        window: u16,
    ) -> Self {
        let (acks, told) = if super::is_acknowledged(options) {
            let window = usize::from(window.max(1));
            // Room for the answers of a whole window, so the event loop never waits.
            let (told, answers) = mpsc::channel(window);
            let unanswered = Unanswered::new(window);
            let acks = Acks {
                window,
                unanswered,
                answers,
            };
            (Some(acks), Some(told))
        } else {
            (None, None)
        };
        let waits_for_answers_of_server = options.qos != crate::Qos::AtMostOnce;
        let ids = PacketIds::new(window);
        let run = run(session, ids, told, waits_for_answers_of_server);
        Self {
            client,
            outgoing,
            site,
            event_loop: Some(tokio::spawn(run)),
            waits_for_each: options.publish == PublishMode::Edgex
                || acks.as_ref().is_some_and(|acks| acks.window == 1),
            acks,
        }
    }

    /// Why the event loop ended. Called when it is known to have ended, or to be about to.
    async fn failure(&mut self) -> BusError {
        let Some(event_loop) = self.event_loop.take() else {
            return self.site.closed();
        };
        match event_loop.await {
            Ok(Ok(())) => self.site.closed(),
            Ok(Err(error)) => self.site.failed("keep the connection", error),
            Err(error) => self.site.failed("keep the connection", error),
        }
    }

    async fn wait_for_at_most<O: PublishObserver>(
        &mut self,
        unanswered: usize,
        observer: &mut O,
    ) -> Result<(), BusError> {
        while let Some(acks) = &self.acks
            && acks.unanswered.len() > unanswered
        {
            self.acknowledgements(observer).await?;
        }
        Ok(())
    }

    fn settle<O: PublishObserver>(
        acks: &mut Acks,
        site: &Site,
        (number, answer): Answer,
        observer: &mut O,
    ) {
        if let Some(stamp) = acks.unanswered.settle(number) {
            match answer {
                Ok(()) => observer.acked(&stamp),
                Err(reason) => observer.failed(&stamp, &site.failed("publish", reason)),
            }
        }
    }
}

impl<C: Client> Publisher for MqttPublisher<C> {
    fn is_direct(&self) -> bool {
        self.acks.is_none()
    }

    fn effective_ack_window(&self) -> Option<usize> {
        self.acks.as_ref().map(|acks| acks.window)
    }

    fn try_publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), TryPublishError> {
        if let Some(acks) = &mut self.acks
            && acks.unanswered.len() >= acks.window
        {
            return Err(TryPublishError::Full);
        }
        if self.client.try_send(&mut self.outgoing, stamp, observer) {
            if let Some(acks) = &mut self.acks {
                acks.unanswered.push(*stamp);
            }
            return Ok(());
        }
        // rumqttc does not say which of the two it was.
        let ended = self.event_loop.as_ref().is_none_or(JoinHandle::is_finished);
        if !ended {
            return Err(TryPublishError::Full);
        }
        let failure = self.failure().now_or_never();
        let failure = failure.unwrap_or_else(|| self.site.closed());
        Err(TryPublishError::Failed(failure))
    }

    async fn publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), BusError> {
        if let Some(acks) = &self.acks {
            let window = acks.window;
            self.wait_for_at_most(window - 1, observer).await?;
        }
        if !self.client.send(&mut self.outgoing, stamp, observer).await {
            return Err(self.failure().await);
        }
        observer.handed_over(stamp);
        if let Some(acks) = &mut self.acks {
            acks.unanswered.push(*stamp);
            if self.waits_for_each {
                self.wait_for_at_most(0, observer).await?;
            }
        }
        Ok(())
    }

    async fn acknowledgements<O: PublishObserver>(
        &mut self,
        observer: &mut O,
    ) -> Result<(), BusError> {
        let Some(acks) = self.acks.as_mut().filter(|acks| acks.unanswered.len() > 0) else {
            return std::future::pending().await;
        };
        let Some(answer) = acks.answers.recv().await else {
            return Err(self.failure().await);
        };
        Self::settle(acks, &self.site, answer, observer);
        while let Ok(answer) = acks.answers.try_recv() {
            Self::settle(acks, &self.site, answer, observer);
        }
        Ok(())
    }

    async fn close<O: PublishObserver>(mut self, observer: &mut O) -> Result<(), BusError> {
        self.wait_for_at_most(0, observer).await?;
        if !self.client.disconnect().await {
            return Err(self.failure().await);
        }
        match self.event_loop.take() {
            Some(event_loop) => match event_loop.await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(self.site.failed("disconnect", error)),
                Err(error) => Err(self.site.failed("disconnect", error)),
            },
            None => Err(self.site.closed()),
        }
    }
}

impl<C> Drop for MqttPublisher<C> {
    /// The event loop holds a sender of its own channel, so it would not end by itself.
    fn drop(&mut self) {
        if let Some(event_loop) = &self.event_loop {
            event_loop.abort();
        }
    }
}

/// Runs a session until it fails or has left.
async fn run<S: Session>(
    mut session: S,
    mut ids: PacketIds,
    told: Option<mpsc::Sender<Answer>>,
    server_answers: bool,
) -> Result<(), SessionError> {
    loop {
        let answer = match session.next().await? {
            Progress::Written(packet_id) => {
                let number = ids.written(packet_id);
                (!server_answers).then_some((number, Ok(())))
            }
            Progress::Acknowledged(packet_id) => {
                ids.number(packet_id).map(|number| (number, Ok(())))
            }
            Progress::Refused(packet_id, reason) => {
                ids.number(packet_id).map(|number| (number, Err(reason)))
            }
            Progress::Left => {
                super::gone(&mut session).await;
                return Ok(());
            }
            _ => None,
        };
        if let (Some(told), Some(answer)) = (&told, answer) {
            // There is room for a whole window; it fails only where the publisher is gone.
            let _ = told.try_send(answer);
        }
    }
}
