//! Where a running server is: from a URL, with the login beside it or inside.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::counters::MONITOR_VARIABLE;
use crate::kind::Program;
use crate::{BrokerError, Environment, ServerAddress, ServerKind};

use super::file::Entry;

/// The address of a server, from variables or from the file's entry.
pub(super) fn resolve(
    environment: &Environment,
    kind: ServerKind,
    entry: Option<&Entry>,
) -> Result<ServerAddress, BrokerError> {
    let variable = |what: &str| format!("BUSBENCH_{}_{what}", kind.program().variable());
    let pick = |what: &str, inside: fn(&Entry) -> Option<&String>| {
        let from_file = entry.and_then(inside).map(String::as_str);
        environment
            .get(&variable(what))
            .or(from_file)
            .map(str::to_owned)
    };
    let url_variable = variable("URL");
    let url = pick("URL", |entry| entry.url.as_ref()).ok_or_else(|| BrokerError::NoUrl {
        server: kind,
        variable: url_variable.clone(),
    })?;
    let place = match environment.get(&url_variable) {
        Some(_) => url_variable,
        None => environment
            .get("BUSBENCH_SERVERS")
            .unwrap_or_default()
            .to_owned(),
    };
    let mut address = parse(kind.program(), &url).map_err(|reason| BrokerError::BadUrl {
        server: kind,
        place,
        example: example(kind.program()),
        reason,
    })?;
    let user = pick("USER", |entry| entry.user.as_ref());
    let password = pick("PASSWORD", |entry| entry.password.as_ref());
    if user.is_some() || password.is_some() {
        address.login = Some((user.unwrap_or_default(), password.unwrap_or_default()));
    }
    Ok(address)
}

/// Host and port of the monitoring of a NATS server; `None` where nobody named it.
pub(super) fn monitor(environment: &Environment) -> Result<Option<(String, u16)>, BrokerError> {
    let Some(text) = environment.get(MONITOR_VARIABLE) else {
        return Ok(None);
    };
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http");
    let host = url.as_ref().and_then(Url::host_str);
    match (host, url.as_ref().and_then(Url::port_or_known_default)) {
        (Some(host), Some(port)) => Ok(Some((host.trim_matches(['[', ']']).to_owned(), port))),
        _ => Err(BrokerError::BadVariable {
            variable: MONITOR_VARIABLE.to_owned(),
            value: text.to_owned(),
            expected: "it is no URL such as http://gateway.local:8222",
        }),
    }
}

/// The address as a URL, without the login.
pub(super) fn url(program: Program, address: &ServerAddress) -> String {
    let (scheme, _) = scheme(program);
    if address.host.contains(':') {
        format!("{scheme}://[{}]:{}", address.host, address.port)
    } else {
        format!("{scheme}://{}:{}", address.host, address.port)
    }
}

fn parse(program: Program, text: &str) -> Result<ServerAddress, String> {
    let (scheme, default_port) = scheme(program);
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if url.scheme() != scheme {
        let reason = format!("only `{scheme}://` is supported, not `{}://`", url.scheme());
        return Err(reason);
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| "it names no host".to_owned())?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("nothing may follow host and port".to_owned());
    }
    let login = match (url.username(), url.password()) {
        ("", None) => None,
        (user, password) => Some((decoded(user)?, decoded(password.unwrap_or_default())?)),
    };
    Ok(ServerAddress {
        // IPv6 addresses stand in brackets in URLs and nowhere else.
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(default_port),
        login,
    })
}

fn decoded(text: &str) -> Result<String, String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| "its login is not UTF-8".to_owned())
}

fn scheme(program: Program) -> (&'static str, u16) {
    match program {
        Program::Nats => ("nats", 4222),
        Program::Mosquitto => ("mqtt", 1883),
        Program::Redis => ("redis", 6379),
    }
}

