//! Looks at every cell of a run once, before its trials.

use busbench_brokers::{LoadedFiles, ServerKind, Servers, hold_at_end};
use busbench_results::{CellState, FootprintCell, RunState};

use super::super::prepare;
use super::super::programs::{ClientProgram, Programs};
use super::Session;
use crate::error::{RunError, chain};
use crate::event::Event;
use crate::plan::PlannedSubject;
use crate::run::server as records;
use crate::scenario::FootprintProvider;

/// What a cell measures, once it has been looked at.
pub(super) enum Subject {
    Server {
        /// What it runs from; the text says why that cannot be had.
        files: Result<LoadedFiles, String>,
    },
    Client(Box<ClientProgram>),
    /// It cannot be had; the cell's state says why.
    Missing,
}

impl Session<'_> {
    /// Looks at every cell once. The state is [`RunState::Running`], unless the run was interrupted.
    pub(super) async fn prepare_all(
        &mut self,
        listener: &mut (dyn FnMut(&Event) + Send),
    ) -> Result<RunState, RunError> {
        let programs = Programs::find();
        let cancel = self.cancel;
        for cell in 0..self.request.plan.cells.len() {
            tokio::select! {
                prepared = Box::pin(self.prepare(cell, &programs, listener)) => prepared?,
                () = cancel.cancelled() => return Ok(RunState::Interrupted),
            }
        }
        self.refuse_nothing()?;
        self.name_providers();
        self.request.folder.write_run(&self.record)?;
        Ok(RunState::Running)
    }

    /// Looks at a cell once: what it runs from, and how large that is.
    async fn prepare(
        &mut self,
        at: usize,
        programs: &Programs,
        listener: &mut (dyn FnMut(&Event) + Send),
    ) -> Result<(), RunError> {
        let subject = self.request.plan.cells[at].subject;
        let found = match subject {
            PlannedSubject::Server { kind, provider } => {
                self.prepare_server(at, kind, provider, listener).await?
            }
            PlannedSubject::Client {
                language,
                service,
                client,
            } => match programs.one(language, service, client) {
                Ok(program) => self.prepare_client(at, program).await,
                Err(reason) => Err(reason),
            },
        };
        let cell = &mut self.record.footprints[at];
        let (state, subject) = match found {
            Ok(subject) => (CellState::Planned, subject),
            Err(reason) if cell.trials.is_empty() => {
                (CellState::NotPossible(reason), Subject::Missing)
            }
            Err(reason) => {
                return Err(RunError::Gone {
                    run: self.record.run.clone(),
                    cell: cell.id.clone(),
                    reason,
                });
            }
        };
        cell.state = state;
        self.held.push(subject);
        Ok(())
    }

    async fn prepare_server(
        &mut self,
        at: usize,
        kind: ServerKind,
        provider: FootprintProvider,
        listener: &mut (dyn FnMut(&Event) + Send),
    ) -> Result<Result<Subject, String>, RunError> {
        let servers = match self.subjects.servers(kind, provider) {
            Ok(servers) => servers,
            Err(reason) => return Ok(Err(reason.to_owned())),
        };
        let prepared = match prepare::server(servers, kind, &mut self.images).await {
            Ok(prepared) => prepared,
            Err(reason) => return Ok(Err(reason)),
        };
        let key = server_key(kind, provider);
        if let Some(earlier) = self.record.servers.get(&key)
            && !records::is_same(earlier, &prepared.record)
        {
            return Err(RunError::OtherServer {
                run: self.record.run.clone(),
                theirs: records::describe(earlier),
                ours: records::describe(&prepared.record),
            });
        }
        let cell = &mut self.record.footprints[at];
        for note in prepared.notes {
            let text = format!("{}: {note}", cell.id);
            listener(&Event::Note { text });
        }
        cell.server = Some(key.clone());
        cell.program = prepared.program;
        cell.image = prepared.image;
        self.record.servers.entry(key).or_insert(prepared.record);
        Ok(Ok(Subject::Server {
            files: prepared.files,
        }))
    }

    async fn prepare_client(
        &mut self,
        at: usize,
        mut program: ClientProgram,
    ) -> Result<Subject, String> {
        let plan = self.request.plan;
        if let Some(kind) = plan.cells[at].subject.server_of_client() {
            let servers = self.subjects.servers(kind, plan.clients_by);
            servers.map_err(|reason| format!("there is no server for it: {reason}"))?;
        }
        // Without an address it ends once it has begun: its libraries are loaded by then.
        let watched = hold_at_end(&program.path, None).await;
        let watched = watched.map_err(|error| chain(&error))?;
        program.size.libraries_bytes = watched.libraries_bytes;
        let cell = &mut self.record.footprints[at];
        let is_same =
            cell.subject == program.subject && cell.program.as_ref() == Some(&program.size);
        if !cell.trials.is_empty() && !is_same {
            return Err("it was built anew since".to_owned());
        }
        cell.subject = program.subject.clone();
        cell.program = Some(program.size.clone());
        Ok(Subject::Client(Box::new(program)))
    }

    /// A run in which nothing can be measured is the environment's fault.
    fn refuse_nothing(&self) -> Result<(), RunError> {
        let reason = |cell: &FootprintCell| match &cell.state {
            CellState::NotPossible(reason) => Some(reason.clone()),
            CellState::Planned => None,
        };
        let reasons: Vec<Option<String>> = self.record.footprints.iter().map(reason).collect();
        match reasons.first() {
            Some(Some(first)) if reasons.iter().all(Option::is_some) => Err(RunError::Nothing {
                scenario: self.request.plan.name.clone(),
                reason: first.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn name_providers(&mut self) {
        let names: Vec<String> = self
            .subjects
            .all()
            .map(|servers| servers.provider().to_string())
            .collect();
        if names.is_empty() {
            return;
        }
        let mut once = names.clone();
        once.dedup();
        self.record.provider = once.join(" and ");
        let reasons: Vec<&str> = self.subjects.all().map(Servers::reason).collect();
        self.record.provider_reason = reasons.join("; ");
    }
}

/// Where the record of a server stands in the run: one that is started in both ways has two.
fn server_key(kind: ServerKind, provider: FootprintProvider) -> String {
    match provider {
        FootprintProvider::Process => kind.name().to_owned(),
        FootprintProvider::Container => format!("{}-{}", kind.name(), provider.name()),
    }
}
