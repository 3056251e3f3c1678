//! Scenario to plan to phases to result; emits events, prints nothing.
