//! The chats of the two families whose files sometimes lack a template.
//!
//! Both write ChatML: `<|im_start|>ROLE⏎…<|im_end|>⏎`. What each does beyond that is a fact of the template in
//! its published `tokenizer_config.json`, against which the tests compare.

use super::{ChatOptions, Family, Message, Role};

/// What SmolLM2 was trained to see first when a chat has no system message.
const SMOLLM2_SYSTEM: &str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

pub(super) fn render(family: Family, messages: &[Message], options: ChatOptions) -> String {
    let mut prompt = String::new();
    match family {
        Family::SmolLm2 => {
            if messages.first().is_some_and(|first| first.role != Role::System) {
                turn(&mut prompt, Role::System, SMOLLM2_SYSTEM);
            }
            for message in messages {
                turn(&mut prompt, message.role, &message.content);
            }
        }
        Family::Qwen3 => {
            // Thoughts stay only behind the last question: between two questions they would but fill the context.
            let question = messages.iter().rposition(|message| message.role == Role::User);
            let question = question.unwrap_or(messages.len().saturating_sub(1));
            for (index, message) in messages.iter().enumerate() {
                match message.role {
                    Role::Assistant => {
                        let last = index + 1 == messages.len();
                        qwen3_answer(&mut prompt, &message.content, index > question, last);
                    }
                    role => turn(&mut prompt, role, &message.content),
                }
            }
        }
    }
    if options.answer {
        prompt.push_str("<|im_start|>assistant\n");
        if family == Family::Qwen3 && !options.thinking {
            prompt.push_str("<think>\n\n</think>\n\n");
        }
    }
    prompt
}

fn turn(prompt: &mut String, role: Role, content: &str) {
    for part in ["<|im_start|>", role.name(), "\n", content, "<|im_end|>\n"] {
        prompt.push_str(part);
    }
}

/// An answer with its thought, or without. The last answer always shows a thought, even an empty one.
fn qwen3_answer(prompt: &mut String, content: &str, with_thought: bool, last: bool) {
    let (thought, rest) = match (content.split_once("</think>"), content.rsplit_once("</think>")) {
        (Some((before, _)), Some((_, after))) => {
            let before = before.trim_end_matches('\n');
            let thought = before.rsplit_once("<think>").map_or(before, |(_, thought)| thought);
            (thought.trim_start_matches('\n'), after.trim_start_matches('\n'))
        }
        _ => ("", content),
    };
    if with_thought && (last || !thought.is_empty()) {
        let thought = thought.trim_matches('\n');
        let rest = rest.trim_start_matches('\n');
        turn(prompt, Role::Assistant, &format!("<think>\n{thought}\n</think>\n\n{rest}"));
    } else {
        turn(prompt, Role::Assistant, rest);
    }
}
