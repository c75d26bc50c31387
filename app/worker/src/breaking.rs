//! What tests break on purpose, in the middle of whatever goes on.

use std::cell::RefCell;
use std::rc::Rc;

use engine::interpreter::dense::DenseDevice;

/// The device that can be taken away from the engine in use; a copy speaks of the same one.
#[derive(Clone, Default)]
pub struct Breakable {
    device: Rc<RefCell<Option<DenseDevice>>>,
}

impl Breakable {
    /// The engine computes on this device from now on.
    pub fn set(&self, device: Option<&DenseDevice>) {
        self.device.replace(device.cloned());
    }

    /// Takes the GPU away under the engine's feet.
    pub fn lose_device(&self) {
        if let Some(device) = self.device.borrow().as_ref() {
            device.destroy();
        }
    }
}

/// Crashes the worker.
#[expect(clippy::panic, reason = "crashing is what the browser test asks for")]
pub fn crash() -> ! {
    panic!("a test asked for a crash")
}
