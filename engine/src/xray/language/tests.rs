//! Every kind of number of small random models.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use pollster::block_on;

use super::*;
use crate::kernels::Replacement;
use crate::kernels::cpu::Cpu;
use crate::qwen::decoder::Logits;
use crate::qwen::hooks::{Hook, Recorder};
use crate::qwen::interventions::{Intervention, Interventions, Part};
use crate::qwen::rope::Scaling;
use crate::qwen::{Architecture, Config, Decoder, Model, random};
use crate::weights::{Encoding, Matrix};
use crate::xray::{Adder, Explanation, HeadPart, NEURONS_NAMED, NeuronPart, Norm, Site, Source, Stage};

const TOKENS: [u32; 7] = [5, 9, 100, 3, 17, 9, 41];

/// A Qwen3 with grouped heads and tied embeddings.
fn qwen3() -> Config {
    Config {
        architecture: Architecture::Qwen3,
        layers: 3,
        hidden: 64,
        heads: 4,
        kv_heads: 2,
        head_dim: 32,
        ffn: 96,
        vocabulary: 120,
        context: 64,
        epsilon: 1e-6,
        rope_base: 1e4,
        scaling: Scaling::None,
        tied: Some(true),
        neighbours: false,
    }
}

/// A Llama as GGUF has it: rotated pairs are neighbours; with an output matrix of its own.
fn llama() -> Config {
    Config {
        architecture: Architecture::Llama,
        heads: 6,
        kv_heads: 2,
        head_dim: 16,
        tied: Some(false),
        neighbours: true,
        epsilon: 1e-5,
        ..qwen3()
    }
}

/// A random model, whose gains are random as well.
fn model(config: Config, encoding: Encoding) -> Model<Cpu> {
    let mut model = random::model(&mut Cpu, config, encoding).unwrap();
    let mut rng = Rng::with_seed(7);
    let mut stir = |gain: &mut Vec<f32>| gain.fill_with(|| 0.5 + rng.f32());
    for layer in &mut model.layers {
        stir(&mut layer.attention_norm);
        stir(&mut layer.ffn_norm);
        if let Some((q, k)) = &mut layer.head_norms {
            stir(q);
            stir(k);
        }
    }
    stir(&mut model.norm);
    model
}

fn decoder(config: Config, encoding: Encoding) -> Decoder<Cpu> {
    Decoder::new(Cpu, Arc::new(model(config, encoding)), usize::MAX)
}

fn record(decoder: &mut Decoder<Cpu>, interventions: Interventions) -> Run {
    block_on(Run::record(decoder, TOKENS.to_vec(), interventions, async |_, _| true)).unwrap()
}

fn name(token: u32) -> String {
    format!("t{token}")
}

fn open(run: &mut Run, decoder: &mut Decoder<Cpu>, site: Site) -> Explanation {
    let explanation = block_on(run.explain(decoder, &name, site)).unwrap();
    assert_eq!(explanation.site, site);
    assert!(!explanation.label.is_empty() && !explanation.rule.is_empty());
    explanation
}

/// Opens numbers of every kind, and their inputs, and says how many there were.
fn open_all(run: &mut Run, decoder: &mut Decoder<Cpu>, each: usize) -> usize {
    let mut rng = Rng::with_seed(11);
    let config = decoder.model().config.clone();
    let mut opened = 0;
    for kind in 0..KINDS {
        for _ in 0..each {
            let Some(site) = any(kind, &config, TOKENS.len(), |below| rng.usize(0..below)) else { continue };
            let explanation = open(run, decoder, site);
            assert!(explanation.agrees(), "{explanation:?}");
            let is_source = matches!(site, Site::Embed { .. }) || explanation.rule.starts_with("replaced");
            assert_eq!(explanation.inputs.is_empty(), is_source, "{explanation:?}");
            for input in &explanation.inputs {
                let of_input = open(run, decoder, input.site);
                assert_eq!(of_input.value, input.value, "{} as an input of {site}", input.site);
                assert_eq!(of_input.label, input.label);
            }
            opened += 1;
        }
    }
    opened
}

