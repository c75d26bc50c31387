//! One output of a product, taken apart.

/// The terms of `Σ weight · input`.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// The weights, one row of the matrix, `[inputs]`.
    pub weights: Vec<f32>,
    /// What each input comes to, `[inputs]`: weight times input, after what the device does to the inputs.
    pub products: Vec<f64>,
    /// What that is.
    pub inputs: Inputs,
}

/// What a device does to inputs before it multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// Nothing.
    Floats,
    /// It rounds them to 16-bit integers, with a scale for each group of 32.
    Integers,
}

impl Terms {
    /// Of floats times floats.
    pub fn of_floats(weights: Vec<f32>, x: &[f32]) -> Self {
        let products = weights.iter().zip(x).map(|(weight, x)| f64::from(*weight) * f64::from(*x)).collect();
        Self { weights, products, inputs: Inputs::Floats }
    }

    /// The output.
    pub fn sum(&self) -> f64 {
        self.products.iter().sum()
    }
}
