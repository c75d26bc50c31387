//! A loaded model on a device chosen at run time: the one place that names the devices.

use engine::kernels::cpu::Cpu;
#[cfg(feature = "gpu")]
use engine::kernels::gpu::Gpu;

use super::session::Session;

/// A loaded model on some device.
pub enum AnySession {
    /// The processor.
    Cpu(Box<Session<Cpu>>),
    /// The graphics device.
    #[cfg(feature = "gpu")]
    Gpu(Box<Session<Gpu>>),
}

/// Does something with the session inside an [`AnySession`], whatever its device.
macro_rules! with_session {
    ($any:expr, $session:ident => $what:expr) => {
        match $any {
            $crate::language::device::AnySession::Cpu($session) => $what,
            #[cfg(feature = "gpu")]
            $crate::language::device::AnySession::Gpu($session) => $what,
        }
    };
}

pub(super) use with_session;
