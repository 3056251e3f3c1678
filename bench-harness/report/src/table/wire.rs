//! Bytes on the wire as text.

/// To the byte, unlike other figures: that is what was counted. Trials that differ have a mean, whose
/// fraction says so.
pub(crate) fn whole_bytes(bytes: f64) -> String {
    if bytes.fract() == 0.0 {
        format!("{bytes:.0}")
    } else {
        format!("{bytes:.1}")
    }
}
