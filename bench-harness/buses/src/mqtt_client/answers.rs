//! Which publish an acknowledgement belongs to.
//!
//! rumqttc takes a publish without naming it, and gives it a packet id later. Publishes are numbered
//! here in the order in which they are handed to the client; the client's channel keeps that order,
//! so the n-th `Outgoing::Publish` event is the n-th publish.

use std::collections::VecDeque;

use busbench_envelope::Stamp;

/// On the event loop's side: packet ids to numbers.
#[derive(Debug)]
pub(super) struct PacketIds {
    numbers: Vec<u64>,
    written: u64,
}

impl PacketIds {
    /// For packet ids up to `most`.
    pub(super) fn new(most: u16) -> Self {
        Self {
            numbers: vec![0; usize::from(most) + 1],
            written: 0,
        }
    }

    /// A publish went out under a packet id; returns its number.
    pub(super) fn written(&mut self, packet_id: u16) -> u64 {
        let number = self.written;
        self.written += 1;
        if let Some(place) = self.numbers.get_mut(usize::from(packet_id)) {
            *place = number;
        }
        number
    }

    /// The number of the publish that last went out under a packet id.
    pub(super) fn number(&self, packet_id: u16) -> Option<u64> {
        self.numbers.get(usize::from(packet_id)).copied()
    }
}

/// On the publisher's side: numbers to stamps.
#[derive(Debug)]
pub(super) struct Unanswered {
    /// From the oldest publish without an answer; true where the answer came before an older one's.
    stamps: VecDeque<(Stamp, bool)>,
    /// Number of the first.
    first: u64,
}

impl Unanswered {
    pub(super) fn new(window: usize) -> Self {
        Self {
            stamps: VecDeque::with_capacity(window),
            first: 0,
        }
    }

    /// From the oldest unanswered publish to the newest. The window bounds this, not the number of
    /// answers that lack, so memory is bounded though one answer never comes.
    pub(super) fn len(&self) -> usize {
        self.stamps.len()
    }

    pub(super) fn push(&mut self, stamp: Stamp) {
        self.stamps.push_back((stamp, false));
    }

    /// The publish with this number has its answer; returns its stamp, once.
    pub(super) fn settle(&mut self, number: u64) -> Option<Stamp> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let (stamp, answered) = self.stamps.get_mut(place)?;
        let stamp = (!std::mem::replace(answered, true)).then_some(*stamp);
        while self.stamps.front().is_some_and(|(_, answered)| *answered) {
            self.stamps.pop_front();
            self.first += 1;
        }
        stamp
    }
}

#[cfg(test)]
mod tests {
    use busbench_envelope::Stamp;

    use super::{PacketIds, Unanswered};

    fn stamp(sequence: u32) -> Stamp {
        Stamp {
            sequence,
            ..Stamp::default()
        }
    }

    #[test]
    fn a_packet_id_means_the_publish_that_used_it_last() {
        let mut ids = PacketIds::new(2);
        assert_eq!([ids.written(1), ids.written(2), ids.written(1)], [0, 1, 2]);
        assert_eq!(ids.number(1), Some(2));
        assert_eq!(ids.number(2), Some(1));
        assert_eq!(ids.number(3), None);
    }

    #[test]
    fn answers_out_of_order_settle_each_publish_once() {
        let mut unanswered = Unanswered::new(3);
        for n in 0..3 {
            unanswered.push(stamp(n));
        }
        assert_eq!(unanswered.settle(1), Some(stamp(1)));
        assert_eq!(unanswered.settle(1), None);
        assert_eq!(unanswered.len(), 3);
        assert_eq!(unanswered.settle(0), Some(stamp(0)));
        assert_eq!(unanswered.len(), 1);
        assert_eq!(unanswered.settle(2), Some(stamp(2)));
        assert_eq!(unanswered.settle(2), None);
        assert_eq!(unanswered.settle(3), None);
        assert_eq!(unanswered.len(), 0);
        unanswered.push(stamp(3));
        assert_eq!(unanswered.settle(3), Some(stamp(3)));
    }
}
