//! What a link opens, in a line.

use protocol::share::View;

use crate::route::Route;

/// The longest question that is repeated.
const LONGEST: usize = 60;

/// A line that says what somebody sees who opens the link of a view. `question` is that of `#/ask`.
pub fn opens(view: &View, is_full: bool, question: &str) -> String {
    let route = Route::from_name(&view.route).map_or("the page", Route::title);
    let mut parts = vec![route.to_owned()];
    let lines = view.program.lines().filter(|line| !line.trim().is_empty()).count();
    if !question.is_empty() {
        let short: String = question.chars().take(LONGEST).collect();
        let rest = if short.len() < question.len() { "…" } else { "" };
        parts.push(format!("“{short}{rest}”"));
    } else if lines > 0 {
        let what = if is_full { "a module" } else { "a program" };
        parts.push(format!("{what} of {lines} {}", if lines == 1 { "line" } else { "lines" }));
    }
    parts.extend(view.position.map(|position| format!("position {position}")));
    if view.route == Route::Xray.name() {
        parts.push(format!("layer {}", view.layer));
    }
    parts.extend(view.selection.clone());
    format!("It opens {}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_run_is_told_in_full() {
        let view = View {
            route: "xray".to_owned(),
            program: "i32.const 3\noutput\n".to_owned(),
            position: Some(7),
            layer: 3,
            selection: Some("blocks.3.mlp.hook_post[7, 4]".to_owned()),
            ..View::default()
        };
        let text = "It opens X-ray, a program of 2 lines, position 7, layer 3, blocks.3.mlp.hook_post[7, 4].";
        assert_eq!(opens(&view, false, ""), text);
    }

    #[test]
    fn a_long_question_is_cut() {
        let view = View { route: "ask".to_owned(), ..View::default() };
        assert_eq!(opens(&view, false, "What is 2 + 2?"), "It opens Ask, “What is 2 + 2?”.");
        assert!(opens(&view, false, &"ё".repeat(61)).ends_with("ё…”."));
    }
}
