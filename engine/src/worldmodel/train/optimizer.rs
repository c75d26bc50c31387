//! The optimizer: Muon for the matrices, AdamW for embeddings, gains and gates.
//!
//! Muon (Jordan, 2024) makes each step of a matrix as large in all directions; with the step's size matched to AdamW's
//! (Liu et al., 2025) both go by rates of the same order.

use burn::module::ParamGroup;
use burn::optim::{AdamWConfig, AdjustLrFn, ModuleOptimizer, MuonConfig, decay::WeightDecayConfig};

/// Paths of what is no matrix of a layer, or is one whose rows are looked up.
const OTHERS: [&str; 4] = ["embedding", "operands", "norm", "cross_gate"];

/// A new one, without a memory.
pub fn optimizer(decay: f32) -> ModuleOptimizer {
    let muon = MuonConfig::new()
        .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW)
        .with_weight_decay(Some(WeightDecayConfig { penalty: decay }))
        .build();
    let adam = AdamWConfig::new().with_beta_2(0.98).with_weight_decay(0.0).build();
    ModuleOptimizer::from(muon).with_group(others(), adam, None)
}

/// The parameters that AdamW takes care of.
pub fn others() -> ParamGroup {
    ParamGroup::from_any_predicates(OTHERS.map(str::to_owned).to_vec())
}
