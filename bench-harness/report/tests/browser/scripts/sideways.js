// Whether the page is wider than its window, and by what.
() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const page = document.scrollingElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const faults = [`${page.scrollWidth} px in a window of ${page.clientWidth}`];
  const inScroller = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== 'visible') return true;
    }
    return false;
  };
  for (const element of document.body.querySelectorAll('*')) {
    const { right } = element.getBoundingClientRect();
    if (right > page.clientWidth + 0.5 && !inScroller(element)) {
      const text = element.textContent.trim().slice(0, 60);
      faults.push(`${element.tagName}.${element.getAttribute('class')} ends at ${right}: ${text}`);
    }
  }
  return faults.slice(0, 8);
}
