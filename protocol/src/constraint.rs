//! Rules between the members of a request that a model states only in prose.

/// A member in a rule: its wire name, and how to see whether it is set.
pub type MemberPresence<O> = (&'static str, fn(&O) -> bool);

/// A rule between the members of an operation's input, checked before anything is sent.
#[non_exhaustive]
pub enum Constraint<O: 'static> {
    /// One of the members is set, and only one.
    ExactlyOneOf(&'static [MemberPresence<O>]),
    /// One of the members is set, or none.
    AtMostOneOf(&'static [MemberPresence<O>]),
    /// One of the members is set, or several.
    AtLeastOneOf(&'static [MemberPresence<O>]),
    /// Where the first member is set, so are all others.
    Requires(MemberPresence<O>, &'static [MemberPresence<O>]),
}

impl<O> Constraint<O> {
    /// Checks `operation` against this rule.
    ///
    /// # Errors
    ///
    /// Returns a sentence that names the members, without the operation's name.
    pub fn check(&self, operation: &O) -> Result<(), String> {
        match self {
            Self::ExactlyOneOf(members) => match set_members(members, operation).as_slice() {
                [_] => Ok(()),
                [] => Err(format!(
                    "set exactly one of {}: none is set",
                    list(&names(members))
                )),
                set => Err(format!(
                    "set exactly one of {}: {} are set",
                    list(&names(members)),
                    list(set)
                )),
            },
            Self::AtMostOneOf(members) => match set_members(members, operation).as_slice() {
                [] | [_] => Ok(()),
                set => Err(format!(
                    "set at most one of {}: {} are set",
                    list(&names(members)),
                    list(set)
                )),
            },
            Self::AtLeastOneOf(members) => {
                if set_members(members, operation).is_empty() {
                    let names = list(&names(members));
                    return Err(format!("set at least one of {names}: none is set"));
                }
                Ok(())
            }
            Self::Requires((member, is_set), required) => {
                let missing: Vec<_> = required
                    .iter()
                    .filter(|(_, is_set)| !is_set(operation))
                    .map(|(name, _)| *name)
                    .collect();
                if !is_set(operation) || missing.is_empty() {
                    return Ok(());
                }
                Err(format!("`{member}` needs {} to be set as well", list(&missing)))
            }
        }
    }
}

fn names<O>(members: &[MemberPresence<O>]) -> Vec<&'static str> {
    members.iter().map(|(name, _)| *name).collect()
}

fn set_members<O>(members: &[MemberPresence<O>], operation: &O) -> Vec<&'static str> {
    members
        .iter()
        .filter(|(_, is_set)| is_set(operation))
        .map(|(name, _)| *name)
        .collect()
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Request {
        a: Option<i32>,
        b: Option<i32>,
    }

    const A: MemberPresence<Request> = ("a", |request| request.a.is_some());
    const B: MemberPresence<Request> = ("b", |request| request.b.is_some());
    const NEITHER: Request = Request { a: None, b: None };
    const ONLY_A: Request = Request { a: Some(1), b: None };
    const BOTH: Request = Request {
        a: Some(1),
        b: Some(2),
    };

    #[test]
    fn exactly_one_of_names_the_members() {
        let rule = Constraint::ExactlyOneOf(&[A, B]);
        assert_eq!(rule.check(&ONLY_A), Ok(()));
        assert_eq!(
            rule.check(&NEITHER).unwrap_err(),
            "set exactly one of `a` and `b`: none is set"
        );
        assert_eq!(
            rule.check(&BOTH).unwrap_err(),
            "set exactly one of `a` and `b`: `a` and `b` are set"
        );
    }

    #[test]
    fn at_most_one_of_allows_none() {
        let rule = Constraint::AtMostOneOf(&[A, B]);
        assert_eq!(rule.check(&NEITHER), Ok(()));
        assert_eq!(rule.check(&ONLY_A), Ok(()));
        assert!(rule.check(&BOTH).is_err());
    }

    #[test]
    fn at_least_one_of_allows_several() {
        let rule = Constraint::AtLeastOneOf(&[A, B]);
        assert!(rule.check(&NEITHER).is_err());
        assert_eq!(rule.check(&BOTH), Ok(()));
    }

    #[test]
    fn requires_holds_only_where_the_first_member_is_set() {
        let rule = Constraint::Requires(A, &[B]);
        assert_eq!(rule.check(&NEITHER), Ok(()));
        assert_eq!(rule.check(&BOTH), Ok(()));
        assert_eq!(
            rule.check(&ONLY_A).unwrap_err(),
            "`a` needs `b` to be set as well"
        );
    }
}
