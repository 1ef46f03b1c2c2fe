//! Running text: cleaned, blanks collapsed across runs, links judged.

use std::collections::HashSet;

use super::Paths;
use crate::model::Inline;
use crate::sanitize::{Address, address, collapse};

/// What links may lead to.
pub(super) struct Links {
    pub anchors: HashSet<String>,
    pub base: Option<String>,
    pub paths: Paths,
}

impl Links {
    fn target(&self, href: &str) -> Option<String> {
        match address(href)? {
            Address::Absolute(url) => Some(url),
            Address::Anchor(anchor) => self.anchors.contains(&anchor).then(|| format!("#{anchor}")),
            Address::Path(path) if self.paths == Paths::Keep => Some(path),
            Address::Path(path) => match address(&format!("{}{path}", self.base.as_ref()?))? {
                Address::Absolute(url) => Some(url),
                Address::Path(_) | Address::Anchor(_) => None,
            },
        }
    }

    /// The runs made clean. Empty runs vanish; blanks at the ends and doubled across runs vanish.
    pub fn runs(&self, runs: &[Inline]) -> Vec<Inline> {
        let mut out: Vec<Inline> = Vec::with_capacity(runs.len());
        let mut after_blank = true;
        for run in runs {
            if matches!(run, Inline::LineBreak) {
                trim_end(&mut out);
                out.push(Inline::LineBreak);
                after_blank = true;
                continue;
            }
            let Some(clean) = self.run(run) else { continue };
            let content = content(&clean);
            let content = if after_blank {
                content.trim_start_matches(' ')
            } else {
                content
            };
            if content.is_empty() {
                continue;
            }
            after_blank = content.ends_with(' ');
            let content = content.to_owned();
            out.push(with_content(clean, content));
        }
        trim_end(&mut out);
        out
    }

    fn run(&self, run: &Inline) -> Option<Inline> {
        Some(match run {
            Inline::Text(text) => Inline::Text(collapse(text)),
            Inline::Strong(text) => Inline::Strong(collapse(text)),
            Inline::Emphasis(text) => Inline::Emphasis(collapse(text)),
            Inline::Code(text) => Inline::Code(collapse(text)),
            Inline::Link { text, href } => {
                let shown = collapse(text);
                let shown = if shown.trim().is_empty() {
                    collapse(href).trim().to_owned()
                } else {
                    shown
                };
                match self.target(href) {
                    Some(href) => Inline::Link { text: shown, href },
                    None => Inline::Text(shown),
                }
            }
            Inline::LineBreak => return None,
        })
    }
}

/// The text of a run; empty for a line break.
pub(crate) fn content(run: &Inline) -> &str {
    match run {
        Inline::Text(text) | Inline::Strong(text) | Inline::Emphasis(text) | Inline::Code(text) => text,
        Inline::Link { text, .. } => text,
        Inline::LineBreak => "",
    }
}

fn with_content(run: Inline, content: String) -> Inline {
    match run {
        Inline::Text(_) => Inline::Text(content),
        Inline::Strong(_) => Inline::Strong(content),
        Inline::Emphasis(_) => Inline::Emphasis(content),
        Inline::Code(_) => Inline::Code(content),
        Inline::Link { href, .. } => Inline::Link { text: content, href },
        Inline::LineBreak => Inline::LineBreak,
    }
}

fn trim_end(runs: &mut Vec<Inline>) {
    while let Some(last) = runs.pop() {
        if last == Inline::LineBreak {
            continue;
        }
        let kept = content(&last).trim_end_matches(' ').to_owned();
        if !kept.is_empty() {
            runs.push(with_content(last, kept));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{line_break, strong, text};

    #[test]
    fn blanks_collapse_across_runs() {
        let links = Links {
            anchors: HashSet::new(),
            base: None,
            paths: Paths::Keep,
        };
        let runs = links.runs(&[
            text("  a "),
            strong(" b"),
            text(" "),
            line_break(),
            text(" c\n"),
            line_break(),
        ]);
        assert_eq!(runs, [text("a "), strong("b"), line_break(), text("c")]);
    }
}
