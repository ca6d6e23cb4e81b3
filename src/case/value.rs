//! JSON values and texts as bytes. The first byte says what it is, and often all of it.

use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};
use serde_json::{Map, Number, Value};

use super::bytes::{Cursor, PackError, put_number};
use super::{Interner, words};

/// Below this a byte is a word of the list.
const LONG_WORDS: u8 = 0xc0;
/// Up to here it begins the number of one of the 1,024 words after those.
const LAST_LONG_WORDS: u8 = 0xc3;
/// A day from 1970-01-01 to 2149-06-06, as a number of two bytes.
const DATE: u8 = 0xc4;
const LONG_TEXT: u8 = 0xc5;
/// From here on a text of 0 to 31 bytes.
const SHORT_TEXT: u8 = 0xc6;
const NULL: u8 = 0xe6;
const FALSE: u8 = 0xe7;
const TRUE: u8 = 0xe8;
const WHOLE: u8 = 0xe9;
const NEGATIVE: u8 = 0xea;
const FLOAT: u8 = 0xeb;
const LIST: u8 = 0xec;
const OBJECT: u8 = 0xed;
/// From here on a number from 0 to 17.
const SMALL: u8 = 0xee;

/// How deep lists and objects may stand in one another: as deep as JSON text is read.
const DEEPEST: u8 = 128;

/// So many places are made before there is anything to fill them: a count proves nothing.
const AT_ONCE: usize = 8;

/// A text as it is read.
#[derive(Clone, Copy)]
pub(super) enum Text<'b> {
    Word(&'static Arc<str>),
    Inline(&'b str),
}

impl<'b> Text<'b> {
    pub(super) fn read(cursor: &mut Cursor<'b>) -> Result<Self, PackError> {
        let first = cursor.byte()?;
        Self::after(first, cursor)
    }

    fn after(first: u8, cursor: &mut Cursor<'b>) -> Result<Self, PackError> {
        let length = match first {
            ..LONG_WORDS => return word(first.into()),
            LONG_WORDS..=LAST_LONG_WORDS => {
                let code = u16::from(first - LONG_WORDS) << 8 | u16::from(cursor.byte()?);
                return word(u16::from(LONG_WORDS) + code);
            }
            LONG_TEXT => cursor.count()?,
            SHORT_TEXT..NULL => usize::from(first - SHORT_TEXT),
            _ => return Err(PackError::Malformed("a text")),
        };
        cursor.text_of(length).map(Self::Inline)
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Word(word) => word,
            Self::Inline(text) => text,
        }
    }

    pub(super) fn shared(self, words: &mut Interner) -> Arc<str> {
        match self {
            Self::Word(word) => Arc::clone(word),
            Self::Inline(text) => words.get(text),
        }
    }
}

fn word<'b>(code: u16) -> Result<Text<'b>, PackError> {
    words::word(code).map(Text::Word).ok_or(PackError::Malformed("a word"))
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    if let Some(code) = words::code(text) {
        match u8::try_from(code) {
            Ok(code) if code < LONG_WORDS => out.push(code),
            _ => {
                let [high, low] = (code - u16::from(LONG_WORDS)).to_be_bytes();
                out.extend([LONG_WORDS + high, low]);
            }
        }
        return;
    }
    match u8::try_from(text.len()) {
        Ok(length) if length < NULL - SHORT_TEXT => out.push(SHORT_TEXT + length),
        _ => {
            out.push(LONG_TEXT);
            put_number(out, text.len() as u64);
        }
    }
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Number(number) => put_json_number(out, number),
        Value::String(text) => match day(text) {
            Some(day) => {
                out.push(DATE);
                out.extend(day.to_be_bytes());
            }
            None => put_text(out, text),
        },
        Value::Array(items) => {
            out.push(LIST);
            put_number(out, items.len() as u64);
            for item in items {
                put_value(out, item);
            }
        }
        Value::Object(fields) => {
            out.push(OBJECT);
            put_fields(out, fields);
        }
    }
}

pub(super) fn put_fields<'f, N: AsRef<str>>(
    out: &mut Vec<u8>,
    fields: impl IntoIterator<Item = (N, &'f Value), IntoIter: ExactSizeIterator>,
) {
    let fields = fields.into_iter();
    put_number(out, fields.len() as u64);
    for (name, value) in fields {
        put_text(out, name.as_ref());
        put_value(out, value);
    }
}

