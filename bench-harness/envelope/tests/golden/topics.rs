//! Vectors of topics.

use busbench_envelope::topic;

use crate::message::equal;
use crate::vector::Vector;

type Checked = Result<Vec<&'static str>, String>;

pub(crate) fn check_nats(vector: &Vector) -> Checked {
    let back = vector.back.as_deref().ok_or("no back")?;
    match vector.direction.as_deref() {
        Some("topic-to-subject") => {
            let subject = topic::nats_subject(&vector.topic);
            equal("the subject", &subject, &vector.subject)?;
            equal("the topic, back again,", &topic::nats_topic(&subject), back)?;
        }
        Some("subject-to-topic") => {
            let received = topic::nats_topic(&vector.subject);
            equal("the topic", &received, &vector.topic)?;
            equal(
                "the subject, back again,",
                &topic::nats_subject(&received),
                back,
            )?;
        }
        other => return Err(format!("unknown direction {other:?}")),
    }
    Ok(Vec::new())
}

pub(crate) fn check_redis(vector: &Vector) -> Checked {
    let back = vector.back.as_deref().ok_or("no back")?;
    let first = vector.channel_or_patterns.first().ok_or("no channel")?;
    match vector.op.as_deref() {
        Some("publish") => {
            let channel = topic::redis_channel(&vector.topic);
            check_list(&[channel], &vector.channel_or_patterns)?;
            equal("the topic, back again,", &topic::redis_topic(first), back)?;
        }
        Some("subscribe") => {
            let patterns = topic::redis_patterns(&vector.topic);
            check_list(&patterns, &vector.channel_or_patterns)?;
            equal("the filter, back again,", &topic::redis_topic(first), back)?;
        }
        Some("receive") => {
            let received = topic::redis_topic(first);
            equal("the topic", &received, &vector.topic)?;
            let patterns = topic::redis_patterns(&received);
            let pattern = patterns.first().ok_or("no pattern")?;
            equal("the channel, back again,", pattern, back)?;
        }
        other => return Err(format!("unknown op {other:?}")),
    }
    Ok(Vec::new())
}

fn check_list(actual: &[String], expected: &[String]) -> Result<(), String> {
    if actual != expected {
        return Err(format!("{actual:?} instead of {expected:?}"));
    }
    Ok(())
}
