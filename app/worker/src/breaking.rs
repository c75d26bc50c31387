//! What tests break on purpose, in the middle of whatever goes on.

use std::cell::RefCell;
use std::rc::Rc;

/// What destroys a device.
pub type Destroy = Box<dyn Fn()>;

/// The device that can be taken away from the engine in use; a copy speaks of the same one.
#[derive(Clone, Default)]
pub struct Breakable {
    device: Rc<RefCell<Option<Destroy>>>,
}

impl Breakable {
    /// The engine computes on a device from now on that this destroys; `None` on one that cannot be.
    #[cfg_attr(
        not(any(feature = "interpreter", feature = "gpu")),
        expect(dead_code, reason = "the processor cannot be taken away")
    )]
    pub fn set(&self, destroy: Option<Destroy>) {
        self.device.replace(destroy);
    }

    /// Takes the GPU away under the engine's feet.
    pub fn lose_device(&self) {
        if let Some(destroy) = self.device.borrow().as_ref() {
            destroy();
        }
    }
}

/// Crashes the worker.
#[expect(clippy::panic, reason = "crashing is what the browser test asks for")]
pub fn crash() -> ! {
    panic!("a test asked for a crash")
}
