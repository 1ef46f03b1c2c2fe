//! Builder methods.

use super::{
    Block, Callout, CalloutKind, Document, Figure, Heading, Inlines, IntoInlines, Language, Picture, Table,
};

impl Document {
    /// An empty document with heading numbers shown and no table of contents.
    pub fn new(title: impl Into<String>, language: Language) -> Self {
        Self {
            title: title.into(),
            subtitle: String::new(),
            running_title: String::new(),
            organisation: String::new(),
            author: String::new(),
            language,
            date: String::new(),
            issued: None,
            description: String::new(),
            toc: false,
            toc_depth: 3,
            numbered: true,
            base_url: None,
            blocks: Vec::new(),
            counters: [0; 4],
        }
    }

    /// Sets the subtitle.
    #[must_use]
    pub fn with_subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// Sets the short title of the running header.
    #[must_use]
    pub fn with_running_title(mut self, title: impl Into<String>) -> Self {
        self.running_title = title.into();
        self
    }

    /// Sets the publishing organisation.
    #[must_use]
    pub fn with_organisation(mut self, organisation: impl Into<String>) -> Self {
        self.organisation = organisation.into();
        self
    }

    /// Sets the author of the metadata.
    #[must_use]
    pub fn with_author(mut self, author: impl Into<String>) -> Self {
        self.author = author.into();
        self
    }

    /// Sets the date: as readers see it, and as metadata.
    #[must_use]
    pub fn with_date(mut self, shown: impl Into<String>, issued: Option<jiff::civil::Date>) -> Self {
        self.date = shown.into();
        self.issued = issued;
        self
    }

    /// Sets the description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Asks for a table of contents down to heading level `depth` (1 to 4).
    #[must_use]
    pub fn with_toc(mut self, depth: u8) -> Self {
        self.toc = true;
        self.toc_depth = depth.clamp(1, 4);
        self
    }

    /// Shows or hides heading numbers.
    #[must_use]
    pub fn with_numbers(mut self, numbered: bool) -> Self {
        self.numbered = numbered;
        self
    }

    /// Sets the address put before links that begin with `/`.
    #[must_use]
    pub fn with_base_url(mut self, base: impl Into<String>) -> Self {
        self.base_url = Some(base.into());
        self
    }

    /// Appends any block.
    pub fn push(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }

    /// Appends a heading without number (a foreword, an annex).
    pub fn heading(&mut self, level: u8, text: impl Into<String>) -> &mut Self {
        self.push(Block::Heading(Heading {
            level,
            text: text.into(),
            ..Heading::default()
        }))
    }

    /// Appends a heading with the next number of its level ("2", "2.1", …).
    pub fn section(&mut self, level: u8, text: impl Into<String>) -> &mut Self {
        let level = level.clamp(1, 4);
        let index = usize::from(level) - 1;
        self.counters[index] = self.counters[index].saturating_add(1);
        self.counters[index + 1..].fill(0);
        let number = self.counters[..=index]
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(".");
        self.push(Block::Heading(Heading {
            level,
            number: Some(number),
            text: text.into(),
            anchor: None,
        }))
    }

    /// Gives the last block, when it is a heading, an anchor for links.
    pub fn anchor(&mut self, anchor: impl Into<String>) -> &mut Self {
        if let Some(Block::Heading(heading)) = self.blocks.last_mut() {
            heading.anchor = Some(anchor.into());
        }
        self
    }

    /// Appends a paragraph.
    pub fn paragraph(&mut self, content: impl IntoInlines) -> &mut Self {
        self.push(Block::paragraph(content))
    }

    /// Appends a bulleted list of one-paragraph items.
    pub fn bullets<C: IntoInlines>(&mut self, items: impl IntoIterator<Item = C>) -> &mut Self {
        self.push(Block::list(false, items))
    }

    /// Appends a numbered list of one-paragraph items.
    pub fn numbers<C: IntoInlines>(&mut self, items: impl IntoIterator<Item = C>) -> &mut Self {
        self.push(Block::list(true, items))
    }

    /// Appends a table.
    pub fn table(&mut self, table: Table) -> &mut Self {
        self.push(Block::Table(table))
    }

    /// Appends a definition list.
    pub fn definitions<T: IntoInlines, D: IntoInlines>(
        &mut self,
        items: impl IntoIterator<Item = (T, D)>,
    ) -> &mut Self {
        let items: Vec<(Inlines, Inlines)> = items
            .into_iter()
            .map(|(term, text)| (term.into_inlines(), text.into_inlines()))
            .collect();
        self.push(Block::DefinitionList(items))
    }

    /// Appends a note.
    pub fn note(&mut self, title: impl Into<String>, content: impl IntoInlines) -> &mut Self {
        self.push(Block::callout(CalloutKind::Note, title, content))
    }

    /// Appends a warning.
    pub fn warning(&mut self, title: impl Into<String>, content: impl IntoInlines) -> &mut Self {
        self.push(Block::callout(CalloutKind::Warning, title, content))
    }

    /// Appends a picture.
    pub fn figure(&mut self, picture: Picture, alt: impl Into<String>, caption: Option<String>) -> &mut Self {
        self.push(Block::Figure(Figure {
            picture,
            alt: alt.into(),
            caption,
        }))
    }

    /// Appends a page break.
    pub fn page_break(&mut self) -> &mut Self {
        self.push(Block::PageBreak)
    }
}

impl Block {
    /// A paragraph.
    pub fn paragraph(content: impl IntoInlines) -> Self {
        Self::Paragraph(content.into_inlines())
    }

    /// A list of one-paragraph items.
    pub fn list<C: IntoInlines>(ordered: bool, items: impl IntoIterator<Item = C>) -> Self {
        Self::List {
            ordered,
            items: items
                .into_iter()
                .map(|item| vec![Self::paragraph(item)])
                .collect(),
        }
    }

    /// A callout of one paragraph.
    pub fn callout(kind: CalloutKind, title: impl Into<String>, content: impl IntoInlines) -> Self {
        Self::Callout(Callout {
            kind,
            title: title.into(),
            blocks: vec![Self::paragraph(content)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_number_themselves() {
        let mut doc = Document::new("Piano", Language::Italian);
        doc.heading(1, "Premessa")
            .section(1, "A")
            .section(2, "B")
            .section(2, "C")
            .section(1, "D");
        doc.section(2, "E");
        let numbers: Vec<Option<&str>> = doc
            .blocks
            .iter()
            .map(|block| match block {
                Block::Heading(heading) => heading.number.as_deref(),
                _ => None,
            })
            .collect();
        assert_eq!(
            numbers,
            [None, Some("1"), Some("1.1"), Some("1.2"), Some("2"), Some("2.1")]
        );
    }
}
