// Ids that are there twice, and links and references that lead nowhere.
() => {
  const faults = [];
  const ids = new Set();
  for (const element of document.querySelectorAll('[id]')) {
    if (!element.id) faults.push(`an empty id: ${element.outerHTML.slice(0, 80)}`);
    if (ids.has(element.id)) faults.push(`twice: #${element.id}`);
    ids.add(element.id);
  }
  for (const link of document.querySelectorAll('a')) {
    const target = link.getAttribute('href') ?? '';
    // A fragment may carry filters behind the place that it leads to.
    const place = decodeURIComponent(target.slice(1).split('?')[0]);
    if (!target.startsWith('#')) faults.push(`a link out of the page: ${target}`);
    else if (!ids.has(place)) faults.push(`a link to nowhere: ${target}`);
    if (!link.textContent.trim()) faults.push(`a link without text: ${target}`);
  }
  const attributes = ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for'];
  for (const attribute of attributes) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!ids.has(id)) faults.push(`${attribute} of nothing: ${id}`);
      }
    }
  }
  return faults;
}
