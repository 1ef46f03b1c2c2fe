//! Candidates one after the other, by ascending number, read as they are needed.

use std::collections::VecDeque;

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, Value, params};

use super::plan::{Plan, Source};
use crate::store::values::{self, Key};

/// Numbers read at once from one range.
const READ: usize = 500;

pub(super) struct Candidates<'p> {
    tenant: &'p TenantId,
    from: From<'p>,
    /// The last one given: an entity may be in several ranges of values.
    last: i64,
}

enum From<'p> {
    List(&'p [i64]),
    Ranges(Vec<Range>),
}

/// What the numbers of a range have in common.
enum Of {
    Everything,
    Shape(i64),
    /// Index rows of one value.
    Value(Key),
}

struct Range {
    of: Of,
    /// The last number read.
    after: i64,
    read: VecDeque<i64>,
    done: bool,
}

impl<'p> Candidates<'p> {
    pub(super) fn new(tenant: &'p TenantId, plan: &'p Plan) -> Self {
        let from = match &plan.source {
            Source::Numbers(list) => From::List(list),
            Source::Shapes(shapes) => {
                From::Ranges(shapes.iter().map(|shape| Range::new(Of::Shape(*shape))).collect())
            }
            Source::Values(keys) => From::Ranges(
                keys.iter()
                    .map(|key| Range::new(Of::Value(key.clone())))
                    .collect(),
            ),
            Source::Everything => From::Ranges(vec![Range::new(Of::Everything)]),
        };
        Self {
            tenant,
            from,
            last: i64::MIN,
        }
    }

    /// How many there are. Not for ranges of values, which may share entities.
    pub(super) fn count(&self, tx: &mut Tx<'_>) -> Result<usize, StoreError> {
        match &self.from {
            From::List(list) => Ok(list.len()),
            From::Ranges(ranges) => {
                let mut sum = 0;
                for range in ranges {
                    sum += range.count(tx, self.tenant)?;
                }
                Ok(sum)
            }
        }
    }

    /// Leaves out the next `count`.
    pub(super) fn skip(&mut self, tx: &mut Tx<'_>, count: usize) -> Result<(), StoreError> {
        if let From::Ranges(ranges) = &mut self.from
            && let [only] = ranges.as_mut_slice()
        {
            return only.skip(tx, self.tenant, count);
        }
        let mut left = count;
        while left > 0 {
            let skipped = self.next(tx, left.min(READ))?.len();
            if skipped == 0 {
                return Ok(());
            }
            left -= skipped;
        }
        Ok(())
    }

    /// The next `count`; fewer only when there are no more.
    pub(super) fn next(&mut self, tx: &mut Tx<'_>, count: usize) -> Result<Vec<i64>, StoreError> {
        let ranges = match &mut self.from {
            From::List(list) => {
                let (now, later) = list.split_at(count.min(list.len()));
                *list = later;
                return Ok(now.to_vec());
            }
            From::Ranges(ranges) => ranges,
        };
        let mut out = Vec::new();
        while out.len() < count {
            let want = (count - out.len()).min(READ);
            let mut first: Option<(usize, i64)> = None;
            for (index, range) in ranges.iter_mut().enumerate() {
                if let Some(number) = range.peek(tx, self.tenant, want)?
                    && first.is_none_or(|(_, least)| number < least)
                {
                    first = Some((index, number));
                }
            }
            let Some((index, number)) = first else {
                break;
            };
            ranges[index].read.pop_front();
            if number != self.last {
                self.last = number;
                out.push(number);
            }
        }
        Ok(out)
    }
}

impl Range {
    fn new(of: Of) -> Self {
        Self {
            of,
            after: i64::MIN,
            read: VecDeque::new(),
            done: false,
        }
    }

    /// Table, condition and its values, the tenant first.
    fn narrowed(&self, tenant: &TenantId) -> (&'static str, &'static str, Vec<Value>) {
        match &self.of {
            Of::Everything => ("entity", "", params![tenant].to_vec()),
            Of::Shape(shape) => ("entity", " AND shape = $2", params![tenant, *shape].to_vec()),
            Of::Value(key) => {
                let (table, attribute, value) = values::row_of(key);
                let condition = " AND attribute = $2 AND value = $3";
                (table, condition, vec![tenant.into(), attribute.into(), value])
            }
        }
    }

    fn peek(&mut self, tx: &mut Tx<'_>, tenant: &TenantId, want: usize) -> Result<Option<i64>, StoreError> {
        if self.read.is_empty() && !self.done {
            let (table, condition, mut values) = self.narrowed(tenant);
            let n = values.len();
            let limit = i64::try_from(want.max(1)).unwrap_or(i64::MAX);
            values.extend([self.after.into(), limit.into()]);
            let sql = format!(
                "SELECT number FROM {table} WHERE tenant = $1{condition} AND number > ${} ORDER BY number LIMIT ${}",
                n + 1,
                n + 2
            );
            let rows = tx.query(&sql, &values)?;
            for row in &rows {
                self.read.push_back(row.get(0)?);
            }
            self.after = self.read.back().copied().unwrap_or(self.after);
            self.done = rows.len() < want.max(1);
        }
        Ok(self.read.front().copied())
    }

    /// Where it is the only one, the database counts.
    fn skip(&mut self, tx: &mut Tx<'_>, tenant: &TenantId, count: usize) -> Result<(), StoreError> {
        if count == 0 {
            return Ok(());
        }
        let (table, condition, mut values) = self.narrowed(tenant);
        values.push(i64::try_from(count - 1).unwrap_or(i64::MAX).into());
        let sql = format!(
            "SELECT number FROM {table} WHERE tenant = $1{condition} ORDER BY number LIMIT 1 OFFSET ${}",
            values.len()
        );
        match tx.query_opt(&sql, &values)? {
            Some(row) => self.after = row.get(0)?,
            None => self.done = true,
        }
        Ok(())
    }

    fn count(&self, tx: &mut Tx<'_>, tenant: &TenantId) -> Result<usize, StoreError> {
        let (table, condition, values) = self.narrowed(tenant);
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE tenant = $1{condition}");
        let count: i64 = tx.query_one(&sql, &values)?.get(0)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }
}