#[test]
fn every_kind_of_number_comes_from_its_inputs_and_these_are_what_they_are_themselves() {
    for encoding in [Encoding::F32, Encoding::Q8_0, Encoding::Q4_0] {
        let mut of_qwen3 = decoder(qwen3(), encoding);
        let mut run = record(&mut of_qwen3, Interventions::default());
        assert_eq!(open_all(&mut run, &mut of_qwen3, 3), 3 * KINDS);
        let mut of_llama = decoder(llama(), encoding);
        let mut run = record(&mut of_llama, Interventions::default());
        assert_eq!(open_all(&mut run, &mut of_llama, 3), 3 * (KINDS - 4));
    }
}

#[test]
fn numbers_of_an_intervened_run_come_from_what_was_put_in_place() {
    let mut decoder = decoder(qwen3(), Encoding::Q8_0);
    let mean: Vec<f32> = (0..32).map(|at| at as f32 / 32.0).collect();
    let off = |layer, part, position, with| Intervention { layer, part, position, with };
    let interventions = vec![
        off(0, Part::Head(1), None, Replacement::Zero),
        off(1, Part::Head(2), None, Replacement::Values(mean.clone())),
        off(1, Part::Neuron(5), Some(6), Replacement::Zero),
        off(2, Part::Neuron(95), None, Replacement::Values(vec![0.75])),
        off(1, Part::Dimension(7), None, Replacement::Values(vec![-2.5])),
    ];
    let interventions = Interventions::new(interventions, 32);
    let mut plain = record(&mut decoder, Interventions::default());
    let mut run = record(&mut decoder, interventions);
    assert_eq!(open_all(&mut run, &mut decoder, 4), 4 * KINDS);
    let z = |layer, head, component| Site::Head { layer, part: HeadPart::Z, position: 3, head, component };
    let neuron = |layer, neuron| Site::Neuron { layer, part: NeuronPart::Post, position: 6, neuron };
    let stream = Site::Resid { layer: 1, stage: Stage::Post, position: 2, dim: 7 };
    for (site, value, rule) in [
        (z(0, 1, 9), 0.0, "replaced by zero"),
        (z(1, 2, 9), mean[9], "replaced: somebody put another value in its place"),
        (neuron(1, 5), 0.0, "replaced by zero"),
        (stream, -2.5, "replaced: somebody put another value in its place"),
        (neuron(2, 95), 0.75, "replaced: somebody put another value in its place"),
    ] {
        let explanation = open(&mut run, &mut decoder, site);
        assert_eq!((explanation.value, explanation.recomputed), (value, value));
        assert_eq!(explanation.rule, rule);
        assert!(explanation.inputs.is_empty());
    }
    // A head switched off adds nothing; what follows is another number than without.
    let result = Site::Head { layer: 0, part: HeadPart::Result, position: 3, head: 1, component: 2 };
    assert_eq!(open(&mut run, &mut decoder, result).value, 0.0);
    let logit = Site::Logit { position: 6, token: 8 };
    let [with, without] = [&mut run, &mut plain].map(|run| open(run, &mut decoder, logit).value);
    assert!((with - without).abs() > 1e-3);
}

#[test]
fn a_logit_is_followed_back_to_an_embedding() {
    for config in [qwen3(), llama()] {
        let mut decoder = decoder(config, Encoding::F32);
        let mut run = record(&mut decoder, Interventions::default());
        for seed in 0..20 {
            let mut rng = Rng::with_seed(seed);
            let mut site = Site::Logit { position: 6, token: 8 };
            let mut steps = 0;
            while !matches!(site, Site::Embed { .. }) {
                let explanation = open(&mut run, &mut decoder, site);
                assert!(explanation.agrees(), "{explanation:?}");
                site = explanation.inputs[rng.usize(0..explanation.inputs.len())].site;
                steps += 1;
                assert!(steps < 60, "nothing goes round in circles");
            }
            let embedding = open(&mut run, &mut decoder, site);
            let Site::Embed { position, dim } = site else { unreachable!() };
            let mut row = vec![0.0; 64];
            decoder.model().embedding.dequantize_row(TOKENS[position] as usize, &mut row).unwrap();
            assert_eq!((embedding.value, embedding.recomputed), (row[dim], row[dim]));
        }
    }
}