fn example(program: Program) -> &'static str {
    match program {
        Program::Nats => "nats://gateway.local:4222",
        Program::Mosquitto => "mqtt://gateway.local:1883",
        Program::Redis => "redis://gateway.local:6379",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str, port: u16, login: Option<(&str, &str)>) -> ServerAddress {
        ServerAddress {
            host: host.to_owned(),
            port,
            login: login.map(|(user, password)| (user.to_owned(), password.to_owned())),
        }
    }

    #[test]
    fn urls_give_host_port_and_login() {
        for (program, text, expected) in [
            (
                Program::Nats,
                "nats://gateway",
                address("gateway", 4222, None),
            ),
            (
                Program::Mosquitto,
                "mqtt://10.0.0.7:2883/",
                address("10.0.0.7", 2883, None),
            ),
            (
                Program::Redis,
                "redis://[::1]:7000",
                address("::1", 7000, None),
            ),
            (
                Program::Redis,
                "redis://:p%40ss@host",
                address("host", 6379, Some(("", "p@ss"))),
            ),
            (
                Program::Nats,
                "nats://me:sesame@host:1",
                address("host", 1, Some(("me", "sesame"))),
            ),
        ] {
            assert_eq!(parse(program, text).as_ref(), Ok(&expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_of_the_server_is_refused() {
        for (text, reason) in [
            (
                "gateway:4222",
                "only `nats://` is supported, not `gateway://`",
            ),
            ("tls://gateway", "only `nats://` is supported, not `tls://`"),
            ("nats://", "it names no host"),
            ("nats://host/path", "nothing may follow host and port"),
            ("nats://host:70000", "invalid port number"),
            ("", "relative URL without a base"),
        ] {
            assert_eq!(parse(Program::Nats, text), Err(reason.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_address_of_monitoring_is_a_url_or_refused() {
        let found = |value| monitor(&Environment::default().with(MONITOR_VARIABLE, value));
        let expected = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(found("").unwrap(), None);
        assert_eq!(
            found("http://gateway:8222").unwrap(),
            expected("gateway", 8222)
        );
        assert_eq!(found("http://[::1]:8222/").unwrap(), expected("::1", 8222));
        for bad in ["gateway:8222", "https://gateway:8222", "http://"] {
            let error = found(bad).unwrap_err().to_string();
            assert!(error.contains("http://gateway.local:8222"), "{error}");
        }
    }

    #[test]
    fn a_login_is_never_shown() {
        let environment = Environment::default()
            .with("BUSBENCH_NATS_URL", "nats://me:sesame@host")
            .with("BUSBENCH_REDIS_URL", "rediss://me:sesame@host");
        let found = resolve(&environment, ServerKind::Nats, None).unwrap();
        assert_eq!(found.login, Some(("me".to_owned(), "sesame".to_owned())));
        assert_eq!(url(Program::Nats, &found), "nats://host:4222");
        let error = resolve(&environment, ServerKind::Redis, None).unwrap_err();
        for text in [
            format!("{found:?}"),
            found.to_string(),
            format!("{environment:?}"),
            format!("{error:?}{error}"),
        ] {
            assert!(!text.contains("sesame"), "{text}");
        }
    }

    #[test]
    fn variables_go_before_the_file() {
        let entry = Entry {
            url: Some("redis://in-file:1".to_owned()),
            user: Some("file-user".to_owned()),
            password: Some("file-password".to_owned()),
        };
        let environment = Environment::default()
            .with("BUSBENCH_REDIS_URL", "redis://in-variable:2")
            .with("BUSBENCH_REDIS_PASSWORD", "variable-password");
        let found = resolve(&environment, ServerKind::Redis, Some(&entry)).unwrap();
        let login = Some(("file-user", "variable-password"));
        assert_eq!(found, address("in-variable", 2, login));
    }

    #[test]
    fn a_server_without_an_address_is_named_with_the_variable() {
        let error = resolve(&Environment::default(), ServerKind::NatsJetstream, None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no address of nats-jetstream: set BUSBENCH_NATS_URL, or name a file with \
             BUSBENCH_SERVERS"
        );
    }
}
