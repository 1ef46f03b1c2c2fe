//! The values of one period, taken together (clause 4.5.19). Numbers are taken as they are, booleans as one and
//! zero, arrays by their number of items; texts and instants only have a smallest and a largest; everything
//! else can only be counted.

use super::aggregate::AggregationMethod;
use crate::model::{AttributeInstance, AttributeValue};
use serde_json::Value;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// What a database says of many numbers at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberSummary {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Sum of squares.
    pub sum_of_squares: f64,
    /// Sum of squared distances from their mean.
    pub squared_distances: f64,
    /// How many different ones, where that was asked for.
    pub distinct: u64,
}

/// Values of one period.
#[derive(Debug, Clone, Default)]
pub struct Accumulator {
    total: u64,
    /// Hashes of the values, where they are to be told apart.
    distinct: Option<HashSet<u64>>,
    /// Different values that a database has counted.
    counted: u64,
    numbers: Option<NumberSummary>,
    texts: Option<(String, String)>,
}

impl Accumulator {
    /// An empty one; `distinct` when different values are to be counted.
    pub fn new(distinct: bool) -> Self {
        Self {
            distinct: distinct.then(HashSet::new),
            ..Self::default()
        }
    }

    /// Adds the value of an instance.
    pub fn add(&mut self, instance: &AttributeInstance) {
        match &instance.value {
            AttributeValue::Property(value) => return self.add_value(value),
            AttributeValue::ListProperty(items) => {
                self.add_number(length(items.len()));
                self.note(items);
            }
            AttributeValue::Relationship(targets) | AttributeValue::ListRelationship(targets) => {
                self.note(targets);
            }
            AttributeValue::VocabProperty(terms) => self.note(terms),
            AttributeValue::LanguageProperty(map) => self.note(&Value::Object(map.clone()).to_string()),
            AttributeValue::JsonProperty(value) => self.note(&value.to_string()),
            AttributeValue::GeoProperty(geometry) => self.note(&geometry.json().to_string()),
        }
        self.total += 1;
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::Number(number) => {
                if let Some(number) = number.as_f64() {
                    self.add_number(number);
                    self.note(&number.to_bits());
                }
            }
            Value::Bool(flag) => {
                self.add_number(f64::from(u8::from(*flag)));
                self.note(flag);
            }
            Value::Array(items) => {
                self.add_number(length(items.len()));
                self.note(&value.to_string());
            }
            Value::String(text) => self.add_text(text),
            // A typed value such as {"@type": "DateTime", "@value": "…"}.
            Value::Object(map) => match map.get("@value").and_then(Value::as_str) {
                Some(text) => self.add_text(text),
                None => self.note(&value.to_string()),
            },
            Value::Null => return,
        }
        self.total += 1;
    }

    fn add_text(&mut self, text: &str) {
        match &mut self.texts {
            None => self.texts = Some((text.to_owned(), text.to_owned())),
            Some((min, max)) => {
                if text < min.as_str() {
                    text.clone_into(min);
                }
                if text > max.as_str() {
                    text.clone_into(max);
                }
            }
        }
        self.note(text);
    }

    /// Adds a number that is among those already added, so that it is no different value.
    pub fn add_same_number(&mut self, number: f64) {
        self.add_number(number);
        self.total += 1;
    }

    /// Adds many numbers at once. Numbers added later count as different from these unless
    /// [`Accumulator::add_same_number`] says otherwise.
    pub fn add_summary(&mut self, summary: NumberSummary) {
        self.total += summary.count;
        self.counted += summary.distinct;
        self.merge(summary);
    }

    fn add_number(&mut self, number: f64) {
        self.merge(NumberSummary {
            count: 1,
            sum: number,
            min: number,
            max: number,
            sum_of_squares: number * number,
            squared_distances: 0.0,
            distinct: 0,
        });
    }

    fn merge(&mut self, other: NumberSummary) {
        let Some(mine) = &mut self.numbers else {
            self.numbers = Some(other);
            return;
        };
        let (n, m) = (count(mine.count), count(other.count));
        let gap = other.sum / m - mine.sum / n;
        *mine = NumberSummary {
            count: mine.count + other.count,
            sum: mine.sum + other.sum,
            min: mine.min.min(other.min),
            max: mine.max.max(other.max),
            sum_of_squares: mine.sum_of_squares + other.sum_of_squares,
            squared_distances: mine.squared_distances + other.squared_distances + gap * gap * n * m / (n + m),
            distinct: 0,
        };
    }

    fn note(&mut self, value: &(impl Hash + ?Sized)) {
        if let Some(distinct) = &mut self.distinct {
            let mut hasher = DefaultHasher::new();
            value.hash(&mut hasher);
            distinct.insert(hasher.finish());
        }
    }

    /// How many values it tells apart, for those who bound memory.
    pub fn distinct_len(&self) -> usize {
        self.distinct.as_ref().map_or(0, HashSet::len)
    }

    /// Whether no value was added.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The result of a method; `None` where it says nothing about such values.
    pub fn result(&self, method: AggregationMethod) -> Option<Value> {
        let number = |pick: fn(&NumberSummary) -> f64| {
            let value = pick(self.numbers.as_ref()?);
            // Sums may leave the range of a double; JSON has no word for that.
            serde_json::Number::from_f64(value).map(Value::Number)
        };
        match method {
            AggregationMethod::TotalCount => Some(self.total.into()),
            AggregationMethod::DistinctCount => self
                .distinct
                .as_ref()
                .map(|d| (d.len() as u64 + self.counted).into()),
            AggregationMethod::Sum => number(|n| n.sum),
            AggregationMethod::Avg => number(|n| n.sum / count(n.count)),
            AggregationMethod::Min => number(|n| n.min).or_else(|| self.text(|(min, _)| min)),
            AggregationMethod::Max => number(|n| n.max).or_else(|| self.text(|(_, max)| max)),
            AggregationMethod::Stddev => number(|n| (n.squared_distances.max(0.0) / count(n.count)).sqrt()),
            AggregationMethod::Sumsq => number(|n| n.sum_of_squares),
        }
    }

    fn text(&self, pick: fn(&(String, String)) -> &String) -> Option<Value> {
        self.texts.as_ref().map(|both| pick(both).as_str().into())
    }
}

#[allow(clippy::cast_precision_loss, reason = "a count of values, far below 2^53")]
fn count(n: u64) -> f64 {
    n as f64
}

fn length(n: usize) -> f64 {
    count(n as u64)
}