#[test]
fn the_numbers_are_those_of_the_decoder() {
    let mut decoder = decoder(qwen3(), Encoding::Q8_0);
    let before = decoder.forward(&TOKENS[..3], Logits::None, &mut ()).unwrap();
    assert!(before.is_none());
    let mut run = record(&mut decoder, Interventions::default());
    let site = Site::Pattern { layer: 2, head: 3, query: 5, key: 2 };
    let pattern = open(&mut run, &mut decoder, site).value;
    assert_eq!(decoder.seen(), 3, "what the decoder has taken in stays");
    decoder.truncate(0);
    let mut recorder = Recorder::<Cpu>::whole(0..3);
    let logits = decoder.forward(&TOKENS, Logits::All, &mut recorder).unwrap().unwrap();
    for layer in 0..3 {
        let recorded = block_on(run.layer(&mut decoder, layer)).unwrap();
        for hook in Hook::ALL {
            assert_eq!(recorded.rows[&hook], recorder.rows[&(layer, hook)].values(), "{hook:?} of {layer}");
        }
    }
    let theirs = recorder.patterns[&2].row(3 * TOKENS.len() + 5)[2];
    assert!((pattern - theirs).abs() < 1e-6, "{pattern}, {theirs}");
    for position in 0..TOKENS.len() {
        let ours = open(&mut run, &mut decoder, Site::Logit { position, token: 33 }).value;
        assert!((ours - logits.row(position)[33]).abs() < 1e-5);
    }
}

#[test]
fn of_long_texts_fewer_streams_are_kept_and_the_numbers_are_the_same() {
    let mut decoder = decoder(qwen3(), Encoding::F32);
    let mut whole = record(&mut decoder, Interventions::default());
    let tokens = TOKENS.to_vec();
    let one = 7 * 64 * 4;
    let each = async |_, _| true;
    let few = Run::within(2 * one, &mut decoder, tokens, Interventions::default(), each);
    let mut few = block_on(few).unwrap();
    let mut rng = Rng::with_seed(3);
    for kind in 0..KINDS {
        let site = any(kind, &qwen3(), TOKENS.len(), |below| rng.usize(0..below)).unwrap();
        assert_eq!(open(&mut few, &mut decoder, site), open(&mut whole, &mut decoder, site));
    }
}

#[test]
fn a_weight_that_is_not_the_runs_is_noticed() {
    let mut right = decoder(qwen3(), Encoding::F32);
    let mut run = record(&mut right, Interventions::default());
    let at = |part, head| Site::Head { layer: 1, part, position: 4, head, component: 3 };
    let mlp_out = Site::Added { layer: 1, by: Adder::Mlp, position: 4, dim: 3 };
    let normed = Site::Normalized { norm: Norm::Mlp { layer: 1 }, position: 4, dim: 3 };
    let sites = [at(HeadPart::V, 1), mlp_out, normed, Site::Embed { position: 4, dim: 3 }];
    for site in sites {
        assert!(open(&mut run, &mut right, site).agrees());
    }
    let mut altered = model(qwen3(), Encoding::F32);
    let alter = |matrix: &mut Matrix, row: usize| {
        let (rows, columns) = (matrix.rows(), matrix.columns());
        let mut values = vec![0.0; rows * columns];
        for (row, values) in values.chunks_exact_mut(columns).enumerate() {
            matrix.dequantize_row(row, values).unwrap();
        }
        values[row * columns + 3] += 0.5;
        *matrix = Matrix::from_f32(rows, columns, Encoding::F32, &values).unwrap();
    };
    alter(&mut altered.layers[1].v, 32 + 3);
    alter(&mut altered.layers[1].down, 3);
    alter(&mut altered.embedding, TOKENS[4] as usize);
    altered.layers[1].ffn_norm[3] += 0.5;
    let mut wrong = Decoder::new(Cpu, Arc::new(altered), usize::MAX);
    for site in sites {
        let explanation = open(&mut run, &mut wrong, site);
        assert!(!explanation.agrees(), "{explanation:?}");
    }
    // Another row of the same matrix is as it was.
    assert!(open(&mut run, &mut wrong, at(HeadPart::V, 0)).agrees());
}

