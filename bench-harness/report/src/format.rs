//! Numbers as people read them: three significant digits, grouped, with their unit.

use busbench_results::{NO_LIMIT, ServerLimit};

/// Three significant digits, thousands grouped by commas: `63.0`, `1,790`, `322,000`.
pub(crate) fn significant(value: f64) -> String {
    if !value.is_finite() {
        return String::new();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rounded first: 9.996 has one digit before the point, and 10.0 has two.
    let magnitude = value.abs().log10().floor();
    let step = 10_f64.powf(magnitude - 2.0);
    let rounded = (value / step).round() * step;
    let magnitude = (rounded.abs() * (1.0 + 1e-12)).log10().floor();
    if magnitude >= 2.0 {
        grouped(rounded.round())
    } else {
        let decimals = (2.0 - magnitude).clamp(0.0, 9.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 9"
        )]
        let decimals = decimals as usize;
        format!("{rounded:.decimals$}")
    }
}

/// A count with its thousands grouped by commas.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number; the cast saturates"
)]
fn grouped(whole: f64) -> String {
    let sign = if whole < 0.0 { "-" } else { "" };
    format!("{sign}{}", count(whole.abs() as u64))
}

/// Nanoseconds in microseconds, without the unit.
pub(crate) fn microseconds(nanoseconds: u64) -> String {
    significant(nanoseconds as f64 / 1e3)
}

/// Nanoseconds in the unit that suits them: `63.0 µs`, `7.61 ms`, `2.50 s`.
pub(crate) fn duration(nanoseconds: f64) -> String {
    let (unit, size) = match nanoseconds {
        ns if ns < 1e3 => ("ns", 1.0),
        ns if ns < 1e6 => ("µs", 1e3),
        ns if ns < 1e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    format!("{} {unit}", significant(nanoseconds / size))
}

/// A share of 0 to 1 in percent: `1.25 %`; whatever is lost shows, however little it is.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", significant(share * 100.0))
}

/// A share in percent, cut off after one digit: 99.96 % of what was offered is not 100 %.
pub(crate) fn percent_reached(share: f64) -> String {
    format!("{:.1} %", (share * 1000.0 + 1e-6).floor() / 10.0)
}

