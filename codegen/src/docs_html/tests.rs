use super::*;

fn assert_renders(cases: &[(&str, &str)]) {
    for (html, markdown) in cases {
        assert_eq!(to_markdown(html), *markdown, "{html}");
    }
}

#[test]
fn paragraphs_are_separated_by_blank_lines() {
    assert_renders(&[
        ("<p>One.</p> <p> Two\n  three. </p>", "One.\n\nTwo three."),
        ("plain <p>One.</p> text", "plain\n\nOne.\n\ntext"),
        ("<p>One<p>two", "One\n\ntwo"),
        ("<p>One<br/>two</p>", "One\n\ntwo"),
        ("<p></p> <p> </p>", ""),
        ("", ""),
    ]);
}

#[test]
fn entities_become_characters() {
    assert_renders(&[
        (
            "<p>Bread &amp; butter, 1 &#60; 2 &quot;x&quot;</p>",
            r#"Bread & butter, 1 \< 2 "x""#,
        ),
        ("<p>&amp;lt; is an entity</p>", r"\&lt; is an entity"),
    ]);
}

#[test]
fn styles_nest_and_move_their_spaces_out() {
    assert_renders(&[
        ("<b>Bake</b> or <i>burn</i>", "**Bake** or *burn*"),
        ("<strong> Bake </strong>or<em> burn</em>", "**Bake** or *burn*"),
        ("<b>bake <i>well</i></b>", "**bake *well***"),
        ("<i>a <i>b</i> c</i>", "*a b c*"),
        ("sub<b>word</b>s", "sub**word**s"),
        ("<b></b><i> </i>nothing", "nothing"),
    ]);
}

#[test]
fn styles_that_markdown_would_take_for_asterisks_are_dropped() {
    assert_renders(&[
        ("un<b>(well)</b>baked", "un(well)baked"),
        ("<i>a</i><i>b</i>", "a*b*"),
    ]);
}

#[test]
fn code_is_kept_as_it_is() {
    assert_renders(&[
        ("<code>a_b[0] &lt;c&gt; *</code>", "`a_b[0] <c> *`"),
        ("<code>a`b</code>", "``a`b``"),
        ("<code> a\n b </code>c", "`a b` c"),
        ("<code>a</code><code>b</code>", "`a` `b`"),
        ("<code><b>a</b>b</code>", "`ab`"),
        ("<code> </code>", ""),
    ]);
}

#[test]
fn links_lead_to_absolute_urls_only() {
    assert_renders(&[
        (
            "<a href=\"https://a.b/c\">two words</a>.",
            "[two words](https://a.b/c).",
        ),
        (
            "<a href=\"https://a.b/c\"> <code>Bake</code> </a>",
            "[`Bake`](https://a.b/c)",
        ),
        (
            "<code><a href=\"https://a.b\">Bake</a>[]</code>",
            "[`Bake`](https://a.b)`[]`",
        ),
        (
            "<a href=\"https://a.b\"><code>[x]: y</code></a>",
            r"[\[x\]: y](https://a.b)",
        ),
        ("<a href=\"API_Bake.html\">Bake it</a>", "Bake it"),
        ("<a href=\"javascript:alert(1)\">Bake it</a>", "Bake it"),
        ("<a href=\"https://a.b\">https://a.b</a>", "<https://a.b>"),
        ("<a href=\"https://a.b\"> </a>x", "x"),
        (
            "<a href=\"https://a.b/(c)\">x[1]</a>",
            r"[x\[1\]](https://a.b/%28c%29)",
        ),
        ("Wow!<a href=\"https://a.b\">x</a>", r"Wow\![x](https://a.b)"),
    ]);
}

#[test]
fn links_that_were_never_filled_in_are_code_if_they_name_something() {
    assert_renders(&[(
        "<a>BakeLoaf</a> and <a>oven</a> and <a>the oven</a>",
        "`BakeLoaf` and oven and the oven",
    )]);
}

#[test]
fn bare_urls_become_autolinks_or_code() {
    assert_renders(&[
        ("See https://a.b/c_d.", "See <https://a.b/c_d>."),
        ("(http://a.b)", "(<http://a.b>)"),
        ("https://&lt;region&gt;.b.c", "`https://<region>.b.c`"),
        ("https://<region>.b.c", "`https://<region>.b.c`"),
    ]);
}

