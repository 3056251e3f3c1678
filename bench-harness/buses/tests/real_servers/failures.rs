//! What goes wrong shows, soon, and says where.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use busbench_buses::{
    Bus, BusError, BusKind, Credentials, Mqtt3, Mqtt5, NatsCore, NatsJetstream, Options,
    PublishMode, Publisher, Qos, RedisPubsub, RedisStreams, Subscriber, TryPublishError,
};
use busbench_envelope::Layout;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::server::{Server, endpoint, free_port};
use crate::traffic::{Collected, Collector, Observed, PIPELINED, options, pair, stamp};

const SOON: Duration = Duration::from_secs(5);
/// What `mosquitto_passwd` makes of user `edgex` and password `right`.
const MOSQUITTO_PASSWORD: &str = "edgex:$7$101$djX3F7ShfIH1DrdQ$xKnHOmTDak\
    k7eqQE5FcrdKDbJgLfPj+amfuKRM/QKCh05HqmfyVs3AY5+dElbfByl4W0Mj9VGZc2w9eVjWX7vg==\n";

/// Publishes until it fails; fails the test where that takes too long.
async fn publish_until_it_fails<P: Publisher>(mut publisher: P) -> BusError {
    let mut observed = Observed::default();
    let failing = async {
        let mut sequence = 0;
        loop {
            if let Err(error) = publisher.publish(&stamp(0, sequence), &mut observed).await {
                return error;
            }
            sequence += 1;
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    };
    let failed = tokio::time::timeout(SOON, failing).await;
    failed.expect("a publisher without a server fails")
}

/// The same with `try_publish`; where the window is full, acknowledgements are waited for.
async fn try_until_it_fails<P: Publisher>(mut publisher: P) -> BusError {
    let mut observed = Observed::default();
    let failing = async {
        let mut sequence = 0;
        loop {
            match publisher.try_publish(&stamp(0, sequence), &mut observed) {
                Ok(()) => sequence += 1,
                Err(TryPublishError::Failed(error)) => return error,
                Err(TryPublishError::Full) if publisher.is_direct() => {}
                Err(TryPublishError::Full) => {
                    let acknowledged = publisher.acknowledgements(&mut observed).await;
                    if let Err(error) = acknowledged {
                        return error;
                    }
                }
            }
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    };
    let failed = tokio::time::timeout(SOON, failing).await;
    failed.expect("a publisher without a server fails")
}

async fn deliver_until_it_fails<S: Subscriber>(mut subscriber: S) -> BusError {
    let mut collector = Collector {
        collected: Collected::default(),
        expected: Vec::new(),
    };
    loop {
        if let Err(error) = subscriber.deliver(&mut collector).await {
            return error;
        }
    }
}

/// Kills the server under a publisher and a subscriber that are at work.
async fn check_death<B: Bus>(kind: BusKind, adapt: impl Fn(&mut Options), tries: bool) {
    let Some(mut server) = Server::start(kind) else {
        return;
    };
    let mut options = options(server.endpoint(), PIPELINED);
    adapt(&mut options);
    let case = format!(
        "{kind} {:?} {:?} tries: {tries}",
        options.publish, options.qos
    );
    let named = format!("127.0.0.1:{}", server.endpoint().port);
    let (_bus, publisher, subscriber) = pair::<B>(options, Layout::Json).await;
    let reading = tokio::spawn(deliver_until_it_fails(subscriber));
    let writing = tokio::spawn(async move {
        if tries {
            try_until_it_fails(publisher).await
        } else {
            publish_until_it_fails(publisher).await
        }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.kill();
    let errors = [
        tokio::time::timeout(SOON, reading)
            .await
            .expect(&case)
            .expect(&case),
        tokio::time::timeout(2 * SOON, writing)
            .await
            .expect(&case)
            .expect(&case),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(
            text.contains(&named) && text.contains(kind.name()),
            "{case}: {text}"
        );
    }
}

async fn check_deaths<B: Bus>(kind: BusKind, qos: &[Qos]) {
    for qos in qos {
        for publish in [PublishMode::Edgex, PIPELINED] {
            for tries in [false, true] {
                let adapt = |options: &mut Options| {
                    options.qos = *qos;
                    options.publish = publish;
                };
                check_death::<B>(kind, adapt, tries).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nats_server_that_dies_is_told() {
    check_deaths::<NatsCore>(BusKind::NatsCore, &[Qos::AtMostOnce]).await;
    check_deaths::<NatsJetstream>(BusKind::NatsJetstream, &[Qos::AtMostOnce]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_mqtt_server_that_dies_is_told() {
    let qos = [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce];
    check_deaths::<Mqtt3>(BusKind::Mqtt3, &qos).await;
    check_deaths::<Mqtt5>(BusKind::Mqtt5, &qos).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_server_that_dies_is_told() {
    check_deaths::<RedisPubsub>(BusKind::RedisPubsub, &[Qos::AtMostOnce]).await;
    check_deaths::<RedisStreams>(BusKind::RedisStreams, &[Qos::AtMostOnce]).await;
}

/// Passes connections on to the server until it is aborted, which cuts them.
async fn relay(listener: TcpListener, server: u16) {
    let mut connections = JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.expect("a connection");
        connections.spawn(async move {
            let mut far = TcpStream::connect(("127.0.0.1", server)).await;
            let far = far.as_mut().expect("a server");
            // Ends when either side does.
            let _ = tokio::io::copy_bidirectional(&mut near, far).await;
        });
    }
}

/// Cuts the connections while the server lives and can be connected to again at once.
async fn check_cut<B: Bus>(kind: BusKind) {
    let Some(server) = Server::start(kind) else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let relaying = tokio::spawn(relay(listener, server.endpoint().port));
    let options = options(endpoint(port), PIPELINED);
    let (_bus, publisher, subscriber) = pair::<B>(options, Layout::Json).await;
    relaying.abort();
    assert!(relaying.await.is_err_and(|error| error.is_cancelled()));
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .expect("the same port");
    let relaying = tokio::spawn(relay(listener, server.endpoint().port));
    let reading = tokio::time::timeout(SOON, deliver_until_it_fails(subscriber)).await;
    reading.expect("a subscriber that is cut off fails");
    publish_until_it_fails(publisher).await;
    relaying.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_is_told_and_not_opened_again() {
    check_cut::<NatsCore>(BusKind::NatsCore).await;
    check_cut::<NatsJetstream>(BusKind::NatsJetstream).await;
    check_cut::<Mqtt3>(BusKind::Mqtt3).await;
    check_cut::<Mqtt5>(BusKind::Mqtt5).await;
    check_cut::<RedisPubsub>(BusKind::RedisPubsub).await;
    check_cut::<RedisStreams>(BusKind::RedisStreams).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_listens_is_told_at_once_with_its_address() {
    async fn check_dead_port<B: Bus>(kind: BusKind) {
        let port = free_port();
        let opened = B::open(options(endpoint(port), PIPELINED));
        let opened = tokio::time::timeout(SOON, opened).await;
        let Err(error) = opened.expect("in time") else {
            panic!("{kind}: nothing listens, and yet it connects");
        };
        let expected = format!("cannot connect on {kind} at 127.0.0.1:{port}");
        assert_eq!(error.to_string(), expected);
        assert!(
            std::error::Error::source(&error).is_some(),
            "{kind}: the cause is kept"
        );
    }
    check_dead_port::<NatsCore>(BusKind::NatsCore).await;
    check_dead_port::<NatsJetstream>(BusKind::NatsJetstream).await;
    check_dead_port::<Mqtt3>(BusKind::Mqtt3).await;
    check_dead_port::<Mqtt5>(BusKind::Mqtt5).await;
    check_dead_port::<RedisPubsub>(BusKind::RedisPubsub).await;
    check_dead_port::<RedisStreams>(BusKind::RedisStreams).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_publishes_is_told_for_each() {
    let Some(server) = Server::start_with(BusKind::RedisStreams, &["--maxmemory", "1"]) else {
        return;
    };
    for publish in [PublishMode::Edgex, PIPELINED] {
        let options = options(server.endpoint(), publish);
        let (_bus, mut publisher, _subscriber) = pair::<RedisStreams>(options, Layout::Json).await;
        let mut observed = Observed::default();
        for sequence in 0..10 {
            let stamp = stamp(0, sequence);
            let sent = publisher.publish(&stamp, &mut observed).await;
            sent.expect("the connection is sound");
        }
        publisher.close(&mut observed).await.expect("closed");
        assert_eq!(observed.failed.len(), 10);
        assert_eq!(observed.acked.len(), 0);
    }
}

/// Opens the bus with the right login, and with a wrong one.
async fn check_login<B: Bus>(kind: BusKind, configuration: &[&str], user: &str) {
    let Some(server) = Server::start_with(kind, configuration) else {
        return;
    };
    let with = |password: &str| {
        let mut endpoint = server.endpoint();
        endpoint.credentials = Some(Credentials {
            user: user.to_owned(),
            password: password.to_owned(),
        });
        options(endpoint, PIPELINED)
    };
    // As a publisher and a subscriber, too.
    pair::<B>(with("right"), Layout::Json).await;
    let refused = tokio::time::timeout(SOON, B::open(with("secret"))).await;
    let Err(error) = refused.expect("in time") else {
        panic!("{kind}: a wrong password is taken");
    };
    assert!(
        error.to_string().starts_with("cannot connect on"),
        "{error}"
    );
    // The debug form holds the causes.
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_used_and_a_wrong_one_refused_without_telling_it() {
    let nats = ["--user", "edgex", "--pass", "right"];
    check_login::<NatsCore>(BusKind::NatsCore, &nats, "edgex").await;
    check_login::<NatsJetstream>(BusKind::NatsJetstream, &nats, "edgex").await;
    let redis = ["--requirepass", "right"];
    for user in ["", "default"] {
        check_login::<RedisPubsub>(BusKind::RedisPubsub, &redis, user).await;
        check_login::<RedisStreams>(BusKind::RedisStreams, &redis, user).await;
    }
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("passwords");
    std::fs::write(&file, MOSQUITTO_PASSWORD).expect("a password file");
    // Mosquitto reads it as a user of its own.
    let readable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), readable).expect("a folder of ours");
    let passwords = format!("password_file {}", file.display());
    let mosquitto = [passwords.as_str()];
    check_login::<Mqtt3>(BusKind::Mqtt3, &mosquitto, "edgex").await;
    check_login::<Mqtt5>(BusKind::Mqtt5, &mosquitto, "edgex").await;
}
