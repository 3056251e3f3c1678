// Figures and pictures without a text that says what they show.
() => {
  const faults = [];
  const text = (ids) => (ids ?? '').split(/\s+/).filter(Boolean)
    .map((id) => document.getElementById(id)?.textContent.trim() ?? '').join(' ').trim();
  for (const picture of document.querySelectorAll('svg')) {
    const isHidden = picture.closest('[aria-hidden="true"]') !== null;
    if (isHidden) continue;
    const what = picture.outerHTML.slice(0, 80);
    if (picture.getAttribute('role') !== 'img') faults.push(`no image to a reader: ${what}`);
    const name = picture.getAttribute('aria-label') ?? text(picture.getAttribute('aria-labelledby'));
    if (!name) faults.push(`no name: ${what}`);
  }
  for (const figure of document.querySelectorAll('figure')) {
    const what = figure.textContent.trim().slice(0, 60);
    const pictures = [...figure.querySelectorAll('svg[role=img]')];
    for (const picture of pictures) {
      const description = text(picture.getAttribute('aria-describedby'));
      if (description.length < 20) faults.push(`no description: ${what}`);
    }
    if (pictures.length === 0) faults.push(`no picture: ${what}`);
    const shown = pictures.filter((picture) => picture.checkVisibility());
    const isOpen = figure.checkVisibility();
    if (isOpen && shown.length !== 1) faults.push(`${shown.length} pictures are shown: ${what}`);
    if (!figure.querySelector('figcaption')?.textContent.trim()) faults.push(`no caption: ${what}`);
  }
  return faults;
}
