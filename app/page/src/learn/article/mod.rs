//! The sections. The text of one is a file of `assets/lessons/article`: its title, a line of what it says, and HTML with `<!-- figure -->`
//! where a figure stands.

mod figures;

use leptos::prelude::*;

use crate::live::Listed;

/// Where a figure stands in a text.
const FIGURE: &str = "<!-- figure -->";

/// A section.
pub struct Section {
    /// Its name in the address.
    pub name: &'static str,
    text: &'static str,
}

/// What a section says.
pub struct Prose {
    /// Its title.
    pub title: &'static str,
    /// A line of what it says.
    pub lead: &'static str,
    /// Its text, between the figures.
    pub parts: Vec<&'static str>,
}

macro_rules! sections {
    ($($name:literal),* $(,)?) => {
        [$(Section {
            name: $name,
            text: include_str!(concat!("../../../../../assets/lessons/article/", $name, ".html")),
        }),*]
    };
}

/// All of them, in order.
pub const SECTIONS: [Section; 9] =
    sections!["program", "choice", "lookup", "sum", "quadratic", "gates", "carries", "taps", "limits"];

impl Section {
    /// Its text, taken apart.
    pub fn prose(&self) -> Prose {
        let (title, rest) = self.text.split_once('\n').unwrap_or((self.text, ""));
        let (lead, rest) = rest.split_once('\n').unwrap_or((rest, ""));
        Prose { title, lead, parts: rest.split(FIGURE).collect() }
    }
}

/// A section with its figures.
#[component]
pub fn Article(section: usize) -> impl IntoView {
    let entries = SECTIONS.iter().enumerate().map(|(place, entry)| {
        let current = (place == section).then_some("page");
        view! { <li><a href=format!("#/learn/{}", entry.name) aria-current=current>{entry.prose().title}</a></li> }
    });
    let entries = entries.listed();
    let Some(shown) = SECTIONS.get(section) else { return ().into_any() };
    let Prose { title, lead, parts } = shown.prose();
    let count = parts.len();
    let name = shown.name;
    let body = parts.into_iter().enumerate().map(|(place, html)| {
        let figure = (place + 1 < count).then(|| figures::figure(name, place));
        view! { <div class="prose" inner_html=html></div>{figure} }
    });
    let turn = |place: Option<usize>, label: &'static str, testid: &'static str| {
        let to = place.and_then(|place| SECTIONS.get(place))?;
        Some(view! {
            <a href=format!("#/learn/{}", to.name) data-testid=testid>
                <span>{label}</span><b>{to.prose().title}</b>
            </a>
        })
    };
    view! {
        <div class="lesson">
            <nav class="lesson-nav" aria-label="Lessons">
                <p><a href="#/learn">"All lessons"</a></p>
                <ol>{entries}</ol>
                <p><a href="#/learn/deck/1">"The slides"</a></p>
            </nav>
            <article class="lesson-text" data-testid="lesson" data-lesson=name>
                <header>
                    <p class="lesson-number">{format!("{} of {}", section + 1, SECTIONS.len())}</p>
                    <h1 class="display">{title}</h1>
                    <p class="lead">{lead}</p>
                </header>
                {body.listed()}
                <nav class="lesson-turn" aria-label="Neighbouring lessons">
                    {turn(section.checked_sub(1), "Before", "lesson-back")}
                    {turn(Some(section + 1), "Next", "lesson-next")}
                </nav>
            </article>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_a_title_a_lead_a_figure_and_sources() {
        for section in SECTIONS {
            let Prose { title, lead, parts } = section.prose();
            assert!(!title.is_empty() && title.len() < 70, "{title}");
            assert!(lead.ends_with('.') && !lead.starts_with('<'), "{lead}");
            assert!(parts.len() > 1, "{} has no figure", section.name);
            assert!(section.text.contains("class=\"sources\""), "{} names no source", section.name);
        }
    }

    #[test]
    fn tags_are_closed() {
        for section in SECTIONS {
            for tag in ["p", "ul", "ol", "li", "code", "em", "b", "a", "h2", "table", "tr", "td", "th", "dl"]
            {
                let opened = section.text.matches(&format!("<{tag}>")).count()
                    + section.text.matches(&format!("<{tag} ")).count();
                let closed = section.text.matches(&format!("</{tag}>")).count();
                assert_eq!(opened, closed, "<{tag}> of {}", section.name);
            }
        }
    }
}