#[test]
fn a_number_that_the_run_did_not_compute_is_noticed() {
    let mut decoder = decoder(qwen3(), Encoding::Q8_0);
    let mut run = record(&mut decoder, Interventions::default());
    let head = |part| Site::Head { layer: 1, part, position: 4, head: 1, component: 3 };
    let neuron = |part| Site::Neuron { layer: 1, part, position: 4, neuron: 3 };
    let resid = |stage| Site::Resid { layer: 1, stage, position: 4, dim: 3 };
    let sites = BTreeMap::from([
        (Hook::ResidPre, resid(Stage::Pre)),
        (Hook::AttnNormed, Site::Normalized { norm: Norm::Attention { layer: 1 }, position: 4, dim: 3 }),
        (Hook::ProjectedQ, head(HeadPart::Q)),
        (Hook::ProjectedK, head(HeadPart::K)),
        (Hook::NormedQ, head(HeadPart::NormedQ)),
        (Hook::NormedK, head(HeadPart::NormedK)),
        (Hook::Q, head(HeadPart::RotQ)),
        (Hook::K, head(HeadPart::RotK)),
        (Hook::V, head(HeadPart::V)),
        (Hook::Z, head(HeadPart::Z)),
        (Hook::AttnOut, Site::Added { layer: 1, by: Adder::Attention, position: 4, dim: 3 }),
        (Hook::ResidMid, resid(Stage::Mid)),
        (Hook::MlpNormed, Site::Normalized { norm: Norm::Mlp { layer: 1 }, position: 4, dim: 3 }),
        (Hook::Pre, neuron(NeuronPart::Pre)),
        (Hook::PreLinear, neuron(NeuronPart::PreLinear)),
        (Hook::Post, neuron(NeuronPart::Post)),
        (Hook::MlpOut, Site::Added { layer: 1, by: Adder::Mlp, position: 4, dim: 3 }),
        (Hook::ResidPost, resid(Stage::Post)),
    ]);
    let right = block_on(run.layer(&mut decoder, 1)).unwrap();
    for hook in Hook::ALL {
        let site = sites[&hook];
        assert!(open(&mut run, &mut decoder, site).agrees());
        let mut wrong = (*right).clone();
        let rows = wrong.rows.get_mut(&hook).unwrap();
        let width = rows.len() / TOKENS.len();
        // Head 1 begins where the first ends.
        let column = if matches!(site, Site::Head { .. }) { 32 + 3 } else { 3 };
        rows[4 * width + column] += 0.01;
        run.keep(1, Arc::new(wrong));
        let explanation = open(&mut run, &mut decoder, site);
        assert!(!explanation.agrees(), "{hook:?}: {explanation:?}");
        run.keep(1, Arc::clone(&right));
    }
}

#[test]
fn numbers_that_are_not_there_are_refused_by_name() {
    let mut qwen = decoder(qwen3(), Encoding::F32);
    let mut llama = decoder(llama(), Encoding::F32);
    let mut run = record(&mut qwen, Interventions::default());
    let mut of_llama = record(&mut llama, Interventions::default());
    let mut refused = |site: &str, why: &str| {
        let site = site.parse().unwrap();
        let error = match why.contains("norms no") {
            true => block_on(of_llama.explain(&mut llama, &name, site)),
            false => block_on(run.explain(&mut qwen, &name, site)),
        };
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&site.to_string()) && error.contains(why), "{error}");
    };
    refused("hook_embed[7, 0]", "7 tokens in the text");
    refused("hook_embed[6, 64]", "64 dimensions");
    refused("hook_pos_embed[0, 0]", "turn queries and keys");
    refused("blocks.3.hook_resid_pre[0, 0]", "3 layers");
    refused("blocks.3.ln1.hook_scale[0]", "3 layers");
    refused("blocks.0.attn.hook_q[0, 4, 0]", "4 heads");
    refused("blocks.0.attn.hook_v[0, 2, 0]", "2 key/value heads");
    refused("blocks.0.attn.hook_z[0, 0, 32]", "32 components");
    refused("blocks.0.attn.hook_result[0, 0, 64]", "64 components");
    refused("blocks.0.attn.hook_pattern[0, 2, 3]", "behind its own position");
    refused("blocks.0.mlp.hook_post[0, 96]", "96 neurons");
    refused("hook_logits[0, 120]", "120 tokens");
    refused("blocks.0.attn.q_norm.hook_scale[0, 0]", "norms no queries");
    refused("blocks.0.attn.k_norm.hook_normalized[0, 0, 0]", "norms no queries");
}

