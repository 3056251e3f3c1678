//! Clock, send schedule, histograms, delivery ledger and time series.
