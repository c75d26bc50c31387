//! What is replaced in a model, as words and as the text of a link.

use protocol::language::{Intervention, Part, Replacement};

/// A part's name. `taps` are the layers behind which the model's taps sit.
pub fn part_name(layer: usize, part: Part, taps: &[usize]) -> String {
    match part {
        Part::Head(head) => format!("layer {layer}, head {head}"),
        Part::Neuron(neuron) => format!("layer {layer}, neuron {neuron}"),
        Part::Dimension(dimension) => format!("layer {layer}, dimension {dimension}"),
        Part::Gate(of) => match taps.get(layer) {
            Some(behind) => format!("tap at layer {behind}, gate {of}"),
            None => format!("tap {layer}, gate {of}"),
        },
    }
}

/// What stands in for a part, and where.
fn with_in_words(one: &Intervention, are_many: bool) -> String {
    let what = match one.with {
        Replacement::Zero => "at zero".to_owned(),
        Replacement::Mean if are_many => "at their mean".to_owned(),
        Replacement::Mean => "at its mean".to_owned(),
        Replacement::Value(value) => format!("set to {value}"),
    };
    match one.position {
        Some(position) => format!("{what}, only at token {position}"),
        None => what,
    }
}

/// One, in words.
pub fn in_words(one: &Intervention, taps: &[usize]) -> String {
    format!("{} {}", part_name(one.layer, one.part, taps), with_in_words(one, false))
}

/// All of them, in words; the first few by name.
pub fn all_in_words(all: &[Intervention], taps: &[usize]) -> String {
    const NAMED: usize = 3;
    let Some(first) = all.first() else { return "everything on".to_owned() };
    let are_alike = all.iter().all(|one| (one.with, one.position) == (first.with, first.position));
    let name = |one: &Intervention| match are_alike {
        true => part_name(one.layer, one.part, taps),
        false => in_words(one, taps),
    };
    let mut names: Vec<String> = all.iter().take(NAMED).map(name).collect();
    if all.len() > NAMED {
        names.push(format!("{} more", all.len() - NAMED));
    }
    let names = names.join("; ");
    // The words of one part have been so since there were chats; links are opened beside them.
    if are_alike { format!("{names} {}", with_in_words(first, true)) } else { names }
}

/// All of them as a link has them: `h3.2z n5.100m@12 g0.1v1056964608`, with a value by its bits.
pub fn write(all: &[Intervention]) -> String {
    let words = all.iter().map(|one| {
        let (kind, number) = match one.part {
            Part::Head(head) => ('h', head),
            Part::Neuron(neuron) => ('n', neuron),
            Part::Dimension(dimension) => ('d', dimension),
            Part::Gate(of) => ('g', of),
        };
        let with = match one.with {
            Replacement::Zero => "z".to_owned(),
            Replacement::Mean => "m".to_owned(),
            Replacement::Value(value) => format!("v{}", value.to_bits()),
        };
        let at = one.position.map(|position| format!("@{position}")).unwrap_or_default();
        format!("{kind}{}.{number}{with}{at}", one.layer)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What is replaced in a text: taps write no program in a chat, so their gates are nothing to it.
pub fn of_text(off: Vec<Intervention>, of_chat: bool) -> Vec<Intervention> {
    off.into_iter().filter(|one| !of_chat || !matches!(one.part, Part::Gate(_))).collect()
}

/// Parts that a link replaces at most: it begins a run by itself.
const MOST: usize = 256;

/// Reads what [`write()`] wrote. Words that it does not know are left out, so that links of later versions still open.
pub fn read(text: &str) -> Vec<Intervention> {
    let mut all: Vec<Intervention> = Vec::new();
    for one in text.split(' ').filter_map(read_one) {
        all.retain(|before| (before.layer, before.part) != (one.layer, one.part));
        all.push(one);
        if all.len() == MOST {
            break;
        }
    }
    all
}

fn read_one(word: &str) -> Option<Intervention> {
    let (word, position) = match word.split_once('@') {
        Some((word, position)) => (word, Some(position.parse().ok()?)),
        None => (word, None),
    };
    let kind = word.get(..1)?;
    let (layer, rest) = word.get(1..)?.split_once('.')?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, with) = rest.split_at_checked(end)?;
    let number = number.parse().ok()?;
    let part = match kind {
        "h" => Part::Head(number),
        "n" => Part::Neuron(number),
        "d" => Part::Dimension(number),
        "g" => Part::Gate(number),
        _ => return None,
    };
    let with = match with {
        "z" => Replacement::Zero,
        "m" => Replacement::Mean,
        with => {
            let value = f32::from_bits(with.strip_prefix('v')?.parse().ok()?);
            Replacement::Value(Some(value).filter(|value| value.is_finite())?)
        }
    };
    Some(Intervention { layer: layer.parse().ok()?, part, with, position })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(layer: usize, part: Part, with: Replacement, position: Option<usize>) -> Intervention {
        Intervention { layer, part, with, position }
    }

    fn samples() -> Vec<Intervention> {
        vec![
            one(3, Part::Head(2), Replacement::Zero, None),
            one(5, Part::Neuron(100), Replacement::Mean, Some(12)),
            one(0, Part::Gate(1), Replacement::Value(0.5), None),
            one(11, Part::Dimension(7), Replacement::Value(-2.25), Some(0)),
        ]
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = "h3.2z n5.100m@12 g0.1v1056964608 d11.7v3222274048@0";
        assert_eq!(write(&samples()), text);
        assert_eq!(read(text), samples());
    }

    #[test]
    fn words_of_nobody_are_left_out() {
        let text = "h3.2z x1.2z h.2z h3z h3.2 h3.2q d1.1v2143289344 é1.2z n5.100m@x @";
        assert_eq!(read(text), [one(3, Part::Head(2), Replacement::Zero, None)]);
        assert!(read("").is_empty());
    }

    #[test]
    fn what_is_alike_is_said_once() {
        let head = |head| one(0, Part::Head(head), Replacement::Mean, None);
        let many: Vec<Intervention> = (0..5).map(head).collect();
        let text = "layer 0, head 0; layer 0, head 1; layer 0, head 2; 2 more at their mean";
        assert_eq!(all_in_words(&many, &[]), text);
        let mixed = all_in_words(&samples()[2..], &[3, 7, 11]);
        assert_eq!(
            mixed,
            "tap at layer 3, gate 1 set to 0.5; layer 11, dimension 7 set to -2.25, only at token 0"
        );
        assert_eq!(all_in_words(&[], &[]), "everything on");
    }
}