#[test]
fn recording_is_stopped_and_refuses_what_the_decoder_cannot_read() {
    let mut decoder = decoder(qwen3(), Encoding::F32);
    let mut told = Vec::new();
    let each = async |done, of| {
        told.push((done, of));
        done < 2
    };
    let stopped = block_on(Run::record(&mut decoder, TOKENS.to_vec(), Interventions::default(), each));
    assert_eq!(stopped.err(), Some(RunError::Stopped));
    assert_eq!(told, [(1, 3), (2, 3)]);
    for tokens in [vec![1; 65], vec![120]] {
        let refused =
            block_on(Run::record(&mut decoder, tokens, Interventions::default(), async |_, _| true));
        assert!(matches!(refused.err(), Some(RunError::Decoder(_))));
    }
}

#[test]
fn the_parts_of_a_logit_sum_to_it_with_or_without_interventions() {
    let mut decoder = decoder(qwen3(), Encoding::F32);
    let put = Intervention {
        layer: 1,
        part: Part::Dimension(7),
        position: None,
        with: Replacement::Values(vec![-2.5]),
    };
    let off = Intervention { layer: 0, part: Part::Head(1), position: None, with: Replacement::Zero };
    for list in [vec![], vec![put, off]] {
        let has_any = !list.is_empty();
        let mut run = record(&mut decoder, Interventions::new(list, 32));
        for (position, token) in [(0, 3), (6, 8)] {
            let found =
                block_on(run.attribution(&mut decoder, (position, token), async |_, _| true)).unwrap();
            let sum: f32 = found.parts.iter().map(|(_, amount)| amount).sum();
            assert!((sum - found.logit).abs() < 1e-3, "{sum} for {}", found.logit);
            let replaced = found.parts.iter().any(|(source, _)| *source == Source::Replaced { layer: 1 });
            assert_eq!(replaced, has_any);
            let off = found.parts.iter().find(|(source, _)| *source == Source::Head { layer: 0, head: 1 });
            assert_eq!(off.unwrap().1 == 0.0, has_any);
        }
        assert!(block_on(run.attribution(&mut decoder, (0, u32::MAX), async |_, _| true)).is_err());
    }
}

#[test]
fn the_parts_of_a_dimension_sum_to_it_and_its_neurons_are_those_that_can_be_opened() {
    let mut decoder = decoder(qwen3(), Encoding::F32);
    let put = Intervention {
        layer: 1,
        part: Part::Dimension(7),
        position: None,
        with: Replacement::Values(vec![-2.5]),
    };
    for list in [vec![], vec![put]] {
        let has_any = !list.is_empty();
        let mut run = record(&mut decoder, Interventions::new(list, 32));
        for (position, layer, dim) in [(0, 0, 7), (6, 1, 7), (6, 2, 7), (3, 2, 0)] {
            let found =
                block_on(run.written(&mut decoder, (position, layer, dim), async |_, _| true)).unwrap();
            let sum: f32 = found.parts.iter().map(|(_, amount)| amount).sum();
            assert!((sum - found.value).abs() < 1e-4, "{sum} for {}", found.value);
            let replaced = found.parts.iter().find(|(source, _)| *source == Source::Replaced { layer: 1 });
            assert_eq!(replaced.is_some_and(|(_, amount)| *amount != 0.0), has_any && layer > 0 && dim == 7);
            let named = found.parts.iter().filter(|(source, _)| matches!(source, Source::Neuron { .. }));
            assert_eq!(named.clone().count(), NEURONS_NAMED);
            for (source, amount) in named {
                let Source::Neuron { layer, neuron } = *source else { unreachable!() };
                let site = Site::Added { layer, by: Adder::Mlp, position, dim };
                let opened = open(&mut run, &mut decoder, site);
                let product = opened.inputs.iter().find_map(|input| match input.site {
                    Site::Neuron { neuron: of, .. } if of == neuron => Some(input.value * input.weight),
                    _ => None,
                });
                assert!((product.unwrap_or_default() - amount).abs() < 1e-5);
            }
        }
        let outside = run.written(&mut decoder, (0, 0, 64), async |_, _| true);
        assert!(matches!(block_on(outside), Err(RunError::NoSuchNumber { .. })));
    }
}