/// A share in percent without digits that say nothing: `5 %`, `0.4 %`, `99.861 %`.
pub(crate) fn percent_short(share: f64) -> String {
    let text = format!("{:.3}", share * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

/// A number without its fraction, thousands grouped.
pub(crate) fn whole(value: f64) -> String {
    grouped(value.round())
}

/// Short form for axes: `100k`, `1.5M`.
pub(crate) fn short(value: f64) -> String {
    let (suffix, size) = match value.abs() {
        v if v >= 1e6 => ("M", 1e6),
        v if v >= 1e3 => ("k", 1e3),
        _ => ("", 1.0),
    };
    let text = format!("{:.2}", value / size);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{suffix}")
}

/// Bytes in binary units: `7.8 GiB`.
pub(crate) fn bytes(value: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut size = value as f64;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < units.len() {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{value} B")
    } else {
        format!("{size:.1} {}", units[unit])
    }
}

/// What a cell's server was held to: `limit memory=256MiB,cpus=0.5`; `None` where it had the whole
/// machine.
pub(crate) fn limit(limit: &str) -> Option<String> {
    (!limit.is_empty() && limit != NO_LIMIT).then(|| format!("limit {limit}"))
}

/// The same, where cells are told from each other by it.
pub(crate) fn limit_or_none(text: &str) -> String {
    limit(text).unwrap_or_else(|| "no limit".to_owned())
}

/// What a server was held to, as the system told it: `held to 256.0 MiB of memory and 0.5 CPU`.
pub(crate) fn server_limit(limit: &ServerLimit) -> String {
    let memory = limit
        .memory_bytes
        .map(|size| format!("{} of memory", bytes(size)));
    let cpus = limit.cpus.map(|cpus| format!("{cpus} CPU"));
    let parts: Vec<String> = memory.into_iter().chain(cpus).collect();
    format!("held to {}", parts.join(" and "))
}

/// Bytes of memory, in powers of two, to three digits: `14.2 MiB`, `-1.50 KiB`.
pub(crate) fn memory(bytes: f64) -> String {
    scaled(bytes, 1024.0, ["B", "KiB", "MiB", "GiB"])
}

/// Bytes as sizes of files and images are told, in powers of ten: `9.71 MB`, `-12.0 kB`.
pub(crate) fn size(bytes: f64) -> String {
    scaled(bytes, 1e3, ["B", "kB", "MB", "GB"])
}

fn scaled(bytes: f64, step: f64, units: [&str; 4]) -> String {
    let mut value = bytes;
    let mut unit = 0;
    while value.abs() >= step && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    format!("{} {}", significant(value), units[unit])
}

/// An instant in UTC, to the minute.
pub(crate) fn instant(unix_ms: u64) -> String {
    i64::try_from(unix_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map_or_else(
            || "unknown".to_owned(),
            |instant| instant.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        )
}

/// How long a run took: `2 min 52 s`.
pub(crate) fn span(ms: u64) -> String {
    let seconds = (ms + 500) / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// A text of one line without a character that steers: see [`steers`].
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| if steers(character) { ' ' } else { character })
        .collect()
}

/// Whether a character is none that is read, but one that is obeyed: a terminal obeys control
/// characters, and what shows text turns it around at those of Unicode's bidirectional algorithm
/// (U+202E makes `fdp.exe` of `exe.pdf`). XML has no way to write most of the former, nor the two
/// that are no characters.
pub(crate) fn steers(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::{
        bytes, count, duration, instant, memory, percent, percent_reached, percent_short, short,
        significant, size, span, whole,
    };

    #[test]
    fn sizes_are_told_in_powers_of_ten_and_memory_in_powers_of_two() {
        let check = |bytes: f64, as_size: &str, as_memory: &str| {
            assert_eq!(
                (size(bytes).as_str(), memory(bytes).as_str()),
                (as_size, as_memory)
            );
        };
        check(0.0, "0 B", "0 B");
        check(1_500_000.0, "1.50 MB", "1.43 MiB");
        check(-12_288.0, "-12.3 kB", "-12.0 KiB");
        check(2_147_483_648.0, "2.15 GB", "2.00 GiB");
    }

    #[test]
    fn three_digits_are_kept_and_thousands_grouped() {
        for (value, text) in [
            (0.0, "0"),
            (0.001_234, "0.00123"),
            (1.0, "1.00"),
            (9.996, "10.0"),
            (63.007, "63.0"),
            (99.96, "100"),
            (114.1, "114"),
            (999.7, "1,000"),
            (1_793.0, "1,790"),
            (320_987.9, "321,000"),
            (1_445_442.0, "1,450,000"),
        ] {
            assert_eq!(significant(value), text, "{value}");
        }
    }

    #[test]
    fn counts_keep_all_digits() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(80_009), "80,009");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn durations_take_the_unit_that_suits() {
        assert_eq!(duration(640.0), "640 ns");
        assert_eq!(duration(63_007.0), "63.0 µs");
        assert_eq!(duration(7_614_463.0), "7.61 ms");
        assert_eq!(duration(2.5e9), "2.50 s");
    }

    #[test]
    fn one_lost_message_in_a_million_is_not_zero() {
        assert_eq!(percent(1e-6), "0.000100 %");
        assert_eq!(percent(0.012_5), "1.25 %");
    }

    #[test]
    fn a_share_that_is_not_reached_is_not_rounded_up_to_it() {
        assert_eq!(percent_reached(0.9999), "99.9 %");
        assert_eq!(percent_reached(1.0), "100.0 %");
        assert_eq!(percent_reached(0.8), "80.0 %");
    }

    #[test]
    fn a_share_that_somebody_chose_has_no_digits_that_say_nothing() {
        assert_eq!(percent_short(0.05), "5 %");
        assert_eq!(percent_short(0.998_61), "99.861 %");
        assert_eq!(whole(1_340.4), "1,340");
    }

    #[test]
    fn axis_numbers_are_short() {
        assert_eq!(short(0.0), "0");
        assert_eq!(short(150_000.0), "150k");
        assert_eq!(short(1_500_000.0), "1.5M");
    }

    #[test]
    fn bytes_and_times_carry_their_unit() {
        assert_eq!(bytes(382), "382 B");
        assert_eq!(bytes(8 << 30), "8.0 GiB");
        assert_eq!(span(172_000), "2 min 52 s");
        assert_eq!(span(3_720_000), "1 h 2 min");
        assert_eq!(instant(1_772_366_400_000), "2026-03-01 12:00 UTC");
    }
}
