// What has the focus, and whether one sees that it has.
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return { what: null };
  const style = getComputedStyle(element);
  const hasOutline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  return {
    what: element.outerHTML.slice(0, 100),
    is_shown: element.matches(':focus-visible') && hasOutline && element.checkVisibility(),
  };
}
