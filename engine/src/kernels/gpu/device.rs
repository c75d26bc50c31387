//! The graphics device: its start, its memory, what it is told and what it says.

use std::cell::Cell;

use cubecl::ir::{ElemType, FloatKind};
use cubecl::prelude::{BufferArg, Client};
use cubecl::server::Handle;
use cubecl::std::tensor::TensorHandle;
use cubecl::wgpu::{AutoGraphicsApi, RuntimeOptions, WgpuDevice, WgpuSetup};

use crate::kernels::ComputeError;

/// Bytes of a value.
const WORD: usize = size_of::<f32>();

/// A graphics device that has been started.
pub struct Device {
    client: Client,
    setup: WgpuSetup,
    name: String,
    dispatches: usize,
    buffers: Cell<usize>,
    /// Stands for what a kernel takes and does not read. Each has a place of its own: a buffer must not be bound
    /// twice where it may be written.
    nothing: [Buffer; 6],
}

/// Some 32-bit values in the device's memory; a copy is the same memory.
#[derive(Clone)]
pub struct Buffer {
    handle: Handle,
    values: usize,
    number: usize,
}

impl Buffer {
    /// Whether this is the same memory.
    pub const fn is(&self, other: &Self) -> bool {
        self.number == other.number
    }

    /// Values in it.
    pub const fn count(&self) -> usize {
        self.values
    }

    /// What a kernel is given.
    pub fn arg(&self) -> BufferArg {
        let float = ElemType::Float(FloatKind::F32);
        TensorHandle::new_contiguous([self.values], self.handle.clone(), float).into_arg().into_buffer_arg()
    }
}

impl Device {
    /// Starts the best device there is: WebGPU in a browser, else Vulkan, Metal or DirectX.
    ///
    /// # Errors
    /// When there is none, or it does not start.
    pub async fn start() -> Result<Self, ComputeError> {
        let device = WgpuDevice::default();
        let failed = |error: &dyn std::fmt::Display| ComputeError::Device {
            device: "the graphics device".to_owned(),
            reason: error.to_string(),
        };
        let options = RuntimeOptions::try_default().map_err(|error| failed(&error))?;
        let setup = cubecl::wgpu::try_init_setup_async::<AutoGraphicsApi>(&device, options)
            .await
            .map_err(|error| failed(&error))?;
        let client = cubecl::Device::Wgpu(device).client();
        let adapter = setup.adapter.get_info().name;
        let name = if adapter.is_empty() { "WebGPU".to_owned() } else { format!("WebGPU ({adapter})") };
        let nothing =
            std::array::from_fn(|number| Buffer { handle: client.empty(16 * WORD), values: 16, number });
        let buffers = Cell::new(nothing.len());
        Ok(Self { client, setup, name, dispatches: 0, buffers, nothing })
    }

    /// Its name, in words a person reads.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The error of this device.
    pub fn failed(&self, reason: &dyn std::fmt::Display) -> ComputeError {
        ComputeError::Device { device: self.name.clone(), reason: reason.to_string() }
    }

    /// What destroys it, to test what happens then.
    pub fn destroyer(&self) -> impl Fn() + use<> {
        let device = self.setup.device.clone();
        move || device.destroy()
    }

    /// Bytes that a buffer may have.
    pub fn largest_buffer(&self) -> u64 {
        let limits = self.setup.device.limits();
        limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
    }

    /// The client that launches kernels; each launch is one dispatch more.
    pub fn launch(&mut self) -> &Client {
        self.dispatches += 1;
        &self.client
    }

    /// Dispatches so far.
    pub const fn dispatches(&self) -> usize {
        self.dispatches
    }

    /// Buffers for what a kernel takes and does not read.
    pub const fn nothing(&self) -> &[Buffer; 6] {
        &self.nothing
    }

    /// Words in the device's memory.
    pub fn words(&self, words: &[u32]) -> Buffer {
        self.buffer(self.client.create_from_slice(bytemuck::cast_slice(words)), words.len())
    }

    /// Floats in the device's memory.
    pub fn floats(&self, values: &[f32]) -> Buffer {
        self.buffer(self.client.create_from_slice(bytemuck::cast_slice(values)), values.len())
    }

    /// Memory for so many values; it holds anything.
    pub fn empty(&self, values: usize) -> Buffer {
        self.buffer(self.client.empty(values.max(1) * WORD), values.max(1))
    }

    fn buffer(&self, handle: Handle, values: usize) -> Buffer {
        self.buffers.set(self.buffers.get() + 1);
        Buffer { handle, values, number: self.buffers.get() }
    }

    /// Hands over what was launched, and does not wait for it.
    pub fn flush(&self) {
        // What went wrong is said when something is read.
        drop(self.client.flush());
    }

    /// What is in a buffer, once everything launched before is done.
    ///
    /// # Errors
    /// When the device failed or was lost, at any time since the last read.
    pub async fn read(&self, buffer: &Buffer) -> Result<Vec<f32>, ComputeError> {
        let read = self.client.read_async(vec![buffer.handle.clone()]).await;
        let bytes = read.map_err(|error| self.failed(&error))?;
        let bytes = bytes.into_iter().next().ok_or_else(|| self.failed(&"it gave nothing back"))?;
        let words = bytes.chunks_exact(WORD).take(buffer.values);
        Ok(words.filter_map(|word| word.try_into().ok().map(f32::from_le_bytes)).collect())
    }
}
