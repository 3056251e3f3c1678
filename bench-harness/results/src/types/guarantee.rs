//! What a bus promises in a cell's configuration. Ranking is within one guarantee.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Publish ack x delivery, worked out from the effective configuration.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Guarantee {
    /// What the server has done with a message when a publish is acknowledged.
    pub publish_ack: PublishAck,
    /// How often a message that was taken reaches a subscriber that stays connected.
    pub delivery: Delivery,
}

/// What the server has done with a message when a publish is acknowledged.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PublishAck {
    /// Nothing is acknowledged, or nobody waits for it.
    None,
    /// It holds the message in memory: a crash of its process loses it.
    InMemory,
    /// It has written the message and syncs it later: a power cut loses what came since the last
    /// sync, at most so many milliseconds ago. (After a crash of the process alone, the operating
    /// system still has it.)
    PeriodicSync(u64),
    /// The message is on disk.
    Synced,
}

/// How often a message that was taken reaches a subscriber that stays connected.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Once or never.
    AtMostOnce,
    /// Once or more.
    AtLeastOnce,
    /// Once.
    ExactlyOnce,
}

impl PublishAck {
    /// The name that `busbench explain` knows; the period left out.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::InMemory => "in-memory",
            Self::PeriodicSync(_) => "periodic-sync",
            Self::Synced => "synced",
        }
    }
}

impl Delivery {
    /// The name that `busbench explain` knows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtMostOnce => "at-most-once",
            Self::AtLeastOnce => "at-least-once",
            Self::ExactlyOnce => "exactly-once",
        }
    }
}

/// `publish ack / delivery`, as the column `guarantee` has it: `periodic-sync 2m / at-least-once`.
impl fmt::Display for Guarantee {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.publish_ack.name())?;
        if let PublishAck::PeriodicSync(milliseconds) = self.publish_ack {
            match (milliseconds / 60_000, milliseconds % 60_000) {
                (minutes, 0) if minutes > 0 => write!(formatter, " {minutes}m")?,
                _ if milliseconds % 1000 == 0 => write!(formatter, " {}s", milliseconds / 1000)?,
                _ => write!(formatter, " {milliseconds}ms")?,
            }
        }
        write!(formatter, " / {}", self.delivery.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, Guarantee, PublishAck};

    #[test]
    fn a_guarantee_says_both_halves_and_the_period_that_can_be_lost() {
        let check = |publish_ack, delivery, expected: &str| {
            let guarantee = Guarantee {
                publish_ack,
                delivery,
            };
            assert_eq!(guarantee.to_string(), expected);
        };
        let most = Delivery::AtMostOnce;
        check(PublishAck::None, most, "none / at-most-once");
        check(PublishAck::InMemory, most, "in-memory / at-most-once");
        let least = Delivery::AtLeastOnce;
        let sync = PublishAck::PeriodicSync;
        check(sync(120_000), least, "periodic-sync 2m / at-least-once");
        check(sync(1000), least, "periodic-sync 1s / at-least-once");
        check(sync(1500), least, "periodic-sync 1500ms / at-least-once");
        check(
            PublishAck::Synced,
            Delivery::ExactlyOnce,
            "synced / exactly-once",
        );
    }
}
