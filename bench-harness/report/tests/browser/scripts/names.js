// What can be used or scrolled, and has no name for those who do not see it.
() => {
  const faults = [];
  const used = 'button, input, select, textarea, summary, [tabindex], [role=button], [role=region]';
  for (const element of document.querySelectorAll(used)) {
    const labelled = (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    const labels = [...(element.labels ?? [])].map((label) => label.textContent).join(' ');
    const isField = element.matches('input, select, textarea');
    const content = isField || element.matches('[role=region]') ? '' : element.textContent;
    const name = element.getAttribute('aria-label') ?? (labelled || labels || content);
    if (!name.trim()) faults.push(`no name: ${element.outerHTML.slice(0, 100)}`);
  }
  for (const table of document.querySelectorAll('table')) {
    const heads = [...table.querySelectorAll('thead th')];
    const what = table.textContent.trim().slice(0, 60);
    if (heads.length === 0) faults.push(`a table without heads: ${what}`);
    if (heads.some((head) => head.scope !== 'col')) faults.push(`a head of no column: ${what}`);
  }
  return faults;
}
