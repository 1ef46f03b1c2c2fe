//! Templates hold to the content security policy (nothing inline) and every form carries its CSRF token.

use super::{Complaint, File};

pub fn check(file: &File) -> Vec<Complaint> {
    if !(file.path.ends_with(".html") && file.path.contains("/templates/")) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let mut complain = |what: &str| out.push(Complaint::new(&file.path, number + 1, what));
        if line.contains(" style=\"") || line.contains("<style") {
            complain("inline style: the content security policy blocks it, use a class");
        }
        if line.contains("<script")
            && !line.contains("src=")
            && !line.contains("type=\"application/json\"")
            && !line.contains("type=\"application/ld+json\"")
        {
            complain("inline script: the content security policy blocks it");
        }
        if [
            " onclick=",
            " onchange=",
            " onsubmit=",
            " oninput=",
            "href=\"javascript:",
        ]
        .iter()
        .any(|on| line.contains(on))
        {
            complain("inline handler: the content security policy blocks it");
        }
        let outside = ["src=\"http", "src=\"//", "url(http"]
            .iter()
            .any(|from| line.contains(from));
        if outside {
            complain("fetched from elsewhere: pages call nobody but their own server");
        }
    }
    let posts = file.text.contains("method=\"post\"") || file.text.contains("method=\"POST\"");
    let has_token = ["ui::csrf()", "name=\"_csrf\"", "self::csrf()"]
        .iter()
        .any(|token| file.text.contains(token));
    if posts && !has_token {
        out.push(Complaint::new(
            &file.path,
            0,
            "a form that is posted lacks {{ ui::csrf() }}",
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> usize {
        check(&File {
            path: "modules/x/templates/x.html".into(),
            text: text.into(),
        })
        .len()
    }

    #[test]
    fn nothing_inline() {
        assert_eq!(page("<p style=\"color:red\">"), 1);
        assert_eq!(page("<script>f()</script>"), 1);
        assert_eq!(page("<script type=\"application/json\" data-x>{}</script>"), 0);
        assert_eq!(page("<button onclick=\"f()\">"), 1);
        assert_eq!(page("<img src=\"https://elsewhere.example/x.png\">"), 1);
    }

    #[test]
    fn forms_carry_their_token() {
        assert_eq!(page("<form method=\"post\">"), 1);
        assert_eq!(page("<form method=\"post\">{{ ui::csrf() }}"), 0);
        assert_eq!(page("<form method=\"get\">"), 0);
    }
}
