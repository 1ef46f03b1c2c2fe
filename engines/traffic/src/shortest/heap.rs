//! A priority queue for label-setting searches.

/// A four-ary heap of nodes by label, smallest first. A node may stand in it more than once; who takes it out
/// compares its key with the node's label.
#[derive(Clone, Debug, Default)]
pub struct Heap {
    entries: Vec<(u64, u32)>,
}

impl Heap {
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds a node; `label` must not be negative, for then its bits order like the number itself.
    #[inline]
    pub fn push(&mut self, label: f64, node: u32) {
        let entry = (label.to_bits(), node);
        let mut at = self.entries.len();
        self.entries.push(entry);
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.entries[parent].0 <= entry.0 {
                break;
            }
            self.entries[at] = self.entries[parent];
            at = parent;
        }
        self.entries[at] = entry;
    }

    /// The node with the smallest label.
    #[inline]
    pub fn pop(&mut self) -> Option<(f64, u32)> {
        let last = self.entries.pop()?;
        let Some(&top) = self.entries.first() else {
            return Some((f64::from_bits(last.0), last.1));
        };
        let count = self.entries.len();
        let mut at = 0;
        loop {
            let first = 4 * at + 1;
            if first >= count {
                break;
            }
            let mut child = first;
            for other in first + 1..(first + 4).min(count) {
                if self.entries[other].0 < self.entries[child].0 {
                    child = other;
                }
            }
            if self.entries[child].0 >= last.0 {
                break;
            }
            self.entries[at] = self.entries[child];
            at = child;
        }
        self.entries[at] = last;
        Some((f64::from_bits(top.0), top.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn labels_come_out_in_order(labels in prop::collection::vec(0.0f64..1e9, 0..200)) {
            let mut heap = Heap::default();
            for (node, &label) in labels.iter().enumerate() {
                heap.push(label, node as u32);
            }
            let out: Vec<f64> = std::iter::from_fn(|| heap.pop()).map(|e| e.0).collect();
            let mut sorted = labels;
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(out, sorted);
        }
    }
}