#[test]
fn the_strongest_neurons_are_the_largest_of_all_that_can_be_opened() {
    let mut decoder = decoder(qwen3(), Encoding::F32);
    let mut run = record(&mut decoder, Interventions::default());
    let peaks = block_on(run.peaks(&mut decoder, 3, async |_, _| true)).unwrap();
    let neurons = decoder.model().config.ffn;
    let product = |run: &mut Run, decoder: &mut Decoder<Cpu>, layer, position, neuron| {
        open(run, decoder, Site::Neuron { layer, part: NeuronPart::Post, position, neuron }).value
    };
    for (layer, peaks) in peaks.iter().enumerate() {
        let mut all = Vec::new();
        for neuron in 0..neurons {
            let each = (0..TOKENS.len())
                .map(|position| product(&mut run, &mut decoder, layer, position, neuron).abs());
            all.push(each.fold(0.0, f32::max));
        }
        all.sort_by(|a, b| b.total_cmp(a));
        let found: Vec<f32> = peaks.iter().map(|peak| peak.product.abs()).collect();
        assert_eq!(found, all[..3]);
        for peak in peaks {
            assert_eq!(product(&mut run, &mut decoder, layer, peak.position, peak.neuron), peak.product);
        }
    }
    let stopped = block_on(run.peaks(&mut decoder, 3, async |layer, _| layer < 2));
    assert_eq!(stopped, Err(RunError::Stopped));
}

#[test]
fn thumbnails_and_lenses_are_those_of_the_numbers_that_can_be_opened() {
    let mut decoder = decoder(qwen3(), Encoding::F32);
    let mut run = record(&mut decoder, Interventions::default());
    let survey = block_on(run.survey(&mut decoder, async |_, _| true)).unwrap();
    let count = TOKENS.len();
    assert_eq!((survey.side, survey.thumbnails.len()), (count, decoder.model().config.layers));
    for (layer, head, query, key) in [(0, 0, 3, 1), (1, 2, 6, 6), (2, 1, 0, 0)] {
        let site = Site::Pattern { layer, head, query, key };
        let share = open(&mut run, &mut decoder, site).value;
        let shown = survey.thumbnails[layer][head][query * count + key];
        assert!((f32::from(shown) / 255.0 - share).abs() <= 0.5 / 255.0 + 1e-6);
    }
    let map = block_on(run.lens_map(&mut decoder, Some(8), async |_, _| true)).unwrap();
    assert_eq!(map.likeliest.len(), decoder.model().config.layers + 1);
    let last = map.likeliest.last().unwrap();
    let logits: Vec<f32> =
        (0..40).map(|token| open(&mut run, &mut decoder, Site::Logit { position: 6, token }).value).collect();
    let (token, probability) = last[6];
    assert!(logits.iter().all(|logit| *logit
        <= open(&mut run, &mut decoder, Site::Logit { position: 6, token: token as usize }).value));
    assert!(map.followed.last().unwrap()[6] <= probability);
    let stopped = block_on(run.survey(&mut decoder, async |layer, _| layer < 2));
    assert_eq!(stopped, Err(RunError::Stopped));
}
