//! The runtime on which containers are created and removed.
//!
//! It is a runtime of its own, kept until the program ends, because what happens to a container
//! must not depend on the caller: a future that is dropped or a runtime that is shut down in the
//! middle of a start would leave the container behind, and testcontainers' handle panics when it is
//! dropped outside a runtime. It also lets a blocking `Drop` wait for a removal wherever it runs,
//! on the only thread of the caller's runtime too.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::BrokerError;

/// Runs a future to its end, whatever becomes of the caller. `action` is what it does, as a verb
/// phrase.
pub(crate) async fn run<T: Send + 'static>(
    action: &'static str,
    future: impl Future<Output = T> + Send + 'static,
) -> Result<T, BrokerError> {
    let gone = BrokerError::KeeperGone { action };
    let Some(keeper) = keeper() else {
        return Err(gone);
    };
    keeper.spawn(future).await.map_err(|_| gone)
}

/// Runs a future to its end and blocks the caller for it, at most so long. Not to be called from
/// the keeper itself.
pub(crate) fn run_blocking(future: impl Future<Output = ()> + Send + 'static, at_most: Duration) {
    let (done, wait) = mpsc::channel();
    if let Some(keeper) = keeper() {
        keeper.spawn(async move {
            future.await;
            let _ = done.send(());
        });
        // What has not ended by then goes on; a sweep finds what it may leave.
        let _ = wait.recv_timeout(at_most);
    }
}

/// `None` where the system gives no threads.
fn keeper() -> Option<&'static Runtime> {
    static KEEPER: OnceLock<Option<Runtime>> = OnceLock::new();
    KEEPER
        .get_or_init(|| {
            // Several threads: testcontainers' handle blocks one of them when it is dropped.
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("busbench-keeper")
                .enable_all()
                .build()
                .ok()
        })
        .as_ref()
}
