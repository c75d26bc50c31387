//! The last step of shrinking. Proptest shrinks what the program was generated from and so keeps loops and
//! what came with an operation; here single instructions go.

use engine::interpreter::classic::isa::{Instruction, Op};
use engine::interpreter::classic::program::{OpenLoops, Program};

use super::Case;

/// Leaves out instructions as long as the rest still fails.
pub fn instruction_by_instruction(mut case: Case, fails: impl Fn(&Case) -> bool) -> Case {
    loop {
        let instructions = case.program.instructions();
        let smaller = (0..instructions.len())
            .filter_map(|at| Program::new(without(instructions, at), OpenLoops::Refuse).ok())
            .map(|program| Case { program, ..case.clone() })
            .find(|smaller| fails(smaller));
        match smaller {
            Some(smaller) => case = smaller,
            None => return case,
        }
    }
}

/// The instructions without one of them; a loop goes with its end, and its branches are tried on the next.
fn without(instructions: &[Instruction], at: usize) -> Vec<Instruction> {
    let mut rest = instructions.to_vec();
    if rest.remove(at).op == Op::Loop {
        let mut depth = 0_usize;
        let end = rest.iter().skip(at).position(|instruction| match instruction.op {
            Op::EndLoop if depth == 0 => true,
            Op::EndLoop => {
                depth -= 1;
                false
            }
            Op::Loop => {
                depth += 1;
                false
            }
            _ => false,
        });
        if let Some(end) = end {
            rest.remove(at + end);
        }
    }
    rest
}
