//! Whether a reading's value is one of its type.

use crate::{Reading, Value};

/// The types that a reading may have.
const VALUE_TYPES: [&str; 27] = [
    "Bool",
    "String",
    "Uint8",
    "Uint16",
    "Uint32",
    "Uint64",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Float32",
    "Float64",
    "Binary",
    "BoolArray",
    "StringArray",
    "Uint8Array",
    "Uint16Array",
    "Uint32Array",
    "Uint64Array",
    "Int8Array",
    "Int16Array",
    "Int32Array",
    "Int64Array",
    "Float32Array",
    "Float64Array",
    "Object",
    "ObjectArray",
];

/// What is wrong with a reading's type. `EdgeX` takes its name in any case.
pub(super) fn type_fault(value_type: &str) -> Option<&'static str> {
    let known = VALUE_TYPES.contains(&value_type)
        || VALUE_TYPES
            .iter()
            .any(|name| name.eq_ignore_ascii_case(value_type));
    (!known).then_some("no type of EdgeX")
}

/// The value's field, and what is wrong with it. A value that its type does not read is null to
/// `EdgeX`, and null is valid.
pub(super) fn fault(reading: &Reading<'_>) -> (&'static str, Option<&'static str>) {
    match (&*reading.value_type, &reading.value) {
        ("Binary", Value::Binary { media_type, .. }) => {
            let missing = media_type.is_empty().then_some("it is missing or empty");
            ("mediaType", missing)
        }
        ("Binary" | "Object" | "ObjectArray", _) => ("value", None),
        (value_type, Value::Text(text)) => {
            let mismatch = !matches(value_type, text);
            let fault = mismatch.then_some("it does not match the valueType");
            ("value", fault)
        }
        _ => ("value", None),
    }
}

/// A type in another case than `EdgeX`'s own is not looked into, as in Go.
fn matches(value_type: &str, text: &str) -> bool {
    let element: fn(&str) -> bool = match value_type {
        "BoolArray" => is_bool,
        "Uint8Array" => is_unsigned::<u8>,
        "Uint16Array" => is_unsigned::<u16>,
        "Uint32Array" => is_unsigned::<u32>,
        "Uint64Array" => is_unsigned::<u64>,
        "Int8Array" => is_signed::<i8>,
        "Int16Array" => is_signed::<i16>,
        "Int32Array" => is_signed::<i32>,
        "Int64Array" => is_signed::<i64>,
        "Float32Array" => is_float32,
        "Float64Array" => is_float64,
        "Bool" => return is_bool(text),
        "Uint8" => return is_unsigned::<u8>(text),
        "Uint16" => return is_unsigned::<u16>(text),
        "Uint32" => return is_unsigned::<u32>(text),
        "Uint64" => return is_unsigned::<u64>(text),
        "Int8" => return is_signed::<i8>(text),
        "Int16" => return is_signed::<i16>(text),
        "Int32" => return is_signed::<i32>(text),
        "Int64" => return is_signed::<i64>(text),
        "Float32" => return is_float32(text),
        "Float64" => return is_float64(text),
        other if other.contains("Array") => return text.len() >= 2,
        _ => return true,
    };
    // Go cuts the first and the last character without looking at them.
    text.len() >= 2
        && text
            .get(1..text.len() - 1)
            .is_some_and(|elements| elements.split(',').all(|text| element(text.trim())))
}

/// What Go's `strconv.ParseBool` takes.
fn is_bool(text: &str) -> bool {
    matches!(
        text,
        "true" | "false" | "1" | "t" | "T" | "TRUE" | "True" | "0" | "f" | "F" | "FALSE" | "False"
    )
}

/// What Go's `strconv.ParseUint` takes: no sign.
fn is_unsigned<T: std::str::FromStr>(text: &str) -> bool {
    !text.starts_with('+') && text.parse::<T>().is_ok()
}

/// What Go's `strconv.ParseInt` takes.
fn is_signed<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

fn is_float32(text: &str) -> bool {
    text.parse()
        .is_ok_and(|number: f32| is_float_of_go(text, number.is_finite(), number.is_nan()))
}

fn is_float64(text: &str) -> bool {
    text.parse()
        .is_ok_and(|number: f64| is_float_of_go(text, number.is_finite(), number.is_nan()))
}

/// Go's `strconv.ParseFloat` refuses a number that is too large, which Rust takes for infinite, and
/// a NaN with a sign.
fn is_float_of_go(text: &str, finite: bool, nan: bool) -> bool {
    if nan {
        return text.len() == 3;
    }
    finite || !text.contains(|character: char| character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_value_matches_its_type_as_go_parses_it() {
        let table: [(&str, &[&str], &[&str]); 14] = [
            ("Bool", &["true", "F", "1"], &["", "yes", "tRUE"]),
            (
                "Uint8",
                &["0", "255", "007"],
                &["256", "-1", "+1", "-0", ""],
            ),
            (
                "Int8",
                &["-128", "+127", "-0"],
                &["128", "1.0", "- 1", "1e1"],
            ),
            (
                "Uint64",
                &["18446744073709551615"],
                &["18446744073709551616"],
            ),
            ("Int64", &["-9223372036854775808"], &["9223372036854775808"]),
            (
                "Float32",
                &[
                    "1.25e+00",
                    "NaN",
                    "+Inf",
                    "-infinity",
                    "3.4028235e+38",
                    ".5",
                    "1e-99",
                ],
                &["3.5e+38", "+NaN", "1,5", "", "e5", " 1"],
            ),
            (
                "Float64",
                &["1.7976931348623157e+308", "-0e+00", "inf"],
                &["1e309", "nan2"],
            ),
            ("String", &["", "anything"], &[]),
            (
                "BoolArray",
                &["[true, false]", "[1]"],
                &["[]", "", "[true;false]"],
            ),
            (
                "Uint16Array",
                &["[0, 65535]", "[ 1 ,2]", "x1x"],
                &["[]", "[-1]", "1", "é1é"],
            ),
            ("Float64Array", &["[1e+00, NaN]"], &["[1e+00,]"]),
            ("StringArray", &["[]", "[\"a,b\"]"], &["", "x"]),
            ("int8Array", &["[1000]"], &["x"]),
            ("int8", &["1000"], &[]),
        ];
        for (value_type, valid, invalid) in table {
            for text in valid {
                assert!(matches(value_type, text), "{value_type} `{text}`");
            }
            for text in invalid {
                assert!(!matches(value_type, text), "{value_type} `{text}`");
            }
        }
    }
}