#[test]
fn lists_nest() {
    assert_renders(&[
        ("<ul><li>a</li><li><p>b</p></li></ul>", "- a\n- b"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        (
            "<ul><li><p>a</p><p>b</p></li><li>c</li></ul>",
            "- a\n\n  b\n\n- c",
        ),
        ("<ul><li>a<ol><li>b</li></ol></li></ul>", "- a\n\n  1. b"),
        ("<p>x<ul><li>a</li></ul></p>y", "x\n\n- a\n\ny"),
        ("<ul><li></li></ul>", ""),
        ("<li>orphan</li>", "- orphan"),
    ]);
}

#[test]
fn two_lists_in_a_row_stay_two() {
    assert_renders(&[
        ("<ul><li>a</li></ul> <ul><li>b</li></ul>", "- a\n\n* b"),
        ("<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1) b"),
    ]);
}

#[test]
fn asides_are_quotes_with_a_label() {
    assert_renders(&[
        ("<note><p>a</p><p>b</p></note>", "> **Note:** a\n>\n> b"),
        ("<important>a</important>", "> **Important:** a"),
        ("<note><ul><li>a</li></ul></note>", "> **Note:**\n>\n> - a"),
        (
            "<ul><li>x<note><p>a</p></note></li></ul>",
            "- x\n\n  > **Note:** a",
        ),
    ]);
}

#[test]
fn definitions_are_bullets_with_a_label() {
    assert_renders(&[
        (
            "<dl><dt>a</dt><dd>b</dd><dt>c:</dt><dd><p>d</p></dd></dl>",
            "- **a:** b\n- **c:** d",
        ),
        ("<dl><dt>a<dd>b<dt>c</dl>", "- **a:** b\n- **c**"),
        (
            "<dl><dt>a</dt><dd><ul><li>b</li></ul></dd></dl>",
            "- **a:**\n\n  - b",
        ),
    ]);
}

#[test]
fn rows_of_a_table_are_bullets() {
    assert_renders(&[(
        "<table><tr><th>a</th><th>b</th></tr><tbody><tr><td><p>c</p><td>d</tr></tbody></table>",
        "- a – b\n- c – d",
    )]);
}

#[test]
fn headings_are_bold() {
    assert_renders(&[(
        "<fullname>Bakery</fullname><h2>Ovens</h2>",
        "**Bakery**\n\n**Ovens**",
    )]);
}

#[test]
fn preformatted_text_is_fenced_and_never_tested() {
    assert_renders(&[
        ("<pre>\n a\n\n  b &lt;\n</pre>", "```text\n a\n\n  b <\n```"),
        ("<pre><code>a\n```\n</code></pre>", "````text\na\n```\n````"),
        ("<ul><li><pre>a\nb</pre></li></ul>", "- ```text\n  a\n  b\n  ```"),
        ("<pre>never closed", "```text\nnever closed\n```"),
    ]);
}

#[test]
fn placeholders_are_text_and_unknown_elements_are_not() {
    assert_renders(&[
        (
            "arn:aws:<Region>:<account-id>",
            r"arn:aws:\<Region\>:\<account-id\>",
        ),
        ("<code>arn:<Region></code>", "`arn:<Region>`"),
        ("<sparkle>text</sparkle>", "text"),
        ("<!-- comment -->text", "text"),
    ]);
}

#[test]
fn text_is_never_markup() {
    assert_renders(&[
        ("<p># a</p><p>- b</p><p>1. c</p>", "\\# a\n\n\\- b\n\n1\\. c"),
        ("a [b] *c* `d` _e_ \\ f_g", r"a \[b\] \*c\* \`d\` \_e\_ \\ f_g"),
        ("<ul><li>- a</li></ul>", "- \\- a"),
    ]);
}

#[test]
fn lines_end_before_column_100_except_within_links_and_code() {
    let html = format!("<p>{}</p>", "word ".repeat(100));
    let markdown = to_markdown(&html);
    assert!(markdown.lines().all(|line| line.len() <= 100), "{markdown}");
    assert_eq!(markdown.lines().count(), 5);
    let nested = to_markdown(&format!("<ul><li><note>{html}</note></li></ul>"));
    assert!(
        nested.lines().all(|line| line.len() <= 100 && line.len() > 4),
        "{nested}"
    );
    let code = format!("<code>{}</code>", "word ".repeat(30));
    assert_eq!(to_markdown(&format!("x {code} y")).lines().count(), 3);
}

#[test]
fn what_starts_a_line_after_wrapping_is_escaped() {
    let html = format!("{} - x", "a".repeat(99));
    assert_eq!(to_markdown(&html), format!("{}\n\\- x", "a".repeat(99)));
}

#[test]
fn characters_that_reorder_text_or_control_terminals_are_dropped() {
    assert_renders(&[("a\u{202e}b\u{7}c\u{2028}d\u{200b}", "abc d")]);
}

#[test]
fn deep_nesting_is_bounded() {
    for tags in [
        "<ul><li>",
        "<note>",
        "<b><i>",
        "<dl><dd>",
        "<table><tr><td>",
        "<x>",
        "</p>",
        "<p",
    ] {
        let html = tags.repeat(20_000) + "text";
        let markdown = to_markdown(&html);
        assert!(
            markdown.lines().all(|line| line.len() < 1_000) || tags == "<x>",
            "{tags}"
        );
    }
}

/// Pseudo-random tag soup, the same in every run.
fn soup(seed: u64) -> String {
    const PARTS: &[&str] = &[
        "<p>",
        "</p>",
        "<ul>",
        "</ul>",
        "<li>",
        "</li>",
        "<ol>",
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<code>",
        "</code>",
        "<a href=\"https://a.b/c\">",
        "<a>",
        "</a>",
        "<pre>",
        "</pre>",
        "<note>",
        "</note>",
        "<dl>",
        "<dt>",
        "<dd>",
        "<table>",
        "<tr>",
        "<td>",
        "<br>",
        "<x>",
        "<",
        ">",
        "[",
        "]",
        "`",
        "``",
        "*",
        "_",
        "\\",
        "&lt;script&gt;",
        "#",
        "-",
        "1.",
        "+",
        "~~~",
        "|",
        "word",
        " ",
        "\n",
        "https://a.b",
        "!",
        "&amp;lt;",
        "===",
        "é",
    ];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut soup = String::new();
    for _ in 0..60 {
        // Xorshift, as in Marsaglia's paper.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % PARTS.len() as u64).unwrap();
        soup.push_str(PARTS[at]);
    }
    soup
}

/// Returns Markdown without code and without escaped characters.
fn without_code_and_escapes(markdown: &str) -> String {
    let mut left = String::new();
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        let fence = rest.len() - rest.trim_start_matches('`').len();
        if fence > 0 {
            let fence = "`".repeat(fence);
            let mut end = &rest[fence.len()..];
            // The span ends at a run of just as many backticks.
            loop {
                let run = end
                    .find('`')
                    .unwrap_or_else(|| panic!("open fence in {markdown:?}"));
                end = &end[run..];
                let length = end.len() - end.trim_start_matches('`').len();
                end = &end[length..];
                if length == fence.len() {
                    break;
                }
            }
            rest = end;
        } else if c == '\\' {
            rest = rest.get(2..).unwrap_or_default();
        } else {
            left.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    left
}

/// Tells whether every URL stands in an autolink, in a link's destination or in a link's text.
fn has_no_bare_url(text: &str) -> bool {
    text.match_indices("https://").all(|(at, _)| {
        let before = &text[..at];
        let is_in_link = before.matches('[').count() > before.matches("](").count();
        let is_in_autolink = before.rfind('<') > before.rfind('>');
        is_in_link || is_in_autolink || before.ends_with("](")
    })
}

#[test]
fn tag_soup_leaves_no_markup_that_rustdoc_minds() {
    for seed in 0..5_000 {
        let html = soup(seed);
        let left = without_code_and_escapes(&to_markdown(&html));
        let about = format!("seed {seed}: {html:?} -> {left:?}");
        let links = left.matches("](https://a.b/c)").count();
        assert_eq!(left.matches(['[', ']']).count(), 2 * links, "{about}");
        assert_eq!(
            left.matches('<').count(),
            left.matches("<https://").count(),
            "{about}"
        );
        assert!(has_no_bare_url(&left), "{about}");
    }
}
