'use strict';
// Draws what the lab measured. All text from the measurement goes in as text, never as markup.

const measured = JSON.parse(document.getElementById('measured').textContent);
const MARK = { direct: '●', relayed: '◐', mixed: '◑' };
const REASON = {
  not_tried_yet: 'not tried: its turn had not come',
  better_path_found: 'given up: a better path was found',
  checking: 'checking, no answer yet',
  no_answer: 'no answer',
  other_answered: 'somebody else answered',
  refused: 'refused',
  relay_refused: 'the relay refused it',
  budget_spent: 'not tried: enough packets were sent',
  connection_failed: 'no TCP connection',
  consent_lost: 'worked, and stopped to answer',
  works: 'works',
  in_use: 'works, and is in use',
};

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const seconds = (value) => (value === undefined || value === null ? '' : `${value.toFixed(2)} s`);
const verdictOf = (play) => (play.again ?? play).verdict;

function markOf(play) {
  if (!play.connected) return '✕';
  const last = MARK[verdictOf(play)] ?? '✕';
  return last === '●' && play.paths.some((side) => side[0]?.relayed) ? '◐●' : last;
}

const classOf = (play) => (play.connected ? (verdictOf(play) === 'direct' ? 'direct' : 'relayed') : 'failed');

// --- the overview ---

function lead() {
  const { figures } = measured;
  document.getElementById('lead').textContent =
    `${figures.connected} of ${figures.plays} calls connected: direct in ${figures.direct[0]} of the ${figures.direct[1]} ` +
    `where theory has a direct path, relayed in ${figures.relayed[0]} of the ${figures.relayed[1]} where it has none.`;
  const parts = [];
  if (figures.connect_p50_s !== null)
    parts.push(`Time to connect: median ${seconds(figures.connect_p50_s)}, 99th percentile ${seconds(figures.connect_p99_s)}; ` +
      `best path within ${seconds(figures.best_max_s)}.`);
  if (figures.again_max_s !== null) parts.push(`After a change of network: data again within ${seconds(figures.again_max_s)}.`);
  const load = figures.load === null ? '' : `, load average ${figures.load.toFixed(1)}`;
  parts.push(`In the cells: ${measured.peer === 'ours' ? 'Beeline on both sides' : measured.peer}. Played ${measured.when}${load}.`);
  document.getElementById('figures').textContent = parts.join(' ');
}

function cellButton(play) {
  const missed = play.missed.length > 0;
  const label = `${play.cell}: ${play.reason}${missed ? ` Missed: ${play.missed.join('; ')}.` : ''}`;
  const onclick = (event) => choose(play, event.currentTarget);
  return make('button', { class: `cell ${missed ? 'missed' : ''}`, 'aria-label': label, title: label, onclick },
    make('b', { class: classOf(play) }, markOf(play) + (missed ? ' !' : '')), seconds(play.connect_s));
}

function matrix(plays) {
  const rows = [...new Set(plays.map((play) => play.cell.split(',')[0]))];
  const columns = [...new Set(plays.map((play) => play.cell.split(',')[1]))];
  const byName = new Map(plays.map((play) => [play.cell, play]));
  const heading = (name) => make('th', { scope: 'col' }, ...name.split(/(?<=[-/])/).flatMap((part) => [part, make('wbr')]));
  const head = make('tr', {}, make('td'), ...columns.map(heading));
  const body = rows.map((row) => make('tr', {}, make('th', { scope: 'row' }, row), ...columns.map((column) => {
    const play = byName.get(`${row},${column}`);
    return make('td', {}, play ? cellButton(play) : null);
  })));
  return make('div', { class: 'card scroll' }, make('table', { class: 'matrix' }, make('thead', {}, head), make('tbody', {}, ...body)));
}

function listRow(play) {
  const again = play.again ? `again after ${seconds(play.again.again_s)}` : `expected ${play.expected}`;
  return make('button', { class: 'row', onclick: (event) => choose(play, event.currentTarget) },
    make('span', { class: play.missed.length ? 'failed' : classOf(play) }, markOf(play) + (play.missed.length ? ' !' : '')),
    make('span', {}, play.cell, make('small', {}, play.says)),
    make('span', { class: 'times' }, seconds(play.connect_s), make('small', {}, again)));
}

