//! Claims about the likeness of records.
