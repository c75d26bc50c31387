//! Before there is a run: what is under way, what went wrong, and programs to look into.

use leptos::prelude::*;

use super::state::use_xray;

/// Programs to look into: name and text.
pub const EXAMPLES: [(&str, &str); 6] = [
    ("3 + 5", "i32.const 3\ni32.const 5\ni32.add\noutput\n"),
    (
        "Both ways 12 & 10",
        "i32.const 12\ni32.const 10\ni32.and\noutput\ni32.const 12\ni32.const 10\ni32.or\noutput\n",
    ),
    ("250 + 10 saturates", "i32.const 250\ni32.const 10\ni32.add\noutput\n"),
    ("A local, set and read", "i32.const 7\nlocal.set 2\nlocal.get 2\nlocal.get 2\ni32.mul\noutput\n"),
    (
        "A loop that counts to 3",
        "i32.const 0\nlocal.set 0\nloop\n  local.get 0\n  i32.const 1\n  i32.add\n  local.tee 0\n  i32.const 3\n  \
         i32.lt_s\n  br_if\nend_loop\nlocal.get 0\noutput\n",
    ),
    ("A file, written and read back", "fd_open 1\ni32.const 42\nfd_write\nfd_open 1\nfd_read\noutput\n"),
];

/// The program that is run when there is none.
pub fn first() -> &'static str {
    EXAMPLES.first().map_or("", |(_, text)| text)
}

/// Example programs to choose from, and the way to the program's text.
#[component]
pub fn Programs() -> impl IntoView {
    let xray = use_xray();
    let known = move || {
        let program = xray.session.program.get();
        EXAMPLES.iter().position(|(_, text)| text.trim() == program.trim())
    };
    let options = EXAMPLES
        .iter()
        .enumerate()
        .map(|(index, (name, _))| {
            view! { <option value=index.to_string() selected=move || known() == Some(index)>{*name}</option> }
        })
        .collect_view();
    view! {
        <div class="xr-programs">
            <label>
                <span>"Program"</span>
                <select
                    data-testid="xray-example"
                    on:change=move |event| {
                        let chosen: Option<usize> = event_target_value(&event).parse().ok();
                        if let Some((_, text)) = chosen.and_then(|index| EXAMPLES.get(index)) {
                            xray.session.set_program((*text).to_owned());
                        }
                    }
                >
                    <option value="" selected=move || known().is_none() disabled=true>"your own"</option>
                    {options}
                </select>
            </label>
            <a href="#/repl" data-testid="xray-edit">"Edit it in the REPL"</a>
        </div>
    }
}

/// What is going on while there is nothing to look at.
#[component]
pub fn Waiting() -> impl IntoView {
    let xray = use_xray();
    let content = move || {
        if let Some(error) = xray.session.failure.get() {
            return view! {
                <p class="xr-problem" role="alert" data-testid="xray-failure">{error.message} ". " {error.remedy}</p>
            }
            .into_any();
        }
        match (xray.session.card.with(Option::is_some), xray.session.running.get()) {
            (false, _) => "The model is not loaded yet.".into_any(),
            (true, Some(tokens)) => format!("Running: {tokens} tokens so far.").into_any(),
            (true, None) => "There is no run yet. Choose a program above.".into_any(),
        }
    };
    view! { <div class="xr-waiting" role="status" data-testid="xray-waiting">{content}</div> }
}
