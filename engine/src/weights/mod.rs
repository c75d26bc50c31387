//! Trained weights, as files hold them.
