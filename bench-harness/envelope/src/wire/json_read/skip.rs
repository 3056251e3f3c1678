//! Checks values of JSON without building them.

use super::JsonReader;
use crate::wire::source::{Read, Refused, TOO_DEEP};

/// How deep values may be nested. A tree of them is built by recursion.
const MAX_NESTING: u32 = 100;

/// Digits of the largest number of 64 bits with a sign; so many never wrap 64 bits without one.
const MAX_DIGITS: usize = 19;
const NO_INTEGER: Refused = Refused("no whole number of 64 bits");

/// The lists and objects around a place, one bit for each.
#[derive(Default)]
struct Around {
    objects: u128,
    depth: u32,
}

impl Around {
    fn enter(&mut self, object: bool) -> Read<()> {
        if self.depth == MAX_NESTING {
            return Err(TOO_DEEP);
        }
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

impl JsonReader<'_> {
    /// Checks the next value and goes behind it.
    pub(super) fn skip(&mut self) -> Read<()> {
        let mut around = Around::default();
        loop {
            if self.begin_value(&mut around)? {
                continue;
            }
            loop {
                if around.depth == 0 {
                    return Ok(());
                }
                if self.go_on(&mut around)? {
                    break;
                }
            }
        }
    }

    /// Checks a scalar or opens a list or object; says whether a value follows inside of it.
    fn begin_value(&mut self, around: &mut Around) -> Read<bool> {
        match self.token().ok_or_else(|| self.text_end())? {
            b'"' => {
                self.progress.at += 1;
                self.skip_string()?;
            }
            b'{' => {
                around.enter(true)?;
                self.progress.at += 1;
                if self.token() != Some(b'}') {
                    self.skip_key()?;
                    return Ok(true);
                }
                self.progress.at += 1;
                around.leave();
            }
            b'[' => {
                around.enter(false)?;
                self.progress.at += 1;
                if self.token() != Some(b']') {
                    return Ok(true);
                }
                self.progress.at += 1;
                around.leave();
            }
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(Refused("no JSON value")),
        }
        Ok(false)
    }

    /// Behind a value: goes on to the next, or leaves its list or object. Says whether a value
    /// follows.
    fn go_on(&mut self, around: &mut Around) -> Read<bool> {
        match self.token().ok_or_else(|| self.text_end())? {
            b',' => {
                self.progress.at += 1;
                if around.in_object() {
                    self.skip_key()?;
                }
                return Ok(true);
            }
            b'}' if around.in_object() => {}
            b']' if !around.in_object() => {}
            _ => return Err(Refused("neither a comma nor the end of a list or object")),
        }
        self.progress.at += 1;
        around.leave();
        Ok(false)
    }

    pub(super) fn skip_key(&mut self) -> Read<()> {
        self.expect(b'"', "no key")?;
        self.skip_string()?;
        self.expect(b':', "no colon after a key")
    }

    /// Checks a number at this place and goes behind it.
    pub(super) fn number(&mut self) -> Read<()> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.progress.at) == Some(&b'-') {
            self.progress.at += 1;
        }
        if bytes.get(self.progress.at) == Some(&b'0') {
            self.progress.at += 1;
        } else {
            self.digits()?;
        }
        if bytes.get(self.progress.at) == Some(&b'.') {
            self.progress.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = bytes.get(self.progress.at) {
            self.progress.at += 1;
            if let Some(b'+' | b'-') = bytes.get(self.progress.at) {
                self.progress.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Reads a whole number at this place, in one pass.
    pub(super) fn whole_number(&mut self) -> Read<i64> {
        let rest = self.text.as_bytes().get(self.progress.at..);
        let rest = rest.unwrap_or_default();
        let negative = rest.first() == Some(&b'-');
        let digits = rest.get(usize::from(negative)..).unwrap_or_default();
        // A number that is too long wraps, and is refused below.
        let mut magnitude = 0_u64;
        let mut count = 0;
        while let Some(digit @ b'0'..=b'9') = digits.get(count) {
            magnitude = magnitude
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0'));
            count += 1;
        }
        let leading_zero = count > 1 && digits.first() == Some(&b'0');
        let fraction = matches!(digits.get(count), Some(b'.' | b'e' | b'E'));
        if !(1..=MAX_DIGITS).contains(&count) || leading_zero || fraction {
            return Err(NO_INTEGER);
        }
        let number = if negative {
            0_i64.checked_sub_unsigned(magnitude)
        } else {
            i64::try_from(magnitude).ok()
        };
        let number = number.ok_or(NO_INTEGER)?;
        self.progress.at += usize::from(negative) + count;
        Ok(number)
    }

    fn digits(&mut self) -> Read<()> {
        let rest = self.text.as_bytes().get(self.progress.at..);
        let rest = rest.unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Err(if rest.is_empty() {
                self.text_end()
            } else {
                Refused("no digit in a number")
            });
        }
        self.progress.at += count;
        Ok(())
    }
}
