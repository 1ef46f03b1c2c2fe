//! What of a Rust file is code: comments and tests are blanked, line numbers stay.

/// The file's lines without comments and without `#[cfg(test)]` parts; with `keep_text` false, what stands
/// between quotes on one line is blanked too.
pub fn code(text: &str, keep_text: bool) -> Vec<String> {
    let mut out = Vec::new();
    let mut in_block_comment = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("#[cfg(test)]") {
            out.push(String::new());
            match lines.peek().map(|next| next.trim_end()) {
                // Declared here, written in a file of its own.
                Some(next) if next.ends_with(';') => {
                    lines.next();
                    out.push(String::new());
                    continue;
                }
                // The tests stand at the end of the file, as the style asks.
                Some(next) if next.trim_start().starts_with("mod ") => {
                    out.extend(lines.by_ref().map(|_| String::new()));
                    break;
                }
                _ => continue,
            }
        }
        if in_block_comment {
            in_block_comment = !line.contains("*/");
            out.push(String::new());
            continue;
        }
        if trimmed.starts_with("/*") {
            in_block_comment = !line.contains("*/");
            out.push(String::new());
            continue;
        }
        out.push(strip(line, keep_text));
    }
    out
}

fn strip(line: &str, keep_text: bool) -> String {
    let mut out = String::with_capacity(line.len());
    let mut in_text = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_text => {
                let escaped = chars.next();
                if keep_text {
                    out.push(c);
                    out.extend(escaped);
                }
                continue;
            }
            // A quote as a character: '"'.
            '\'' if !in_text && chars.peek() == Some(&'"') => {
                out.push(c);
                chars.next();
                continue;
            }
            '"' => in_text = !in_text,
            '/' if !in_text && chars.peek() == Some(&'/') => break,
            _ if in_text && !keep_text => continue,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Whether the text holds the word, not as part of a longer one.
pub fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_tests_are_not_code() {
        let text =
            "let a = \"http://x\"; // why\n/// doc\nfn f() {}\n#[cfg(test)]\nmod tests {\n  panic!()\n}\n";
        let lines = code(text, true);
        assert_eq!(lines.len(), 7);
        assert_eq!(lines[0], "let a = \"http://x\"; ");
        assert_eq!(lines[1], "");
        assert_eq!(lines[2], "fn f() {}");
        assert!(lines[3..].iter().all(String::is_empty));
    }

    #[test]
    fn text_can_be_blanked() {
        assert_eq!(
            code("f(\"a \\\" b\", '\"', c)", false)[0],
            "f(\"\", ', c)".replace("', c", "'', c")
        );
    }

    #[test]
    fn a_test_module_elsewhere_hides_only_its_line() {
        let lines = code("#[cfg(test)]\nmod tests;\nfn f() {}\n", true);
        assert_eq!(lines, ["", "", "fn f() {}"]);
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("city = \"prato\"", "prato"));
        assert!(!has_word("pratolina", "prato"));
    }
}
