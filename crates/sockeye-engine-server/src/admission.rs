//! Whether a session may be opened, and by which id: what the application says, in the order in which the reference asks.

use sockeye_engine_codec::{Revision, Sid};
use sockeye_engine_proto::request::{Opening, Refusal, RefusalCause};
use tokio::time::timeout;

use crate::{Config, Engine, Forbidden, HandshakeInfo, error::OpenError};

/// A session that may be opened.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) revision: Revision,
    /// What the application wants it to be called; a random id if it does not care.
    pub(crate) sid: Option<Sid>,
}

impl Admission {
    /// Of a session in this revision that the application is not asked about.
    pub(crate) fn to(revision: Revision) -> Self {
        Self { revision, sid: None }
    }

    /// Asks the application where it wants to be asked.
    ///
    /// # Errors
    /// If it refuses or cannot be asked, or if the client speaks a revision that is not spoken here.
    pub(crate) async fn ask(
        engine: &Engine,
        opening: &Opening,
        info: &HandshakeInfo,
    ) -> Result<Self, OpenError> {
        let config = engine.config();
        if !config.hooks.are_asked() {
            return Ok(Self::to(opening.revision()?));
        }
        let _asking = engine.begin_handshake(info.ip())?;
        allow(config, info).await?;
        let revision = opening.revision()?;
        let sid = id(config, info).await?;
        // Once more when it is entered: this is to tell before a WebSocket has been answered, not to be sure.
        if sid.as_ref().is_some_and(|sid| engine.find(sid.as_str()).is_some()) {
            return Err(OpenError::id_taken());
        }
        Ok(Self { revision, sid })
    }
}

async fn allow(config: &Config, info: &HandshakeInfo) -> Result<(), Refusal> {
    let forbidden = match timeout(config.handshake_timeout, config.hooks.allow(info)).await {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(forbidden))) => forbidden,
        // Who has not said yes has said no.
        Ok(Err(_)) | Err(_) => Forbidden::new(),
    };
    Err(Refusal::new(RefusalCause::Forbidden { message: forbidden.into_message() }))
}

async fn id(config: &Config, info: &HandshakeInfo) -> Result<Option<Sid>, Refusal> {
    let error = match timeout(config.handshake_timeout, config.hooks.id(info)).await {
        Ok(Ok(Ok(None))) => return Ok(None),
        Ok(Ok(Ok(Some(text)))) => match Sid::try_from(&*text) {
            Ok(sid) => return Ok(Some(sid)),
            Err(error) => error.to_string(),
        },
        Ok(Ok(Err(error))) => error,
        Ok(Err(_)) => "the hook panicked".into(),
        Err(_) => "the hook took too long".into(),
    };
    Err(Refusal::new(RefusalCause::IdGeneration { error }))
}
