// Headings: one title, and no level left out below it.
() => {
  const faults = [];
  const headings = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')];
  const titles = headings.filter((heading) => heading.tagName === 'H1');
  if (titles.length !== 1) faults.push(`${titles.length} titles`);
  let above = 0;
  for (const heading of headings) {
    const level = Number(heading.tagName[1]);
    const text = heading.textContent.trim();
    if (!text) faults.push(`an empty heading h${level}`);
    if (level > above + 1) faults.push(`h${level} below h${above}: ${text.slice(0, 60)}`);
    above = level;
  }
  if (!document.title.trim()) faults.push('the page has no title');
  if (document.documentElement.lang !== 'en') faults.push('the page has no language');
  return faults;
}
