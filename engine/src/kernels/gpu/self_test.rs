//! Every operation of the device beside the processor's, on the same made-up numbers.
//!
//! Browsers and drivers have given wrong values for other people's kernels. So nothing that a device computed is shown
//! before a share of this has passed on that very device.

use fastrand::Rng;

use super::Gpu;
use crate::kernels::cpu::Cpu;
use crate::kernels::{AttentionShape, Compute, ComputeError, Replacement, Rotation, Top, sample};
use crate::weights::{Encoding, Matrix};

/// The shape of a model, as far as kernels see it.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Width of the residual stream.
    pub hidden: usize,
    /// Neurons.
    pub ffn: usize,
    /// Heads.
    pub attention: AttentionShape,
    /// Tokens.
    pub vocabulary: usize,
    /// Whether heads are normed.
    pub head_norm: bool,
    /// Whether rotated pairs are neighbours; see [`Rotation::neighbours`].
    pub neighbours: bool,
    /// Forms of the layers' matrices: each combination that a layer has, the first layer's first.
    pub layers: Vec<Forms>,
    /// Forms of the embedding and the output.
    pub tables: Vec<Encoding>,
}

/// The forms of one layer's matrices. Those that are multiplied in one dispatch may differ, and are compared together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forms {
    /// Of queries, keys and values, which read the residual stream.
    pub qkv: [Encoding; 3],
    /// Of the output of attention, which reads the heads.
    pub o: Encoding,
    /// Of gate and up, which read the residual stream.
    pub gate_up: [Encoding; 2],
    /// Of the output of the FFN, which reads the neurons.
    pub down: Encoding,
}

impl Forms {
    /// The same form for all.
    pub const fn all(encoding: Encoding) -> Self {
        Self { qkv: [encoding; 3], o: encoding, gate_up: [encoding; 2], down: encoding }
    }

    /// Whether the rows of matrices of such widths are whole blocks of these forms.
    pub fn fit(&self, hidden: usize, heads: usize, ffn: usize) -> bool {
        let of_stream = self.qkv.iter().chain(&self.gate_up).map(|form| (form, hidden));
        let mut all = of_stream.chain([(&self.o, heads), (&self.down, ffn)]);
        all.all(|(form, width)| form.bytes_for(width).is_some())
    }

    fn names(&self) -> String {
        let Self { qkv: [q, k, v], o, gate_up: [gate, up], down } = self;
        if *self == Self::all(*q) { q.to_string() } else { format!("{q}/{k}/{v}, {o}, {gate}/{up}, {down}") }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Operations compared.
    pub operations: usize,
    /// Numbers compared.
    pub values: usize,
    /// What differed, in words; empty when nothing did.
    pub failures: Vec<String>,
}

/// How far a number may be from the processor's, as a share of the largest: the processor rounds what it multiplies
/// quantized weights with to 16 bits.
const TOLERANCE: f32 = 1e-3;
/// Positions of a pass with several: a whole tile and a part of one.
const SEVERAL: usize = 11;
const EPSILON: f32 = 1e-6;
/// The largest number of a query or key: scores are then as those of a model.
const LARGEST: f32 = 3.0;

/// Tokens of the made-up vocabulary: the rows of a table are independent, and more of them would show nothing more.
const VOCABULARY: usize = 4500;

/// A device that was started and compared with the processor, with what quicker way it has for a model of this shape.
/// `seconds` is a clock. Once `go_on` says no, nothing more is compared: what was found is of no use then.
///
/// # Errors
/// When there is no device, it does not start, or it fails.
pub async fn checked(
    shape: &Shape,
    seconds: impl Fn() -> f64,
    go_on: &dyn Fn() -> bool,
) -> Result<(Gpu, Findings), ComputeError> {
    let mut gpu = Gpu::start().await?;
    if let Some(Forms { qkv: [encoding, ..], .. }) = shape.layers.first() {
        gpu.tune(*encoding, shape.hidden, seconds).await?;
    }
    let few = Shape { vocabulary: shape.vocabulary.min(VOCABULARY), ..shape.clone() };
    let findings = compare(&mut gpu, &few, Care::Share, go_on).await?;
    Ok((gpu, findings))
}

/// How much is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// What a model of this shape needs: each kernel takes a device a while to compile.
    Share,
    /// Also what only somebody who looks or meddles would need.
    All,
}

