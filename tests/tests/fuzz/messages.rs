//! Messages made at random from their descriptors, now and then damaged.

use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

use crate::values::{Dice, number, text};

/// Deepest nesting; no message of the contract needs more.
const DEPTH_MAX: u32 = 5;

/// Makes messages, the same ones for the same seed.
pub(crate) struct Maker {
    dice: Dice,
}

impl Maker {
    pub(crate) fn new(seed: &str) -> Self {
        Self { dice: Dice::new(seed) }
    }

    /// The bytes of a message; one in ten is damaged.
    pub(crate) fn bytes(&mut self, descriptor: &MessageDescriptor) -> Vec<u8> {
        let mut bytes = self.message(descriptor, 0).encode_to_vec();
        if self.dice.one_in(10) {
            for _ in 0..=self.dice.below(3) {
                let at = self.dice.below(bytes.len() as u64 + 1) as usize;
                match self.dice.below(3) {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at, self.dice.below(256) as u8),
                    _ if at < bytes.len() => bytes[at] ^= 1 << self.dice.below(8),
                    _ => {}
                }
            }
        }
        bytes
    }

    fn message(&mut self, descriptor: &MessageDescriptor, depth: u32) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            // Most fields are set, so that calls come far; the deeper, the fewer.
            let is_set = !self.dice.one_in(3) && depth <= DEPTH_MAX;
            if !is_set {
                continue;
            }
            let value = if field.is_map() {
                let entry = self.value(&field, depth);
                Value::Map([(MapKey::String(self.text(field.name())), entry)].into())
            } else if field.is_list() {
                let count = if self.dice.one_in(20) { 120 } else { self.dice.below(4) };
                Value::List((0..count).map(|_| self.value(&field, depth)).collect())
            } else {
                self.value(&field, depth)
            };
            // A map's entry has a type of its own; what does not fit is left out.
            let _ = message.try_set_field(&field, value);
        }
        message
    }

    fn value(&mut self, field: &FieldDescriptor, depth: u32) -> Value {
        match field.kind() {
            Kind::Message(inner) => Value::Message(self.message(&inner, depth + 1)),
            Kind::Enum(inner) => {
                let known = inner.values().count() as u64;
                let strange = self.dice.one_in(8);
                let chosen = inner.values().nth(self.dice.below(known) as usize);
                let numbered = chosen.map_or(0, |value| value.number());
                Value::EnumNumber(if strange { number(&mut self.dice) as i32 } else { numbered })
            }
            Kind::String => Value::String(self.text(field.name())),
            Kind::Bytes => Value::Bytes(self.text(field.name()).into_bytes().into()),
            Kind::Bool => Value::Bool(self.dice.one_in(2)),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number(&mut self.dice) as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number(&mut self.dice)),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(number(&mut self.dice) as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number(&mut self.dice) as u64),
            Kind::Float => Value::F32(number(&mut self.dice) as f32),
            Kind::Double => Value::F64(number(&mut self.dice) as f64),
        }
    }

    fn text(&mut self, field: &str) -> String {
        text(&mut self.dice, field)
    }
}
