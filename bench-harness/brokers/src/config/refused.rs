//! An option that a server's version does not have, found in what the server says of it.

/// The option that a server refused its configuration for; `None` where its output says nothing of
/// the kind.
pub(crate) fn refused_option(output: &str) -> Option<&str> {
    let mut refused_line = None;
    for line in output.lines() {
        // nats-server and Mosquitto name the option, in quotes.
        for mark in ["unknown field \"", "Unknown configuration variable \""] {
            if let Some((_, rest)) = line.split_once(mark) {
                return rest.split('"').next();
            }
        }
        // Redis shows the line, and says in the next what is wrong with it.
        if let Some(text) = line.strip_prefix(">>> '") {
            refused_line = text.strip_suffix('\'');
        } else if line.starts_with("Bad directive") || line.starts_with("Invalid client class") {
            return refused_line;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::refused_option;

    #[test]
    fn each_server_tells_which_option_it_does_not_have() {
        let check = |output, expected| assert_eq!(refused_option(output), expected, "{output}");
        check(
            "nats-server: server.conf:3:1: unknown field \"max_pending\"\n",
            Some("max_pending"),
        );
        check(
            "1795566376: Error: Unknown configuration variable \"max_queued_bytes\".\n\
             1795566376: Error found at server.conf:2.\n",
            Some("max_queued_bytes"),
        );
        check(
            "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\n\
             Reading the configuration file, at line 2\n\
             >>> 'client-output-buffer-limit pubsub 1 1 1'\n\
             Bad directive or wrong number of arguments\n",
            Some("client-output-buffer-limit pubsub 1 1 1"),
        );
        check("Address already in use\n>>> 'port 1'\n", None);
        check("", None);
    }
}
