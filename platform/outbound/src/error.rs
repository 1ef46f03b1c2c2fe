use std::time::Duration;

/// Why a call did not succeed. An answer with an error status is an answer, not one of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The address is none that can be called: syntax, scheme, no host.
    #[error("{0} is not an address that can be called")]
    Invalid(String),
    /// It leads into a range that this server does not call.
    #[error(
        "{0} is in a network that this server may not call; its operator can allow it with [outbound] allow"
    )]
    Forbidden(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}
