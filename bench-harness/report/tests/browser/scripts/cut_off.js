// What a reader scrolls on a screen and cannot on paper.
() => {
  const faults = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > page.clientWidth) {
    const widest = [...document.querySelectorAll('body *')].filter((element) =>
      element.getBoundingClientRect().right > page.clientWidth + 1).pop();
    const what = `${widest?.tagName}.${widest?.getAttribute('class')}: ${widest?.textContent.slice(0, 60)}`;
    faults.push(`${page.scrollWidth} px on a page of ${page.clientWidth}, by ${what}`);
  }
  for (const element of document.body.querySelectorAll('*')) {
    if (element instanceof SVGElement || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const isCut = (overflow, content, box) => overflow !== 'visible' && content > box + 1;
    if (isCut(style.overflowX, element.scrollWidth, element.clientWidth)
      || isCut(style.overflowY, element.scrollHeight, element.clientHeight)) {
      const what = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 60);
      faults.push(`${element.tagName}.${element.getAttribute('class')} hides a part: ${what}`);
    }
  }
  return faults.slice(0, 12);
}
