// What the tests use the table of cells by: as a reader does, by what is on the page.
globalThis.table = {
  place: () => document.querySelector('#cells table.cells'),
  lines: () => [...document.querySelectorAll('#cells table.cells > tbody > tr:not(.detail)')],

  // All that pass, and all that there are; what is behind the button for more is counted too.
  shown() {
    const [some, all] = document.querySelector('#cells [role=status]').textContent
      .replaceAll(/[,.]/g, '').match(/\d+/g).map(Number);
    return [some, all];
  },

  rows() {
    return this.lines().map((line) => line.cells[0].textContent.trim());
  },

  filter(key) {
    return [...document.querySelectorAll(`#cells input[type=checkbox][id^="filter-${key}-"]`)];
  },

  count: (input) => Number(input.closest('label').querySelector('.count').textContent
    .replaceAll(',', '')),

  // Ticks a value, and gives the count that stood beside it.
  choose(key, value) {
    const input = this.filter(key).find((one) =>
      one.closest('label').querySelector('.value').textContent === value);
    const count = this.count(input);
    input.closest('details').open = true;
    input.click();
    return count;
  },

  wrongCounts() {
    const wrong = [];
    let lookedAt = 0;
    for (const input of document.querySelectorAll('#cells input[type=checkbox]')) {
      const count = this.count(input);
      input.click();
      const [some] = this.shown();
      if (some !== count) wrong.push(`${input.id}: ${count} and ${some}`);
      input.click();
      lookedAt += 1;
    }
    return { wrong, looked_at: lookedAt };
  },

  press(text) {
    const buttons = [...document.querySelectorAll('#cells button')];
    buttons.find((button) => button.textContent === text).click();
  },

  search(words) {
    const input = document.querySelector('#cells input[type=search]');
    input.value = words;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  },

  heads() {
    return [...this.place().querySelectorAll('thead th')];
  },

  columns() {
    return this.heads().map((head) => head.textContent.trim());
  },

  direction(column) {
    return this.heads()[column].getAttribute('aria-sort');
  },

  focusHead(column) {
    this.heads()[column].querySelector('button').focus();
  },

  // Sorts by a column, and says what is wrong with the order, if anything.
  sort(column, direction) {
    const button = this.heads()[column].querySelector('button');
    for (let click = 0; click < 2 && this.direction(column) !== direction; click += 1) button.click();
    if (this.direction(column) !== direction) return `it is sorted ${this.direction(column)}`;
    if (this.heads().filter((head) => head.hasAttribute('aria-sort')).length !== 1) {
      return 'two columns say that they are sorted by';
    }
    const texts = this.lines().map((line) => line.cells[column].textContent.trim());
    const sizes = { k: 1e3, M: 1e6, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
    const isNumber = this.heads()[column].classList.contains('number');
    const value = (text) => {
      if (text === '–' || text === '') return null;
      if (!isNumber) return text;
      const [number, unit] = text.replaceAll(/[≥,]/g, '').trim().split(' ');
      return Number(number) * (sizes[unit] ?? 1);
    };
    const values = texts.map(value);
    const wrongNumber = isNumber && values.findIndex((one) => Number.isNaN(one));
    if (isNumber && wrongNumber >= 0) return `${texts[wrongNumber]} is no number`;
    const firstEmpty = values.indexOf(null);
    const filled = firstEmpty < 0 ? values : values.slice(0, firstEmpty);
    if (firstEmpty >= 0 && values.slice(firstEmpty).some((one) => one !== null)) {
      return 'an empty value stands before another';
    }
    for (let at = 1; at < filled.length; at += 1) {
      const [one, other] = direction === 'ascending'
        ? [filled[at - 1], filled[at]] : [filled[at], filled[at - 1]];
      if (one > other) return `${texts[at - 1]} stands before ${texts[at]}`;
    }
    return null;
  },

  buttons() {
    return this.lines().map((line) => line.querySelector('th button'));
  },

  focusRow(label) {
    this.buttons().find((button) => button.textContent.startsWith(label)).focus();
  },

  // What is shown of the first row that is open.
  opened() {
    const detail = this.place().querySelector('tr.detail');
    if (!detail) return null;
    const button = detail.previousElementSibling.querySelector('button');
    if (button.getAttribute('aria-expanded') !== 'true') throw new Error('a row is open and says no');
    if (button.getAttribute('aria-controls') !== detail.id) throw new Error('a row opens another');
    const described = detail.querySelector('figure svg[role=img]')?.getAttribute('aria-describedby');
    return {
      text: detail.textContent,
      trials: detail.querySelector('table tbody').rows.length,
      picture: document.getElementById(described)?.textContent ?? null,
    };
  },

  // Opens every row, and gives the number of those that did.
  openAll() {
    for (;;) {
      const more = document.querySelector('#cells button.more');
      if (!more || more.hidden) break;
      more.click();
    }
    for (const button of this.buttons()) button.click();
    const details = [...this.place().querySelectorAll('tr.detail')];
    return details.filter((detail) => detail.textContent.trim() !== '').length;
  },

  link: () => location.hash,

  // Goes to a fragment, and waits until the page has followed.
  follow(fragment) {
    return new Promise((done) => {
      if (location.hash === fragment) {
        done();
        return;
      }
      addEventListener('hashchange', () => setTimeout(done, 0), { once: true });
      location.hash = fragment;
    });
  },

  links() {
    const links = [...document.querySelectorAll('a[href^="#cells?"]')];
    return [...new Set(links.map((link) => link.getAttribute('href')))];
  },
};
0