function overview() {
  const pairs = measured.plays.filter((play) => play.cell.includes(','));
  const others = measured.plays.filter((play) => !play.cell.includes(','));
  const place = document.getElementById('results');
  if (pairs.length) place.append(make('h2', {}, 'Every NAT beside every other'), matrix(pairs));
  if (others.length) place.append(make('h2', {}, 'Other networks, and networks that change'), make('div', { class: 'card' }, ...others.map(listRow)));
}

// --- one cell ---

const SVG = 'http://www.w3.org/2000/svg';
function draw(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

/** The column of boxes of one side, from its home upwards. */
function column(play, index) {
  const side = play.sides[index];
  const [base] = side.name.split('+');
  const [home, carrier] = base.split('@');
  const boxes = [['home', index === 0 ? 'one side' : 'the other']];
  if (!['none', 'ipv6', 'dual-stack', 'nat64'].includes(home)) boxes.push(['NAT', home]);
  if (carrier) boxes.push(["carrier's NAT", carrier]);
  return boxes;
}

function topology(play) {
  const columns = [0, 1].map((index) => column(play, index));
  const levels = Math.max(...columns.map((boxes) => boxes.length));
  const height = 150 + levels * 62;
  const svg = draw('svg', { viewBox: `0 0 360 ${height}`, role: 'img', 'aria-label': `The networks of ${play.cell}, and the path in use` });
  const x = [90, 270];
  const y = (level) => height - 34 - level * 62;
  const wires = draw('g', {});
  const boxes = draw('g', {});
  const box = (cx, cy, width, title, below, shape = 8) => {
    boxes.append(draw('rect', { class: 'box', x: cx - width / 2, y: cy - 21, width, height: 42, rx: shape }));
    boxes.append(draw('text', { x: cx, y: cy - 2 }, title), draw('text', { class: 'small', x: cx, y: cy + 13 }, below));
  };
  const wire = (...points) => wires.append(draw('polyline', { class: 'wire', points: points.map((point) => point.join(',')).join(' ') }));
  wire([180, 34], [180, 96]);
  box(180, 28, 120, 'server', 'STUN and TURN');
  box(180, 96, 150, 'internet', '203.0.113.0/24', 21);
  const routes = columns.map((own, index) => {
    const shared = play.one_home && index === 1;
    const stops = own.map((each, level) => [shared && level > 0 ? x[0] : x[index], y(level)]);
    own.forEach(([title, below], level) => {
      if (!(shared && level > 0)) box(...stops[level], 150, title, below);
    });
    const points = [...stops, [180, 96]];
    if (!(shared && points.length > 2)) points.slice(1).forEach((to, at) => wire(points[at], to));
    else wire(points[0], points[1]);
    return points;
  });
  svg.append(wires, pathOf(play, routes), boxes);
  return svg;
}

/** What packets take now: home to home, by the server where it is relayed, and not past a NAT or a LAN that both share. */
function pathOf(play, routes) {
  const verdict = verdictOf(play);
  if (!play.connected || !MARK[verdict]) return draw('g', {});
  let points = [...routes[0], ...(verdict === 'direct' ? [] : [[180, 28], [180, 96]]), ...[...routes[1]].reverse()];
  if (play.one_home && verdict === 'direct')
    points = play.code === 'direct_same_network' ? [routes[0][0], routes[1][0]] : [routes[0][0], routes[0][1], routes[1][0]];
  const colour = verdict === 'direct' ? 'var(--direct)' : 'var(--relayed)';
  return draw('polyline', { class: 'path', stroke: colour, points: points.map((point) => point.join(',')).join(' ') });
}

/** "srflx 203.0.113.10:4711" of a candidate line. */
function short(candidate) {
  const words = candidate.replace(/^candidate:heard /, 'candidate:').split(' ');
  const at = words.indexOf('typ');
  if (at < 2) return candidate;
  const [ip, port] = words.slice(at - 2, at);
  return `${words[at + 1]} ${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
}

function checks(explanation, title) {
  const rank = (pair) => (pair.reason === 'in_use' ? 0 : pair.answers > 0 ? 1 : pair.checks_sent > 0 ? 2 : 3);
  const pairs = [...explanation.pairs].sort((a, b) => rank(a) - rank(b));
  const rows = pairs.map((pair) => make('tr', {},
    make('td', { class: pair.answers > 0 ? 'direct' : 'quiet' }, pair.answers > 0 ? '✓' : pair.checks_sent > 0 ? '✕' : '·'),
    make('td', {}, make('code', {}, `${short(pair.local)} → ${short(pair.remote)}`),
      make('div', { class: 'quiet' }, `${REASON[pair.reason] ?? pair.reason}; ${pair.checks_sent} sent, ${pair.answers} answered, ` +
        `${pair.requests_heard} heard` + (pair.round_trip_ms === undefined ? '' : `, ${pair.round_trip_ms.toFixed(1)} ms`)))));
  return [make('h3', {}, title), make('table', { class: 'checks' }, ...rows)];
}

function times(play) {
  const lines = [];
  play.paths?.forEach((side, index) => side.forEach((path) => lines.push([path.at, `${index === 0 ? 'one side' : 'the other'}: ` +
    `${path.relayed ? '◐ relayed' : '● direct'}, ${short(path.local)} → ${short(path.remote)}`, path.relayed ? 'relayed' : 'direct'])));
  if (play.connect_s !== undefined) lines.push([play.connect_s, 'both are connected', '']);
  if (play.again) {
    lines.push([play.again.at, play.event === 'swap' ? 'the first side is in another network' : "the first side's NAT forgot its mappings", 'failed']);
    lines.push([play.again.at + play.again.again_s, `both hear each other again, after ${seconds(play.again.silence_s)} of silence at most`, '']);
  }
  lines.sort((a, b) => a[0] - b[0]);
  return make('ul', { class: 'times-list' }, ...lines.map(([at, text, kind]) => make('li', { class: kind }, `${at.toFixed(2)} s  ${text}`)));
}

let chosen = null;
function choose(play, button) {
  chosen?.classList.remove('chosen');
  chosen = button;
  chosen?.classList.add('chosen');
  const place = document.getElementById('detail');
  const words = [make('button', { class: 'close', onclick: close }, 'Close'), make('h2', { style: 'margin-top: 0' }, play.cell.replace(',', ' and ')),
    make('p', { class: `sentence ${play.missed.length ? 'failed' : classOf(play)}` }, `${markOf(play)} ${play.reason}`)];
  if (play.missed.length) words.push(make('p', { class: 'failed' }, `Missed: ${play.missed.join('; ')}.`));
  const runs = play.runs.length > 1 ? ` Connected after ${play.runs.map((one) => (one === null ? 'no path' : seconds(one))).join(', ')}.` : '';
  words.push(make('p', { class: 'quiet' }, `Expected: ${play.expected}.${runs}${play.alone ? ' Played once more, alone.' : ''}`), topology(play));
  play.sides.forEach((side, index) => words.push(make('p', {}, make('b', {}, `${index === 0 ? 'One side' : 'The other'}: `), side.says + '.')));
  words.push(make('h3', {}, 'What happened'), times(play));
  (play.explanations ?? []).forEach((explanation, index) => {
    if (explanation) words.push(...checks(explanation, `What ${index === 0 ? 'one side' : 'the other'} checked`));
  });
  if (!(play.explanations ?? []).some(Boolean)) words.push(make('p', { class: 'quiet' }, 'This program does not tell what it checked.'));
  place.replaceChildren(...words);
  place.classList.add('open');
  place.scrollTop = 0;
  if (button) place.focus({ preventScroll: true });
}

function close() {
  document.getElementById('detail').classList.remove('open');
  chosen?.focus();
}

addEventListener('keydown', (event) => {
  if (event.key === 'Escape') close();
});

lead();
overview();
const first = measured.plays.find((play) => play.missed.length) ?? measured.plays[0];
if (first && matchMedia('(min-width: 901px)').matches) choose(first, null);
else document.getElementById('detail').replaceChildren();
