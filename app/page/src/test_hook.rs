//! What browser tests may do that a person cannot: break the engine, and check it with programs of their own.
//! Only there with `?test` in the address.

use js_sys::{Array, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::language::{LanguageResponse, Opened};
use protocol::{Request, Response};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;

use crate::editor::trial::Trial;
use crate::language::worlds::Worlds;
use crate::session::Session;

/// Whether the address asks for them.
pub fn is_wanted() -> bool {
    window().location().search().is_ok_and(|search| search.split(['?', '&']).any(|word| word == "test"))
}

/// Puts functions on the window:
/// - `worldmodelBreak(device: boolean)`: `true` loses the GPU device, `false` crashes the worker;
/// - `worldmodelBreakModel(device: boolean)`: the same for the language model's worker;
/// - `worldmodelCheck(programs: [name, text][])`: runs the self-test with these programs; a promise of
///   `[programs, tokens, ...failures]`;
/// - `worldmodelChoose(tokens: number[], skip: number)`: the tokens that the language model would choose behind each
///   position of a text from `skip` on; a promise of them;
/// - `worldmodelOpen(sites: string[])`: opens these numbers of the text that nano has read; a promise of how many there were and of
///   those that do not recompute;
/// - `worldmodelEditor()`: puts an editor below what is on the page.
pub fn install(session: Session, worlds: Worlds) {
    let (language, nano) = (worlds.own, worlds.nano);
    let break_it = Closure::<dyn Fn(bool)>::new(move |device| {
        spawn_local(async move {
            // The answer, if one comes, is a crash that the page reports on its own.
            drop(session.client.request(Request::Break { device }).await);
        });
    });
    let break_model = Closure::<dyn Fn(bool)>::new(move |device| language.tell(Request::Break { device }));
    let check = Closure::<dyn Fn(Array) -> Promise>::new(move |programs: Array| {
        let text = |value: &JsValue| value.as_string().unwrap_or_default();
        let pair = |pair: JsValue| {
            let pair = Array::from(&pair);
            (text(&pair.get(0)), text(&pair.get(1)))
        };
        let programs = programs.iter().map(pair).collect();
        future_to_promise(async move {
            match session.client.request(Request::Check { programs }).await {
                Ok(Response::SelfTest(test)) => {
                    let counts = [test.programs, test.tokens].map(|count| JsValue::from_f64(count as f64));
                    let failures = test.failures.iter().map(|failure| JsValue::from_str(failure));
                    Ok(counts.into_iter().chain(failures).collect::<Array>().into())
                }
                Ok(_) => Err(JsValue::from_str("the engine answered something else than it was asked")),
                Err(error) => Err(JsValue::from_str(&error.message)),
            }
        })
    });
    let choose = Closure::<dyn Fn(Array, usize) -> Promise>::new(move |tokens: Array, skip| {
        let tokens = tokens.iter().filter_map(|token| token.as_f64()).map(|token| token as u32).collect();
        future_to_promise(async move {
            match language.choices(tokens, skip).await {
                Ok(chosen) => {
                    Ok(chosen.into_iter().map(f64::from).map(JsValue::from_f64).collect::<Array>().into())
                }
                Err(error) => Err(JsValue::from_str(&error.message)),
            }
        })
    });
    let open = Closure::<dyn Fn(Array) -> Promise>::new(move |sites: Array| {
        let sites = sites.iter().filter_map(|name| name.as_string()?.parse().ok()).collect();
        future_to_promise(async move {
            match nano.open(Opened::Numbers(sites)).await {
                Ok(LanguageResponse::Explanations(all)) => {
                    let differ = all.iter().filter(|one| !one.agrees());
                    let differ = differ.map(|one| {
                        JsValue::from_str(&format!("{}: {} and {}", one.site, one.value, one.recomputed))
                    });
                    let count = JsValue::from_f64(all.len() as f64);
                    Ok(std::iter::once(count).chain(differ).collect::<Array>().into())
                }
                Ok(_) => Err(JsValue::from_str("the engine answered something else than it was asked")),
                Err(error) => Err(JsValue::from_str(&error.message)),
            }
        })
    });
    let editor = Closure::<dyn Fn()>::new(|| {
        if let Some(main) = document().get_element_by_id("main").and_then(|main| main.dyn_into().ok()) {
            mount_to(main, Trial).forget();
        }
    });
    // A window that takes no property makes the test fail, which is what it is for.
    let put = |name, function: JsValue| drop(Reflect::set(&window(), &JsValue::from_str(name), &function));
    put("worldmodelBreak", break_it.into_js_value());
    put("worldmodelBreakModel", break_model.into_js_value());
    put("worldmodelCheck", check.into_js_value());
    put("worldmodelChoose", choose.into_js_value());
    put("worldmodelOpen", open.into_js_value());
    put("worldmodelEditor", editor.into_js_value());
}
