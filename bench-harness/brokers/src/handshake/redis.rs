//! Redis: `AUTH`, `PING`, `INFO server`, `CONFIG GET *` in RESP2.
//! (<https://redis.io/docs/latest/develop/reference/protocol-spec/>)

use std::fmt::Write;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Bounded, Greeting, HandshakeError, Login, excerpt};

/// Settings whose values are secrets have one of these in their names: `requirepass`,
/// `masterauth`, `masteruser`, `tls-key-file-pass`.
const SECRET: [&str; 3] = ["pass", "auth", "user"];

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Text(String),
    Error(String),
    List(Vec<Reply>),
}

pub(super) async fn greet<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    login: Option<&Login>,
) -> Result<Greeting, HandshakeError> {
    log_in(stream, login).await?;
    accepted(stream, &["PING"]).await?;
    let version = match ask(stream, &["INFO", "server"]).await? {
        Reply::Text(info) => info
            .lines()
            .find_map(|line| line.strip_prefix("redis_version:"))
            .map(|version| version.trim().to_owned()),
        // A login may be allowed less than this.
        Reply::Error(_) | Reply::List(_) => None,
    };
    let configuration = match ask(stream, &["CONFIG", "GET", "*"]).await? {
        Reply::List(settings) => recorded(&settings),
        Reply::Error(_) | Reply::Text(_) => String::new(),
    };
    Ok(Greeting {
        version,
        configuration,
    })
}

/// Logs in where there is a login.
pub(crate) async fn log_in<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    login: Option<&Login>,
) -> Result<(), HandshakeError> {
    match login {
        // A server without users of its own has a password only.
        Some((user, password)) if user.is_empty() => accepted(stream, &["AUTH", password]).await,
        Some((user, password)) => accepted(stream, &["AUTH", user, password]).await,
        None => Ok(()),
    }
}

/// Name and value alternate in what `CONFIG GET` answers.
fn recorded(settings: &[Reply]) -> String {
    let mut pairs: Vec<(&str, &str)> = settings
        .as_chunks::<2>()
        .0
        .iter()
        .filter_map(|pair| match pair {
            [Reply::Text(name), Reply::Text(value)] => Some((name.as_str(), value.as_str())),
            _ => None,
        })
        .filter(|(name, _)| !SECRET.iter().any(|secret| name.contains(secret)))
        .collect();
    pairs.sort_unstable();
    let mut text = String::new();
    for (name, value) in pairs {
        let _ = writeln!(text, "{name} {value}");
    }
    text
}

async fn accepted<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    command: &[&str],
) -> Result<(), HandshakeError> {
    match ask(stream, command).await? {
        Reply::Error(error) => Err(HandshakeError::Refused(error)),
        Reply::Text(_) | Reply::List(_) => Ok(()),
    }
}

/// Sends a command and gives its answer.
pub(crate) async fn ask<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    command: &[&str],
) -> Result<Reply, HandshakeError> {
    let mut request = format!("*{}\r\n", command.len());
    for word in command {
        let _ = write!(request, "${}\r\n{word}\r\n", word.len());
    }
    stream.writer.write_all(request.as_bytes()).await?;
    stream.writer.flush().await?;
    reply(stream).await
}

async fn reply<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<Reply, HandshakeError> {
    let first = line(stream).await?;
    let Some(count) = first.strip_prefix('*') else {
        return simple(stream, &first).await;
    };
    let mut list = Vec::new();
    for _ in 0..number(count, &first)? {
        let item = line(stream).await?;
        list.push(simple(stream, &item).await?);
    }
    Ok(Reply::List(list))
}

/// Any reply but a list.
async fn simple<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    first: &str,
) -> Result<Reply, HandshakeError> {
    match first.split_at_checked(1) {
        Some(("+" | ":", text)) => Ok(Reply::Text(text.to_owned())),
        Some(("-", error)) => Ok(Reply::Error(error.to_owned())),
        Some(("$", "-1")) => Ok(Reply::Text(String::new())),
        Some(("$", size)) => {
            let size = number(size, first)?;
            let mut body = Vec::new();
            (&mut stream.reader)
                .take(size)
                .read_to_end(&mut body)
                .await?;
            line(stream).await?;
            Ok(Reply::Text(String::from_utf8_lossy(&body).into_owned()))
        }
        _ => Err(foreign(first)),
    }
}

fn number(text: &str, line: &str) -> Result<u64, HandshakeError> {
    text.parse().map_err(|_| foreign(line))
}

/// One line without its end.
async fn line<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<String, HandshakeError> {
    let mut line = Vec::new();
    stream.reader.read_until(b'\n', &mut line).await?;
    match line.strip_suffix(b"\r\n") {
        Some(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        None => Err(foreign(&String::from_utf8_lossy(&line))),
    }
}

fn foreign(got: &str) -> HandshakeError {
    HandshakeError::Foreign {
        protocol: "Redis's protocol",
        got: excerpt(got.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Reply {
        Reply::Text(text.to_owned())
    }

    #[test]
    fn no_secret_is_recorded() {
        let settings = [
            text("requirepass"),
            text("sesame"),
            text("port"),
            text("6379"),
            text("masterauth"),
            text("sesame"),
            text("tls-key-file-pass"),
            text("sesame"),
            text("appendonly"),
            text("no"),
        ];
        assert_eq!(recorded(&settings), "appendonly no\nport 6379\n");
    }
}