fn put_json_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(whole) = number.as_u64() {
        match u8::try_from(whole) {
            Ok(small) if small <= u8::MAX - SMALL => out.push(SMALL + small),
            _ => {
                out.push(WHOLE);
                put_number(out, whole);
            }
        }
    } else if let Some(negative) = number.as_i64() {
        out.push(NEGATIVE);
        put_number(out, (!negative).cast_unsigned());
    } else {
        out.push(FLOAT);
        out.extend(number.as_f64().unwrap_or_default().to_bits().to_be_bytes());
    }
}

/// The days since 1970-01-01 of a text that is exactly such a day.
fn day(text: &str) -> Option<u16> {
    let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else { return None };
    let digits = [y0, y1, y2, y3, m0, m1, d0, d1];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| digits.iter().fold(0_u32, |n, digit| n * 10 + u32::from(digit - b'0'));
    let year = i32::try_from(number(&[y0, y1, y2, y3])).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&[m0, m1]), number(&[d0, d1]))?;
    u16::try_from(date.to_epoch_days()).ok()
}

/// The text of such a day.
fn date(day: u16) -> String {
    let date = NaiveDate::from_epoch_days(day.into()).unwrap_or_default();
    let digit = |number: u32| char::from_digit(number % 10, 10).unwrap_or_default();
    let (year, month, day) = (date.year_ce().1, date.month(), date.day());
    let year = [year / 1_000, year / 100, year / 10, year].map(digit);
    let mut text = String::with_capacity(10);
    text.extend(year);
    for part in [month, day] {
        text.extend(['-', digit(part / 10), digit(part)]);
    }
    text
}

/// A value, `depth` lists and objects down.
pub(super) fn value(cursor: &mut Cursor<'_>, depth: u8) -> Result<Value, PackError> {
    Ok(match cursor.byte()? {
        NULL => Value::Null,
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        small @ SMALL.. => Value::from(small - SMALL),
        WHOLE => Value::from(cursor.number()?),
        NEGATIVE => Value::from(negative(cursor)?),
        FLOAT => Value::Number(float(cursor)?),
        DATE => Value::String(date(u16::from_be_bytes(cursor.array()?))),
        LIST => {
            let (depth, count) = (deeper(depth)?, cursor.count()?);
            let mut items = Vec::with_capacity(count.min(AT_ONCE));
            for _ in 0..count {
                items.push(value(cursor, depth)?);
            }
            Value::Array(items)
        }
        OBJECT => Value::Object(object(cursor, deeper(depth)?)?),
        first => Value::String(Text::after(first, cursor)?.as_str().to_owned()),
    })
}

/// The fields of an object, `depth` lists and objects down.
pub(super) fn object(cursor: &mut Cursor<'_>, depth: u8) -> Result<Map<String, Value>, PackError> {
    let mut fields = Map::new();
    for _ in 0..cursor.count()? {
        let name = Text::read(cursor)?.as_str().to_owned();
        fields.insert(name, value(cursor, depth)?);
    }
    Ok(fields)
}

/// Passes over a value and judges it as [`value`] does, without making it.
fn pass(cursor: &mut Cursor<'_>, depth: u8) -> Result<(), PackError> {
    match cursor.byte()? {
        NULL | FALSE | TRUE | SMALL.. => Ok(()),
        WHOLE => cursor.number().map(drop),
        NEGATIVE => negative(cursor).map(drop),
        FLOAT => float(cursor).map(drop),
        DATE => cursor.take(2).map(drop),
        LIST => {
            let depth = deeper(depth)?;
            (0..cursor.count()?).try_for_each(|_| pass(cursor, depth))
        }
        OBJECT => pass_fields(cursor, deeper(depth)?),
        first => Text::after(first, cursor).map(drop),
    }
}

/// Passes over fields, as [`pass`].
pub(super) fn pass_fields(cursor: &mut Cursor<'_>, depth: u8) -> Result<(), PackError> {
    for _ in 0..cursor.count()? {
        Text::read(cursor)?;
        pass(cursor, depth)?;
    }
    Ok(())
}

const fn deeper(depth: u8) -> Result<u8, PackError> {
    if depth < DEEPEST { Ok(depth + 1) } else { Err(PackError::Malformed("a nesting")) }
}

fn negative(cursor: &mut Cursor<'_>) -> Result<i64, PackError> {
    i64::try_from(cursor.number()?).map(|number| !number).map_err(|_| PackError::Malformed("a number"))
}

fn float(cursor: &mut Cursor<'_>) -> Result<Number, PackError> {
    let float = f64::from_bits(u64::from_be_bytes(cursor.array()?));
    Number::from_f64(float).ok_or(PackError::Malformed("a number"))
}
