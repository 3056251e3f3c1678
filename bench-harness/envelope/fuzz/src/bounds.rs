//! What a decoder may take.

/// Bytes of heap that a decoder may hold at once for each byte of input, its result included.
pub const HEAP_BYTES_PER_BYTE: u64 = 4;
/// And for any input: an error's text, a first small allocation.
pub const HEAP_BYTES: u64 = 4096;

/// Runs a decoder and gives what it returns, where its heap stayed within bounds. A reallocation
/// counts the old and the new place.
pub fn bounded<T>(input: &[u8], decode: impl FnOnce() -> T) -> Result<T, String> {
    let mut decoded = None;
    let heap = allocation_counter::measure(|| decoded = Some(decode()));
    let allowed = HEAP_BYTES + HEAP_BYTES_PER_BYTE * input.len() as u64;
    if heap.bytes_max > allowed {
        return Err(format!(
            "{} bytes of input took {} bytes of heap, more than {allowed}",
            input.len(),
            heap.bytes_max
        ));
    }
    decoded.ok_or_else(|| "the decoder did not run".to_owned())
}
