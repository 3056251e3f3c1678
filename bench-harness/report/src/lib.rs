//! Results to HTML, SVG, Markdown, CSV and terminal tables.
