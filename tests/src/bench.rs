//! What the benchmarks of the registry share: rows to import, baselines beside them, and one table of figures.

pub mod baseline;
pub mod h2load;
pub mod load;
pub mod million;
pub mod pages;
pub mod rows;
pub mod table;
