//! Where the dense engine computes.

use burn::tensor::Device;

use crate::interpreter::engine::EngineError;

/// A burn device with its name.
#[derive(Clone)]
pub struct DenseDevice {
    device: Device,
    kind: &'static str,
    name: String,
    #[cfg(feature = "gpu")]
    setup: Option<burn::tensor::wgpu::WgpuSetup>,
}

impl DenseDevice {
    /// burn's CPU back end.
    pub fn cpu() -> Self {
        Self {
            device: Device::flex(),
            kind: "CPU",
            name: "CPU, dense (burn flex)".into(),
            #[cfg(feature = "gpu")]
            setup: None,
        }
    }

    /// WebGPU in the browser; Vulkan, Metal or DirectX natively.
    ///
    /// # Errors
    /// When there is no adapter, or it gives no device.
    #[cfg(feature = "gpu")]
    pub async fn gpu() -> Result<Self, EngineError> {
        let options = Device::wgpu_options();
        let (device, setup) = options
            .init_with_setup_async()
            .await
            .map_err(|error| EngineError::DeviceMissing { device: "WebGPU", reason: error.to_string() })?;
        let name = setup.adapter.get_info().name;
        let name = if name.is_empty() { "adapter without a name".into() } else { name };
        Ok(Self { device, kind: "WebGPU", name: format!("WebGPU, dense ({name})"), setup: Some(setup) })
    }

    /// Destroys the GPU device under the engine's feet, to test what happens then. The CPU stays.
    pub fn destroy(&self) {
        #[cfg(feature = "gpu")]
        if let Some(setup) = &self.setup {
            setup.device.destroy();
        }
    }

    /// What computes, in words.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn burn(&self) -> &Device {
        &self.device
    }

    /// The error of a device that stopped answering.
    pub(super) fn lost(&self, reason: &impl std::fmt::Debug) -> EngineError {
        EngineError::DeviceLost { device: self.kind, reason: format!("{reason:?}") }
    }
}
