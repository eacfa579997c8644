//! What somebody may have meant.

/// Names the candidate that is most like `name`, for the end of a sentence.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    let scored = candidates.map(|candidate| {
        let score = strsim::jaro_winkler(&name.to_ascii_lowercase(), &candidate.to_ascii_lowercase());
        (score, candidate)
    });
    let best = scored
        .filter(|(score, _)| *score > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, best)| format!("; did you mean `{best}`?"))
        .unwrap_or_default()
}
