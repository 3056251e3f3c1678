//! `EDGEX_OPTIMIZE_EVENT_PAYLOAD`: what a reading repeats from its event is left out.
//! A receiver without that switch refuses such an event.

use crate::{Event, Text};

impl Event<'_> {
    /// Drops what a receiver can restore, and the readings' ids, which it cannot.
    pub fn optimize(&mut self) {
        let alone = self.readings.len() == 1;
        for reading in &mut self.readings {
            reading.id = Text::default();
            reading.device_name = Text::default();
            reading.profile_name = Text::default();
            if reading.origin == self.origin {
                reading.origin = 0;
            }
            if alone && reading.resource_name == self.source_name {
                reading.resource_name = Text::default();
            }
        }
    }

    /// Restores what [`Self::optimize`] dropped, but for the readings' ids.
    pub fn restore(&mut self) {
        for reading in &mut self.readings {
            reading.device_name.clone_from(&self.device_name);
            reading.profile_name.clone_from(&self.profile_name);
            if reading.origin == 0 {
                reading.origin = self.origin;
            }
            if reading.resource_name.is_empty() {
                reading.resource_name.clone_from(&self.source_name);
            }
        }
    }
}
