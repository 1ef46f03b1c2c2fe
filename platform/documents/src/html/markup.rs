//! Writing tags. The result is well-formed XML too, so that any parser can read it.

/// Growing markup. Tag and attribute names are ours; values and text are escaped here and only here.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

/// Elements after whose end tag a line ends, for people who read the source.
const BLOCKS: &[&str] = &[
    "article",
    "nav",
    "p",
    "ul",
    "ol",
    "li",
    "div",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "dl",
    "dt",
    "dd",
    "figure",
    "figcaption",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "main",
    "head",
    "body",
    "html",
    "title",
    "style",
];

impl Markup {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.tag(name, attributes, ">");
    }

    pub fn empty(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.tag(name, attributes, "/>");
    }

    pub fn close(&mut self, name: &'static str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        if BLOCKS.contains(&name) {
            self.0.push('\n');
        }
    }

    pub fn element(&mut self, name: &'static str, attributes: &[(&'static str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close(name);
    }

    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
    }

    /// Appends markup of our own making.
    pub fn trusted(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    pub fn finish(self) -> String {
        self.0
    }

    fn tag(&mut self, name: &'static str, attributes: &[(&'static str, &str)], end: &str) {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.push(' ');
            self.0.push_str(key);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push_str(end);
    }
}
