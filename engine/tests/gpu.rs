//! Every operation of a graphics device beside the processor's, on whatever device this machine has.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use engine::kernels::AttentionShape;
use engine::kernels::gpu::Gpu;
use engine::kernels::gpu::self_test::{Care, Forms, Shape, compare};
use engine::weights::Encoding;
use pollster::block_on;

#[test]
fn operations_are_the_processors() {
    let mut gpu = match block_on(Gpu::start()) {
        Ok(gpu) => gpu,
        Err(error) => return println!("not run: {error}"),
    };
    let layers: Vec<Forms> = Encoding::ALL.map(Forms::all).to_vec();
    // As files of "medium" quantization mix them.
    let mixed = Forms {
        qkv: [Encoding::Q4K, Encoding::Q4K, Encoding::Q6K],
        o: Encoding::Q5K,
        gate_up: [Encoding::Q4_0, Encoding::Q8_0],
        down: Encoding::Q6K,
    };
    let shapes = [
        Shape {
            hidden: 256,
            ffn: 512,
            attention: AttentionShape { heads: 4, kv_heads: 2, head_dim: 64 },
            vocabulary: 5000,
            head_norm: true,
            neighbours: false,
            layers: layers.iter().copied().chain([mixed]).collect(),
            tables: Encoding::ALL.to_vec(),
        },
        Shape {
            hidden: 36,
            ffn: 50,
            attention: AttentionShape { heads: 3, kv_heads: 1, head_dim: 20 },
            vocabulary: 100,
            head_norm: false,
            neighbours: true,
            layers,
            tables: Encoding::ALL.to_vec(),
        },
        // Llama from safetensors.
        Shape {
            hidden: 64,
            ffn: 96,
            attention: AttentionShape { heads: 2, kv_heads: 1, head_dim: 32 },
            vocabulary: 100,
            head_norm: false,
            neighbours: false,
            layers: vec![Forms::all(Encoding::Q8_0)],
            tables: Vec::new(),
        },
    ];
    let clock = std::time::Instant::now();
    block_on(gpu.tune(Encoding::Q8_0, 256, || clock.elapsed().as_secs_f64())).unwrap();
    for (shape, threads) in shapes.into_iter().zip([8, 1, 8]) {
        gpu.share_rows(threads);
        let findings = block_on(compare(&mut gpu, &shape, Care::All, &|| true)).unwrap();
        println!("{} operations, {} values", findings.operations, findings.values);
        assert!(findings.failures.is_empty(), "{:#?}", findings.failures);
    }
}
