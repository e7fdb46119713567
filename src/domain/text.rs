//! Vietnamese text: comparison keys, folding for search.
