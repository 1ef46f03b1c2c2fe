//! Candidates one after the other, by ascending number, read as they are needed.

use std::collections::VecDeque;

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, params};

use super::plan::{Plan, Source};

/// Numbers read at once from one range.
const READ: usize = 500;

pub(super) struct Candidates<'p> {
    tenant: &'p TenantId,
    from: From<'p>,
}

enum From<'p> {
    List(&'p [i64]),
    Ranges(Vec<Range>),
}

/// Entities of one shape, or all.
struct Range {
    shape: Option<i64>,
    /// The last number read.
    after: i64,
    read: VecDeque<i64>,
    done: bool,
}

impl<'p> Candidates<'p> {
    pub(super) fn new(tenant: &'p TenantId, plan: &'p Plan) -> Self {
        let from = match &plan.source {
            Source::Numbers(list) => From::List(list),
            Source::Shapes(shapes) => From::Ranges(shapes.iter().map(|s| Range::new(Some(*s))).collect()),
            Source::Everything => From::Ranges(vec![Range::new(None)]),
        };
        Self { tenant, from }
    }

    /// How many there are.
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
            out.push(number);
        }
        Ok(out)
    }
}

impl Range {
    fn new(shape: Option<i64>) -> Self {
        Self {
            shape,
            after: i64::MIN,
            read: VecDeque::new(),
            done: false,
        }
    }

    fn peek(&mut self, tx: &mut Tx<'_>, tenant: &TenantId, want: usize) -> Result<Option<i64>, StoreError> {
        if self.read.is_empty() && !self.done {
            let limit = i64::try_from(want.max(1)).unwrap_or(i64::MAX);
            let rows = match self.shape {
                Some(shape) => tx.query(
                    "SELECT number FROM entity WHERE tenant = $1 AND shape = $2 AND number > $3
                     ORDER BY number LIMIT $4",
                    params![tenant, shape, self.after, limit],
                )?,
                None => tx.query(
                    "SELECT number FROM entity WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT $3",
                    params![tenant, self.after, limit],
                )?,
            };
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
        let offset = i64::try_from(count - 1).unwrap_or(i64::MAX);
        let row = match self.shape {
            Some(shape) => tx.query_opt(
                "SELECT number FROM entity WHERE tenant = $1 AND shape = $2 ORDER BY number LIMIT 1 OFFSET $3",
                params![tenant, shape, offset],
            )?,
            None => tx.query_opt(
                "SELECT number FROM entity WHERE tenant = $1 ORDER BY number LIMIT 1 OFFSET $2",
                params![tenant, offset],
            )?,
        };
        match row {
            Some(row) => self.after = row.get(0)?,
            None => self.done = true,
        }
        Ok(())
    }

    fn count(&self, tx: &mut Tx<'_>, tenant: &TenantId) -> Result<usize, StoreError> {
        let row = match self.shape {
            Some(shape) => tx.query_one(
                "SELECT COUNT(*) FROM entity WHERE tenant = $1 AND shape = $2",
                params![tenant, shape],
            )?,
            None => tx.query_one("SELECT COUNT(*) FROM entity WHERE tenant = $1", params![tenant])?,
        };
        let count: i64 = row.get(0)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }
}
