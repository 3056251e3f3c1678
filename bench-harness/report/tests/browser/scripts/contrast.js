// Text that stands out too little from what is behind it: by WCAG 2.2, 1.4.3, 4.5 to 1. Larger text
// may have less there; here it may not.
() => {
  const LEAST = 4.5;
  for (const details of document.querySelectorAll('details')) details.open = true;

  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const known = new Map();
  // Any colour that CSS can write, as red, green, blue from 0 to 255 and alpha from 0 to 1.
  const parse = (text) => {
    if (!known.has(text)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = text;
      brush.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
      known.set(text, [red, green, blue, alpha / 255]);
    }
    return known.get(text);
  };
  const over = ([r, g, b, a], under) =>
    [r, g, b].map((channel, at) => channel * a + under[at] * (1 - a));
  const luminance = (color) => {
    const [r, g, b] = color.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };

  // What is behind an element: the backgrounds of it and all around it, the nearest last.
  const backgrounds = new Map();
  const behind = (element) => {
    if (!element) return parse(getComputedStyle(document.documentElement).colorScheme.includes('dark')
      && matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff').slice(0, 3);
    if (!backgrounds.has(element)) {
      const own = parse(getComputedStyle(element).backgroundColor);
      backgrounds.set(element, over(own, behind(element.parentElement)));
    }
    return backgrounds.get(element);
  };
  const shapes = new Map();
  const shapesOf = (picture) => {
    if (!shapes.has(picture)) {
      shapes.set(picture, [...picture.querySelectorAll('rect')].flatMap((shape) => {
        const { fill, fillOpacity, opacity } = getComputedStyle(shape);
        if (fill === 'none') return [];
        const [r, g, b, a] = parse(fill);
        const box = shape.getBoundingClientRect();
        return [{ shape, box, color: [r, g, b, a * fillOpacity * opacity] }];
      }));
    }
    return shapes.get(picture);
  };
  // Shapes of the same picture that were drawn before the text, below its middle.
  const shapesBehind = (text, under) => {
    const middle = text.getBoundingClientRect();
    const [x, y] = [middle.x + middle.width / 2, middle.y + middle.height / 2];
    for (const { shape, box, color } of shapesOf(text.closest('svg'))) {
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) continue;
      if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
      under = over(color, under);
    }
    return under;
  };
  const opacities = new Map();
  const opacity = (element) => {
    if (!element) return 1;
    if (!opacities.has(element)) {
      opacities.set(element, getComputedStyle(element).opacity * opacity(element.parentElement));
    }
    return opacities.get(element);
  };

  const faults = new Map();
  const judge = (element, color, what) => {
    const style = getComputedStyle(element);
    const inPicture = element.closest('svg') !== null && element instanceof SVGElement;
    let under = behind(element.closest('svg')?.parentElement ?? element);
    if (inPicture) under = shapesBehind(element, under);
    const [r, g, b, a] = parse(color ?? (inPicture ? style.fill : style.color));
    const share = a * opacity(element) * (inPicture ? style.fillOpacity : 1);
    const found = contrast(over([r, g, b, share], under), under);
    if (found < LEAST) {
      const where = `${element.tagName}.${element.getAttribute('class')} in `
        + `${element.parentElement?.tagName}.${element.parentElement?.getAttribute('class')}`;
      if (!faults.has(where)) faults.set(where, `${found.toFixed(2)} in ${where}: ${what.slice(0, 50)}`);
    }
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || element.matches('script, style, title, desc, option, noscript')) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    judge(element, undefined, node.data.trim());
  }
  for (const field of document.querySelectorAll('input, select, textarea')) {
    if (!field.checkVisibility()) continue;
    judge(field, undefined, field.value);
    if (field.placeholder) judge(field, getComputedStyle(field, '::placeholder').color, field.placeholder);
  }
  return [...faults.values()];
}
