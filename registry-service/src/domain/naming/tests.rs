//! Claims about folded names.
