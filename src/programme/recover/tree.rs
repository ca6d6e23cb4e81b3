//! Places in a TOML tree: found by their span, reached by their path, named for people.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

/// One step down the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

/// Whether a span is that of a key or of a value: under a header they may be alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Key,
    Value,
}

type Node<'t> = Spanned<DeValue<'t>>;

/// The path to the deepest key or value at `span`; else to the deepest that holds it.
pub(super) fn find(root: &Node<'_>, span: &Range<usize>, wanted: Wanted) -> Option<Vec<Step>> {
    seek(root, None, wanted, &|found| found == span)
        .or_else(|| seek(root, None, wanted, &|found| found.start <= span.start && span.end <= found.end))
        .map(|mut path| {
            path.reverse();
            path
        })
}

/// The path upwards, leaf first.
fn seek(
    node: &Node<'_>,
    key: Option<&Range<usize>>,
    wanted: Wanted,
    fits: &dyn Fn(&Range<usize>) -> bool,
) -> Option<Vec<Step>> {
    let below = |step: Step, child: &Node<'_>, key: Option<&Range<usize>>| {
        let mut path = seek(child, key, wanted, fits)?;
        path.push(step);
        Some(path)
    };
    let deeper = match node.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .find_map(|(key, child)| below(Step::Key(key.get_ref().to_string()), child, Some(&key.span()))),
        DeValue::Array(items) => {
            items.iter().enumerate().find_map(|(index, child)| below(Step::Item(index), child, None))
        }
        _ => None,
    };
    let own = match wanted {
        Wanted::Key => key.is_some_and(fits),
        Wanted::Value => fits(&node.span()),
    };
    deeper.or_else(|| own.then(Vec::new))
}

/// The value at `path`.
pub(super) fn at<'n, 't>(node: &'n mut Node<'t>, path: &[Step]) -> Option<&'n mut Node<'t>> {
    let Some((step, rest)) = path.split_first() else { return Some(node) };
    let child = match (step, node.get_mut()) {
        (Step::Key(key), DeValue::Table(table)) => table.get_mut(key.as_str())?,
        (Step::Item(index), DeValue::Array(items)) => items.get_mut(*index)?,
        _ => return None,
    };
    at(child, rest)
}

/// The same to look at.
pub(super) fn get<'n, 't>(node: &'n Node<'t>, path: &[Step]) -> Option<&'n Node<'t>> {
    let Some((step, rest)) = path.split_first() else { return Some(node) };
    let child = match (step, node.get_ref()) {
        (Step::Key(key), DeValue::Table(table)) => table.get(key.as_str())?,
        (Step::Item(index), DeValue::Array(items)) => items.get(*index)?,
        _ => return None,
    };
    get(child, rest)
}

/// The last key of a path; nothing for the file as a whole.
pub(super) fn name(path: &[Step]) -> String {
    let last = path.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.clone()),
        Step::Item(_) => None,
    });
    last.unwrap_or_default()
}

/// What people call the table at `path`: `rule "ramp"`, `"standard"`, `this file`.
pub(super) fn describe(root: &Node<'_>, path: &[Step]) -> String {
    let name = name(path);
    if name.is_empty() {
        return "this file".to_owned();
    }
    let Some(node) = get(root, path) else { return format!("\"{name}\"") };
    let id = node.get_ref().as_table().and_then(|table| table.get("id")?.get_ref().as_str());
    match (id, path.last()) {
        (Some(id), _) if !id.is_empty() => format!("{name} \"{id}\""),
        (_, Some(Step::Item(_))) => format!("this item of \"{name}\""),
        _ => format!("\"{name}\""),
    }
}
