//! What one message of a cell costs on the wire, counted on the trial's own server.

use busbench_buses::{Bus, WireSubject, count_wire};
use busbench_envelope::Stamp;
use busbench_results::WireBytes;

use super::Task;
use super::clients::FILTER;
use crate::error::chain;

/// The publisher whose messages are counted: the last that a stamp has room for. Its topic is as long
/// as any other's, and most likely nobody else's.
const PUBLISHER: u16 = 16_383;
const _: () = assert!(PUBLISHER as usize == Stamp::MAX_PUBLISHERS - 1);

/// Counts it; or says why it could not be counted. `None` where there is no server.
///
/// To be called when the load is over and the server's own counters are read, as its messages would
/// stand in them, and when the trial's clients are gone, as they would get them.
pub(super) async fn count<B: Bus>(task: &Task<'_>) -> Option<Result<WireBytes, String>> {
    task.cell.server()?;
    Some(counted::<B>(task).await)
}

async fn counted<B: Bus>(task: &Task<'_>) -> Result<WireBytes, String> {
    let message = task.cell.message(task.seed, PUBLISHER);
    let (topic, message) = message.map_err(|error| chain(&error))?;
    let subject = WireSubject {
        bus: task.cell.bus,
        tag: &task.tag,
        filter: FILTER,
        topic: &topic,
        message: &message,
        epoch: task.epoch,
        publisher: PUBLISHER,
    };
    let bytes = count_wire::<B>(&task.options(), &subject).await;
    let bytes = bytes.map_err(|error| chain(&error))?;
    Ok(WireBytes {
        payload_bytes: bytes.payload,
        envelope_bytes: bytes.envelope,
        topic_bytes: bytes.topic,
        protocol_bytes: bytes.protocol,
        publish_ack_bytes: bytes.publish_ack,
        delivery_bytes: bytes.delivery,
        delivery_ack_bytes: bytes.delivery_ack,
    })
}
