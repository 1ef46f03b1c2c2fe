//! Types and rules of roadworks: pure, without store or clock.

mod act_type;
mod chain;
pub mod company;
mod days;
mod group;
pub mod headline;
pub mod measure;
mod moment;
mod number;
mod period;
mod record;
mod remark;
mod resolve;
mod slips;
mod status;
#[cfg(test)]
mod tests;
pub mod wording;
mod worksite;

pub use act_type::{ActType, Kind};
pub use days::Before;
pub use group::{Group, group, slug_of_street};
pub use moment::Moment;
pub use number::ActNumber;
pub use record::{BusNote, MeasureRecord, Notice, Ordinance, Protocol, Reference, Relation};
pub use remark::{Remark, RemarkKind};
pub use resolve::resolve;
pub use slips::{slips_of_act, slips_of_notice};
pub use status::{OPEN_END_DAYS, Occupation, Status};
pub use worksite::{
    ChainStep, Companies, EndWords, Measure, NoticeLink, Period, Place, Precision, Spot, StartBasis, Worksite,
};
