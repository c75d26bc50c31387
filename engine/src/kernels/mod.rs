//! The kernels that are the product's own speed.
