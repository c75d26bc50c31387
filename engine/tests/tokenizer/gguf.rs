//! The tokenizer in the metadata of a GGUF file, and nothing else of it.

use engine::tokenizer::{GgufVocabulary, Tokenizer};
use std::collections::HashMap;

/// One value; numbers of every width are widened.
enum Value {
    Number(u64),
    Text(String),
    List(Vec<Value>),
}

/// The tokenizer of a file, of which the first megabytes suffice.
pub fn tokenizer(file: &[u8]) -> Result<Tokenizer, String> {
    let mut reader = Reader { rest: file };
    if reader.take(4)? != b"GGUF" || reader.number(4)? != 3 {
        return Err("this is no GGUF file of version 3".to_owned());
    }
    let _tensors = reader.number(8)?;
    let mut metadata = HashMap::new();
    for _ in 0..reader.number(8)? {
        let key = reader.text()?;
        let kind = reader.number(4)?;
        metadata.insert(key, reader.value(kind)?);
    }
    let mut take = |key: &str| metadata.remove(&format!("tokenizer.{key}"));
    let vocabulary = GgufVocabulary {
        model: take("ggml.model").and_then(text).unwrap_or_default(),
        pre: take("ggml.pre").and_then(text),
        tokens: take("ggml.tokens").map(|value| list(value, text)).unwrap_or_default(),
        merges: take("ggml.merges").map(|value| list(value, text)).unwrap_or_default(),
        token_types: take("ggml.token_type").map(|value| list(value, number)).unwrap_or_default(),
        bos: take("ggml.bos_token_id").and_then(number),
        eos: take("ggml.eos_token_id").and_then(number),
        eot: take("ggml.eot_token_id").and_then(number),
        add_bos: take("ggml.add_bos_token").and_then(number).map(|flag: u32| flag != 0),
        add_eos: take("ggml.add_eos_token").and_then(number).map(|flag: u32| flag != 0),
        chat_template: take("chat_template").and_then(text),
    };
    Tokenizer::from_gguf(vocabulary).map_err(|error| error.to_string())
}

fn text(value: Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn number<T: TryFrom<u64>>(value: Value) -> Option<T> {
    if let Value::Number(number) = value { number.try_into().ok() } else { None }
}

fn list<T>(value: Value, item: impl Fn(Value) -> Option<T>) -> Vec<T> {
    if let Value::List(values) = value { values.into_iter().filter_map(item).collect() } else { vec![] }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("the metadata is cut off")?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, width: usize) -> Result<u64, String> {
        Ok(self.take(width)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn text(&mut self) -> Result<String, String> {
        let length = usize::try_from(self.number(8)?).map_err(|error| error.to_string())?;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|error| error.to_string())
    }

    fn value(&mut self, kind: u64) -> Result<Value, String> {
        Ok(match kind {
            0 | 1 | 7 => Value::Number(self.number(1)?),
            2 | 3 => Value::Number(self.number(2)?),
            4..=6 => Value::Number(self.number(4)?),
            8 => Value::Text(self.text()?),
            9 => {
                let kind = self.number(4)?;
                let count = self.number(8)?;
                Value::List((0..count).map(|_| self.value(kind)).collect::<Result<_, _>>()?)
            }
            10..=12 => Value::Number(self.number(8)?),
            other => return Err(format!("no type {other}")),
        })
    }
}
