//! What both Redis buses share: connections and the publisher.

pub(crate) mod backlog;
pub(crate) mod publisher;

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo,
};

use crate::error::Site;
use crate::{BusError, ClientSetting, Endpoint, Options};

/// For the handshake.
pub(crate) const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// For the reply to a publish.
pub(crate) const RESPONSE_DEADLINE: Duration = Duration::from_secs(5);

/// The settings that both buses' publishers run with.
pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    let limits = publisher::Limits::new(options);
    vec![
        ClientSetting::new("tcp_nodelay", true),
        ClientSetting::new("protocol", "RESP2"),
        ClientSetting::new("command_queue_requests", options.client_queue.max(1)),
        ClientSetting::new("response_timeout_ms", RESPONSE_DEADLINE.as_millis()),
        ClientSetting::new("pipeline_commands", limits.commands),
        ClientSetting::new("pipeline_bytes", publisher::PIPELINE_BYTES),
        ClientSetting::new("pipelines_in_flight", limits.pipelines),
        ClientSetting::new("reconnect", false),
    ]
}

/// Login and protocol.
pub(crate) fn login(endpoint: &Endpoint) -> RedisConnectionInfo {
    let info = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP2);
    match &endpoint.credentials {
        None => info,
        // An empty user is the server's password of old, `requirepass`.
        Some(login) if login.user.is_empty() => info.set_password(&login.password),
        Some(login) => info.set_username(&login.user).set_password(&login.password),
    }
}

/// Opens a connection for commands. It never reconnects. `response_deadline` is `None` for commands
/// that block.
pub(crate) async fn connect(
    options: &Options,
    site: &Site,
    response_deadline: Option<Duration>,
) -> Result<MultiplexedConnection, BusError> {
    let endpoint = &options.endpoint;
    let failed = |error| site.failed("connect", error);
    let info = (endpoint.host.as_str(), endpoint.port)
        .into_connection_info()
        .map_err(failed)?
        .set_tcp_settings(TcpSettings::default().set_nodelay(true))
        .set_redis_settings(login(endpoint));
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_DEADLINE))
        .set_response_timeout(response_deadline)
        .set_pipeline_buffer_size(options.client_queue.max(1));
    let client = Client::open(info).map_err(failed)?;
    let connected = client.get_multiplexed_async_connection_with_config(&config);
    connected.await.map_err(failed)
}
