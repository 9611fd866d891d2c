//! Generates large data from a seed.
//!
//! Each row is a function of the seed and its number, so that other rows can refer
//! to it without a lookup. The rows are generated in batches, and not stored in memory.

mod accounts;
mod applications;
mod chat;
mod companies;
mod error;
mod jobs;
mod plan;
mod random;
mod rows;
mod technicians;
mod texts;
mod totals;
mod words;

use repower_ports::bulk::{BulkLoader, BulkProgress};

use self::{rows::Rows, totals::Totals};

pub use self::{
    error::LoadError,
    plan::{LoadPlan, Volume},
};

/// Generates the data of a plan, and stores it with a loader. Reports the progress
/// of the loader to `progress`.
///
/// # Errors
///
/// [`LoadError::ImpossibleVolume`] before anything is stored, and the errors of
/// the loader.
pub fn load_data(
    plan: &LoadPlan,
    loader: &dyn BulkLoader,
    progress: &mut dyn FnMut(BulkProgress),
) -> Result<(), LoadError> {
    let totals = Totals::of(plan)?;
    Ok(loader.load(&Rows { plan, totals: &totals }, progress)?)
}