/// Runs the operations of one layer, and of what is before and behind it, on both devices, as long as `go_on` says so.
///
/// # Errors
/// When the device fails.
pub async fn compare(
    gpu: &mut Gpu,
    shape: &Shape,
    care: Care,
    go_on: &dyn Fn() -> bool,
) -> Result<Findings, ComputeError> {
    let mut test = Test { gpu, cpu: Cpu, random: Rng::with_seed(11), findings: Findings::default() };
    for &encoding in &shape.tables {
        if go_on() {
            test.table(shape, encoding).await?;
        }
    }
    for &forms in &shape.layers {
        if go_on() {
            test.layer(shape, forms, care).await?;
        }
    }
    if go_on() {
        test.attention(shape, care).await?;
    }
    if go_on() {
        test.small(shape, care).await?;
    }
    Ok(test.findings)
}

struct Test<'a> {
    gpu: &'a mut Gpu,
    cpu: Cpu,
    random: Rng,
    findings: Findings,
}

/// Rows on both devices.
struct Both {
    gpu: <Gpu as Compute>::Rows,
    cpu: <Cpu as Compute>::Rows,
}

impl Test<'_> {
    fn rows(&mut self, positions: usize, width: usize) -> Both {
        let values = sample::values(positions * width, &mut self.random);
        Both { gpu: self.gpu.rows(values.clone(), width), cpu: self.cpu.rows(values, width) }
    }

    fn gain(&mut self, len: usize) -> (<Gpu as Compute>::Gain, <Cpu as Compute>::Gain) {
        let values = sample::values(len, &mut self.random);
        (self.gpu.gain(values.clone()), self.cpu.gain(values))
    }

    fn matrix(
        &mut self,
        encoding: Encoding,
        rows: usize,
        columns: usize,
    ) -> Result<(<Gpu as Compute>::Weight, Matrix), ComputeError> {
        let made = sample::matrix(encoding, rows, columns, &mut self.random);
        let matrix = made.map_err(|error| self.gpu.device.failed(&error))?;
        Ok((self.gpu.weight(matrix.clone())?, matrix))
    }

    async fn same(&mut self, what: &str, both: &Both) -> Result<(), ComputeError> {
        let ours = self.gpu.read(&both.gpu).await?;
        let theirs = self.cpu.read(&both.cpu).await?;
        self.compare(what, &ours, &theirs);
        Ok(())
    }

    fn compare(&mut self, what: &str, ours: &[f32], theirs: &[f32]) {
        self.findings.operations += 1;
        self.findings.values += theirs.len();
        let largest = theirs.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let mut differences = ours.iter().zip(theirs).enumerate();
        // Not "greater": a number that is none must be found, too.
        let wrong = differences.find(|(_, (a, b))| {
            let is_close = (*a - *b).abs() <= TOLERANCE * largest;
            !is_close
        });
        if ours.len() != theirs.len() {
            let failure = format!("{what}: {} numbers for {}", ours.len(), theirs.len());
            self.findings.failures.push(failure);
        } else if let Some((at, (ours, theirs))) = wrong {
            self.findings.failures.push(format!("{what}: number {at} is {ours}, the CPU says {theirs}"));
        }
    }

    /// The embedding and the output, in this form.
    async fn table(&mut self, shape: &Shape, encoding: Encoding) -> Result<(), ComputeError> {
        if encoding.bytes_for(shape.hidden).is_none() {
            return Ok(());
        }
        let table = self.matrix(encoding, shape.vocabulary, shape.hidden)?;
        let last = shape.vocabulary - 1;
        let tokens = [0, last as u32, (last / 2) as u32];
        let both = Both { gpu: self.gpu.embed(&table.0, &tokens)?, cpu: self.cpu.embed(&table.1, &tokens)? };
        self.same(&format!("embedding of {encoding}"), &both).await?;
        let gain = self.gain(shape.hidden);
        for positions in [1, SEVERAL] {
            let x = self.rows(positions, shape.hidden);
            let normed = Both {
                gpu: self.gpu.norm(&x.gpu, &gain.0, EPSILON),
                cpu: self.cpu.norm(&x.cpu, &gain.1, EPSILON),
            };
            let [gpu] = self.gpu.linear(&normed.gpu, [&table.0]);
            let [cpu] = self.cpu.linear(&normed.cpu, [&table.1]);
            self.same(&format!("logits of {encoding}, {positions} at once"), &Both { gpu, cpu }).await?;
        }
        Ok(())
    }

    /// Every product of a layer, with weights of these forms.
    async fn layer(&mut self, shape: &Shape, forms: Forms, care: Care) -> Result<(), ComputeError> {
        let AttentionShape { heads, kv_heads, head_dim } = shape.attention;
        let (queries, keys) = (heads * head_dim, kv_heads * head_dim);
        if !forms.fit(shape.hidden, queries, shape.ffn) {
            return Ok(());
        }
        let Forms { qkv: [q, k, v], o, gate_up: [gate, up], down } = forms;
        let q = self.matrix(q, queries, shape.hidden)?;
        let [k, v] = [self.matrix(k, keys, shape.hidden)?, self.matrix(v, keys, shape.hidden)?];
        let o = self.matrix(o, shape.hidden, queries)?;
        let [gate, up] =
            [self.matrix(gate, shape.ffn, shape.hidden)?, self.matrix(up, shape.ffn, shape.hidden)?];
        let down = self.matrix(down, shape.hidden, shape.ffn)?;
        let gain = self.gain(shape.hidden);
        let names = forms.names();
        for positions in [1, SEVERAL] {
            let name = |what: &str| format!("{what} of {names}, {positions} at once");
            let x = self.rows(positions, shape.hidden);
            let normed = Both {
                gpu: self.gpu.norm(&x.gpu, &gain.0, EPSILON),
                cpu: self.cpu.norm(&x.cpu, &gain.1, EPSILON),
            };
            let gpu = self.gpu.linear(&normed.gpu, [&q.0, &k.0, &v.0]);
            let cpu = self.cpu.linear(&normed.cpu, [&q.1, &k.1, &v.1]);
            for (what, (gpu, cpu)) in ["queries", "keys", "values"].into_iter().zip(gpu.into_iter().zip(cpu))
            {
                self.same(&name(what), &Both { gpu, cpu }).await?;
            }
            let z = self.rows(positions, queries);
            let mut sum = Both { gpu: x.gpu.clone(), cpu: x.cpu.clone() };
            self.add_product(&mut sum, &z, &o);
            self.same(&name("sum with the output of attention"), &sum).await?;
            let pair = self.gpu.linear(&normed.gpu, [&gate.0, &up.0]);
            let [cpu_gate, cpu_up] = self.cpu.linear(&normed.cpu, [&gate.1, &up.1]);
            let neurons =
                Both { gpu: self.gpu.gate(&pair[0], &pair[1]), cpu: self.cpu.gate(&cpu_gate, &cpu_up) };
            self.same(&name("neurons"), &neurons).await?;
            let mut sum = x;
            let output = self.add_product(&mut sum, &neurons, &down);
            self.same(&name("sum with the stream"), &sum).await?;
            if care == Care::All {
                // The same product by itself, as a hook sees it.
                self.same(&name("output of the FFN"), &output).await?;
            }
        }
        Ok(())
    }

    /// Adds a product to rows, and gives the product.
    fn add_product(&mut self, sum: &mut Both, x: &Both, weight: &(<Gpu as Compute>::Weight, Matrix)) -> Both {
        let [gpu] = self.gpu.linear(&x.gpu, [&weight.0]);
        let [cpu] = self.cpu.linear(&x.cpu, [&weight.1]);
        self.gpu.add(&mut sum.gpu, &gpu);
        self.cpu.add(&mut sum.cpu, &cpu);
        Both { gpu, cpu }
    }

    /// Heads' norms, rotation, cache and attention, in one pass of several positions and then one by one, beyond the
    /// first keys that a cube looks at together.
    async fn attention(&mut self, shape: &Shape, care: Care) -> Result<(), ComputeError> {
        let AttentionShape { heads, kv_heads, head_dim } = shape.attention;
        let rotation = Rotation {
            head_dim,
            frequencies: (0..head_dim / 2).map(|pair| 1.0 / 10_f32.powi(pair as i32 % 5)).collect(),
            magnitude: 1.0,
            neighbours: shape.neighbours,
        };
        let norms = [self.gain(head_dim), self.gain(head_dim)];
        let mut caches = (self.gpu.cache(shape.attention), self.cpu.cache(shape.attention));
        let mut first = 0;
        for (number, positions) in [SEVERAL, 1, 70, 1, 256, 1].into_iter().enumerate() {
            let name = |what: &str| format!("{what} of {positions} positions behind {first}");
            // Side by side, as the products leave them; then each by itself, as a hook may leave them.
            let widths = [heads * head_dim, kv_heads * head_dim, kv_heads * head_dim];
            let apart = care == Care::All && number % 2 == 1;
            let [mut q, mut k, v] = if apart {
                widths.map(|width| self.rows(positions, width))
            } else {
                self.side_by_side(shape, positions, widths)?
            };
            if shape.head_norm {
                for (rows, gain) in [(&mut q, &norms[0]), (&mut k, &norms[1])] {
                    self.gpu.head_norm(&mut rows.gpu, &gain.0, EPSILON);
                    self.cpu.head_norm(&mut rows.cpu, &gain.1, EPSILON);
                }
            }
            for rows in [&mut q, &mut k] {
                self.gpu.rotate(&mut rows.gpu, &rotation, first);
                self.cpu.rotate(&mut rows.cpu, &rotation, first);
            }
            if care == Care::All && number % 3 == 2 {
                self.same(&name("turned queries"), &q).await?;
                self.same(&name("turned keys"), &k).await?;
            }
            let wants_pattern = number == 0 || (care == Care::All && number == 1);
            let (gpu, gpu_pattern) = self.gpu.attend(&mut caches.0, &q.gpu, &k.gpu, &v.gpu, wants_pattern)?;
            let (cpu, cpu_pattern) = self.cpu.attend(&mut caches.1, &q.cpu, &k.cpu, &v.cpu, wants_pattern)?;
            self.same(&name("attention"), &Both { gpu, cpu }).await?;
            if let (Some(gpu), Some(cpu)) = (gpu_pattern, cpu_pattern) {
                self.same(&name("pattern"), &Both { gpu, cpu }).await?;
            }
            first += positions;
        }
        self.across(&shape.attention, caches).await
    }

    /// What the queries of another stream attend to in these caches.
    async fn across(
        &mut self,
        shape: &AttentionShape,
        mut caches: (<Gpu as Compute>::Cache, <Cpu as Compute>::Cache),
    ) -> Result<(), ComputeError> {
        let width = shape.kv_heads * shape.head_dim;
        let (k, v, q) =
            (self.rows(2, width), self.rows(2, width), self.rows(3, shape.heads * shape.head_dim));
        self.gpu.remember(&mut caches.0, &k.gpu, &v.gpu)?;
        self.cpu.remember(&mut caches.1, &k.cpu, &v.cpu)?;
        let (gpu, gpu_pattern) = self.gpu.attend_across(&caches.0, &q.gpu, true);
        let (cpu, cpu_pattern) = self.cpu.attend_across(&caches.1, &q.cpu, true);
        self.same("attention across streams", &Both { gpu, cpu }).await?;
        if let (Some(gpu), Some(cpu)) = (gpu_pattern, cpu_pattern) {
            self.same("pattern across streams", &Both { gpu, cpu }).await?;
        }
        Ok(())
    }

    /// Queries, keys and values, in one buffer of the device.
    fn side_by_side(
        &mut self,
        shape: &Shape,
        positions: usize,
        widths: [usize; 3],
    ) -> Result<[Both; 3], ComputeError> {
        let fits = |form: &Encoding| form.bytes_for(shape.hidden).is_some();
        let forms = shape.layers.iter().map(|forms| forms.qkv).find(|forms| forms.iter().all(fits));
        let [q, k, v] = forms.unwrap_or([Encoding::F32; 3]);
        let [a, b, c] = widths;
        let weights = [
            self.matrix(q, a, shape.hidden)?,
            self.matrix(k, b, shape.hidden)?,
            self.matrix(v, c, shape.hidden)?,
        ];
        // Made-up weights may be large. With queries and keys as large, the softmax is all or nothing, and turns the
        // last digit of a score into another answer.
        let mut values = sample::values(positions * shape.hidden, &mut self.random);
        let x = self.cpu.rows(values.clone(), shape.hidden);
        let large = self.cpu.linear(&x, [&weights[0].1, &weights[1].1]);
        let large =
            large.iter().flat_map(|rows| rows.values()).fold(1.0_f32, |most, value| most.max(value.abs()));
        values.iter_mut().for_each(|value| *value *= LARGEST / large);
        let x = Both {
            gpu: self.gpu.rows(values.clone(), shape.hidden),
            cpu: self.cpu.rows(values, shape.hidden),
        };
        let [q, k, v] = self.gpu.linear(&x.gpu, [&weights[0].0, &weights[1].0, &weights[2].0]);
        let [cpu_q, cpu_k, cpu_v] = self.cpu.linear(&x.cpu, [&weights[0].1, &weights[1].1, &weights[2].1]);
        Ok([Both { gpu: q, cpu: cpu_q }, Both { gpu: k, cpu: cpu_k }, Both { gpu: v, cpu: cpu_v }])
    }

    /// What stands by itself.
    async fn small(&mut self, shape: &Shape, care: Care) -> Result<(), ComputeError> {
        let logits = self.rows(2, shape.vocabulary);
        for count in [0, 1, 7] {
            let ours = self.gpu.top(&logits.gpu, count).await?;
            let theirs = self.cpu.top(&logits.cpu, count).await?;
            let columns = |tops: &[Top]| -> Vec<f32> {
                tops.iter().flat_map(|top| top.largest.iter().map(|(column, _)| *column as f32)).collect()
            };
            let values = |tops: &[Top]| -> Vec<f32> {
                let of =
                    |top: &Top| top.largest.iter().map(|(_, value)| *value).chain([top.log_sum]).collect();
                tops.iter().flat_map(|top| -> Vec<f32> { of(top) }).collect()
            };
            self.compare("places of the largest logits", &columns(&ours), &columns(&theirs));
            self.compare("the largest logits", &values(&ours), &values(&theirs));
        }
        // What a switched off head or neuron leaves behind.
        let mut off = self.rows(3, shape.hidden);
        for with in [Replacement::Zero, Replacement::Values(vec![1.0, 2.0, 3.0])] {
            self.gpu.replace(&mut off.gpu, 1..3, 2..5, &with);
            self.cpu.replace(&mut off.cpu, 1..3, 2..5, &with);
            self.same("replacement", &off).await?;
        }
        self.gpu.scale(&mut off.gpu, 0.75);
        self.cpu.scale(&mut off.cpu, 0.75);
        self.same("scaling", &off).await?;
        if care == Care::Share {
            return Ok(());
        }
        let gain = self.gain(shape.hidden);
        let x = self.rows(3, shape.hidden);
        let normed = Both {
            gpu: self.gpu.norm(&x.gpu, &gain.0, EPSILON),
            cpu: self.cpu.norm(&x.cpu, &gain.1, EPSILON),
        };
        self.same("norm", &normed).await?;
        let mut sum = self.rows(3, shape.hidden);
        self.gpu.add(&mut sum.gpu, &x.gpu);
        self.cpu.add(&mut sum.cpu, &x.cpu);
        self.same("sum", &sum).await?;
        let gated = Both { gpu: self.gpu.gate(&x.gpu, &sum.gpu), cpu: self.cpu.gate(&x.cpu, &sum.cpu) };
        self.same("gate", &gated).await?;
        let last = Both { gpu: self.gpu.last(&sum.gpu), cpu: self.cpu.last(&sum.cpu) };
        self.same("last row", &last).await?;
        Ok(())
    }
}
