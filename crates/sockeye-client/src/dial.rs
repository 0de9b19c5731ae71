//! How a client comes to a transport.

use std::{error::Error, fmt, future::Future, pin::Pin, sync::Arc};

#[cfg(feature = "engine")]
use sockeye_engine_client as engine;
use sockeye_transport::Connector;

use crate::{BuildError, carrier::Carrier, told::Told};

/// What a builder was told to connect to.
pub(crate) enum Target {
    #[cfg(feature = "engine")]
    Engine {
        url: String,
        path: Box<str>,
        config: engine::Config,
    },
    Connector(Arc<dyn Connector>),
}

impl Target {
    #[cfg(feature = "engine")]
    pub(crate) fn to(url: String) -> Self {
        Self::Engine { url, path: "/socket.io/".into(), config: engine::Config::new() }
    }

    /// Where connections come from. If somebody is to be told what happens to them, this is where it is noted.
    #[cfg_attr(
        not(feature = "engine"),
        expect(
            unused_variables,
            clippy::unnecessary_wraps,
            reason = "only an engine's URL can be wrong, and only engines tell"
        )
    )]
    pub(crate) fn dial(self, told: Option<&Told>) -> Result<Dial, BuildError> {
        match self {
            #[cfg(feature = "engine")]
            Self::Engine { url, path, config } => {
                let url = url.parse().map_err(BuildError::Url)?;
                let config = config.with_path(&path);
                let config = match told {
                    Some(told) => told.told_by(config),
                    None => config,
                };
                Ok(Dial::Engine(Arc::new((url, config))))
            }
            Self::Connector(connector) => Ok(Dial::Connector(connector)),
        }
    }
}

/// Where the connections of a client come from.
#[derive(Clone)]
pub(crate) enum Dial {
    #[cfg(feature = "engine")]
    Engine(Arc<(engine::Url, engine::Config)>),
    Connector(Arc<dyn Connector>),
}

/// An attempt to connect.
pub(crate) type Attempt = Pin<Box<dyn Future<Output = Result<Carrier, Arc<dyn Error + Send + Sync>>> + Send>>;

impl Dial {
    pub(crate) fn attempt(&self) -> Attempt {
        match self.clone() {
            #[cfg(feature = "engine")]
            Self::Engine(engine) => Box::pin(async move {
                let (url, config) = &*engine;
                let connection = engine::connect(url, config).await.map_err(shared)?;
                Ok(Carrier::This(Box::new(connection)))
            }),
            Self::Connector(connector) => Box::pin(async move {
                let transport = connector.connect().await.map_err(shared)?;
                Ok(Carrier::Other(transport))
            }),
        }
    }
}

fn shared(error: impl Error + Send + Sync + 'static) -> Arc<dyn Error + Send + Sync> {
    Arc::new(error)
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            #[cfg(feature = "engine")]
            Self::Engine(_) => "Engine",
            Self::Connector(_) => "Connector",
        })
    }
}
