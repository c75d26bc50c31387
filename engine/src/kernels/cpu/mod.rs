//! The processor: SIMD through `wide`, natively and in wasm, and AVX2 through `pulp` where there is that.
//!
//! Weights stay in the file's blocks; the activations are brought to 16-bit integers once for all the matrices they
//! meet, and a group of 32 weights is four multiply-and-add instructions on either side's terms.

mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod dot;
mod elementwise;
mod formats;
mod linear;
mod quantized;
mod rows;
mod simd;
mod terms;

use std::ops::Range;

use super::compute::{AttentionShape, Compute, ComputeError, Replacement, Rotation};
use super::{Reach, Terms, Top};
use crate::weights::Matrix;

pub use attention::Cache;
pub use rows::Rows;

/// The processor as a device.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

/// Sets how many threads compute, once, before anything is computed. The thread that calls it is one of them, and is
/// the one to compute from: another would wait for it.
///
/// # Errors
/// When it was set before, or the threads cannot be had; says which.
#[cfg(feature = "threads")]
pub fn set_threads(threads: usize) -> Result<(), String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build_global();
    pool.map_err(|error| error.to_string())
}

impl Compute for Cpu {
    type Rows = Rows;
    type Weight = Matrix;
    type Gain = Vec<f32>;
    type Cache = Cache;

    fn name(&self) -> String {
        #[cfg(feature = "threads")]
        return match rayon::current_num_threads() {
            1 => "CPU, one thread".to_owned(),
            threads => format!("CPU, {threads} threads"),
        };
        #[cfg(not(feature = "threads"))]
        "CPU, one thread".to_owned()
    }

    fn weight(&mut self, matrix: Matrix) -> Result<Matrix, ComputeError> {
        Ok(matrix)
    }

    fn gain(&mut self, values: Vec<f32>) -> Vec<f32> {
        values
    }

    fn cache(&mut self, shape: AttentionShape) -> Cache {
        Cache::new(shape)
    }

    fn cached(&self, cache: &Cache) -> usize {
        cache.positions()
    }

    fn truncate(&mut self, cache: &mut Cache, keep: usize) {
        cache.truncate(keep);
    }

    fn rows(&mut self, values: Vec<f32>, width: usize) -> Rows {
        Rows::new(values, width)
    }

    fn embed(&mut self, table: &Matrix, tokens: &[u32]) -> Result<Rows, ComputeError> {
        let width = table.columns();
        let mut values = vec![0.0; tokens.len() * width];
        for (&token, row) in tokens.iter().zip(values.chunks_exact_mut(width.max(1))) {
            if table.dequantize_row(token as usize, row).is_err() {
                return Err(ComputeError::NoSuchToken { token, vocabulary: table.rows() });
            }
        }
        Ok(Rows::new(values, width))
    }

    fn norm(&mut self, x: &Rows, gain: &Vec<f32>, epsilon: f32) -> Rows {
        let mut normed = x.clone();
        elementwise::norm(normed.values_mut(), gain, epsilon);
        normed
    }

    fn head_norm(&mut self, x: &mut Rows, gain: &Vec<f32>, epsilon: f32) {
        elementwise::norm(x.values_mut(), gain, epsilon);
    }

    fn rotate(&mut self, x: &mut Rows, rotation: &Rotation, first: usize) {
        elementwise::rotate(x, rotation, first);
    }

    fn linear<const N: usize>(&mut self, x: &Rows, weights: [&Matrix; N]) -> [Rows; N] {
        let input = linear::Input::new(x, &weights);
        weights.map(|matrix| linear::linear(&input, matrix))
    }

    fn attend(
        &mut self,
        cache: &mut Cache,
        q: &Rows,
        k: &Rows,
        v: &Rows,
        pattern: bool,
    ) -> Result<(Rows, Option<Rows>), ComputeError> {
        cache.append(k, v)?;
        let mut softmax = pattern.then(Vec::new);
        let z = cache.attend(q, Reach::Causal, softmax.as_mut());
        Ok((z, softmax.map(|softmax| Rows::new(softmax, cache.positions()))))
    }

    fn remember(&mut self, cache: &mut Cache, k: &Rows, v: &Rows) -> Result<(), ComputeError> {
        cache.append(k, v)
    }

    fn attend_across(&mut self, cache: &Cache, q: &Rows, pattern: bool) -> (Rows, Option<Rows>) {
        let mut softmax = pattern.then(Vec::new);
        let z = cache.attend(q, Reach::Across, softmax.as_mut());
        (z, softmax.map(|softmax| Rows::new(softmax, cache.positions())))
    }

    fn gate(&mut self, gate: &Rows, up: &Rows) -> Rows {
        let mut gated = gate.clone();
        elementwise::gate(gated.values_mut(), up.values());
        gated
    }

    fn add(&mut self, x: &mut Rows, y: &Rows) {
        for (x, y) in x.values_mut().iter_mut().zip(y.values()) {
            *x += y;
        }
    }

    fn replace(&mut self, x: &mut Rows, rows: Range<usize>, columns: Range<usize>, with: &Replacement) {
        let width = x.width().max(1);
        let (first, count) = (rows.start, rows.len());
        for row in x.values_mut().chunks_exact_mut(width).skip(first).take(count) {
            let Some(row) = row.get_mut(columns.clone()) else { continue };
            match with {
                Replacement::Zero => row.fill(0.0),
                Replacement::Values(values) => {
                    for (x, value) in row.iter_mut().zip(values) {
                        *x = *value;
                    }
                }
            }
        }
    }

    fn scale(&mut self, x: &mut Rows, by: f32) {
        x.values_mut().iter_mut().for_each(|value| *value *= by);
    }

    fn last(&mut self, x: &Rows) -> Rows {
        let last = x.positions().saturating_sub(1);
        Rows::new(x.row(last).to_vec(), x.width())
    }

    async fn read_gain(&mut self, gain: &Vec<f32>) -> Result<Vec<f32>, ComputeError> {
        Ok(gain.clone())
    }

    async fn terms(&mut self, x: &[f32], weight: &Matrix, output: usize) -> Result<Terms, ComputeError> {
        let missing = || ComputeError::NoSuchToken { token: output as u32, vocabulary: weight.rows() };
        terms::terms(weight, output, x).ok_or_else(missing)
    }

    async fn read(&mut self, x: &Rows) -> Result<Vec<f32>, ComputeError> {
        Ok(x.values().to_vec())
    }

    async fn top(&mut self, x: &Rows, count: usize) -> Result<Vec<Top>, ComputeError> {
        Ok((0..x.positions()).map(|row| Top::of(x.row(row), count)).collect())
    }
}
