//! Who did it.

use std::fmt;

/// Somebody who was recognised.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// A user of this machine, by the credentials of the socket.
    User(String),
    /// Whoever holds the token of this name.
    Token(String),
}

impl Who {
    /// The attributes of the CloudEvents Auth Context extension: `authtype` and `authid`
    /// (<https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/authcontext.md>).
    #[must_use]
    pub fn auth_context(&self) -> (&'static str, &str) {
        match self {
            Self::User(name) => ("user", name),
            Self::Token(name) => ("service_account", name),
        }
    }

    /// Whom these attributes name.
    #[must_use]
    pub fn of_auth_context(authtype: Option<&str>, authid: &str) -> Self {
        match authtype {
            Some("service_account") => Self::Token(authid.to_owned()),
            _ => Self::User(authid.to_owned()),
        }
    }
}

/// A user by the name alone; a token as "token NAME", which no user is called.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => f.write_str(name),
            Self::Token(name) => write!(f, "token {name}"),
        }
    }
}

/// By whose word something is ordered, and who was recognised as giving it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// By whose word.
    pub name: String,
    /// Who gave it, where that is somebody else.
    pub recorded_by: Option<String>,
}

impl Author {
    /// The author that is stated, or `who` themselves.
    #[must_use]
    pub fn stated(stated: Option<String>, who: &Who) -> Self {
        let who = who.to_string();
        match stated {
            Some(name) if name.trim() != who => Self { name, recorded_by: Some(who) },
            _ => Self { name: who, recorded_by: None },
        }
    }
}

/// An author who is believed.
impl From<String> for Author {
    fn from(name: String) -> Self {
        Self { name, recorded_by: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gives_the_word_of_another_is_kept_beside_it() {
        let root = Who::User("root".to_owned());
        let stated = |name: Option<&str>| Author::stated(name.map(str::to_owned), &root);
        assert_eq!(stated(None), Author::from("root".to_owned()));
        assert_eq!(stated(Some("root")), Author::from("root".to_owned()));
        let priya = stated(Some("priya"));
        assert_eq!((priya.name.as_str(), priya.recorded_by.as_deref()), ("priya", Some("root")));
        // What is empty is refused later, with what to say.
        assert_eq!(stated(Some(" ")).name, " ");
    }

    #[test]
    fn a_token_is_not_taken_for_the_user_of_its_name() {
        for who in [Who::User("root".to_owned()), Who::Token("root".to_owned())] {
            let (authtype, authid) = who.auth_context();
            assert_eq!(Who::of_auth_context(Some(authtype), authid), who);
        }
        assert_eq!(Who::of_auth_context(None, "priya"), Who::User("priya".to_owned()));
        assert_ne!(Who::User("root".to_owned()).to_string(), Who::Token("root".to_owned()).to_string());
    }
}
